#!/usr/bin/env python3
"""Write csrc/text/normal_tables.inc: canonical decomposition and composition of characters.

    python tools/gen_normal_tables.py            # write the file
    python tools/gen_normal_tables.py --check    # exit 1 if the file is not what would be written

The source is the package ``tokenizers`` 0.23.3 itself, whose forms are those of Unicode 9.0, asked
about every code point. The layout of the tables is that of ``csrc/text/normal.hpp``. The generator
also proves what `csrc/README.md` ("Normalized texts") rests on.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import tokenizers
from table_files import TableError, write_or_check
from tokenizers import normalizers

VERSION = "0.23.3"
OUTPUT = Path(__file__).resolve().parent.parent / "csrc" / "text" / "normal_tables.inc"
SIZE_LIMIT = 64 * 1024
BLOCK_BITS = 7
CODE_POINTS = [cp for cp in range(0x110000) if not 0xD800 <= cp < 0xE000]
HANGUL = range(0xAC00, 0xD7A4)  # composed and decomposed by arithmetic
VOWELS, TRAILING = range(0x1161, 0x1176), range(0x11A8, 0x11C3)

SAFE, CHANGES = 0, 255  # values of the table; between them are combining classes


class Forms:
    """The package's NFC and NFD of each code point."""

    def __init__(self) -> None:
        if tokenizers.__version__ != VERSION:
            raise TableError(f"expected tokenizers {VERSION}, got {tokenizers.__version__}")
        self.nfc = normalizers.NFC().normalize_str
        self.nfd = normalizers.NFD().normalize_str
        self.decomposed: dict[int, str] = {cp: self.nfd(chr(cp)) for cp in CODE_POINTS}
        self.composed: dict[int, str] = {cp: self.nfc(chr(cp)) for cp in CODE_POINTS}
        self.classes = self._combining_classes()
        self.pairs = self._pairs()

    def _combining_classes(self) -> dict[int, int]:
        """Find the canonical combining classes by the order in which NFD puts two marks."""
        lowest, highest = "\u0334", "\u0345"

        def in_order(first: str, second: str) -> bool:
            return str(self.nfd(f"a{first}{second}")) == f"a{first}{second}"

        marks = [
            chr(cp)
            for cp in CODE_POINTS
            if self.decomposed[cp] == chr(cp)
            and not (in_order(highest, chr(cp)) and in_order(chr(cp), lowest))
        ]
        # A mark of each class; newer Pythons name classes of marks that the package does not know.
        known: dict[int, str] = {}
        for mark in marks:
            known.setdefault(unicodedata.combining(mark), mark)
        order = sorted(known.items())
        for (_, mark), (number, next_mark) in pairwise(order):
            if in_order(next_mark, mark) or not in_order(mark, next_mark):
                raise TableError(f"class {number} is not above the one before it")
        classes = {}
        for mark in marks:
            classes[ord(mark)] = next(number for number, other in order if in_order(mark, other))
            if not in_order(known[classes[ord(mark)]], mark):
                raise TableError(f"U+{ord(mark):04X} is of a combining class of its own")
        return classes

    def _pairs(self) -> dict[tuple[int, int], int]:
        """Find the pairs that compose, but for Hangul: a character that NFC keeps is made of what
        its parts but the last compose to, and the last one."""
        pairs = {}
        for cp in CODE_POINTS:
            parts = self.decomposed[cp]
            if cp in HANGUL or parts == chr(cp) or self.composed[cp] != chr(cp):
                continue
            first = self.nfc(parts[:-1])
            if len(first) != 1 or self.nfc(first + parts[-1]) != chr(cp):
                raise TableError(f"U+{cp:04X} is not composed of two characters")
            pairs[ord(first), ord(parts[-1])] = cp
        return pairs

    def value(self, cp: int, seconds: set[int]) -> int:
        """Return the value of a character in the table."""
        if self.composed[cp] != chr(cp) or cp in seconds:
            return CHANGES
        return self.classes.get(cp, SAFE)

    def check(self, seconds: set[int]) -> None:
        """Raise TableError unless what the code rests on is so."""
        for cp in HANGUL:
            if self.decomposed[cp] != unicodedata.normalize("NFD", chr(cp)):
                raise TableError(f"U+{cp:04X} is not decomposed by arithmetic")
            if self.nfc(self.decomposed[cp]) != chr(cp):
                raise TableError(f"U+{cp:04X} is not composed by arithmetic")
        for cp, parts in self.decomposed.items():
            first = ord(parts[0])
            moves = first in self.classes or first in seconds
            if self.value(cp, seconds) == SAFE and moves:
                raise TableError(f"U+{cp:04X} is not safe")


