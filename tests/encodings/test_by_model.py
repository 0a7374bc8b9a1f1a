"""Names of models."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiktoken.model

import tokenkit
from tokenkit.encodings import by_model
from tokenkit.encodings.by_model import MODEL_PREFIX_TO_ENCODING, MODEL_TO_ENCODING
from tokenkit.models import registry as _registry
from tokenkit.models.registry import current_registry


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-6.2-astra", "o200k_base"),
        ("gpt-6-sol", "o200k_base"),
        ("gpt-5.6-luna", "o200k_base"),
        ("gpt-5.4", "o200k_base"),
        ("gpt-5.4-2026-03-05", "o200k_base"),
        ("gpt-5-chat-latest", "o200k_base"),
        ("chat-latest", "o200k_base"),
        ("gpt-4.1", "o200k_base"),
        ("gpt-4.1-mini-2025-04-14", "o200k_base"),
        ("gpt-4o-2024-11-20", "o200k_base"),
        ("chatgpt-4o-latest", "o200k_base"),
        ("o1-preview", "o200k_base"),
        ("o3", "o200k_base"),
        ("o4-mini-deep-research", "o200k_base"),
        ("codex-mini-latest", "o200k_base"),
        ("gpt-realtime-2.1-mini", "o200k_base"),
        ("gpt-audio-mini", "o200k_base"),
        ("gpt-oss-120b", "o200k_harmony"),
        ("gpt-4-32k-0314", "cl100k_base"),
        ("gpt-4-turbo", "cl100k_base"),
        ("gpt-3.5-turbo-instruct", "cl100k_base"),
        ("gpt-35-turbo-16k", "cl100k_base"),
        ("text-embedding-3-small", "cl100k_base"),
        ("text-embedding-ada-002", "cl100k_base"),
        ("davinci-002", "cl100k_base"),
        ("text-davinci-003", "p50k_base"),
        ("text-davinci-edit-001", "p50k_edit"),
        ("davinci", "r50k_base"),
        ("gpt2", "gpt2"),
        ("ft:gpt-4.1-2025-04-14:org:name:id", "o200k_base"),
        ("ft:gpt-4.1-nano:org::id", "o200k_base"),
        ("ft:gpt-4o-mini-2024-07-18:org::id", "o200k_base"),
        ("ft:o4-mini-2025-04-16:org::id", "o200k_base"),
        ("ft:gpt-4-0613:org::id", "cl100k_base"),
        ("ft:gpt-3.5-turbo:org::id", "cl100k_base"),
        ("ft:davinci-002:org::id", "cl100k_base"),
        ("ft:gpt-5.4:org::id", "o200k_base"),
    ],
)
def test_encoding_of_model(model: str, encoding: str) -> None:
    assert tokenkit.encoding_name_for_model(model) == encoding
    assert tokenkit.encoding_for_model(model).name == encoding


def test_contains_tiktokens_tables() -> None:
    for ours, theirs in (
        (MODEL_TO_ENCODING, tiktoken.model.MODEL_TO_ENCODING),
        (MODEL_PREFIX_TO_ENCODING, tiktoken.model.MODEL_PREFIX_TO_ENCODING),
    ):
        assert theirs.items() <= ours.items()
    for prefix, encoding in tiktoken.model.MODEL_PREFIX_TO_ENCODING.items():
        assert tokenkit.encoding_name_for_model(f"{prefix}anything") == encoding


def test_a_longer_prefix_comes_first() -> None:
    prefixes = list(MODEL_PREFIX_TO_ENCODING)
    for i, prefix in enumerate(prefixes):
        hidden = [later for later in prefixes[i + 1 :] if later.startswith(prefix)]
        assert all(MODEL_PREFIX_TO_ENCODING[h] == MODEL_PREFIX_TO_ENCODING[prefix] for h in hidden)


@pytest.mark.parametrize(
    ("model", "hint"),
    [
        ("gpt-4oo", "gpt-4o"),
        ("gpt4", "gpt-4"),
        ("text-embedding-3", "text-embedding-3-small"),
        ("GPT-4OO", "gpt-4o"),
    ],
)
def test_unknown_model(model: str, hint: str) -> None:
    with pytest.raises(tokenkit.UnknownModelError) as caught:
        tokenkit.encoding_for_model(model)
    assert str(caught.value).startswith(f"Unknown model {model!r}. Did you mean ")
    assert hint in str(caught.value)
    assert isinstance(caught.value, KeyError)


@pytest.mark.filterwarnings("error")  # asking for an encoding says nothing about retirement
def test_agrees_with_the_current_registry() -> None:
    checked = 0
    for record in tokenkit.list_models(include_retired=True):
        for name in (record.name, *record.aliases, *record.snapshots):
            encoding = current_registry().find(name).encoding  # type: ignore[union-attr]
            checked += 1
            if encoding is not None:
                assert tokenkit.encoding_name_for_model(name) == encoding, name
                continue
            with pytest.raises(tokenkit.NoTokenizerError, match="estimate_tokens"):
                tokenkit.encoding_name_for_model(name)
    assert checked > 500
    for name, encoding in MODEL_TO_ENCODING.items():
        assert current_registry().encoding_name_for(name) == encoding, name
    for name, encoding in by_model._BY_RECORDS.items():
        assert current_registry().encoding_name_for(name) == encoding, name
    for prefix, encoding in MODEL_PREFIX_TO_ENCODING.items():
        if not prefix.startswith("ft:"):
            assert current_registry().encoding_name_for(f"{prefix}anything") == encoding, prefix


def test_private_tokenizer() -> None:
    for call in (tokenkit.encoding_for_model, lambda name: tokenkit.count("text", name)):
        with pytest.raises(tokenkit.NoTokenizerError, match=r"'claude-opus-5'.*estimate_tokens"):
            call("claude-opus-5")
        with pytest.raises(KeyError):  # as from tiktoken
            call("claude-opus-5")


def test_registered_models_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fresh = _registry.built_in()
    monkeypatch.setattr(_registry, "_registry", fresh)
    assert tokenkit.encoding_name_for_model("gpt-4o") == "o200k_base"
    for name in ("our-model", "gpt-4o"):
        tokenkit.register_model({"name": name, "kind": "chat", "encoding": "gpt2"})
        assert tokenkit.encoding_name_for_model(name) == "gpt2"
    assert tokenkit.encoding_name_for_model("ft:our-model:org::id") == "gpt2"
    assert tokenkit.encoding_name_for_model("ft:gpt-4.1x") == "o200k_base"
    assert tokenkit.count("hello world", "our-model") == 2
    path = tmp_path / "models.json"
    path.write_text('{"models": {"gpt-4": {"kind": "chat", "encoding": "gpt2"}}}', "utf-8")
    monkeypatch.setenv("TOKENKIT_MODELS", str(path))
    monkeypatch.setattr(_registry, "_registry", None)
    assert tokenkit.encoding_name_for_model("gpt-4") == "gpt2"


def test_a_name_that_was_asked_for_follows_what_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_registry, "_registry", _registry.built_in())
    text, own = "hello world, hello", tokenkit.get_encoding("gpt2")
    for _ in range(2):
        assert tokenkit.encoding_for_model("gpt-4o") is tokenkit.get_encoding("o200k_base")
        assert tokenkit.count(text, "gpt-4o") == tokenkit.get_encoding("o200k_base").count(text)
    with monkeypatch.context() as changed:
        changed.setitem(tokenkit.registry.ENCODINGS, "o200k_base", own)
        assert tokenkit.encoding_for_model("gpt-4o") is own
    tokenkit.register_model({"name": "gpt-4o", "kind": "chat", "encoding": "gpt2"})
    for _ in range(2):
        assert tokenkit.encoding_for_model("gpt-4o") is own
    monkeypatch.setattr(_registry, "_registry", _registry.built_in())
    for number in range(2 * by_model._MOST_ASKED):
        tokenkit.encoding_for_model(f"gpt-4o-{number}")
        assert len(by_model.asked[0]) <= by_model._MOST_ASKED


def test_a_model_is_registered_while_its_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember nothing of what was found before."""
    monkeypatch.setattr(_registry, "_registry", _registry.built_in())

    def registers() -> bool:
        tokenkit.register_model({"name": "gpt-4o", "kind": "chat", "encoding": "gpt2"})
        return False

    with monkeypatch.context() as interrupted:
        interrupted.setattr(by_model, "_users_have_models", registers)
        by_model.forget_names()
        assert tokenkit.encoding_for_model("gpt-4o").name == "o200k_base"
    assert tokenkit.encoding_for_model("gpt-4o").name == "gpt2"


