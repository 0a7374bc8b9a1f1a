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
from pathlib import Path

from gen_normal_tables import (
    BLOCK_BITS,
    CODE_POINTS,
    VERSION,
    Forms,
    array_lines,
    mapping_lines,
    mappings,
    two_stages,
)
from table_files import TableError, write_or_check
from tokenizers import normalizers, pre_tokenizers

OUTPUT = Path(__file__).resolve().parent.parent / "csrc" / "wordpiece" / "bert_tables.inc"
SIZE_LIMIT = 56 * 1024

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
        forms = Forms()
        self.decomposed, self.classes = forms.decomposed, forms.classes
        self.cleaned = results(bert(clean=True))
        self.spaced = results(bert(han=True))
        self.stripped = results(bert(strip=True))
        self.lowered = results(bert(lower=True))
        self.kinds = {cp: self._kind(cp) for cp in CODE_POINTS}

    def _kind(self, cp: int) -> int:
        words = pre_tokenizers.BertPreTokenizer().pre_tokenize_str(f"a{chr(cp)}a")
        kinds = {("a", "a"): SPACE, ("a", chr(cp), "a"): MARK, (f"a{chr(cp)}a",): WORD}
        return kinds[tuple(word for word, _ in words)]

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


def generate() -> str:
    """Return the text of the tables file."""
    facts = Facts()
    facts.check()
    flags = bytearray(0x110000)
    for cp in CODE_POINTS:
        flags[cp] = facts.flags(cp)
    index, blocks = two_stages(bytes(flags))
    lowered = mappings(facts.lowered)
    size = len(index) + len(blocks) + sum(6 + 4 * len(text) for text in lowered.values())
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
        *mapping_lines("Lowered", lowered),
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
