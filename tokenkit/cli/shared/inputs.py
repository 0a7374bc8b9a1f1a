"""Files and standard input for all verbs, and how to complain about them."""

from __future__ import annotations

import os
import sys

import click

from tokenkit.errors import InputError
from tokenkit.inputs import STDIN, read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = [
    "Complaints",
    "Skipped",
    "complain",
    "read_chat",
    "read_json",
    "read_or_complain",
    "refuse_overwriting",
    "same_file",
    "shown_name",
    "write_bytes",
    "write_text",
]


def complain(name: str, error: object) -> None:
    """Says on standard error what is wrong with an input."""
    click.echo(f"tokenkit: {shown_name(name)}: {error}", err=True)


def shown_name(name: str) -> str:
    """A file's name on one line, in which nothing reaches the terminal's controls."""
    text = click.format_filename(name)
    if text.isprintable():
        return text
    from tokenkit.views import hidden_name

    return "".join(c if c.isprintable() else f"[{hidden_name(c)}]" for c in text)


class Complaints:
    """What is wrong with inputs, said at the end: on a terminal the first of it, else all."""

    def __init__(self) -> None:
        self.number = 0
        self._kept: list[tuple[str, str]] = []
        self._most = 20 if sys.stderr.isatty() else 10_000

    def add(self, name: str, error: object) -> None:
        self.number += 1
        if self.number <= self._most:
            self._kept.append((name, str(error)))

    def say(self) -> None:
        for name, error in self._kept:
            complain(name, error)
        if self.number > self._most:
            click.echo(f"tokenkit: and {self.number - self._most} more errors", err=True)


class Skipped:
    """Files of folders that are left out, said at the end; to be given to `find_files`."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}

    def __call__(self, path: str, reason: str) -> None:
        self._names.setdefault(reason, []).append(path)

    def say(self) -> None:
        for reason, names in self._names.items():
            shown = ", ".join(map(shown_name, names[:5]))
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            click.echo(f"tokenkit: skipped as {reason}: {shown}{more}", err=True)


def read_or_complain(name: str) -> str | None:
    """The text of an input, None after having said what is wrong with it."""
    try:
        return read_text(name)
    except InputError as error:
        complain(name, error)
        return None


def refuse_overwriting(option: str, target: str, inputs: Iterable[str]) -> None:
    """Exits with 2 if the file to write is one of those to read."""
    if any(same_file(target, name) for name in inputs):
        shown = click.format_filename(target)
        raise click.UsageError(f"{option} would write over its own input {shown}.")


def same_file(target: str, name: str) -> bool:
    """Whether two names, or a name and standard input ("-"), are one existing file."""
    if target == STDIN:
        return False
    try:
        found = os.fstat(sys.stdin.fileno()) if name == STDIN else os.stat(name)
        return os.path.samestat(os.stat(target), found) and not os.path.isdir(target)
    except (OSError, AttributeError):
        return False


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
