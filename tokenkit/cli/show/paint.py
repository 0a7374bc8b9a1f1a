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
class Stretch:
    """Characters that look alike: in the hue of a token, or faint without a hue; crossed out in a
    dropped message, underlined where a chunk repeats them."""

    text: str
    hue: int | None = None
    crossed: bool = False
    underlined: bool = False

    def ansi(self) -> str:
        """Write it with the codes of terminals."""
        codes = ["2"] if self.hue is None else ["38;5;16", f"48;5;{HUES[self.hue % len(HUES)]}"]
        codes += ["9"] * self.crossed + ["4"] * self.underlined
        return f"\x1b[{';'.join(codes)}m{self.text}{_RESET}"

    def style(self) -> str:
        """Name its look for rich."""
        look = "dim" if self.hue is None else f"color(16) on color({HUES[self.hue % len(HUES)]})"
        return look + " strike" * self.crossed + " underline" * self.underlined


@dataclass(frozen=True, slots=True)
class Look:
    """The choices of what is shown: ids, marks of white space, bytes, colours."""

    ids: bool = False
    marks: bool = False
    bytes: bool = False
    color: bool = True


def lines(part: Part, encoding: Encoding, look: Look) -> Iterator[list[Stretch]]:
    """Split a part into lines of stretches; without colours there is a bar between tokens."""
    line: list[Stretch] = []
    number = 0
    for segment in segments(part.text, encoding):
        if not look.color and line:
            line.append(Stretch("│"))
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
                    line.append(Stretch(piece, number + hue, *extra))
            if look.ids and index == len(shown) - 1:
                line.append(Stretch(" ".join(str(token.id) for token in segment.tokens) + " "))
        number += len(segment.tokens)
    if line:
        yield line


def _shown(text: str, segment: Segment, look: Look) -> list[tuple[str, int]]:
    """(characters, hue) of a segment: with `bytes`, those of each token that shares a character."""
    if len(segment.tokens) > 1 and look.bytes:
        return [(f"<{token.data.hex()}>", k) for k, token in enumerate(segment.tokens)]
    marks = _MARKS if look.marks else _PLAIN
    shown = HIDDEN.sub(
        lambda match: f"[{hidden_name(match[0])}]", text[segment.start : segment.end]
    )
    shown = re.sub("[ \t\r]", lambda match: marks.get(match[0], match[0]), shown)
    return [(shown, 0)]


def as_ansi(line: list[Stretch]) -> str:
    """Write a line with colours."""
    return "".join(stretch.ansi() for stretch in line)


def as_plain(line: list[Stretch]) -> str:
    """Write a line without colours."""
    return "".join(stretch.text for stretch in line)


def heading(part: Part) -> str:
    """Write the line above a part that has a title."""
    words = [part.title]
    if part.status not in ("text", "chunk"):
        words.append(part.status)
    if part.tokens is not None:
        limit = f" of {part.limit:,}" if part.limit is not None else ""
        words.append(f"{part.tokens:,}{limit} tokens")
    return " · ".join([*words, *part.notes])


def summary(name: str, figures: Figures) -> str:
    """Write the figures of a text in one line."""
    words = [
        f"{name}: {figures.tokens:,} tokens",
        f"{figures.characters:,} characters",
        f"{figures.bytes:,} bytes",
        f"{figures.words:,} words",
    ]
    ratio, off = figures.characters_per_token, figures.rule_error
    if ratio is not None and off is not None:
        side = "many" if off > 0 else "few"
        wrong = "is right" if abs(off) < 0.005 else f"would say {abs(off):.0%} too {side}"
        words.append(f"{ratio:.2f} characters per token (the rule of 4 {wrong})")
    return ", ".join(words)


def window_bar(use: WindowUse) -> str:
    """Draw a window as a bar: # the prompt, = reserved for the reply, - left, . out of reach."""
    whole = max(use.window, use.prompt, 1)
    bar = ""
    for mark, tokens in (("#", use.prompt), ("-", max(0, use.free)), (".", use.beyond)):
        width = round(tokens * BAR_WIDTH / whole)
        bar += mark * (max(1, width) if tokens else 0)
    bar = bar[:BAR_WIDTH].ljust(BAR_WIDTH, "=" if use.reserved else "-")
    left = f"{use.free:,} left (-)" if use.free >= 0 else f"{-use.free:,} over the limit"
    reserved = f", {use.reserved:,} reserved for the reply (=)" if use.reserved else ""
    beyond = f", {use.beyond:,} out of reach of both (.)" if use.beyond else ""
    return (
        f"{use.model} [{bar}] {use.prompt:,} of {use.window:,} (#), {left}{reserved}{beyond}; "
        f"{use.cost}"
    )
