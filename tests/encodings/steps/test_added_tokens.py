"""Added tokens beside normalizers, other added tokens and white space."""

from __future__ import annotations

from pathlib import Path

import pytest
from file_tokenizers import added, byte_level, load

import tokenkit


def test_an_added_letter_is_not_found_below_a_mark(tmp_path: Path) -> None:
    """It is looked for in normalized text, in which it and the mark are one character."""
    tokens = added("e", first=101, normalized=True)
    enc = load(byte_level(normalizer={"type": "NFC"}, added_tokens=tokens), tmp_path)
    assert enc.encode("e\u0301 e") == [260, 32, 101]
    assert enc.encode_batch(["e\u0301", "e"]) == [[260], [101]]


def test_a_normalizer_that_keeps_the_size_moves_tokens_too(tmp_path: Path) -> None:
    enc = load(byte_level(normalizer={"type": "Lowercase"}), tmp_path)
    assert enc.encode("HI") == enc.encode("hi") == [256]
    with pytest.raises(NotImplementedError, match="stand at no place"):
        enc.token_spans("HI")


def test_special_tokens_that_are_not_allowed_are_text_behind_others(tmp_path: Path) -> None:
    tokens = [*added("<s>", "</s>", first=263, special=True), *added("  ", first=265)]
    enc = load(byte_level(normalizer={"type": "NFD"}, added_tokens=tokens), tmp_path)
    ids = enc.encode("<s>é</s>", allowed_special={"<s>"}, disallowed_special=())
    assert ids == [263, 101, 0xCC, 0x81, *b"</s>"]


def test_a_token_may_begin_in_the_white_space_of_the_one_before(tmp_path: Path) -> None:
    tokens = [*added("<a>", first=263, rstrip=True), *added(" b", first=264)]
    enc = load(byte_level(added_tokens=tokens), tmp_path)
    assert enc.encode_ordinary("<a> b") == [263, 264]
    assert enc.token_spans("<a> b").tolist() == [[0, 4], [3, 5]]


STRIPPED = {"type": "Strip", "strip_left": True, "strip_right": True}


def test_a_token_of_which_the_normalizer_leaves_nothing_is_nowhere(tmp_path: Path) -> None:
    tokens = added("  ", first=263, normalized=True)
    enc = load(byte_level(normalizer=STRIPPED, added_tokens=tokens), tmp_path)
    assert enc.encode("a  b") == [97, 32, 32, 98]


@pytest.mark.parametrize("flag", ["lstrip", "rstrip"])
def test_one_that_takes_white_space_too_is_refused(flag: str, tmp_path: Path) -> None:
    """For `tokenizers` it is wherever white space is."""
    tokens = added("  ", first=263, normalized=True, **{flag: True})
    with pytest.raises(
        tokenkit.VocabularyError, match=r"tokenizer.json: added_tokens: expected that"
    ):
        load(byte_level(normalizer=STRIPPED, added_tokens=tokens), tmp_path)