@pytest.mark.parametrize("model", ["", "ft:", "ft:nothing:org::id", "zzz"])
def test_unknown_without_a_hint(model: str) -> None:
    with pytest.raises(tokenkit.UnknownModelError, match="Unknown model"):
        tokenkit.encoding_name_for_model(model)


def test_wrong_types() -> None:
    for wrong in (None, 5, ["gpt-4o"], b"gpt-4o"):
        with pytest.raises(TypeError, match="model_name: expected str or Model, got"):
            tokenkit.encoding_name_for_model(wrong)  # type: ignore[arg-type]


def test_a_model_may_be_given_itself() -> None:
    model = tokenkit.get_model("gpt-5.4")
    assert tokenkit.encoding_name_for_model(model) == "o200k_base"
    assert tokenkit.encoding_for_model(model) is tokenkit.get_encoding("o200k_base")
    assert tokenkit.count("hello world", model) == 2
    assert tokenkit.truncate("one two three", 2, model) == "one two"
    private = tokenkit.get_model("claude-sonnet-4-5")
    for call in (tokenkit.encoding_for_model, lambda model: tokenkit.count("hello", model)):
        with pytest.raises(tokenkit.NoTokenizerError, match="estimate_tokens"):
            call(private)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> tokenkit.Encoding:
    """An encoding without merges, a token for each byte, behind the model `byte-model`."""
    monkeypatch.setattr(_registry, "_registry", _registry.built_in())
    ranks = {bytes([byte]): byte for byte in range(256)}
    enc = tokenkit.Encoding("own", pat_str=r"\s|\S+", mergeable_ranks=ranks, special_tokens={})
    tokenkit.register_model(
        {"name": "byte-model", "kind": "chat", "encoding": "own-bytes", "context_window": 200}
    )
    monkeypatch.setitem(tokenkit.registry.ENCODINGS, "own-bytes", enc)
    return enc


