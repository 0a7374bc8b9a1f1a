"""Functions of SQL in SQLite: against tiktoken, row by row."""

from __future__ import annotations

import doctest
import sqlite3
from collections.abc import Iterator

import pytest
from column_texts import (
    ENCODING,
    MODEL,
    OTHER_ENCODING,
    OTHER_MODEL,
    TEXTS,
    tiktoken_counts,
    tiktoken_fits,
)

import tokenkit
import tokenkit.integrations.sqlite as adapter
from tokenkit.integrations.sqlite import register


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = register(sqlite3.connect(":memory:"))
    made.execute("CREATE TABLE documents (id INTEGER PRIMARY KEY, text TEXT, raw BLOB)")
    made.executemany(
        "INSERT INTO documents (text, raw) VALUES (?, ?)",
        [(text, None if text is None else text.encode()) for text in TEXTS],
    )
    yield made
    made.close()


def column(connection: sqlite3.Connection, expression: str, *arguments: object) -> list[object]:
    rows = connection.execute(f"SELECT {expression} FROM documents ORDER BY id", arguments)
    return [row[0] for row in rows]


def test_examples_of_the_module() -> None:
    assert doctest.testmod(adapter).failed == 0


@pytest.mark.parametrize("text", ["text", "raw"])
def test_each_row_is_what_tiktoken_gives(connection: sqlite3.Connection, text: str) -> None:
    assert column(connection, f"count_tokens({text}, ?)", MODEL) == tiktoken_counts()
    other = tiktoken_counts(encoding=OTHER_ENCODING)
    assert column(connection, f"count_tokens({text}, ?)", OTHER_ENCODING) == other
    assert column(connection, f"fits_tokens({text}, ?, 11)", MODEL) == tiktoken_fits(11)
    enc = tokenkit.get_encoding(ENCODING)
    for call, options in (
        ("", {}),
        (", 'tail'", {"keep": "tail"}),
        (", 'ends', '…'", {"keep": "ends", "marker": "…"}),
    ):
        short = column(connection, f"truncate_tokens({text}, ?, 5{call})", MODEL)
        assert short == [row and enc.truncate(row, 5, **options) for row in TEXTS]  # type: ignore[arg-type]


def test_the_model_may_be_a_column_and_null(connection: sqlite3.Connection) -> None:
    model = f"CASE id % 3 WHEN 0 THEN '{MODEL}' WHEN 1 THEN '{OTHER_MODEL}' END"
    rows = zip(tiktoken_counts(), tiktoken_counts(encoding=OTHER_ENCODING), strict=True)
    expected = [(one, other, None)[id % 3] for id, (one, other) in enumerate(rows, 1)]
    assert column(connection, f"count_tokens(text, {model})") == expected
    assert column(connection, "fits_tokens(text, 'gpt-4', NULL)") == [None] * len(TEXTS)


def test_an_index_may_be_made_of_a_count(connection: sqlite3.Connection) -> None:
    connection.execute(f"CREATE INDEX tokens ON documents (count_tokens(text, '{MODEL}'))")
    found = f"SELECT id FROM documents WHERE count_tokens(text, '{MODEL}') > 3"
    plan = connection.execute(f"EXPLAIN QUERY PLAN {found}").fetchall()
    assert "USING INDEX tokens" in str(plan) or "USING COVERING INDEX tokens" in str(plan)
    expected = {id for id, count in enumerate(tiktoken_counts(), 1) if (count or 0) > 3}
    assert {row[0] for row in connection.execute(found)} == expected


def test_bytes_that_are_not_utf8_may_give_null(connection: sqlite3.Connection) -> None:
    register(connection, errors="null")  # in place of those that raise
    query = "SELECT count_tokens(x'61FF', 'gpt-4'), truncate_tokens(x'FF', 'gpt-4', 1)"
    assert connection.execute(query).fetchall() == [(None, None)]
    assert column(connection, "count_tokens(raw, ?)", MODEL) == tiktoken_counts()
    with pytest.raises(ValueError, match="errors: expected"):
        register(connection, errors="ignore")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("count_tokens('a', 'no-such-model')", "^count_tokens: Unknown model 'no-such-model'"),
        ("count_tokens('a', 'o200k_bse')", "^count_tokens: .*'o200k_bse'.* o200k_base"),
        ("count_tokens('a', 'claude-opus-5')", "^count_tokens: .*'claude-opus-5'"),
        ("count_tokens('a', 5)", "^count_tokens: model: expected str, got int"),
        ("count_tokens(5, 'gpt-4')", "^count_tokens: text: expected TEXT or BLOB, got INTEGER"),
        ("count_tokens(1.5, 'gpt-4')", "^count_tokens: text: expected TEXT or BLOB, got REAL"),
        ("count_tokens(x'61FF', 'gpt-4')", "^count_tokens: text: invalid UTF-8 at byte 1$"),
        ("fits_tokens('a', 'gpt-4', 1.5)", "^fits_tokens: n: expected a whole number"),
        ("truncate_tokens('a', 'gpt-4', -1)", "^truncate_tokens: n: expected at least 0"),
        ("truncate_tokens('a', 'gpt-4', 1, 'top')", "^truncate_tokens: keep: expected"),
    ],
)
def test_a_warning_says_what_sqlite_does_not(
    connection: sqlite3.Connection, call: str, reason: str
) -> None:
    with (
        pytest.warns(tokenkit.TokenkitWarning, match=reason),
        pytest.raises(sqlite3.OperationalError),
    ):
        connection.execute(f"SELECT {call}").fetchall()
