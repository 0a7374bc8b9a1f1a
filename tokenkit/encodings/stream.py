"""The public counter of texts that come in parts."""

from __future__ import annotations

from tokenkit._face import public
from tokenkit.encodings.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from tokenkit.encodings.engine import Stream


@public
class TokenCounter:
    """A counter of a text that comes in parts, split anywhere; `Encoding.counter` makes one.

    Threads may share a counter: their parts are taken one after the other. Copies, also those of
    the module `copy`, are independent; a counter does not pickle (TypeError). In a child that was
    forked while another thread used the counter, it raises RuntimeError.

    >>> import tokenkit
    >>> counter = tokenkit.get_encoding("o200k_base").counter()
    >>> counter.update("hel")
    >>> fork = counter.copy()
    >>> counter.update("lo world")
    >>> counter.total, fork.total
    (2, 1)
    """

    __slots__ = ("_stream",)

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def update(self, text: Text) -> None:
        """Take the next part: str or UTF-8 bytes.

        A part may end inside a character or a surrogate pair. Raises TypeError if str and bytes
        are mixed, ValueError if bytes are not UTF-8; the counter then stays as it was.

        >>> import tokenkit
        >>> counter = tokenkit.get_encoding("o200k_base").counter()
        >>> counter.update("hello world")
        >>> counter
        <TokenCounter: 2 tokens>
        """
        self._stream.update(text)

    @property
    def total(self) -> int:
        """The number of tokens of all parts joined, special tokens being ordinary text.

        The first bytes of a character are not counted before the character is whole; a high
        surrogate at the end counts as U+FFFD.
        """
        return self._stream.total

    def copy(self) -> TokenCounter:
        """Make an independent counter of the same text so far.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").counter().copy().total
        0
        """
        return TokenCounter(self._stream.copy())

    __copy__ = copy

    def __deepcopy__(self, memo: object) -> TokenCounter:
        return self.copy()

    def __reduce__(self) -> NoReturn:
        raise TypeError("expected something that pickles, got a TokenCounter; pickle its text")

    def __repr__(self) -> str:
        return f"<TokenCounter: {self.total} tokens>"
