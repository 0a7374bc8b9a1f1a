"""Documents to chunks that never exceed a limit, and chunks to requests."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.chunking.chunker import Chunk as Chunk, Chunker as Chunker, chunk as chunk
    from tokenkit.chunking.packing import Batch as Batch, pack as pack
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "chunker": "Chunk Chunker chunk",
            "packing": "Batch pack",
        },
    )
