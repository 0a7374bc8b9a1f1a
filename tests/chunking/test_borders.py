"""Where a reader would split: between records, pages and sentences, and at separators."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chunk_promises import check_promises

import tokenkit
from tokenkit import Chunker
from tokenkit._core import text_borders
from tokenkit.chunking.formats import FORMATS, format_number

ROWS = [
    {"id": k, "name": f"boat {k}", "note": "It left the harbour, then came back. All well."}
    for k in range(60)
]
DEEP = {"data": {"page": 1, "rows": [{"at": {"x": 1, "y": [2, 3]}, **row} for row in ROWS]}}
ITEMS = "".join(f"<li><b>{row['name']}</b> {row['note']}</li>" for row in ROWS)
CELLS = "".join(f"<tr><td>{k}</td><td>{row['note']}</td></tr>" for k, row in enumerate(ROWS))
XML = "".join(f"<boat><no>{k}</no><note>{row['note']}</note></boat>" for k, row in enumerate(ROWS))
RECORDS = {
    "JSON in one line": (json.dumps(ROWS), '"},'),
    "JSON without blanks": (json.dumps(ROWS, separators=(",", ":")), '"},'),
    "JSON with indentation": (json.dumps(ROWS, indent=2), '"\n  },'),
    "JSON lines": ("".join(json.dumps(row) + "\n" for row in ROWS), '"}'),
    "deep JSON": (json.dumps(DEEP), '"},'),
    "a list in HTML": (f"<ul>{ITEMS}</ul>", "</li>"),
    "a page": (f"<!DOCTYPE html>\n<html><body><ul>\n{ITEMS}\n</ul></body></html>", "</li>"),
    "a table in HTML": (f"<table>{CELLS}</table>", "</tr>"),
    "XML": (f'<?xml version="1.0"?><fleet>{XML}</fleet>', "</boat>"),
}


@pytest.mark.parametrize("tightness", [0, 0.5])
@pytest.mark.parametrize("name", RECORDS)
def test_data_ends_between_records(name: str, tightness: float) -> None:
    source, end = RECORDS[name]
    chunker = Chunker(encoding="o200k_base", max_tokens=130, tightness=tightness)
    chunks = chunker.chunk(source)
    check_promises(source, chunks, chunker)
    wrong = [chunk.text for chunk in chunks[:-1] if not chunk.text.rstrip().endswith(end)]
    assert wrong == []
    assert {chunk.boundary for chunk in chunks[:-1]} == {"block"}


def test_what_is_longer_than_a_chunk_is_split_inside_of_records() -> None:
    for source, _ in RECORDS.values():
        chunker = Chunker(encoding="o200k_base", max_tokens=9)
        check_promises(source, chunker.chunk(source), chunker)


SENTENCES = [
    "We met Dr. Mills there. Then we left.",
    "It was Mrs. Stone who spoke. She was clear.",
    "St. Mary is near. Go there.",
    "On Jan. 5 it rained. On the next day it did not.",
    "They spoke of No. 7 at length. It was late.",
    "See Fig. 3 and vol. 2, p. 12 of it. Then read on.",
    "He likes fruit, e.g. Apples and pears. She does not.",
    "Lions vs. Tigers is a game. It ends at nine.",
    "It was in Jan. The month after was dry.",
    "He said no. Then he left.",
    'She asked "(see No. 4)" of him. He nodded.',
]


@pytest.mark.parametrize("text", SENTENCES)
def test_abbreviations_end_no_sentence(text: str) -> None:
    """Each text has two sentences."""
    borders, _ = text_borders(text, FORMATS["text"])
    ends = [offset for offset, level, _ in borders if level == 5]
    assert len(ends) == 1
    assert text[ends[0] :].startswith((" Then", " She", " Go", " On the", " It", " He n", " The m"))
    for offset, level, penalty in borders:
        if text[:offset].endswith(("Dr.", "Mrs.", "St.", "No.", "Fig.", "p.", "vs.", "e.g.")):
            assert (level, penalty) == (7, 45)  # worse than between other words


@pytest.mark.parametrize("break_", ["\f", "\n\f", "\f\n", "\n\f\n", "\r\n\f"])
def test_pages_are_paragraphs(break_: str) -> None:
    page = "The sea rises and falls twice a day along this coast. Boats go out. "
    source = break_.join(page * 3 for _ in range(6))
    chunks = tokenkit.chunk(source, encoding="o200k_base", max_tokens=64, tightness=0)
    assert {chunk.boundary for chunk in chunks[:-1]} == {"paragraph"}
    assert all(chunk.text.endswith(break_) for chunk in chunks[:-1])


SEPARATED: list[tuple[list[str], str]] = [
    (["\n---8<---\n"], "\n---8<---\n"),
    (["\f"], "\f"),
    (["<|", "|>"], "|>"),
    (["\n\n"], "\n\n\n\n"),
    ([" // "], " // "),
    (["\u3002"], "\u3002"),
]


@pytest.mark.parametrize("strategy", ["optimal", "greedy"])
@pytest.mark.parametrize(("separators", "joint"), SEPARATED)
def test_separators_are_the_best_ends(separators: list[str], joint: str, strategy: Any) -> None:
    part = "The sea rises.\nBoats go out. A third sentence, with a clause."
    source = joint.join(f"{part} {k}." for k in range(40))
    chunker = Chunker(
        encoding="o200k_base", max_tokens=48, separators=separators, strategy=strategy
    )
    chunks = chunker.chunk(source)
    check_promises(source, chunks, chunker)
    assert all(chunk.text.endswith(joint) for chunk in chunks[:-1])
    assert list(chunker.iter_chunks([source[:777], source[777:]])) == chunks
    small = Chunker(encoding="o200k_base", max_tokens=12, separators=separators, strategy=strategy)
    check_promises(source, small.chunk(source), small)


def test_the_first_separator_is_the_best() -> None:
    source = "one two;three four;five six|" * 20
    chunks = tokenkit.chunk(source, encoding="o200k_base", max_tokens=40, separators=["|", ";"])
    assert all(chunk.text.endswith("|") for chunk in chunks)


def test_every_separator_ends_a_border() -> None:
    borders, _ = text_borders("a--b---c--\n\n--d", FORMATS["text"], (b"--",))
    assert [offset for offset, _, penalty in borders if penalty == 0] == [3, 6, 7, 10, 14]
    assert text_borders("a--b", FORMATS["text"], ()) == ([], [])


def test_code_may_be_json() -> None:
    assert format_number("code", ' [{"id": 1}]') == FORMATS["json"]
    assert format_number("text", '[{"id": 1}]') == FORMATS["text"]


HEAD = "| port | depth | note |\n|---|---:|---|\n"
ROWS_OF_TABLE = "".join(f"| Port {k} | {k} m | calm in most winds |\n" for k in range(40))
TABLES = f"# Ports\n\nIntro \ud83d\ude00.\n\n{HEAD}{ROWS_OF_TABLE}\n## After\n\nText. {HEAD}"


@pytest.mark.parametrize("strategy", ["optimal", "greedy", "token"])
@pytest.mark.parametrize(("trim", "overlap", "prefix"), [(False, 0, ""), (True, 9, "T: ")])
def test_the_head_of_a_table_is_in_every_chunk_of_it(
    strategy: Any, trim: bool, overlap: int, prefix: str
) -> None:
    source = TABLES + "\n\n```\n" + HEAD + ROWS_OF_TABLE + "```\n"
    chunker = Chunker(
        encoding="o200k_base",
        max_tokens=100,
        strategy=strategy,
        trim=trim,
        overlap=overlap,
        prefix=prefix,
        table_header=True,
    )
    chunks = chunker.chunk(source)
    start, end = source.index(HEAD), source.index("\n## After")
    inside = [chunk for chunk in chunks if start < chunk.start < end]
    assert len(inside) > 5
    for chunk in chunks:
        assert chunk.text == source[chunk.start : chunk.end]
        assert chunk.tokens == chunker.encoding.count(chunk.text)
        assert chunker.encoding.count(chunk.input) <= 100
        assert chunk.input == prefix + (HEAD if chunk in inside else "") + chunk.text
        assert chunk.headings == (("Ports", "After") if chunk.start >= end else ("Ports",))
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
    assert [chunk.boundary == "end" for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    if not trim:
        assert "".join(chunk.text for chunk in chunks) == source
    assert list(chunker.iter_chunks([source[:99], source[99:]])) == chunks
    assert chunker.chunk("No table. " * 99) == Chunker(
        encoding="o200k_base",
        max_tokens=100,
        strategy=strategy,
        trim=trim,
        overlap=overlap,
        prefix=prefix,
    ).chunk("No table. " * 99)


@pytest.mark.parametrize("overlap", [0, 5])
def test_a_head_of_more_than_half_of_the_room_is_not_repeated(overlap: int) -> None:
    head = tokenkit.count(HEAD, encoding="o200k_base")
    for limit in (2 * (head + overlap), 2 * (head + overlap) - 1):
        chunker = Chunker(
            encoding="o200k_base",
            max_tokens=limit,
            overlap=overlap,
            format="markdown",
            table_header=True,
        )
        chunks = chunker.chunk(HEAD + ROWS_OF_TABLE)
        assert len(chunks) > 2
        repeated = limit // 2 - overlap >= head
        assert {chunk.input == HEAD + chunk.text for chunk in chunks[1:]} == {repeated}
        assert repeated or {chunk.input == chunk.text for chunk in chunks} == {True}
