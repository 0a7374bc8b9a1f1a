"""`show`: tokens, chats and chunks drawn inside a notebook, or as plain text.

>>> import tokenkit
>>> print(tokenkit.show("hello world", encoding="o200k_base"))
hello| world
2 tokens, 11 characters, o200k_base
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tokenkit._checks import shown
from tokenkit._face import public
from tokenkit._notebook import MONO, card_html, escaped_html, table_html
from tokenkit._visible import plural, visible
from tokenkit.chat import MessageCount, count_messages
from tokenkit.chunking import Chunk
from tokenkit.encodings import Encoding, encoding_of
from tokenkit.fitting import preflight
from tokenkit.models import Model
from tokenkit.shapes import plain
from tokenkit.views.parts import message_text
from tokenkit.views.tokens import Segment, segments

__all__ = ["Shown", "show"]

MOST_TOKENS = 10_000  # that are drawn: a notebook gets slow with many more elements
MOST_CHARACTERS = 100_000
MOST_PARTS = 200
LONGEST_PREVIEW = 300
HUES = ("#fde6bf", "#d0e6fd", "#d8f0cf", "#fbd9e0", "#e2dbfc", "#c9eee9")
_INK = "color:#1d2129"
# Each line has the direction of its first letter.
_TEXT = (
    f"{MONO};white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.75;"
    "unicode-bidi:plaintext;text-align:start"
)


@public
@dataclass(frozen=True, repr=False)
class Shown:
    """A thing as `show` draws it: `html` for a notebook, `text` for all else.

    >>> import tokenkit
    >>> tokenkit.show("hi", encoding="o200k_base").text
    'hi\\n1 token, 2 characters, o200k_base'
    """

    text: str
    html: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.html


def show(
    thing: Any, model: str | Model | None = None, *, encoding: str | Encoding | None = None
) -> Shown:
    """Draw a text, a chat, a request or chunks, with their tokens.

    A text is drawn in the colours of its tokens, with each one's id and bytes in its title; a list
    of messages, or a request, as a table of its parts; a list of `Chunk` one below the other, with
    what they share marked. Results that draw themselves, such as those of `count_messages`, `fit`,
    `preflight`, `cost` and `token_report`, are drawn so. At most 10,000 tokens of a text, 100,000
    characters of chunks and 200 parts are drawn, and the rest is named. In a notebook it is for
    the last line of a cell, or for `display`. It is HTML without scripts, in which all that is
    foreign is escaped.

    `model` is that of a request, too, whatever model it names itself. Raises ValueError for a text
    without a model or encoding, a chat without a model, or an encoding for anything else, TypeError
    for a thing of another type, and what `encoding_for_model`, `count_messages` and `preflight`
    raise.

    >>> import tokenkit
    >>> chat = [{"role": "user", "content": "Hello"}]
    >>> print(tokenkit.show(chat, "gpt-4o"))
    8 tokens, gpt-4o
    messages[0] (user): 5 tokens: Hello
    reply: 3 tokens
    """
    if isinstance(thing, str):
        return _shown_text(thing, encoding_of(model, encoding))
    if encoding is not None:
        raise ValueError(
            f"encoding: expected one for a text alone, got {shown(encoding)}; a chat or request is "
            "counted for its model"
        )
    ours = type(thing).__module__.partition(".")[0] == "tokenkit"
    if ours and hasattr(thing, "_repr_html_"):
        return Shown(str(thing), str(thing._repr_html_()))
    if isinstance(thing, Mapping):
        named: dict[str, Any] = {} if model is None else {"model": model}
        check = preflight(dict(thing), **named)
        return Shown(check.report(), check._repr_html_())
    if isinstance(thing, Sequence):
        if thing and all(isinstance(one, Chunk) for one in thing):
            return _shown_chunks(thing)
        if thing and all(isinstance(plain(one), Mapping) for one in thing):
            if model is None:
                raise ValueError("model: expected the name of a model for a chat, got none")
            return _shown_chat(thing, count_messages(thing, model), model)
    raise TypeError(f"expected a text, messages, a request, chunks or a result, got {shown(thing)}")


def _shown_text(text: str, encoding: Encoding) -> Shown:
    drawn = list(islice(segments(text, encoding), MOST_TOKENS))
    tokens = encoding.count(text)
    title = f"{tokens:,} {plural(tokens, 'token')}"
    lines = [f"{len(text):,} {plural(len(text), 'character')}, {encoding.name}"]
    rest = _rest(len(text) - (drawn[-1].end if drawn else 0))
    body = "".join(_spans(text, drawn))
    html = card_html(title, [*lines, *rest], f'<div style="{_TEXT}" dir="auto">{body}</div>')
    plain_text = "|".join(visible(text[one.start : one.end]) for one in drawn)
    return Shown("\n".join([plain_text, *rest, f"{title}, {lines[0]}"]), html)


def _rest(characters: int) -> list[str]:
    return [f"the last {characters:,} characters are not drawn"] if characters else []


def _spans(text: str, drawn: Iterable[Segment]) -> Iterator[str]:
    number = 0
    for one in drawn:
        title = "; ".join(f"{token.id} ({token.data.hex(' ')})" for token in one.tokens)
        style = f"background-color:{HUES[number % len(HUES)]};{_INK}"
        words = escaped_html(text[one.start : one.end])
        yield f'<span style="{style}" title="{title}">{words}</span>'
        number += len(one.tokens)


def _shown_chat(messages: Sequence[Any], count: MessageCount, model: str | Model) -> Shown:
    name = model.name if isinstance(model, Model) else model
    rows = []
    for part in count.parts[:MOST_PARTS]:
        role = text = ""
        if part.kind == "message" and part.index is not None and part.index < len(messages):
            fields = plain(messages[part.index])
            role, text = str(fields.get("role", "?")), _preview(fields)
        rows.append((part.where, role, part.tokens, text))
    title = f"{'' if count.exact else 'about '}{count.tokens:,} tokens"
    rest = len(count.parts) - len(rows)
    notes = [*count.notes, *([f"and {rest:,} more parts"] if rest else [])]
    html = card_html(title, [name, *notes], table_html(("part", "role", "tokens", "text"), rows))
    lines = [
        f"{where}{f' ({role})' if role else ''}: {tokens} tokens{f': {text}' if text else ''}"
        for where, role, tokens, text in rows
    ]
    return Shown("\n".join(map(visible, [f"{title}, {name}", *lines, *notes])), html)


def _preview(fields: Mapping[str, Any]) -> str:
    try:
        text = message_text(fields)
    except (AttributeError, TypeError):
        text = ""
    if not text:  # a message of another API
        text = str({key: value for key, value in fields.items() if key != "role"})
    return text if len(text) <= LONGEST_PREVIEW else f"{text[:LONGEST_PREVIEW]} …"


def _shown_chunks(chunks: Sequence[Chunk]) -> Shown:
    sizes = [chunk.tokens for chunk in chunks]
    title = f"{len(chunks):,} {plural(len(chunks), 'chunk')}"
    line = f"{min(sizes):,} to {max(sizes):,} tokens each, {sum(sizes):,} in all"
    most = max(*sizes, 1)
    boxes: list[str] = []
    lines: list[str] = []
    room = MOST_CHARACTERS
    for chunk, before in zip(chunks[:MOST_PARTS], [None, *chunks], strict=False):
        if len(chunk.text) > room:
            break
        room -= len(chunk.text)
        shared = max(0, before.end - chunk.start) if before is not None else 0
        head = f"chunk {chunk.index}: {chunk.tokens:,} tokens, ends at: {chunk.boundary}"
        if chunk.headings:
            head += f", {' › '.join(chunk.headings)}"
        boxes.append(_chunk_box(chunk, head, shared, chunk.tokens / most))
        lines.append(visible(head))
    rest = len(chunks) - len(boxes)
    more = [f"and {rest:,} more chunks"] if rest else []
    html = card_html(title, [line, *more], "".join(boxes))
    return Shown("\n".join([f"{title}: {line}", *lines, *more]), html)


def _chunk_box(chunk: Chunk, head: str, shared: int, share: float) -> str:
    again = escaped_html(chunk.text[:shared])
    first = f'<span style="background-color:#e2dbfc;{_INK}">{again}</span>' if again else ""
    bar = f'<div style="height:0.3em;width:{share:.1%};background-color:#2355c4"></div>'
    body = f'<div style="{_TEXT}" dir="auto">{first}{escaped_html(chunk.text[shared:])}</div>'
    style = "margin-top:0.6em;border-left:4px solid #2355c4;padding-left:0.8em"
    return f'<div style="{style}"><b>{escaped_html(head)}</b>{bar}{body}</div>'
