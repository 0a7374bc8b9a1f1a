"""The result of `fit`: the messages that stay, and a list of all that was lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, NamedTuple

from tokenkit import costs
from tokenkit._face import public
from tokenkit._visible import shown_line
from tokenkit.chat import CountPart, Message, TokenCount, request_rule
from tokenkit.models import Model, get_model
from tokenkit.shapes import Usage, plain

__all__ = ["Dropped", "Fit", "Losses", "Truncated"]


@public
@dataclass(frozen=True, slots=True)
class Dropped:
    """A message that was dropped: its index in the input, its tokens, and why."""

    index: int
    message: Message
    tokens: int
    reason: str


class Losses(NamedTuple):
    """Messages that were dropped, all for one reason, before they are listed one by one."""

    indexes: Sequence[int] = ()
    messages: Sequence[Message] = ()
    tokens: Sequence[int] = ()
    reason: str = ""

    def dropped(self) -> tuple[Dropped, ...]:
        """List the messages."""
        return tuple(map(Dropped, self.indexes, self.messages, self.tokens, repeat(self.reason)))


class _LaterDropped:
    """Stands for the field `dropped` of a fit: made of its `_losses` when it is first asked for.

    Long chats lose hundreds of messages, and most who fit them send what is left. A fit holds a
    plain tuple of what `Losses` has, so that pickles name no file.
    """

    def __get__(self, fit: object | None, _owner: type) -> tuple[Dropped, ...]:
        if fit is None:
            return ()  # what the dataclass takes as the default
        held = vars(fit)
        dropped: tuple[Dropped, ...] = Losses(*held["_losses"]).dropped()
        held["dropped"] = dropped
        return dropped


@public
@dataclass(frozen=True, slots=True)
class Truncated:
    """A message that was shortened: its index in the input, tokens before and after, and why."""

    index: int
    tokens_before: int
    tokens_after: int
    reason: str


@public
@dataclass(frozen=True, kw_only=True)
class Fit(TokenCount):
    """A chat that fits, and what was dropped and shortened for it; a `TokenCount`.

    `tokens` counts the messages and tools as `count_messages` does. `limit` is the most that they
    may have, `headroom` what they leave of it. `max_output` is the number of reply tokens to send
    to the API; None where nothing was reserved or nothing limits the reply.

    >>> import tokenkit
    >>> result = tokenkit.fit([{"role": "user", "content": "Hello"}], "gpt-4", max_output=1_000)
    >>> result.tokens, result.limit, result.headroom, result.max_output
    (8, 7192, 7184, 1000)
    """

    messages: list[Message]
    max_output: int | None
    limit: int
    limit_name: str
    dropped: tuple[Dropped, ...] = _LaterDropped()  # type: ignore[assignment]
    truncated: tuple[Truncated, ...]
    model: str
    record: Model | None = field(default=None, repr=False, compare=False)

    @property
    def headroom(self) -> int:
        """Tokens of the limit that are still free; negative only with on_overflow="return"."""
        return self.limit - self.tokens

    @property
    def cost(self) -> costs.Cost:
        """Price this input and a reply of `max_output` tokens, in USD.

        >>> import tokenkit
        >>> chat = [{"role": "user", "content": "Hello"}]
        >>> print(tokenkit.fit(chat, "gpt-4", max_output=1_000).cost)
        0.06024 USD
        """
        model = self.record or get_model(self.model)
        used: dict[str, Any] = costs.known_media(model, self._parts)
        used |= {"input_tokens": self.tokens, "output_tokens": self.max_output or 0}
        return costs.cost(model, Usage(**used, web_searches=int(costs.always_searches(model))))

    def _parts(self) -> tuple[CountPart, ...]:
        rule = request_rule(self.record or get_model(self.model), estimate=True)
        return rule.tally(self.messages).parts()

    def report(self) -> str:
        """Say in lines of text what was kept, dropped and shortened, and why.

        >>> import tokenkit
        >>> chat = [{"role": "user", "content": "word " * 9_000}, {"role": "user", "content": "Hi"}]
        >>> print(tokenkit.fit(chat, "gpt-4", max_output=1_000).report())
        gpt-4: 8 of 7192 input tokens (0.1%, limit: context_window), 7184 free, reply up to 1000
        dropped messages[0] (user, 9005): the chat has 9013 tokens, 7192 are allowed
        """
        share = self.tokens / self.limit if self.limit > 0 else 0.0
        reply = "none reserved" if self.max_output is None else f"up to {self.max_output}"
        lines = [
            f"{self.model}: {self.tokens} of {self.limit} input tokens ({share:.1%}, limit: "
            f"{self.limit_name}), {self.headroom} free, reply {reply}"
        ]
        if self.headroom < 0:
            lines.append(f"over the limit by {-self.headroom} tokens: all that is left must stay")
        if not self.exact:
            lines.append(self._bounds())
        for loss in self.dropped:
            message = plain(loss.message)
            role = message.get("role") or message.get("type")
            lines.append(f"dropped messages[{loss.index}] ({role}, {loss.tokens}): {loss.reason}")
        for cut in self.truncated:
            lines.append(
                f"shortened messages[{cut.index}] from {cut.tokens_before} to {cut.tokens_after} "
                f"tokens: {cut.reason}"
            )
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(map(shown_line, lines))

    def _repr_html_(self) -> str:
        """Draw the report in a notebook."""
        from tokenkit._notebook import card_html

        title = f"{self.tokens:,} of {self.limit:,} tokens"
        return card_html(title, self.report().split("\n"))

    def _bounds(self) -> str:
        if self.high is None:
            return f"count of at least {self.low}, without an upper bound: it may exceed the limit"
        verdict = "would exceed" if self.high > self.limit else "is within"
        return f"count between {self.low} and {self.high}; the upper bound {verdict} the limit"
