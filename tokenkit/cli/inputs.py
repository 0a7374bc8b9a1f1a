"""Files and standard input for all verbs, and how to complain about them."""

from __future__ import annotations

import sys

import click

from tokenkit.files import STDIN, InputError, read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "STDIN",
    "InputError",
    "complain",
    "read_chat",
    "read_json",
    "read_or_complain",
    "read_text",
    "write_bytes",
    "write_text",
]


def complain(name: str, error: object) -> None:
    """Says on standard error what is wrong with an input."""
    click.echo(f"tokenkit: {click.format_filename(name)}: {error}", err=True)


def read_or_complain(name: str) -> str | None:
    """The text of an input, None after having said what is wrong with it."""
    try:
        return read_text(name)
    except InputError as error:
        complain(name, error)
        return None


def write_text(text: str) -> None:
    """Text on standard output as UTF-8, nothing added and line ends as they are."""
    write_bytes(text.encode())


def write_bytes(data: bytes) -> None:
    """Bytes on standard output."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def read_json(name: str) -> Any:
    """The JSON value of an input. Raises InputError naming line and column."""
    import json

    try:
        return json.loads(read_text(name))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"is not JSON: {where}: {error.msg}") from None
    except RecursionError:
        raise InputError("is not JSON that can be read: nested too deep") from None


def read_chat(name: str) -> tuple[list[Any], dict[str, Any]]:
    """The messages of a chat, and the request around them (empty if there is only the list).

    Raises InputError for anything but a list of messages or an object that has `messages`.
    """
    value = read_json(name)
    request = value if isinstance(value, dict) else {}
    messages = request.get("messages") if request else value
    if not isinstance(messages, list):
        raise InputError("is no chat: expected a list of messages, or an object with `messages`")
    return messages, request
