"""Functions of SQL in DuckDB: against tiktoken, row by row."""

from __future__ import annotations

import doctest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from column_texts import (
    ENCODING,
    MODEL,
    NOT_UTF8,
    OTHER_ENCODING,
    OTHER_MODEL,
    TEXTS,
    as_structs,
    tiktoken_counts,
    tiktoken_fits,
    tiktoken_ids,
)

import tokenkit
import tokenkit.integrations.duckdb as adapter
from tokenkit import Chunker
from tokenkit.integrations.duckdb import register

pytestmark = pytest.mark.engines

MODELS = [(MODEL, OTHER_MODEL, None, OTHER_ENCODING)[row % 4] for row in range(len(TEXTS))]


@pytest.fixture
def connection() -> Iterator[Any]:
    made = register(duckdb.connect())
    documents = pa.table(  # noqa: F841  # DuckDB finds it by its name
        {
            "id": range(len(TEXTS)),
            "text": TEXTS,
            "raw": [None if text is None else text.encode() for text in TEXTS],
            "model": MODELS,
        }
    )
    made.execute("CREATE TABLE documents AS SELECT * FROM documents")
    kinds = ", ".join(f"'{text}'" for text in dict.fromkeys(filter(None, TEXTS[:1] + TEXTS[7:8])))
    made.execute(f"CREATE TYPE kind AS ENUM ({kinds})")
    yield made
    made.close()


def column(connection: Any, expression: str, *arguments: object) -> list[Any]:
    query = f"SELECT {expression} FROM documents ORDER BY id"
    return [row[0] for row in connection.execute(query, list(arguments)).fetchall()]


def test_examples_of_the_module() -> None:
    assert doctest.testmod(adapter).failed == 0


@pytest.mark.parametrize("text", ["text", "raw"])
def test_each_row_is_what_tiktoken_gives(connection: Any, text: str) -> None:
    assert column(connection, f"count_tokens({text}, ?)", MODEL) == tiktoken_counts()
    other = tiktoken_counts(encoding=OTHER_ENCODING)
    assert column(connection, f"count_tokens({text}, ?)", OTHER_ENCODING) == other
    assert column(connection, f"encode_tokens({text}, ?)", MODEL) == tiktoken_ids()
    assert column(connection, f"fits_tokens({text}, ?, 11)", MODEL) == tiktoken_fits(11)
    enc = tokenkit.get_encoding(ENCODING)
    calls: dict[str, dict[str, Any]] = {
        "": {},
        ", 'tail'": {"keep": "tail"},
        ", 'ends', '…'": {"keep": "ends", "marker": "…"},
    }
    for call, options in calls.items():
        short = column(connection, f"truncate_tokens({text}, ?, 5{call})", MODEL)
        assert short == [row and enc.truncate(row, 5, **options) for row in TEXTS]
    chunks = column(connection, f"chunk_tokens({text}, ?, 8)", MODEL)
    chunker = Chunker(MODEL, max_tokens=8)
    assert chunks == [None if row is None else as_structs(chunker.chunk(row)) for row in TEXTS]


def test_types(connection: Any) -> None:
    calls = ["count_tokens('a', m)", "encode_tokens('a', m)", "fits_tokens('a', m, 1)"]
    calls += ["truncate_tokens('a', m, 1)", "chunk_tokens('a', m, 1)"]
    found = connection.execute(
        f"SELECT {', '.join(f'typeof({call})' for call in calls)} FROM (SELECT 'gpt-4' AS m)"
    )
    chunk = (
        'STRUCT("index" INTEGER, "start" BIGINT, "end" BIGINT, tokens INTEGER, "text" VARCHAR, '
        "headings VARCHAR[])[]"
    )
    counts, ids, fits, short, chunks = found.fetchall()[0]
    assert (counts, ids, fits, short) == ("BIGINT", "UINTEGER[]", "BOOLEAN", "VARCHAR")
    assert chunks.replace('"', "") == chunk.replace('"', "")


def test_model_and_limit_may_be_columns(connection: Any) -> None:
    by_model: dict[str | None, list[int | None]] = {
        MODEL: tiktoken_counts(),
        OTHER_MODEL: tiktoken_counts(encoding=OTHER_ENCODING),
        OTHER_ENCODING: tiktoken_counts(encoding=OTHER_ENCODING),
        None: [None] * len(TEXTS),
    }
    expected = [by_model[model][row] for row, model in enumerate(MODELS)]
    assert column(connection, "count_tokens(text, model)") == expected
    fits = column(connection, "fits_tokens(text, model, NULLIF(id, 4))")
    assert fits == [
        None if count is None or row == 4 else count <= row for row, count in enumerate(expected)
    ]
    sums = connection.execute(
        "SELECT model, sum(count_tokens(text, model)) FROM documents GROUP BY model"
    ).fetchall()
    totals: dict[Any, Any] = {}
    for model, count in zip(MODELS, expected, strict=True):
        totals[model] = (totals.get(model) or 0) + (count or 0) if model else None
    assert dict(sums) == totals


def test_limits_of_any_whole_type(connection: Any) -> None:
    for kind in ("TINYINT", "UBIGINT", "HUGEINT"):
        assert column(connection, f"fits_tokens(text, '{MODEL}', 2::{kind})") == tiktoken_fits(2)
    calls = (
        f"truncate_tokens('a b c', '{MODEL}', sum(1)), len(chunk_tokens('a b', '{MODEL}', sum(1)))"
    )
    assert connection.execute(f"SELECT {calls}").fetchall() == [("a", 2)]


