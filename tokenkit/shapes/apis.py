"""The APIs whose requests are read: their names, endpoints and keys, and how one is recognised.

A new API is its table of keys and one line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tokenkit.shapes.anthropic_request import ANTHROPIC_REQUEST
from tokenkit.shapes.chat_request import CHAT_REQUEST
from tokenkit.shapes.embeddings_request import EMBEDDINGS_REQUEST
from tokenkit.shapes.gemini_request import GEMINI_REQUEST
from tokenkit.shapes.other_requests import (
    COMPLETIONS_REQUEST,
    IMAGES_REQUEST,
    MODERATIONS_REQUEST,
    SPEECH_REQUEST,
    TRANSCRIPTIONS_REQUEST,
)
from tokenkit.shapes.requests import PLAIN, RequestMeaning
from tokenkit.shapes.responses_request import RESPONSES_REQUEST
from tokenkit.shapes.run_request import RUN_REQUEST

__all__ = ["APIS", "CLIENT_KEYS", "Api", "api_named", "api_of"]


@dataclass(frozen=True)
class Api:
    """One API: the method of its SDK as a name, its endpoint, its keys and its input.

    `inputs` are the keys of which a request needs one, `limits` the slots that limit its reply,
    the first one that is given counts.
    """

    name: str
    endpoint: str
    keys: Mapping[str, RequestMeaning]
    inputs: tuple[str, ...]
    limits: tuple[str, ...] = ()


_API_LIST = (
    Api(
        "chat.completions",
        "/v1/chat/completions",
        CHAT_REQUEST,
        ("messages",),
        ("max_completion_tokens", "max_tokens"),
    ),
    Api(
        "responses",
        "/v1/responses",
        RESPONSES_REQUEST,
        ("input", "prompt", "previous_response_id", "conversation"),
        ("max_output_tokens",),
    ),
    Api("embeddings", "/v1/embeddings", EMBEDDINGS_REQUEST, ("input",)),
    Api("completions", "/v1/completions", COMPLETIONS_REQUEST, ("prompt",), ("max_tokens",)),
    Api("moderations", "/v1/moderations", MODERATIONS_REQUEST, ("input",)),
    Api("images", "/v1/images/generations", IMAGES_REQUEST, ("prompt",)),
    Api("audio.speech", "/v1/audio/speech", SPEECH_REQUEST, ("input",)),
    Api("audio.transcriptions", "/v1/audio/transcriptions", TRANSCRIPTIONS_REQUEST, ("file",)),
    Api("messages", "/v1/messages", ANTHROPIC_REQUEST, ("messages",), ("max_tokens",)),
    Api(
        "threads.runs",
        "/v1/threads/runs",
        RUN_REQUEST,
        ("thread", "additional_messages", "assistant_id"),
        ("max_completion_tokens",),
    ),
    Api(
        "generate_content",
        ":generateContent",
        GEMINI_REQUEST,
        ("contents",),
        ("max_output_tokens",),
    ),
)
APIS: dict[str, Api] = {api.name: api for api in _API_LIST}
# What SDKs take beside the body: none of it is sent as a part of it.
CLIENT_KEYS: dict[str, RequestMeaning] = dict.fromkeys(
    ("extra_headers", "extra_query", "timeout"), PLAIN
)
_BY_ENDPOINT = {api.endpoint: api for api in _API_LIST}
# What people call them besides.
_ALIASES = {"chat": "chat.completions", "anthropic": "messages", "gemini": "generate_content"}
_ONLY_ANTHROPIC = frozenset(ANTHROPIC_REQUEST.keys() - CHAT_REQUEST.keys() - {"top_k"})
_ONLY_CHAT = frozenset(CHAT_REQUEST.keys() - ANTHROPIC_REQUEST.keys())
_WRAPPED_TOOLS = frozenset(("function", "custom"))  # OpenAI's chats hold a tool under its type
_ANTHROPIC_BLOCKS = frozenset(("tool_use", "tool_result", "thinking", "document", "image"))
# The kind of the model decides for a request with `input` or `prompt`.
_BY_KIND = {
    ("input", "embedding"): "embeddings",
    ("input", "moderation"): "moderations",
    ("input", "speech"): "audio.speech",
    ("prompt", "image"): "images",
    ("prompt", "completion"): "completions",
}


def api_named(name: str) -> Api | None:
    """Return the API of a name, or of an endpoint as request files have it; None for others.

    >>> api_named("/v1/embeddings").name
    'embeddings'
    """
    return APIS.get(_ALIASES.get(name, name)) or _BY_ENDPOINT.get(name)


def api_of(body: Mapping[str, Any], kind: str = "", provider: str = "") -> Api | None:
    """Return the API that a request is for, by its keys and its model's kind and provider.

    None where the keys name none.

    >>> api_of({"messages": [], "system": "Be brief."}).name
    'messages'
    >>> api_of({"input": "Hi"}, kind="embedding").name
    'embeddings'
    """
    if "assistant_id" in body:
        return APIS["threads.runs"]
    if "contents" in body:
        return APIS["generate_content"]
    if "messages" in body:
        return APIS["messages" if _is_anthropic(body, provider) else "chat.completions"]
    if "file" in body:
        return APIS["audio.transcriptions"]
    for key in ("input", "prompt"):
        if (key, kind) in _BY_KIND and body.get(key) is not None:
            return APIS[_BY_KIND[key, kind]]
    if "voice" in body and "input" in body:
        return APIS["audio.speech"]
    if isinstance(body.get("prompt"), (str, list)) and "input" not in body:
        return APIS["images" if {"size", "quality"} & body.keys() else "completions"]
    return APIS["responses"] if body.keys() & set(APIS["responses"].inputs) else None


def _is_anthropic(body: Mapping[str, Any], provider: str) -> bool:
    """Return whether messages are for Anthropic's API: by keys, then blocks, then the vendor."""
    if not (_ONLY_ANTHROPIC.isdisjoint(body) and _ONLY_CHAT.isdisjoint(body)):
        return len(body.keys() & _ONLY_ANTHROPIC) > len(body.keys() & _ONLY_CHAT)
    tools = body.get("tools")
    for tool in tools if isinstance(tools, (list, tuple)) else ():
        if isinstance(tool, Mapping):
            return tool.get("type") != "function" and not tool.keys() & _WRAPPED_TOOLS
    messages = body.get("messages")
    for message in messages if isinstance(messages, (list, tuple)) else ():
        is_fields = type(message) is dict or isinstance(message, Mapping)
        content = message.get("content") if is_fields else None
        for part in content if isinstance(content, (list, tuple)) else ():
            if isinstance(part, Mapping) and part.get("type") in _ANTHROPIC_BLOCKS:
                return True
    return provider == "anthropic"
