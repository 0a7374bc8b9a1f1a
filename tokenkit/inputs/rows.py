"""Counts of the rows of data files: JSON lines, CSV, Parquet and Arrow, also compressed.

Files are read in batches of bounded size, so memory does not grow with the file, only with its
longest row.

>>> import tempfile, pathlib
>>> path = pathlib.Path(tempfile.mkdtemp(), "rows.jsonl")
>>> _ = path.write_text('{"id": 1, "text": "hello world"}\\n{"id": 2, "text": null}\\n')
>>> for batch in count_rows(path, "text", ["o200k_base"], id_name="id"):
...     print(batch.ids, batch.tokens[0].tolist())
[1, 2] [2, -1]
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from tokenkit.costs import EXACT, cost, plain
from tokenkit.encodings import Encoding, get_encoding
from tokenkit.inputs.readers import KINDS, RowTexts, ahead, read_rows
from tokenkit.inputs.sources import STDIN, InputError, packing
from tokenkit.models import Model

__all__ = ["MISSING", "Distribution", "RowBatch", "count_rows", "data_kind"]

MISSING = -1
ENDINGS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}
DATA_ENDINGS = (
    *ENDINGS,
    *(
        f"{ending}.{packed}"
        for ending, kind in ENDINGS.items()
        for packed in ("gz", "zst")
        if kind not in ("parquet", "arrow")
    ),
)
# Counts up to here are tallied in an array, which is faster than sorting them.
_TALLIED = 1 << 16
Path = str | os.PathLike[str]


@dataclass
class RowBatch:
    """Rows that follow each other. `first` is the number of the first one, from 0.

    `tokens` has an int64 array per encoding with a number per row, MISSING (-1) where the value is
    missing or wrong; `errors` says (line or row, from 1, message) of what is wrong. `position` is
    how many bytes of the file, as it lies on the disk, have been read.
    """

    first: int
    rows: int
    tokens: list[npt.NDArray[np.int64]]
    ids: list[Any] | None = None
    errors: list[tuple[int, str]] = field(default_factory=list)
    position: int = 0


class Distribution:
    """How many rows have how many tokens: exact sums and percentiles in little memory."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        self.missing = 0

    def add(self, tokens: npt.NDArray[np.int64]) -> None:
        """Takes the counts of more rows, MISSING among them."""
        counted = tokens[tokens >= 0]
        self.missing += len(tokens) - len(counted)
        if not len(counted):
            return
        if counted.max() < _TALLIED:
            tally = np.bincount(counted)
            values = tally.nonzero()[0]
            rows = tally[values]
        else:
            values, rows = np.unique(counted, return_counts=True)
        for value, number in zip(values.tolist(), rows.tolist(), strict=True):
            self.counts[value] += number

    @property
    def rows(self) -> int:
        """The number of rows that were counted."""
        return self.counts.total()

    @property
    def tokens(self) -> int:
        """The tokens of all rows."""
        return sum(tokens * rows for tokens, rows in self.counts.items())

    def percentile(self, percent: float) -> int:
        """The smallest count that at least `percent` of the rows do not exceed (nearest rank).

        Raises ValueError if there are no rows.
        """
        if not self.counts:
            raise ValueError("no rows were counted")
        wanted, seen = max(1.0, self.rows * percent / 100), 0
        for tokens in sorted(self.counts):
            seen += self.counts[tokens]
            if seen >= wanted:
                return tokens
        return max(self.counts)

    def above(self, limit: int) -> int:
        """The number of rows with more than `limit` tokens."""
        return sum(rows for tokens, rows in self.counts.items() if tokens > limit)

    def cost(self, model: str | Model) -> tuple[Decimal, bool]:
        """What `model` charges for the rows as inputs, each a request of its own, in USD, and
        whether that is too low because a price is not listed. Raises UnknownModelError."""
        total, partial = Decimal(0), False
        for tokens, rows in self.counts.items():
            price = cost(model, input_tokens=tokens)
            total = EXACT.add(total, EXACT.multiply(price.total, Decimal(rows)))
            partial = partial or price.partial
        return plain(total), partial

    def histogram(self) -> list[tuple[int, int, int]]:
        """(from, to, rows) by powers of two, from the first that has rows to the last."""
        bins: Counter[int] = Counter()
        for tokens, rows in self.counts.items():
            bins[tokens.bit_length()] += rows
        if not bins:
            return []
        return [
            ((1 << power) >> 1, (1 << power) - 1 if power else 0, bins[power])
            for power in range(min(bins), max(bins) + 1)
        ]


