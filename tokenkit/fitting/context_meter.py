"""`ContextMeter`: how full a model's context is while an agent's chat grows.

A message is counted when it is added, beside no other than the calls that it answers, so a turn
costs what is new in it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from tokenkit._checks import check_fraction, check_tokens, shown
from tokenkit._core import StateLock
from tokenkit._face import public
from tokenkit.chat import ChatTally, Rule, as_read, called_ids, request_rule, result_id
from tokenkit.fitting.budget import MaxOutput, reserved_tokens, tightest_limit
from tokenkit.fitting.cache_plan import CachePlan, plan_cache
from tokenkit.fitting.chat_fitter import ChatFitter, Choices
from tokenkit.fitting.result import Dropped
from tokenkit.fitting.selection import PROTECTED
from tokenkit.models import Model, get_model
from tokenkit.shapes import given, plain, read_usage, reply_of

__all__ = ["ContextMeter"]

_VERSION = 1
_FIELDS = {"model": str, "tools": list, "messages": list, "drift": int}
# What a message changes besides the lists that it lengthens.
_STATE = ("_system", "_open", "_open_ids", "_around", "_drift")


@public
class ContextMeter:
    """The tokens of a growing chat, message by message, and what is left of the context window.

    `tools` and `max_output` as in `fit`: the reply's tokens are kept free. Models whose tokenizer
    is private are estimated, until usage objects of the API correct the number. Copies are
    independent; a pickle holds what `snapshot` does.

    Raises UnknownModelError, and ValueError for a model whose limits are not published.

    >>> meter = ContextMeter("gpt-4", max_output=1_000)
    >>> meter.add({"role": "user", "content": "Hello"})
    5
    >>> meter.tokens, meter.limit, meter.headroom
    (8, 7192, 7184)
    """

    def __init__(
        self,
        model: str | Model,
        *,
        tools: Sequence[Any] | None = None,
        max_output: MaxOutput = None,
    ) -> None:
        record = get_model(model)
        self.model = record
        self.max_output = max_output
        self.limit, self.limit_name = tightest_limit(record, reserved_tokens(record, max_output), 0)
        self._tools = [plain(tool) for tool in given(tools) or ()]
        self._rule: Rule = request_rule(record, tools=self._tools or None, estimate=True)
        self._messages: list[Any] = []
        # The messages beside which the next one is counted: the first system message, open calls.
        self._system: list[Any] = []
        self._open: list[Any] = []
        self._open_ids: list[object] = []
        self._around = self._fixed([])
        self._sums = [self._around]  # tokens of the chat before each message, and of all of it
        self._drift = 0
        self._lock = StateLock()

    @property
    def _counted(self) -> int:
        return self._sums[-1]

    @property
    def tokens(self) -> int:
        """Tokens of the next request: what was counted, corrected by the last usage."""
        return max(0, self._counted + self._drift)

    @property
    def drift(self) -> int:
        """Tokens that the API counted more (or fewer) than we did, by the last usage object."""
        return self._drift

    @property
    def headroom(self) -> int:
        """Tokens of the limit that are free, beside the reserved reply; negative when over it."""
        return self.limit - self.tokens

    @property
    def messages(self) -> list[Any]:
        """The messages that were added, in their order."""
        return list(self._messages)

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, item: object) -> int:
        """Add a message, an item, a usage object or a whole response; return the tokens it adds.

        A response adds its message, or its items, and corrects by its usage. A usage object adds
        nothing: it is that of the request before the newest reply, and sets `drift`.

        Raises ValueError or TypeError that name what is wrong; the meter is then as before.

        >>> meter = ContextMeter("gpt-4o")
        >>> meter.add({"role": "user", "content": "Hello"})
        5
        >>> meter.add({"role": "assistant", "content": "Hello! How can I help?"})
        11
        >>> meter.add({"prompt_tokens": 10, "completion_tokens": 8})
        0
        >>> meter.tokens, meter.drift
        (21, 2)
        """
        reply, usage = reply_of(item)
        with self._lock:
            if reply is None:
                return self._add(item)
            length, before = len(self._messages), {name: getattr(self, name) for name in _STATE}
            before["_open_ids"] = list(self._open_ids)
            try:
                if usage is not None:
                    self._correct(usage, self._counted if reply else self._before_reply())
                return sum([self._add(message) for message in reply])
            except BaseException:
                del self._messages[length:], self._sums[length + 1 :]
                self.__dict__.update(before)
                raise

    def _add(self, message: Any) -> int:
        index = len(self._messages)
        read = as_read(index, message)
        tokens = self._whole_cost(message) if self._rule.whole_chats else self._cost(message)
        self._messages.append(message)
        self._sums.append(self._counted + tokens)
        self._note(message, read.messages)
        return tokens

    def _cost(self, message: Any) -> int:
        """Count a message beside those that it belongs to."""
        beside = [*self._system, *self._open] if self._open_ids else self._system
        tally = self._rule.tally([*beside, message])
        around = sum(part.tokens for part in tally.fixed)
        # The first system message may carry the tools, and what is around the chat is then less.
        tokens = tally.costs[-1] + (around - self._around)
        self._around = around
        return tokens

    def _whole_cost(self, message: Any) -> int:
        """Count the whole chat with a message, as a template may write all of it otherwise."""
        return self._rule.tally([*self._messages, message]).total - self._counted

    def _note(self, message: Any, read: Sequence[Mapping[str, Any]]) -> None:
        """Keep what later messages are counted beside."""
        for one in read:
            if one.get("role") in ("system", "developer") and not self._system:
                self._system = [message]
            for call_id in result_id(one):
                if call_id in self._open_ids:
                    self._open_ids.remove(call_id)
            ids = called_ids(one)
            if ids:
                self._open = [*self._open, message] if self._open_ids else [message]
                self._open_ids += ids

    def _fixed(self, messages: list[Any]) -> int:
        return sum(part.tokens for part in self._rule.tally(messages).fixed)

    def _before_reply(self) -> int:
        """Return the tokens of the chat without the replies at its end."""
        index = len(self._messages)
        while index and self._is_reply(index - 1):
            index -= 1
        return self._sums[index]

    def _is_reply(self, index: int) -> bool:
        read = as_read(index, self._messages[index]).messages
        return all(message.get("role") == "assistant" for message in read)

    def _correct(self, usage: object, sent: int) -> None:
        tokens = read_usage(usage, provider=self.model.provider).usage.input_tokens
        if tokens:
            self._drift = tokens - sent

    def should_compact(self, at: float = 0.8) -> bool:
        """Return whether the chat has reached this share of the limit.

        >>> meter = ContextMeter("gpt-4")
        >>> _ = meter.add({"role": "user", "content": "word " * 7_000})
        >>> meter.should_compact(), meter.should_compact(at=0.9)
        (True, False)
        """
        return self.tokens >= self.limit * check_fraction("at", at)

    def what_goes(self, target: int) -> tuple[Dropped, ...]:
        """Return the messages that `fit` would drop to come down to `target` tokens.

        The meter stays as it is. Raises ValueError for a negative target, or a tool result without
        its call.

        >>> meter = ContextMeter("gpt-4")
        >>> for word in ("one ", "two ", "three "):
        ...     _ = meter.add({"role": "user", "content": word * 100})
        >>> [loss.index for loss in meter.what_goes(220)]
        [1]
        """
        check_tokens("target", target)
        choices = Choices(tuple(PROTECTED), "recent", shrink_results=False)
        return ChatFitter(self._rule, self._messages, target - self._drift).fit(choices).dropped

    def tally(self) -> ChatTally:
        """Count the whole chat again: parts, bounds and notes of all messages together."""
        return self._rule.tally(self._messages)

    def cache_plan(
        self, *, requests: int = 2, long_life: bool = False, at: date | str | None = None
    ) -> CachePlan:
        """Plan the prompt cache for `requests` requests that begin with this chat and its tools.

        The plan says whether the model's minimum is reached, where to mark the prefix, and what
        it costs with the cache and without, in USD. `long_life` takes the longer life that the
        vendor sells (an hour at Anthropic, 12 hours at OpenAI); `at` is the day of the prices.

        Raises ValueError for fewer requests than 1.

        >>> meter = ContextMeter("claude-opus-5")
        >>> _ = meter.add({"role": "system", "content": "word " * 5_000})
        >>> _ = meter.add({"role": "user", "content": "Hello"})
        >>> [mark.path for mark in meter.cache_plan(requests=20).breakpoints]
        ['messages[0]', 'messages[1]']
        """
        read = [as_read(index, message).messages for index, message in enumerate(self._messages)]
        roles = [str(messages[0].get("role", "")) if messages else "" for messages in read]
        plan = plan_cache(
            self.model,
            self.tally(),
            roles,
            len(self._tools),
            requests=requests,
            long_life=long_life,
            at=at,
        )
        if not self._drift:
            return plan
        note = f"the API counted {self._drift:+} tokens beside these, by the last usage object"
        return replace(plan, notes=(*plan.notes, note))

    def snapshot(self) -> str:
        """Return the meter as JSON, for `restore`.

        >>> meter = ContextMeter("gpt-4o")
        >>> _ = meter.add({"role": "user", "content": "Hello"})
        >>> ContextMeter.restore(meter.snapshot()).tokens == meter.tokens
        True
        """
        return json.dumps(
            {
                "version": _VERSION,
                "model": self.model.name,
                "max_output": self.max_output,
                "tools": self._tools,
                "messages": [plain(message) for message in self._messages],
                "drift": self._drift,
            },
            ensure_ascii=False,
            default=_as_base64,
        )

    @classmethod
    def restore(cls, snapshot: str, *, model: str | Model | None = None) -> ContextMeter:
        """Make the meter of a snapshot again; `model` is needed for one that is not registered.

        Raises ValueError for any other text.
        """
        try:
            data = json.loads(snapshot)
        except (RecursionError, TypeError, ValueError):
            raise ValueError(
                f"snapshot: expected JSON of a ContextMeter, got {shown(snapshot)}"
            ) from None
        if not isinstance(data, dict) or data.get("version") != _VERSION:
            raise ValueError(f"snapshot: expected one of version {_VERSION}, got {shown(snapshot)}")
        for name, kind in _FIELDS.items():
            if type(data.get(name)) is not kind:
                got = shown(data.get(name))
                raise ValueError(f"snapshot: {name}: expected {kind.__name__}, got {got}")
        try:
            meter = cls(
                model or data["model"], tools=data["tools"], max_output=data.get("max_output")
            )
            for message in data["messages"]:
                meter._add(message)
        except TypeError as error:
            raise ValueError(f"snapshot: {error}") from None
        meter._drift = data["drift"]
        return meter

    def __copy__(self) -> ContextMeter:
        other = type(self).__new__(type(self))
        with self._lock:
            own = {name: list(getattr(self, name)) for name in ("_messages", "_open_ids", "_sums")}
            other.__dict__.update(self.__dict__ | own, _lock=StateLock())
        return other

    def __reduce__(self) -> tuple[Any, ...]:
        # Messages that are objects of others become plain ones, as in a snapshot.
        return partial(type(self).restore, model=self.model), (self.snapshot(),)


def _as_base64(value: object) -> str:
    """Write bytes, such as pictures and signatures of Gemini's SDK, as they are sent."""
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    return str(value)
