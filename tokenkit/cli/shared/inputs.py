"""Inputs of all verbs: reading them, and saying on standard error what is wrong with them."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager

import click

from tokenkit.errors import ContextOverflowError, InputError, TokenkitError
from tokenkit.inputs import STDIN, read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def complain(name: str, error: object) -> None:
    """Say on standard error what is wrong with an input."""
    click.echo(f"tokenkit: {shown_name(name)}: {error}", err=True)


def shown_name(name: str) -> str:
    """Write a file's name so that it stays on one line and controls no terminal."""
    text = click.format_filename(name)
    if text.isprintable():
        return text
    from tokenkit.views import hidden_name

    return "".join(c if c.isprintable() else f"[{hidden_name(c)}]" for c in text)


@contextmanager
def exit_on_errors(context: click.Context, name: str) -> Iterator[None]:
    """Say what is wrong with an input, and exit: with 1 if it does not fit, else with 2."""
    try:
        yield
    except (TokenkitError, TypeError, ValueError) as error:
        complain(name, error)
        context.exit(1 if isinstance(error, ContextOverflowError) else 2)


class Complaints:
    """Errors of inputs, printed at the end: on a terminal the first 20, else the first 10,000."""

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
    """Files of folders that `find_files` leaves out, printed at the end."""

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
    """Read the text of an input; None after saying what is wrong with it."""
    try:
        return read_text(name)
    except InputError as error:
        complain(name, error)
        return None


def same_file(target: str, name: str) -> bool:
    """Whether two names, or a name and standard input ("-"), are one existing file."""
    if target == STDIN:
        return False
    try:
        status = os.fstat(sys.stdin.fileno()) if name == STDIN else os.stat(name)
        return os.path.samestat(os.stat(target), status) and not os.path.isdir(target)
    except (OSError, AttributeError):
        return False


def read_json(name: str) -> Any:
    """Read the JSON value of an input. Raises InputError, which names line and column."""
    import json

    try:
        return json.loads(read_text(name))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"invalid JSON at {where}: {error.msg}") from None
    except RecursionError:
        raise InputError("invalid JSON: nested too deep") from None


def read_chat(name: str) -> tuple[list[Any], dict[str, Any]]:
    """Read the messages of a chat, and the request around them (empty if there is only the list).

    Raises InputError for anything but a list of messages or an object that has `messages`.
    """
    value = read_json(name)
    request = value if isinstance(value, dict) else {}
    messages = request.get("messages") if request else value
    if not isinstance(messages, list):
        kind = f"an object with {', '.join(request)}" if request else type(value).__name__
        raise InputError(f"expected a list of messages, or an object with `messages`, got {kind}")
    return messages, request
