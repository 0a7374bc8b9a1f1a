"""`Unsure`: something in a request whose tokens are not known, and `MessageBook`, which notes it.

The reading of a message or a tool sorts every key of every object: its text is counted, or it is
named as harmless, or it becomes an `Unsure`, whose note names its path.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tokenkit.shapes.meanings import camel

__all__ = [
    "Keys",
    "MessageBook",
    "ReadMessage",
    "Unsure",
    "json_text",
    "keys",
    "strings_of",
    "words",
]


@dataclass(frozen=True, slots=True)
class Unsure:
    """A part of a request whose number of tokens is not known.

    `text` is counted; the true number may lack it. `maybe` is text that the true number may hold
    besides. `open` says that there is no upper bound, as for a file that only an id names.
    `foreign` says that no table knows its type.
    """

    path: str
    note: str
    text: str = ""
    maybe: str = ""
    open: bool = True
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message of any shape as messages of OpenAI's chat format, and what is unsure about it.

    It is several where results of tools stand beside other content; `empty` are the paths of
    unknown keys that hold null. `calls` are the ids of calls that no message holds.
    """

    messages: tuple[dict[str, Any], ...]
    unsure: tuple[Unsure, ...] = ()
    empty: tuple[str, ...] = ()
    calls: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one kind of object: read by its reader, harmless, counted, or unbounded.

    `counted` hold text, at any depth, that is counted with a note; the presence of an `opening`
    one leaves the number without an upper bound.
    """

    read: frozenset[str] = frozenset()
    harmless: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()
    opening: frozenset[str] = frozenset()


def keys(read: str = "", *, harmless: str = "", counted: str = "", opening: str = "") -> Keys:
    """Make `Keys` from names separated by blanks, each snake_case one in camelCase, too."""
    return Keys(_spelled(read), _spelled(harmless), _spelled(counted), _spelled(opening))


def words(names: str) -> frozenset[str]:
    """Return the names in a text that separates them by blanks."""
    return frozenset(names.split())


def _spelled(names: str) -> frozenset[str]:
    words = names.split()
    return frozenset(words) | {camel(word) for word in words if not word.startswith("_")}


@dataclass
class MessageBook:
    """Hold the reading of one message: its parts in order, its calls, results, and doubts.

    `enter` reads a part of content by its own type; a part may hold others. `harmony` says that
    the model is one of gpt-oss.
    """

    enter: Callable[[MessageBook, str, Any], None]
    harmony: bool = False
    parts: list[Any] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    unsure: list[Unsure] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    opened: list[object] = field(default_factory=list)

    def part(self, path: str, **fields: object) -> None:
        """Add a part of content as OpenAI's chat format has it, with its path."""
        self.parts.append({**fields, "where": path})

    def text(self, path: str, text: object) -> None:
        """Add a part of text; another type than str is left to the counter's checks."""
        self.part(path, type="text", text=text)

    def inside(self, path: str, content: object) -> list[Any]:
        """Read the parts of content that stands inside a part, such as a tool's result."""
        inner = MessageBook(self.enter, self.harmony, unsure=self.unsure, empty=self.empty)
        for index, part in enumerate(content if isinstance(content, list) else [content]):
            if isinstance(part, str):
                inner.text(f"{path}[{index}]", part)
            else:
                self.enter(inner, f"{path}[{index}]", part)
        self.calls += inner.calls
        self.results += inner.results
        return inner.parts

    def call(self, call_id: object, name: object, arguments: object) -> None:
        """Add a call of a function; other arguments than text are written as JSON."""
        if arguments is None:
            arguments = ""
        elif not isinstance(arguments, str):
            arguments = json_text(arguments)
        function = {"name": name, "arguments": arguments}
        self.calls.append({"id": call_id, "type": "function", "function": function})

    def result(self, call_id: object, content: object) -> None:
        """Add the result of a call."""
        self.results.append({"role": "tool", "tool_call_id": call_id, "content": content})

    def doubt(
        self, path: str, note: str, *, text: str = "", maybe: str = "", open: bool = True
    ) -> None:
        """Note something whose number of tokens is not known."""
        self.unsure.append(Unsure(path, note, text, maybe, open))

    def unknown(self, path: str, value: object) -> None:
        """Note a key that no table knows. One that holds null changes nothing, and is named."""
        if value is None:
            self.empty.append(path)
        else:
            self.doubt(path, "this key is not known, so the number has no upper bound")

    def foreign(self, path: str, value: object, kind: str) -> None:
        """Note a part or an item whose type no table knows. Its text is counted."""
        note = f"the type {kind!r} is not known: counted by its text alone, without an upper bound"
        self.unsure.append(Unsure(path, note, " ".join(strings_of(value)), foreign=True))

    def account(self, path: str, value: Mapping[Any, Any], known: Keys) -> None:
        """Scan the object: every key is read, harmless, counted here, or noted as unknown."""
        for key, item in value.items():
            if key in known.read or key in known.harmless:
                if key in _MARKS and isinstance(item, Mapping):
                    self.account(f"{path}.{key}" if path else key, item, _MARKS[key])
                continue
            where = f"{path}.{key}" if path else str(key)
            if item is None and (key in known.counted or key in known.opening):
                continue
            if key in known.counted:
                text = " ".join(strings_of(item))
                self.doubt(where, "counted by its text alone", text=text, open=False)
            elif key in known.opening:
                self.doubt(where, "its tokens are not in the request: no upper bound")
            else:
                self.unknown(where, item)


# Marks that are objects, and harmless only with these keys (anthropic 2.14.0, openai 3.57.0).
_MARKS = {
    "cache_control": keys("type ttl"),
    "prompt_cache_breakpoint": keys("mode ttl"),
    "caller": keys("type tool_id caller_id"),
}


def json_text(value: object, *, spaced: bool = False) -> str:
    """Write a value as JSON, compact or with Python's own blanks; other objects by their str."""
    separators = (", ", ": ") if spaced else (",", ":")
    try:
        return json.dumps(value, ensure_ascii=False, separators=separators, default=str)
    except (RecursionError, ValueError):
        raise ValueError(
            "messages or tools: expected values that JSON can hold, got one that holds itself or "
            "is nested too deeply"
        ) from None


# What these hold is encrypted, encoded or an id: a model reads none of it as text.
_OPAQUE: Collection[str] = words(
    """id call_id tool_use_id item_id type status signature thought_signature
        thoughtSignature encrypted_content encrypted_index encrypted_stdout data file_id
        container_id"""
)


def strings_of(value: object) -> Iterator[str]:
    """Yield every text in a value, at any depth, and numbers as they are written.

    Ids, and what is encrypted or encoded, are left out.

    >>> list(strings_of({"id": "x1", "action": {"type": "search", "query": "the moon"}}))
    ['the moon']
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key not in _OPAQUE:
                yield from strings_of(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from strings_of(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
