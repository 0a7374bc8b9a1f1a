"""The table of formats, and how a file's is recognised. A new one is a file and a line here."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from hashlib import sha256

from tokenkit._files import read_named
from tokenkit.encodings.formats.companions import config_and_template
from tokenkit.encodings.formats.faults import Fault
from tokenkit.encodings.formats.sources import files_of, find_source
from tokenkit.encodings.formats.tokenizer_file import Parsed, TokenizerFile
from tokenkit.encodings.formats.tokenizer_json import read_tokenizer_json
from tokenkit.errors import VocabularyError

MOST_BYTES = 128 << 20  # of a file; the biggest known one has 33 MB
_MOST_BYTES_BESIDE = 8 << 20  # of a file beside it

Reader = Callable[[bytes], Parsed]
READERS: Mapping[str, Reader] = {"tokenizer.json": read_tokenizer_json}


def read_tokenizer(source: str | os.PathLike[str]) -> TokenizerFile:
    """Read a tokenizer: a file, a folder that holds one, or a repository's id ("Qwen/Qwen3-8B")
    whose files are in the local cache of Hugging Face. Nothing is downloaded.

    The format is found by the file's content. Raises VocabularyError, which names file and place,
    for a file that is unusable or holds a key that nobody here knows; OSError if it cannot be
    read; and what `find_source` raises.
    """
    path = find_source(source)
    try:
        files = {os.path.basename(name): _content(name, path) for name in files_of(path)}
        data = files.pop(os.path.basename(path))
        config, template = config_and_template(files)
        found = format_of(data)
        read = READERS[found](data)
    except Fault as error:
        raise VocabularyError(f"{path}: {error}") from None
    return TokenizerFile(
        spec=read.spec,
        path=path,
        format=found,
        digest=_digest({"": data, **files}),
        notes=read.notes,
        config={**read.config, **config},
        chat_template=template if template is not None else read.chat_template,
        merges=read.merges,
    )


def _content(name: str, path: str) -> bytes:
    most = MOST_BYTES if name == path else _MOST_BYTES_BESIDE
    size = os.stat(name).st_size
    if size > most:
        where = "" if name == path else f"{os.path.basename(name)}: "
        raise Fault(f"{where}expected at most {most} bytes, got {size}")
    return read_named(name, most, only_regular=True)


def format_of(data: bytes) -> str:
    """Find the format of a file's content. Raises Fault if it is none of the known ones.

    >>> format_of(b'{"model": {}}')
    'tokenizer.json'
    """
    start = data[:4096].lstrip()
    if start.startswith(b"{"):
        return "tokenizer.json"
    raise Fault(f"expected a tokenizer file ({', '.join(READERS)}), got {_shown(data)}")


def _shown(data: bytes) -> str:
    return f"one that starts with {data[:16]!r}" if data else "an empty file"


def _digest(files: Mapping[str, bytes]) -> str:
    whole = sha256()
    for name, data in sorted(files.items()):
        whole.update(f"{len(name)} {name} {len(data)} ".encode())
        whole.update(data)
    return whole.hexdigest()
