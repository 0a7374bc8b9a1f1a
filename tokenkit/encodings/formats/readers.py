"""The table of formats, and how a file's is recognised. A new one is a file and a line here."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from tokenkit.encodings.formats.companions import config_and_template
from tokenkit.encodings.formats.contents import GGUF_MAGIC, digest_of, read_contents
from tokenkit.encodings.formats.faults import Fault
from tokenkit.encodings.formats.gguf_file import read_gguf
from tokenkit.encodings.formats.json_text import parsed
from tokenkit.encodings.formats.sentencepiece import read_sentencepiece
from tokenkit.encodings.formats.sources import find_source
from tokenkit.encodings.formats.tekken import read_tekken
from tokenkit.encodings.formats.tiktoken_file import read_tiktoken
from tokenkit.encodings.formats.tokenizer_file import Parsed, TokenizerFile
from tokenkit.encodings.formats.tokenizer_json import read_tokenizer_json
from tokenkit.errors import VocabularyError

# Makes a spec of a file's content and of the tokenizer_config.json beside it.
Reader = Callable[[bytes, dict[str, Any]], Parsed]


def _read_json(data: bytes, config: dict[str, Any]) -> Parsed:
    content = parsed(data)
    is_tekken = isinstance(content, dict) and "config" in content and "model" not in content
    return (read_tekken if is_tekken else read_tokenizer_json)(content)


READERS: Mapping[str, Reader] = {
    "json": _read_json,
    "tiktoken": read_tiktoken,
    "sentencepiece": read_sentencepiece,
    "gguf": read_gguf,
}
# The last part of a name -> the format, for files whose content does not say it.
_ENDINGS = {"json": "json", "tiktoken": "tiktoken", "model": "sentencepiece", "gguf": "gguf"}
_PIECE = b"\n"  # the tag of the first piece of a SentencePiece model
_RANK_LINE = re.compile(rb"[\r\n]*[A-Za-z0-9+/]+={0,2} \d+\r?\n?")


def read_tokenizer(source: str | os.PathLike[str]) -> TokenizerFile:
    """Read a tokenizer: a file, a folder that holds one, or a repository's id ("Qwen/Qwen3-8B")
    whose files are in the local cache of Hugging Face. Nothing is downloaded.

    The format is found by the file's content. Raises VocabularyError, which names file and place,
    for a file that is unusable or holds a key that nobody here knows; OSError if it cannot be
    read; and what `find_source` raises.
    """
    path = find_source(source)
    try:
        files = read_contents(path)[0]
    except Fault as error:
        raise VocabularyError(f"{path}: {error}") from None
    return tokenizer_of(path, files, digest_of(path, files))


def tokenizer_of(path: str, contents: Mapping[str, bytes], digest: str) -> TokenizerFile:
    """Make a tokenizer of what `read_contents` read. Raises VocabularyError, as above."""
    try:
        beside = {name: data for name, data in contents.items() if name}
        data = contents[""]
        config, template = config_and_template(beside)
        read = READERS[format_of(data, path)](data, config)
    except Fault as error:
        raise VocabularyError(f"{path}: {error}") from None
    return TokenizerFile(
        spec=read.spec,
        path=path,
        format=read.format,
        digest=digest,
        notes=read.notes,
        config={**read.config, **config},
        chat_template=template if template is not None else read.chat_template,
        merges=read.merges,
    )


def format_of(data: bytes, path: str) -> str:
    """Find the format of a file's content. Raises Fault if it is none of the known ones.

    The name counts only where the content says nothing, as one name has several formats.

    >>> format_of(b'{"model": {}}', "a"), format_of(b"YQ== 0", "tokenizer.model")
    ('json', 'tiktoken')
    """
    if data[:4096].lstrip().startswith(b"{"):
        return "json"
    if data.startswith(GGUF_MAGIC):
        return "gguf"
    ending = path.rpartition(".")[2].lower()
    if _RANK_LINE.match(data, 0, 4096):
        return "tiktoken"
    if data.startswith(_PIECE) and ending != "tiktoken":
        return "sentencepiece"
    if data and ending in _ENDINGS:
        return _ENDINGS[ending]
    raise Fault(f"expected a tokenizer file of a known format, got {_shown(data)}")


def _shown(data: bytes) -> str:
    return f"one that starts with {data[:16]!r}" if data else "an empty file"
