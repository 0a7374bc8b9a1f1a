"""The accessor `tokens` of pandas: against tiktoken, row by row, for each way to hold texts."""

from __future__ import annotations

import doctest
import sys
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
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

import tokenkit
from tokenkit import Chunker

if sys.version_info < (3, 11):
    pytest.skip("pandas 3 needs Python 3.11", allow_module_level=True)

import pandas as pd

import tokenkit.integrations.pandas as adapter
from tokenkit.integrations import columns

INDEX = [f"row {number}" for number in range(len(TEXTS))][::-1]
DTYPES: dict[str, Any] = {
    "object": object,
    "str": "str",
    "string": "string",
    "python": pd.StringDtype("python"),
    "category": "category",
    "large": pd.ArrowDtype(pa.large_string()),
    "view": pd.ArrowDtype(pa.string_view()),
    "dictionary": pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string())),
}


def series_of(name: str) -> Any:
    if name == "bytes":
        rows = [None if text is None else text.encode() for text in TEXTS]
        return pd.Series(rows, index=INDEX, name="text", dtype=object)
    if name == "chunks":
        parts = [pd.Series(part, dtype=DTYPES["large"]) for part in (TEXTS[:4], TEXTS[4:])]
        return pd.concat(parts).set_axis(INDEX).rename("text")
    return pd.Series(TEXTS, index=INDEX, name="text", dtype=DTYPES[name])


def rows_of(series: Any) -> list[Any]:
    assert list(series.index) == INDEX
    assert series.name == "text"
    return [None if missing else row for row, missing in zip(series, series.isna(), strict=True)]


def test_examples_of_the_module() -> None:
    assert doctest.testmod(adapter).failed == 0


@pytest.mark.parametrize("name", [*DTYPES, "bytes", "chunks"])
def test_each_row_is_what_tiktoken_gives(name: str) -> None:
    series = series_of(name)
    counts = series.tokens.count(MODEL)
    assert (str(counts.dtype), rows_of(counts)) == ("Int64", tiktoken_counts())
    other = series.tokens.count(encoding=OTHER_ENCODING)
    assert rows_of(other) == tiktoken_counts(encoding=OTHER_ENCODING)
    ids = series.tokens.encode(encoding=tokenkit.get_encoding(ENCODING))
    assert ids.dtype == pd.ArrowDtype(pa.list_(pa.uint32()))
    assert [ids and list(ids) for ids in rows_of(ids)] == tiktoken_ids()
    fits = series.tokens.fits(11, MODEL)
    assert (str(fits.dtype), rows_of(fits)) == ("boolean", tiktoken_fits(11))
    assert rows_of(series_of(name)) == rows_of(series)  # which stays as it was


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("object", "object"),
        ("str", "str"),
        ("string", "string"),
        ("python", "string"),
        ("category", "object"),
        ("bytes", "object"),
        ("large", "large_string[pyarrow]"),
        ("chunks", "large_string[pyarrow]"),
    ],
)
def test_texts_are_truncated_and_split_as_one_by_one(name: str, dtype: str) -> None:
    series = series_of(name)
    enc = tokenkit.get_encoding(ENCODING)
    ends: dict[str, Any] = {"keep": "ends", "marker": "…", "unit": "char"}
    for limit, options in ((4, {}), (5, ends)):
        short = series.tokens.truncate(limit, MODEL, **options)
        expected = [text and enc.truncate(text, limit, **options) for text in TEXTS]
        assert (str(short.dtype), rows_of(short)) == (dtype, expected)
    chunker = Chunker(MODEL, max_tokens=8, trim=True)
    chunks = series.tokens.chunk(chunker)
    assert pa.array(chunks).to_pylist() == [
        None if text is None else as_structs(chunker.chunk(text)) for text in TEXTS
    ]


def test_a_big_column_goes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    series = series_of("chunks")
    chunker = Chunker(MODEL, max_tokens=8)
    whole = series.tokens.chunk(chunker)
    monkeypatch.setattr(columns, "PART", 700)  # bytes
    parts = series.tokens.chunk(chunker)
    assert pa.array(parts).num_chunks > 1
    assert pa.array(parts).to_pylist() == pa.array(whole).to_pylist()
    assert rows_of(series.tokens.count(MODEL)) == tiktoken_counts()
    raw = pd.Series([b"a" * 500, b"b" * 500, b"\xff"], name="raw")
    with pytest.raises(ValueError, match=r"^column 'raw': rows from 2 on: row 0: .*UTF-8"):
        raw.tokens.count(MODEL)


