#!/usr/bin/env python3
"""Write csrc/wordpiece/bert_tables.inc: what BertNormalizer and BertPreTokenizer do to characters.

    python tools/gen_bert_tables.py            # write the file
    python tools/gen_bert_tables.py --check    # exit 1 if the file is not what would be written

The source is the package ``tokenizers`` 0.23.3 itself, asked about every code point. It has data of
several versions of Unicode (general categories of about 8.0, decompositions of 9.0, lower case of
17.0), so no single version of the Unicode Character Database could stand for it.

The generator also proves what csrc/wordpiece/chars.hpp rests on: no character becomes text of
which a part separates words and a part does not, and characters that separate words never move
when combining marks are put in order.

The layout of the tables is that of ``csrc/wordpiece/chars.hpp``.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import tokenizers
from table_files import TableError, write_or_check
from tokenizers import normalizers, pre_tokenizers

VERSION = "0.23.3"
OUTPUT = Path(__file__).resolve().parent.parent / "csrc" / "wordpiece" / "bert_tables.inc"
SIZE_LIMIT = 72 * 1024
BLOCK_BITS = 7
CODE_POINTS = [cp for cp in range(0x110000) if not 0xD800 <= cp < 0xE000]
HANGUL = range(0xAC00, 0xD7A4)  # decomposed by arithmetic

# Bits of a character, as in chars.hpp: two kinds of two bits, then four flags.
WORD, SPACE, MARK, NOTHING = range(4)
CONTROL, HAN, DECOMPOSES, LOWERS = 1 << 4, 1 << 5, 1 << 6, 1 << 7


def bert(
    *, clean: bool = False, han: bool = False, strip: bool = False, lower: bool = False
) -> normalizers.BertNormalizer:
    """Return the normalizer that does these steps and no other."""
    return normalizers.BertNormalizer(
        clean_text=clean, handle_chinese_chars=han, strip_accents=strip, lowercase=lower
    )


def results(normalizer: normalizers.Normalizer) -> dict[int, str]:
    """Return what a normalizer makes of each character between two letters."""
    return {cp: normalizer.normalize_str(f"a{chr(cp)}a")[1:-1] for cp in CODE_POINTS}


class Facts:
    """Facts about each code point, which the package is asked for."""

    def __init__(self) -> None:
        if tokenizers.__version__ != VERSION:
            raise TableError(f"expected tokenizers {VERSION}, got {tokenizers.__version__}")
        self.cleaned = results(bert(clean=True))
        self.spaced = results(bert(han=True))
        self.stripped = results(bert(strip=True))
        self.lowered = results(bert(lower=True))
        self.decomposed = results(normalizers.NFD())
        self.kinds = {cp: self._kind(cp) for cp in CODE_POINTS}
        self.classes = self._combining_classes()

    def _kind(self, cp: int) -> int:
        words = pre_tokenizers.BertPreTokenizer().pre_tokenize_str(f"a{chr(cp)}a")
        kinds = {("a", "a"): SPACE, ("a", chr(cp), "a"): MARK, (f"a{chr(cp)}a",): WORD}
        return kinds[tuple(word for word, _ in words)]

    def _combining_classes(self) -> dict[int, int]:
        """Find the canonical combining classes by the order in which NFD puts two marks."""
        nfd = normalizers.NFD().normalize_str
        lowest, highest = "\u0334", "\u0345"

        def in_order(first: str, second: str) -> bool:
            return str(nfd(f"a{first}{second}")) == f"a{first}{second}"

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

    def kind_of(self, text: str) -> int:
        """Return the kind that all characters of a text have."""
        kinds = {self.kinds[ord(char)] for char in text}
        if not kinds:
            return NOTHING
        if len(kinds) > 1 or (kinds == {MARK} and len(text) > 1):
            raise TableError(f"{text!r} is of several kinds")
        return kinds.pop()

    def flags(self, cp: int) -> int:
        """Return the byte of a character in the table."""
        char = chr(cp)
        out = self.kinds[cp] | self.kind_of(self.stripped[cp]) << 2
        cleaned = self.cleaned[cp]
        if cleaned not in ("", " ", char) or (cleaned == " ") != (
            self.kinds[cp] == SPACE and cleaned != ""
        ):
            raise TableError(f"cleaning makes {cleaned!r} of U+{cp:04X}")
        spaced = self.spaced[cp]
        if spaced not in (char, f" {char} "):
            raise TableError(f"U+{cp:04X} becomes {spaced!r}")
        out |= CONTROL * (not cleaned) | HAN * (spaced != char)
        out |= DECOMPOSES * (self.decomposed[cp] != char) | LOWERS * (self.lowered[cp] != char)
        return out

    def check(self) -> None:
        """Raise TableError unless what the code rests on is so."""
        for cp in CODE_POINTS:
            parts = self.decomposed[cp]
            wanted = "".join(part for part in parts if self.stripped[ord(part)])
            if self.stripped[cp] != wanted:
                raise TableError(f"U+{cp:04X}: accents are not stripped part by part")
            lowered = "".join(self.lowered[ord(part)] for part in self.stripped[cp])
            for result in (self.lowered[cp], lowered):
                if self.kind_of(result) != self.kind_of(
                    self.stripped[cp] if result is lowered else chr(cp)
                ):
                    raise TableError(f"U+{cp:04X}: lower case is of another kind")
            longest = 4 if cp > 0xFFFF else 3 if cp > 0x7FF else 2 if cp > 0x7F else 1
            if max(len(lowered), len(self.lowered[cp])) > longest:
                raise TableError(f"U+{cp:04X} becomes more characters than it has bytes")
            separates = self.kinds[cp] != WORD or len(self.spaced[cp]) > 1
            if (separates or self.kind_of(self.stripped[cp]) in (SPACE, MARK)) and any(
                ord(part) in self.classes for part in parts[:1]
            ):
                raise TableError(f"U+{cp:04X} separates words, and moves")
        for cp in HANGUL:
            if self.decomposed[cp] != unicodedata.normalize("NFD", chr(cp)):
                raise TableError(f"U+{cp:04X} is not decomposed by arithmetic")


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


def generate() -> str:
    """Return the text of the tables file."""
    facts = Facts()
    facts.check()
    flags = bytearray(0x110000)
    for cp in CODE_POINTS:
        flags[cp] = facts.flags(cp)
    index, blocks = two_stages(bytes(flags))
    decomposed, lowered = mappings(facts.decomposed, HANGUL), mappings(facts.lowered)
    runs = class_runs(facts.classes)
    size = len(index) + len(blocks) + 12 * len(runs)
    size += sum(6 + 4 * len(text) for table in (decomposed, lowered) for text in table.values())
    if size > SIZE_LIMIT:
        raise TableError(f"the tables take {size} bytes, more than {SIZE_LIMIT}")
    lines = [
        "// Generated by tools/gen_bert_tables.py. Do not edit: change and run the generator.",
        f"// What tokenizers {VERSION} does to each code point. {size} bytes of tables.",
        "// Data (c) Unicode, Inc., used under the Unicode License v3"
        " (https://www.unicode.org/license.txt).",
        "// clang-format off",
        "",
        f"static_assert(kBlockBits == {BLOCK_BITS});",
        "",
        *array_lines("uint8_t", "kIndex", index),
        *array_lines("uint8_t", "kBlocks", blocks),
        *mapping_lines("Decomposed", decomposed),
        *mapping_lines("Lowered", lowered),
        *array_lines("uint32_t", "kCombiningFirst", (first for first, _, _ in runs)),
        *array_lines("uint32_t", "kCombiningLast", (last for _, last, _ in runs)),
        *array_lines("uint8_t", "kCombiningClass", (number for _, _, number in runs)),
        "// clang-format on",
    ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write or check the tables file; return the exit status."""
    return write_or_check(
        "gen_bert_tables", "Generate the tables of csrc/wordpiece.", OUTPUT, generate, arguments
    )


if __name__ == "__main__":
    sys.exit(main())
