"""The handler that `tokenkit.integrations.llama_index` makes; importing it imports LlamaIndex."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from llama_index.core.callbacks import CBEventType, EventPayload, TokenCountingHandler
from llama_index.core.callbacks.token_counting import (
    TokenCountingEvent,
    get_tokens_from_response,
)

from tokenkit import Model, TokenkitWarning
from tokenkit.chat import check_messages, request_rule
from tokenkit.integrations.model_tokenizer import ModelTokenizer


class TokenkitCountingHandler(TokenCountingHandler):  # type: ignore[misc,unused-ignore]
    """A `TokenCountingHandler` that counts chats by the rule of a model."""

    def __init__(self, model: Model, **options: Any) -> None:
        super().__init__(tokenizer=ModelTokenizer(model), **options)
        self._model = model
        self._tools: dict[str, Any] = {}  # of the calls that are under way

    def on_event_start(
        self,
        event_type: CBEventType,
        payload: dict[str, Any] | None = None,
        event_id: str = "",
        parent_id: str = "",
        **kwargs: Any,
    ) -> str:
        sent = (payload or {}).get(EventPayload.ADDITIONAL_KWARGS) or {}
        if event_type == CBEventType.LLM and sent.get("tools"):
            self._tools[event_id] = sent["tools"]
        started: str = super().on_event_start(event_type, payload, event_id, parent_id, **kwargs)
        return started

    def on_event_end(
        self,
        event_type: CBEventType,
        payload: dict[str, Any] | None = None,
        event_id: str = "",
        **kwargs: Any,
    ) -> None:
        tools = self._tools.pop(event_id, None)
        is_chat = event_type == CBEventType.LLM and EventPayload.MESSAGES in (payload or {})
        if payload is None or not is_chat or event_type in self.event_ends_to_ignore:
            super().on_event_end(event_type, payload, event_id, **kwargs)
            return
        event = self._chat_event(payload, event_id, tools)
        self.llm_token_counts.append(event)
        if self._verbose:
            self._print(
                f"LLM prompt: {event.prompt_token_count} tokens\n"
                f"LLM completion: {event.completion_token_count} tokens"
            )
        self._check_budget()

    def _chat_event(self, payload: dict[str, Any], event_id: str, tools: Any) -> TokenCountingEvent:
        messages = payload.get(EventPayload.MESSAGES) or []
        response = payload.get(EventPayload.RESPONSE)
        told, used = get_tokens_from_response(response) if response else (0, 0)
        return TokenCountingEvent(
            prompt="\n".join(map(str, messages)),
            completion=str(response),
            prompt_token_count=told or self._count(messages, tools),
            completion_token_count=used or self._reply(response),
            event_id=event_id,
        )

    def _count(self, messages: Sequence[Any], tools: Any = None) -> int:
        if not messages and not tools:
            return 0
        try:
            rule = request_rule(self._model, tools=tools, estimate=True)
            return rule.tally(check_messages(messages)).total
        except (TypeError, ValueError) as error:  # a handler must not stop the chat
            warnings.warn(f"{error}; the chat is counted as text", TokenkitWarning, stacklevel=2)
            return sum(map(self._token_counter.get_string_tokens, map(str, messages)))

    def _reply(self, response: Any) -> int:
        """Count what the model wrote: the message without what stands around every message."""
        message = getattr(response, "message", None)
        if message is None:
            return 0
        empty = {"role": "assistant", "content": ""}
        return max(0, self._count([message]) - self._count([empty]))
