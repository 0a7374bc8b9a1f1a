"""Prompts built from sections that share the room of a model.

>>> from tokenkit import Prompt
>>> prompt = Prompt("gpt-4o", max_output=1_000)
>>> _ = prompt.system("Answer from the documents.")
>>> _ = prompt.section("documents", ["First text.", "Second text."], priority=5, max_tokens=0.5)
>>> _ = prompt.user("What do they say?")
>>> [message["role"] for message in prompt.render().messages]
['system', 'system', 'user']
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any, Literal

from tokenkit._checks import check_choice, check_fraction, check_number, check_str, check_tokens
from tokenkit._face import public
from tokenkit.chat import check_chat, check_messages, request_rule
from tokenkit.fitting.budget import MIN_OUTPUT, MaxOutput
from tokenkit.fitting.input_room import input_room
from tokenkit.fitting.rendering import SEPARATOR, Entry, Rendering
from tokenkit.fitting.result import Fit
from tokenkit.models import Model, get_model

__all__ = ["Prompt"]


@public
class Prompt:
    """A prompt whose parts are chosen when it is rendered; parts appear in the order added.

    `max_output`, `min_output`, `reasoning_reserve` and `safety` mean what they mean to `fit`.
    The methods return the prompt, so that calls can be chained. `copy.copy` makes an independent
    prompt that goes on from here.

    Raises UnknownModelError, and ValueError or TypeError for arguments out of range.

    >>> prompt = Prompt("gpt-4", max_output=1_000).system("Be short.").user("Why is the sky blue?")
    >>> prompt.render().tokens
    20
    """

    def __init__(
        self,
        model: str | Model,
        *,
        max_output: MaxOutput = "auto",
        min_output: int = MIN_OUTPUT,
        tools: Sequence[Mapping[str, Any]] | None = None,
        reasoning_reserve: int = 0,
        safety: float = 0.0,
    ) -> None:
        self.model = get_model(model)
        self.max_output = max_output
        self.min_output = min_output
        self.tools = tools
        self.reasoning_reserve = reasoning_reserve
        self.safety = check_fraction("safety", safety)
        self._entries: list[Entry] = []
        input_room(self.model, max_output, min_output, reasoning_reserve, self.safety)

    def system(self, text: str) -> Prompt:
        """Add a system message that always stays whole. Raises TypeError unless `text` is str.

        >>> Prompt("gpt-4").system("Be short.").render().messages
        [{'role': 'system', 'content': 'Be short.'}]
        """
        return self._whole("system", check_str("system", text))

    def user(self, text: str | Sequence[Mapping[str, Any]]) -> Prompt:
        """Add a user message (text or content parts) that always stays whole.

        Raises TypeError for anything else.

        >>> Prompt("gpt-4").user("Why?").render().messages
        [{'role': 'user', 'content': 'Why?'}]
        """
        if not isinstance(text, (str, list, tuple)):
            raise TypeError(f"user: expected str or content parts, got {type(text).__name__}")
        return self._whole("user", text)

    def _whole(self, role: str, content: Any) -> Prompt:
        self._entries.append(Entry(role, ({"role": role, "content": content},), fixed=True))
        return self

    def section(
        self,
        name: str,
        texts: str | Sequence[str],
        *,
        priority: float = 0,
        max_tokens: int | float | None = None,
        min_tokens: int = 0,
        flex: float = 0,
        keep: Literal["head", "tail", "ends"] | None = "head",
        keep_with: str | None = None,
        fallback: str | None = None,
        role: str = "system",
    ) -> Prompt:
        """Add texts that become one message of `role`, joined by blank lines.

        Higher `priority` is filled first. `max_tokens` caps the text (an int is tokens, a float a
        share of the input limit). Tokens that the others leave go to sections with `flex`, in its
        proportion, beyond their caps. `keep` is the part that stays of a text that is too long:
        the "head", the "tail" or both "ends" of the joined texts; with None each text stays whole
        or is dropped, the last ones first. A section without room for `min_tokens` (or for its
        whole text, if that is less) is replaced by `fallback`, or dropped; with keep=None, so is
        one whose remaining texts have fewer. A section without any text is its fallback, or
        nothing. `keep_with` names an entry ("history" too) without which this one is dropped as
        well.

        Raises ValueError for a name given twice and for numbers out of range, and TypeError for
        arguments of another type.

        >>> prompt = Prompt("gpt-4", max_output=8_100)
        >>> prompt = prompt.section("notes", "One two three. " * 90, keep="tail").user("Sum up.")
        >>> prompt.render().messages[0]["content"].endswith("One two three. ")
        True
        """
        where = f"section {check_str('section: name', name)!r}"
        self._check_new(name, where, priority)
        items = _texts(where, texts)
        for word, value in (("keep_with", keep_with), ("fallback", fallback)):
            if value is not None:
                check_str(f"{where}: {word}", value)
        if keep is not None:
            check_choice(f"{where}: keep", keep, ("head", "tail", "ends"))
        if isinstance(max_tokens, float):
            check_fraction(f"{where}: max_tokens", max_tokens, whole=True)
        elif max_tokens is not None:
            check_tokens(f"{where}: max_tokens", max_tokens)
        check_tokens(f"{where}: min_tokens", min_tokens)
        if check_number(f"{where}: flex", flex, 0) == inf:
            raise ValueError(f"{where}: flex: expected a number, got {flex!r}")
        if not any(items):
            items = (fallback,) if fallback else ()
        message = {"role": role, "content": SEPARATOR.join(items)}
        messages = (message,) if items else ()
        self._entries.append(
            Entry(
                name, messages, role, items, priority, max_tokens, min_tokens, flex, keep,
                keep_with, fallback,
            )
        )  # fmt: skip
        return self

    def history(self, messages: Sequence[Any], *, priority: float = 0) -> Prompt:
        """Add earlier messages; the newest stay, tool calls and their results together.

        Raises ValueError naming a tool result without its call, and for a second history.

        >>> chat = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi!"}]
        >>> len(Prompt("gpt-4").history(chat).user("Why?").render().messages)
        3
        """
        self._check_new("history", "history", priority)
        chat = tuple(check_messages(messages))
        check_chat(chat)
        self._entries.append(Entry("history", chat, priority=priority))
        return self

    def __copy__(self) -> Prompt:
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__, _entries=list(self._entries))
        return other

    def _check_new(self, name: str, where: str, priority: object) -> None:
        if any(entry.name == name for entry in self._entries if not entry.fixed):
            raise ValueError(f"{where}: expected a new name, got one that is already there")
        check_number(f"{where}: priority", priority)

    def render(
        self,
        *,
        model: str | Model | None = None,
        max_output: MaxOutput | Literal["own"] = "own",
    ) -> Fit:
        """Choose the parts for the prompt's own model and reply, or for others ("what if").

        `model` None and `max_output` "own" mean those of the prompt. Indexes in `dropped` and
        `truncated` count the messages of the whole, unshortened prompt.

        Raises ContextOverflowError if the system and user messages alone do not fit, and
        ValueError if a `keep_with` names no entry.

        >>> prompt = Prompt("gpt-4").user("Why?")
        >>> prompt.render(max_output=192).limit, prompt.render(max_output=None).limit
        (8000, 8192)
        """
        record = self.model if model is None else get_model(model)
        output = self.max_output if max_output == "own" else max_output
        room = input_room(record, output, self.min_output, self.reasoning_reserve, self.safety)
        rule = request_rule(record, tools=self.tools, estimate=True)
        rendering = Rendering(tuple(self._entries), rule, room.limit)
        parts = rendering.run()
        messages = [message for part in parts for message in part.messages]
        tally = rule.tally(messages)
        if tally.total > room.limit:
            raise room.overflow(tally.total)
        return room.result(messages, tally, *rendering.losses(parts))


def _texts(where: str, texts: object) -> tuple[str, ...]:
    """Return the texts of a section: one, or those of a list."""
    if isinstance(texts, str):
        return (texts,)
    if isinstance(texts, bytes) or not isinstance(texts, Iterable):
        raise TypeError(
            f"{where}: texts: expected str or a list of str, got {type(texts).__name__}"
        )
    return tuple(check_str(f"{where}: texts[{i}]", text) for i, text in enumerate(texts))
