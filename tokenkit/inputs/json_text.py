"""JSON as files have it: one value, values one after the other, or the items of a list.

What is read comes in blocks, so a long list needs no more memory than its longest item.
"""

from __future__ import annotations

import codecs
import re
from json import JSONDecodeError, JSONDecoder

from tokenkit._checks import json_fault
from tokenkit.errors import InputError
from tokenkit.inputs.sources import not_utf8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

__all__ = ["json_items", "json_values", "text_blocks"]

_BLANKS = re.compile(r"[ \t\r\n\ufeff]*")  # a byte order mark, too, may stand before any value
_EXPONENT = len("e-")
_LONGEST_BEGUN = 16  # characters of a number, word or escape that may go on in the next block


def json_values(text: str) -> Iterator[tuple[int, Any]]:
    """Give (line, value) for each JSON value of a text: one, or several one after the other.

    Raises InputError for a text without a value, and for what is not JSON, with line and column.

    >>> list(json_values('{"a": 1}\\n[2,\\n3]'))
    [(1, {'a': 1}), (2, [2, 3])]
    """
    scanner = _Scanner([text])
    if not scanner.next():
        raise InputError("expected JSON, got an empty text")
    while scanner.next():
        yield scanner.line, scanner.value()


def json_items(blocks: Iterable[str]) -> Iterator[tuple[int, int, Any]]:
    """Give (line, item, value) for each JSON value of a text in blocks; a list gives its items,
    numbered from 1, and any other value is item 0.

    Raises InputError for what is not JSON, behind the values before it.

    >>> list(json_items(['[{"a": 1}', ',\\n2] ', '"b"']))
    [(1, 1, {'a': 1}), (2, 2, 2), (2, 0, 'b')]
    """
    scanner = _Scanner(blocks)
    while begun := scanner.next():
        if begun != "[":
            yield scanner.line, 0, scanner.value()
            continue
        scanner.step()
        number, after = 0, ","
        while after == ",":
            if not number and scanner.next() == "]":
                scanner.step()
                break
            number += 1
            scanner.next()
            yield scanner.line, number, scanner.value()
            after = scanner.next()
            if after not in (",", "]"):
                raise scanner.error("Expecting ',' or ']'", scanner.at)
            scanner.step()


def text_blocks(file: Any, size: int) -> Iterator[str]:
    """The text of a file of UTF-8, in blocks of `size` bytes. Raises InputError for wrong bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    before = 0
    while True:
        block = file.read1(size)
        waiting = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise not_utf8(before - waiting + error.start) from None
        before += len(block)
        if text:
            yield text
        if not block:
            return


class _Scanner:
    """A text in blocks: `at` is where it is read in `text`, the part that is held, and `line` the
    number of that line."""

    def __init__(self, blocks: Iterable[str]) -> None:
        self.blocks = iter(blocks)
        self.decode = JSONDecoder().raw_decode
        self.text = ""
        self.at = 0
        self.line = 1
        self.column = 1  # of the first character that is held
        self.ended = False

    def next(self) -> str:
        """Skip blanks; return the character that follows, "" at the end."""
        while True:
            blanks = _BLANKS.match(self.text, self.at)
            self._move(blanks.end() if blanks else self.at)
            if self.at < len(self.text):
                return self.text[self.at]
            if self.ended:
                return ""
            self._more()

    def step(self) -> None:
        """Go past the character that follows."""
        self._move(self.at + 1)

    def value(self) -> Any:
        """Read the value that follows."""
        while True:
            try:
                value, end = self.decode(self.text, self.at)
            except JSONDecodeError as error:
                is_open = error.msg.startswith("Unterminated string")
                near = error.pos >= len(self.text) - _LONGEST_BEGUN
                if self.ended or not (is_open or near):
                    raise self.error(json_fault(error), error.pos) from None
                self._more()
                continue
            except (RecursionError, ValueError) as error:
                raise self.error(json_fault(error), self.at) from None
            if end >= len(self.text) - _EXPONENT and not self.ended:  # a number may go on
                self._more()
                continue
            self._move(end)
            return value

    def error(self, message: str, position: int) -> InputError:
        """Make the error of a character of the text that is held."""
        line = self.line + self.text.count("\n", self.at, position)
        start = self.text.rfind("\n", 0, position)
        column = position - start if start >= 0 else position + self.column
        return InputError(f"invalid JSON at line {line}, column {column}: {message}")

    def _move(self, end: int) -> None:
        self.line += self.text.count("\n", self.at, end)
        self.at = end

    def _more(self) -> None:
        """Hold at least twice as much, without what has been read: a long value is then read over
        a few times only."""
        start = self.text.rfind("\n", 0, self.at)
        self.column = self.at - start if start >= 0 else self.column + self.at
        parts = [self.text[self.at :]]
        wanted = size = len(parts[0])
        while size < 2 * wanted + 1:
            block = next(self.blocks, None)
            if block is None:
                self.ended = True
                break
            parts.append(block)
            size += len(block)
        self.text, self.at = "".join(parts), 0
