"""A data set of several files, and the chunks that its rows have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
from cli_runs import run

import tokenkit

WORDS = ("-e", "r50k_base", "-n", 12)
CHUNKER = tokenkit.Chunker(encoding="r50k_base", max_tokens=12)
COLUMNS = ["file", "index", "start", "end", "tokens", "text", "headings"]


def texts_of(number: int) -> list[str | None]:
    """Texts of a file: empty ones, nulls, headings, and characters of all widths."""
    made: list[str | None] = []
    for row in range(40):
        words = f"word {number} {row} é 漢 👩‍👩‍👧 " * (row * 7 % 11)
        made.append(None if row % 9 == 4 else f"# Title {row}\n\n{words}" if row % 3 else words)
    return made


def write_lake(folder: Path) -> dict[str, list[str | None]]:
    """Write files of every kind; return the texts of each, by its name."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        name: texts_of(number) for number, name in enumerate(["a.jsonl", "b.csv", "c.parquet"])
    }
    lines = [json.dumps({"id": i, "body": text}) for i, text in enumerate(texts["a.jsonl"])]
    (folder / "a.jsonl").write_text("\n".join(lines))
    texts["b.csv"] = [text or "" for text in texts["b.csv"]]
    quoted = ['"' + text.replace('"', '""') + '"' for text in texts["b.csv"] if text is not None]
    rows = "".join(f"{i},{text}\n" for i, text in enumerate(quoted))
    (folder / "b.csv").write_text(f"id,body\n{rows}", "utf-8", newline="")
    table = pyarrow.table({"body": texts["c.parquet"], "id": range(len(texts["c.parquet"]))})
    pyarrow.parquet.write_table(table, folder / "c.parquet", row_group_size=7)
    return texts


def expected_chunks(lake: str, texts: dict[str, list[str | None]]) -> list[dict[str, Any]]:
    """The chunks of all rows, as the library gives them."""
    return [
        {
            "row": row,
            "file": f"{lake}/{name}",
            "index": chunk.index,
            "start": chunk.start,
            "end": chunk.end,
            "tokens": chunk.tokens,
            "text": chunk.text,
            "headings": list(chunk.headings),
        }
        for name, rows in texts.items()
        for row, text in enumerate(rows)
        if text is not None
        for chunk in CHUNKER.chunk(text)
    ]


def chunk(*arguments: object) -> Any:
    """Run the command on the column of such files."""
    return run("chunk", "--column", "body", *WORDS, *arguments)


def contents(path: Path) -> dict[str, bytes]:
    """The bytes of a file, or of each file in a folder."""
    if path.is_file():
        return {path.name: path.read_bytes()}
    return {entry.name: entry.read_bytes() for entry in sorted(path.iterdir())}
