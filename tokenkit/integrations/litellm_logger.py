"""The callback that `litellm.budget_logger` makes; importing this file imports LiteLLM."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import litellm
from litellm.integrations.custom_logger import CustomLogger
from litellm.types.utils import all_litellm_params

from tokenkit import ContextOverflowError, CostTracker, Model, UnknownModelError
from tokenkit.errors import TokenkitError, TokenkitWarning
from tokenkit.integrations.guarding import Guard
from tokenkit.models import resolve_quietly

__all__ = ["BudgetLogger", "RequestTooLongError"]

Function = TypeVar("Function", bound=Callable[..., Any])
# The kinds of calls that are checked, by LiteLLM's name without the "a" of async ones.
_APIS = {
    "completion": "chat.completions",
    "responses": "responses",
    "embedding": "embeddings",
    "embeddings": "embeddings",
    "text_completion": "completions",
    "anthropic_messages": "messages",
}
_INPUTS = {"responses": "input", "embeddings": "input", "completions": "prompt"}
# What LiteLLM or its client keeps, or (`thinking`) a part of the reply that adds no input.
_CLIENTS = ("litellm_logging_obj", "drop_params", "base_url", "organization", "thinking")
_OWN = frozenset((*all_litellm_params, *_CLIENTS))


class RequestTooLongError(ContextOverflowError, litellm.ContextWindowExceededError):  # type: ignore[misc,unused-ignore]
    """A request over its model's limit: our error, and the one that LiteLLM falls back on."""

    def __init__(self, error: ContextOverflowError, model: str) -> None:
        litellm.ContextWindowExceededError.__init__(
            self, message=str(error), model=model, llm_provider=""
        )
        self.needed, self.available = error.needed, error.available
        self.limit_name = error.limit_name


class BudgetLogger(CustomLogger):  # type: ignore[misc,unused-ignore]
    """Checks requests by a `Guard` before they are sent, and prices what came back: `tracker`."""

    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self.guard = guard
        self.tracker = guard.tracker or CostTracker()
        # LiteLLM takes two loggers whose attributes of plain types are equal for one.
        self.number = id(self)

    async def async_pre_call_hook(
        self, user_api_key_dict: Any, cache: Any, data: dict[str, Any], call_type: Any
    ) -> dict[str, Any] | None:
        """Check a request of the proxy, unless its model is a name of the proxy's own.

        Such a request is checked when its deployment is known.
        """
        try:
            return self._checked(_api_of(call_type), data)
        except UnknownModelError:
            return None

    async def async_pre_call_deployment_hook(
        self, kwargs: dict[str, Any], call_type: Any
    ) -> dict[str, Any] | None:
        """Check a request before it goes to the API."""
        return self._checked(_api_of(call_type), kwargs)

    def guarded(self, function: Function) -> Function:
        """Return a function of LiteLLM (such as `completion`) that checks its arguments first.

        Raises ValueError for a function whose requests are not checked.
        """
        api = _api_of(function.__name__)
        if api is None:
            known = ", ".join(sorted(_APIS))
            raise ValueError(f"function: expected one of {known}, got {function.__name__}")
        names = list(inspect.signature(function).parameters)

        @functools.wraps(function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            request = {**dict(zip(names, args, strict=False)), **kwargs}
            return function(**(self._checked(api, request) or request))

        return checked  # type: ignore[return-value]

    def log_success_event(
        self, kwargs: Mapping[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """Add what a call cost."""
        self._add(kwargs, response_obj)

    async def async_log_success_event(
        self, kwargs: Mapping[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """Add what a call cost."""
        self._add(kwargs, response_obj)

    def _checked(self, api: str | None, kwargs: dict[str, Any]) -> dict[str, Any] | None:
        """Return the arguments with what had to change; None where nothing had."""
        if api is None:
            return None
        body = _body(api, kwargs)
        try:
            body["model"] = _model(kwargs, body["model"])
            sent = self.guard.checked(api, body)
        except ContextOverflowError as error:
            raise RequestTooLongError(error, str(kwargs.get("model"))) from error
        except TokenkitError as error:
            error.status_code = 400  # type: ignore[attr-defined]  # what the proxy answers
            raise
        changed = {key: sent[key] for key in sent if sent[key] is not body.get(key)}
        if not changed:
            return None
        if not changed.keys() <= kwargs.keys():
            raise ValueError(
                f"{', '.join(changed)}: expected a keyword argument, so that it can be shortened"
            )
        return {**kwargs, **changed}

    def _add(self, kwargs: Mapping[str, Any], response: Any) -> None:
        if kwargs.get("cache_hit") or getattr(response, "usage", None) is None:
            return
        try:
            self.tracker.add(response, _model(kwargs, kwargs.get("model")))
        except (TokenkitError, ValueError) as error:
            text = f"the cost of a call is not in the tracker: {error}"
            warnings.warn(text, TokenkitWarning, stacklevel=2)


def _api_of(call_type: Any) -> str | None:
    """Return the API of a kind of call, None for one that is not checked."""
    name = str(getattr(call_type, "value", call_type) or "")
    return _APIS.get(name) or _APIS.get(name.removeprefix("a"))


def _body(api: str, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that go to the API.

    LiteLLM's hook does not get those that stand without their names; its own record of the call
    has the model and the messages.
    """
    body = {k: v for k, v in kwargs.items() if v is not None and k not in _OWN and k[0] != "_"}
    call: Any = kwargs.get("litellm_logging_obj")
    needed = ["model", _INPUTS.get(api, "messages")]
    if api == "responses":  # its model is not the first argument, and a stored prompt is an input
        needed = ["model"]
    else:
        body.setdefault("model", getattr(call, "model", None))
    if "messages" in needed and isinstance(getattr(call, "messages", None), list):
        body.setdefault("messages", call.messages)
    for key in needed:
        if body.get(key) is None:
            raise TypeError(f"{key}: expected a keyword argument, so that it can be checked")
    return body


def _model(kwargs: Mapping[str, Any], name: Any) -> Model:
    """Return the model of a call, as its host sells it. Raises UnknownModelError."""
    params = kwargs.get("litellm_params") or {}
    info = kwargs.get("model_info") or params.get("model_info") or {}
    base = kwargs.get("base_model") or params.get("base_model") or info.get("base_model")
    host = kwargs.get("custom_llm_provider")
    if base is None and host and not str(name).startswith(f"{host}/"):
        name = f"{host}/{name}"
    return resolve_quietly(base or name).model
