"""`tokenkit decode`."""

from __future__ import annotations

import re
from typing import Any

import click

from tokenkit.cli.shared.inputs import TextReader
from tokenkit.cli.shared.options import (
    PATH,
    chosen_encoding,
    model_options,
    text_encoding_option,
)
from tokenkit.cli.shared.output import complain, write_bytes, write_text
from tokenkit.inputs import STDIN

_BYTE_ORDER_MARK = "\ufeff"
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
    text = " ".join(ids) if ids else TextReader(options).read(name)
    if text is None:
        context.exit(2)
    try:
        data = encoding.decode_bytes(_numbers(text.removeprefix(_BYTE_ORDER_MARK)))
    except (ValueError, KeyError, OverflowError) as error:
        complain(name, error.args[0] if error.args else error)
        context.exit(2)
    if options["as_bytes"]:
        write_bytes(data)
        return
    decoded = data.decode(errors="replace")
    write_text(decoded)
    if decoded.encode() != data:
        complain(name, "expected UTF-8 text, got other bytes; U+FFFD replaces them, see --bytes")


def _numbers(text: str) -> list[int]:
    """The ids of a list of numbers. Raises ValueError, which names the line of any other word."""
    numbers = _IDS.match(text)
    end = numbers.end() if numbers else 0
    if end < len(text):
        line = text.count("\n", 0, end) + 1
        word = re.match(r"\S*", text[end:])
        raise ValueError(f"line {line}: expected an id, got {(word[0] if word else '')[:40]!r}")
    if text.count("[") != text.count("]"):
        raise ValueError("expected as many opening as closing brackets: is the list cut off?")
    return [int(number) for number in re.findall(r"\d+", text, re.ASCII)]
