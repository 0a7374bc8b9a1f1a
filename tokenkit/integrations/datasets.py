"""Tokens of a column in Hugging Face datasets: functions for `Dataset.map(batched=True)`.

They take batches of Arrow, `Dataset.with_format("arrow")`, of Polars and of pandas, and
dictionaries of lists, which are slower. The same options have the same fingerprint in each process,
so that results are found in the cache of datasets.

>>> count_tokens("text", model="gpt-5.4")({"text": ["hello world", None]})
{'tokens': [2, None]}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tokenkit import Chunker, Encoding, Model
from tokenkit.integrations.arrow_batches import ChunkDocuments, CountTokens, Errors, check_column

__all__ = ["chunk_documents", "count_tokens"]


class _OfLists:
    """A function from batch to batch that takes frames and dictionaries of lists, too."""

    def __init__(self, step: CountTokens | ChunkDocuments) -> None:
        self.step = step

    def __call__(self, batch: Any) -> Any:
        import pyarrow

        if hasattr(batch, "to_arrow"):  # a DataFrame of Polars
            batch = batch.to_arrow()
        elif hasattr(batch, "iloc"):  # one of pandas
            batch = pyarrow.Table.from_pandas(batch, preserve_index=False)
        if isinstance(batch, pyarrow.Table):
            return self.step(batch)
        for name in self.step.used:
            check_column(name, list(batch))
        _check_rows(self.step.column, batch[self.step.column])
        made = self.step(pyarrow.table({name: batch[name] for name in self.step.used}))
        if isinstance(self.step, CountTokens):
            self.step.check_output(list(batch))
            made = made.select([self.step.output])
        return made.to_pydict()

    def __repr__(self) -> str:
        return repr(self.step)


def _check_rows(column: str, texts: Any) -> None:
    """Raise TypeError for the text of one row, of which each letter would be a row."""
    if isinstance(texts, str | bytes) or not hasattr(texts, "__len__"):
        raise TypeError(
            f"column {column!r}: expected a batch of rows, got {type(texts).__name__}; "
            "write map(..., batched=True)"
        )


def count_tokens(
    column: str,
    *,
    model: str | Model | None = None,
    encoding: str | Encoding | None = None,
    output: str = "tokens",
    errors: Errors = "raise",
) -> _OfLists:
    """Make a function for `Dataset.map(batched=True)` that adds the number of tokens of each text.

    The options, and what it raises, are those of `ray.CountTokens`.

    >>> from datasets import Dataset
    >>> documents = Dataset.from_dict({"text": ["hello world"]}).with_format("arrow")
    >>> documents.map(count_tokens("text", model="gpt-5.4"), batched=True)["tokens"][:].to_pylist()
    [2]
    """
    step = CountTokens(column, model=model, encoding=encoding, output=output, errors=errors)
    return _OfLists(step)


def chunk_documents(
    column: str,
    *,
    id: str,
    chunker: Chunker,
    columns: Sequence[str] = (),
    errors: Errors = "raise",
) -> _OfLists:
    """Make a function for `Dataset.map(batched=True, remove_columns=dataset.column_names)` that
    splits the text of each row into chunks, a row each.

    The options, the columns, and what it raises, are those of `ray.ChunkDocuments`.

    >>> chunker = Chunker("text-embedding-3-small", max_tokens=1)
    >>> split = chunk_documents("text", id="id", chunker=chunker)
    >>> split({"id": [7], "text": ["hello world"]})["text"]
    ['hello', ' world']
    """
    step = ChunkDocuments(column, id=id, chunker=chunker, columns=columns, errors=errors)
    return _OfLists(step)
