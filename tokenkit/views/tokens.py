"""Tokens of a text, grouped into segments that can be shown, and names for hidden characters.

>>> import tokenkit
>>> for segment in segments("hi 👩", tokenkit.get_encoding("o200k_base")):
...     print(segment.start, segment.end, [token.data for token in segment.tokens])
0 2 [b'hi']
2 4 [b' \\xf0\\x9f\\x91', b'\\xa9']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tokenkit.encodings import Encoding, repaired

__all__ = ["Segment", "Token", "hidden_name", "segments", "visible"]

_BIDI = {
    0x061C: "ALM",
    0x200E: "LRM",
    0x200F: "RLM",
    0x202A: "LRE",
    0x202B: "RLE",
    0x202C: "PDF",
    0x202D: "LRO",
    0x202E: "RLO",
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
}
HIDDEN_NAMES = {
    **_BIDI,
    0x00AD: "SHY",
    0x180E: "MVS",
    0x200B: "ZWSP",
    0x2028: "LSEP",
    0x2029: "PSEP",
    0x2060: "WJ",
    0xFEFF: "BOM",
}
# Characters that would not be seen, or would change how their neighbours are seen: controls other
# than tab and line ends, those named above, surrogates, tags and private use.
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def hidden_name(character: str) -> str:
    """Name a character that `HIDDEN` matches, visibly.

    >>> hidden_name("\\u202e"), hidden_name("\\x00"), hidden_name("\\ud800")
    ('RLO', 'U+0000', 'U+D800')
    """
    code = ord(character)
    return HIDDEN_NAMES.get(code) or f"U+{code:04X}"


def visible(text: str) -> str:
    """Replace the hidden characters of a text by their names in brackets.

    >>> visible("a\\u202eb")
    'a[RLO]b'
    """
    return HIDDEN.sub(lambda match: f"[{hidden_name(match[0])}]", text)


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
