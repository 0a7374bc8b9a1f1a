"""Chunks of Arrow columns: those of `Chunker.chunk`, row by row, whatever the column is made of."""

from __future__ import annotations

import datetime
import decimal
import gc
import random
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import own_patterns
import polars as pl
import pyarrow as pa
import pytest
from arrow_types import PLAIN_TYPES
from chunk_streams import data_text, hostile_text, random_settings
from search import by_profile

import tokenkit
from tokenkit import ArrowChunks, Chunker, ContextOverflowError
from tokenkit._core import ArrowColumn as CoreColumn, stream_capsule
from tokenkit.encodings import repaired

FIELDS = ["index", "start", "end", "tokens", "text", "headings"]
TYPES = [
    *PLAIN_TYPES,
    pa.dictionary(pa.int8(), pa.string()),
    pa.dictionary(pa.uint32(), pa.large_binary()),
]
SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("index", pa.int32()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("tokens", pa.int32()),
        ("text", pa.string()),
        ("headings", pa.list_(pa.string())),
    ]
)
TEXT = (
    "# Tides\n\nThe sea rises. The moon pulls.\n\nNeap\nand spring\n---\n\nSun and moon differ.\n"
)
ROWS = [TEXT, None, "", "naïve 漢字 🙂, and more of it", "x" * 50, TEXT, None]
SMALL = Chunker(encoding="o200k_base", max_tokens=8)


def arrow(rows: list[str | None], kind: Any) -> Any:
    if pa.types.is_dictionary(kind):
        return pa.array(rows).cast(kind.value_type).dictionary_encode().cast(kind)
    return pa.array(rows, pa.string()).cast(kind)


def listed(chunker: Chunker, rows: list[str | None]) -> list[list[dict[str, Any]] | None]:
    """Return what `chunk` gives for each row, as dicts."""
    return [
        None
        if row is None
        else [
            {name: getattr(chunk, name) for name in FIELDS} | {"headings": list(chunk.headings)}
            for chunk in chunker.chunk(row)
        ]
        for row in rows
    ]


def flat(chunker: Chunker, rows: list[str | None], ids: list[Any] | None = None) -> list[Any]:
    name = "row" if ids is None else "id"
    return [
        {name: number if ids is None else ids[number], **chunk}
        for number, chunks in enumerate(listed(chunker, rows))
        for chunk in chunks or ()
    ]


def table_of(chunks: Any) -> Any:
    table = pa.table(chunks)
    table.validate(full=True)
    return table


class Stream:
    """An Arrow stream of texts that is read once, and has no length."""

    def __init__(self, parts: Iterable[list[Any]]) -> None:
        self.read = 0
        self.columns = self.counted(parts)

    def counted(self, parts: Iterable[list[Any]]) -> Iterator[CoreColumn]:
        for part in parts:
            self.read += 1
            yield CoreColumn("u", part)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return stream_capsule(CoreColumn("u", []), self.columns)


# The chunks are those of each row


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_types(kind: Any) -> None:
    whole = arrow(ROWS, kind)
    assert table_of(SMALL.chunk_arrow(whole)).to_pylist() == flat(SMALL, ROWS)
    assert table_of(SMALL.chunk_arrow(whole[2:6])).to_pylist() == flat(SMALL, ROWS[2:6])
    chunked = pa.chunked_array([whole[1:], whole[:0], whole], kind)
    assert table_of(SMALL.chunk_arrow(chunked)).to_pylist() == flat(SMALL, ROWS[1:] + ROWS)
    assert pa.array(SMALL.chunk_arrow_lists(chunked[3:9])).to_pylist() == listed(
        SMALL, (ROWS[1:] + ROWS)[3:9]
    )


def test_nothing_has_the_types_of_something() -> None:
    for column in (pa.array([], pa.string()), pa.nulls(3), pa.array([None, ""])):
        table = table_of(SMALL.chunk_arrow(column))
        assert (table.schema, table.num_rows) == (SCHEMA, 0)
    chunks = SMALL.chunk_arrow(pa.array(ROWS))
    assert pa.schema(chunks) == table_of(chunks).schema == SCHEMA
    lists = pa.array(SMALL.chunk_arrow_lists(pa.array([], pa.string())))
    assert lists.type == pa.list_(pa.struct(list(SCHEMA)[1:]))
    assert pa.array(SMALL.chunk_arrow_lists(pa.nulls(2))).to_pylist() == [None, None]


