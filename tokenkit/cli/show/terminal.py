"""Tokens on a terminal: in lines, as a list, or two encodings side by side."""

from __future__ import annotations

from tokenkit._visible import shown_line
from tokenkit.cli.shared.output import print_painted
from tokenkit.cli.show.paint import as_ansi, as_plain, heading, lines
from tokenkit.views import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.cli.shared.options import Column
    from tokenkit.cli.show.paint import Look
    from tokenkit.encodings import Encoding
    from tokenkit.views import Part, Token

_BOLD, _RESET = "\x1b[1m", "\x1b[0m"


def print_lines(parts: list[Part], encoding: Encoding, look: Look) -> None:
    """Print texts with their tokens in colours, or with bars between them."""
    for part in parts:
        if part.title:
            title = shown_line(heading(part))
            print_painted(f"{_BOLD}{title}{_RESET}" if look.color else title)
        for line in lines(part, encoding, look):
            print_painted(as_ansi(line) if look.color else as_plain(line))


def print_offsets(parts: list[Part], columns: list[Column]) -> None:
    """Print a line per token: offsets in characters and bytes, id, bytes and text."""
    from tokenkit.views import segments

    for part in parts:
        for column in columns:
            if part.title or len(columns) > 1:
                print_painted(shown_line(f"# {column.label} {part.title}".rstrip()))
            print_painted("characters\tbytes\tid\thex\ttext")
            for segment in segments(part.text, column.encoding):
                for token in segment.tokens:
                    print_painted(_offsets(token))


def _offsets(token: Token) -> str:
    text = visible(token.data.decode(errors="replace")).replace("\n", "↵").replace("\r", "␍")
    return (
        f"{token.start}-{token.end}\t{token.byte_start}-{token.byte_end}\t"
        f"{token.id}\t{token.data.hex()}\t{text}"
    )


def print_side_by_side(parts: list[Part], columns: list[Column], look: Look) -> None:
    """Print a column per encoding, with the lines of a text on the same height."""
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
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(Text(shown_line(column.label)), ratio=1, overflow="fold")
    table.expand = True
    for part in parts:
        if part.title:
            table.add_row(Text(shown_line(heading(part)), style="bold"))
        both = [lines(part, column.encoding, look) for column in columns]
        for pair in zip_longest(*both, fillvalue=[]):
            cells = [[(stretch.text, stretch.style()) for stretch in line] for line in pair]
            table.add_row(*(Text.assemble(*cell) for cell in cells))
    console.print(table)
