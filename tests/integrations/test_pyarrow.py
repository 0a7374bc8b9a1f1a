"""Functions of PyArrow's compute: datasets and Acero against tiktoken, row by row."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.acero as acero
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from arrow_types import PLAIN_TYPES
from column_texts import (
    ENCODING,
    MODEL,
    NOT_UTF8,
    OTHER_ENCODING,
    OTHER_MODEL,
    TEXTS,
    tiktoken_counts,
    tiktoken_fits,
    tiktoken_ids,
)

import tokenkit
import tokenkit.integrations.pyarrow as adapter
from tokenkit.integrations import sql_functions
from tokenkit.integrations.pyarrow import (
    count_tokens,
    encode_tokens,
    fits_tokens,
    register,
    truncate_tokens,
)

TYPES = [
    *PLAIN_TYPES,
    pa.dictionary(pa.int32(), pa.string()),
]


def dataset_of(kind: Any = None, rows: Any = TEXTS) -> ds.Dataset:
    return ds.dataset(pa.table({"row": range(len(rows)), "text": pa.array(rows, kind)}))


@pytest.mark.parametrize("module", [adapter, sql_functions])
def test_examples_of_the_modules(module: Any) -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_each_row_is_what_tiktoken_gives(kind: Any) -> None:
    text = pa.array(TEXTS)
    data = dataset_of(rows=text.dictionary_encode() if "dict" in str(kind) else text.cast(kind))
    columns = {
        "counts": count_tokens("text", MODEL),
        "other": count_tokens(pc.field("text"), encoding=OTHER_ENCODING),
        "ids": encode_tokens("text", encoding=tokenkit.get_encoding(ENCODING)),
        "fits": fits_tokens("text", 11, MODEL),
        "short": truncate_tokens("text", 5, MODEL, keep="ends", marker="…"),
    }
    table = data.to_table(columns=columns)
    enc = tokenkit.get_encoding(ENCODING)
    assert table.to_pydict() == {
        "counts": tiktoken_counts(),
        "other": tiktoken_counts(encoding=OTHER_ENCODING),
        "ids": tiktoken_ids(),
        "fits": tiktoken_fits(11),
        "short": [text and enc.truncate(text, 5, keep="ends", marker="…") for text in TEXTS],
    }
    assert [str(field.type) for field in table.schema] == [
        "int64",
        "int64",
        "list<item: uint32>",
        "bool",
        "large_string",
    ]


def test_files_are_filtered(tmp_path: Path) -> None:
    for part in range(3):
        pq.write_table(pa.table({"text": TEXTS[part::3]}), tmp_path / f"{part}.parquet")
    many = ds.dataset(tmp_path).to_table(filter=count_tokens("text", MODEL) > 3)
    assert sorted(many["text"].to_pylist()) == sorted(
        text for text, n in zip(TEXTS, tiktoken_counts(), strict=True) if text and (n or 0) > 3
    )
    few = ds.dataset(tmp_path).scanner(filter=fits_tokens("text", 3, MODEL)).count_rows()
    assert few == tiktoken_fits(3).count(True)


def test_acero_groups_by_a_count() -> None:
    table = dataset_of().to_table()
    declared = acero.Declaration.from_sequence(
        [
            acero.Declaration("table_source", acero.TableSourceNodeOptions(table)),
            acero.Declaration(
                "project",
                acero.ProjectNodeOptions([count_tokens("text", MODEL)], ["n"]),
            ),
            acero.Declaration("aggregate", acero.AggregateNodeOptions([("n", "sum", None, "sum")])),
        ]
    )
    total = declared.to_table(use_threads=True)["sum"].to_pylist()
    assert total == [sum(count or 0 for count in tiktoken_counts())]


def test_the_model_may_be_a_column() -> None:
    register()
    register()  # again: no harm
    models = [MODEL, OTHER_MODEL, None, OTHER_ENCODING] * len(TEXTS)
    texts = TEXTS * 4
    arguments = [pa.array(texts).cast(pa.large_binary()), pa.array(models[: len(texts)])]
    counts = pc.call_function("tokenkit_count", arguments).to_pylist()
    by_name: dict[str | None, list[int | None]] = {
        MODEL: tiktoken_counts(texts),
        OTHER_MODEL: tiktoken_counts(texts, OTHER_ENCODING),
        OTHER_ENCODING: tiktoken_counts(texts, OTHER_ENCODING),
        None: [None] * len(texts),
    }
    assert counts == [by_name[model][row] for row, model in enumerate(models[: len(texts)])]


def test_the_limit_may_be_a_column() -> None:
    register()
    limits = [None if row % 5 == 4 else row for row in range(len(TEXTS))]
    texts = pa.array(TEXTS).cast(pa.large_binary())
    arguments = [texts, pa.scalar(MODEL), pa.array(limits, pa.int64())]
    enc = tokenkit.get_encoding(ENCODING)
    fits = pc.call_function("tokenkit_fits", arguments).to_pylist()
    assert fits == [
        None if count is None or limit is None else count <= limit
        for count, limit in zip(tiktoken_counts(), limits, strict=True)
    ]
    keep, marker = pa.scalar("tail"), pa.scalar("")
    short = pc.call_function("tokenkit_truncate", [*arguments, keep, marker]).to_pylist()
    assert short == [
        None if text is None or limit is None else enc.truncate(text, limit, keep="tail")
        for text, limit in zip(TEXTS, limits, strict=True)
    ]


def test_no_rows_and_only_nulls() -> None:
    for rows in ([], [None, None]):
        data = dataset_of(pa.string(), rows)
        table = data.to_table(
            columns={"n": count_tokens("text", MODEL), "s": truncate_tokens("text", 1, MODEL)}
        )
        assert table.to_pydict() == {"n": rows, "s": rows}
    nothing = dataset_of(pa.null(), [None]).to_table(columns={"n": count_tokens("text", MODEL)})
    assert nothing["n"].to_pylist() == [None]


def test_bytes_that_are_not_utf8_name_the_row() -> None:
    data = dataset_of(pa.binary(), NOT_UTF8)
    with pytest.raises(ValueError, match=r"tokenkit_count: text: row 1: .*UTF-8"):
        data.to_table(columns={"n": count_tokens("text", MODEL)})
    register()
    models = pa.array([MODEL, OTHER_MODEL] * 2)
    texts = pa.array(NOT_UTF8, pa.large_binary())
    with pytest.raises(ValueError, match=r"tokenkit_count: text: row 1: .*UTF-8"):
        pc.call_function("tokenkit_count", [texts, models])  # where it is the first of its model


def test_bytes_that_are_not_utf8_may_give_null() -> None:
    columns = {
        "counts": count_tokens("text", MODEL, errors="null"),
        "ids": encode_tokens("text", MODEL, errors="null"),
        "fits": fits_tokens("text", 0, MODEL, errors="null"),
        "short": truncate_tokens("text", 1, MODEL, errors="null"),
    }
    table = dataset_of(pa.binary(), NOT_UTF8).to_table(columns=columns)
    assert table["counts"].to_pylist() == [1, None, None, 0]
    assert table["ids"].is_null().to_pylist() == [False, True, True, False]
    assert table["fits"].to_pylist() == [False, None, None, True]
    assert table["short"].to_pylist() == ["fine", None, None, ""]


def of_my_own() -> tokenkit.Encoding:
    return tokenkit.Encoding(
        "mine",
        pat_str=r"\w+|\W+",
        mergeable_ranks={bytes([i]): i for i in range(256)},
        special_tokens={},
    )


@pytest.mark.parametrize(
    ("wrong", "error", "match"),
    [
        (lambda: count_tokens("text"), ValueError, "neither"),
        (lambda: count_tokens("text", MODEL, errors="ignore"), ValueError, "errors: expected"),  # type: ignore[arg-type]
        (lambda: count_tokens("text", "no-such-model"), tokenkit.UnknownModelError, "no-such"),
        (lambda: count_tokens("text", "claude-opus-5"), tokenkit.NoTokenizerError, "claude-opus"),
        (lambda: count_tokens(pa.array(["a"]), MODEL), TypeError, "column: expected an expression"),
        (lambda: count_tokens("text", encoding=of_my_own()), ValueError, "ENCODINGS"),
        (lambda: fits_tokens("text", 1.5, MODEL), TypeError, "limit: expected"),  # type: ignore[arg-type]
        (lambda: truncate_tokens("text", -1, MODEL), ValueError, "max_tokens: expected"),
        (
            lambda: dataset_of(pa.int64(), [1]).to_table(
                columns={"n": count_tokens("text", MODEL)}
            ),
            NotImplementedError,
            "int64",
        ),
        (
            lambda: dataset_of().to_table(columns={"n": count_tokens("nope", MODEL)}),
            ValueError,
            "nope",
        ),
    ],
)
def test_wrong_arguments(wrong: Callable[[], object], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        wrong()


def test_an_unknown_model_in_a_column_is_named() -> None:
    register()
    for models, match in (
        (["o200k_bse"], "^tokenkit_count: .*'o200k_bse'.* o200k_base"),
        ([MODEL, "claude-opus-5"], "^tokenkit_count: .*'claude-opus-5'"),
    ):
        texts = pa.array(["a"] * len(models)).cast(pa.large_binary())
        with pytest.raises(tokenkit.TokenkitError, match=match):
            pc.call_function("tokenkit_count", [texts, pa.array(models)])
