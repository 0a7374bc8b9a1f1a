"""google-adk: requests of an agent's model that are checked before they are sent, and priced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from tokenkit import CostTracker, Model, UnknownModelError, get_model
from tokenkit.integrations.guarding import (
    UNMEASURED,
    Guard,
    OnOverflow,
    check_spent,
    spending_limit,
)
from tokenkit.shapes import plain

__all__ = ["after_model_callback", "before_model_callback"]

_API = "generate_content"


def before_model_callback(
    model: str | Model | None = None,
    *,
    on_overflow: OnOverflow = "raise",
    max_usd: Decimal | float | str | None = None,
    min_output: int = 256,
    tracker: CostTracker | None = None,
    max_usd_in_all: Decimal | float | str | None = None,
) -> Callable[..., None]:
    """Make a `before_model_callback` for an `LlmAgent` that checks each request.

    `model` is that of the request by default; name it where its own name is not known here. The
    other arguments are those of `tokenkit.integrations.openai.guard`; with "fit" the session keeps
    all events, only what is sent is shorter. Once `tracker` has reached `max_usd_in_all` (USD), no
    request is sent. Tokens of Gemini are estimated, with bounds: what may fit is sent.

    Raises UnknownModelError, and ValueError for arguments out of range. The callback raises
    ContextOverflowError, CostLimitError, UnknownModelError for a model that is not known, and
    ValueError for contents that cannot be counted; ADK lets them through to who runs the agent.

    >>> from google.adk.agents import LlmAgent                              # doctest: +SKIP
    >>> check = before_model_callback(on_overflow="fit", max_usd="0.50")
    >>> agent = LlmAgent(name="keeper", model="gemini-3.5-flash",
    ...                  before_model_callback=check)                       # doctest: +SKIP
    """
    guard = Guard.of(on_overflow, max_usd, min_output, None)
    most = spending_limit(max_usd_in_all)
    record = None if model is None else get_model(model)

    def before_model(callback_context: Any, llm_request: Any) -> None:
        if tracker is not None:
            check_spent(tracker, most)
        named = get_model(llm_request.model) if record is None else record
        contents, config = llm_request.contents, llm_request.config
        body = {"model": named, "contents": contents, "config": config}
        sent = guard.checked(_API, body, strict=True)
        if sent is body:
            return
        if sent["config"] is not config:
            llm_request.config.max_output_tokens = plain(sent["config"])["max_output_tokens"]
        llm_request.contents = [_content(one, contents) for one in sent["contents"]]

    return before_model


def _content(one: Any, contents: Sequence[Any]) -> Any:
    """Return a content that stays; one that was shortened is a dict."""
    return type(contents[0]).model_validate(one) if isinstance(one, dict) else one


def after_model_callback(
    tracker: CostTracker, *, model: str | Model | None = None
) -> Callable[..., None]:
    """Make an `after_model_callback` for an `LlmAgent` that adds up what its replies cost.

    `model` is the version that the reply names by default, else that of the agent. Pieces of a
    stream are not replies: the whole one that follows is priced. A reply without a usage leaves the
    sum partial.

    Raises UnknownModelError.

    >>> spent = CostTracker()
    >>> LlmAgent(name="keeper", after_model_callback=after_model_callback(spent),
    ...          model="gemini-3.5-flash")                                  # doctest: +SKIP
    """
    record = None if model is None else get_model(model)

    def after_model(callback_context: Any, llm_response: Any) -> None:
        if llm_response.partial:
            return
        usage = llm_response.usage_metadata or UNMEASURED
        own = record or _agent_model(callback_context)
        try:
            tracker.add(usage, record or llm_response.model_version or own)
        except UnknownModelError:
            tracker.add(usage, own)

    return after_model


def _agent_model(context: Any) -> str:
    """Return the name of the model of the agent that a callback is for."""
    agent = context._invocation_context.agent
    name: str = agent.canonical_model.model
    return name