def data_kind(path: Path) -> str | None:
    """The kind of rows that a file's name tells, packed or not: "jsonl", "csv", "tsv", "parquet" or
    "arrow"; None if it tells none."""
    name = os.fspath(path).lower()
    packed = packing(name)
    kind = ENDINGS.get(os.path.splitext(name.removesuffix(f".{packed}"))[1])
    return kind if name.endswith(DATA_ENDINGS) else None


def count_rows(
    path: Path,
    name: str,
    encodings: Sequence[str | Encoding],
    *,
    id_name: str | None = None,
    kind: str | None = None,
    num_threads: int | None = None,
) -> Iterator[RowBatch]:
    """The tokens of a field (dotted for nested ones) or column of each row, in batches.

    `path` may be "-" for standard input. How to read it is told by `kind` ("jsonl", "csv", "tsv",
    "parquet", "arrow"), else by the file's name: .jsonl, .ndjson, .csv, .tsv, .parquet, .arrow,
    .feather, .ipc; the first four also as .gz and .zst. Reading runs a batch ahead of counting.
    Raises ValueError for an unknown `kind`, InputError for a file that cannot be read, or has no
    such column; rows that are wrong are in `RowBatch.errors`. Parquet, Arrow and, before Python
    3.14, .zst need pyarrow (extra `arrow`).
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    engines = [get_encoding(one) if isinstance(one, str) else one for one in encodings]
    kind = kind or data_kind(path)
    if os.path.isdir(path):
        can = os.access(path, os.R_OK)
        raise InputError("is a directory without data files" if can else "Permission denied")
    if kind is None:
        what = "standard input" if path == STDIN else "a file of this name"
        raise InputError(f"how is {what} to be read? As one of {', '.join(KINDS)}")
    first = 0
    for batch in ahead(read_rows(os.fspath(path), kind, name, id_name)):
        size = len(batch.texts)
        columns = [_counted(engine, batch, num_threads) for engine in engines]
        yield RowBatch(first, size, columns, batch.ids, batch.errors, batch.position)
        first += size


def _counted(engine: Encoding, batch: RowTexts, threads: int | None) -> npt.NDArray[np.int64]:
    texts = batch.texts
    if not isinstance(texts, list):
        try:
            return engine.count_arrow(texts, num_threads=threads).to_numpy(null=MISSING)
        except ValueError:  # bytes that are not UTF-8: find the rows
            import pyarrow

            texts = texts.cast(pyarrow.large_binary()).to_pylist()
        except TypeError:
            raise InputError(f"the column holds {texts.type}, not text") from None
    here = [index for index, text in enumerate(texts) if text is not None]
    present = texts if len(here) == len(texts) else [texts[index] for index in here]
    try:
        numbers = engine.count_batch(present, num_threads=threads)
    except ValueError:
        return np.array(
            [_counted_alone(engine, batch, index, text) for index, text in enumerate(texts)],
            np.int64,
        )
    if present is texts:
        return numbers
    found = np.full(len(texts), MISSING, np.int64)
    found[here] = numbers
    return found


def _counted_alone(engine: Encoding, batch: RowTexts, index: int, text: Any) -> int:
    try:
        return MISSING if text is None else engine.count(text)
    except ValueError as error:
        problem = (batch.numbers[index], f"is not UTF-8 text: {error}")
        if problem not in batch.errors:
            batch.errors.append(problem)
        return MISSING
