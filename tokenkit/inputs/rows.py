"""Counts of the rows of data files: JSON lines, CSV, Parquet and Arrow, also compressed.

Files are read in batches of bounded size, so memory does not grow with the file, only with its
longest row, which has a limit.

>>> import tempfile, pathlib
>>> path = pathlib.Path(tempfile.mkdtemp(), "rows.jsonl")
>>> _ = path.write_text('{"id": 1, "text": "hello world"}\\n{"id": 2, "text": null}\\n')
>>> for batch in count_rows(path, "text", ["o200k_base"], id_name="id"):
...     print(batch.ids, batch.tokens[0].tolist())
[1, 2] [2, -1]
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from tokenkit._checks import check_choice, check_whole
from tokenkit.encodings import Encoding, encoding_of
from tokenkit.errors import InputError
from tokenkit.inputs.ahead import ahead
from tokenkit.inputs.decoding import OnError, check_decoding
from tokenkit.inputs.distribution import MISSING
from tokenkit.inputs.limits import MOST_MB, most_bytes
from tokenkit.inputs.readers import READERS, DataKind, RowOptions, RowTexts
from tokenkit.inputs.remote import Store, bare_name, is_uri, shown_uri
from tokenkit.inputs.sources import PACKED_ENDINGS, STDIN, utf8_error

__all__ = [
    "DATA_ENDINGS",
    "RowBatch",
    "count_rows",
    "counted",
    "data_kind",
    "invalid_rows",
    "python_texts",
    "read_rows",
    "row_options",
    "row_strings",
]

# The endings of names of data files, and the kind that each means.
_KINDS: dict[str, DataKind] = {
    ending + packed: kind
    for kind, reader in READERS.items()
    for ending in reader.endings
    for packed in ("", *(PACKED_ENDINGS if reader.packed else ()))
}
DATA_ENDINGS = tuple(_KINDS)


@dataclass
class RowBatch:
    """The counts of rows that follow each other. `first` is the number of the first, from 0.

    `tokens` has an int64 array per encoding with a number per row, MISSING (-1) where the value is
    missing or wrong. `ids` are the values that name the rows, if that was asked for. `errors` holds
    (line or row, from 1, message) for each row that is wrong. `position` is how many bytes of the
    file, as it lies on the disk, have been read. `notes` say, of chats, why a count is not exact.
    `invalid` is how many rows have no count because they are wrong, not because they are null.
    """

    first: int
    rows: int
    tokens: list[npt.NDArray[np.int64]]
    ids: list[Any] | None = None
    errors: list[tuple[int, str]] = field(default_factory=list)
    position: int = 0
    notes: tuple[str, ...] = ()
    invalid: int = 0


def data_kind(path: str | os.PathLike[str]) -> DataKind | None:
    """Say what kind of rows a file holds, packed or not, by its name; None for other names.

    >>> data_kind("rows.jsonl.gz"), data_kind("notes.md")
    ('jsonl', None)
    """
    name = bare_name(os.fspath(path)).lower()
    return next((kind for ending, kind in _KINDS.items() if name.endswith(ending)), None)


def count_rows(
    path: str | os.PathLike[str],
    name: str,
    encodings: Sequence[str | Encoding],
    *,
    id_name: str | None = None,
    kind: DataKind | None = None,
    num_threads: int | None = None,
    text_encoding: str | None = None,
    errors: OnError = "raise",
    delimiter: str | None = None,
    quote: str | None = None,
    escape: str | None = None,
    header: bool | None = None,
    max_mb: int | None = MOST_MB,
) -> Iterator[RowBatch]:
    """Count the tokens of a field or column of each row, in batches.

    `name` is a field of JSON or a column; dots lead into nested objects and structs. `id_name` is
    another one, whose values name the rows. `path` may be "-" for standard input. `kind` says how
    to read it ("jsonl", "json", "csv", "tsv", "parquet", "arrow"), else the file's name does:
    .jsonl, .ndjson, .json, .csv, .tsv, .parquet, .arrow, .feather, .ipc; the first five also as .gz
    and .zst. JSON is a list of rows, or rows one after the other. Reading runs a batch ahead of
    counting. Parquet, Arrow and, before Python 3.14, .zst need pyarrow (extra `arrow`).

    `text_encoding` and `errors` are those of `count_files`; rows with wrong bytes are in
    `RowBatch.errors` also with "skip". `delimiter`, `quote` and `escape` are characters of CSV.
    With `header` False, a CSV file has no names of columns: `name` is a number from 1. With True it
    may be one, where no column has that name. A row may take `max_mb` MB of memory, None is without
    a limit; `tokenkit.inputs.limits` says how this is reckoned.

    Raises ValueError for an unknown `kind` or `text_encoding` and for more than one character of
    CSV, UnknownEncodingError, InputError for a file that cannot be read, or has no such column;
    rows that are wrong are in `RowBatch.errors`.

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "rows.csv")
    >>> _ = path.write_text("id,text\\na,hello world\\nb,hi\\n")
    >>> [(batch.ids, batch.tokens[0].tolist()) for batch in count_rows(path, "text", ["gpt2"],
    ...     id_name="id")]
    [(['a', 'b'], [2, 1])]
    """
    chosen = [encoding_of(None, encoding) for encoding in encodings]
    options = row_options(text_encoding, errors, delimiter, quote, escape, header, max_mb)
    yield from counted(read_rows(path, name, id_name, kind, options), chosen, num_threads, errors)


def counted(
    batches: Iterable[RowTexts],
    encodings: Sequence[Encoding],
    num_threads: int | None,
    errors: OnError = "raise",
    first: int = 0,
) -> Iterator[RowBatch]:
    """Count batches of rows that follow each other; `first` is the number of the first row."""
    for batch in batches:
        size = len(batch.texts)
        columns = [_counted(encoding, batch, num_threads, errors) for encoding in encodings]
        invalid = invalid_rows(batch, columns)
        yield RowBatch(
            first, size, columns, batch.ids, batch.errors, batch.position, invalid=invalid
        )
        first += size


def invalid_rows(batch: RowTexts, columns: Sequence[npt.NDArray[np.int64]]) -> int:
    """Count the rows that have no count and are named by an error."""
    wrong = {number for number, _ in batch.errors}
    if not wrong or not columns:
        return 0
    pairs = zip(batch.numbers, columns[0].tolist(), strict=True)
    named = sum(1 for number, tokens in pairs if tokens < 0 and number in wrong)
    return min(named, len(batch.errors))  # rows of JSON may share a line


def row_options(
    text_encoding: str | None,
    errors: OnError,
    delimiter: str | None,
    quote: str | None,
    escape: str | None,
    header: bool | None,
    max_mb: int | None,
    *,
    values: bool = False,
) -> RowOptions:
    """Check how rows are to be read. Raises ValueError as `count_rows` does."""
    for word, value in (("delimiter", delimiter), ("quote", quote), ("escape", escape)):
        if value is not None and (len(value) != 1 or value in "\r\n"):
            raise ValueError(f"{word}: expected one character, got {value!r}")
    if max_mb is not None:
        check_whole("max_mb", max_mb, least=1)
    decoding = check_decoding(text_encoding, errors)
    most = most_bytes(max_mb)
    return RowOptions(decoding, delimiter, quote, escape, header, values, most)


def read_rows(
    path: str | os.PathLike[str],
    name: str,
    id_name: str | None,
    kind: DataKind | None,
    options: RowOptions,
) -> Iterator[RowTexts]:
    """Read the rows of a file, a batch ahead. Raises as `count_rows` does."""
    reader = READERS[_kind(path, kind)]
    return ahead(reader.rows(os.fspath(path), name, id_name, options))


def _kind(path: str | os.PathLike[str], kind: DataKind | None) -> DataKind:
    """How to read a file: as `kind` says, else its name."""
    if kind is not None:
        check_choice("kind", kind, READERS)
    if os.path.isdir(path):
        if not os.access(path, os.R_OK):
            raise InputError("Permission denied")
        raise InputError("expected a data file, got a directory without data files")
    kind = kind or data_kind(path)
    if kind is None:
        if is_uri(os.fspath(path)):
            Store(os.fspath(path))  # says why the store gave no files, if it does not answer
        name = "standard input" if path == STDIN else f"the name {_last_of(path)!r}"
        raise InputError(
            f"expected rows of a known kind, got {name}; say which of {', '.join(READERS)} it is"
        )
    return kind


def _last_of(path: str | os.PathLike[str]) -> str:
    """The last part of a name, without the options of a URI, which may be secret."""
    return os.path.basename(shown_uri(os.fspath(path)))


def _counted(
    encoding: Encoding, batch: RowTexts, threads: int | None, errors: OnError
) -> npt.NDArray[np.int64]:
    """The tokens of each text; what is wrong with one goes to the batch's errors."""
    texts = batch.texts
    if not isinstance(texts, list):
        try:
            return encoding.count_arrow(texts, num_threads=threads).to_numpy(null=MISSING)
        except ValueError:  # bytes that are not UTF-8: name the rows
            texts = python_texts(texts, errors)
        except TypeError:
            raise InputError(_no_text(texts.type)) from None
    indices = [index for index, text in enumerate(texts) if text is not None]
    present = texts if len(indices) == len(texts) else [texts[index] for index in indices]
    try:
        numbers = encoding.count_batch(present, num_threads=threads)
    except ValueError:
        return np.array(
            [_counted_alone(encoding, batch, index, text) for index, text in enumerate(texts)],
            np.int64,
        )
    if present is texts:
        return numbers
    tokens = np.full(len(texts), MISSING, np.int64)
    tokens[indices] = numbers
    return tokens


