"""Tokens of a column in Hugging Face datasets: functions for `Dataset.map(batched=True)`.

They take batches of Arrow, `Dataset.with_format("arrow")`, and dictionaries of lists, which are
slower. The same options have the same fingerprint in each process, so that results are found in
the cache of datasets.

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
    """A function from batch to batch that takes dictionaries of lists, too."""

    def __init__(self, step: CountTokens | ChunkDocuments) -> None:
        self.step = step

    def __call__(self, batch: Any) -> Any:
        import pyarrow

        if isinstance(batch, pyarrow.Table):
            return self.step(batch)
        for name in self.step.used:
            check_column(name, list(batch))
        made = self.step(pyarrow.table({name: batch[name] for name in self.step.used}))
        if isinstance(self.step, CountTokens):
            self.step.check_output(list(batch))
            made = made.select([self.step.output])
        return made.to_pydict()

    def __repr__(self) -> str:
        return repr(self.step)


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
    """
    step = ChunkDocuments(column, id=id, chunker=chunker, columns=columns, errors=errors)
    return _OfLists(step)
