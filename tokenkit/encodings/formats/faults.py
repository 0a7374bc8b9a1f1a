"""Faults of a tokenizer file, before it is known which file it is."""

from __future__ import annotations

from tokenkit._checks import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any


class Fault(Exception):
    """A fault at a place of a file, such as `model.merges[3]`. `read_tokenizer` makes it a
    VocabularyError that names the file, too."""


def unlike(where: str, expected: str, got: Any) -> Fault:
    """Make the fault for a value that is not what was expected.

    >>> print(unlike("model.unk_id", "a whole number", "0"))
    model.unk_id: expected a whole number, got '0'
    """
    return Fault(f"{where}: expected {expected}, got {shown(got)}")


def unknown_key(where: str, key: str, known: Collection[str]) -> Fault:
    """Make the fault for a key that nobody here knows.

    >>> print(unknown_key("model", "sparse", ["type", "vocab"]))
    model: unknown key 'sparse', which might change ids; known here are type and vocab
    """
    *others, last = sorted(known) or [""]
    listed = f"{', '.join(others)} and {last}" if others else last or "none"
    where = where or "at the top"
    return Fault(
        f"{where}: unknown key {shown(key)}, which might change ids; known here are {listed}"
    )
