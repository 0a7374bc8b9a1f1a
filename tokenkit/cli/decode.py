"""`tokenkit decode`."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Any

import click

from tokenkit.cli.shared.options import (
    PATH,
    chosen_encoding,
    model_options,
    text_encoding_option,
)
from tokenkit.cli.shared.output import complain, write_bytes, write_text
from tokenkit.errors import InputError
from tokenkit.inputs import STDIN, check_decoding, opened, text_blocks

_BYTE_ORDER_MARK = "\ufeff"
_BLOCK_BYTES = 1 << 20
_SEPARATORS = " \n\t\r,[]"
_MOST_DIGITS = 20  # of an id; Python reads no number of more than some thousands
_IDS = re.compile(r"[\d\s,\[\]]*")

EXAMPLES = """\b
Examples:
  tokenkit decode 24912 2375 -e o200k_base
  echo '[24912, 2375]' | tokenkit decode -e o200k_base
  tokenkit decode -i ids.txt --bytes -e cl100k_base > text.bin
"""


@click.command(epilog=EXAMPLES)
@click.argument("ids", nargs=-1, metavar="[IDS...|-]")
@click.option(
    "-i",
    "--input",
    "file",
    default=STDIN,
    type=PATH,
    metavar="FILE",
    help="Read the ids from this file.",
)
@model_options()
@text_encoding_option
@click.option(
    "--bytes", "as_bytes", is_flag=True, help="Print the bytes as they are, UTF-8 or not."
)
@click.pass_context
def decode(context: click.Context, /, ids: tuple[str, ...], **options: Any) -> None:
    """Decode token ids, named or from standard input, to text.

    Ids are separated by spaces, line ends or commas, with or without brackets. Nothing is added
    to the text. Where ids end inside a character, the text has U+FFFD and a warning says so.
    """
    encoding = chosen_encoding(options["model"], options["encoding"])
    if ids == (STDIN,):
        ids = ()
    name = "ids" if ids else options["file"]
    blocks = [" ".join(ids)] if ids else _blocks(name, options)
    try:
        replaced = _write(map(encoding.decode_bytes, _parts(blocks)), options["as_bytes"])
    except InputError as error:
        complain(name, error)
        context.exit(2)
    except (ValueError, KeyError, OverflowError) as error:
        complain(name, error.args[0] if error.args else error)
        context.exit(2)
    if replaced:
        complain(name, "expected UTF-8 text, got other bytes; U+FFFD replaces them, see --bytes")


def _write(parts: Iterator[bytes], as_bytes: bool) -> bool:
    """Write bytes, or the text that they are; return whether U+FFFD replaced some."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    marks, last = 0, b""
    for data in parts:
        if as_bytes:
            write_bytes(data)
            continue
        text = decoder.decode(data)
        marks += text.count("\ufffd") - (last + data).count(b"\xef\xbf\xbd")
        last = (last + data)[-2:]
        write_text(text)
    rest = decoder.decode(b"", final=True)
    write_text(rest)
    return marks > 0 or bool(rest)


def _blocks(name: str, options: dict[str, Any]) -> Iterator[str]:
    """The text of an input, in blocks."""
    with opened(name, check_decoding(options["text_encoding"])) as (file, _):
        yield from text_blocks(file, _BLOCK_BYTES)


def _parts(blocks: Iterable[str]) -> Iterator[list[int]]:
    """The ids of a list of numbers, in parts. Raises ValueError as `_numbers` does."""
    held, line, brackets = "", 0, 0
    for block in blocks:
        text = held + (block if line else block.removeprefix(_BYTE_ORDER_MARK))
        line = line or 1
        end = 0
        if len(text) >= _BLOCK_BYTES:  # a shorter text is whole before anything is printed
            end = 1 + max(map(text.rfind, _SEPARATORS)) or len(text)
            yield _numbers(text[:end], line)
            line += text.count("\n", 0, end)
        held = text[end:]
        brackets += block.count("[") - block.count("]")
    numbers = _numbers(held, line)
    if brackets:
        raise ValueError("expected as many opening as closing brackets: is the list cut off?")
    yield numbers


def _numbers(text: str, line: int) -> list[int]:
    """The ids of a list of numbers that begins in a line. Raises ValueError, which names the line
    of any other word."""
    numbers = _IDS.match(text)
    end = numbers.end() if numbers else 0
    if end < len(text):
        line += text.count("\n", 0, end)
        word = re.match(r"\S*", text[end:])
        raise ValueError(f"line {line}: expected an id, got {(word[0] if word else '')[:40]!r}")
    found = re.findall(r"\d+", text, re.ASCII)
    longest = max(found, key=len, default="")
    if len(longest) > _MOST_DIGITS:
        line += text.count("\n", 0, text.find(longest))
        raise ValueError(f"line {line}: expected an id, got a number of {len(longest)} digits")
    return [int(number) for number in found]
