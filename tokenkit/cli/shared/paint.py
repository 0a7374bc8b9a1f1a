"""Tokens as colours in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tokenkit.views import HIDDEN, Figures, Part, Segment, WindowUse, hidden_name, segments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.encodings import Encoding

# Of the 256 colours: light backgrounds with black ink, so that the terminal's own do not matter.
HUES = (223, 153, 157, 218, 183, 152)
BAR_WIDTH = 40
_MARKS = {" ": "·", "\t": "→   ", "\r": "␍"}
_PLAIN = {"\t": "    ", "\r": "␍"}
_RESET = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one look: in the hue of a token, or faint without one; those of a dropped
    message crossed out, those that a chunk repeats underlined."""

    text: str
    hue: int | None = None
    crossed: bool = False
    underlined: bool = False

    def ansi(self) -> str:
        codes = ["2"] if self.hue is None else ["38;5;16", f"48;5;{HUES[self.hue % len(HUES)]}"]
        codes += ["9"] * self.crossed + ["4"] * self.underlined
        return f"\x1b[{';'.join(codes)}m{self.text}{_RESET}"

    def style(self) -> str:
        """The same for rich."""
        look = "dim" if self.hue is None else f"color(16) on color({HUES[self.hue % len(HUES)]})"
        return look + " strike" * self.crossed + " underline" * self.underlined


@dataclass(frozen=True, slots=True)
class Look:
    """What is shown besides colours."""

    ids: bool = False
    marks: bool = False
    bytes: bool = False
    color: bool = True


def lines(part: Part, encoding: Encoding, look: Look) -> Iterator[list[Run]]:
    """The lines of a part as runs; without colours a bar stands between tokens."""
    line: list[Run] = []
    number = 0
    for segment in segments(part.text, encoding):
        if not look.color and line:
            line.append(Run("│"))
        extra = (part.status == "dropped", segment.start < part.repeated)
        shown = _shown(part.text, segment, look)
        for index, (text, hue) in enumerate(shown):
            pieces = text.split("\n")
            for position, piece in enumerate(pieces):
                if position:
                    yield line
                    line = []
                if position < len(pieces) - 1 and look.marks:
                    piece += "↵"
                if piece:
                    line.append(Run(piece, number + hue, *extra))
            if look.ids and index == len(shown) - 1:
                line.append(Run(" ".join(str(token.id) for token in segment.tokens) + " "))
        number += len(segment.tokens)
    if line:
        yield line


def _shown(text: str, segment: Segment, look: Look) -> list[tuple[str, int]]:
    """(characters, hue) of a segment: with `bytes`, those of each token that shares a character."""
    if len(segment.tokens) > 1 and look.bytes:
        return [(f"<{token.data.hex()}>", k) for k, token in enumerate(segment.tokens)]
    marks = _MARKS if look.marks else _PLAIN
    shown = HIDDEN.sub(
        lambda found: f"[{hidden_name(found[0])}]", text[segment.start : segment.end]
    )
    shown = re.sub("[ \t\r]", lambda found: marks.get(found[0], found[0]), shown)
    return [(shown, 0)]


def as_ansi(line: list[Run]) -> str:
    return "".join(run.ansi() for run in line)


def as_plain(line: list[Run]) -> str:
    return "".join(run.text for run in line)


def heading(part: Part) -> str:
    """A line above a part that has a title."""
    words = [part.title]
    if part.status not in ("text", "chunk"):
        words.append(part.status)
    if part.tokens is not None:
        limit = f" of {part.limit:,}" if part.limit is not None else ""
        words.append(f"{part.tokens:,}{limit} tokens")
    return " · ".join([*words, *part.notes])


def summary(name: str, found: Figures) -> str:
    """The figures in one line."""
    words = [
        f"{name}: {found.tokens:,} tokens",
        f"{found.characters:,} characters",
        f"{found.bytes:,} bytes",
        f"{found.words:,} words",
    ]
    ratio, off = found.characters_per_token, found.rule_error
    if ratio is not None and off is not None:
        side = "many" if off > 0 else "few"
        wrong = "is right" if abs(off) < 0.005 else f"would say {abs(off):.0%} too {side}"
        words.append(f"{ratio:.2f} characters per token (the rule of 4 {wrong})")
    return ", ".join(words)


def window_bar(use: WindowUse) -> str:
    """A model's window as a bar: # the prompt, = reserved for the reply, - left, . for neither."""
    whole = max(use.window, use.prompt, 1)
    bar = ""
    for mark, tokens in (("#", use.prompt), ("-", max(0, use.free)), (".", use.beyond)):
        width = round(tokens * BAR_WIDTH / whole)
        bar += mark * (max(1, width) if tokens else 0)
    bar = bar[:BAR_WIDTH].ljust(BAR_WIDTH, "=" if use.reserved else "-")
    left = f"{use.free:,} left (-)" if use.free >= 0 else f"{-use.free:,} over the limit"
    reserved = f", {use.reserved:,} reserved for the reply (=)" if use.reserved else ""
    beyond = f", {use.beyond:,} for neither (.)" if use.beyond else ""
    return (
        f"{use.model} [{bar}] {use.prompt:,} of {use.window:,} (#), {left}{reserved}{beyond}; "
        f"{use.cost}"
    )
