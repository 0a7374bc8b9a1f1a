"""Share among adapters of engines with columns: names of encodings, parts, where an error is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from tokenkit import Encoding, UnknownModelError, encoding_for_model, get_encoding
from tokenkit._checks import check_str
from tokenkit.encodings import ENCODINGS, encoding_names
from tokenkit.errors import nearest

__all__ = ["applied", "encoding_named", "naming"]

# Bytes of texts at once: an Arrow array of strings holds at most 2 GB, and chunks may overlap.
PART = 1 << 29


def encoding_named(name: str) -> Encoding:
    """Find an encoding by its own name, or by that of a model, as functions of SQL take it.

    A name that both have is the model's, but for one of `tokenkit.registry.ENCODINGS`.

    Raises TypeError unless it is a str, UnknownModelError for a name of neither, NoTokenizerError,
    and ModuleNotFoundError that names the extra of a vocabulary that is not installed.

    >>> encoding_named("gpt-5.4") is encoding_named("o200k_base")
    True
    """
    check_str("model", name)
    if name in ENCODINGS:
        return get_encoding(name)
    try:
        return encoding_for_model(name)
    except UnknownModelError as error:
        known = encoding_names()
        if name in known:
            return get_encoding(name)
        if "_" not in name:  # which most encodings have, and few models
            raise
        hint = nearest(name, known)
        raise UnknownModelError(f"Unknown model or encoding {name!r}.{hint}") from error


@contextmanager
def naming(where: str) -> Iterator[None]:
    """Put where it happened, such as "column 'text'", before the message of an error.

    >>> with naming("column 'text'"):
    ...     raise ValueError("row 3: invalid UTF-8 at byte 0")
    Traceback (most recent call last):
    ValueError: column 'text': row 3: invalid UTF-8 at byte 0
    """
    try:
        yield
    except UnicodeError as error:  # its message is not in its arguments
        raise ValueError(f"{where}: {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        error.args = (f"{where}: {error}", *error.args[1:])
        raise


def applied(road: Callable[[Any], Any], column: Any, size: int) -> list[Any]:
    """Apply a road to a column of so many bytes, in parts where it is too big for one array.

    `column` has `len` and `slice`, as those of Polars and pyarrow have. Returns what the road gave
    for each part. An error in a later part says from which row on its rows are counted.
    """
    if size <= PART:
        return [road(column)]
    step = len(column) // (size // PART + 1) + 1
    results = []
    for start in range(0, len(column), step):
        with naming(f"rows from {start} on") if start else nullcontext():
            results.append(road(column.slice(start, step)))
    return results
