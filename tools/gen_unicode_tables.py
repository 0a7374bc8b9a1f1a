#!/usr/bin/env python3
"""Write csrc/text/unicode_tables.inc: character classes and grapheme properties of Unicode.

    python tools/gen_unicode_tables.py            # write the file
    python tools/gen_unicode_tables.py --check    # exit 1 if the file is not what would be written

Sources, pinned because the data are:

* general categories: ``unicodedata2`` 16.0.0 from PyPI, or Python 3.14, whose ``unicodedata`` is at
  Unicode 16.0.0 too;
* ``regex`` from PyPI: Script=Han, of the characters that the categories know;
* ``wcwidth`` 0.9.4 from PyPI: Grapheme_Cluster_Break, Indic_Conjunct_Break and
  Extended_Pictographic, as tables extracted from the Unicode Character Database 18.0.0. (``regex``
  2026.11.19 has the same of every code point.)

Token counts rest on the categories, whose version is that of the tokenizers. What a reader takes
for one character does not, so it may be newer.

White_Space is written out below: 25 code points that have not changed since Unicode 6.3.

The layout of the tables is that of ``csrc/text/unicode.hpp``. Adding a class means changing both
files.
"""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import regex
from table_files import TableError, write_or_check
from wcwidth import table_grapheme as segmentation_data

UNICODE_VERSION = "16.0.0"  # of the categories
CLUSTER_VERSION = "18.0.0"
if unicodedata.unidata_version != UNICODE_VERSION:
    import unicodedata2 as unicodedata  # type: ignore[no-redef]

OUTPUT = Path(__file__).resolve().parent.parent / "csrc" / "text" / "unicode_tables.inc"
SIZE_LIMIT = 56 * 1024

CODE_POINTS = 0x110000
# The stretches that the tables cover (kLowEnd, kHighStart, kHighSize of unicode.hpp).
LOW = range(0x40000)
HIGH = range(0xE0000, 0xE1000)
CLASS_BITS = 7
GRAPHEME_BITS = 6

WHITE_SPACE = frozenset(
    [*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)]
    + [0x2028, 0x2029, 0x202F, 0x205F, 0x3000]
)

# Numbers of CharClass.
OTHER, UPPER, LOWER, LETTER, MARK, NUMBER, SPACE, NEWLINE = range(8)
CLASS_OF_CATEGORY = {
    "Lu": UPPER,
    "Lt": UPPER,
    "Ll": LOWER,
    "Lm": LETTER,
    "Lo": LETTER,
    **dict.fromkeys(["Mn", "Mc", "Me"], MARK),
    **dict.fromkeys(["Nd", "Nl", "No"], NUMBER),
}

# Bits of a character's traits beside its CharClass.
SIGN, HAN = 8, 16  # punctuation or a symbol, general category P or S; Script=Han

# Numbers of GraphemeClass: position in this list of (Grapheme_Cluster_Break,
# Indic_Conjunct_Break, Extended_Pictographic). No other combination occurs in the data.
GRAPHEME_CLASSES = [
    ("Other", "None", False),
    ("CR", "None", False),
    ("LF", "None", False),
    ("Control", "None", False),
    ("Extend", "Extend", False),
    ("Extend", "None", False),
    ("Extend", "Linker", False),
    ("ZWJ", "Extend", False),
    ("Regional_Indicator", "None", False),
    ("Prepend", "None", False),
    ("SpacingMark", "None", False),
    ("L", "None", False),
    ("V", "None", False),
    ("T", "None", False),
    ("LV", "None", False),
    ("LVT", "None", False),
    ("Other", "None", True),
    ("Other", "Consonant", False),
    ("Other", "Linker", False),
]

