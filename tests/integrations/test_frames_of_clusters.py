"""Hugging Face datasets, Dask and Daft: against tiktoken, row by row."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from column_texts import ENCODING, MODEL, NOT_UTF8, TEXTS, as_structs, tiktoken_counts

import tokenkit.integrations.daft as with_daft
import tokenkit.integrations.dask as with_dask
import tokenkit.integrations.datasets as with_datasets
from tokenkit import Chunker

pytestmark = pytest.mark.engines

CHUNKER = Chunker(encoding=ENCODING, max_tokens=9)
IDS = [10 * at for at in range(len(TEXTS))]
CHUNKS = [
    {"id": id, **chunk}
    for id, text in zip(IDS, TEXTS, strict=True)
    for chunk in as_structs(CHUNKER.chunk(text or ""))
]


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    import datasets

    datasets.disable_progress_bars()
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    return datasets.Dataset.from_dict({"key": IDS, "text": TEXTS})


@pytest.mark.parametrize("format", ["arrow", "polars", "pandas", "numpy", None])
def test_datasets(dataset: Any, format: str | None) -> None:
    formatted = dataset.with_format(format)
    step = with_datasets.count_tokens("text", model=MODEL)
    made = formatted.map(step, batched=True, batch_size=4).with_format(None)
    assert made[:] == {"key": IDS, "text": TEXTS, "tokens": tiktoken_counts()}
    assert made.features["tokens"].dtype == "int64"
    split = with_datasets.chunk_documents("text", id="key", chunker=CHUNKER)
    made = formatted.map(split, batched=True, remove_columns=dataset.column_names)
    assert made.with_format(None).to_list() == CHUNKS


def test_datasets_in_processes_and_errors(dataset: Any) -> None:
    step = with_datasets.count_tokens("text", model=MODEL)
    made = dataset.with_format("arrow").map(step, batched=True, num_proc=2)
    assert made.with_format(None)["tokens"][:] == tiktoken_counts()
    for wrong, message in (
        (with_datasets.count_tokens("txt", model=MODEL), r"'txt', got none.*'key', 'text'"),
        (with_datasets.count_tokens("text", model=MODEL, output="key"), "'key', which is there"),
        (with_datasets.count_tokens("key", model=MODEL), r"column 'key'.*int64"),
    ):
        for formatted in (dataset, dataset.with_format("arrow")):
            with pytest.raises((TypeError, ValueError), match=message):
                formatted.map(wrong, batched=True)


@pytest.mark.parametrize("text", ["hello", "", None])
def test_datasets_row_by_row(text: str | None) -> None:
    import datasets

    rows = datasets.Dataset.from_dict({"id": [1], "text": pa.array([text], pa.string())})
    steps: list[Any] = [
        with_datasets.count_tokens("text", model=MODEL),
        with_datasets.chunk_documents("text", id="id", chunker=CHUNKER),
    ]
    for step in steps:
        with pytest.raises(TypeError, match=r"'text': expected a batch of rows, .*batched=True"):
            rows.map(step)


def test_the_fingerprint_is_that_of_the_options() -> None:
    """In each process, or datasets would compute again what is in its cache."""
    code = (
        "from datasets.fingerprint import Hasher\n"
        "from tokenkit import Chunker\n"
        "from tokenkit.integrations.datasets import chunk_documents, count_tokens\n"
        f"print(Hasher.hash(count_tokens('text', model={MODEL!r})))\n"
        f"print(Hasher.hash(count_tokens('text', encoding={ENCODING!r})))\n"
        "print(Hasher.hash(count_tokens('text', model='gpt-4')))\n"
        f"chunker = Chunker(encoding={ENCODING!r}, max_tokens=9)\n"
        "print(Hasher.hash(chunk_documents('text', id='key', chunker=chunker)))\n"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
        ).stdout.split()
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    by_model, by_encoding, other, chunks = runs[0]
    assert by_model == by_encoding
    assert len({by_model, other, chunks}) == 3


def test_dask() -> None:
    import dask.dataframe as dd

    rows = range(5, 5 + len(TEXTS))  # an index that must stay
    source = pd.DataFrame({"key": IDS, "text": TEXTS, "page": 1.5}, index=rows)
    frame = dd.from_pandas(source, npartitions=3)
    counts = with_dask.count_tokens(frame["text"], model=MODEL)
    assert (counts.name, str(counts.dtype)) == ("text", "Int64")
    made = frame.assign(tokens=counts).compute(scheduler="processes", num_workers=2)
    assert made["tokens"].astype(object).where(made["tokens"].notna(), None).tolist() == (
        tiktoken_counts()
    )
    assert list(made.index) == list(rows)
    chunks = with_dask.chunk_documents(frame, text="text", id="key", chunker=CHUNKER)
    found = chunks.compute()
    assert dict(found.dtypes) == dict(chunks.dtypes)
    assert pa.Table.from_pandas(found, preserve_index=False).to_pylist() == CHUNKS
    none = frame[frame["key"] < 0]  # partitions without rows
    assert len(with_dask.count_tokens(none["text"], model=MODEL).compute()) == 0
    empty = with_dask.chunk_documents(none, text="text", id="key", chunker=CHUNKER).compute()
    assert dict(empty.dtypes) == dict(chunks.dtypes)
    assert len(empty) == 0


def test_dask_says_what_is_wrong() -> None:
    import dask.dataframe as dd

    # Of objects, Dask would make strings itself, and fail.
    raw = pd.Series(NOT_UTF8, dtype=pd.ArrowDtype(pa.binary()))
    frame = dd.from_pandas(pd.DataFrame({"id": range(4), "raw": raw}), npartitions=1)
    with pytest.raises(ValueError, match=r"column 'raw', .*row 1: .*byte 3"):
        with_dask.count_tokens(frame["raw"], model=MODEL).compute()
    with pytest.raises(ValueError, match=r"'text', got none.*'id', 'raw'"):
        with_dask.chunk_documents(frame, text="text", id="id", chunker=CHUNKER)
    nulled = with_dask.count_tokens(frame["raw"], model=MODEL, errors="null").compute()
    assert nulled.isna().tolist() == [False, True, True, False]


def test_daft() -> None:
    import daft

    raws = [None if text is None else text.encode() for text in TEXTS]
    frame = daft.from_pydict({"id": IDS, "text": TEXTS, "raw": raws}).into_partitions(3)
    made = frame.select(
        with_daft.count_tokens(daft.col("text"), model=MODEL).alias("n"),
        with_daft.count_tokens("raw", model=MODEL).alias("of_raw"),
    ).to_pydict()
    assert made == {"n": tiktoken_counts(), "of_raw": tiktoken_counts()}
    chunks = frame.where(daft.col("text") != "").select(
        "id", with_daft.chunk_tokens(daft.col("text"), CHUNKER).alias("chunk")
    )
    rows = chunks.explode("chunk").select("id", daft.col("chunk").unnest()).to_pylist()
    assert rows == CHUNKS
    wrong = daft.from_pydict({"raw": NOT_UTF8})
    with pytest.raises(ValueError, match=r"column 'raw', .*row 1: .*byte 3"):
        wrong.select(with_daft.count_tokens(daft.col("raw"), model=MODEL)).collect()
    with pytest.raises(TypeError, match="column: expected str, got int"):
        with_daft.count_tokens(5, model=MODEL)
    nulled = with_daft.count_tokens(daft.col("raw"), model=MODEL, errors="null")
    assert wrong.select(nulled).to_pydict() == {"raw": [1, None, None, 0]}
