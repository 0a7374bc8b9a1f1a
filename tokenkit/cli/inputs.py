"""Files and standard input, as UTF-8 that is in memory once at most."""

from __future__ import annotations

import mmap
import os
import sys
from contextlib import contextmanager

import click

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Buffer

STDIN = "-"
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0)


class InputError(Exception):
    """An input cannot be read as text; the message says why, without the input's name."""


@contextmanager
def opened(name: str) -> Iterator[Buffer]:
    """The bytes of a file, mapped where that is possible, or of standard input for "-".

    Raises InputError if there is no such file, or if it is not text.
    """
    try:
        descriptor = sys.stdin.fileno() if name == STDIN else os.open(name, _FLAGS)
    except OSError as error:
        raise InputError(_reason(name, error)) from None
    data: bytes | mmap.mmap
    try:
        data = _mapped(descriptor) or _read(descriptor)
    except OSError as error:
        raise InputError(_reason(name, error)) from None
    finally:
        if name != STDIN:
            os.close(descriptor)
    try:
        _refuse_binary(data)
        yield data
    finally:
        if isinstance(data, mmap.mmap):
            data.close()


def read_text(name: str) -> str:
    """The text of a file or of standard input for "-".

    Raises InputError, also for bytes that are not UTF-8.
    """
    with opened(name) as data:
        try:
            return bytes(memoryview(data)).decode()
        except UnicodeDecodeError as error:
            raise InputError(f"is not UTF-8 text: invalid UTF-8 at byte {error.start}") from None


def complain(name: str, error: Exception) -> None:
    """Says on standard error what is wrong with an input."""
    click.echo(f"tokenkit: {click.format_filename(name)}: {error}", err=True)


def _mapped(descriptor: int) -> mmap.mmap | None:
    """The file mapped from its start, None if it is a pipe, empty, or read in part."""
    try:
        if os.lseek(descriptor, 0, os.SEEK_CUR) != 0:
            return None
        return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None


def _read(descriptor: int) -> bytes:
    with open(descriptor, "rb", closefd=False) as file:
        return file.read()


def _reason(name: str, error: OSError) -> str:
    if name != STDIN and os.path.isdir(name):
        return "is a directory; name its files"
    return error.strerror or str(error)


def _refuse_binary(data: bytes | mmap.mmap) -> None:
    # Valid UTF-8 may hold this byte, text files do not; UTF-16 files are full of it.
    zero = data.find(b"\0")
    if zero >= 0:
        raise InputError(f"is not text: a zero byte at byte {zero}")