# How many code points the Unicode Character Database gives to each: a source that lost some
# of its data (or moved to another version) must not get past here.
EXPECTED_COUNTS = {
    **{"L": 141028, "Lu": 1858, "Ll": 2258, "Lt": 31, "Lm": 404, "Lo": 136477},
    **{"M": 2501, "N": 1911, "P": 855, "S": 8514, "White_Space": 25, "Script=Han": 99030},
    **{"GCB=Control": 3893, "GCB=Extend": 2274, "GCB=SpacingMark": 381, "GCB=Prepend": 27},
    **{"GCB=Regional_Indicator": 26, "GCB=L": 125, "GCB=V": 100, "GCB=T": 137},
    **{"GCB=LV": 399, "GCB=LVT": 10773, "GCB=ZWJ": 1, "GCB=CR": 1, "GCB=LF": 1},
    **{"InCB=Linker": 23, "InCB=Consonant": 913, "InCB=Extend": 2254},
    "Extended_Pictographic": 2830,
}


def char_class(code_point: int) -> int:
    """Return the CharClass of a code point."""
    if code_point in (0x0A, 0x0D):
        return NEWLINE
    if code_point in WHITE_SPACE:
        return SPACE
    return CLASS_OF_CATEGORY.get(unicodedata.category(chr(code_point)), OTHER)


def is_han(code_point: int) -> bool:
    """Return whether a character of these categories has Script=Han."""
    character = chr(code_point)
    return (
        unicodedata.category(character) not in ("Cn", "Cs")
        and regex.match(r"\p{Han}", character) is not None
    )


def traits(code_point: int) -> int:
    """Return the CharClass of a code point and its other bits."""
    sign = unicodedata.category(chr(code_point))[0] in "PS"
    return char_class(code_point) | sign * SIGN | is_han(code_point) * HAN


def code_points(ranges: Iterable[tuple[int, int]]) -> frozenset[int]:
    """Return the code points of a table of first and last ones."""
    return frozenset(cp for first, last in ranges for cp in range(first, last + 1))


def property_values(prefix: str, names: Iterable[str]) -> dict[int, str]:
    """Return the value of a property for every code point that has one of the named values."""
    return {
        cp: name
        for name in names
        for cp in code_points(getattr(segmentation_data, f"{prefix}_{name.upper()}"))
    }


def grapheme_properties() -> list[tuple[str, str, bool]]:
    """Return (Grapheme_Cluster_Break, Indic_Conjunct_Break, Extended_Pictographic) of each."""
    breaks = property_values("GRAPHEME", {name for name, _, _ in GRAPHEME_CLASSES} - {"Other"})
    conjunct = property_values("INCB", {"Consonant", "Linker", "Extend"})
    pictographic = code_points(segmentation_data.EXTENDED_PICTOGRAPHIC)
    return [
        (breaks.get(cp, "Other"), conjunct.get(cp, "None"), cp in pictographic)
        for cp in range(CODE_POINTS)
    ]


def count_properties(graphemes: Iterable[tuple[str, str, bool]]) -> Counter[str]:
    """Count the code points of each property that EXPECTED_COUNTS names."""
    counts: Counter[str] = Counter({"White_Space": len(WHITE_SPACE)})
    counts["Script=Han"] = sum(map(is_han, range(CODE_POINTS)))
    categories = Counter(unicodedata.category(chr(cp)) for cp in range(CODE_POINTS))
    for category, count in categories.items():
        counts[category] += count
        counts[category[0]] += count
    for (cluster_break, conjunct, pictographic), count in Counter(graphemes).items():
        counts[f"GCB={cluster_break}"] += count
        counts[f"InCB={conjunct}"] += count
        counts["Extended_Pictographic"] += count * pictographic
    return counts


def check_sources(graphemes: list[tuple[str, str, bool]]) -> None:
    """Raise TableError unless both sources carry the whole of their versions of Unicode."""
    carried = unicodedata.unidata_version
    if carried != UNICODE_VERSION:
        raise TableError(f"{unicodedata.__name__} carries Unicode {carried}, not {UNICODE_VERSION}")
    if CLUSTER_VERSION not in (segmentation_data.__doc__ or ""):
        raise TableError(f"wcwidth carries another Unicode than {CLUSTER_VERSION}")
    counts = count_properties(graphemes)
    for name, expected in EXPECTED_COUNTS.items():
        if counts[name] != expected:
            raise TableError(f"{name}: {counts[name]} code points, expected {expected}")


