"""Vocabularies that lack some bytes or characters, and what becomes of these in a text.

As in `tokenizers`, a symbol without a token becomes the unknown token, each or a run of them (the
option fuse_unk), or is dropped where there is none; then its neighbours are merged as if it were
not there.
"""

from __future__ import annotations

from array import array

from tokenkit._locks import made_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from typing import Any, Protocol

    from tokenkit._core import Core

    class Gaps(Protocol):
        """Bytes or characters that no token has."""

        def has(self, text: str) -> bool:
            """Return whether a text holds some."""

        def ids(self, text: str) -> array[int]:
            """Encode a text that does."""


class MissingBytes:
    """A byte-level vocabulary without tokens for some bytes.

    `splits` says whether the pieces of the core are those of the file: where a file splits nothing,
    the core cuts at spaces that no token reaches over, but what is left without some may.
    """

    def __init__(
        self, core: Core, missing: str, unknown: int | None, *, fuses: bool, splits: bool
    ) -> None:
        self._core = core
        self._splits = splits
        self._missing = missing.encode("latin-1")
        self._others = bytes(byte for byte in range(256) if byte not in self._missing)
        self._unknown = unknown
        self._fuses = fuses

    @made_once
    def _runs(self) -> re.Pattern[bytes]:
        import re

        plus = b"+" if self._fuses else b""
        return re.compile(b"([" + re.escape(self._missing) + b"]" + plus + b")")

    def has(self, text: str) -> bool:
        return bool(text.encode().translate(None, self._others))

    def ids(self, text: str) -> array[int]:
        data = text.encode()
        parts: list[bytes] = []  # what the core merges, each apart
        kinds: list[bool] = []  # for each part and unknown token, whether it is the token
        start = 0
        ends = self._core.piece_ends(text).tolist() if self._splits else [len(data)]
        for end in ends:
            piece, start = data[start:end], end
            if self._unknown is None:
                parts.append(piece.translate(None, self._missing))
                kinds.append(False)
                continue
            for index, part in enumerate(self._runs.split(piece)):
                if part:
                    kinds.append(bool(index % 2))
                    parts += [] if index % 2 else [part]
        return _joined(kinds, parts, self._merged, self._unknown)

    def _merged(self, part: bytes) -> array[int]:
        return array("I", self._core.encode_piece(part) if part else [])


class MissingCharacters:
    """A vocabulary of characters that has not all of them, of a text that is one piece."""

    def __init__(
        self,
        known: str,
        encode: Callable[[str], array[int]],
        unknown: int | None,
        fuses: bool,
    ) -> None:
        self._known = frozenset(known)
        self._encode = encode
        self._unknown = unknown
        self._fuses = fuses

    def has(self, text: str) -> bool:
        return not self._known.issuperset(text)

    def ids(self, text: str) -> array[int]:
        from itertools import groupby

        if self._unknown is None:
            return self._encode("".join(filter(self._known.__contains__, text)))
        parts: list[str] = []
        kinds: list[bool] = []
        for known, run in groupby(text, self._known.__contains__):
            part = "".join(run)
            if known:
                parts.append(part)
            kinds += [not known] * (1 if known or self._fuses else len(part))
        return _joined(kinds, parts, self._encode, self._unknown)


def _joined(
    kinds: list[bool], parts: list[Any], encode: Callable[[Any], array[int]], unknown: int | None
) -> array[int]:
    """Join the ids of parts, and unknown tokens between them."""
    ids = array("I")
    rest = iter(parts)
    for is_unknown in kinds:
        if is_unknown and unknown is not None:
            ids.append(unknown)
        else:
            ids.extend(encode(next(rest)))
    return ids
