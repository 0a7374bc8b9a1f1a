"""`tokenkit show`."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from tokenkit.cli.count.table import Column, chosen_columns
from tokenkit.cli.fit import max_output_value
from tokenkit.cli.shared.inputs import complain, read_chat, read_or_complain, refuse_overwriting
from tokenkit.cli.shared.options import PATH, model_options
from tokenkit.cli.shared.paint import Look, as_ansi, as_plain, heading, lines, summary, window_bar
from tokenkit.errors import ContextOverflowError, InputError, TokenkitError
from tokenkit.inputs import STDIN
from tokenkit.views import (
    Part,
    WindowUse,
    chunk_parts,
    fit_parts,
    text_figures,
    visible,
    window_use,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.encodings import Encoding
    from tokenkit.fitting import Fit

EXAMPLES = """\b
Examples:
  tokenkit show README.md -m gpt-5.4
  echo 'naïve café 👩' | tokenkit show -e o200k_base --ids --bytes
  tokenkit show notes.md -e o200k_base -e cl100k_base
  tokenkit show prompt.md -m gpt-5.4 --max-output 4000 --html prompt.html
  tokenkit show manual.md -m text-embedding-3-small --chunks 512 --overlap 64
  tokenkit show chat.json -m gpt-4.1 --fit --max-output 2000 --html chat.html
"""
MOST = 2  # encodings side by side


@click.command(epilog=EXAMPLES)
@click.argument("files", nargs=-1, type=PATH, metavar="[FILES...|-]")
@model_options(multiple=True)
@click.option("--html", "page_file", metavar="FILE", help="Write a page that needs nothing else.")
@click.option("--ids", is_flag=True, help="The id behind each token.")
@click.option("-w", "--whitespace", "marks", is_flag=True, help="Marks for spaces and line ends.")
@click.option(
    "--bytes", "as_bytes", is_flag=True, help="The bytes of tokens that share a character."
)
@click.option("--offsets", is_flag=True, help="A line per token: its place, id, bytes and text.")
@click.option(
    "--chunks",
    type=click.IntRange(min=1),
    metavar="N",
    help="Paint the chunks of at most N tokens, and what they repeat.",
)
@click.option(
    "--overlap", type=click.IntRange(min=0), default=0, metavar="N", help="With --chunks."
)
@click.option(
    "--as",
    "text_format",
    type=click.Choice(["auto", "text", "markdown", "code"]),
    default="auto",
    help="With --chunks: how to read the text.",
)
@click.option("--fit", "as_chat", is_flag=True, help="Paint what fitting a chat keeps and drops.")
@click.option(
    "--max-output", type=max_output_value, metavar="auto|N", help="Tokens kept for the reply."
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colours; auto: on a terminal, unless NO_COLOR is set.",
)
@click.pass_context
def show(context: click.Context, /, files: tuple[str, ...], **options: Any) -> None:
    """Show the tokens of texts as colours, in the terminal or as a web page.

    With two models or encodings both are shown side by side. Characters that could not be seen, or
    would change how others are seen, appear by name. Special tokens are ordinary text.
    """
    columns = chosen_columns(options["model"], options["encoding"])
    if len(columns) > MOST:
        raise click.UsageError("Two models or encodings can be shown at once, not more.")
    if options["as_chat"] and options["chunks"]:
        raise click.UsageError("Give --fit or --chunks, not both.")
    names = files or (STDIN,)
    refuse_overwriting("--html", options["page_file"] or STDIN, names)
    parts: list[Part] = []
    failed = False
    fitted: Fit | None = None
    try:
        if options["as_chat"]:
            parts, fitted = _fitted(names, columns, options["max_output"])
        else:
            texts = [(name, read_or_complain(name)) for name in names]
            failed = any(text is None for _, text in texts)
            for name, text in texts:
                if text is not None:
                    parts += _parts(text, name if len(names) > 1 else "", columns[0], options)
        if parts or not failed:
            use = _use(parts, columns, fitted, options["max_output"])
            _show(parts, names, columns, use, options)
    except InputError as error:
        complain(names[0], error)
        failed = True
    except ContextOverflowError as error:
        complain(names[0], error)
        context.exit(1)
    except (ValueError, TypeError, TokenkitError) as error:
        if not options["as_chat"]:
            raise click.UsageError(str(error)) from None
        complain(names[0], error)
        failed = True
    if failed:
        context.exit(2)


def _parts(text: str, name: str, column: Column, options: dict[str, Any]) -> list[Part]:
    if not options["chunks"]:
        return [Part(text, visible(click.format_filename(name)))] if name else [Part(text)]
    from tokenkit.chunking import Chunker

    chunker = Chunker(
        encoding=column.encoding,
        max_tokens=options["chunks"],
        overlap=options["overlap"],
        format=options["text_format"],
    )
    return chunk_parts(chunker.chunk(text), limit=options["chunks"])


def _fitted(
    names: tuple[str, ...], columns: list[Column], max_output: Any
) -> tuple[list[Part], Fit]:
    from tokenkit.fitting import fit

    if len(names) > 1 or len(columns) > 1 or columns[0].model is None:
        raise click.UsageError("--fit takes one chat and one --model.")
    messages, request = read_chat(names[0])
    fitted = fit(
        messages, columns[0].model, max_output=max_output or "auto", tools=request.get("tools")
    )
    return fit_parts(messages, fitted), fitted


def _use(
    parts: list[Part], columns: list[Column], fitted: Fit | None, max_output: Any
) -> WindowUse | None:
    """The first model's window; none without a model, for chunks, or without known limits."""
    model = columns[0].model
    if model is None or any(part.status == "chunk" for part in parts):
        return None
    if fitted is not None:
        return window_use(model, fitted.tokens, max_output=fitted.max_output)
    tokens = text_figures((part.text for part in parts), columns[0].encoding).tokens
    try:
        return window_use(model, tokens, max_output=max_output)
    except ValueError:
        return None


