"""Draws docs/chunks.svg, one document cut by several chunkers::

    python -m benchmarks.chunkers.picture

Run it again after a change of what chunks are: a test compares our column with the file.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from html import escape
from pathlib import Path

from benchmarks.chunkers.peers import CHUNKERS, Part
from benchmarks.chunkers.quality import located
from benchmarks.corpus import ROOT

FILE = ROOT / "docs" / "chunks.svg"
ENCODING, CHUNK_SIZE = "o200k_base", 90
SHOWN = ["tokenkit optimal", "langchain Recursive", "semchunk", "chonkie Recursive"]
DOCUMENT = """\
# Tides

The sea rises and falls twice a day. The moon pulls
at the water, and the earth turns below it.

## Spring and neap

When sun and moon stand in one line, their pulls add
up: the tide is high. Sailors call it a spring tide.
When they stand at a right angle, they work against
each other, and the tide is low: a neap tide.

## A table

| day | high water | metres |
|-----|------------|--------|
| Mon | 04:12      | 3.9    |
| Tue | 05:01      | 4.2    |
| Wed | 05:47      | 4.4    |

## In code

```python
def height(hours, mean=2.0, range=3.5):
    turn = 2 * pi * hours / 12.42
    return mean + range / 2 * cos(turn)

def next_high(now):
    return now + 12.42 - now % 12.42
```

## Why it matters

Harbours open their gates at high water. Who comes
late waits for half a day. Mussels open when they
are covered, and birds come when they are not.

Power can be had from tides, too. A wall across a bay
lets water in and holds it back; when the sea has
fallen, it runs out through turbines.
"""
COLOURS = ["#cfe3f5", "#fbe3c4", "#d5ecd0", "#f3d3e3"]
# A monospaced letter at this size, in pixels.
LETTER, LINE, FONT = 4.2, 10, 7
COLUMN, TOP, LEFT, COUNT_WIDTH = 262, 42, 8, 26


@dataclass(frozen=True)
class Stretch:
    """Part of one line that belongs to one chunk."""

    line: int
    start: int
    end: int
    chunk: int


def stretches(parts: list[Part], text: str) -> list[Stretch]:
    """The chunks' places on the lines of the text; a line's end belongs to its last letter."""
    found = []
    for number, (part, place) in enumerate(zip(parts, located(parts, text), strict=True)):
        line = text.count("\n", 0, place)
        column = place - (text.rfind("\n", 0, place) + 1)
        for row in part.text.split("\n"):
            if row:
                found.append(Stretch(line, column, column + len(row), number))
            line, column = line + 1, 0
    return found


def column(title: str, parts: list[Part], counts: list[int], left: float) -> str:
    """One chunker's column."""
    lines = [f'<g class="{escape(title)}">',
             f'<text class="title" x="{left:g}" y="20">{escape(title)}</text>',
             f'<text x="{left:g}" y="32">{len(parts)} chunks: {", ".join(map(str, counts))} tokens'
             "</text>"]  # fmt: skip
    labelled = set()
    rows = DOCUMENT.split("\n")
    for one in stretches(parts, DOCUMENT):
        x, y = left + LETTER * one.start, TOP + LINE * one.line
        width = LETTER * (one.end - one.start)
        colour = COLOURS[one.chunk % len(COLOURS)]
        lines.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{LINE}" fill="{colour}"/>'
        )
        text = escape(rows[one.line][one.start : one.end])
        lines.append(
            f'<text class="code" xml:space="preserve" x="{x:g}" y="{y + 7.5:g}">{text}</text>'
        )
        if one.chunk not in labelled:
            labelled.add(one.chunk)
            at = left + COLUMN - COUNT_WIDTH - 8
            lines.append(f'<text x="{at:g}" y="{y + 7.5:g}">{counts[one.chunk]}</text>')
    return "\n".join([*lines, "</g>"])


def cut(name: str) -> tuple[list[Part], list[int]]:
    """A chunker's parts of the document, and their counts."""
    import tokenkit

    parts = CHUNKERS[name].load(ENCODING, CHUNK_SIZE, 0).parts(DOCUMENT)
    enc = tokenkit.get_encoding(ENCODING)
    return parts, [enc.count(part.text) for part in parts]


def drawn(names: list[str]) -> str:
    width = LEFT + COLUMN * len(names)
    height = TOP + LINE * DOCUMENT.count("\n") + 8
    columns = [column(name, *cut(name), LEFT + COLUMN * i) for i, name in enumerate(names)]
    style = (
        f"text {{ font: {FONT}px sans-serif; fill: #222 }} "
        f".code {{ font: {FONT}px monospace; white-space: pre }} "
        ".title { font: bold 10px sans-serif }"
    )
    label = f"One document cut at {CHUNK_SIZE} tokens by {', '.join(names)}"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(label)}</title>",
        f"<style>{style}</style>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
        *columns,
        "</svg>\n",
    ])  # fmt: skip


def main() -> None:
    import os

    from benchmarks.vocabularies import prepare

    with tempfile.TemporaryDirectory(prefix="tokenkit-picture-") as folder:
        prepare(ENCODING, ["tiktoken"], Path(folder))
        os.environ["TIKTOKEN_CACHE_DIR"] = folder
        FILE.write_text(drawn(SHOWN), encoding="utf-8")
    print(f"written to {FILE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
