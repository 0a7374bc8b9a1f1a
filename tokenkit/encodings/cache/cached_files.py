"""The files in the cache of tokenizers, for people: which there are, whether they are whole, and
removing them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from time import time

from tokenkit.encodings.cache.image_cache import (
    NOTE_SUFFIX,
    SUFFIX,
    cache_folder,
    open_own,
    own_files,
    read_own,
)
from tokenkit.encodings.cache.image_file import LABEL_BYTES, label_of, unpacked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["CachedTokenizer", "cached_tokenizers", "check_cached", "clear_cache"]


@dataclass(frozen=True)
class CachedTokenizer:
    """One compiled tokenizer in the cache.

    `source` is the file that it was made of, `bytes` its size on disk, `used` when it was last
    used, in seconds since 1970. `fault` says why it cannot be used, and is "" if it can.
    """

    key: str
    path: str
    source: str
    name: str
    format: str
    bytes: int
    used: float
    fault: str = ""


def cached_tokenizers() -> list[CachedTokenizer]:
    """List the compiled tokenizers in the cache, the last used first. Only headers are read."""
    folder = cache_folder()
    if folder is None:
        return []
    found = [
        _looked_at(os.path.join(folder, name), status)
        for name, status in own_files(folder)
        if name.endswith(SUFFIX)
    ]
    return sorted(found, key=lambda entry: (-entry.used, entry.key))


def check_cached(entry: CachedTokenizer) -> str:
    """Read a file of the cache to its last byte; say what is wrong with it, "" if nothing is."""
    try:
        unpacked(entry.key, read_own(entry.path)[0])
    except (OSError, ValueError) as error:
        return _fault(error)
    return ""


def clear_cache(chosen: Callable[[CachedTokenizer], bool] | None = None) -> tuple[int, int, int]:
    """Remove the compiled tokenizers that `chosen` says, by default all, with what is noted of
    their sources and what killed processes left.

    Processes that use one go on with it. Returns how many were removed, their bytes, and how many
    could not be removed: on Windows those in use, elsewhere those in a folder that is only read.
    """
    removed = size = left = 0
    for entry in cached_tokenizers():
        if chosen is None or chosen(entry):
            if _remove(entry.path):
                removed, size = removed + 1, size + entry.bytes
            else:
                left += 1
    folder = cache_folder()
    if chosen is None and folder is not None:
        for name, status in own_files(folder):
            # A part that is young may be on its way.
            if name.endswith(NOTE_SUFFIX) or time() - status.st_mtime > 60:
                _remove(os.path.join(folder, name))
    return removed, size, left


def _looked_at(path: str, status: os.stat_result) -> CachedTokenizer:
    key = os.path.basename(path).removesuffix(SUFFIX)
    try:
        label, fault = _label(key, path), ""
    except (OSError, ValueError) as error:
        label, fault = {}, _fault(error)
    source, name, form = (str(label.get(field, "")) for field in ("source", "name", "format"))
    return CachedTokenizer(key, path, source, name, form, status.st_size, status.st_mtime, fault)


def _label(key: str, path: str) -> dict[str, Any]:
    descriptor, now = open_own(path)
    with open(descriptor, "rb") as file:
        return label_of(key, memoryview(file.read(LABEL_BYTES)), now.st_size)


def _fault(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error)


def _remove(path: str) -> bool:
    try:
        os.remove(path)
    except OSError:
        return False
    return True
