"""Models whose vendor publishes a vocabulary: exact by name where it is at hand, else estimates."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from file_tokenizers import byte_level
from tokenizer_files import write_json

import tokenkit
from tokenkit import Model, NoTokenizerError, UnknownEncodingError
from tokenkit.encodings import ENCODINGS
from tokenkit.encodings.known import BUNDLED
from tokenkit.integrations.columns import encoding_named
from tokenkit.models import current_registry, registry

ROOT = Path(__file__).resolve().parents[2]
TEXT = "Hello world, 12345 мир 你好"
LLAMA = "meta-llama/Llama-3.3-70B-Instruct"
CHAT = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": TEXT}]
# One of each line of facts, and what it counts for TEXT.
MODELS = {
    "deepseek-v4-pro": "deepseek-v4",
    "deepseek-chat": "deepseek-v4",
    "deepseek-v3": "deepseek-v3",
    "deepseek-r1": "deepseek-r1",
    "qwen3.5-27b": "qwen3.5",
    "qwen3.6-35b-a3b": "qwen3.5",
    "qwen3.5-plus": "qwen3.5",
    "qwen3-32b": "qwen3",
    "qwen-plus": "qwen3",
    "qwen2-5-72b-instruct": "qwen2.5",
    "qwen-plus-2025-01-25": "qwen2.5",
    "mistral-large-4": "tekken",
    "mistral-large-2512": "tekken",
    "open-mistral-nemo": "tekken",
    "kimi-k2.5": "kimi-k2",
    "kimi-k3": "kimi-k3",
}
# No tokenizer is published for these, or none that was seen.
PRIVATE = (
    "deepseek-flash", "qwen3.7-max", "qwen3.8-flash", "qwen-plus-latest", "codestral-2508",
    "mistral-medium-2508", "magistral-medium-latest", "mistral-embed", "kimi-k3.1-pro",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _own_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A registry that is read again, and a cache of Hugging Face with nothing in it."""
    monkeypatch.setattr(registry, "_registry", None)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.delitem(ENCODINGS, LLAMA, raising=False)
    yield
    ENCODINGS.pop(LLAMA, None)


@pytest.fixture
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "vocabularies"))


@pytest.fixture
def _not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokenkit._vocabularies.OTHERS", "no_such_package")
    monkeypatch.setattr("tokenkit._vocabularies._data_folder", lambda package: "")


def in_cache(folder: Path, hub_id: str) -> Path:
    """Put a small tokenizer into the cache of Hugging Face."""
    repository = folder / f"models--{hub_id.replace('/', '--')}"
    snapshot = repository / "snapshots" / "0123456789abcdef"
    snapshot.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0123456789abcdef")
    return write_json(snapshot, byte_level())


@pytest.mark.usefixtures("_installed")
@pytest.mark.parametrize("name", list(MODELS))
@pytest.mark.filterwarnings("ignore::tokenkit.RetirementWarning")
def test_exact_by_name_where_the_vocabulary_is_installed(name: str) -> None:
    model = tokenkit.get_model(name)
    assert (model.encoding, model.encoding_exact) == (MODELS[name], True)
    assert model.sources["vocabulary"]


@pytest.mark.usefixtures("_installed")
@pytest.mark.parametrize("name", ["deepseek-v4-pro", "qwen3.5-27b", "mistral-large-4"])
def test_counts_by_name_are_those_of_the_vocabulary(name: str) -> None:
    tokens = len(tokenkit.get_encoding(MODELS[name]).encode_ordinary(TEXT))
    assert tokenkit.count(TEXT, name) == tokens
    estimate = tokenkit.estimate_tokens(TEXT, name)
    assert (estimate.tokens, estimate.exact) == (tokens, True)


@pytest.mark.usefixtures("_not_installed")
@pytest.mark.parametrize("name", list(MODELS))
@pytest.mark.filterwarnings("ignore::tokenkit.RetirementWarning")
def test_without_it_the_error_names_the_extra(name: str) -> None:
    model = tokenkit.get_model(name)
    assert (model.encoding, model.encoding_exact) == (None, None)
    wanted = f"has the vocabulary '{MODELS[name]}', which is not here"
    for model_or_name in (name, model):
        with pytest.raises(NoTokenizerError, match=re.escape(wanted)) as caught:
            tokenkit.count(TEXT, model_or_name)
        assert "pip install 'tokenkit-bpe[vocabularies]'" in str(caught.value)
    estimate = tokenkit.estimate_tokens(TEXT, name)
    assert not estimate.exact
    assert estimate.low < estimate.tokens < (estimate.high or 0)


def test_an_older_release_of_the_other_package_may_lack_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokenkit._vocabularies._data_folder", lambda package: str(tmp_path))
    assert tokenkit.get_model("kimi-k3").encoding is None
    assert "kimi-k3" not in tokenkit.list_encoding_names()


