"""tokenkit's chunks as a LlamaIndex node parser, and its counts where LlamaIndex counts.

>>> from llama_index.core import Document
>>> parser = node_parser(encoding="o200k_base", chunk_size=4)
>>> nodes = parser.get_nodes_from_documents([Document(text="One sentence. Another one.")])
>>> [(node.text, node.start_char_idx, node.end_char_idx) for node in nodes]
[('One sentence.', 0, 13), ('Another one.', 14, 26)]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokenkit import Chunker, Encoding, Model, get_model
from tokenkit.chunking import Format, Strategy
from tokenkit.integrations.model_tokenizer import ModelTokenizer

if TYPE_CHECKING:
    from llama_index.core.callbacks import TokenCountingHandler
    from llama_index.core.node_parser import NodeParser

__all__ = ["node_parser", "token_counting_handler", "tokenizer"]


def tokenizer(model: str | Model) -> ModelTokenizer:
    """Make the function that LlamaIndex calls a tokenizer: a text in, its tokens out.

    For `set_global_tokenizer`, `Settings.tokenizer`, a `SentenceSplitter(tokenizer=...)`, and for
    `Memory` and `ChatMemoryBuffer` as `tokenizer_fn`, which count texts and not what stands around
    messages: leave 4 tokens a message free, or use `tokenkit.fit`, which reads messages of
    LlamaIndex. It gives the ids of the model's own encoding. Where the model's tokenizer is
    private, it gives a list of zeros, as long as the estimate. Nothing is downloaded.

    Raises UnknownModelError; calling it raises TypeError for another type than str.

    >>> tokenizer("gpt-4o")("hello world"), len(tokenizer("claude-sonnet-5")("hello world"))
    ([24912, 2375], 3)
    """
    get_model(model)
    return ModelTokenizer(model)


def token_counting_handler(model: str | Model, **options: Any) -> TokenCountingHandler:
    """Make a LlamaIndex `TokenCountingHandler` that counts chats by the rule of the model's chats.

    For `Settings.callback_manager = CallbackManager([handler])`. Prompts are counted as
    `count_messages` does, tools included, and replies without the role that LlamaIndex writes
    before them; where a response reports its usage, that is taken. `options` are those of
    TokenCountingHandler, such as `token_budget` (tokens) and `verbose`. Models whose tokenizer is
    private are estimated.

    Raises ImportError without llama-index-core, UnknownModelError, and TypeError for an option
    that LlamaIndex does not have.

    >>> handler = token_counting_handler("gpt-4o")
    >>> handler.total_llm_token_count
    0
    """
    from tokenkit.integrations.llama_index_counting import TokenkitCountingHandler

    handler: TokenCountingHandler = TokenkitCountingHandler(get_model(model), **options)
    return handler


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
