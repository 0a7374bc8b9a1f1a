"""The compiled form of a tokenizer file: from the cache if it was seen before, else made now."""

from __future__ import annotations

import os
from time import time_ns

from tokenkit.encodings.cache.image_cache import find, keep, key_of
from tokenkit.encodings.cache.source_notes import is_settled, note_digest, noted_digest
from tokenkit.encodings.formats.contents import digest_of, read_contents
from tokenkit.encodings.formats.faults import Fault
from tokenkit.encodings.formats.sources import files_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from typing_extensions import Buffer

    Definition: TypeAlias = dict[str, Any]
    # What is built: the digest of what was read for it, a label for lists, and what is kept.
    Built: TypeAlias = tuple[str, dict[str, str], Definition, Buffer]


def compiled(path: str, build: Callable[[], Built | None]) -> tuple[Definition, Buffer] | None:
    """Get the definition and the image that a tokenizer file is compiled to.

    `build` reads the file and those beside it, and compiles them; None for a tokenizer that has no
    image, which this returns, too. It is called only if no file with this content is in the cache.
    Its digest is that of `TokenizerFile`, so that a file that changes while it is read is kept
    under what was read. Raises what `build` raises.
    """
    digest = noted_digest(files_of(path))
    found = find(key_of(digest)) if digest else None
    if found is not None:
        return found
    seen = _Seen(path)
    found = find(key_of(seen.digest)) if seen.digest else None
    if found is None:
        built = build()
        if built is None:
            return None
        digest, label, definition, image = built
        found = keep(key_of(digest), definition, image, label)
    seen.note()
    return found


class _Seen:
    """The digest of what is read now, "" if it cannot be read; then `build` says why."""

    def __init__(self, path: str) -> None:
        self.read_ns = time_ns()
        self.digest = ""
        self.statuses: dict[str, os.stat_result] = {}
        try:
            contents, self.statuses = read_contents(path)
        except (Fault, OSError):
            return
        self.digest = digest_of(path, contents)

    def note(self) -> None:
        """Note the digest for the next process, if these files will show later changes."""
        statuses = self.statuses.values()
        if statuses and all(is_settled(status, self.read_ns) for status in statuses):
            note_digest(self.statuses, self.digest)