def test_nulls_and_no_rows(connection: Any) -> None:
    for call in (
        "count_tokens(NULL, 'gpt-4')",
        "count_tokens('a', NULL)",
        "fits_tokens('a', 'gpt-4', NULL)",
        "truncate_tokens(NULL, NULL, NULL)",
        "chunk_tokens(NULL, 'gpt-4', 1)",
    ):
        assert connection.execute(f"SELECT {call}").fetchall() == [(None,)]
    assert connection.execute("SELECT chunk_tokens('', 'gpt-4', 1)").fetchall() == [([],)]
    nothing = "SELECT count_tokens(text, model) FROM documents WHERE id < 0"
    assert connection.execute(nothing).fetchall() == []


def test_chunks_become_rows(connection: Any) -> None:
    rows = connection.execute(
        "FROM (SELECT id, unnest(chunk_tokens(text, 'gpt-5.4', 8), recursive := true)"
        " FROM documents) ORDER BY id, index"
    ).fetchall()
    chunker = Chunker(MODEL, max_tokens=8)
    assert rows == [
        (row, *chunk.values())
        for row, text in enumerate(TEXTS)
        for chunk in as_structs(chunker.chunk(text or ""))
    ]


def test_enums_and_files(connection: Any, tmp_path: Path) -> None:
    enum = connection.execute("SELECT count_tokens('hello world'::kind, 'gpt-4')").fetchall()
    assert enum == [(2,)]
    connection.execute(f"COPY documents TO '{tmp_path}/d.parquet'")
    many = connection.execute(
        f"SELECT id FROM '{tmp_path}/d.parquet' WHERE count_tokens(text, 'gpt-5.4') > 3 ORDER BY id"
    ).fetchall()
    counts = tiktoken_counts()
    assert many == [(row,) for row, count in enumerate(counts) if count is not None and count > 3]


def test_parallel_queries_agree(connection: Any) -> None:
    connection.execute("SET threads = 4")
    connection.execute(
        "CREATE TABLE many AS"
        " SELECT text || ' ' || n AS text, model FROM documents, range(2000) r(n)"
    )
    query = "SELECT model, sum(count_tokens(text, model)) FROM many GROUP BY model ORDER BY model"
    at_once = connection.execute(query).fetchall()
    connection.execute("SET threads = 1")
    assert connection.execute(query).fetchall() == at_once
    texts = [
        row[0]
        for row in connection.execute(
            "SELECT text FROM many WHERE model = 'gpt-5.4' AND text IS NOT NULL"
        ).fetchall()
    ]
    enc = tokenkit.get_encoding(ENCODING)
    assert dict(at_once)[MODEL] == int(enc.count_batch(texts).sum())


def test_registering_again(tmp_path: Path) -> None:
    first = register(duckdb.connect(tmp_path / "a.db"))
    assert register(first) is first
    second = register(duckdb.connect(tmp_path / "a.db"))  # of the same database
    for connection in (first, second, second.cursor()):
        assert connection.execute("SELECT count_tokens('a b', 'gpt-4')").fetchall() == [(2,)]
    with pytest.raises(duckdb.CatalogException):
        register(second, errors="null")
    register(first, errors="null")
    bad = "SELECT count_tokens('\\xFF'::BLOB, 'gpt-4')"
    assert second.execute(bad).fetchall() == [(None,)]
    first.close()
    second.close()


def test_bytes_that_are_not_utf8(connection: Any) -> None:
    rows = pa.table({"raw": NOT_UTF8, "model": [MODEL, OTHER_MODEL] * 2})  # noqa: F841
    for model in ("'gpt-5.4'", "model"):
        with pytest.raises(duckdb.Error, match=r"count_tokens: text: row 1: .*UTF-8"):
            connection.execute(f"SELECT count_tokens(raw, {model}) FROM rows").fetchall()
    register(connection, errors="null")
    for model in ("'gpt-5.4'", "model"):
        query = (
            f"SELECT count_tokens(raw, {model}), fits_tokens(raw, {model}, 0), "
            f"truncate_tokens(raw, {model}, 1) FROM rows"
        )
        assert connection.execute(query).fetchall() == [
            (1, False, "fine"),
            (None, None, None),
            (None, None, None),
            (0, True, ""),
        ]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("count_tokens('a', 'no-such-model')", "count_tokens: Unknown model 'no-such-model'"),
        ("count_tokens('a', 'o200k_bse')", "count_tokens: .*'o200k_bse'.* o200k_base"),
        ("count_tokens('a', 'claude-opus-5')", "count_tokens: .*'claude-opus-5'"),
        ("count_tokens('a', 5)", "count_tokens: model: expected str, got int"),
        ("count_tokens(5, 'gpt-4')", "count_tokens: text: expected .*, got int32"),
        ("count_tokens(['a'], 'gpt-4')", "count_tokens: text: expected .*, got a list"),
        ("count_tokens('a')", "count_tokens.ANY, ANY."),
        ("fits_tokens('a', 'gpt-4', 1.5)", "fits_tokens: n: expected a whole number"),
        ("truncate_tokens('a', 'gpt-4', -1)", "truncate_tokens: n: expected at least 0"),
        ("truncate_tokens('a', 'gpt-4', 1, 'top')", "truncate_tokens: keep: expected"),
        ("truncate_tokens('a', 'gpt-4', 1, 'head', '', 1)", "expected at most 5 arguments, got 6"),
        ("fits_tokens('a', 'gpt-4', 2.0)", "fits_tokens: n: expected a whole number"),
        ("chunk_tokens('a', 'gpt-4', 0)", "chunk_tokens: n: expected at least 1"),
        ("chunk_tokens('👩‍👩‍👧', 'gpt-4', 1)", "chunk_tokens: text: "),
    ],
)
def test_errors_name_function_and_argument(connection: Any, call: str, reason: str) -> None:
    with pytest.raises(duckdb.Error, match=reason):
        connection.execute(f"SELECT {call}").fetchall()