def test_models_with_an_encoding_of_ones_own(own: tokenkit.Encoding) -> None:
    assert tokenkit.encoding_for_model("byte-model") is own
    assert tokenkit.encoding_name_for_model("byte-model") == "own-bytes"
    assert tokenkit.count("hello world", "byte-model") == 11
    assert tokenkit.count("hello world", tokenkit.get_model("byte-model")) == 11
    assert tokenkit.truncate("hello world", 5, "byte-model") == "hello"
    chunks = tokenkit.chunk("hello world", "byte-model", max_tokens=6)
    assert [chunk.text for chunk in chunks] == ["hello", " world"]
    (row,) = tokenkit.compare("hello world", ["byte-model"])
    assert row.tokens == 11
    message = {"role": "user", "content": "x" * 50}
    short = tokenkit.count_messages([message], "byte-model").tokens
    assert (
        tokenkit.count_messages([message | {"content": "x" * 51}], "byte-model").tokens == short + 1
    )
    assert tokenkit.Budget.for_model("byte-model", max_output=50).input_limit == 150
    result = tokenkit.fit([message] * 5, "byte-model", max_output=50)
    assert len(result.messages) < 5
    assert result.tokens <= 150


def test_an_own_encoding_may_be_replaced(
    own: tokenkit.Encoding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts that were remembered are those of the encoding that was there."""
    message = {"role": "user", "content": "hello"}
    before = tokenkit.count_messages([message], "byte-model").tokens
    ranks = own._mergeable_ranks | {b"he": 256}
    other = tokenkit.Encoding("own", pat_str=".+", mergeable_ranks=ranks, special_tokens={})
    monkeypatch.setitem(tokenkit.registry.ENCODINGS, "own-bytes", other)
    assert tokenkit.count_messages([message], "byte-model").tokens == before - 1


def test_an_own_encoding_that_is_not_there(own: tokenkit.Encoding) -> None:
    del tokenkit.registry.ENCODINGS["own-bytes"]
    for call in (
        lambda: tokenkit.count("hello", "byte-model"),
        lambda: tokenkit.encoding_for_model("byte-model"),
        lambda: tokenkit.count_messages([{"role": "user", "content": "hi"}], "byte-model"),
    ):
        with pytest.raises(
            tokenkit.UnknownEncodingError, match="Unknown encoding 'own-bytes'"
        ) as e:
            call()
        assert "put it into tokenkit.registry.ENCODINGS" in str(e.value)
