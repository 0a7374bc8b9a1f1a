"""The handler that `langchain.cost_callback` makes; importing this file imports LangChain."""

from __future__ import annotations

import warnings
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage

from tokenkit import CostTracker, Model
from tokenkit.errors import TokenkitError, TokenkitWarning

__all__ = ["CostCallbackHandler", "add_reply"]


class CostCallbackHandler(BaseCallbackHandler):  # type: ignore[misc,unused-ignore]
    """Adds up what the replies of models cost, in `tracker`."""

    def __init__(self, tracker: CostTracker | None = None) -> None:
        super().__init__()
        self.tracker = CostTracker() if tracker is None else tracker
        self._asked: dict[Any, str] = {}  # the models of calls that run

    def on_chat_model_start(
        self, serialized: Any, messages: Any, *, run_id: Any = None, **more: Any
    ) -> None:
        """Note the model that is asked, for replies that name none."""
        asked = more.get("invocation_params") or {}
        model = asked.get("model") or asked.get("model_name")
        if isinstance(model, str):
            self._asked[run_id] = model

    on_llm_start = on_chat_model_start

    def on_llm_error(self, error: Any, *, run_id: Any = None, **_: Any) -> None:
        """Forget a call that failed."""
        self._asked.pop(run_id, None)

    def on_llm_end(self, response: Any, *, run_id: Any = None, **_: Any) -> None:
        """Add the replies of one call: those of a chat model, or the usage of a completion."""
        asked = self._asked.pop(run_id, None)
        firsts = [generations[0] for generations in response.generations if generations]
        replies = [one.message for one in firsts if hasattr(one, "message")]
        for reply in replies:  # others of `n` share the usage of the first
            add_reply(self.tracker, reply, asked)
        if not replies:
            told = response.llm_output or {}
            model = told.get("model_name") or told.get("model") or asked
            _add(self.tracker, told.get("token_usage"), model)


def add_reply(tracker: CostTracker, reply: Any, asked: str | Model | None = None) -> None:
    """Add the cost of an AIMessage; other messages, and those from LangChain's cache, have none.

    `asked` is the model that was asked, for a reply that does not name it.
    """
    if not isinstance(reply, AIMessage):
        return
    usage = reply.usage_metadata
    if usage is not None and usage.get("total_cost") == 0:  # how LangChain marks a cached reply
        return
    named = reply.response_metadata.get("model_name") or reply.response_metadata.get("model")
    _add(tracker, None if usage is None else reply, None if named else asked)


def _add(tracker: CostTracker, used: Any, model: str | Model | None) -> None:
    why = "it reports no usage (a stream may need stream_usage=True)"
    if used:
        try:
            tracker.add(used, model)
            return
        except (TokenkitError, ValueError) as error:
            why = str(error)
    text = f"the cost of a model's reply is not in the tracker: {why}"
    warnings.warn(text, TokenkitWarning, stacklevel=3)
