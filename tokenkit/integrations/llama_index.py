"""tokenkit's chunks as a LlamaIndex node parser.

>>> from llama_index.core import Document
>>> parser = node_parser(encoding="o200k_base", chunk_size=4)
>>> nodes = parser.get_nodes_from_documents([Document(text="One sentence. Another one.")])
>>> [(node.text, node.start_char_idx, node.end_char_idx) for node in nodes]
[('One sentence.', 0, 13), ('Another one.', 14, 26)]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokenkit import Chunker, Encoding, Model
from tokenkit.chunking import Format, Strategy

if TYPE_CHECKING:
    from llama_index.core.node_parser import NodeParser

__all__ = ["node_parser"]


def node_parser(
    model: str | Model | None = None,
    *,
    encoding: str | Encoding | None = None,
    chunk_size: int | None = None,
    chunk_overlap: int = 0,
    include_metadata: bool = True,
    include_prev_next_rel: bool = True,
    format: Format = "auto",
    strategy: Strategy = "optimal",
    tightness: float = 0.5,
    min_tokens: int = 0,
    reserve: int = 0,
) -> NodeParser:
    """Make a LlamaIndex `NodeParser` whose nodes are trimmed chunks of `Chunker`.

    `chunk_size` and `chunk_overlap` are tokens: `max_tokens` and `overlap` of `Chunker`; without
    `chunk_size` it is the embedding model's safe limit. The options from `format` on are
    `Chunker`'s own; nodes are always trimmed, and their prefix is the metadata. With
    `include_metadata`, what is embedded, metadata and text as the document's templates join them,
    has at most `chunk_size` tokens. `start_char_idx` and `end_char_idx` are the chunk's own, not
    searched for.

    Raises ImportError without llama-index-core, and as `Chunker` does; parsing raises ValueError
    for a document whose metadata leave no room for text.

    >>> from llama_index.core import Document
    >>> parser = node_parser("text-embedding-3-small", chunk_size=8)
    >>> nodes = parser.get_nodes_from_documents([Document(text="The sea rises. " * 3)])
    >>> [node.text for node in nodes]
    ['The sea rises. The sea rises.', 'The sea rises.']
    """
    from tokenkit.integrations.llama_index_parser import TokenkitNodeParser

    options: dict[str, Any] = {
        "format": format,
        "strategy": strategy,
        "tightness": tightness,
        "min_tokens": min_tokens,
        "reserve": reserve,
    }
    # Checks all options, and knows the model's safe limit.
    chunker = Chunker(
        model, encoding=encoding, max_tokens=chunk_size, overlap=chunk_overlap, **options
    )
    parser: NodeParser = TokenkitNodeParser(
        model=model,
        encoding=encoding,
        chunk_size=chunker.max_tokens,
        chunk_overlap=chunk_overlap,
        include_metadata=include_metadata,
        include_prev_next_rel=include_prev_next_rel,
        **options,
    )
    return parser
