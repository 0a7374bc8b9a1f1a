"""The keys of a request to Gemini, as the SDK takes them and as they are sent.

Source: `GenerateContentConfig` and `GenerationConfig` of google-genai 3.6.1 (PyPI): the SDK puts
all options into `config`, the API those of the reply into `generationConfig`. Of a function in
`tools`, `FunctionDeclaration.from_callable` takes the name, the docstring and the parameters.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tokenkit.shapes.meanings import camel
from tokenkit.shapes.requests import (
    Fields,
    Keep,
    Open,
    RequestBook,
    RequestMeaning,
    Whole,
    kept,
    plain_keys,
)

__all__ = ["GEMINI_REQUEST"]


def _spelled(table: Mapping[str, RequestMeaning]) -> dict[str, RequestMeaning]:
    """Return the table with each snake_case key in camelCase, too."""
    return {spelling: item for key, item in table.items() for spelling in (key, camel(key))}


_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}


@dataclass(frozen=True)
class _Tools:
    """Tools, among them Python functions, whose declarations the SDK makes of their signatures."""

    def read(self, book: RequestBook, path: str, value: Any) -> None:
        many = isinstance(value, (list, tuple))
        tools = list(value) if many else value
        for index, tool in enumerate(tools if many else ()):
            if inspect.isroutine(tool):
                tools[index] = {
                    "function_declarations": [_declared(book, f"{path}[{index}]", tool)]
                }
        book.keep("tools", path, tools)


def _declared(book: RequestBook, path: str, function: Callable[..., Any]) -> dict[str, Any]:
    """Write the declaration of a function; what types of its own add to it is not known."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # one that is built in
        parameters = {}.values()
        book.doubts.append(f"{path}: a function without a signature: no upper bound")
    properties = {}
    for one in parameters:
        name = one.annotation if isinstance(one.annotation, str) else _name(one.annotation)
        properties[one.name] = {"type": _TYPES.get(name, "object")}
        if name not in _TYPES:
            book.doubts.append(f"{path}.{one.name}: the schema of this type is not known here")
    book.notes.append(f"{path}: a function is counted by its signature, as the SDK declares it")
    return {
        "name": _name(function),
        "description": inspect.getdoc(function) or "",
        "parameters": {"type": "object", "properties": properties, "required": [*properties]},
    }


def _name(value: object) -> str:
    return str(getattr(value, "__name__", type(value).__name__))


_REPLY: dict[str, RequestMeaning] = {
    "max_output_tokens": Whole("max_output_tokens"),
    "candidate_count": Whole("choices"),
    "response_schema": Keep("output_schema"),
    "response_json_schema": Keep("output_schema"),
    "thinking_config": Keep("thinking"),
    "media_resolution": Keep("media_resolution"),
    "service_tier": Keep("service_tier"),
    **plain_keys(
        """audio_timestamp audio_transcription_config enable_affective_dialog
        enable_enhanced_civic_answers frequency_penalty image_config logprobs
        model_selection_config presence_penalty response_logprobs response_mime_type
        response_modalities routing_config seed speech_config stop_sequences temperature top_k
        top_p translation_config"""
    ),
}
_CALLING = plain_keys("mode allowed_function_names stream_function_call_arguments")
_TOOL_CONFIG: dict[str, RequestMeaning] = {
    "function_calling_config": Fields(_spelled(_CALLING)),
    **plain_keys("retrieval_config include_server_side_tool_invocations"),
}
_AROUND: dict[str, RequestMeaning] = {
    "system_instruction": Keep("system"),
    "tools": _Tools(),
    "cached_content": Open("the cached content is not in the request"),
    "continuation_token": Open("the turns before the continuation are not in the request"),
    "tool_config": Fields(_spelled(_TOOL_CONFIG)),
    **plain_keys("safety_settings labels model_armor_config store"),
}
_SDK_ONLY = plain_keys(
    """http_options should_return_http_response automatic_function_calling
    automatic_continuation generation_output_config"""
)
GEMINI_REQUEST: dict[str, RequestMeaning] = _spelled(
    {
        **kept("model contents"),
        "generation_config": Fields(_spelled(_REPLY)),
        "config": Fields(_spelled({**_REPLY, **_AROUND, **_SDK_ONLY})),
        **_AROUND,
        "service_tier": Keep("service_tier"),
    }
)