def random_rows(rng: random.Random) -> list[str | None]:
    rows: list[str | None] = []
    for _ in range(rng.randrange(1, 8)):
        make = rng.choice([hostile_text, data_text])
        text = repaired(make(rng, rng.choice([10, 300, 6_000])))
        rows.append(rng.choice([text, text, text, None, "", TEXT]))
    return rows


def random_chunker(rng: random.Random) -> Chunker:
    while True:
        options = random_settings(rng, rng.choice(["o200k_base", "cl100k_base", "r50k_base"]))
        if rng.random() < 0.4:
            options["strategy"] = "optimal"
        options["table_header"] = rng.random() < 0.2 and options["max_tokens"] > 20
        try:
            return Chunker(**options)
        except ValueError:
            continue  # no room for text


def first_failure(chunker: Chunker, rows: list[str | None]) -> str | None:
    for number, row in enumerate(rows):
        try:
            chunker.chunk(row or "")
        except ContextOverflowError as error:
            return f"row {number}: {error}"
    return None


@pytest.mark.parametrize("seed", range(by_profile(40, 600)))
def test_every_setting(seed: int) -> None:
    rng = random.Random(seed)
    chunker, rows = random_chunker(rng), random_rows(rng)
    whole = arrow(rows, rng.choice(TYPES))
    at = rng.randrange(len(rows) + 1)
    column = rng.choice([whole, pa.chunked_array([whole[:at], whole[at:]], whole.type)])
    threads = rng.choice([None, 1, 3])
    failure = first_failure(chunker, rows)
    if failure is not None:
        for method in (chunker.chunk_arrow, chunker.chunk_arrow_lists):
            with pytest.raises(ContextOverflowError) as raised:
                method(column, num_threads=threads)
            assert str(raised.value) == failure
            assert f"at least {raised.value.needed} " in failure
        return
    chunks = chunker.chunk_arrow(column, num_threads=threads)
    assert table_of(chunks).to_pylist() == flat(chunker, rows)
    lists = chunker.chunk_arrow_lists(column, num_threads=threads)
    assert pa.array(lists).to_pylist() == lists.to_pylist() == listed(chunker, rows)


def test_encodings_with_a_pattern_of_ones_own() -> None:
    enc = own_patterns.make(r"\w+|\W+")
    chunker = Chunker(encoding=enc, max_tokens=20, format="markdown")
    ids = [bytes([i]) for i in range(len(ROWS))]
    for kind in TYPES:
        chunks = chunker.chunk_arrow(arrow(ROWS, kind), ids=pa.array(ids))
        assert table_of(chunks).to_pylist() == flat(chunker, ROWS, ids)
    assert chunker.chunk_arrow_lists(pa.array(ROWS)).to_pylist() == listed(chunker, ROWS)
    column = pa.array([b"a", b"\xff", b"b c"])
    chunks = chunker.chunk_arrow(column, errors="null")
    assert [row["row"] for row in chunks.to_pylist()] == [0, 2]
    assert chunks.invalid_count == 1
    with pytest.raises(ContextOverflowError, match="row 1: max_tokens: expected at least 3 "):
        Chunker(encoding=enc, max_tokens=2).chunk_arrow(pa.array(["ab", "漢字"]))


def test_headings_of_several_lines_become_one() -> None:
    rows: list[str | None] = [
        "One\n  two\n\x0bthree \n===\n\nWords.\n\n### Deep\n\n## Up\n\nEnd.",
        TEXT,
    ]
    chunker = Chunker(encoding="o200k_base", max_tokens=9, format="markdown")
    chunks = chunker.chunk_arrow(pa.array(rows)).to_pylist()
    assert chunks == flat(chunker, rows)
    assert ["Tides", "Neap and spring"] in [chunk["headings"] for chunk in chunks]


# Ids

MOMENT = datetime.datetime(2026, 3, 1, 12, 30)
IDS: list[tuple[Any, list[Any]]] = [
    (pa.int8(), [1, None, -3]),
    (pa.uint64(), [2**64 - 1, None, 0]),
    (pa.float16(), [1.5, None, -2.0]),
    (pa.float64(), [0.1, None, 3.0]),
    (pa.bool_(), [True, None, False]),
    (pa.date32(), [MOMENT.date(), None, MOMENT.date()]),
    (pa.date64(), [MOMENT.date(), None, MOMENT.date()]),
    (pa.time32("s"), [MOMENT.time(), None, MOMENT.time()]),
    (pa.time64("us"), [MOMENT.time(), None, MOMENT.time()]),
    (pa.timestamp("us"), [MOMENT, None, MOMENT]),
    (pa.timestamp("s", "UTC"), [MOMENT.replace(tzinfo=datetime.timezone.utc), None, None]),
    (pa.duration("ms"), [datetime.timedelta(seconds=3), None, datetime.timedelta()]),
    (pa.month_day_nano_interval(), [pa.MonthDayNano([1, 2, 3]), None, pa.MonthDayNano([0, 0, 1])]),
    (pa.decimal128(5, 2), [decimal.Decimal("1.25"), None, decimal.Decimal(-2)]),
    (pa.decimal256(50, 2), [decimal.Decimal("1.25"), None, decimal.Decimal(-2)]),
    (pa.binary(3), [b"abc", None, b"\xff\x00\xfe"]),
    (pa.string(), ["a", None, "a longer one than twelve"]),
    (pa.large_string(), ["a", None, "a longer one than twelve"]),
    (pa.binary(), [b"\xff", None, b""]),
    (pa.large_binary(), [b"\xff", None, b""]),
]


