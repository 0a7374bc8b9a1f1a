"""Messages of OpenAI's chat format: the plain ones, which are counted as they are, and the others.

Source: the types of openai 3.57.0 (PyPI): `ChatCompletionMessageParam`, `ChatCompletionMessage`;
keys of servers that follow the format: LiteLLM 1.110.2, OpenRouter's and Ollama's documentation.
"""

from __future__ import annotations

from typing import Any

from tokenkit.shapes.openai_parts import are_plain_parts
from tokenkit.shapes.unsure import MessageBook, json_text, keys

__all__ = ["HARMONY_KEYS", "is_plain_message", "read_openai"]

# Keys that only the harmony format of gpt-oss has a meaning for.
HARMONY_KEYS = frozenset(("channel", "recipient", "content_type", "reasoning_content"))
_TEXT = frozenset(("role", "content", "name"))
_RESULT = _TEXT | {"tool_call_id"}
_ASSISTANT = _TEXT | {"tool_calls", "function_call", "refusal", "audio"}
_PLAIN: dict[str, frozenset[str]] = {
    **dict.fromkeys(("system", "developer", "user", "function"), _TEXT),
    "assistant": _ASSISTANT,
    "tool": _RESULT,
}
_HARMONY = {role: known | HARMONY_KEYS for role, known in _PLAIN.items()}
_CALL = frozenset(("id", "type", "function"))
_FUNCTION = frozenset(("name", "arguments"))
_SPEECH = frozenset(("id",))


def is_plain_message(message: dict[str, Any], harmony: bool = False) -> bool:
    """Return whether a message holds OpenAI's keys alone, at every depth, and OpenAI's types.

    `harmony` adds the keys of the harmony format.

    >>> is_plain_message({"role": "user", "content": "Hi"})
    True
    >>> is_plain_message({"role": "user", "content": "Hi", "mood": "good"})
    False
    """
    role = message.get("role")
    if type(role) is not str:
        return False
    known = (_HARMONY if harmony else _PLAIN).get(role)
    if known is None or not message.keys() <= known:
        return False
    content = message.get("content")
    if type(content) is not str and content is not None and not are_plain_parts(content):
        return False
    if len(message) == 2 and "content" in message:
        return True
    name = message.get("name")
    if name is not None and type(name) is not str:
        return False
    return role != "assistant" or _plain_calls(message)


def _plain_calls(message: dict[str, Any]) -> bool:
    audio = message.get("audio")
    if audio is not None and not (type(audio) is dict and audio.keys() <= _SPEECH):
        return False
    call = message.get("function_call")
    if call is not None and not _is_plain_function(call):
        return False
    calls = message.get("tool_calls")
    if not calls:
        return True
    if type(calls) is not list:
        return False
    for call in calls:  # not all(), as chats are long
        if type(call) is not dict or not call.keys() <= _CALL:
            return False
        if not _is_plain_function(call.get("function")):
            return False
    return True


def _is_plain_function(function: object) -> bool:
    return (
        type(function) is dict
        and function.keys() <= _FUNCTION
        and type(function.get("arguments")) is str
        and type(function.get("name")) is str
    )


# ---- messages with other keys ----------------------------------------------------------------

_MARKS = """id object type status index weight annotations cache_control prompt_cache_breakpoint
    created_at phase"""
_MARKED = {
    "harmless": _MARKS,
    "counted": "reasoning thinking",
    "opening": """reasoning_details thinking_blocks provider_specific_fields extra_content images
    thought_signature context_management""",
}
_TEXT_KEYS = keys("role content name " + " ".join(HARMONY_KEYS), **_MARKED)
_RESULT_KEYS = keys("role content name tool_call_id is_error " + " ".join(HARMONY_KEYS), **_MARKED)
_ASSISTANT_KEYS = keys("role content name " + " ".join(_ASSISTANT | HARMONY_KEYS), **_MARKED)
_KEYS = {
    **dict.fromkeys(("system", "developer", "user", "function"), _TEXT_KEYS),
    "assistant": _ASSISTANT_KEYS,
    "tool": _RESULT_KEYS,
}
_CALL_KEYS = keys(
    "id type function custom name args arguments input",
    harmless="index cache_control caller",
    opening="extra_content thought_signature provider_specific_fields",
)
_FUNCTION_KEYS = keys("name arguments", harmless="description index id")
_CUSTOM_KEYS = keys("name input")
_SPEECH_KEYS = keys("id", harmless="data expires_at transcript format")


