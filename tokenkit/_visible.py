"""Text of others for people: on one line, of bounded length, and without control of a terminal.

Names of files, fields, columns and models, headings, ids and messages that quote them may hold
anything. What reaches a terminal or a message of an error goes through here.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "HIDDEN",
    "HIDDEN_NAMES",
    "escaped",
    "hidden_name",
    "listed",
    "plural",
    "shown_line",
    "visible",
]

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
# than tab and line ends, those named above, surrogates, and tags.
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_HIDDEN_IN_LINES = re.compile(f"[\t\n\r{HIDDEN.pattern[1:]}")
_MOST_LISTED = 20
_LONGEST_LISTED = 80


def hidden_name(character: str) -> str:
    """Name a character that `HIDDEN` matches, visibly.

    >>> hidden_name("\\u202e"), hidden_name("\\x00"), hidden_name("\\ud800")
    ('RLO', 'U+0000', 'U+D800')
    """
    code = ord(character)
    return HIDDEN_NAMES.get(code) or f"U+{code:04X}"


def visible(text: str) -> str:
    """Replace the hidden characters of a text by their names in brackets; tabs and line ends stay.

    >>> visible("a\\u202eb")
    'a[RLO]b'
    """
    return HIDDEN.sub(_named, text)


def shown_line(text: str, most: int | None = None) -> str:
    """Write a text on one line, with names for hidden characters, tabs and line ends.

    Of more than `most` characters, at least 8, those in the middle are left out.

    >>> shown_line("a\\n\\x1b[31mb"), shown_line("abcdefghijklmnop", 12)
    ('a[U+000A][U+001B][31mb', 'abcd ... nop')
    """
    if most is not None and len(text) > most:
        end = most // 4
        text = f"{text[: most - end - 5]} ... {text[-end:]}"
    return _HIDDEN_IN_LINES.sub(_named, text)


def listed(names: Iterable[object]) -> str:
    """Write names in one line: the first 20, each as `shown_line` writes it.

    >>> listed(["id", "te\\x1bxt"]), listed([])
    ('id, te[U+001B]xt', '')
    """
    several = list(names)
    words = [shown_line(str(name), _LONGEST_LISTED) for name in several[:_MOST_LISTED]]
    if len(several) > _MOST_LISTED:
        words.append(f"and {len(several) - _MOST_LISTED} more")
    return ", ".join(words)


def plural(number: int, word: str) -> str:
    """Give the form of a word that goes with a number.

    >>> plural(1, "row"), plural(0, "row")
    ('row', 'rows')
    """
    return word if number == 1 else f"{word}s"


def escaped(json_text: str, unsafe: re.Pattern[str] = HIDDEN) -> str:
    """Escape the characters of JSON that a pattern matches. It still says the same.

    >>> escaped('"a\x7fb"')
    '"a\\\\u007fb"'
    """
    return unsafe.sub(_escape, json_text)


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _named(match: re.Match[str]) -> str:
    return f"[{hidden_name(match[0])}]"
