"""`tokenkit encode`."""

from __future__ import annotations

import json
from typing import Any

import click

from tokenkit.cli.shared.inputs import TextReader
from tokenkit.cli.shared.options import (
    PATH,
    chosen_encoding,
    format_option,
    input_option,
    model_options,
    text_options,
)
from tokenkit.cli.shared.output import print_json, print_painted, print_records
from tokenkit.inputs import STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.encodings import Encoding

_TIMES = 16  # what a record per token takes, as a multiple of the text
_IDS_AT_ONCE = 1 << 16

EXAMPLES = """\b
Examples:
  printf 'hello world' | tokenkit encode -m gpt-5.4
  tokenkit encode notes.md -e o200k_base | tokenkit decode -e o200k_base
  tokenkit encode prompt.txt -e cl100k_base --tokens
"""


@click.command(epilog=EXAMPLES)
@click.argument("files", nargs=-1, type=PATH, metavar="[FILES...|-]")
@input_option
@model_options()
@text_options
@click.option(
    "--allow-special", is_flag=True, help="Encode special tokens in the text as their ids."
)
@click.option(
    "--tokens", is_flag=True, help="Print a line per token: id, characters, text or bytes."
)
@format_option("text", "json", "jsonl")
@click.pass_context
def encode(context: click.Context, /, files: tuple[str, ...], **options: Any) -> None:
    """Encode files, or standard input (-, the default), to token ids.

    Each input gives a line of ids, separated by spaces. Special tokens in the text are ordinary
    text unless allowed. With --tokens, a token that holds part of a character shows its bytes as
    Python writes them, and the characters that it touches.
    """
    encoding = chosen_encoding(options["model"], options["encoding"])
    if options["tokens"] and options["allow_special"]:
        raise click.UsageError("--tokens shows ordinary text; leave out --allow-special.")
    is_listed = options["tokens"] or options["output_format"] != "text"
    reader = TextReader(options, _TIMES if is_listed else 1, together=is_listed)
    results = []
    for name in files + options["inputs"] or (STDIN,):
        text = reader.read(name)
        if text is None:
            continue
        record = _encoded(encoding, text, options)
        if options["output_format"] == "json":
            results.append({"name": name, **record})
        elif options["output_format"] == "jsonl":
            print_records([{"name": name, "encoding": encoding.name, **record}], "jsonl")
        elif options["tokens"]:
            for token in record["tokens"]:
                print_painted(f"{token['id']}\t{token['start']}-{token['end']}\t{_shown(token)}")
        else:
            _print_ids(record["ids"])
    if options["output_format"] == "json":
        print_json({"encoding": encoding.name, "inputs": results})
    if reader.failed:
        context.exit(2)


def _encoded(encoding: Encoding, text: str, options: dict[str, Any]) -> dict[str, Any]:
    """The record of a text: its ids, or with --tokens a record of each token."""
    if not options["tokens"]:
        allowed = encoding.special_tokens_set if options["allow_special"] else ()
        if options["output_format"] == "text":
            special = encoding.engine.special_set(allowed) if allowed else None
            return {"ids": memoryview(encoding.engine.encode_buffer(text, special))}
        return {"ids": encoding.encode(text, allowed_special=set(allowed), disallowed_special=())}
    from tokenkit.views import segments

    tokens = []
    for segment in segments(text, encoding):
        for token in segment.tokens:
            record: dict[str, Any] = {"id": token.id, "start": token.start, "end": token.end}
            try:
                record["text"] = token.data.decode()
            except UnicodeDecodeError:
                record["bytes"] = token.data.hex()
            tokens.append(record)
    return {"tokens": tokens}


def _print_ids(ids: memoryview) -> None:
    """Print a line of ids, some at a time."""
    for start in range(0, len(ids), _IDS_AT_ONCE):
        print_painted(" " if start else "", end="")
        print_painted(" ".join(map(str, ids[start : start + _IDS_AT_ONCE])), end="")
    print_painted("")


def _shown(token: dict[str, Any]) -> str:
    """A token's text as JSON has it, with names for hidden characters, or its bytes."""
    if "text" in token:
        from tokenkit.views import visible

        return visible(json.dumps(token["text"], ensure_ascii=False))
    return repr(bytes.fromhex(token["bytes"]))
