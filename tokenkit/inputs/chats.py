"""Counts of chats that lie in the rows of data files, as data sets for training have them.

>>> import json, pathlib, tempfile
>>> path = pathlib.Path(tempfile.mkdtemp(), "chats.jsonl")
>>> _ = path.write_text(json.dumps({"messages": [{"role": "user", "content": "Hi"}]}))
>>> [batch.tokens[0].tolist() for batch in count_chats(path, "messages", ["gpt-4o"])]
[[8]]
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from tokenkit._checks import shown
from tokenkit.chat import count_messages
from tokenkit.errors import TokenkitError
from tokenkit.inputs.decoding import OnError
from tokenkit.inputs.distribution import MISSING
from tokenkit.inputs.limits import MOST_MB, check_json_memory
from tokenkit.inputs.readers import DataKind, RowTexts, python_values
from tokenkit.inputs.rows import (
    RowBatch,
    invalid_rows,
    python_texts,
    read_rows,
    row_options,
)
from tokenkit.models import Model, get_model

__all__ = ["count_chats"]


def count_chats(
    path: str | os.PathLike[str],
    name: str,
    models: Sequence[str | Model],
    *,
    id_name: str | None = None,
    kind: DataKind | None = None,
    text_encoding: str | None = None,
    errors: OnError = "raise",
    delimiter: str | None = None,
    quote: str | None = None,
    escape: str | None = None,
    header: bool | None = None,
    max_mb: int | None = MOST_MB,
) -> Iterator[RowBatch]:
    """Count the chat in a field or column of each row under each model, in batches.

    A chat is a list of messages, as `count_messages` takes it; in a column of text, the JSON of
    one. Keys of Arrow's structs that are null in a message are left out. The other arguments, and
    what is given and raised, are those of `count_rows`; also raises UnknownModelError. A chat that
    cannot be counted is in `RowBatch.errors`; where a count is not exact, `RowBatch.notes` say why.

    >>> import json, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "chats.csv")
    >>> _ = path.write_text('chat\\n"[{""role"": ""user"", ""content"": ""Hi""}]"\\nno\\n')
    >>> (batch,) = count_chats(path, "chat", ["gpt-4o"])
    >>> batch.tokens[0].tolist(), batch.errors
    ([8, -1], [(3, "expected the JSON of messages, got 'no'")])
    """
    chosen = [get_model(model) for model in models]
    options = row_options(
        text_encoding, errors, delimiter, quote, escape, header, max_mb, values=True
    )
    first = 0
    for batch in read_rows(path, name, id_name, kind, options):
        counted = _counted(batch, _values(batch, name, errors), chosen, first, options.most)
        yield counted
        first += counted.rows


def _values(batch: RowTexts, name: str, errors: OnError) -> list[Any]:
    """The values of the rows. Of a column of text, bytes where they are not UTF-8."""
    column = batch.texts
    if isinstance(column, list):
        return column
    import pyarrow

    try:
        return [_readable(text) for text in python_texts(column, errors)]
    except (pyarrow.ArrowException, TypeError):  # a column of lists
        return python_values(column, name, next(iter(batch.numbers), 1))


def _readable(text: str | bytes | None) -> str | bytes | None:
    """A text as str, unless it is not UTF-8."""
    if isinstance(text, bytes):
        with suppress(UnicodeDecodeError):
            return text.decode()
    return text


def _counted(
    batch: RowTexts, values: list[Any], models: list[Model], first: int, most: int
) -> RowBatch:
    rows: list[list[int]] = []
    notes: dict[str, None] = {}
    for number, value in zip(batch.numbers, values, strict=True):
        counts = [MISSING] * len(models)
        if value is not None:
            try:
                messages = _messages(value, most)
                results = [count_messages(messages, model) for model in models]
                counts = [result.tokens for result in results]
                notes.update((note, None) for result in results for note in result.notes)
            except (TypeError, ValueError, KeyError, TokenkitError) as error:
                batch.errors.append((number, str(error.args[0] if error.args else error)))
        rows.append(counts)
    columns = list(np.array(rows, np.int64).reshape(len(rows), len(models)).T)
    return RowBatch(
        first,
        len(rows),
        columns,
        batch.ids,
        batch.errors,
        batch.position,
        tuple(notes),
        invalid_rows(batch, columns),
    )


def _messages(value: Any, most: int) -> Any:
    """The messages in a value: a list, the JSON of one, or a request that holds one."""
    if isinstance(value, (str, bytes)):
        check_json_memory(value, most, "a chat")
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError(f"expected the JSON of messages, got {shown(value)}") from None
    if isinstance(value, Mapping) and "messages" in value:
        value = value["messages"]
    if not isinstance(value, list):
        raise ValueError(f"expected a list of messages, got {shown(value)}")
    return [_present(message) for message in value]


def _present(value: Any) -> Any:
    """A value without the keys that are null: Arrow gives each struct the keys of all others."""
    if isinstance(value, Mapping):
        return {name: _present(inner) for name, inner in value.items() if inner is not None}
    return [_present(inner) for inner in value] if isinstance(value, list) else value