@pytest.mark.parametrize(("kind", "ids"), IDS, ids=[str(kind) for kind, _ in IDS])
def test_ids_keep_type_and_nulls(kind: Any, ids: list[Any]) -> None:
    rows: list[str | None] = [TEXT, "a b c", "", TEXT]
    values = [ids[2], ids[1], ids[0], ids[0]]
    whole = pa.array(values, kind)
    sliced = pa.concat_arrays([whole[:1], whole])[1:]
    chunked = pa.chunked_array([whole[:1], whole[1:1], whole[1:]])
    for column in (whole, sliced, chunked):
        table = table_of(SMALL.chunk_arrow(pa.array(rows), ids=column))
        assert table.schema.field("id").type == kind
        assert table["id"].to_pylist() == [row["id"] for row in flat(SMALL, rows, values)]
        assert table.column_names == ["id", *FIELDS]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pa.array(["a", "b", "a"]).cast(pa.string_view()), pa.string()),
        (pa.array([b"a", b"b" * 20, b"a"]).cast(pa.binary_view()), pa.binary()),
        (pa.array(["a", None, "a"]).dictionary_encode(), pa.string()),
        (pa.array([5, None, 7]).dictionary_encode(), pa.int64()),
        (pa.array([True, False, None]).dictionary_encode(), pa.bool_()),
    ],
    ids=str,
)
def test_ids_of_views_and_dictionaries_are_their_values(values: Any, kind: Any) -> None:
    table = table_of(SMALL.chunk_arrow(pa.array([TEXT, "b", "c"]), ids=values))
    assert table["id"].type == kind
    listed_ids = values.to_pylist()
    assert table["id"].to_pylist() == [listed_ids[0]] * (table.num_rows - 2) + listed_ids[1:]


def test_ids_and_rows_may_be_cut_at_other_places() -> None:
    texts: list[str | None] = [f"row {i}, and more. " * (i % 4) for i in range(3_000)]
    rng = random.Random(1)
    for _ in range(4):
        cuts = [sorted(rng.choices(range(3_001), k=5)) for _ in range(2)]
        text_parts, id_parts = (
            [(a, b) for a, b in zip([0, *cut], [*cut, 3_000], strict=True)] for cut in cuts
        )
        column = pa.chunked_array([pa.array(texts[a:b], pa.string()) for a, b in text_parts])
        ids = pa.chunked_array([pa.array(range(a, b), pa.int16()) for a, b in id_parts])
        table = table_of(SMALL.chunk_arrow(column, ids=ids))
        assert table["id"].to_pylist() == table_of(SMALL.chunk_arrow(column))["row"].to_pylist()


