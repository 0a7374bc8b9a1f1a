"""`.tiktoken` files with their tokenizer_config.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tokenizer_files import tiktoken_lines, write_json

import tokenkit
from tokenkit.encodings.formats import TokenizerFile, read_tokenizer
from tokenkit.encodings.formats.known_patterns import KIMI, QWEN2
from tokenkit.errors import VocabularyError

OWN = {"pat_str": r"\w+|\W+", "special_tokens": {"<end>": 7}}


def read(
    folder: Path, config: Any = None, data: bytes | None = None, name: str = "a.tiktoken"
) -> TokenizerFile:
    (folder / name).write_bytes(tiktoken_lines(b"a", b"b", b"ab") if data is None else data)
    if config is not None:
        write_json(folder, config, "tokenizer_config.json")
    return read_tokenizer(folder / name)


def fault(folder: Path, config: Any = None, data: bytes | None = None) -> str:
    with pytest.raises(VocabularyError) as caught:
        read(folder, config, data)
    assert str(caught.value).startswith(f"{folder / 'a.tiktoken'}: ")
    return str(caught.value).removeprefix(f"{folder / 'a.tiktoken'}: ")


def pattern(got: TokenizerFile) -> str:
    found: str = got.spec["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"]
    return found


@pytest.mark.parametrize("name", ["a.tiktoken", "tiktoken.model", "tokenizer.model", "ranks"])
def test_a_config_of_ones_own(name: str, tmp_path: Path) -> None:
    got = read(tmp_path, {**OWN, "normalizer": {"type": "NFC"}}, name=name)
    assert got.format == "tiktoken"
    assert got.spec["model"] == {
        "type": "Ranks",
        "ranks": [(b"a", 0), (b"b", 1), (b"ab", 2)],
        "ids": 0,
    }
    assert pattern(got) == OWN["pat_str"]
    assert got.spec["normalizer"] == {"type": "NFC"}
    assert [(t["content"], t["id"]) for t in got.spec["added_tokens"]] == [("<end>", 7)]


def test_tokens_of_transformers_config(tmp_path: Path) -> None:
    config = {"pat_str": ".", "added_tokens_decoder": {"9": {"content": "<x>", "special": True}}}
    assert [t["id"] for t in read(tmp_path, config).spec["added_tokens"]] == [9]
    for digits in ("-1", "x", "²", "9" * 5000, ""):
        config["added_tokens_decoder"] = {digits: {"content": "<x>"}}
        assert "tokenizer_config.json: added_tokens_decoder" in fault(tmp_path, config)


def test_the_class_of_qwen(tmp_path: Path) -> None:
    got = read(tmp_path, {"tokenizer_class": "QWenTokenizer"})
    assert (pattern(got), got.spec["normalizer"]) == (QWEN2, {"type": "NFC"})
    tokens = got.spec["added_tokens"]
    assert [(t["content"], t["id"]) for t in (*tokens[:3], tokens[-1])] == [
        ("<|endoftext|>", 151643),
        ("<|im_start|>", 151644),
        ("<|im_end|>", 151645),
        ("<|extra_204|>", 151850),
    ]


@pytest.mark.parametrize(
    "name", ["tokenization_kimi.TikTokenTokenizer", "a/b--tokenization_kimi.TikTokenTokenizer"]
)
def test_the_class_of_kimi(name: str, tmp_path: Path) -> None:
    config = {
        "tokenizer_class": "TikTokenTokenizer",
        "auto_map": {"AutoTokenizer": [name, None]},
        "added_tokens_decoder": {"4": {"content": "[EOS]"}},
    }
    got = read(tmp_path, config)
    assert (pattern(got), got.spec["normalizer"]) == (KIMI, None)
    tokens = {t["id"]: t["content"] for t in got.spec["added_tokens"]}
    assert (len(tokens), min(tokens), max(tokens)) == (258, 3, 260)
    assert (tokens[3], tokens[4]) == ("<|reserved_token_3|>", "[EOS]")


@pytest.mark.parametrize(
    ("config", "got"),
    [
        (None, "none"),
        ({"a": 1}, "one without them"),
        ({"tokenizer_class": "OtherTokenizer"}, "one of the class 'OtherTokenizer'"),
        (
            {"tokenizer_class": "QWenTokenizer", "auto_map": {"AutoTokenizer": ["own.Other"]}},
            "one of the class 'QWenTokenizer'",
        ),
    ],
)
def test_without_a_pattern_the_error_says_what_is_missing(
    config: Any, got: str, tmp_path: Path
) -> None:
    message = fault(tmp_path, config)
    assert message.startswith("expected a pattern: this file holds ranks alone")
    assert f"come from a tokenizer_config.json beside it, got {got}; write one with" in message


@pytest.mark.parametrize(
    ("data", "config", "message"),
    [
        (b"YQ== 0\nYg== x\n", OWN, "line 2: expected a token in base64, a space and a rank"),
        (b"YQ== 0\nYg== 0\n", OWN, "line 2: expected each rank once, got 0 of line 1"),
        (b"YQ== 0\nYQ== 1\n", OWN, "line 2: expected each token once, got b'a' of line 1"),
        (b"YQ== 99999999999\n", OWN, "the highest rank: expected at most 16777215"),
        (b"\n\n", OWN, "expected tokens, got none"),
        (b"", OWN, "expected a tokenizer file"),
        (None, {**OWN, "special_tokens": {"<end>": 2}}, "the special token '<end>': expected"),
        (None, {**OWN, "special_tokens": {"": 9}}, "the special token '': expected a text"),
        (None, {**OWN, "special_tokens": {"x": -1}}, "tokenizer_config.json: special_tokens.x"),
        (None, {**OWN, "special_tokens": []}, "tokenizer_config.json: special_tokens: expected"),
        (None, {**OWN, "pat_str": 3}, "tokenizer_config.json: pat_str: expected a string, got 3"),
        (None, {**OWN, "normalizer": {}}, "tokenizer_config.json: normalizer.type: expected"),
    ],
)
def test_faults(data: bytes | None, config: Any, message: str, tmp_path: Path) -> None:
    assert fault(tmp_path, config, data).startswith(message)


def test_what_the_core_cannot_run_is_an_error(tmp_path: Path) -> None:
    """`tokenizers` has no ranks to fall back to."""
    replace = {"type": "Replace", "pattern": {"Regex": "a+"}, "content": "b"}
    every = tiktoken_lines(*(bytes([byte]) for byte in range(256)))
    read(tmp_path, {**OWN, "special_tokens": {}, "normalizer": replace}, every)
    with pytest.raises(VocabularyError, match=r"a\.tiktoken: the core does not support the normal"):
        tokenkit.load_encoding(tmp_path)
    read(tmp_path, OWN)
    with pytest.raises(VocabularyError, match=r"a\.tiktoken: the core does not support ranks wher"):
        tokenkit.load_encoding(tmp_path)
