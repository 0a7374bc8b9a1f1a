"""tokenkit's chunks as a LlamaIndex node parser.

>>> from llama_index.core import Document
>>> parser = node_parser(encoding="o200k_base", chunk_size=4)
>>> nodes = parser.get_nodes_from_documents([Document(text="One sentence. Another one.")])
>>> [(node.text, node.start_char_idx, node.end_char_idx) for node in nodes]
[('One sentence.', 0, 13), ('Another one.', 14, 26)]
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from tokenkit import Chunk, Chunker, Encoding, encoding_for_model, get_encoding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llama_index.core.node_parser import NodeParser

__all__ = ["node_parser"]


def node_parser(
    model: str | None = None,
    *,
    encoding: str | Encoding | None = None,
    chunk_size: int | None = None,
    chunk_overlap: int = 0,
    include_metadata: bool = True,
    include_prev_next_rel: bool = True,
    **settings: Any,
) -> NodeParser:
    """A LlamaIndex `NodeParser` whose nodes are trimmed chunks of `Chunker`.

    `chunk_size` and `chunk_overlap` are tokens (`max_tokens` and `overlap` of `Chunker`; without
    `chunk_size` the embedding model's safe limit); `settings` are its other ones, except `prefix`
    and `trim`. With `include_metadata`, what is embedded, metadata and text as the document's
    templates join them, has at most `chunk_size` tokens. `start_char_idx` and `end_char_idx` are
    the chunk's own, not searched for.

    Raises ImportError without llama-index-core, and as `Chunker` does; parsing raises ValueError
    for a document whose metadata leave no room for text.

    >>> from llama_index.core import Document
    >>> parser = node_parser("text-embedding-3-small", chunk_size=8)
    >>> nodes = parser.get_nodes_from_documents([Document(text="The sea rises. " * 3)])
    >>> [node.text for node in nodes]
    ['The sea rises. The sea rises.', 'The sea rises.']
    """
    for name in ("prefix", "trim", "max_tokens", "overlap"):
        if name in settings:
            raise TypeError(f"node_parser takes no {name}: see its docstring")
    chunker = Chunker(
        model, encoding=encoding, max_tokens=chunk_size, overlap=chunk_overlap, **settings
    )
    parser: NodeParser = _parser_class()(
        model=model,
        encoding=encoding,
        chunk_size=chunker.max_tokens,
        chunk_overlap=chunk_overlap,
        include_metadata=include_metadata,
        include_prev_next_rel=include_prev_next_rel,
        settings=settings,
    )
    return parser


@cache
def _parser_class() -> Any:
    from llama_index.core.node_parser import NodeParser
    from llama_index.core.node_parser.node_utils import build_nodes_from_splits
    from llama_index.core.schema import MetadataMode
    from llama_index.core.utils import get_tqdm_iterable

    class TokenkitNodeParser(NodeParser):  # type: ignore[misc,unused-ignore]
        model: str | None = None
        encoding: Any = None
        chunk_size: int
        chunk_overlap: int = 0
        settings: dict[str, Any] = {}  # noqa: RUF012  (a field of pydantic, which copies it)

        @classmethod
        def class_name(cls) -> str:
            return "TokenkitNodeParser"

        def _parse_nodes(
            self, nodes: Sequence[Any], show_progress: bool = False, **_: Any
        ) -> list[Any]:
            parsed: list[Any] = []
            for node in get_tqdm_iterable(nodes, show_progress, "Parsing nodes"):
                chunks = [chunk for chunk in self._chunks(node) if chunk.text]
                texts = [chunk.text for chunk in chunks]
                parts = build_nodes_from_splits(texts, node, id_func=self.id_func)
                for part, chunk in zip(parts, chunks, strict=True):
                    part.start_char_idx, part.end_char_idx = chunk.start, chunk.end
                parsed += parts
            return parsed

        def _postprocess_parsed_nodes(
            self, nodes: list[Any], parent_doc_map: dict[str, Any]
        ) -> list[Any]:
            # The base class searches for the nodes' text, which it may find too early.
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

        def _chunks_within(
            self, text: str, prefix: str, embedded: Callable[[str], str]
        ) -> list[Chunk]:
            """Chunks of which `embedded` makes texts within the limit."""
            model, encoding = self.model, self.encoding
            if model is not None:
                encoding = encoding_for_model(model)
            elif isinstance(encoding, str):
                encoding = get_encoding(encoding)
            reserve = 0
            while True:
                chunks = self._chunker(prefix, reserve).chunk(text)
                # A template may put more around the text than a prefix.
                counts = encoding.count_batch([embedded(chunk.text) for chunk in chunks])
                over = int(max(counts, default=0)) - self.chunk_size
                if over <= 0:
                    return chunks
                reserve += over

        def _chunker(self, prefix: str, reserve: int) -> Chunker:
            settings = {**self.settings, "reserve": reserve + self.settings.get("reserve", 0)}
            return Chunker(
                self.model,
                encoding=self.encoding,
                max_tokens=self.chunk_size,
                overlap=self.chunk_overlap,
                prefix=prefix,
                trim=True,
                **settings,
            )

        def __reduce__(self) -> tuple[Any, ...]:
            return _bare, (), self.__getstate__()

    return TokenkitNodeParser


def _bare() -> Any:
    """What unpickling fills: a class made on demand has no name to be found by."""
    made = _parser_class()
    return made.__new__(made)
