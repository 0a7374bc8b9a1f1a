"""The namespace `tokens` of Polars: against tiktoken, row by row, in each engine of Polars."""

from __future__ import annotations

import doctest
import pickle
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
import strategies
from column_texts import (
    ENCODING,
    MODEL,
    NOT_UTF8,
    OTHER_ENCODING,
    TEXTS,
    as_structs,
    tiktoken_counts,
    tiktoken_fits,
    tiktoken_ids,
)
from hypothesis import given, strategies as st

import tokenkit
import tokenkit.integrations.polars as adapter
from tokenkit import Chunker
from tokenkit.integrations import columns

TEXT: Any = pl.col("text")
KINDS = {
    "String": pl.String,
    "Binary": pl.Binary,
    "Categorical": pl.Categorical,
    "Enum": pl.Enum(sorted({text for text in TEXTS if text is not None})),
}
ENGINES: dict[str, Callable[[pl.DataFrame, Any], pl.DataFrame]] = {
    "eager": lambda frame, expr: frame.select(expr),
    "lazy": lambda frame, expr: frame.lazy().select(expr).collect(),
    "streaming": lambda frame, expr: frame.lazy().select(expr).collect(engine="streaming"),
}


def frame_of(kind: str = "String", texts: list[str | None] = TEXTS) -> pl.DataFrame:
    return pl.DataFrame({"text": pl.Series(texts, dtype=pl.String).cast(KINDS[kind])})


def test_examples_of_the_module() -> None:
    assert doctest.testmod(adapter).failed == 0