def python_texts(column: Any, errors: OnError) -> list[str | bytes | None]:
    """The texts of a column of Arrow: bytes where they are not UTF-8, unless `errors` is "replace",
    and None for null."""
    values = [text for chunk in column.chunks for text in _array_texts(chunk)]
    if errors != "replace":
        return list(values)
    return [value if value is None else value.decode("utf-8", "replace") for value in values]


def _array_texts(array: Any) -> list[bytes | None]:
    """The texts of an array of Arrow as bytes. Those of a dictionary are shared by its rows: not
    every kind of text in one can be cast by Arrow."""
    import pyarrow

    if not pyarrow.types.is_dictionary(array.type):
        return list(array.cast(pyarrow.large_binary()).to_pylist())
    entries = _array_texts(array.dictionary)
    return [None if index is None else entries[index] for index in array.indices.to_pylist()]


def row_strings(batch: RowTexts, errors: OnError) -> list[str | None]:
    """The texts of rows as str; None for null, and for rows that are not text, which go to the
    batch's errors. Raises InputError for a column of Arrow that holds no text."""
    texts = batch.texts
    if not isinstance(texts, list):
        import pyarrow

        try:
            texts = python_texts(texts, errors)
        except (pyarrow.ArrowException, NotImplementedError, TypeError):
            raise InputError(_no_text(batch.texts.type)) from None
    return [_decoded(batch, index, text) for index, text in enumerate(texts)]