@pytest.mark.parametrize(
    ("ids", "error", "words"),
    [
        (pa.array([1]), ValueError, "ids: expected one for each of the 2 rows, got 1"),
        (pa.array([1, 2, 3]), ValueError, "ids: expected one for each of the 2 rows, got 3"),
        (pa.array([[1], [2]]), TypeError, "ids: expected an Arrow array of strings, .* got a list"),
        (pa.array([{"a": 1}] * 2), TypeError, "ids: .* got a struct"),
        (pa.nulls(2), TypeError, "ids: .* got null"),
        ([1, 2], TypeError, "ids: expected an Arrow array .* got list; pyarrow.array makes one"),
        ("identity", TypeError, "ids: expected an Arrow array .* got str"),
    ],
)
def test_ids_that_are_refused(ids: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        SMALL.chunk_arrow(pa.array(["a", "b"]), ids=ids)


@pytest.mark.parametrize(("rows", "ids"), [(2, 5), (5, 2), (0, 1), (1, 0)])
def test_lengths_are_compared_at_the_end_of_streams(rows: int, ids: int) -> None:
    def parts(count: int) -> Stream:
        return Stream([str(k)] for k in range(count))

    with pytest.raises(
        ValueError, match=f"ids: expected one for each of the {rows} rows, got {ids}"
    ):
        pa.table(SMALL.chunk_arrow(parts(rows), ids=parts(ids)))


# Errors


def test_rows_that_are_not_utf8() -> None:
    column = pa.array([b"a b", b"a\xff", None, b"\xe2\x82", TEXT.encode()])
    for method in (SMALL.chunk_arrow, SMALL.chunk_arrow_lists):
        with pytest.raises(ValueError, match="row 1: invalid UTF-8 at byte 1"):
            method(column)
    rows = ["a b", None, None, None, TEXT]
    chunks = SMALL.chunk_arrow(column, errors="null")
    assert table_of(chunks).to_pylist() == flat(SMALL, rows)
    assert chunks.invalid_count == 2
    lists = SMALL.chunk_arrow_lists(column, errors="null")
    assert lists.to_pylist() == listed(SMALL, rows)
    assert (lists.invalid_count, lists.null_count) == (2, 3)


@pytest.mark.parametrize(
    ("column", "error", "words"),
    [
        (["a"], TypeError, "array: expected .* got list; chunk_batch takes lists of str"),
        (pa.Array, TypeError, "array: expected .* got type;"),
        (None, TypeError, "array: expected .* got NoneType"),
        (pa.array([1]), TypeError, "expected an Arrow array of strings .* got int64"),
        (pa.table({"t": ["a"]}), TypeError, "got a struct .* pass one of its columns"),
    ],
)
def test_columns_that_are_refused(column: Any, error: type[Exception], words: str) -> None:
    for method in (SMALL.chunk_arrow, SMALL.chunk_arrow_lists):
        with pytest.raises(error, match=words):
            method(column)
    with pytest.raises(ValueError, match="errors: expected 'raise' or 'null'"):
        SMALL.chunk_arrow(pa.array(["a"]), errors="ignore")  # type: ignore[arg-type]


def test_a_reader_raises_what_a_later_batch_finds() -> None:
    chunker = Chunker(encoding="o200k_base", max_tokens=1)
    # Rows are read in portions of half a million.
    parts = [pa.array(["a"]), pa.nulls(600_000, pa.string()), pa.array(["\U0001fae8"])]
    chunks = chunker.chunk_arrow(pa.concat_arrays(parts))
    with pytest.raises(pa.ArrowInvalid, match="row 600001: max_tokens: expected at least "):
        pa.table(chunks)
    with pytest.raises(ContextOverflowError, match="row 600001: "):
        chunks.to_pylist()


# Streams


def test_streams_are_read_as_the_chunks_are() -> None:
    part = ["words, and more of them. " * 40_000] * 8  # 8 MB
    stream = Stream([part] * 30)
    chunker = Chunker(encoding="o200k_base", max_tokens=8_000, strategy="token")
    chunks = chunker.chunk_arrow(stream, ids=pa.array(range(1_000, 1_240)))
    reader = pa.RecordBatchReader.from_stream(chunks)
    first = reader.read_next_batch()
    assert first.nbytes < 40 << 20
    assert stream.read < 12
    ids = first["id"].to_pylist() + reader.read_next_batch()["id"].to_pylist()
    assert ids == sorted(ids)
    assert set(ids) == set(range(1_000, ids[-1] + 1))
    assert ids[-1] < 1_050
    reader.close()


def test_a_stream_without_a_length_is_read_once() -> None:
    chunks = SMALL.chunk_arrow(Stream([["a b"], [TEXT, None]]))
    assert table_of(chunks).to_pylist() == flat(SMALL, ["a b", TEXT])
    for again in (pa.table, ArrowChunks.to_pylist):
        with pytest.raises(ValueError, match="expected to be read once"):
            again(chunks)
    once = SMALL.chunk_arrow(pa.array(["a"]), ids=Stream([["x"]]))
    assert once.to_pylist()[0]["id"] == "x"
    with pytest.raises(ValueError, match="call chunk_arrow again"):
        once.to_pylist()


def test_a_column_in_memory_is_read_as_often_as_asked() -> None:
    rows, ids = [TEXT, None, "b"], ["x", "y", None]
    chunks = SMALL.chunk_arrow(pl.Series(rows), ids=pl.Series(ids))
    first = table_of(chunks)
    assert first.equals(table_of(chunks))
    assert chunks.to_pylist() == first.to_pylist() == flat(SMALL, rows, ids)


def test_a_batch_is_bounded_inside_of_a_row() -> None:
    """Each chunk has all of its headings: here much more than its text."""
    headings = "".join(f"{'#' * depth} {'long' * 200}\n\n" for depth in range(1, 7))
    rows: list[str | None] = ["a", headings + "Some words. " * 16_000, "b"]
    chunker = Chunker(encoding="o200k_base", max_tokens=8, format="markdown", strategy="greedy")
    batches = list(pa.RecordBatchReader.from_stream(chunker.chunk_arrow(pa.array(rows))))
    assert len(batches) > 1
    assert all(batch.nbytes < 34 << 20 for batch in batches)
    table = pa.Table.from_batches(batches)
    expected = [(0, chunker.chunk("a")), (1, chunker.chunk(rows[1] or "")), (2, chunker.chunk("b"))]
    assert table["text"].to_pylist() == [c.text for _, chunks in expected for c in chunks]
    assert table["row"].to_pylist() == [row for row, chunks in expected for _ in chunks]
    assert table["headings"][-2].as_py() == ["long" * 200] * 6


# Consumers


def test_readers() -> None:
    column = pa.chunked_array([ROWS[:2], ROWS[2:]])
    expected = flat(SMALL, ROWS)
    chunks = SMALL.chunk_arrow(column)
    frame = pl.DataFrame(chunks)
    assert frame.to_dicts() == expected
    assert frame.schema["tokens"] == pl.Int32
    assert pa.RecordBatchReader.from_stream(chunks).read_all().to_pylist() == expected
    lists = SMALL.chunk_arrow_lists(column)
    assert pa.chunked_array(lists).to_pylist() == listed(SMALL, ROWS)
    texts = pl.DataFrame({"id": range(len(ROWS)), "chunk": pl.Series(lists)})
    rows = texts.explode("chunk").drop_nulls().unnest("chunk")
    assert rows.rename({"id": "row"}).to_dicts() == expected


@pytest.mark.skipif(sys.version_info < (3, 11), reason="pandas 3 needs Python 3.11")
def test_pandas() -> None:
    import pandas as pd

    frame = pd.DataFrame({"key": [10, 20, 30], "text": [TEXT, None, "b c"]}, index=[7, 8, 9])
    chunks = SMALL.chunk_arrow(frame["text"], ids=frame["key"])
    back = pa.table(chunks).to_pandas()
    expected = flat(SMALL, [TEXT, None, "b c"], [10, 20, 30])
    assert back.drop(columns="headings").to_dict("records") == [
        {name: value for name, value in row.items() if name != "headings"} for row in expected
    ]


def test_what_is_read_outlives_what_it_is_of() -> None:
    column = pa.chunked_array([ROWS] * 50)
    expected = flat(SMALL, ROWS * 50)
    reader = pa.RecordBatchReader.from_stream(SMALL.chunk_arrow(column))
    lists = pa.array(SMALL.chunk_arrow_lists(column))
    unread = SMALL.chunk_arrow(column).__arrow_c_stream__()
    del column, unread
    gc.collect()
    read: list[Any] = []
    thread = threading.Thread(target=lambda: read.extend(reader.read_all().to_pylist()))
    thread.start()
    thread.join()
    assert read == expected
    assert lists.to_pylist() == listed(SMALL, ROWS * 50)


@pytest.mark.parametrize("read", [pa.table, pl.DataFrame, ArrowChunks.to_pylist])
def test_threads_may_share_a_chunker_and_a_column(read: Callable[[Any], Any]) -> None:
    column = pa.array(ROWS * 20)
    results: list[Any] = []

    def run() -> None:
        results.append(len(read(SMALL.chunk_arrow(column, num_threads=2))))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [len(flat(SMALL, ROWS * 20))] * 4


def test_chunks_say_what_they_are() -> None:
    chunks = SMALL.chunk_arrow(pa.array(["a"]), ids=pa.array([b"x"]))
    assert repr(chunks) == "<ArrowChunks: id, index, start, end, tokens, text, headings>"
    with pytest.raises(TypeError, match="read the column with an Arrow library"):
        chunks.to_pylist()
    assert tokenkit.ArrowChunks is ArrowChunks


def test_short_rows_come_in_batches_of_bounded_size() -> None:
    """However many fit into the text that is read at once: what each row takes is more."""
    column = pa.array(["a"] * 300_000)
    chunks = Chunker(encoding="o200k_base", max_tokens=9).chunk_arrow(column)
    sizes = [batch.num_rows for batch in pa.RecordBatchReader.from_stream(chunks)]
    assert sum(sizes) == 300_000
    assert max(sizes) <= 1 << 17
