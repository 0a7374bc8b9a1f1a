"""The parts of a stream, as chunking takes them."""

from __future__ import annotations

from tokenkit._checks import check_str

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_READ = 1 << 16  # characters


def parts_of(stream: Iterable[str]) -> Iterator[str]:
    """Iterate over the parts of an iterable of str, or of a text file.

    Raises TypeError for one str, and for parts that are not str.

    >>> import io
    >>> list(parts_of(["a ", "text"])), list(parts_of(io.StringIO("a text")))
    (['a ', 'text'], ['a text'])
    """
    if isinstance(stream, str):
        raise TypeError(
            "stream: expected an iterable of str or a text file, got one str; use chunk()"
        )
    read = getattr(stream, "read", None)
    if read is not None:
        while part := read(_READ):
            check_str("stream", part)
            yield part
        return
    for part in stream:
        check_str("stream", part)
        yield part


class Refill:
    """Takes characters from a stream, however it is divided into parts.

    >>> refill = Refill(["a ", "", "text"])
    >>> refill.take(3), refill.take(99), refill.ended
    ('a t', 'ext', True)
    """

    def __init__(self, stream: Iterable[str]) -> None:
        self._parts = parts_of(stream)
        self._part = ""
        self._used = 0  # characters of the part
        self.ended = False

    def take(self, size: int) -> str:
        """Take the next `size` characters; fewer at the end, where `ended` becomes True."""
        pieces = []
        while not self.ended and (size or self._used == len(self._part)):
            if self._used == len(self._part):
                part = next(self._parts, None)
                self.ended = part is None
                self._part, self._used = part or "", 0
            piece = self._part[self._used : self._used + size]
            self._used += len(piece)
            size -= len(piece)
            pieces.append(piece)
        return "".join(pieces)
