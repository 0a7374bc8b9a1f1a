"""The compiled form of a tokenizer file: from the cache if it was seen before, else made now."""

from __future__ import annotations

from time import time_ns

from tokenkit.encodings.cache.image_cache import find, keep, key_of
from tokenkit.encodings.cache.source_notes import is_settled, note_digest, noted_digest
from tokenkit.encodings.formats.contents import digest_of, read_contents
from tokenkit.encodings.formats.faults import Fault
from tokenkit.encodings.formats.sources import files_of
from tokenkit.errors import VocabularyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    from typing_extensions import Buffer

    Definition: TypeAlias = dict[str, Any]
    # What is built: a label for lists, and what is kept.
    Built: TypeAlias = tuple[dict[str, str], Definition, Buffer]


def compiled(
    path: str, build: Callable[[Mapping[str, bytes], str], Built | None]
) -> tuple[Definition, Buffer] | None:
    """Get the definition and the image that a tokenizer file is compiled to.

    `build` compiles what `read_contents` read, with its digest; None for a tokenizer that has no
    image, which this returns, too. It is called only if no file with this content is in the cache.

    Raises VocabularyError for a file that is too large, OSError for one that cannot be read, and
    what `build` raises.
    """
    digest = noted_digest(files_of(path))
    found = find(key_of(digest)) if digest else None
    if found is not None:
        return found
    seen = _Seen(path)
    found = find(key_of(seen.digest))
    if found is None:
        from tokenkit.encodings.many_objects import no_collections  # late: few processes need it

        with no_collections():
            built = build(seen.contents, seen.digest)
        if built is None:
            return None
        label, definition, image = built
        found = keep(key_of(seen.digest), definition, image, label)
    seen.note()
    return found


class _Seen:
    """What is read now."""

    def __init__(self, path: str) -> None:
        self.read_ns = time_ns()
        try:
            self.contents, self.statuses = read_contents(path)
        except Fault as error:
            raise VocabularyError(f"{path}: {error}") from None
        self.digest = digest_of(path, self.contents)

    def note(self) -> None:
        """Note the digest for the next process, if these files will show later changes."""
        statuses = self.statuses.values()
        if statuses and all(is_settled(status, self.read_ns) for status in statuses):
            note_digest(self.statuses, self.digest)
