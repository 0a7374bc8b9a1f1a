"""The content of a tokenizer file and of those beside it, before anything is made of it.

It is read without the readers, so that a file that was compiled before is soon known again.
"""

from __future__ import annotations

import os

from tokenkit._files import read_with_status
from tokenkit.encodings.formats.faults import Fault
from tokenkit.encodings.formats.sources import files_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BYTES = 128 << 20  # of a file; the biggest known one has 33 MB
# A GGUF file holds a model's weights behind its metadata, which must end within these bytes; the
# biggest known one takes 16 MB. Of the rest nothing is read.
GGUF_MAGIC = b"GGUF"
MOST_METADATA_BYTES = 32 << 20
_MOST_BYTES_BESIDE = 8 << 20  # of a file beside it


def read_contents(path: str) -> tuple[dict[str, bytes], dict[str, os.stat_result]]:
    """Read a tokenizer file and those beside it.

    Returns their bytes by name, "" for the file itself, "additional_chat_templates/NAME.jinja" for
    a named template; and by path the status that each had when it was opened. Raises Fault for one
    that is too large, OSError for one that cannot be read.
    """
    contents, statuses = {}, {}
    for name in files_of(path):
        inner = "" if name == path else os.path.relpath(name, os.path.dirname(path) or os.curdir)
        inner = inner.replace(os.sep, "/")
        contents[inner], statuses[name] = _content(name, inner)
    return contents, statuses


def _content(path: str, inner: str) -> tuple[bytes, os.stat_result]:
    most = _MOST_BYTES_BESIDE if inner else MOST_BYTES
    start = read_with_status(path, len(GGUF_MAGIC), only_regular=True, only_start=True)[0]
    if start == GGUF_MAGIC and not inner:
        return read_with_status(path, MOST_METADATA_BYTES, only_regular=True, only_start=True)
    size = os.stat(path).st_size
    if size > most:
        where = f"{inner}: " if inner else ""
        raise Fault(f"{where}expected at most {most} bytes, got {size}")
    return read_with_status(path, most, only_regular=True)


def digest_of(path: str, contents: Mapping[str, bytes]) -> str:
    """Return the SHA-256 in hex of all that was read, and of the ending of the file's name, which
    may say its format."""
    from hashlib import sha256

    ending = os.path.splitext(path)[1].lower()
    whole = sha256(os.fsencode(ending))
    for name, data in sorted(contents.items()):
        whole.update(f"{len(name)} {name} {len(data)} ".encode())
        whole.update(data)
    return whole.hexdigest()
