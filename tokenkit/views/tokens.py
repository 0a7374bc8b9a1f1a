"""What is shown of texts, chunks and fitted chats; `html_page` and the command line paint it.

>>> import tokenkit
>>> for segment in segments("hi 👩", tokenkit.get_encoding("o200k_base")):
...     print(segment.start, segment.end, [token.data for token in segment.tokens])
0 2 [b'hi']
2 4 [b' \\xf0\\x9f\\x91', b'\\xa9']
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from tokenkit._checks import check_tokens
from tokenkit.chat import Message, count_messages
from tokenkit.chunking import Chunk
from tokenkit.costs import Cost, cost
from tokenkit.encodings import Encoding, repaired
from tokenkit.fitting import Fit, clamp_output, reply_tokens, tightest_limit
from tokenkit.models import Model, get_model

__all__ = [
    "Figures",
    "Part",
    "Segment",
    "Token",
    "WindowUse",
    "chunk_parts",
    "figures",
    "fit_parts",
    "hidden_name",
    "segments",
    "visible",
    "window_use",
]

Status: TypeAlias = Literal["text", "chunk", "kept", "shortened", "dropped"]

CHARACTERS_PER_TOKEN = 4  # the rule of thumb that figures are compared with
_BIDI = {
    0x061C: "ALM",
    0x200E: "LRM",
    0x200F: "RLM",
    0x202A: "LRE",
    0x202B: "RLE",
    0x202C: "PDF",
    0x202D: "LRO",
    0x202E: "RLO",
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
}
HIDDEN_NAMES = {
    **_BIDI,
    0x00AD: "SHY",
    0x180E: "MVS",
    0x200B: "ZWSP",
    0x2028: "LSEP",
    0x2029: "PSEP",
    0x2060: "WJ",
    0xFEFF: "BOM",
}
# Characters that would not be seen, or would change how their neighbours are seen: controls other
# than tab and line ends, those named above, surrogates, tags and private use.
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def hidden_name(character: str) -> str:
    """A visible name for a character that `HIDDEN` matches.

    >>> hidden_name("\\u202e"), hidden_name("\\x00"), hidden_name("\\ud800")
    ('RLO', 'U+0000', 'U+D800')
    """
    code = ord(character)
    return HIDDEN_NAMES.get(code) or f"U+{code:04X}"


def visible(text: str) -> str:
    """Text with the names of its hidden characters, in brackets, in their place.

    >>> visible("a\\u202eb")
    'a[RLO]b'
    """
    return HIDDEN.sub(lambda found: f"[{hidden_name(found[0])}]", text)


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its id, its bytes, and where it stands in characters and in UTF-8 bytes.

    The characters of a token that holds part of one are those that it touches.
    """

    id: int
    data: bytes
    start: int
    end: int
    byte_start: int
    byte_end: int


@dataclass(frozen=True, slots=True)
class Segment:
    """The least stretch of whole characters that is made of whole tokens: most often one token,
    several where they share a character."""

    start: int
    end: int
    tokens: tuple[Token, ...]


def segments(text: str, encoding: Encoding) -> Iterator[Segment]:
    """The segments of text, in order; together they are the text. Special tokens are ordinary.

    Raises TypeError unless text is str.

    >>> import tokenkit
    >>> [s.end for s in segments("hello world", tokenkit.get_encoding("o200k_base"))]
    [5, 11]
    """
    ids = encoding.encode_ordinary(text)
    spans = encoding.token_spans(text).tolist()
    places = encoding.token_spans(text, unit="byte").tolist()
    data = repaired(text).encode()
    group: list[Token] = []
    for token, (start, end), (first, last) in zip(ids, spans, places, strict=True):
        if group and start >= group[-1].end:
            yield Segment(group[0].start, group[-1].end, tuple(group))
            group = []
        group.append(Token(token, data[first:last], start, end, first, last))
    if group:
        yield Segment(group[0].start, group[-1].end, tuple(group))


@dataclass(frozen=True, slots=True)
class Part:
    """A text to show, with a heading: a file, a chunk, or a message.

    The first `repeated` characters also end the part before. `tokens` is the number that counts
    for the whole, framing of a message included, where that is not the text's own count; `limit`
    is the most it might be. `notes` are short remarks.
    """

    text: str
    title: str = ""
    status: Status = "text"
    tokens: int | None = None
    limit: int | None = None
    repeated: int = 0
    notes: tuple[str, ...] = ()


def chunk_parts(chunks: Sequence[Chunk], *, limit: int | None = None) -> list[Part]:
    """A part for each chunk of one text; what it repeats of the one before is marked.

    >>> import tokenkit
    >>> chunks = tokenkit.chunk("One. Two. Three.", max_tokens=4, encoding="o200k_base")
    >>> [(part.title, part.tokens) for part in chunk_parts(chunks, limit=4)]
    [('chunk 0', 4), ('chunk 1', 2)]
    """
    parts = []
    done = 0
    for number, chunk in enumerate(chunks):
        notes = [f"characters {chunk.start} to {chunk.end}", f"ends at: {chunk.boundary}"]
        repeated = max(0, done - chunk.start) if number else 0
        if repeated:
            notes.append(f"repeats {chunks[number - 1].overlap} tokens")
        if chunk.headings:
            notes.append(" › ".join(chunk.headings))
        parts.append(
            Part(chunk.text, f"chunk {chunk.index}", "chunk", chunk.tokens, limit, repeated,
                 tuple(notes))
        )  # fmt: skip
        done = chunk.end
    return parts