def _show(
    parts: list[Part],
    names: tuple[str, ...],
    columns: list[Column],
    use: WindowUse | None,
    options: dict[str, Any],
) -> None:
    if options["page_file"]:
        _write_page(parts, names, columns, use, options["page_file"])
        return
    color = _color(options["color"])
    look = Look(options["ids"], options["marks"], options["as_bytes"], color)
    if options["offsets"]:
        _list(parts, columns)
    elif len(columns) > 1:
        _side_by_side(parts, columns, look)
    else:
        _in_lines(parts, columns[0].encoding, look)
    shown = [part.text for part in parts if part.status != "dropped"]
    click.echo()
    for column in columns:
        click.echo(summary(column.label, text_figures(shown, column.encoding)))
    if use is not None:
        click.echo(window_bar(use))


def _color(choice: str) -> bool:
    if choice == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return choice == "always"


def _write_page(
    parts: list[Part],
    names: tuple[str, ...],
    columns: list[Column],
    use: WindowUse | None,
    path: str,
) -> None:
    from tokenkit.views import html_page

    shown = ["standard input" if name == STDIN else click.format_filename(name) for name in names]
    title = shown[0] if len(shown) == 1 else f"{shown[0]} and {len(shown) - 1} more"
    labels = [column.label for column in columns]
    encodings = [column.encoding for column in columns]
    same = [
        label for label, encoding in zip(labels, encodings, strict=True) if label != encoding.name
    ]
    subtitle = " and ".join(encoding.name for encoding in encodings)
    if same:
        subtitle += f", for {' and '.join(same)}"
    html = html_page(parts, encodings, title=title, subtitle=subtitle, use=use)
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(html)
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from None
    click.echo(f"{path} written", err=True)


def _in_lines(parts: list[Part], encoding: Encoding, look: Look) -> None:
    for part in parts:
        if part.title:
            click.echo(_bold(visible(heading(part)), look.color))
        for line in lines(part, encoding, look):
            click.echo(as_ansi(line) if look.color else as_plain(line), color=look.color)


def _bold(text: str, color: bool) -> str:
    return click.style(text, bold=True) if color else text


def _list(parts: list[Part], columns: list[Column]) -> None:
    from tokenkit.views import segments

    for part in parts:
        for column in columns:
            if part.title or len(columns) > 1:
                click.echo(f"# {column.label} {visible(part.title)}".rstrip())
            click.echo("characters\tbytes\tid\thex\ttext")
            for segment in segments(part.text, column.encoding):
                for token in segment.tokens:
                    text = visible(token.data.decode(errors="replace")).replace("\n", "↵")
                    click.echo(
                        f"{token.start}-{token.end}\t{token.byte_start}-{token.byte_end}\t"
                        f"{token.id}\t{token.data.hex()}\t{text}".replace("\r", "␍")
                    )


def _side_by_side(parts: list[Part], columns: list[Column], look: Look) -> None:
    """Two columns, each line of the text beside itself."""
    from itertools import zip_longest

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(
        force_terminal=look.color or None,
        color_system="256" if look.color else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    table = Table(*(column.label for column in columns), box=None, padding=(0, 2, 0, 0))
    table.expand = True
    for column in table.columns:
        column.ratio = 1
        column.overflow = "fold"
    for part in parts:
        if part.title:
            table.add_row(Text(visible(heading(part)), style="bold"))
        both = [lines(part, column.encoding, look) for column in columns]
        for pair in zip_longest(*both, fillvalue=[]):
            table.add_row(
                *(Text.assemble(*((run.text, run.style()) for run in line)) for line in pair)
            )
    console.print(table)
