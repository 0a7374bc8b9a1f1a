"""Counts of texts that are too big to be counted in one call, or come from a pipe.

They are split where no piece can cross, so that all processors work on each part, Ctrl-C is heard
in between, and a stream is never held as a whole.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from tokenkit.errors import InputError, Interrupted
from tokenkit.inputs.sources import refuse_binary, utf8_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, BinaryIO

    from tokenkit.encodings import Encoding, TokenCounter

__all__ = ["BLOCK_BYTES", "BigTextCount"]

# Text is split once so much of it is at hand; where there is no position to split it at, counters
# of parts go on from there, which are slower and hold no text.
BLOCK_BYTES = 8 << 20
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class _State:
    """The count so far: tokens of `size` bytes, of which those behind the last split are in the
    counters, if there are any."""

    tokens: tuple[int, ...]
    size: int = 0
    counters: tuple[TokenCounter, ...] = ()
    held: tuple[bytes, ...] = ()  # blocks that came after these


class BigTextCount:
    """The count of one text under some encodings: `tokens` of its first `size` bytes.

    `count_file` and `count_stream` raise InputError if it is not text, and Interrupted on Ctrl-C.
    """

    def __init__(
        self,
        encodings: list[Encoding],
        threads: int,
        progress: Callable[[int], None] = lambda _size: None,
    ) -> None:
        self.encodings = encodings
        self.threads = threads
        self.progress = progress
        # One value, so that its parts always belong together.
        self._state = _State((0,) * len(encodings))

    @property
    def tokens(self) -> tuple[int, ...]:
        state = self._state
        return _sums(state.tokens, [counter.total for counter in state.counters])

    @property
    def size(self) -> int:
        return self._state.size

    def count_file(self, file: Any) -> None:
        """Count what gives all that is asked of it, such as a file, to the end."""
        buffer, held = bytearray(BLOCK_BYTES), 0
        try:
            while True:
                with memoryview(buffer) as view, view[held:] as free:
                    end, before = held + file.readinto(free), self.size
                    refuse_binary(buffer, held, end, before)
                    is_last = end < len(buffer)
                    with view[:end] as part:
                        self._take(part, is_last)
                    held = end - (self.size - before)
                    view[:held] = view[end - held : end]
                if is_last:
                    return
                if held == len(buffer):
                    buffer.extend(bytes(held))  # it is less than a character
        except KeyboardInterrupt:
            raise Interrupted(self.tokens, self.size) from None

    def count_stream(self, file: BinaryIO) -> None:
        """Count what comes, to the end."""
        read = getattr(file, "read1", file.read)  # what has come so far, where there is such a call
        waiting = 0
        try:
            while block := read(_READ_BYTES):
                refuse_binary(block, 0, len(block), self.size + waiting)
                self._state = replace(self._state, held=(*self._state.held, block))
                waiting += len(block)
                if waiting >= BLOCK_BYTES:
                    self._take(b"".join(self._state.held), False)
                    waiting = sum(map(len, self._state.held))
            self._take(b"".join(self._state.held), True)
        except KeyboardInterrupt:
            raise self._interrupted() from None

    def _interrupted(self) -> Interrupted:
        """Count what came since the last split, too."""
        part = b"".join(self._state.held)
        with suppress(InputError):
            self._take(part[: len(part) - len(_begun(part))], True)
        return Interrupted(self.tokens, self.size)

    def _take(self, part: bytes | memoryview, is_last: bool) -> None:
        """Count what follows, as much as can be; hold the rest of it if these are bytes."""
        begun = len(_begun(bytes(part[-3:])))
        if is_last and begun:
            raise utf8_error(part, self.size)
        size = len(part) if is_last else self._settled(part)
        counters: tuple[TokenCounter, ...] = ()
        if size:
            tokens = self._counted(part, size)
        else:
            size = len(part) - begun
            if begun and _begun(bytes(part[:size][-3:])):  # no character begins inside another
                raise utf8_error(part, self.size)
            tokens, counters = self._state.tokens, self._fed(part, size)
        held = (part[size:],) if isinstance(part, bytes) and size < len(part) else ()
        self._state = _State(tokens, self.size + size, counters, held)
        self.progress(self.size)

    def _settled(self, part: bytes | memoryview) -> int:
        """How much of a part can be counted whatever follows, 0 if that is not known."""
        try:
            return min(encoding.engine.settled(part) for encoding in self.encodings)
        except ValueError:
            raise utf8_error(part, self.size) from None

    def _counted(self, part: bytes | memoryview, size: int) -> tuple[int, ...]:
        """The tokens of all text up to the first `size` bytes of a part."""
        state = self._state
        if state.counters:
            return _sums(state.tokens, [counter.total for counter in self._fed(part, size)])
        with memoryview(part)[:size] as text:
            try:
                counts = [
                    memoryview(encoding.engine.count_batch([text], self.threads))[0]
                    for encoding in self.encodings
                ]
            except ValueError:
                raise utf8_error(text, self.size) from None
        return _sums(state.tokens, counts)

    def _fed(self, part: bytes | memoryview, size: int) -> tuple[TokenCounter, ...]:
        """Copies of the counters, or new ones, that were given the first `size` bytes of a part."""
        counters = self._state.counters
        counters = tuple(
            counters[index].copy() if counters else encoding.counter()
            for index, encoding in enumerate(self.encodings)
        )
        with memoryview(part)[:size] as text:
            try:
                for counter in counters:
                    counter.update(text)
            except ValueError:
                raise utf8_error(text, self.size) from None
        return counters


def _sums(tokens: tuple[int, ...], more: Sequence[int]) -> tuple[int, ...]:
    return tuple(map(sum, zip(tokens, more, strict=True))) if more else tokens


def _begun(text: bytes) -> bytes:
    """The bytes at the end that begin a character and are not all of it."""
    for length in range(1, min(3, len(text)) + 1):
        first = text[-length]
        if first >= 0xC0:
            return text[-length:] if length < 2 + (first >= 0xE0) + (first >= 0xF0) else b""
        if first < 0x80:
            break
    return b""