def two_stages(values: bytes) -> tuple[bytes, bytes]:
    """Split values into (index, blocks) so that equal blocks are stored once."""
    size = 1 << BLOCK_BITS
    numbers: dict[bytes, int] = {}
    index = [
        numbers.setdefault(values[start : start + size], len(numbers))
        for start in range(0, len(values), size)
    ]
    if len(numbers) > 256:
        raise TableError(f"{len(numbers)} blocks do not fit an index of bytes")
    return bytes(index), b"".join(numbers)


def mappings(results: dict[int, str], skipped: Sequence[int] = ()) -> dict[int, str]:
    """Return the code points that become something else, in order."""
    return {cp: text for cp, text in results.items() if text != chr(cp) and cp not in skipped}


def array_lines(kind: str, name: str, values: Iterable[int]) -> Iterator[str]:
    """Yield the C++ definition of an array, as many values to the line as fit 100 columns."""
    listed = list(values)
    yield f"const {kind} {name}[{len(listed)}] = {{"
    line = "    "
    for value in listed:
        item = f"{value},"
        if len(line) + len(item) > 100:
            yield line
            line = "    "
        line += item
    yield line
    yield "};"
    yield ""


def mapping_lines(name: str, mapped: dict[int, str]) -> Iterator[str]:
    """Yield the arrays of a mapping: code points, where the text of each begins, all texts."""
    ends = [0]
    for text in mapped.values():
        ends.append(ends[-1] + len(text))
    yield from array_lines("uint32_t", f"k{name}From", mapped)
    yield from array_lines("uint16_t", f"k{name}Start", ends)
    yield from array_lines("uint32_t", f"k{name}To", map(ord, "".join(mapped.values())))


def class_runs(classes: dict[int, int]) -> list[tuple[int, int, int]]:
    """Return combining classes as (first, last, class)."""
    runs: list[tuple[int, int, int]] = []
    for cp, number in sorted(classes.items()):
        if runs and runs[-1][1] == cp - 1 and runs[-1][2] == number:
            runs[-1] = (runs[-1][0], cp, number)
        else:
            runs.append((cp, cp, number))
    if any(first[1] >= second[0] for first, second in pairwise(runs)):
        raise TableError("runs of combining classes overlap")
    return runs


def safe_lengths(values: bytes | bytearray) -> list[int]:
    """Return, for each first byte of UTF-8, the bytes of its characters if all are safe, else 0."""
    lengths = [0] * 256
    for cp in CODE_POINTS:
        utf8 = chr(cp).encode()
        lengths[utf8[0]] = len(utf8)
    for cp in CODE_POINTS:
        if values[cp] != SAFE:
            lengths[chr(cp).encode()[0]] = 0
    return lengths


def generate() -> str:
    """Return the text of the tables file."""
    forms = Forms()
    seconds = {second for _, second in forms.pairs} | {*VOWELS, *TRAILING}
    forms.check(seconds)
    values = bytearray(0x110000)
    for cp in CODE_POINTS:
        values[cp] = forms.value(cp, seconds)
    index, blocks = two_stages(bytes(values))
    decomposed = mappings(forms.decomposed, HANGUL)
    runs = class_runs(forms.classes)
    pairs = sorted(forms.pairs.items())
    size = len(index) + len(blocks) + 256 + 12 * len(runs) + 12 * len(pairs)
    size += sum(6 + 4 * len(text) for text in decomposed.values())
    if size > SIZE_LIMIT:
        raise TableError(f"the tables take {size} bytes, more than {SIZE_LIMIT}")
    lines = [
        "// Generated by tools/gen_normal_tables.py. Do not edit: change and run the generator.",
        f"// NFC and NFD of tokenizers {VERSION}, which are those of Unicode 9.0. {size} bytes.",
        "// Data (c) Unicode, Inc., used under the Unicode License v3"
        " (https://www.unicode.org/license.txt).",
        "// clang-format off",
        "",
        f"static_assert(kBlockBits == {BLOCK_BITS} && kChanges == {CHANGES});",
        "",
        *array_lines("uint8_t", "kIndex", index),
        *array_lines("uint8_t", "kBlocks", blocks),
        *array_lines("uint8_t", "kSafeLengths", safe_lengths(values)),
        *mapping_lines("Decomposed", decomposed),
        *array_lines("uint64_t", "kPairs", (a << 32 | b for (a, b), _ in pairs)),
        *array_lines("uint32_t", "kPairsTo", (to for _, to in pairs)),
        *array_lines("uint32_t", "kCombiningFirst", (first for first, _, _ in runs)),
        *array_lines("uint32_t", "kCombiningLast", (last for _, last, _ in runs)),
        *array_lines("uint8_t", "kCombiningClass", (number for _, _, number in runs)),
        "// clang-format on",
    ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write or check the tables file; return the exit status."""
    return write_or_check(
        "gen_normal_tables", "Generate the tables of NFC and NFD.", OUTPUT, generate, arguments
    )


if __name__ == "__main__":
    sys.exit(main())
