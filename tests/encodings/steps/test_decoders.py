"""Byte tokens; test_file_encoding.py and test_formats_open.py look at whole decoders."""

from __future__ import annotations

import pytest

from tokenkit.encodings.steps.decoders import byte_of, decoder_of


@pytest.mark.parametrize(
    ("token", "byte"),
    [
        ("<0x0A>", 10),
        ("<0xfF>", 255),
        ("<0x+A>", 10),  # as Rust reads numbers
        ("<0x-A>", None),
        ("<0xA+>", None),
        ("<0x0g>", None),
        ("<0x\u0660\u0661>", None),
        ("<0x0A", None),
        ("<0x00A>", None),
    ],
)
def test_byte_tokens(token: str, byte: int | None) -> None:
    assert byte_of(token) == byte


def test_the_end_of_a_word_is_a_space_but_behind_the_last_token() -> None:
    decode = decoder_of({"type": "BPEDecoder", "suffix": "</w>"})
    assert decode(["a", "b</w>", "c</w>"]) == ["a", "b ", "c"]
    assert decode([]) == []
