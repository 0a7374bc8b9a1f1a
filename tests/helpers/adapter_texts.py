"""Documents that are hard to split, for the adapters, and the chunks that an adapter must give."""

from __future__ import annotations

from chunk_promises import check_promises

import tokenkit
from tokenkit import Chunk

NAME = "o200k_base"
ENC = tokenkit.get_encoding(NAME)
DOCUMENT = (
    "# The sea\n\nThe sea is wide. It is also deep; nobody knows how deep.\n\n## Fish\n\n"
    "Fish swim. 魚は泳ぐ。海は広い。 <|endoftext|> is not a fish.\n\n"
    "```python\nfor fish in sea:\n    print(fish)\n```\n\n"
) * 12
# Its chunks occur in it many times, so that looking for one finds another.
REPEATED = "again and again, " * 400
HARD = [DOCUMENT, REPEATED, "x" * 3000, "👩\u200d👩\u200d👧" * 200, "a\r\n\r\n b " * 200]


def chunks_of(text: str, size: int = 40, overlap: int = 0, trim: bool = True) -> list[Chunk]:
    chunker = tokenkit.Chunker(encoding=NAME, max_tokens=size, overlap=overlap, trim=trim)
    chunks = chunker.chunk(text)
    check_promises(text, chunks, chunker)
    return chunks
