"""Share among adapters of engines with columns: names of encodings, and where an error is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tokenkit import Encoding, UnknownModelError, encoding_for_model, get_encoding
from tokenkit._checks import check_str
from tokenkit.encodings import ENCODINGS, list_encoding_names
from tokenkit.errors import nearest

__all__ = ["encoding_named", "naming"]


def encoding_named(name: str) -> Encoding:
    """Find an encoding by its own name, or by that of a model, as functions of SQL take it.

    Raises TypeError unless it is a str, UnknownModelError for a name of neither, and
    NoTokenizerError.

    >>> encoding_named("gpt-5.4") is encoding_named("o200k_base")
    True
    """
    check_str("model", name)
    encodings = [*list_encoding_names(), *ENCODINGS]
    if name in encodings:
        return get_encoding(name)
    try:
        return encoding_for_model(name)
    except UnknownModelError as error:
        if "_" not in name:  # which most encodings have, and few models
            raise
        hint = nearest(name, dict.fromkeys(encodings))
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
