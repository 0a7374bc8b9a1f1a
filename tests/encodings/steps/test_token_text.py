"""Decode tokens that the file writes in another way than its decoder reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from file_tokenizers import BYTE_LEVEL, characters, load


def test_a_byte_level_decoder_behind_a_model_of_characters(tmp_path: Path) -> None:
    """The expected text is that of `tokenizers` 0.23.3."""
    enc = load(characters(decoder=BYTE_LEVEL), tmp_path)
    assert enc.native
    assert enc.encode("Ahi hi") == [65, 262, 263]
    assert enc.decode([65, 262, 263]) == "<0x41>hi▁hi"
    with pytest.raises(NotImplementedError, match="gives text that depends on the ids"):
        enc.decode_bytes([65])
