"""Token counts of texts, remembered by content so that no text is counted twice.

Chats repeat themselves: every turn sends all earlier messages again. One `TextCounts` per
encoding keeps what it has counted, bounded in entries and characters. Keys are the texts
themselves (never id(), which is reused after a garbage collection).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, TypeVar

from tokenkit._checks import checked_threads

__all__ = ["Memo", "TextCounts", "TextMemo", "counts_for"]

MAX_ENTRIES = 100_000
MAX_CHARS = 32_000_000


Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Memo(Generic[Key, Value]):
    """A dict that forgets its oldest entries when it holds too many entries or characters.

    The newest stay that make up at most half of each limit. Safe to share between threads. Hot
    paths read `known` directly; it is replaced by a new dict, never emptied, as readers may be
    looking at it.
    """

    def __init__(self, max_entries: int = MAX_ENTRIES, max_chars: int = MAX_CHARS) -> None:
        self.max_entries = max_entries
        self.max_chars = max_chars
        self.known: dict[Key, Value] = {}
        self._sizes: dict[Key, int] = {}
        self._chars = 0
        self._lock = threading.Lock()

    def keep(self, items: Iterable[tuple[Key, Value, int]]) -> None:
        """Remember items of (key, value, characters that they take)."""
        with self._lock:
            for key, value, size in items:
                if key not in self.known:
                    self._chars += size
                    self._sizes[key] = size
                    self.known[key] = value
            if len(self.known) > self.max_entries or self._chars > self.max_chars:
                self._forget_oldest()

    def _forget_oldest(self) -> None:
        sizes: dict[Key, int] = {}
        chars = 0
        for key in reversed(self._sizes):
            size = self._sizes[key]
            if len(sizes) >= self.max_entries // 2 or chars + size > self.max_chars // 2:
                break
            sizes[key] = size
            chars += size
        self._sizes = dict(reversed(sizes.items()))
        self.known = {key: self.known[key] for key in self._sizes}
        self._chars = chars


class TextMemo(Memo[str, str]):
    """Remember the values of a function of one text."""

    def __init__(self, function: Callable[[str], str], max_chars: int = MAX_CHARS // 2) -> None:
        super().__init__(max_chars=max_chars)
        self.function = function

    def __call__(self, text: str) -> str:
        value = self.known.get(text)
        if value is None:
            value = self.function(text)
            self.keep([(text, value, len(text) + len(value))])
        return value


class TextCounts(Memo[str, int]):
    """Count texts under one encoding, and remember the counts."""

    def __init__(
        self, encoding: Any, max_entries: int = MAX_ENTRIES, max_chars: int = MAX_CHARS
    ) -> None:
        super().__init__(max_entries, max_chars)
        self.encoding = encoding
        # Frames of roles that a rule has counted, kept for its next request.
        self.frames: dict[tuple[int, bool], tuple[dict[str, int], dict[str, int]]] = {}

    def count(self, text: str) -> int:
        """Count `text`, special tokens as ordinary text."""
        tokens = self.known.get(text)
        if tokens is None:
            tokens = int(self.encoding.count(text))
            self.keep([(text, tokens, len(text))])
        return tokens

    def learn(self, texts: Iterable[str]) -> None:
        """Count the unknown ones of `texts` in one native call."""
        missing = list(dict.fromkeys(text for text in texts if text not in self.known))
        if missing:
            # Not `count_batch`, which loads NumPy: that takes longer than counting a long chat.
            counts = memoryview(self.encoding.engine.count_batch(missing, checked_threads(None)))
            self.keep(
                (text, n, len(text)) for text, n in zip(missing, counts.tolist(), strict=True)
            )


_counts: dict[str, TextCounts] = {}


def counts_for(encoding_name: str) -> TextCounts:
    """Give the shared counts of an encoding, by its name."""
    from tokenkit.encodings import get_encoding  # late: the vocabulary loads on first use

    encoding = get_encoding(encoding_name)
    counts = _counts.get(encoding_name)
    if counts is None or counts.encoding is not encoding:  # a user's own may be replaced
        counts = _counts[encoding_name] = TextCounts(encoding)
    return counts
