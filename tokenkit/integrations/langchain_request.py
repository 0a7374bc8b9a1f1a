"""Read the request that an agent of LangChain is about to send, and its chat model.

`bind_tools` of each vendor's package writes a body of its own; this is that of OpenAI's chat
completions, which preflight counts by the rule of the model, for any vendor. The names of
attributes are those of langchain-openai 1.7.4, langchain-anthropic 1.7.10, langchain-google-genai,
langchain-aws and langchain-ollama.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from langchain_core.utils.function_calling import convert_to_openai_function

from tokenkit import Model, get_model
from tokenkit.integrations.langchain_messages import as_sent, own_messages, tools_of

__all__ = ["AgentRequest", "model_of"]

_NAMES = ("model_name", "model", "model_id")
_LIMITS = ("max_completion_tokens", "max_output_tokens", "max_tokens", "num_predict")
_LIMIT = "max_completion_tokens"
_CHOICES = ("auto", "none", "required", "any")


def model_of(chat_model: Any) -> Model:
    """Return what is known of a chat model.

    Raises ValueError if it has no name, and UnknownModelError.
    """
    for key in _NAMES:
        name = getattr(chat_model, key, None)
        if isinstance(name, str) and name:
            azure = getattr(chat_model, "_llm_type", "").startswith("azure")
            return get_model(f"azure/{name}" if azure and "/" not in name else name)
    raise ValueError(
        f"model: expected a chat model that names its model, got {type(chat_model).__name__}; "
        "give the name, as in model='gpt-5.4'"
    )


@dataclass(frozen=True)
class AgentRequest:
    """A `ModelRequest` of an agent, and what preflight reads of it.

    `given` are its messages with the system message, as `as_sent` makes them; `limit` is the
    reply's limit in tokens, None where the request has none, `limit_key` its name, and
    `limit_is_set` whether the request's own settings hold it, or the chat model.
    """

    request: Any
    model: Model
    messages: list[Any]
    given: list[Any]
    limit: int | None
    limit_key: str
    limit_is_set: bool

    @classmethod
    def of(cls, request: Any, model: str | Model | None) -> AgentRequest:
        """Read a `ModelRequest`. `model` stands for the chat model's own name."""
        record = model_of(request.model) if model is None else get_model(model)
        system = [] if request.system_message is None else [request.system_message]
        messages = [*system, *request.messages]
        return cls(request, record, messages, list(map(as_sent, messages)), *_limit(request))

    @property
    def tools(self) -> list[Any]:
        """The tools that are sent, also those that stand for the form of the reply."""
        specs = getattr(self.request.response_format, "schema_specs", ())
        return [*(tools_of(self.request.tools) or ()), *map(_tool_of, specs)]

    def body(self) -> dict[str, Any]:
        """Return the request as the keywords of chat completions."""
        settings = dict(self.request.model_settings)
        for key in ("n", "service_tier"):
            if getattr(self.request.model, key, None) is not None:
                settings.setdefault(key, getattr(self.request.model, key))
        body = {key: item for key, item in settings.items() if key not in _LIMITS}
        body |= {"model": self.model, "messages": self.given}
        tools = self.tools
        if tools:
            body["tools"] = tools
            body.update(_choice(self.request.tool_choice))
        body.update(_reply_form(self.request.response_format))
        return body if self.limit is None else {**body, _LIMIT: self.limit}

    def with_body(self, body: Mapping[str, Any]) -> Any:
        """Return the `ModelRequest` with the messages and the limit of a body."""
        kept = own_messages(self.messages, self.given, body["messages"])
        if self.request.system_message is not None:
            kept = kept[1:]
        changes: dict[str, Any] = {"messages": kept}
        limit = body.get(_LIMIT)
        if limit != self.limit:
            if self.limit_is_set:
                settings = {**self.request.model_settings, self.limit_key: limit}
                changes["model_settings"] = settings
            else:
                model = self.request.model.model_copy(update={self.limit_key: limit})
                changes["model"] = model
        return self.request.override(**changes)


def _limit(request: Any) -> tuple[int | None, str, bool]:
    for key in _LIMITS:
        limit = request.model_settings.get(key)
        if isinstance(limit, int):
            return limit, key, True
    for key in _LIMITS:
        limit = getattr(request.model, key, None)
        if isinstance(limit, int) and limit > 0:
            return limit, key, False
    return None, "", False


def _choice(choice: Any) -> dict[str, Any]:
    if isinstance(choice, str) and choice not in _CHOICES:
        choice = {"type": "function", "function": {"name": choice}}
    return {} if choice is None else {"tool_choice": choice}


def _tool_of(spec: Any) -> dict[str, Any]:
    """Return the tool that stands for a schema of the reply (`ToolStrategy`)."""
    names = {"name": spec.name, "description": spec.description, "parameters": spec.json_schema}
    return {"type": "function", "function": names}


def _reply_form(form: Any) -> dict[str, Any]:
    """Return `response_format` of the agent's; one that LangChain still chooses counts as such.

    The schema is written as langchain-openai does: its name and its description stand beside it.
    """
    from langchain.agents.structured_output import ProviderStrategy

    if form is None or hasattr(form, "schema_specs"):
        return {}
    if not isinstance(form, ProviderStrategy):
        form = ProviderStrategy(schema=getattr(form, "schema", form))
    spec = form.schema_spec
    schema = convert_to_openai_function({**spec.json_schema, "title": spec.name})
    schema["schema"] = schema.pop("parameters")
    return {"response_format": {"type": "json_schema", "json_schema": schema}}
