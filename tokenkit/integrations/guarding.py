"""`Guard`: the check that stands before a client's requests, whatever client it is.

A guard counts on this machine, by `preflight`; it sends nothing of its own.
"""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, TypeAlias

from tokenkit import CostTracker, Preflight, preflight
from tokenkit._checks import check_choice, shown
from tokenkit.errors import CostLimitError, TokenkitError, TokenkitWarning
from tokenkit.fitting import fit_request

__all__ = [
    "UNMEASURED",
    "Guard",
    "OnOverflow",
    "add_if_used",
    "api_of_path",
    "check_counted",
    "check_spent",
    "spending_limit",
    "warn_unmeasured",
    "watched_stream",
]

OnOverflow: TypeAlias = Literal["raise", "clamp", "fit"]
_ON_OVERFLOW = ("raise", "clamp", "fit")
_APIS = {
    "/chat/completions": "chat.completions",
    "/responses": "responses",
    "/embeddings": "embeddings",
    "/completions": "completions",
    "/moderations": "moderations",
    "/images/generations": "images",
    "/audio/speech": "audio.speech",
    "/messages": "messages",
    ":generateContent": "generate_content",
    ":streamGenerateContent": "generate_content",
}


def api_of_path(path: str) -> str | None:
    """Return the API of a URL's path, None for one whose requests are not checked.

    >>> api_of_path("/v1/chat/completions"), api_of_path("/v1/models")
    ('chat.completions', None)
    """
    path = path.partition("?")[0].rstrip("/")
    return next((api for ending, api in _APIS.items() if path.endswith(ending)), None)


# The usage of a reply that came without one: it leaves the sum of a tracker partial.
UNMEASURED = {"input_tokens": 0, "output_tokens": 0, "unmeasured_requests": 1}


def check_counted(check: Preflight) -> None:
    """Raise ValueError, with its problems, for the check of a chat that could not be counted."""
    if not check.parts:
        raise ValueError("; ".join(map(str, check.problems)))


def spending_limit(max_usd: Decimal | float | str | None) -> Decimal | None:
    """Return a limit in USD as a Decimal. Raises ValueError unless it is a number of at least 0."""
    if max_usd is None:
        return None
    try:
        limit = Decimal(str(max_usd))
    except InvalidOperation:
        raise ValueError(f"max_usd: expected a number of USD, got {shown(max_usd)}") from None
    if limit.is_nan() or limit < 0:
        raise ValueError(f"max_usd: expected at least 0 USD, got {shown(max_usd)}")
    return limit


def check_spent(tracker: CostTracker, max_usd: Decimal | None) -> None:
    """Raise CostLimitError once a tracker has reached a limit (USD)."""
    if max_usd is not None and tracker.total >= max_usd:
        raise CostLimitError(
            f"expected to spend less than {max_usd:f} USD, got {tracker.total:f} USD so far; "
            "raise max_usd, or use a new tracker",
            cost=tracker.total,
            max_usd=max_usd,
        )


@dataclass(frozen=True)
class Guard:
    """The check before each request of a client, and the account after it.

    `on_overflow` says what happens to a request that does not fit for sure: "raise" an error,
    "clamp" the reply, or "fit" the chat as well. `max_usd` is the most that one request may cost.
    `tracker` adds up what came back.
    """

    on_overflow: OnOverflow = "raise"
    max_usd: Decimal | None = None
    min_output: int = 256
    tracker: CostTracker | None = None

    @classmethod
    def of(
        cls,
        on_overflow: str,
        max_usd: Decimal | float | str | None,
        min_output: int,
        tracker: CostTracker | None,
    ) -> Guard:
        """Make a guard of arguments as users give them. Raises ValueError for others."""
        check_choice("on_overflow", on_overflow, _ON_OVERFLOW)
        return cls(on_overflow, spending_limit(max_usd), min_output, tracker)  # type: ignore[arg-type]

    def checked(
        self, api: str, body: Mapping[str, Any], *, strict: bool = False
    ) -> Mapping[str, Any]:
        """Return the body to send: the same object where nothing has to change.

        A body that cannot be checked, as its model is not known or its chat cannot be counted, is
        sent as it is, with a TokenkitWarning that says why.

        Raises ContextOverflowError for one that cannot fit, CostLimitError, and if `strict`
        ValueError for a chat that cannot be counted.
        """
        check = preflight(body, api=api, min_output=self.min_output)
        if strict:
            check_counted(check)
        sent = body
        if check.fits is False:
            if self.on_overflow == "raise":
                check.raise_if_over()
            sent = check.request if self.on_overflow == "clamp" else fit_request(check)[0]
            check = preflight(sent, api=api, min_output=self.min_output).raise_if_over()
        self.check_cost(check)
        _warn_if_unchecked(check)
        return sent

    def check_cost(self, check: Preflight) -> None:
        """Raise CostLimitError for a request that may cost more than is allowed."""
        if self.max_usd is None:
            return
        cost = check.cost_high
        if cost is None or cost > self.max_usd:
            known = "an unknown sum" if cost is None else f"up to {cost:f} USD"
            raise CostLimitError(
                f"{check.model}: expected a request of at most {self.max_usd:f} USD, got one of "
                f"{known}; set the reply's limit, or raise max_usd",
                cost=cost,
                max_usd=self.max_usd,
            )

    def track(self, response: Any, api: str | None = None) -> Any:
        """Add a response to the tracker; a stream adds itself while it is read. Returns it.

        `api` is that of the request, where it is one of those whose replies report usage. What
        cannot be added is a TokenkitWarning, as the reply is paid for and the caller's.
        """
        if self.tracker is None:
            return response
        iterator = getattr(response, "_iterator", None)
        if iterator is not None:
            response._iterator = watched_stream(iterator, self.tracker)
        elif not add_if_used(self.tracker, response) and api in _REPORTING:
            warn_unmeasured()
        return response


