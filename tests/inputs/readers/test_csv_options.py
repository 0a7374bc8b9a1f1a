"""CSV as other programs write it: delimiters, quotes, escapes, doubled names, no header."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from data_files import ENC
from hypothesis import given, strategies as st
from search import examples

from tokenkit.errors import InputError
from tokenkit.inputs import count_rows


def counted(path: Path, name: str, **options: Any) -> list[int]:
    batches = list(count_rows(path, name, [ENC], **options))
    assert not any(batch.errors for batch in batches)
    return [number for batch in batches for number in batch.tokens[0].tolist()]


CELLS = st.text(st.sampled_from("ab,;'\"\\ \né"), max_size=8)


@examples(40)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5),
    delimiter=st.sampled_from(",;\t|"),
    quote=st.sampled_from("\"'"),
    escape=st.sampled_from([None, "\\"]),
)
def test_what_csv_writes_is_read(
    rows: list[tuple[str, str]],
    delimiter: str,
    quote: str,
    escape: str | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=delimiter,
        quotechar=quote,
        escapechar=escape,
        doublequote=escape is None,
        quoting=csv.QUOTE_ALL,
    )
    writer.writerows(rows)
    path = tmp_path_factory.mktemp("csv") / "r.csv"
    path.write_text(out.getvalue(), "utf-8", newline="")
    options = {"delimiter": delimiter, "quote": quote, "escape": escape, "header": False}
    for column in (0, 1):
        expected = [ENC.count(row[column]) for row in rows]
        assert counted(path, str(column + 1), **options) == expected


@pytest.mark.parametrize(
    ("content", "name", "options", "expected"),
    [
        ('id,text\n1,"he said \\"hi, you\\" twice"\n', "text", {"escape": "\\"}, "he said"),
        ("text,text\na,b c\n", "text", {}, "expected one column 'text', got columns 1, 2 of"),
        ("text,text\na,b c\n", "text", {"header": True}, "expected one column 'text'"),
        ("text,text\na,b c\n", "2", {"header": True}, [2]),
        ("1,a b\n2,c\n", "1", {}, "got a first line that may be a header or a row: 1, a b; say"),
        ("1,a b\n2,c\n", "1", {"header": True}, [1]),
        ("1,a b\n2,c\n", "2", {"header": False}, [2, 1]),
        ("\n1,a b\n2,c\n", "2", {"header": False}, [2, 1]),
        ("1,a b\n2,c\n", "2", {}, "expected a column '2', got 1, a b; to name one by its number"),
        ("a\tb\n1\t2\n", "b", {}, "perhaps the delimiter is a tab: name it"),
        ("a;b\n1;2\n", "b", {}, "perhaps the delimiter is ';': name it"),
        ("a,b\n1,2\n", "3", {"header": False}, "the number of a column, from 1 to 2, got '3'"),
        ("a,b\n1,2\n", "b", {"header": False}, "the number of a column, from 1 to 2, got 'b'"),
        ("", "t", {}, "expected a column 't', got an empty file"),
        ("id,gr\udcfc\udcdfe\n1,2\n", "t", {}, "the first line is not UTF-8: name its encoding"),
        ("", "1", {"header": False}, "the number of a column, from 1 to 0, got '1'"),
    ],
)
def test_columns(
    content: str, name: str, options: dict[str, Any], expected: Any, tmp_path: Path
) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    if expected == "he said":
        expected = [ENC.count('he said "hi, you" twice')]
    if isinstance(expected, list):
        assert counted(path, name, **options) == expected
        return
    with pytest.raises(InputError) as caught:
        counted(path, name, **options)
    assert expected in str(caught.value)


@pytest.mark.parametrize("word", ["delimiter", "quote", "escape"])
@pytest.mark.parametrize("value", ["", ";;", "\n"])
def test_characters_are_single(word: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"{word}: expected one character, got"):
        counted(tmp_path / "r.csv", "t", **{word: value})
