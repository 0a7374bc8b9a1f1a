"""What chunking a stream needs besides chunking: its parts, and what stood before a window."""

from __future__ import annotations

import re

from tokenkit._text import require_str

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_READ = 1 << 16  # characters
_REMEMBERED = 1024


def parts_of(stream: Iterable[str]) -> Iterator[str]:
    """The parts of an iterable of str, or of a text file. Raises TypeError for anything else."""
    if isinstance(stream, str):
        raise TypeError("expected an iterable of str or a text file, got one str: use chunk()")
    read = getattr(stream, "read", None)
    if read is not None:
        while part := read(_READ):
            require_str(part)
            yield part
        return
    for part in stream:
        require_str(part)
        yield part


class Refill:
    """Parts of a stream, taken up to a number of characters."""

    def __init__(self, stream: Iterable[str]) -> None:
        self._parts = parts_of(stream)
        self.ended = False

    def up_to(self, buffer: str, size: int) -> str:
        """The buffer with what follows it, of at least `size` characters or to the end."""
        pieces = [buffer]
        length = len(buffer)
        while length <= size and not self.ended:
            part = next(self._parts, None)
            if part is None:
                self.ended = True
            else:
                pieces.append(part)
                length += len(part)
        return "".join(pieces)


class Context:
    """What a window must know of the text before it: the last lines, and the open fence."""

    def __init__(self) -> None:
        self.text = ""

    def pass_by(self, text: str, markdown: bool) -> None:
        """Says that `text` stands before what comes next."""
        text = self.text + text
        if not markdown:
            tail = text[-_REMEMBERED:]
            newline = tail.find("\n")
            # From the start of a line, if there is one, and a few characters at least.
            self.text = tail[newline + 1 :] if 0 <= newline < len(tail) - 64 else tail
            return
        lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)
        partial = lines.pop() if lines and lines[-1][-1] not in "\r\n" else ""
        kept: list[str] = []
        fence = ""
        for line in lines:
            was = fence
            fence = _after_line(line, fence)
            if fence:
                kept = [fence + "\n"]
            elif was:
                kept = ["```\n", "```\n"]
            else:
                kept.append(line)
        if len(kept) > 5 and not fence:
            kept = kept[-5:]
        self.text = "".join(kept) + partial


def _after_line(line: str, fence: str) -> str:
    """The open fence after a line; as csrc/lines.cpp sees it."""
    words = line.strip(" \t\r\n")
    indent = len(line) - len(line.lstrip(" \t"))
    if not words or indent >= 4:
        return fence
    marks = len(words) - len(words.lstrip(words[0]))
    if fence:
        closes = words[0] == fence[0] and marks >= len(fence) and marks == len(words)
        return "" if closes else fence
    if words[0] not in "`~" or marks < 3 or (words[0] == "`" and "`" in words[marks:]):
        return ""
    return words[:marks]