def _warn_if_unchecked(check: Preflight) -> None:
    faults = [problem for problem in check.problems if problem.severity == "error"]
    if check.fits is None and faults:
        warnings.warn(
            f"{check.model}: the request goes unchecked: {faults[0]}", TokenkitWarning, stacklevel=4
        )


_REPORTING = ("chat.completions", "responses", "messages", "completions", "embeddings")


def add_if_used(tracker: CostTracker, response: Any) -> bool:
    """Add a response that reports its usage to a tracker; return whether it does."""
    usage = getattr(response, "usage", None) or getattr(response, "usage_metadata", None)
    inner = getattr(response, "response", None)  # the last event of a stream of the responses API
    if usage is not None:
        _add(tracker, response)
    elif getattr(inner, "usage", None) is not None:
        _add(tracker, inner)
    else:
        return False
    return True


def _add(tracker: CostTracker, used: Any) -> None:
    try:
        tracker.add(used)
    except (TokenkitError, TypeError, ValueError) as error:
        warn_unmeasured(str(error))


def warn_unmeasured(why: str = "it reports no usage") -> None:
    """Warn that the cost of a reply, which the caller gets all the same, is in no sum."""
    text = f"the cost of a model's reply is not in the tracker: {why}"
    warnings.warn(text, TokenkitWarning, stacklevel=4)


def watched_stream(items: Any, tracker: CostTracker) -> Any:
    """Return an iterator, sync or async as `items` is, that adds the usage at its end."""
    watch = _watched_async if hasattr(items, "__anext__") else _watched
    return watch(items, tracker)


def _watched(items: Iterator[Any], tracker: CostTracker) -> Iterator[Any]:
    watch = StreamWatch(tracker)
    for item in items:
        watch.see(item)
        yield item
    watch.end()


async def _watched_async(items: AsyncIterator[Any], tracker: CostTracker) -> AsyncIterator[Any]:
    watch = StreamWatch(tracker)
    async for item in items:
        watch.see(item)
        yield item
    watch.end()


class StreamWatch:
    """Follows the events of one stream, and adds their usage once, at its end.

    OpenAI's chunks and events report it in the last one. Anthropic's first event holds the message
    with the input's tokens, later ones the output's so far.
    """

    def __init__(self, tracker: CostTracker) -> None:
        self.tracker = tracker
        self.last: Any = None
        self.message: Any = None

    def see(self, event: Any) -> None:
        """Take in one event."""
        message = getattr(event, "message", None)
        if getattr(event, "type", "") == "message_start" and message is not None:
            self.message = message.model_dump()
        elif getattr(event, "type", "") == "message_delta" and self.message is not None:
            usage = {k: v for k, v in event.usage.model_dump().items() if v is not None}
            self.message["usage"] = {**self.message["usage"], **usage}
        elif getattr(event, "usage", None) or getattr(event, "usage_metadata", None):
            self.last = event
        elif getattr(getattr(event, "response", None), "usage", None) is not None:
            self.last = event.response

    def end(self) -> None:
        """Add what was used."""
        used = self.message if self.message is not None else self.last
        if used is not None:
            _add(self.tracker, used)
        else:
            warn_unmeasured(
                "it reports no usage; a stream of chat completions needs "
                "stream_options={'include_usage': True}"
            )
