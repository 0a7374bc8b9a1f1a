"""Tokens for the bytes of characters without a token, and ids that no token has."""

from __future__ import annotations

import numpy as np

from tokenkit._checks import shown
from tokenkit.encodings.compile.parts import Unfit
from tokenkit.encodings.steps.decoders import byte_level
from tokenkit.encodings.steps.normalizers import SPACE_SIGN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tokenkit.encodings.formats import TokenizerFile

# No character needs these: no text in UTF-8 has them, and for a space there is U+2581.
_NEVER_BYTES = frozenset({0x20, 0xC0, 0xC1, *range(0xF5, 0x100)})


def byte_fallback(file: TokenizerFile) -> tuple[list[int], list[int | None]]:
    """Find the ids of byte tokens: one for each byte, and those that the file has.

    A byte may be without a token where no character needs one, as Gemma's tab does, which is a
    token itself. It gets an id that is never given.
    """
    vocab = file.spec["model"]["vocab"]
    if file.spec["model"]["ignore_merges"]:
        # Else the text "<0x41>" would have to become the byte token, if there is nothing else.
        raise Unfit("ignore_merges and byte_fallback together")
    if SPACE_SIGN not in vocab:
        raise Unfit("byte_fallback for U+2581")
    listed = [vocab.get(f"<0x{byte:02X}>") for byte in range(256)]
    if not {entry["id"] for entry in file.spec["added_tokens"]}.isdisjoint(listed):
        raise Unfit("byte tokens that are added tokens, too")
    missing = [byte for byte, number in enumerate(listed) if number is None]
    if any(
        byte not in _NEVER_BYTES and (byte > 0x7F or chr(byte) not in vocab) for byte in missing
    ):
        raise Unfit("byte_fallback without tokens for all bytes")
    _check_byte_merges(file.merges, vocab, listed)
    unused = iter(unused_ids(file, len(missing)))
    return [next(unused) if number is None else number for number in listed], listed


def _check_byte_merges(merges: Any, vocab: dict[str, int], listed: list[int | None]) -> None:
    """Raise Unfit for merges that take a byte token or make one, out of a text that names it."""
    if np.isin(merges, [number for number in listed if number is not None]).any():
        raise Unfit("merges of byte tokens")
    for token in (f"<0x{byte:02X}>" for byte in range(256)):
        for end in range(1, len(token)):
            pair = vocab.get(token[:end]), vocab.get(token[end:])
            if None not in pair and (merges == pair).all(axis=1).any():
                raise Unfit("merges into byte tokens")


def check_added_bytes(file: TokenizerFile) -> None:
    """Raise Unfit for an added token whose id has other bytes in a vocabulary of bytes.

    There the letter é stands for the byte 0xE9, but as an added token it is found as itself.
    """
    vocab = file.spec["model"].get("vocab", ())
    for entry in file.spec["added_tokens"]:
        content = entry["content"]
        if not content.isascii() or " " in content:
            data = byte_level(content) if content in vocab else None
            if data is not None and data != content.encode():
                raise Unfit(f"the added token {shown(content)}, which the vocabulary has as bytes")


def unused_ids(file: TokenizerFile, size: int) -> range:
    """Give ids that no token has, for tokens that the core needs and never gives."""
    added = (entry["id"] for entry in file.spec["added_tokens"])
    first = max([*file.spec["model"]["vocab"].values(), *added]) + 1
    return range(first, first + size)
