"""Counts of texts that are too big to be counted in one call, or come from a pipe.

They are cut where no piece can cross, so that all processors work on each part, Ctrl-C is heard in
between, and a stream is never held as a whole.
"""

from __future__ import annotations

from tokenkit.inputs.sources import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mmap import mmap
    from typing import BinaryIO

    from tokenkit.encodings import Encoding

__all__ = ["BLOCK_BYTES", "Interrupted", "Tally", "refuse_binary"]

BLOCK_BYTES = 8 << 20
# As much of a stream is held while no place is found to cut it at.
MOST_HELD = 32 << 20
_READ_BYTES = 1 << 20


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in the middle of a text: `tokens` are those of its first `size` bytes, under each
    encoding. `name` is the file's, if it has one."""

    name = ""

    def __init__(self, tokens: tuple[int, ...], size: int) -> None:
        super().__init__(f"after {size} bytes")
        self.tokens = tokens
        self.size = size


class Tally:
    """Counts one text under some encodings: `tokens` of the first `size` bytes.

    `mapped` and `stream` raise InputError if it is not text, and Interrupted on Ctrl-C.
    """

    def __init__(self, engines: list[Encoding], threads: int) -> None:
        self.engines = engines
        self.threads = threads
        # Tokens, bytes, and blocks after these: in one place, so that they always belong together.
        self._state: tuple[tuple[int, ...], int, list[bytes]] = ((0,) * len(engines), 0, [])

    @property
    def tokens(self) -> tuple[int, ...]:
        return self._state[0]

    @property
    def size(self) -> int:
        return self._state[1]

    def mapped(self, data: mmap) -> None:
        """Counts a file in memory."""
        try:
            with memoryview(data) as view:
                window = BLOCK_BYTES
                while self.size < len(data):
                    end = min(self.size + window, len(data))
                    refuse_binary(data, self.size, end, 0)
                    with view[self.size : end] as part:
                        cut = len(part) if end == len(data) else self._settled(part)
                        if cut:
                            self._add(part, cut, [])
                    window = BLOCK_BYTES if cut else 2 * window
        except KeyboardInterrupt:
            raise Interrupted(self.tokens, self.size) from None

    def stream(self, file: BinaryIO) -> None:
        """Counts what comes, to the end."""
        read = getattr(file, "read1", file.read)  # what there is, where that can be told
        try:
            while block := read(_READ_BYTES):
                held = self._state[2]
                waiting = sum(map(len, held))
                refuse_binary(block, 0, len(block), self.size + waiting)
                held.append(block)
                if waiting + len(block) < BLOCK_BYTES:
                    continue
                part = b"".join(held)
                if cut := self._settled(part):
                    self._add(part, cut, [part[cut:]])
                elif len(part) >= MOST_HELD:
                    self._rest(part, file)
                    return
            part = b"".join(self._state[2])
            self._add(part, len(part), [])
        except KeyboardInterrupt:
            raise self._interrupted() from None

    def _interrupted(self) -> Interrupted:
        """Counts what came since the last cut, too."""
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
            return min(engine._engine.settled(part) for engine in self.engines)
        except ValueError:
            raise _not_utf8(part, self.size) from None

    def _add(self, part: bytes | memoryview, size: int, held: list[bytes]) -> None:
        """Counts the first bytes of a part, and keeps `held` for later."""
        with memoryview(part)[:size] as text:
            try:
                counts = [
                    memoryview(engine._engine.count_batch([text], self.threads))[0]
                    for engine in self.engines
                ]
            except ValueError:
                raise _not_utf8(text, self.size) from None
        tokens = tuple(map(sum, zip(self.tokens, counts, strict=True)))
        self._state = (tokens, self.size + size, held)

    def _rest(self, part: bytes, file: BinaryIO) -> None:
        """Counts to the end with counters, which are slower and need no place to cut at."""
        counters = [engine.counter() for engine in self.engines]
        size = self.size
        begun = b""  # of a character
        while part:
            refuse_binary(part, 0, len(part), size)
            try:
                for counter in counters:
                    counter.update(part)
            except ValueError:
                raise _not_utf8(begun + part, size - len(begun)) from None
            size += len(part)
            begun = _begun((begun + part[-3:])[-3:])
            part = file.read(_READ_BYTES)
        if begun:
            raise _not_utf8(begun, size - len(begun))
        totals = [counter.total for counter in counters]
        self._state = (tuple(map(sum, zip(self.tokens, totals, strict=True))), size, [])


def refuse_binary(data: bytes | mmap, start: int, end: int, before: int) -> None:
    """Raises InputError if there is a zero byte, counted from `before`, among these."""
    # Valid UTF-8 may hold this byte, text files do not; UTF-16 files are full of it.
    zero = data.find(b"\0", start, end)
    if zero >= 0:
        raise InputError(f"is not text: a zero byte at byte {before + zero}")


def _not_utf8(part: bytes | memoryview, before: int) -> InputError:
    try:
        str(part, "utf-8")
    except UnicodeDecodeError as error:
        return InputError(f"is not UTF-8 text: invalid UTF-8 at byte {before + error.start}")
    return InputError("is not UTF-8 text")


def _begun(text: bytes) -> bytes:
    """The bytes at the end that begin a character and are not all of it."""
    for length in range(1, min(3, len(text)) + 1):
        first = text[-length]
        if first >= 0xC0:
            return text[-length:] if length < 2 + (first >= 0xE0) + (first >= 0xF0) else b""
        if first < 0x80:
            break
    return b""
