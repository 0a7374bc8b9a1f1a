"""Documents to chunks that never exceed a limit, and chunks to requests."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.chunking.chunker import Chunker as Chunker, Strategy as Strategy, chunk as chunk
    from tokenkit.chunking.columns import ArrowChunks as ArrowChunks
    from tokenkit.chunking.formats import Format as Format
    from tokenkit.chunking.packed_counts import (
        PackedRequests as PackedRequests,
        packed_requests as packed_requests,
    )
    from tokenkit.chunking.packing import Batch as Batch, pack as pack
    from tokenkit.chunking.results import Chunk as Chunk
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "chunker": "Chunker chunk",
            "columns": "ArrowChunks",
            "packed_counts": "PackedRequests",
            "packing": "Batch pack",
            "results": "Chunk",
        },
        internal={
            "chunker": "Strategy",
            "formats": "Format",
            "packed_counts": "packed_requests",
        },
    )