@pytest.mark.usefixtures("_installed")
@pytest.mark.parametrize("name", PRIVATE)
@pytest.mark.filterwarnings("ignore::tokenkit.RetirementWarning")
def test_models_without_a_published_tokenizer_stay_estimates(name: str) -> None:
    assert tokenkit.get_model(name).vocabulary is None
    with pytest.raises(NoTokenizerError, match="no public tokenizer is known for"):
        tokenkit.count(TEXT, name)


@pytest.mark.usefixtures("_installed")
def test_chats_count_texts_and_bound_the_frames() -> None:
    counted = tokenkit.count_messages(CHAT, "deepseek-v4-pro")
    texts = tokenkit.count("Be brief.", "deepseek-v4-pro") + tokenkit.count(TEXT, "deepseek-v4-pro")
    # What DeepSeek V4 writes around them: <BOS>, <User>, <Assistant> and </think>.
    assert not counted.exact
    assert counted.low <= texts + 4 <= (counted.high or 0) <= texts + 200
    assert "no chat template is known" in counted.notes[0]


@pytest.mark.usefixtures("_installed")
def test_a_record_travels_to_where_the_vocabulary_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    record = tokenkit.get_model("qwen3-32b").to_record()
    assert (record["vocabulary"], "encoding" in record) == ("qwen3", False)
    assert Model(**record).encoding == "qwen3"
    monkeypatch.setattr("tokenkit._vocabularies._data_folder", lambda package: "")
    assert Model(**record).encoding is None
    # An encoding of one's own comes first, and is written.
    own = Model(**record | {"encoding": "o200k_base"})
    assert (own.encoding, own.to_record()["encoding"]) == ("o200k_base", "o200k_base")


def test_a_file_in_the_cache_of_hugging_face_counts(tmp_path: Path) -> None:
    with pytest.raises(NoTokenizerError, match=f"hf download {LLAMA}"):
        tokenkit.count(TEXT, "Llama-3.3-70B-Instruct")
    path = in_cache(tmp_path / "hub", LLAMA)
    registry._registry = None
    model = tokenkit.get_model("Llama-3.3-70B-Instruct")
    assert (model.encoding, model.encoding_exact) == (LLAMA, True)
    expected = tokenkit.load_encoding(path).count(TEXT)
    assert tokenkit.count(TEXT, "Llama-3.3-70B-Instruct") == expected
    encoding = tokenkit.get_encoding(LLAMA)
    assert encoding is tokenkit.encoding_for_model("Llama-3.3-70B-Instruct")
    assert (encoding.name, Path(encoding.source or "")) == (LLAMA, path)
    # It travels by value: the other process may have another cache.
    ENCODINGS.pop(LLAMA)
    assert pickle.loads(pickle.dumps(encoding)).count(TEXT) == expected


def test_a_name_in_data_reads_no_other_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor a folder of that name: a record's repository is looked for in the cache alone."""
    in_cache(tmp_path / "hub", "somebody/other")
    for use in (tokenkit.get_encoding, encoding_named):
        with pytest.raises((UnknownEncodingError, tokenkit.UnknownModelError), match=r"^Unknown"):
            use("somebody/other")
    monkeypatch.chdir(tmp_path)
    (tmp_path / LLAMA).mkdir(parents=True)
    write_json(tmp_path / LLAMA, byte_level())
    with pytest.raises(UnknownEncodingError, match="local cache"):
        tokenkit.get_encoding(LLAMA)
    # A record of one's own names what it likes.
    tokenkit.register_model({"name": "my-own", "kind": "chat", "vocabulary": "somebody/other"})
    assert tokenkit.count("a", "my-own") == 1
    assert current_registry().has_vocabulary("somebody/other")
    ENCODINGS.pop("somebody/other")


@pytest.mark.parametrize("value", ["", "../etc", "/etc/passwd", "a/b/c", "a//b", "..", "a/..", "x"])
def test_no_vocabulary_is_a_path(value: str) -> None:
    if not value:
        with pytest.raises(tokenkit.ModelDataError, match="vocabulary"):
            Model(name="m", kind="chat", vocabulary=value)
    else:
        assert Model(name="m", kind="chat", vocabulary=value).encoding is None


@pytest.mark.usefixtures("_not_installed")
def test_vocabularies_that_are_not_here_are_not_listed() -> None:
    assert tokenkit.list_encoding_names() == list(BUNDLED)


@pytest.mark.usefixtures("_installed")
def test_installed_vocabularies_are_listed_and_found_by_name() -> None:
    names = tokenkit.list_encoding_names()
    assert {"qwen3", "qwen3.5", "tekken", "kimi-k2", "deepseek-v4", "gemma4"} < set(names)
    for name in ("deepseek-v4", "tekken"):
        assert encoding_named(name) is tokenkit.get_encoding(name)
        assert tokenkit.count(TEXT, encoding=name) == tokenkit.get_encoding(name).count(TEXT)
