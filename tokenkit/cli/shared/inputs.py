"""Inputs of all verbs: reading them, and saying on standard error what is wrong with them."""

from __future__ import annotations

import sys
from contextlib import contextmanager

from tokenkit._checks import shown
from tokenkit._visible import listed
from tokenkit._writing import is_part
from tokenkit.cli.shared.output import complain, say, shown_name
from tokenkit.errors import ContextOverflowError, InputError, NotTextError, TokenkitError
from tokenkit.inputs import memory_of, most_bytes, read_text_within as read_text, text_parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, Literal

    import click

    from tokenkit.inputs import OnError


@contextmanager
def exit_on_errors(context: click.Context, name: str) -> Iterator[None]:
    """Say what is wrong with an input, and exit: with 1 if it does not fit, else with 2."""
    try:
        yield
    except (TokenkitError, TypeError, ValueError) as error:
        complain(name, error)
        context.exit(1 if isinstance(error, ContextOverflowError) else 2)


_MOST_ERRORS = 10_000


class Complaints:
    """Errors of inputs, printed at the end: on a terminal the first 20, else the first 10,000."""

    def __init__(self) -> None:
        self.number = 0
        self._kept: list[tuple[tuple[int, ...], str, str]] = []
        self._most = 20 if sys.stderr.isatty() else _MOST_ERRORS

    def add(self, name: str, error: object, order: tuple[int, ...] = ()) -> None:
        """Add an error; those of an `order` are printed sorted by it."""
        self.number += 1
        if self.number <= _MOST_ERRORS:
            self._kept.append((order, name, str(error)))

    def say(self) -> None:
        for _, name, error in sorted(self._kept, key=lambda kept: kept[0])[: self._most]:
            complain(name, error)
        if self.number > self._most:
            say(f"tokenkit: and {self.number - self._most} more errors", err=True)


class Skipped:
    """Files that `find_files` leaves out or `--errors skip` skips, printed at the end."""

    def __init__(self) -> None:
        self.files: list[tuple[str, str]] = []

    def __call__(self, path: str, reason: str) -> None:
        if not is_part(path):  # an output on its way
            self.files.append((path, reason))

    def say(self) -> None:
        by_reason: dict[str, list[str]] = {}
        for path, reason in self.files:
            # Errors of text have a place each: such files are listed together.
            reason = "not text in the expected encoding" if "expected" in reason else reason
            by_reason.setdefault(reason, []).append(path)
        for reason, names in by_reason.items():
            first = ", ".join(map(shown_name, names[:5]))
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            hint = _HINTS.get(reason, "")
            say(f"tokenkit: skipped as {reason}: {first}{more}{hint}", err=True)


_HINTS = {"link to a folder": "; --follow-links searches it"}


class TextReader:
    """Reads the texts of inputs as --text-encoding and --errors say.

    `failed` says whether an input could not be read; one that `--errors skip` skips has not failed.
    """

    def __init__(
        self, options: Mapping[str, Any], times: int = 1, *, together: bool = False
    ) -> None:
        """Read texts of which what is made takes `times` their memory, so that each, or all of
        them `together`, may take that share of --max-mb."""
        self.text_encoding: str | None = options.get("text_encoding")
        self.on_error: OnError = options.get("errors", "raise")
        self.most = most_bytes(options["max_mb"]) // times
        self.together = together
        self.failed = False

    def read(self, name: str) -> str | None:
        """Read a text; None after saying what is wrong with it."""
        try:
            return self.text(name)
        except InputError as error:
            self.complain(name, error)
            return None

    def text(self, name: str) -> str:
        """Read a text. Raises InputError as `read_text` does."""
        errors: Literal["raise", "replace"] = "replace" if self.on_error == "replace" else "raise"
        encoding, most = self.text_encoding, self.most
        text = read_text(name, text_encoding=encoding, errors=errors, most=most)
        if self.together:
            self.most -= memory_of(text)
        return text

    def parts(self, name: str) -> Iterator[str]:
        """Read a text in parts, of any size in all. Raises as `text_parts` does."""
        errors: Literal["raise", "replace"] = "replace" if self.on_error == "replace" else "raise"
        return text_parts(name, text_encoding=self.text_encoding, errors=errors)

    def complain(self, name: str, error: Exception) -> None:
        """Say what is wrong with an input, and whether it is skipped."""
        skip = self.on_error == "skip" and isinstance(error, NotTextError)
        complain(name, f"skipped: {error}" if skip else error)
        self.failed = self.failed or not skip


def read_json(name: str, options: Mapping[str, Any]) -> Any:
    """Read the JSON value of an input. Raises InputError, which names line and column."""
    values = read_json_values(name, options)
    if len(values) > 1:
        raise InputError(f"expected one JSON value, got another at line {values[1][0]}")
    return values[0][1]


def read_chat(name: str, options: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Read the messages of a chat, and the request around them (empty if there is only the list).

    The input is a list of messages, an object that has `messages`, or a message after the other,
    as in JSON lines. Raises InputError for anything else.
    """
    values = [value for _, value in read_json_values(name, options)]
    if all(isinstance(value, dict) and "role" in value for value in values):
        return values, {}
    if len(values) > 1:
        kinds = "several values, not all of them messages with a `role`"
        raise InputError(f"expected one chat, got {kinds}")
    (value,) = values
    request = value if isinstance(value, dict) else {}
    messages = request.get("messages") if request else value
    if not isinstance(messages, list):
        if "messages" in request:
            raise InputError(f"messages: expected a list, got {shown(messages)}")
        kind = f"an object with {listed(request)}" if request else type(value).__name__
        raise InputError(f"expected a list of messages, or an object with `messages`, got {kind}")
    return messages, request


def read_json_values(name: str, options: Mapping[str, Any]) -> list[tuple[int, Any]]:
    """Read the JSON values of an input, at least one, each with its line. Raises InputError."""
    from tokenkit.inputs import check_json_memory, json_values

    most = most_bytes(options["max_mb"])
    text = read_text(name, text_encoding=options["text_encoding"], most=most)
    check_json_memory(text, most, "JSON")
    return list(json_values(text))
