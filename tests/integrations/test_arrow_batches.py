"""Batches of Arrow, as clusters send them to workers, without a cluster."""

from __future__ import annotations

import pickle
from typing import Any

import pyarrow as pa
import pytest
from column_texts import ENCODING, MODEL, TEXTS, as_structs, tiktoken_counts

from tokenkit import Chunker, ContextOverflowError, NoTokenizerError, UnknownModelError
from tokenkit.errors import TokenkitWarning
from tokenkit.integrations.arrow_batches import ChunkDocuments, CountTokens

CHUNKER = Chunker(encoding=ENCODING, max_tokens=8)
BAD = pa.array([b"ok", b"\xff\xfe"])
KINDS = [
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.large_binary(),
    pa.dictionary(pa.int16(), pa.string()),
]


def table(texts: Any = TEXTS, kind: pa.DataType | None = None) -> pa.Table:
    column = pa.array(texts, kind) if isinstance(texts, list) else texts
    return pa.table({"key": [f"k{i}" for i in range(len(column))], "body": column})


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_counts_are_those_of_tiktoken(kind: pa.DataType) -> None:
    whole = table(TEXTS[:], kind)
    twice = pa.concat_tables([whole, whole.slice(0, 0), whole])
    step = CountTokens("body", model=MODEL, output="n")
    counts = tiktoken_counts(TEXTS)
    for batch, expected in (
        (whole, counts),
        (whole.slice(3, 5), counts[3:8]),
        (twice, counts * 2),
        (whole.slice(0, 0), []),
        (whole.to_batches()[0].slice(2), counts[2:]),
    ):
        made = step(batch)
        assert type(made) is type(batch)
        assert made.column("n").to_pylist() == expected
        assert made.schema.field("n").type == pa.int64()
        assert made.select(["key", "body"]).equals(batch)


def test_a_batch_of_nothing_stays_as_it_is() -> None:
    """Some engines give these for empty partitions."""
    nothing = pa.table({})
    assert CountTokens("body", model=MODEL)(nothing).equals(nothing)
    assert ChunkDocuments("body", id="key", chunker=CHUNKER)(nothing).equals(nothing)


def test_a_column_of_nulls_alone() -> None:
    """Of the type null, as the partitions of some engines have."""
    nulls = table(pa.nulls(2))
    assert CountTokens("body", model=MODEL)(nulls).column("tokens").to_pylist() == [None, None]
    assert ChunkDocuments("body", id="key", chunker=CHUNKER)(nulls).num_rows == 0


def test_what_is_wrong_with_a_batch_is_said() -> None:
    step = CountTokens("bodi", encoding=ENCODING)
    with pytest.raises(ValueError, match=r"column 'bodi', got none.*body.*'key', 'body'"):
        step(table())
    with pytest.raises(ValueError, match="'body', got twice"):
        CountTokens("body", encoding=ENCODING)(pa.table([BAD, BAD], ["body", "body"]))
    with pytest.raises(ValueError, match="'key', which is there already"):
        CountTokens("body", encoding=ENCODING, output="key")(table())
    with pytest.raises(TypeError, match=r"column 'n', in a batch of 1 rows: .*got int64"):
        CountTokens("n", encoding=ENCODING)(pa.table({"n": [1]}))
    with pytest.raises(ValueError, match=r"column 'body', in a batch of 2 rows: row 1: .*byte 0"):
        CountTokens("body", encoding=ENCODING)(table(BAD))
    nulled = CountTokens("body", encoding=ENCODING, errors="null")(table(BAD))
    assert nulled.column("tokens").to_pylist() == [1, None]


def test_batches_that_are_not_of_arrow_are_refused() -> None:
    steps: list[Any] = [
        CountTokens("body", model=MODEL),
        ChunkDocuments("body", id="key", chunker=CHUNKER),
    ]
    for step in steps:
        with pytest.raises(TypeError, match=r'got dict; .*batch_format="pyarrow"'):
            step({"key": ["k"], "body": ["a"]})


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_chunks_are_those_of_the_chunker(kind: pa.DataType) -> None:
    whole = table(TEXTS[:], kind).append_column("page", pa.array([[i] for i in range(len(TEXTS))]))
    split = ChunkDocuments("body", id="key", chunker=CHUNKER, columns=["page"])
    expected: list[dict[str, Any]] = [
        {"id": f"k{i}", **chunk, "page": [i]}
        for i, text in enumerate(TEXTS)
        for chunk in as_structs(CHUNKER.chunk(text or ""))
    ]
    made = split(whole)
    assert made.to_pylist() == expected
    assert split(whole.to_batches()[0]).equals(made.combine_chunks())
    assert split(pa.concat_tables([whole, whole])).to_pylist() == expected * 2
    rest = [row for row in expected if row["page"] >= [3]]
    assert split(whole.slice(3)).to_pylist() == rest
    nothing = split(whole.slice(0, 0))
    assert (nothing.num_rows, nothing.schema) == (0, made.schema)


def test_a_document_that_cannot_be_split_is_named() -> None:
    split = ChunkDocuments("body", id="key", chunker=CHUNKER)
    with pytest.raises(ValueError, match=r"column 'body', id 'k1', in a batch of 2 rows: .*row 1"):
        split(table(BAD))
    tight = ChunkDocuments("body", id="key", chunker=Chunker(encoding=ENCODING, max_tokens=1))
    with pytest.raises(ContextOverflowError, match=r"column 'body', id 'k1', .*row 1"):
        tight(table(["a", "\U0001f9ff"]))
    with pytest.raises(TypeError, match=r"column 'key', .*got int64"):
        ChunkDocuments("key", id="key", chunker=CHUNKER)(pa.table({"key": [1]}))
    with pytest.raises(ValueError, match="'key', got none"):
        split(pa.table({"body": ["a"]}))
    lenient = ChunkDocuments("body", id="key", chunker=CHUNKER, errors="null")
    with pytest.warns(TokenkitWarning, match="column 'body': 1 of a batch of 2 rows are not UTF-8"):
        assert lenient(table(BAD)).column("id").to_pylist() == ["k0"]


def test_options_are_checked_where_they_are_given() -> None:
    with pytest.raises(UnknownModelError, match="gpt-99"):
        CountTokens("body", model="gpt-99")
    with pytest.raises(NoTokenizerError, match="claude"):
        CountTokens("body", model="claude-sonnet-5")
    with pytest.raises(TypeError, match="column: expected str"):
        CountTokens(1, model=MODEL)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"errors: .*skip"):
        CountTokens("body", model=MODEL, errors="skip")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="chunker: expected a Chunker, got 8"):
        ChunkDocuments("body", id="key", chunker=8)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="columns: expected a list"):
        ChunkDocuments("body", id="key", chunker=CHUNKER, columns="key")
    for columns in (["text"], ["id"], ["key", "key"]):
        with pytest.raises(ValueError, match=f"columns: .*got '{columns[-1]}'"):
            ChunkDocuments("body", id="key", chunker=CHUNKER, columns=columns)


def test_steps_are_small_on_their_way_to_workers() -> None:
    steps = [
        CountTokens("body", model=MODEL),
        ChunkDocuments("body", id="key", chunker=CHUNKER, columns=["x"]),
    ]
    for step in steps:
        data = pickle.dumps(step)
        assert len(data) < 700
        assert repr(pickle.loads(data)) == repr(step)
    counted = pickle.loads(pickle.dumps(steps[0]))(table())
    assert counted.column("tokens").to_pylist() == tiktoken_counts(TEXTS)