def _decoded(batch: RowTexts, index: int, text: str | bytes | None) -> str | None:
    if not isinstance(text, bytes):
        return text
    try:
        return text.decode()
    except UnicodeDecodeError:
        _add_error(batch, index, text)
        return None


def _add_error(batch: RowTexts, index: int, text: Any) -> None:
    """Add what is wrong with the bytes of a row to the batch's errors, once."""
    # Arrow's formats have no other encoding that could be named.
    error = utf8_error(text) if isinstance(batch.texts, list) else utf8_error(text, where="")
    problem = (batch.numbers[index], str(error))
    if problem not in batch.errors:
        batch.errors.append(problem)


def _no_text(kind: Any) -> str:
    """Say what is wrong with a column of Arrow that is not text."""
    import pyarrow

    what = f"expected a column of text, got {kind}"
    if pyarrow.types.is_struct(kind) and kind.num_fields:
        return f"{what}; name a field of it with a dot, as COLUMN.{kind.field(0).name}"
    if pyarrow.types.is_nested(kind):
        return f"{what}; if these are the messages of chats, count them as such"
    return what


def _counted_alone(encoding: Encoding, batch: RowTexts, index: int, text: Any) -> int:
    try:
        return MISSING if text is None else encoding.count(text)
    except ValueError:
        _add_error(batch, index, text)
        return MISSING