def two_stages(classes: bytes, bits: int) -> tuple[bytes, bytes]:
    """Split classes into (index, blocks) so that equal blocks of 2**bits are stored once."""
    size = 1 << bits
    numbers: dict[bytes, int] = {}
    index = []
    for stretch in (LOW, HIGH):
        for start in range(stretch.start, stretch.stop, size):
            block = classes[start : start + size]
            index.append(numbers.setdefault(block, len(numbers)))
    if len(numbers) > 256:
        raise TableError(f"{len(numbers)} blocks of {size} do not fit an index of bytes")
    uncovered = classes[LOW.stop : HIGH.start] + classes[HIGH.stop :]
    if any(uncovered):
        raise TableError("a code point outside of the covered stretches has a class")
    return bytes(index), b"".join(numbers)


def array_lines(name: str, values: bytes, attribute: str = "") -> Iterator[str]:
    """Yield the C++ definition of a byte array, as many values to the line as fit 100 columns."""
    yield f"{attribute}const uint8_t {name}[{len(values)}] = {{"
    line = "    "
    for value in values:
        item = f"{value},"
        if len(line) + len(item) > 100:
            yield line
            line = "    "
        line += item
    yield line
    yield "};"


def generate() -> str:
    """Return the text of the tables file."""
    graphemes = grapheme_properties()
    check_sources(graphemes)
    classes = bytes(map(traits, range(CODE_POINTS)))
    numbers = {properties: i for i, properties in enumerate(GRAPHEME_CLASSES)}
    unknown = set(graphemes) - numbers.keys()
    if unknown:
        raise TableError(f"no GraphemeClass for {sorted(unknown)}")
    class_index, class_blocks = two_stages(classes, CLASS_BITS)
    grapheme_index, grapheme_blocks = two_stages(
        bytes(numbers[properties] for properties in graphemes), GRAPHEME_BITS
    )
    size = sum(map(len, (class_index, class_blocks, grapheme_index, grapheme_blocks)))
    if size > SIZE_LIMIT:
        raise TableError(f"the tables take {size} bytes, more than {SIZE_LIMIT}")
    lines = [
        "// Generated by tools/gen_unicode_tables.py. Do not edit: change and run the generator.",
        f"// General categories of Unicode {UNICODE_VERSION} as in unicodedata2 16.0.0,",
        f"// segmentation properties of Unicode {CLUSTER_VERSION} as in wcwidth 0.9.4."
        f" {size} bytes of tables.",
        "// Data (c) Unicode, Inc., used under the Unicode License v3"
        " (https://www.unicode.org/license.txt).",
        "// clang-format off",
        "",
        *array_lines("kAsciiTraits", classes[:128], "alignas(64) "),
        "",
        "namespace detail {",
        "",
        f"static_assert(kLowEnd == {LOW.stop:#x} && kHighStart == {HIGH.start:#x} &&"
        f" kHighSize == {len(HIGH):#x});",
        f"static_assert(kClassBits == {CLASS_BITS} && kGraphemeBits == {GRAPHEME_BITS});",
        f"static_assert(kGraphemeClassCount == {len(GRAPHEME_CLASSES)});",
        "",
        *array_lines("kClassIndex", class_index),
        "",
        *array_lines("kClassBlocks", class_blocks),
        "",
        *array_lines("kGraphemeIndex", grapheme_index),
        "",
        *array_lines("kGraphemeBlocks", grapheme_blocks),
        "",
        "}  // namespace detail",
        "// clang-format on",
    ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write or check the tables file; return the exit status."""
    return write_or_check(
        "gen_unicode_tables", "Generate the Unicode tables of csrc.", OUTPUT, generate, arguments
    )


if __name__ == "__main__":
    sys.exit(main())
