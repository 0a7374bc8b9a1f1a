"""Vocabularies of other vendors, by name."""

from __future__ import annotations

import pickle
from hashlib import sha256
from unicodedata import normalize

import pytest
from recorded_ids import HASHES, RECORDED, ROOT

import tokenkit
from tokenkit import _vocabularies
from tokenkit.errors import NoTokenizerError, UnknownEncodingError


@pytest.fixture
def _others_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "vocabularies"))


# The others have the vocabulary of one of these, and are in test_published_open.py.
OF_THEIR_OWN = ("gemma3", "gemma4", "qwen3", "qwen3.5", "deepseek-v4", "tekken", "kimi-k2")


@pytest.mark.usefixtures("_others_installed")
@pytest.mark.parametrize("name", OF_THEIR_OWN)
def test_ids_are_those_that_others_recorded(name: str) -> None:
    """`source` in the file says who gave them."""
    encoding = tokenkit.get_encoding(name)
    assert len(RECORDED[name]["ids"]) > 20
    for text, ids in RECORDED[name]["ids"]:
        assert encoding.encode_ordinary(text) == ids, text
        assert encoding.count(text) == len(ids)
        kept = normalize("NFC", text) if name.startswith("qwen") else text
        kept = kept.replace("\u2581", " ") if name.startswith("gemma") else kept
        assert encoding.decode(ids) == kept


@pytest.mark.usefixtures("_others_installed")
@pytest.mark.parametrize("name", sorted(HASHES["hashes"].keys() & {*OF_THEIR_OWN}))
def test_ids_have_the_hash_of_the_vendors_own_tokenizer(name: str) -> None:
    """llama.cpp knows the tokenizer of a repository by the ids of one text of many scripts."""
    expected = HASHES["hashes"][name]
    ids = [*expected["before"], *tokenkit.get_encoding(name).encode_ordinary(HASHES["text"])]
    assert sha256(str(ids).encode()).hexdigest() == expected["sha256"], expected["repository"]


def test_every_vocabulary_is_compared_with_another_library() -> None:
    assert set(_vocabularies.PUBLISHED) == {*RECORDED, *HASHES["hashes"]}


def test_added_tokens_are_those_of_each_version() -> None:
    third, fourth = (tokenkit.get_encoding(name) for name in ("gemma3", "gemma4"))
    turn = "<start_of_turn>", "<|turn>"
    assert [name in third.special_tokens_set for name in turn] == [True, False]
    assert [name in fourth.special_tokens_set for name in turn] == [False, True]
    assert third.encode("<start_of_turn>", allowed_special="all") == [105]
    assert fourth.encode("<|turn>", allowed_special="all") == [105]
    assert (third.decode([105]), fourth.decode([105])) == ("<start_of_turn>", "<|turn>")
    assert third.overhead == fourth.overhead == 1  # <bos>
    assert third.native is fourth.native is True


def test_it_is_one_object_also_after_a_journey() -> None:
    encoding = tokenkit.get_encoding("gemma4")
    assert tokenkit.get_encoding("gemma4") is encoding
    assert pickle.loads(pickle.dumps(encoding)) is encoding


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gemini-2.0-flash", "gemma3"),
        ("gemini-2.0-flash-lite", "gemma3"),
        ("gemini-2.5-flash", "gemma3"),
        ("gemini-2.5-flash-lite", "gemma3"),
        ("gemini-2.5-pro", "gemma3"),
        ("gemini-3-flash-preview", "gemma3"),
        ("gemini-3-pro-preview", "gemma3"),
        ("gemini-3.1-flash-lite", "gemma4"),
        ("gemini-3.1-pro-preview", "gemma4"),
        ("gemini-3.5-flash", "gemma4"),
    ],
)
def test_gemini_models_of_the_vendors_map_are_exact(model: str, encoding: str) -> None:
    """The map is in google-genai 3.6.1; its documentation says 5 tokens for this text."""
    assert tokenkit.get_model(model).encoding == encoding
    assert tokenkit.count("What is your name?", model) == 5
    estimate = tokenkit.estimate_tokens("What is your name?", model)
    assert (estimate.exact, estimate.tokens) == (True, 5)


@pytest.mark.parametrize("model", ["gemini-3.5-flash-lite", "gemini-3.6-flash", "gemini-4-neon"])
def test_other_gemini_models_stay_estimates(model: str) -> None:
    with pytest.raises(NoTokenizerError):
        tokenkit.count("What is your name?", model)
    assert not tokenkit.estimate_tokens("What is your name?", model).exact


def test_chats_of_gemini_count_texts_and_bound_the_frames() -> None:
    chat = [{"role": "user", "content": "What is your name?"}]
    counted = tokenkit.count_messages(chat, "gemini-3.5-flash")
    assert not counted.exact
    assert counted.high is not None
    assert counted.low <= 5 <= counted.tokens <= counted.high <= 5 + 16
    assert "counted with gemma4" in counted.notes[0]


def test_a_vocabulary_in_another_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_vocabularies, "_data_folder", lambda package: "")
    monkeypatch.delitem(tokenkit.registry.ENCODINGS, "qwen3", raising=False)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'tokenkit-bpe\[vocabularies\]'"):
        tokenkit.get_encoding("qwen3")
    with pytest.raises(UnknownEncodingError, match="Did you mean qwen3"):
        tokenkit.get_encoding("qwen-3")