@pytest.mark.parametrize("engine", ["eager", "lazy", "streaming"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_row_is_what_tiktoken_gives(kind: str, engine: str) -> None:
    result = ENGINES[engine](
        frame_of(kind),
        [
            TEXT.tokens.count(MODEL),
            TEXT.tokens.count(encoding=OTHER_ENCODING).alias("other"),
            TEXT.tokens.encode(encoding=ENCODING).alias("ids"),
            TEXT.tokens.fits(11, MODEL).alias("fits"),
        ],
    )
    assert result["text"].to_list() == tiktoken_counts()
    assert result["other"].to_list() == tiktoken_counts(encoding=OTHER_ENCODING)
    assert result["ids"].to_list() == tiktoken_ids()
    assert result["fits"].to_list() == tiktoken_fits(11)


@pytest.mark.parametrize("kind", KINDS)
def test_texts_are_truncated_and_split_as_one_by_one(kind: str) -> None:
    series: Any = frame_of(kind)["text"]
    enc = tokenkit.get_encoding(ENCODING)
    options: dict[str, Any] = {"keep": "ends", "marker": "…", "unit": "char"}
    expected = [text and enc.truncate(text, 5, **options) for text in TEXTS]
    assert series.tokens.truncate(5, MODEL, **options).to_list() == expected
    assert series.tokens.truncate(4, MODEL).to_list() == [
        text and enc.truncate(text, 4) for text in TEXTS
    ]
    chunker = Chunker(MODEL, max_tokens=8, trim=True)
    lists = series.tokens.chunk(chunker)
    assert lists.dtype == adapter.CHUNKS
    assert lists.to_list() == [
        None if text is None else as_structs(chunker.chunk(text)) for text in TEXTS
    ]


def test_chunks_become_rows_beside_the_other_columns() -> None:
    frame = pl.DataFrame({"id": [7, 8, 9], "text": ["One sea. Two moons.", None, "One sea."]})
    chunker = Chunker(MODEL, max_tokens=3, trim=True)
    rows = frame.lazy().select("id", chunks=TEXT.tokens.chunk(chunker)).explode("chunks")
    result = rows.unnest("chunks").filter(pl.col("text").is_not_null()).collect(engine="streaming")
    assert result.select("id", "index", "text").rows() == [
        (7, 0, "One sea."),
        (7, 1, "Two moons."),
        (9, 0, "One sea."),
    ]


EXPRESSIONS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "count": (lambda tokens: tokens.count(MODEL), pl.Int64),
    "encode": (lambda tokens: tokens.encode(MODEL), pl.List(pl.UInt32)),
    "truncate": (lambda tokens: tokens.truncate(3, MODEL), pl.String),
    "fits": (lambda tokens: tokens.fits(3, MODEL), pl.Boolean),
    "chunk": (lambda tokens: tokens.chunk(Chunker(MODEL, max_tokens=3)), adapter.CHUNKS),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
@pytest.mark.parametrize("texts", [[], [None, None], ["", None, "a b"]], ids=repr)
def test_types_are_those_that_the_plan_says(name: str, texts: list[str | None]) -> None:
    make, dtype = EXPRESSIONS[name]
    for column in (pl.Series("text", texts, pl.String), pl.Series("text", texts).slice(0)):
        frame = pl.DataFrame({"text": column})
        plan = frame.lazy().select(make(TEXT.tokens))
        assert plan.collect_schema() == {"text": dtype}
        for engine in ("in-memory", "streaming"):
            assert plan.collect(engine=engine).schema == {"text": dtype}
        series: Any = frame["text"]
        assert make(series.tokens).dtype == dtype
        assert make(series.tokens).name == "text"
        assert make(series.tokens).null_count() == texts.count(None)


def test_groups_windows_literals_and_filters() -> None:
    frame = frame_of().with_columns(key=pl.int_range(pl.len()) % 2)
    counts = tiktoken_counts()
    tokens = TEXT.tokens.count(MODEL)
    sums = dict(frame.group_by("key").agg(tokens.sum()).rows())
    assert sums == {key: sum(count or 0 for count in counts[key::2]) for key in (0, 1)}
    lists = dict(frame.lazy().group_by("key", maintain_order=True).agg(tokens).collect().rows())
    assert lists == {key: counts[key::2] for key in (0, 1)}
    assert frame.select(tokens.sum().over("key"))["text"].to_list() == [
        sums[row % 2] for row in range(len(TEXTS))
    ]
    many = frame.filter(tokens > 3)["text"].to_list()
    assert many == [text for text, count in zip(TEXTS, counts, strict=True) if (count or 0) > 3]
    literal: Any = pl.lit("hello world")
    assert pl.select(literal.tokens.count(MODEL)).item() == 2


def test_batches_of_the_streaming_engine_and_no_call_per_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows: list[int] = []
    of_series = adapter._of_series

    def seen(series: pl.Series, road: Callable[..., object]) -> pl.Series:
        rows.append(len(series))
        return of_series(series, road)

    monkeypatch.setattr(adapter, "_of_series", seen)
    frame = pl.DataFrame({"text": [f"{n} a" for n in range(300_000)]})
    total = TEXT.tokens.count(MODEL).sum()
    streamed = frame.lazy().select(total).collect(engine="streaming").item()
    assert len(rows) > 1
    assert max(rows) < len(frame) == sum(rows)
    rows.clear()
    grouped = frame.head(1000).group_by(TEXT.str.slice(0, 2)).agg(n=total)
    assert len(grouped) == 100
    assert rows == [1000]
    enc = tokenkit.get_encoding(ENCODING)
    assert streamed == int(enc.count_batch(frame["text"].to_list()).sum())


def test_slices_and_several_chunks() -> None:
    series: Any = frame_of()["text"]
    counts = tiktoken_counts()
    assert series[3:9].tokens.count(MODEL).to_list() == counts[3:9]
    parts: Any = pl.concat([series[2:5], series[:0], series[7:]], rechunk=False)
    assert parts.n_chunks() > 1
    assert parts.tokens.count(MODEL).to_list() == counts[2:5] + counts[7:]
    assert parts.tokens.encode(MODEL).to_list() == tiktoken_ids()[2:5] + tiktoken_ids()[7:]
    assert parts.tokens.truncate(9999, MODEL).to_list() == TEXTS[2:5] + TEXTS[7:]


@pytest.mark.parametrize("kind", ["String", "Categorical"])
def test_a_big_column_goes_in_parts(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    series: Any = frame_of(kind)["text"]
    whole = [make(series.tokens) for make, _ in EXPRESSIONS.values()]
    monkeypatch.setattr(columns, "PART", 11)  # bytes
    assert [make(series.tokens).to_list() for make, _ in EXPRESSIONS.values()] == [
        result.to_list() for result in whole
    ]
    raw: Any = pl.Series("raw", NOT_UTF8)
    with pytest.raises(ValueError, match=r"^column 'raw': (rows from \d on: )?row \d: .*UTF-8"):
        raw.tokens.count(MODEL)


def test_bytes_that_are_not_utf8() -> None:
    frame = pl.DataFrame({"raw": NOT_UTF8})
    raw: Any = pl.col("raw")
    for wrong in (lambda: frame.select(raw.tokens.count(MODEL)), lambda: count_series(frame)):
        with pytest.raises(ValueError, match=r"^column 'raw': row 1: .*UTF-8"):
            wrong()
    chunker = Chunker(MODEL, max_tokens=3)
    kept = frame.select(
        raw.tokens.count(MODEL, errors="null"),
        ids=raw.tokens.encode(MODEL, errors="null").list.len(),
        fits=raw.tokens.fits(0, MODEL, errors="null"),
        short=raw.tokens.truncate(1, MODEL, errors="null"),
        chunks=raw.tokens.chunk(chunker, errors="null").list.len(),
    )
    assert kept["raw"].to_list() == kept["ids"].to_list() == [1, None, None, 0]
    assert kept["fits"].to_list() == [False, None, None, True]
    assert kept["short"].to_list() == ["fine", None, None, ""]
    assert kept["chunks"].to_list() == [1, None, None, 0]


def count_series(frame: pl.DataFrame) -> object:
    series: Any = frame["raw"]
    return series.tokens.count(MODEL)


def test_a_column_of_another_type_is_named() -> None:
    frame = pl.DataFrame({"text": [1, 2]})
    for make, _ in EXPRESSIONS.values():
        with pytest.raises(TypeError, match=r"^column 'text': .*int64"):
            frame.select(make(TEXT.tokens))
    missing: Any = pl.col("nope")
    with pytest.raises(pl.exceptions.ColumnNotFoundError, match="nope"):
        frame.select(missing.tokens.count(MODEL))


@pytest.mark.parametrize(
    ("wrong", "error", "match"),
    [
        (lambda: TEXT.tokens.count(), ValueError, "neither"),
        (lambda: TEXT.tokens.count(MODEL, encoding=ENCODING), ValueError, "both"),
        (lambda: TEXT.tokens.count("no-such-model"), tokenkit.UnknownModelError, "no-such-model"),
        (lambda: TEXT.tokens.count("claude-opus-5"), tokenkit.NoTokenizerError, "claude-opus-5"),
        (lambda: TEXT.tokens.encode(MODEL, errors="ignore"), ValueError, "errors: expected"),
        (lambda: TEXT.tokens.truncate(-1, MODEL), ValueError, "max_tokens: expected"),
        (lambda: TEXT.tokens.truncate(1, MODEL, keep="middle"), ValueError, "keep: expected"),
        (lambda: TEXT.tokens.truncate(1, MODEL, marker="a b c"), ValueError, "marker"),
        (lambda: TEXT.tokens.fits(1.5, MODEL), TypeError, "limit: expected"),
        (lambda: TEXT.tokens.chunk(MODEL), TypeError, "chunker: expected a Chunker, got str"),
    ],
)
def test_wrong_arguments_raise_before_the_plan_runs(
    wrong: Callable[[], object], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        wrong()


def test_plans_can_travel() -> None:
    roads = []

    class Seen(adapter.SeriesTokens):
        def _mapped(self, dtype: Any, road: Callable[..., object]) -> Any:
            roads.append(pickle.loads(pickle.dumps(road)))
            return super()._mapped(dtype, roads[-1])

    seen: Any = Seen(pl.Series(["a b"]))
    assert [make(seen).dtype for make, _ in EXPRESSIONS.values()] == [
        dtype for _, dtype in EXPRESSIONS.values()
    ]
    assert len(roads) == len(EXPRESSIONS)


@given(st.lists(st.none() | strategies.texts(ENCODING)))
def test_any_texts(texts: list[str | None]) -> None:
    kept = [text and text.encode("utf-8", "replace").decode() for text in texts]
    series: Any = pl.Series("text", kept, pl.String)
    assert series.tokens.count(MODEL).to_list() == tiktoken_counts(kept)
    chunks = series.tokens.chunk(Chunker(MODEL, max_tokens=20)).to_list()
    for text, parts in zip(kept, chunks, strict=True):
        assert parts is None if text is None else "".join(part["text"] for part in parts) == text
