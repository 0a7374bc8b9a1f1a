"""Tokens of a text, grouped into segments that can be shown.

>>> import tokenkit
>>> for segment in segments("hi 👩", tokenkit.get_encoding("o200k_base")):
...     print(segment.start, segment.end, [token.data for token in segment.tokens])
0 2 [b'hi']
2 4 [b' \\xf0\\x9f\\x91', b'\\xa9']
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tokenkit._visible import HIDDEN, HIDDEN_NAMES, hidden_name, visible
from tokenkit.encodings import Encoding, repaired

__all__ = ["HIDDEN", "HIDDEN_NAMES", "Segment", "Token", "hidden_name", "segments", "visible"]


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a text: its id, its bytes, and its offsets.

    `start` and `end` are in characters, `byte_start` and `byte_end` in bytes of UTF-8. A token that
    holds only some bytes of a character spans that whole character.

    >>> import tokenkit
    >>> first, second = segments("a 👩", tokenkit.get_encoding("o200k_base"))
    >>> [(token.start, token.end, token.byte_start, token.byte_end) for token in second.tokens]
    [(1, 3, 1, 5), (2, 3, 5, 6)]
    """

    id: int
    data: bytes
    start: int
    end: int
    byte_start: int
    byte_end: int


@dataclass(frozen=True, slots=True)
class Segment:
    """The shortest slice of whole characters that is made of whole tokens.

    Most often it is one token; tokens that share a character are in one segment. `start` and `end`
    are in characters.

    >>> import tokenkit
    >>> [len(s.tokens) for s in segments("a 👩", tokenkit.get_encoding("o200k_base"))]
    [1, 2]
    """

    start: int
    end: int
    tokens: tuple[Token, ...]


def segments(text: str, encoding: Encoding) -> Iterator[Segment]:
    """Split a text into segments, in order; joined they are the text.

    Special tokens are ordinary text. Raises TypeError unless text is str.

    >>> import tokenkit
    >>> [s.end for s in segments("hello world", tokenkit.get_encoding("o200k_base"))]
    [5, 11]
    """
    ids = encoding.encode_ordinary(text)
    spans = encoding.token_spans(text).tolist()
    byte_spans = encoding.token_spans(text, unit="byte").tolist()
    data = repaired(text).encode()
    group: list[Token] = []
    for token, (start, end), (first, last) in zip(ids, spans, byte_spans, strict=True):
        if group and start >= group[-1].end:
            yield Segment(group[0].start, group[-1].end, tuple(group))
            group = []
        group.append(Token(token, data[first:last], start, end, first, last))
    if group:
        yield Segment(group[0].start, group[-1].end, tuple(group))
