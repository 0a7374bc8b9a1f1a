"""Files and standard input for all verbs, and how to complain about them."""

from __future__ import annotations

import click

from tokenkit.files import STDIN, InputError, opened

__all__ = ["STDIN", "InputError", "complain", "opened", "read_text"]


def read_text(name: str) -> str:
    """The text of a file or of standard input for "-".

    Raises InputError, also for bytes that are not UTF-8.
    """
    with opened(name) as data:
        try:
            return bytes(memoryview(data)).decode()
        except UnicodeDecodeError as error:
            raise InputError(f"is not UTF-8 text: invalid UTF-8 at byte {error.start}") from None


def complain(name: str, error: object) -> None:
    """Says on standard error what is wrong with an input."""
    click.echo(f"tokenkit: {click.format_filename(name)}: {error}", err=True)
