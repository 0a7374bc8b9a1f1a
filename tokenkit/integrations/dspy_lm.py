"""The classes that `tokenkit.integrations.dspy` makes; importing this file imports DSPy."""

from __future__ import annotations

from typing import Any

import dspy
from dspy.clients.base_lm import LM_CLASS_STATE_KEY
from dspy.clients.lm15_boundary import request_kwargs
from dspy.utils.callback import BaseCallback

from tokenkit import ContextOverflowError, CostTracker, Model, UnknownModelError, get_model
from tokenkit.integrations.guarding import UNMEASURED, Guard

__all__ = ["GuardedLM", "PricingCallback", "TooLongError"]

_API = "chat.completions"
_REPLY = ("max_completion_tokens", "max_tokens")
_SENT = ("tools", "tool_choice", "response_format", "n", *_REPLY)


class TooLongError(dspy.ContextWindowExceededError, ContextOverflowError):  # type: ignore[misc,unused-ignore]
    """A request over its model's limits, which modules of DSPy know how to shorten."""

    def __init__(self, error: ContextOverflowError, model: str) -> None:
        Exception.__init__(self, str(error))
        known = dspy.ContextWindowExceededError(model=model, message=str(error))
        self.__dict__.update(vars(known) | vars(error))

    def __reduce__(self) -> tuple[Any, ...]:
        plain = ContextOverflowError(
            str(self), needed=self.needed, available=self.available, limit_name=self.limit_name
        )
        return type(self), (plain, self.model)


class GuardedLM(dspy.LM):  # type: ignore[misc,unused-ignore]
    """A language model whose requests are checked by a guard before they are sent."""

    guard: Guard
    record: Model

    @classmethod
    def of(cls, lm: Any, guard: Guard, record: Model | None) -> GuardedLM:
        """Return a guarded copy of a language model. Raises TypeError for another kind."""
        if type(lm) not in (dspy.LM, cls):
            raise TypeError(f"lm: expected a dspy.LM, got {type(lm).__name__}; guard its client")
        made: Any = lm.copy()
        made.__class__ = cls
        made.guard = guard
        made.record = get_model(lm.model) if record is None else record
        guarded: GuardedLM = made
        return guarded

    def __call__(self, prompt: Any = None, *, messages: Any = None, **options: Any) -> Any:
        """Check a request and send it."""
        return super().__call__(**self._checked(prompt, messages, options))

    async def acall(self, prompt: Any = None, *, messages: Any = None, **options: Any) -> Any:
        """Check a request and send it."""
        return await super().acall(**self._checked(prompt, messages, options))

    def dump_state(self) -> dict[str, Any]:
        """Return the state of the language model without its guard."""
        state: dict[str, Any] = super().dump_state()
        return {**state, LM_CLASS_STATE_KEY: f"{dspy.LM.__module__}.{dspy.LM.__qualname__}"}

    def _checked(self, prompt: Any, messages: Any, options: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of the call to make."""
        request = prompt if isinstance(prompt, dspy.lm15.Request) else options.get("request")
        call = {"prompt": prompt, "messages": messages, **options}
        if request is not None:
            body = request_kwargs(request, "chat")
        else:
            body = {**self.kwargs, **options}
            body["messages"] = messages or [{"role": "user", "content": prompt}]
        body = {key: body[key] for key in ("messages", *_SENT) if body.get(key) is not None}
        sent = self._sent({"model": self.record, **body}, request is not None)
        changed = {key: sent[key] for key in sent if sent[key] is not body.get(key, self.record)}
        return {**call, **changed}

    def _sent(self, body: dict[str, Any], fixed: bool) -> dict[str, Any]:
        """Return the request to send; a `fixed` one as it is, or not at all."""
        guard = self.guard
        if fixed:
            guard = Guard("raise", guard.max_usd, guard.min_output)
        try:
            return dict(guard.checked(_API, body, strict=True))
        except ContextOverflowError as error:
            raise TooLongError(error, self.model) from None


class PricingCallback(BaseCallback):  # type: ignore[misc,unused-ignore]
    """Prices the replies of language models."""

    def __init__(self, tracker: CostTracker, model: Model | None) -> None:
        self.tracker = tracker
        self.model = model
        self._running: dict[str, Any] = {}

    def on_lm_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        """Note which language model is called."""
        self._running[call_id] = instance

    def on_lm_end(self, call_id: str, outputs: Any, exception: BaseException | None = None) -> None:
        """Add the cost of a reply, which DSPy's history holds."""
        lm = self._running.pop(call_id, None)
        if exception is not None or lm is None:
            return
        same = (
            e for e in reversed(lm.history) if outputs is e["outputs"] or outputs is e["response"]
        )
        entry = next(same, None)
        usage = None if entry is None else entry["usage"]
        if usage:
            self._add(lm, entry, usage)
        elif entry is None or not entry["response"].usage:
            self.tracker.add(UNMEASURED, self.model or get_model(lm.model))

    def _add(self, lm: Any, entry: Any, usage: Any) -> None:
        model: Any = self.model or entry["response_model"]
        try:
            self.tracker.add(usage, model)
        except UnknownModelError:
            self.tracker.add(usage, lm.model)
