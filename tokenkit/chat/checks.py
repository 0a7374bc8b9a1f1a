"""Checks of messages and their fields. Each error names the part of the request that is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from tokenkit._checks import shown

__all__ = [
    "ROLES",
    "Message",
    "check_call",
    "check_calls",
    "check_id",
    "check_messages",
    "check_name",
    "check_role",
    "fault",
    "only_call",
    "wrong_type",
]

# A message in OpenAI's chat format.
Message: TypeAlias = Mapping[str, Any]

ROLES = ("system", "developer", "user", "assistant", "tool", "function")
ROLE_SET = frozenset(ROLES)


def fault(where: str, problem: str) -> ValueError:
    """Make the error of a part of a request, such as `messages[3].content[1]`."""
    return ValueError(f"{where}: {problem}")


def wrong_type(where: str, expected: str, value: object) -> ValueError:
    """Make the error of a part that has the wrong type. It does not show the value: it may be
    long, or private."""
    return fault(where, f"expected {expected}, got {type(value).__name__}")


def check_messages(messages: object) -> Sequence[Message]:
    """Check that `messages` is a list; give it as a sequence. Its items are checked where they are
    counted. Raises TypeError."""
    if type(messages) is list:
        return messages
    if isinstance(messages, (str, bytes, Mapping)) or not isinstance(messages, Iterable):
        raise TypeError(f"messages: expected a list of dicts, got {type(messages).__name__}")
    return messages if isinstance(messages, (list, tuple)) else list(messages)


def check_role(index: int, message: object) -> str:
    """Check a message's role and give it. Raises TypeError unless the message is a mapping."""
    if not isinstance(message, Mapping):
        raise TypeError(f"messages[{index}]: expected a dict, got {type(message).__name__}")
    role = message.get("role")
    if type(role) is not str or role not in ROLE_SET:
        value = shown(role) if "role" in message else "none"
        raise fault(f"messages[{index}].role", f"expected one of {', '.join(ROLES)}, got {value}")
    return role


def check_name(index: int, message: Message, required: bool = False) -> str:
    """Check a message's name and give it, "" where it has none."""
    name = message.get("name")
    if name is None and not required:
        return ""
    if not isinstance(name, str):
        raise wrong_type(f"messages[{index}].name", "str", name)
    return name


def check_call(where: str, call: object) -> tuple[str, str]:
    """Check a function call and give its (name, arguments)."""
    if not isinstance(call, Mapping):
        raise wrong_type(where, "a dict", call)
    name, arguments = call.get("name"), call.get("arguments", call.get("input", ""))
    if not isinstance(name, str):
        raise wrong_type(f"{where}.name", "str", name)
    if not isinstance(arguments, str):
        raise wrong_type(f"{where}.arguments", "str of JSON", arguments)
    return name, arguments


def check_id(index: int, value: object) -> object:
    """Check that the id of a call can be looked up, and give it; None where there is none."""
    try:
        hash(value)
    except TypeError:
        raise wrong_type(f"messages[{index}]", "str as the id of a call", value) from None
    return value


def only_call(calls: object) -> list[tuple[object, str, str]] | None:
    """Give what `check_calls` gives for one well-formed function call: the usual case, faster."""
    if type(calls) is list and len(calls) == 1 and type(calls[0]) is dict:
        function = calls[0].get("function")
        if type(function) is dict:
            name, text = function.get("name"), function.get("arguments")
            call_id = calls[0].get("id")
            if type(name) is str and type(text) is str and type(call_id) is str:
                return [(call_id, name, text)]
    return None


def check_calls(index: int, calls: object) -> list[tuple[object, str, str]]:
    """Check a message's tool calls and give (id, name, arguments) of each."""
    where = f"messages[{index}].tool_calls"
    if not isinstance(calls, (list, tuple)):
        raise wrong_type(where, "a list", calls)
    checked = []
    for number, call in enumerate(calls):
        if not isinstance(call, Mapping):
            raise wrong_type(f"{where}[{number}]", "a dict", call)
        kind = "custom" if "custom" in call else "function"
        name, arguments = check_call(f"{where}[{number}].{kind}", call.get(kind))
        checked.append((check_id(index, call.get("id")), name, arguments))
    return checked
