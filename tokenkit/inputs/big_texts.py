"""Counts of texts that are too big to be counted in one call, or come from a pipe.

They are split where no piece can cross, so that all processors work on each part, Ctrl-C is heard
in between, and a stream is never held as a whole.
"""

from __future__ import annotations

from tokenkit.errors import InputError, Interrupted
from tokenkit.inputs.sources import refuse_binary, utf8_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO

    from tokenkit.encodings import Encoding

__all__ = ["BLOCK_BYTES", "BigTextCount"]

BLOCK_BYTES = 8 << 20
# As much of a stream is held while there is no position to split it at.
MOST_HELD = 32 << 20
_READ_BYTES = 1 << 20


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
        # Tokens, bytes, and blocks after these: one value, so that they always belong together.
        self._state: tuple[tuple[int, ...], int, list[bytes]] = ((0,) * len(encodings), 0, [])

    @property
    def tokens(self) -> tuple[int, ...]:
        return self._state[0]

    @property
    def size(self) -> int:
        return self._state[1]

    def count_file(self, file: Any) -> None:
        """Count what gives all that is asked of it, such as a file, to the end."""
        buffer, held = bytearray(BLOCK_BYTES), 0
        try:
            while True:
                with memoryview(buffer) as view, view[held:] as free:
                    end = held + file.readinto(free)
                    refuse_binary(buffer, held, end, self.size)
                    is_last = end < len(buffer)
                    with view[:end] as part:
                        size = end if is_last else self._settled(part)
                        if size:
                            self._add(part, size, [])
                    view[: end - size] = view[size:end]
                if is_last:
                    return
                held = end - size
                if not size and end >= MOST_HELD:
                    self._rest(bytes(buffer), file)
                    return
                if not size:
                    buffer.extend(bytes(end))
        except KeyboardInterrupt:
            raise Interrupted(self.tokens, self.size) from None

    def count_stream(self, file: BinaryIO) -> None:
        """Count what comes, to the end."""
        read = getattr(file, "read1", file.read)  # what has come so far, where there is such a call
        try:
            while block := read(_READ_BYTES):
                held = self._state[2]
                waiting = sum(map(len, held))
                refuse_binary(block, 0, len(block), self.size + waiting)
                held.append(block)
                if waiting + len(block) < BLOCK_BYTES:
                    continue
                part = b"".join(held)
                if size := self._settled(part):
                    self._add(part, size, [part[size:]])
                elif len(part) >= MOST_HELD:
                    self._rest(part, file)
                    return
            part = b"".join(self._state[2])
            self._add(part, len(part), [])
        except KeyboardInterrupt:
            raise self._interrupted() from None

    def _interrupted(self) -> Interrupted:
        """Count what came since the last split, too."""
        tokens, size, held = self._state
        part = b"".join(held)
        part = part[: len(part) - len(_begun(part[-3:]))]
        try:
            self._add(part, len(part), [])
        except InputError:
            return Interrupted(tokens, size)
        return Interrupted(self.tokens, self.size)

    def _settled(self, part: bytes | memoryview) -> int:
        """How much of a part can be counted whatever follows, 0 if that is not known."""
        try:
            return min(encoding.engine.settled(part) for encoding in self.encodings)
        except ValueError:
            raise utf8_error(part, self.size) from None

    def _add(self, part: bytes | memoryview, size: int, held: list[bytes]) -> None:
        """Count the first `size` bytes of a part, and keep `held` for later."""
        with memoryview(part)[:size] as text:
            try:
                counts = [
                    memoryview(encoding.engine.count_batch([text], self.threads))[0]
                    for encoding in self.encodings
                ]
            except ValueError:
                raise utf8_error(text, self.size) from None
        tokens = tuple(map(sum, zip(self.tokens, counts, strict=True)))
        self._state = (tokens, self.size + size, held)
        self.progress(self.size)

    def _rest(self, part: bytes, file: BinaryIO) -> None:
        """Count to the end with counters, which are slower and need no position to split at."""
        counters = [encoding.counter() for encoding in self.encodings]
        size = self.size
        begun = b""  # of a character
        while part:
            refuse_binary(part, 0, len(part), size)
            try:
                for counter in counters:
                    counter.update(part)
            except ValueError:
                raise utf8_error(begun + part, size - len(begun)) from None
            size += len(part)
            begun = _begun((begun + part[-3:])[-3:])
            part = file.read(_READ_BYTES)
        if begun:
            raise utf8_error(begun, size - len(begun))
        totals = [counter.total for counter in counters]
        self._state = (tuple(map(sum, zip(self.tokens, totals, strict=True))), size, [])


def _begun(text: bytes) -> bytes:
    """The bytes at the end that begin a character and are not all of it."""
    for length in range(1, min(3, len(text)) + 1):
        first = text[-length]
        if first >= 0xC0:
            return text[-length:] if length < 2 + (first >= 0xE0) + (first >= 0xF0) else b""
        if first < 0x80:
            break
    return b""
