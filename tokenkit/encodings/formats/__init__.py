"""Tokenizer files of others: one reader per format, all of which give a `TokenizerFile`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.encodings.formats.readers import (
        read_tokenizer as read_tokenizer,
        tokenizer_of as tokenizer_of,
    )
    from tokenkit.encodings.formats.sources import (
        files_of as files_of,
        find_source as find_source,
    )
    from tokenkit.encodings.formats.tokenizer_file import TokenizerFile as TokenizerFile
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "readers": "read_tokenizer tokenizer_of",
            "sources": "files_of find_source",
            "tokenizer_file": "TokenizerFile",
        },
    )
