"""JSON as files have it: one value, values one after the other, or the items of a list.

What is read comes in blocks, so a long list needs no more memory than its longest item.
"""

from __future__ import annotations

import codecs
import re
from json import JSONDecodeError, JSONDecoder

from tokenkit._checks import json_fault
from tokenkit._strict_json import strict_decoder
from tokenkit.errors import InputError
from tokenkit.inputs.limits import MOST_MB, check_json_memory, most_bytes
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

    Raises InputError for a text without a value, and for what is not JSON, has NaN or Infinity, or
    a key twice in one object, with line and column.

    >>> list(json_values('{"a": 1}\\n[2,\\n3]'))
    [(1, {'a': 1}), (2, [2, 3])]
    """
    scanner = _Scanner([text], most_bytes(None), strict_decoder())
    if not scanner.next():
        raise InputError("expected JSON, got an empty text")
    while scanner.next():
        yield scanner.line, scanner.value()


def json_items(
    blocks: Iterable[str], most: int = most_bytes(MOST_MB)
) -> Iterator[tuple[int, int, Any, int]]:
    """Give (line, item, value, its characters) for each JSON value of a text in blocks; a list
    gives its items, numbered from 1, and any other value is item 0.

    Raises InputError for what is not JSON, or takes more than about `most` bytes of memory, behind
    the values before it.

    >>> list(json_items(['[{"a": 1}', ',\\n2] ', '"b"']))
    [(1, 1, {'a': 1}, 8), (2, 2, 2, 1), (2, 0, 'b', 3)]
    """
    scanner = _Scanner(blocks, most)
    while begun := scanner.next():
        if begun != "[":
            yield scanner.line, 0, *scanner.measured()
            continue
        scanner.step()
        number, after = 0, ","
        while after == ",":
            if not number and scanner.next() == "]":
                scanner.step()
                break
            number += 1
            scanner.next()
            yield scanner.line, number, *scanner.measured()
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

    def __init__(
        self, blocks: Iterable[str], most: int, decoder: JSONDecoder | None = None
    ) -> None:
        self.blocks = iter(blocks)
        self.most = most
        self.decode = (decoder or JSONDecoder()).raw_decode
        self.text = ""
        self.at = 0
        self.line = 1
        self.column = 1  # of the first character that is held
        self.ended = False
        self.whole = 0  # characters from the begin of the value on that were held so far

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

    def measured(self) -> tuple[Any, int]:
        """Read the value that follows; return it and its characters."""
        value, behind = self.value(), len(self.text) - self.at
        return value, self.whole - behind

    def value(self) -> Any:
        """Read the value that follows."""
        self.whole = len(self.text) - self.at
        while (found := self._decoded()) is None:
            self._more()
        value, end = found
        self._move(end)
        return value

    def _decoded(self) -> tuple[Any, int] | None:
        """Read the value that follows, and where it ends; None if it may go on behind the text."""
        try:
            value, end = self.decode(self.text, self.at)
        except JSONDecodeError as error:
            is_open = error.msg.startswith("Unterminated string")
            near = error.pos >= len(self.text) - _LONGEST_BEGUN
            if self.ended or not (is_open or near):
                raise self.error(json_fault(error), error.pos) from None
            return None
        except (RecursionError, ValueError) as error:
            raise self.error(json_fault(error), self.at) from None
        if end >= len(self.text) - _EXPONENT and not self.ended:  # a number may go on
            return None
        return value, end

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
        """Hold at least half as much again, without what has been read: a long value is then read
        over a few times only. Raises InputError if what is held takes too much memory."""
        start = self.text.rfind("\n", 0, self.at)
        self.column = self.at - start if start >= 0 else self.column + self.at
        self.text, self.at = self.text[self.at :], 0  # and no other text, which may be long
        check_json_memory(self.text, self.most, "a value", f"line {self.line}: ")
        parts = [self.text]
        wanted = size = len(self.text)
        while size < wanted + wanted // 2 + 1:
            block = next(self.blocks, None)
            if block is None:
                self.ended = True
                break
            parts.append(block)
            size += len(block)
        self.whole += size - wanted
        self.text = "".join(parts)
