"""`tokenkit show`."""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import Any

import click

from tokenkit._writing import whole_text
from tokenkit.cli.shared.inputs import TextReader, exit_on_errors, read_chat
from tokenkit.cli.shared.options import (
    PATH,
    Column,
    choice_option,
    chosen_columns,
    max_output_option,
    model_options,
    number_option,
    overlap_option,
    text_format_option,
    text_options,
    usage_errors,
)
from tokenkit.cli.shared.output import print_painted, refuse_overwriting, say, shown_name
from tokenkit.cli.show.paint import Look, summary, window_bar
from tokenkit.cli.show.terminal import print_lines, print_offsets, print_side_by_side
from tokenkit.inputs import STDIN
from tokenkit.views import (
    Part,
    WindowUse,
    chunk_parts,
    fit_parts,
    text_figures,
    window_use,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.costs import Cost
    from tokenkit.fitting import Fit
    from tokenkit.models import Model

EXAMPLES = """\b
Examples:
  tokenkit show README.md -m gpt-5.4
  echo 'naïve café 👩' | tokenkit show -e o200k_base --ids --bytes
  tokenkit show notes.md -e o200k_base -e cl100k_base
  tokenkit show prompt.md -m gpt-5.4 --max-output 4000 --html prompt.html
  tokenkit show manual.md -m text-embedding-3-small --chunks 512 --overlap 64
  tokenkit show notes.md -m gpt-5.4 --live --html live.html
  tokenkit show chat.json -m gpt-4.1 --fit --max-output 2000 --html chat.html
"""
MOST = 2  # encodings side by side


@click.command(epilog=EXAMPLES)
@click.argument("files", nargs=-1, type=PATH, metavar="[FILES...|-]")
@model_options(multiple=True)
@text_options
@click.option(
    "--html", "page_file", metavar="FILE", help="Write a web page that needs no other file."
)
@click.option(
    "--live",
    is_flag=True,
    help="Write the live page: it counts as you type, without a network (with --html).",
)
@click.option("--ids", is_flag=True, help="Show the id behind each token.")
@click.option(
    "-w", "--whitespace", "marks", is_flag=True, help="Show marks for spaces and line ends."
)
@click.option(
    "--bytes", "as_bytes", is_flag=True, help="Show the bytes of tokens that share a character."
)
@click.option(
    "--offsets", is_flag=True, help="Print a line per token: its offsets, id, bytes and text."
)
@number_option("--chunks", least=1, help="Split the text into chunks of at most N tokens.")
@overlap_option(" (with --chunks)")
@text_format_option(" (with --chunks)")
@click.option(
    "--fit", "as_chat", is_flag=True, help="Fit a chat, and show what is kept and dropped."
)
@max_output_option("Reserve N tokens for the reply; auto: all that is left.")
@choice_option(
    "--color",
    choices=("auto", "always", "never"),
    help="Use colours; auto: on a terminal, unless NO_COLOR is set.",
)
@click.pass_context
def show(context: click.Context, /, files: tuple[str, ...], **options: Any) -> None:
    """Show the tokens of texts in colour, in the terminal or on a web page.

    Two models or encodings are shown side by side. Characters that are invisible, or change how
    others look, appear by name. Special tokens are ordinary text.
    """
    columns = chosen_columns(options["model"], options["encoding"])
    if len(columns) > MOST:
        raise click.UsageError(f"Expected at most two models or encodings, got {len(columns)}.")
    if options["as_chat"] and options["chunks"]:
        raise click.UsageError("Give --fit or --chunks, not both.")
    if options["live"]:
        _check_live(columns, options)
    names = files or (STDIN,)
    refuse_overwriting("--html", options["page_file"] or STDIN, names)
    if options["as_chat"]:
        with exit_on_errors(context, names[0]):
            parts, fitted = _fitted(names, columns, options)
            use = _use(parts, columns, fitted, options["max_output"])
            _show(parts, names, columns, use, options)
        return
    reader = TextReader(options, times=16, together=True)
    texts = {name: reader.read(name) for name in names}
    readable = [(name, text) for name in names if (text := texts[name]) is not None]
    if readable and options["live"]:
        _write_live(readable, columns[0], options["page_file"])
    elif readable:
        parts = _text_parts(context, readable, len(names) > 1, columns[0], options)
        use = _use(parts, columns, None, options["max_output"])
        _show(parts, names, columns, use, options)
    if reader.failed:
        context.exit(2)


def _text_parts(
    context: click.Context,
    texts: list[tuple[str, str]],
    with_names: bool,
    column: Column,
    options: dict[str, Any],
) -> list[Part]:
    """The parts to show: texts, or with --chunks their chunks."""
    if not options["chunks"]:
        return [Part(text, shown_name(name)) if with_names else Part(text) for name, text in texts]
    from tokenkit.chunking import Chunker

    with usage_errors(ValueError):
        chunker = Chunker(
            encoding=column.encoding,
            max_tokens=options["chunks"],
            overlap=options["overlap"],
            format=options["text_format"],
        )
    parts: list[Part] = []
    for name, text in texts:
        with exit_on_errors(context, name):
            parts += chunk_parts(chunker.chunk(text), limit=options["chunks"])
    return parts


def _fitted(
    names: tuple[str, ...], columns: list[Column], options: dict[str, Any]
) -> tuple[list[Part], Fit]:
    from tokenkit.fitting import fit

    if len(names) > 1 or len(columns) > 1 or columns[0].model is None:
        raise click.UsageError("--fit takes one chat and one --model.")
    messages, request = read_chat(names[0], options)
    fitted = fit(
        messages,
        columns[0].model,
        max_output=options["max_output"] or "auto",
        tools=request.get("tools"),
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
        print_offsets(parts, columns)
    elif len(columns) > 1:
        print_side_by_side(parts, columns, look)
    else:
        print_lines(parts, columns[0].encoding, look)
    shown = [part.text for part in parts if part.status != "dropped"]
    print_painted("")
    for column in columns:
        say(summary(column.label, text_figures(shown, column.encoding)))
    if use is not None:
        say(window_bar(use))


def _color(choice: str) -> bool:
    if choice == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return choice == "always"


def chunks_price(model: str | Model, chunks: list[int]) -> Cost:
    """Price chunks of so many tokens, each as an input of its own."""
    from tokenkit.inputs import Distribution

    spread = Distribution()
    spread.add_pairs(Counter(chunks).items())
    return spread.cost(model)


def _write_page(
    parts: list[Part],
    names: tuple[str, ...],
    columns: list[Column],
    use: WindowUse | None,
    path: str,
) -> None:
    from tokenkit.views import html_page

    shown = ["standard input" if name == STDIN else shown_name(name) for name in names]
    title = shown[0] if len(shown) == 1 else f"{shown[0]} and {len(shown) - 1} more"
    labels = [column.label for column in columns]
    encodings = [column.encoding for column in columns]
    same = [
        label for label, encoding in zip(labels, encodings, strict=True) if label != encoding.name
    ]
    subtitle = " and ".join(encoding.name for encoding in encodings)
    if same:
        subtitle += f", for {' and '.join(same)}"
    model = columns[0].model
    chunks = [part.tokens or 0 for part in parts if part.status == "chunk"]
    price = chunks_price(model, chunks) if model and chunks else None
    html = html_page(parts, encodings, title=title, subtitle=subtitle, use=use, price=price)
    _write(html, path)


def _check_live(columns: list[Column], options: dict[str, Any]) -> None:
    if not options["page_file"]:
        raise click.UsageError("--live needs --html FILE.")
    if options["as_chat"] or options["chunks"] or len(columns) > 1:
        raise click.UsageError(
            "--live takes one model or encoding; chats, chunks and others are on the page itself."
        )


def _write_live(texts: list[tuple[str, str]], column: Column, path: str) -> None:
    from tokenkit.views import live_file

    shown = [
        ("standard input" if name == STDIN else shown_name(name), text) for name, text in texts
    ]
    with usage_errors(FileNotFoundError):
        html = live_file(shown, column.encoding.name, model=column.model)
    _write(html, path)


def _write(html: str, path: str) -> None:
    try:
        with whole_text(path) as file:
            file.write(html)
    except BrokenPipeError:
        raise  # the reader has seen enough
    except OSError as error:
        raise click.UsageError(f"{shown_name(path)}: {error.strerror}") from None
    say(f"{shown_name(path)} written", err=True)