def read_openai(book: MessageBook, path: str, message: dict[str, Any], role: str) -> dict[str, Any]:
    """Read a message of OpenAI's format with more keys than it has; return it without them.

    Its content, calls and results go into the book.
    """
    book.account(path, _without_nulls(message), _KEYS.get(role, _ASSISTANT_KEYS))
    kept: dict[str, Any] = {"role": role}
    for key in ("name", "tool_call_id", "refusal", *(HARMONY_KEYS if book.harmony else ())):
        if message.get(key) is not None:
            kept[key] = message[key]
    for key in () if book.harmony else sorted(HARMONY_KEYS):
        if message.get(key) is not None:
            note = "only gpt-oss models are known to get this"
            book.doubt(f"{path}.{key}", note, maybe=str(message[key]), open=False)
    if message.get("audio") is not None and role == "assistant":
        _speech(book, f"{path}.audio", message["audio"])
        kept["audio"] = message["audio"]
    _calls(book, f"{path}.tool_calls", message.get("tool_calls"), kept)
    call = message.get("function_call")
    if isinstance(call, dict):
        book.account(f"{path}.function_call", call, _FUNCTION_KEYS)
        call = _function(call)
    if call is not None:
        kept["function_call"] = call
    return kept


def _without_nulls(message: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a library's dump says about other roles: their keys, with null."""
    known = _ASSISTANT | _RESULT
    return {key: item for key, item in message.items() if item is not None or key not in known}


def _speech(book: MessageBook, path: str, audio: object) -> None:
    if isinstance(audio, dict):
        book.account(path, audio, _SPEECH_KEYS)


def _calls(book: MessageBook, path: str, calls: object, kept: dict[str, Any]) -> None:
    """Read tool calls; other values than objects are left to the counter's checks."""
    if not calls:
        return
    if not isinstance(calls, list):
        kept["tool_calls"] = calls
        return
    for index, call in enumerate(calls):
        if isinstance(call, dict):
            book.account(f"{path}[{index}]", call, _CALL_KEYS)
            call = _call(book, f"{path}[{index}]", call)
        book.calls.append(call)


def _call(book: MessageBook, path: str, call: dict[str, Any]) -> dict[str, Any]:
    if isinstance(call.get("custom"), dict):
        book.account(f"{path}.custom", call["custom"], _CUSTOM_KEYS)
        return {"id": call.get("id"), "type": "custom", "custom": call["custom"]}
    function = call.get("function")
    if isinstance(function, dict):
        book.account(f"{path}.function", function, _FUNCTION_KEYS)
        function = _function(function)
    elif function is None and "name" in call:  # as LangChain and Anthropic write it
        said = call.get("args", call.get("arguments", call.get("input")))
        if isinstance(call.get("args"), dict):  # LangChain's: it sends what json.dumps writes
            said = json_text(said, spaced=True)
        function = _function({"name": call["name"], "arguments": said})
    return {"id": call.get("id"), "type": "function", "function": function}


def _function(function: dict[str, Any]) -> dict[str, Any]:
    """Return a call with its arguments as text: "" for null, JSON for a dict (Ollama)."""
    arguments = function.get("arguments")
    if arguments is None:
        arguments = ""
    elif isinstance(arguments, (dict, list)):
        arguments = json_text(arguments)
    return {"name": function.get("name"), "arguments": arguments}
