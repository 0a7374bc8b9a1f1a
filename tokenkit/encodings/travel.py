"""Encodings of your own on their way to other processes: an image, known by its content.

The image of a vocabulary is ready to use, so that a worker builds nothing. A process keeps one
copy of what came more than once, as a cluster sends the same encoding with each task.
"""

from __future__ import annotations

from pickle import PickleBuffer
from weakref import WeakValueDictionary

from tokenkit.errors import VocabularyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from typing_extensions import Buffer

    from tokenkit.encodings.encoding import Encoding

    # Name, pattern, family and special tokens; of a tokenizer file, the name and what was compiled.
    Definition: TypeAlias = tuple[str, str, int, dict[str, int]] | tuple[str, dict[str, Any]]

_BUFFERS = 5  # the protocol that hands over memory without copying it: PEP 574

_known: WeakValueDictionary[str, Encoding] = WeakValueDictionary()


def packed(
    enc: Encoding, definition: Definition, image: Buffer, protocol: int
) -> tuple[str, Definition, object]:
    """Give what a pickle holds of an encoding: its digest, its definition and its image."""
    digest = _digest(definition, image)
    _known.setdefault(digest, enc)
    return digest, definition, PickleBuffer(image) if protocol >= _BUFFERS else bytes(image)


def known(digest: str, definition: Definition, image: Buffer) -> Encoding | None:
    """Find the encoding of this digest in this process, None if there is none.

    Raises VocabularyError if the image is not what was pickled.
    """
    found = _known.get(digest)
    if found is None and _digest(definition, image) != digest:
        raise VocabularyError(
            f"encoding {definition[0]!r}: its pickle is damaged, as its content does not have the "
            "SHA-256 that it states; pickle it again"
        )
    return found


def twin_of(enc: Encoding) -> Encoding:
    """Make another object of the same encoding, as each pickle gives one of its own."""
    twin = type(enc).__new__(type(enc))
    twin.__dict__.update(enc.__dict__)
    return twin


def remember(digest: str, enc: Encoding) -> None:
    """Keep an encoding for pickles to come, as long as somebody uses it."""
    _known[digest] = enc


def _digest(definition: Definition, image: Buffer) -> str:
    from hashlib import sha256

    *rest, last = definition
    state: Any = sha256(repr((*rest, sorted(last.items()))).encode())
    state.update(image)
    digest: str = state.hexdigest()
    return digest
