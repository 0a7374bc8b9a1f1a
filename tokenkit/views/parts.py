"""Parts of a page or a listing: files, chunks, and the messages of a fitted chat.

>>> import tokenkit
>>> chunks = tokenkit.chunk("One. Two. Three.", max_tokens=4, encoding="o200k_base")
>>> [(part.title, part.tokens) for part in chunk_parts(chunks, limit=4)]
[('chunk 0', 4), ('chunk 1', 2)]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from tokenkit.chat import Message, count_messages
from tokenkit.chunking import Chunk
from tokenkit.fitting import Fit

__all__ = ["Part", "chunk_parts", "fit_parts"]

Status: TypeAlias = Literal["text", "chunk", "kept", "shortened", "dropped"]


@dataclass(frozen=True, slots=True)
class Part:
    """A text to show, with a title: a file, a chunk, or a message.

    The first `repeated` characters also end the part before. `tokens` is the number that counts
    for the whole part (a message's framing included), None where it is the text's own count;
    `limit` is the most that it may be, in tokens. `notes` are short remarks.

    >>> Part("hello world", "a.txt").status
    'text'
    """

    text: str
    title: str = ""
    status: Status = "text"
    tokens: int | None = None
    limit: int | None = None
    repeated: int = 0
    notes: tuple[str, ...] = ()


def chunk_parts(chunks: Sequence[Chunk], *, limit: int | None = None) -> list[Part]:
    """Make a part of each chunk of one text, marking the characters that two chunks share.

    `limit` is the chunk size in tokens, to show beside the counts.

    >>> import tokenkit
    >>> chunks = tokenkit.chunk("One. Two. Three.", max_tokens=4, encoding="o200k_base")
    >>> [(part.title, part.tokens) for part in chunk_parts(chunks, limit=4)]
    [('chunk 0', 4), ('chunk 1', 2)]
    """
    parts = []
    previous: Chunk | None = None
    for chunk in chunks:
        notes = [f"characters {chunk.start} to {chunk.end}", f"ends at: {chunk.boundary}"]
        repeated = 0
        if previous is not None and previous.end > chunk.start:
            repeated = previous.end - chunk.start
            notes.append(f"repeats {previous.overlap} tokens")
        if chunk.headings:
            notes.append(" › ".join(chunk.headings))
        title = f"chunk {chunk.index}"
        parts.append(Part(chunk.text, title, "chunk", chunk.tokens, limit, repeated, tuple(notes)))
        previous = chunk
    return parts


def fit_parts(messages: Sequence[Message], fit: Fit) -> list[Part]:
    """Make a part of each message that `fit` was given: kept, shortened or dropped, and why.

    `messages` are those that were fitted, `fit` is the result.

    >>> import tokenkit
    >>> chat = [{"role": "user", "content": "word " * 9_000}, {"role": "user", "content": "Hi"}]
    >>> fitted = tokenkit.fit(chat, "gpt-4")
    >>> [(part.status, part.tokens) for part in fit_parts(chat, fitted)]
    [('dropped', 9005), ('kept', 5)]
    """
    dropped = {message.index: message for message in fit.dropped}
    shortened = {message.index: message for message in fit.truncated}
    tokens = _message_tokens(fit)
    kept = iter(enumerate(fit.messages))
    parts = []
    for index, message in enumerate(messages):
        title = f"{index}. {message.get('role', '?')}"
        if index in dropped:
            loss = dropped[index]
            text = message_text(message)
            parts.append(Part(text, title, "dropped", loss.tokens, notes=(loss.reason,)))
            continue
        position, message = next(kept)
        text = message_text(message)
        if index in shortened:
            change = shortened[index]
            note = f"{change.tokens_before} tokens before: {change.reason}"
            parts.append(Part(text, title, "shortened", change.tokens_after, notes=(note,)))
        else:
            parts.append(Part(text, title, "kept", tokens.get(position)))
    return parts


def message_text(message: Mapping[str, Any]) -> str:
    """Join the texts of a message, the kinds of its other parts, and its tool calls.

    >>> message_text({"content": [{"type": "text", "text": "See"}, {"type": "image_url"}]})
    'See\\n[image_url]'
    """
    content = message.get("content")
    pieces: list[str] = []
    if isinstance(content, str):
        pieces.append(content)
    else:
        for item in content or ():
            kind = item.get("type", "?")
            text = item.get("text", item.get("refusal"))
            pieces.append(text if isinstance(text, str) else f"[{kind}]")
    for call in message.get("tool_calls") or ():
        function = call.get("function") or call.get("custom") or {}
        arguments = function.get("arguments", function.get("input", ""))
        pieces.append(f"{function.get('name', '?')}({arguments})")
    return "\n".join(pieces)


def _message_tokens(fit: Fit) -> dict[int, int]:
    """Count each message that stays, framing included: index -> tokens."""
    count = count_messages(fit.messages, fit.record or fit.model)
    tokens: Counter[int] = Counter()
    for part in count.parts:
        if part.in_message and part.index is not None:
            tokens[part.index] += part.tokens
    return tokens