def test_chunks_become_rows_with_the_index() -> None:
    series = pd.Series(["One sea. Two moons.", None, "One sea."], index=[7, 8, 9])
    chunks = series.tokens.chunk(Chunker(MODEL, max_tokens=3, trim=True))
    rows = chunks.explode().dropna().struct.explode()
    assert rows["text"].to_dict() == {7: "Two moons.", 9: "One sea."}  # the last one of each
    assert rows.index.tolist() == [7, 7, 9]
    assert rows["tokens"].tolist() == [3, 3, 3]


@pytest.mark.parametrize("dtype", [object, "str", "float64", "category"])
@pytest.mark.parametrize("rows", [0, 2])
def test_nothing_and_only_what_is_missing(dtype: Any, rows: int) -> None:
    series = pd.Series([None] * rows, dtype=dtype)
    for made in (
        series.tokens.count(MODEL),
        series.tokens.encode(MODEL),
        series.tokens.truncate(1, MODEL),
        series.tokens.fits(1, MODEL),
        series.tokens.chunk(Chunker(MODEL, max_tokens=3)),
    ):
        assert len(made) == rows
        assert made.isna().all()
    assert str(series.tokens.count(MODEL).dtype) == "Int64"


def test_all_that_is_missing_stays_so() -> None:
    series = pd.Series(["a b", None, float("nan"), pd.NA, pd.NaT, b"c"], dtype=object)
    assert series.tokens.count(MODEL).isna().tolist() == [False, True, True, True, True, False]


def test_lone_surrogates_are_counted_as_everywhere() -> None:
    texts = ["a\ud800b", None, "\ud83d\ude00"]
    enc = tokenkit.get_encoding(ENCODING)
    for dtype in (object, pd.StringDtype("python")):
        series = pd.Series(texts, dtype=dtype, name="text")
        counts = series.tokens.count(MODEL)
        assert counts.dropna().tolist() == [enc.count(text) for text in texts if text]
        with pytest.raises(ValueError, match=r"^column 'text': row 0: .*surrogate"):
            series.tokens.truncate(9, MODEL)
        with pytest.raises(ValueError, match=r"^column 'text': row 0: .*surrogate"):
            series.tokens.chunk(Chunker(MODEL, max_tokens=3))


def test_bytes_that_are_not_utf8() -> None:
    series = pd.Series(NOT_UTF8, name="raw")
    with pytest.raises(ValueError, match=r"^column 'raw': row 1: .*UTF-8"):
        series.tokens.count(MODEL)
    counts = series.tokens.count(MODEL, errors="null")
    assert counts.fillna(-1).tolist() == [1, -1, -1, 0]
    short = series.tokens.truncate(1, MODEL, errors="null")
    assert short.tolist() == ["fine", None, None, ""]


@pytest.mark.parametrize(
    ("values", "error", "match"),
    [
        ([1, 2], TypeError, "^column 'text': .*int64"),
        (["a", 2], TypeError, "^column 'text': row 1: expected str or bytes, got int"),
        ([None, ["a"]], TypeError, "^column 'text': .*list"),
        (pd.Categorical([1, 2]), TypeError, "^column 'text': .*int64"),
    ],
)
def test_a_column_of_another_type_is_named(values: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        pd.Series(values, name="text").tokens.count(MODEL)


@pytest.mark.parametrize(
    ("wrong", "error", "match"),
    [
        (lambda tokens: tokens.count(), ValueError, "neither"),
        (lambda tokens: tokens.count("no-such-model"), tokenkit.UnknownModelError, "no-such-model"),
        (lambda tokens: tokens.count("claude-opus-5"), tokenkit.NoTokenizerError, "claude-opus-5"),
        (lambda tokens: tokens.count(MODEL, errors="ignore"), ValueError, "errors: expected"),
        (lambda tokens: tokens.truncate(1, MODEL, keep="middle"), ValueError, "keep: expected"),
        (lambda tokens: tokens.fits(1.5, MODEL), TypeError, "limit: expected"),
        (lambda tokens: tokens.chunk(MODEL), TypeError, "chunker: expected a Chunker, got str"),
    ],
)
def test_wrong_arguments(
    wrong: Callable[[Any], object], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        wrong(pd.Series(["a"]).tokens)


def test_a_frame_of_which_rows_were_taken() -> None:
    frame = pd.DataFrame({"text": TEXTS, "key": [row % 2 for row in range(len(TEXTS))]})
    frame = frame[frame["key"] == 1].sort_values("text")
    frame["tokens"] = frame["text"].tokens.count(MODEL)
    counts = tiktoken_counts()
    assert frame["tokens"].isna().tolist() == [counts[row] is None for row in frame.index]
    assert frame["tokens"].dropna().to_dict() == {
        row: counts[row] for row in frame.index if counts[row] is not None
    }
