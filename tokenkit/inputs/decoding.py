"""Text encodings: what a byte order mark says, and other encodings as UTF-8 while they are read.

Everything behind this file sees UTF-8, so files, rows, chats and requests are read by one road.
"""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass
from typing import Literal

from tokenkit._checks import check_choice
from tokenkit.errors import NotTextError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

__all__ = [
    "ON_ERROR",
    "UTF8",
    "Decoding",
    "OnError",
    "check_decoding",
    "is_binary",
    "marked_encoding",
]

OnError = Literal["raise", "skip", "replace"]
ON_ERROR = ("raise", "skip", "replace")
# UTF-32 first: its mark of the little end begins with that of UTF-16. The mark of UTF-8 is not
# among them: there it is a character like others, which encoding and decoding give back.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FIRST_BYTES = {mark[:1] for mark, _ in _MARKS}
_HEAD_BYTES = 4
_READ_BYTES = 1 << 18
# Names that leave the order of bytes to a mark; without one it is Windows' order on any machine.
_WITHOUT_ORDER = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}


@dataclass(frozen=True)
class Decoding:
    """How bytes become text.

    `charset` is Python's name of a text encoding; None is UTF-8. A byte order mark of UTF-16 or
    UTF-32 wins over both. `errors` is what wrong bytes do: "raise" an error, "replace" them by
    U+FFFD, or "skip" the input, which is up to the caller.
    """

    charset: str | None = None
    errors: OnError = "raise"

    @property
    def is_plain(self) -> bool:
        """Whether bytes without a mark are taken as they are."""
        return self.charset is None and self.errors != "replace"

    def opened(self, file: Any) -> BinaryIO:
        """The UTF-8 bytes of a buffered file: the file itself where it holds them."""
        if self.is_plain and file.peek(1)[:1] not in _FIRST_BYTES:
            plain: BinaryIO = file
            return plain
        return io.BufferedReader(_AsUtf8(file, self), _READ_BYTES)


UTF8 = Decoding()


def check_decoding(text_encoding: str | None, errors: OnError = "raise") -> Decoding:
    """Check the name of a text encoding, and what its errors do.

    Raises TypeError for a name that is not a str, ValueError for an unknown one, or one that is not
    an encoding of text.

    >>> check_decoding("CP1252", "replace")
    Decoding(charset='cp1252', errors='replace')
    >>> check_decoding("rot13")
    Traceback (most recent call last):
    ValueError: text_encoding: expected an encoding of text, such as cp1252 or utf-16, got 'rot13'
    """
    check_choice("errors", errors, ON_ERROR)
    if text_encoding is None:
        return Decoding(None, errors)
    if not isinstance(text_encoding, str):
        kind = type(text_encoding).__name__
        raise TypeError(f"text_encoding: expected a name, got {kind}")
    try:
        codec = codecs.lookup(text_encoding)
        b"text".decode(codec.name, "replace")  # refuses what does not make text of bytes
        codecs.getincrementaldecoder(codec.name)
    except (LookupError, TypeError, ValueError):
        raise ValueError(
            "text_encoding: expected an encoding of text, such as cp1252 or utf-16, got "
            f"{text_encoding!r}"
        ) from None
    return Decoding(None if codec.name == "utf-8" else codec.name, errors)


def marked_encoding(head: bytes) -> tuple[str, int]:
    """The encoding that the byte order mark at the start names, and the mark's length; ("", 0)
    for UTF-8 and for bytes without one.

    >>> marked_encoding("hi".encode("utf-16-le")), marked_encoding(b"\\xff\\xfeh\\0")
    (('', 0), ('utf-16-le', 2))
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, len(mark)
    return "", 0


def is_binary(head: bytes, charset: str | None) -> bool:
    """Whether the first bytes of a file cannot be text: they hold a zero byte, or in an encoding
    with wider units a zero character."""
    name, size = marked_encoding(head)
    name = name or charset or ""
    if not name:
        return b"\0" in head
    decoder = codecs.getincrementaldecoder(_WITHOUT_ORDER.get(name, name))()
    try:
        return "\0" in decoder.decode(head[size:])
    except UnicodeError:
        return bool(size)  # without a mark it is text with errors, which its reader reports


class _AsUtf8(io.RawIOBase):
    """A file in some text encoding, read as UTF-8 without its byte order mark."""

    def __init__(self, file: Any, decoding: Decoding) -> None:
        self.file = file
        self.decoding = decoding
        self.decoder: Any = None
        self.name = ""
        self.as_it_is = False
        self.fed = 0
        self.ready = memoryview(b"")
        self.ended = False

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        number: int = self.file.fileno()
        return number

    def readinto(self, buffer: Any) -> int:
        while not self.ready and not self.ended:
            self.ready = memoryview(self._decoded(self._block()))
        size = min(len(buffer), len(self.ready))
        buffer[:size] = self.ready[:size]
        self.ready = self.ready[size:]
        return size

    def _block(self) -> bytes:
        """The next bytes; the first ones say in which encoding, and lose their mark."""
        if self.decoder is not None:
            block: bytes = self.file.read1(_READ_BYTES)
            return block
        head: bytes = self.file.read(_HEAD_BYTES)
        name, size = marked_encoding(head)
        self.name = name or self.decoding.charset or "utf-8"
        self.as_it_is = not name and self.decoding.is_plain
        errors = "replace" if self.decoding.errors == "replace" else "strict"
        charset = _WITHOUT_ORDER.get(self.name, self.name)
        self.decoder = codecs.getincrementaldecoder(charset)(errors)
        self.fed = size
        # With what follows, so that a look ahead shows more than a character.
        following: bytes = self.file.read1(_READ_BYTES)
        return head[size:] + following

    def _decoded(self, block: bytes) -> bytes:
        self.ended = not block
        if self.as_it_is:  # who reads it says where it is not UTF-8
            return block
        waiting = len(self.decoder.getstate()[0])
        try:
            text: str = self.decoder.decode(block, final=self.ended)
        except UnicodeDecodeError as error:
            raise NotTextError(
                f"expected {shown_name(self.name)} text, got wrong bytes at byte "
                f"{self.fed - waiting + error.start}"
            ) from None
        except UnicodeError as error:
            raise NotTextError(f"expected {shown_name(self.name)} text: {error}") from None
        self.fed += len(block)
        if "\0" in text and self.name != "utf-8":
            raise NotTextError(
                f"expected {shown_name(self.name)} text, got a zero character before byte "
                f"{self.fed}, as in binary files"
            )
        return text.encode("utf-8", "surrogatepass")


def shown_name(charset: str) -> str:
    """Write the name of a text encoding for people.

    >>> shown_name("utf-16-le"), shown_name("cp1252")
    ('UTF-16-LE', 'cp1252')
    """
    return charset.upper() if charset.startswith("utf") else charset
