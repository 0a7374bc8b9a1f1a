"""The table of docs/tokenizers.md that says which member means what, by kind of tokenizer."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pytest

import tokenkit

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tokenizers.md"
IDS = [104, 105]
CALLS: dict[str, Callable[[tokenkit.Encoding], Any]] = {
    "counter": lambda enc: enc.counter(),
    "within": lambda enc: enc.within("hi", 3),
    "truncate": lambda enc: enc.truncate("hi", 1),
    "encode_single_token": lambda enc: enc.encode_single_token("h"),
    "decode_single_token_bytes": lambda enc: enc.decode_single_token_bytes(IDS[0]),
    "token_byte_values": lambda enc: enc.token_byte_values(),
    "fits_arrow": lambda enc: enc.fits_arrow(pyarrow.array(["hi"]), 2),
    "truncate_arrow": lambda enc: enc.truncate_arrow(pyarrow.array(["hi"]), 2),
    **{
        name: lambda enc, name=name: getattr(enc, name)(pyarrow.array(["hi"]))  # type: ignore[misc]
        for name in ("count_arrow", "encode_arrow")
    },
    **{
        name: lambda enc, name=name: getattr(enc, name)(IDS)  # type: ignore[misc]
        for name in ("decode", "decode_bytes", "decode_with_offsets", "decode_tokens_bytes")
    },
    **{
        name: lambda enc, name=name: getattr(enc, name)([IDS])  # type: ignore[misc]
        for name in ("decode_batch", "decode_bytes_batch")
    },
    **{
        name: lambda enc, name=name: getattr(enc, name)(["hi"])  # type: ignore[misc]
        for name in ("encode_batch", "encode_ordinary_batch", "encode_ragged", "count_batch")
    },
}


def rows() -> dict[str, list[str]]:
    text = PAGE.read_text("utf-8").split("## Members by kind")[1]
    found = re.findall(r"^\| `(\w+)` \|(.*)\|$", text, re.MULTILINE)
    return {name: [cell.strip() for cell in cells.split("|")] for name, cells in found}


def check(enc: tokenkit.Encoding, column: int) -> None:
    for member, cells in rows().items():
        call = CALLS.get(member, lambda enc, member=member: getattr(enc, member)("hi"))
        if cells[column] == "refused":
            with pytest.raises(
                NotImplementedError, match=r": .*(this tokenizer|tiktoken's kind|words lost)"
            ):
                call(enc)
        else:
            call(enc)
