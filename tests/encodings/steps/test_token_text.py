"""Decode tokens that the file writes in another way than its decoder reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from file_tokenizers import BYTE_LEVEL, characters, load
from tokenizer_files import tekken_json, write_json

import tokenkit


def test_a_byte_level_decoder_behind_a_model_of_characters(tmp_path: Path) -> None:
    """The expected text is that of `tokenizers` 0.23.3."""
    enc = load(characters(decoder=BYTE_LEVEL), tmp_path)
    assert enc.native
    assert enc.encode("Ahi hi") == [65, 262, 263]
    assert enc.decode([65, 262, 263]) == "<0x41>hi▁hi"
    with pytest.raises(NotImplementedError, match="gives text that depends on the ids"):
        enc.decode_bytes([65])


def test_special_tokens_beside_ranks_are_written_as_they_are(tmp_path: Path) -> None:
    """In `mistral-common` 1.13 and tiktoken; the byte-level alphabet has é for the byte 0xE9."""
    special = [{"rank": 0, "token_str": "é"}, {"rank": 1, "token_str": "Ġ"}]
    write_json(tmp_path, tekken_json(special_tokens=special), "tekken.json")
    enc = tokenkit.load_encoding(tmp_path)
    assert enc.encode("éa", allowed_special="all") == [0, 30 + ord("a")]
    assert enc.decode([0, 30 + ord("a"), 1]) == "éaĠ"
    assert enc.decode_single_token_bytes(0) == "é".encode()
    assert enc.decode_tokens_bytes([1]) == ["Ġ".encode()]
