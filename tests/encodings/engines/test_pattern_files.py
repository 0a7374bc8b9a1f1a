"""Patterns that files bring: a wrong one is named, and none takes all time or memory."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from tokenizer_files import tekken_json, tiktoken_lines, write_json

import tokenkit
from tokenkit.encodings.engines import pattern
from tokenkit.errors import VocabularyError


def with_pattern(text: str) -> dict[str, Any]:
    made = tekken_json()
    return {**made, "config": {**made["config"], "pattern": text}}


BAD = [
    ("(", "expected a regular expression, got missing )"),
    (r"\p{NoSuchClass}", "expected a regular expression, got unknown property"),
    ("(" * 5000 + "a" + ")" * 5000, "expected a regular expression, got maximum recursion"),
    ("a" * (1 << 15), "expected at most 16384 characters, got 32768"),
    ("((a{1000}){1000}){1000}", "expected at most 1048576 characters when repeats are written out"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_wrong_pattern_is_an_error_that_names_the_file(
    text: str, message: str, tmp_path: Path
) -> None:
    path = write_json(tmp_path, with_pattern(text), "tekken.json")
    with pytest.raises(VocabularyError) as caught:
        tokenkit.load_encoding(path)
    assert str(caught.value).startswith(f"{path}: the pattern: {message}")
    (tmp_path / "ranks.tiktoken").write_bytes(tiktoken_lines(*(bytes([i]) for i in range(256))))
    write_json(tmp_path, {"pat_str": text, "special_tokens": {}}, "tokenizer_config.json")
    with pytest.raises(VocabularyError, match="the pattern: expected"):
        tokenkit.load_encoding(tmp_path / "ranks.tiktoken")


def test_a_pattern_that_backtracks_has_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pattern, "_SECONDS", 0.2)
    enc = tokenkit.load_encoding(
        write_json(tmp_path, with_pattern(r"(a|a)*b|[\s\S]"), "tekken.json")
    )
    assert enc.count("aab cc") == 5
    text = "a" * 40
    start = time.process_time()
    for road in (enc.count, enc.encode_ordinary, enc.token_spans, lambda t: enc.within(t, 3)):
        with pytest.raises(VocabularyError, match="expected a pattern that splits 40 characters"):
            road(text)
    assert time.process_time() - start < 20