def fit_parts(messages: Sequence[Message], fit: Fit) -> list[Part]:
    """A part for each message that `fit` was given: kept, shortened or dropped, and why.

    >>> import tokenkit
    >>> chat = [{"role": "user", "content": "word " * 9_000}, {"role": "user", "content": "Hi"}]
    >>> fitted = tokenkit.fit(chat, "gpt-4")
    >>> [(part.status, part.tokens) for part in fit_parts(chat, fitted)]
    [('dropped', 9005), ('kept', 5)]
    """
    dropped = {gone.index: gone for gone in fit.dropped}
    cut = {short.index: short for short in fit.truncated}
    counted = _message_tokens(fit)
    parts = []
    position = 0
    for index, message in enumerate(messages):
        title = f"{index}. {message.get('role', '?')}"
        if index in dropped:
            gone = dropped[index]
            parts.append(
                Part(message_text(message), title, "dropped", gone.tokens, notes=(gone.reason,))
            )
            continue
        kept = fit.messages[position]
        tokens = counted.get(position)
        position += 1
        if index in cut:
            short = cut[index]
            note = f"{short.tokens_before} tokens before: {short.reason}"
            part = Part(message_text(kept), title, "shortened", short.tokens_after, notes=(note,))
        else:
            part = Part(message_text(kept), title, "kept", tokens)
        parts.append(part)
    return parts


def message_text(message: Mapping[str, Any]) -> str:
    """The words of a message: its texts, what is not text by its kind, and its tool calls."""
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
    """Tokens of each message that stays, framing included."""
    count = count_messages(fit.messages, fit.record or fit.model)
    found: dict[int, int] = {}
    for part in count.parts:
        place = re.match(r"messages\[(\d+)\]", part.where)
        if place:
            found[int(place[1])] = found.get(int(place[1]), 0) + part.tokens
    return found


@dataclass(frozen=True, slots=True)
class Figures:
    """Sizes of texts, all together. Words are what stands between white space."""

    tokens: int
    characters: int
    bytes: int
    words: int
    lines: int

    @property
    def characters_per_token(self) -> float | None:
        """None without tokens."""
        return self.characters / self.tokens if self.tokens else None

    @property
    def rule_tokens(self) -> int:
        """What the rule of 4 characters per token says, rounded up."""
        return math.ceil(self.characters / CHARACTERS_PER_TOKEN)

    @property
    def rule_error(self) -> float | None:
        """By which fraction of the real number that rule is off: above 0 where it says more."""
        return self.rule_tokens / self.tokens - 1 if self.tokens else None


def figures(texts: Iterable[str], encoding: Encoding) -> Figures:
    """Counts the texts, each on its own.

    >>> import tokenkit
    >>> found = figures(["How many tokens is this?"], tokenkit.get_encoding("o200k_base"))
    >>> found.tokens, found.characters_per_token, found.rule_tokens, found.words
    (6, 4.0, 6, 5)
    """
    all_texts = list(texts)
    return Figures(
        tokens=sum(encoding.count(text) for text in all_texts),
        characters=sum(map(len, all_texts)),
        bytes=sum(len(repaired(text).encode()) for text in all_texts),
        words=sum(len(text.split()) for text in all_texts),
        lines=sum(text.count("\n") + (not text.endswith("\n")) for text in all_texts if text),
    )


@dataclass(frozen=True, slots=True)
class WindowUse:
    """How a prompt and its reply fill a model's window, in tokens.

    `window` is the context window, or the input's own limit where there is no window. `reserved` is
    what the reply may take of it, `free` what the prompt may still grow by (negative: it is over
    `limit`, named by `limit_name`), `beyond` what is neither: behind a cap of the input or reply.
    """

    model: str
    window: int
    prompt: int
    reserved: int
    free: int
    beyond: int
    limit: int
    limit_name: str
    cost: Cost

    @property
    def usd(self) -> Decimal | None:
        """Prompt and reserved reply in USD, None where no price is listed."""
        return None if self.cost.partial else self.cost.total


def window_use(
    model: str | Model, prompt: int, *, max_output: Literal["auto"] | int | None = None
) -> WindowUse:
    """The room that a prompt of so many tokens takes and leaves.

    `max_output` is kept for the reply, "auto" being all that the prompt leaves, up to the model's
    cap; None keeps nothing. Raises UnknownModelError, and ValueError for a model without published
    limits or a number out of range.

    >>> use = window_use("gpt-4o", 10_000, max_output=4_000)
    >>> use.window, use.free, use.reserved, use.usd
    (128000, 114000, 4000, Decimal('0.065'))
    """
    record = get_model(model)
    if max_output is None:
        reply = 0
    elif max_output == "auto":
        reply = reply_tokens(record, "auto", prompt) or 0
    else:
        reply = clamp_output(record, check_tokens("max_output", max_output, 1))
    limit, limit_name = tightest_limit(record, reply, 0.0)
    window = record.context_window or limit
    free = limit - prompt
    inside = reply if record.window == "shared" else 0
    return WindowUse(
        model=record.name,
        window=window,
        prompt=prompt,
        reserved=reply,
        free=free,
        beyond=max(0, window - prompt - inside - max(0, free)),
        limit=limit,
        limit_name=limit_name,
        cost=cost(record, input_tokens=prompt, output_tokens=reply),
    )
