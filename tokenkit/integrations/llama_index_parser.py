"""The class that `tokenkit.integrations.llama_index` makes; importing it imports LlamaIndex."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llama_index.core.node_parser import NodeParser
from llama_index.core.node_parser.node_utils import build_nodes_from_splits
from llama_index.core.schema import BaseNode, MetadataMode
from llama_index.core.utils import get_tqdm_iterable

from tokenkit import Chunk, Chunker


class TokenkitNodeParser(NodeParser):  # type: ignore[misc,unused-ignore]
    """A node parser whose nodes are trimmed chunks of a `Chunker`; its fields are the options."""

    model: Any = None
    encoding: Any = None
    chunk_size: int
    chunk_overlap: int = 0
    format: str = "auto"
    strategy: str = "optimal"
    tightness: float = 0.5
    min_tokens: int = 0
    reserve: int = 0

    @classmethod
    def class_name(cls) -> str:
        return "TokenkitNodeParser"

    def _parse_nodes(
        self, nodes: Sequence[BaseNode], show_progress: bool = False, **_: Any
    ) -> list[BaseNode]:
        parsed: list[BaseNode] = []
        for node in get_tqdm_iterable(nodes, show_progress, "Parsing nodes"):
            chunks = self._chunks(node)
            texts = [chunk.text for chunk in chunks]
            parts = build_nodes_from_splits(texts, node, id_func=self.id_func)
            for part, chunk in zip(parts, chunks, strict=True):
                part.start_char_idx, part.end_char_idx = chunk.start, chunk.end
            parsed += parts
        return parsed

    def _postprocess_parsed_nodes(
        self, nodes: list[BaseNode], parent_doc_map: dict[str, Any]
    ) -> list[BaseNode]:
        # The base class searches for the nodes' text, which may occur earlier as well.
        spans = [(node.start_char_idx, node.end_char_idx) for node in nodes]
        nodes = super()._postprocess_parsed_nodes(nodes, parent_doc_map)
        for node, (start, end) in zip(nodes, spans, strict=True):
            node.start_char_idx, node.end_char_idx = start, end
        return nodes

    def _chunks(self, node: Any) -> list[Chunk]:
        text = node.get_content(metadata_mode=MetadataMode.NONE)
        metadata = ""
        if self.include_metadata:
            metadata = node.get_metadata_str(mode=MetadataMode.EMBED).strip()
        if not metadata:
            return self._chunker("", 0).chunk(text)

        def embedded(part: str) -> str:
            whole: str = node.text_template.format(content=part, metadata_str=metadata)
            return whole.strip()

        before = node.text_template.partition("{content}")[0].format(metadata_str=metadata)
        return self._chunks_within(text, before.lstrip(), embedded)

    def _chunks_within(self, text: str, prefix: str, embedded: Callable[[str], str]) -> list[Chunk]:
        """Split a text into chunks of which `embedded` makes texts within the limit."""
        more = 0  # tokens that the template puts around the text, but for the prefix
        while True:
            chunker = self._chunker(prefix, more)
            chunks = chunker.chunk(text)
            counts = chunker.encoding.count_batch([embedded(chunk.text) for chunk in chunks])
            over = int(max(counts, default=0)) - self.chunk_size
            if over <= 0:
                return chunks
            more += over

    def _chunker(self, prefix: str, more: int) -> Chunker:
        return Chunker(
            self.model,
            encoding=self.encoding,
            max_tokens=self.chunk_size,
            overlap=self.chunk_overlap,
            format=self.format,  # type: ignore[arg-type]
            strategy=self.strategy,  # type: ignore[arg-type]
            tightness=self.tightness,
            min_tokens=self.min_tokens,
            reserve=self.reserve + more,
            prefix=prefix,
            trim=True,
        )
