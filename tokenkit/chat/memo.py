"""Token counts of texts, remembered so that no text is counted twice.

Chats repeat themselves: every turn sends all earlier messages again. One `TextCounts` per
encoding remembers what it has counted by digests of the texts, of 128 bits under a random key, so
no text outlives its request. `TOKENKIT_CACHE_MB` bounds the memory of each.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from tokenkit._checks import checked_threads
from tokenkit._core import cache_bytes, text_digest, text_digests, value_of_text
from tokenkit._locks import shared_lock
from tokenkit.encodings import get_encoding

__all__ = ["Memo", "TextCounts", "counts_for", "joined"]

# A digest as a key, its count, and their share of a dict that grows or is replaced.
BYTES_PER_ENTRY = 256
_MOST_NUMBERS = 8192


Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Make = Callable[..., str]


class Memo(Generic[Key, Value]):
    """A dict that forgets its older half when it holds too many entries of a few bytes each.

    Safe to share between threads. Hot paths read `known` directly; it is replaced by a new dict,
    never emptied, as readers may be looking at it.
    """

    def __init__(self, max_entries: int | None = None) -> None:
        allowed = cache_bytes() // BYTES_PER_ENTRY
        self.max_entries = allowed if max_entries is None else min(allowed, max_entries)
        self.known: dict[Key, Value] = {}

    def keep(self, items: Iterable[tuple[Key, Value]]) -> None:
        """Remember items of (key, value)."""
        with shared_lock:
            for key, value in items:
                self.known.setdefault(key, value)
            self._forget()

    def keep_one(self, key: Key, value: Value) -> None:
        """Remember one item."""
        with shared_lock:
            self.known.setdefault(key, value)
            self._forget()

    def _forget(self) -> None:
        if len(self.known) > self.max_entries:
            older = len(self.known) - self.max_entries // 2
            self.known = dict(list(self.known.items())[older:])


class TextCounts(Memo[bytes, int]):
    """Count texts under one encoding, and remember the counts, not the texts."""

    def __init__(self, encoding: Any, max_entries: int | None = None) -> None:
        super().__init__(max_entries)
        self.encoding = encoding
        # Random, so that nobody can make two texts with one digest.
        self.key = os.urandom(16)
        self._keys_of_made: dict[tuple[Make, int], bytes] = {}
        # What `numbers_of` found.
        self._numbers: Memo[bytes, tuple[int, ...]] = Memo(_MOST_NUMBERS)
        # Frames of roles that a rule has counted, kept for its next request.
        self.frames: dict[tuple[int, bool], tuple[dict[str, int], dict[str, int]]] = {}

    def count(self, text: str) -> int:
        """Count `text`, special tokens as ordinary text."""
        tokens = value_of_text(self.known, text, self.key)
        if tokens is None:
            tokens = int(self.encoding.count(text))
            self.keep_one(text_digest(text, self.key), tokens)
        return tokens

    def count_all(self, texts: Sequence[str]) -> list[int]:
        """Count each of `texts`, the unknown ones in one native call."""
        digests = text_digests(texts, self.key)
        counts: list[Any] = list(map(self.known.get, digests))
        if None not in counts:
            return counts
        rows = zip(digests, texts, counts, strict=True)
        unknown = {digest: text for digest, text, count in rows if count is None}
        # Not `count_batch`, which loads NumPy: that takes longer than counting a long chat.
        engine = self.encoding.engine
        numbers = memoryview(engine.count_batch(list(unknown.values()), checked_threads(None)))
        new = dict(zip(unknown, numbers.tolist(), strict=True))
        self.keep(new.items())
        found = zip(digests, counts, strict=True)
        return [new[digest] if count is None else count for digest, count in found]

    def numbers_of(self, text: str, find: Callable[[str], tuple[int, ...]]) -> tuple[int, ...]:
        """Give the few numbers that `find`, always the same function, finds in a text.

        Another text is not looked at again while its numbers are remembered.
        """
        digest = text_digest(text, self.key)
        numbers = self._numbers.known.get(digest)
        if numbers is None:
            numbers = find(text)
            self._numbers.keep([(digest, numbers)])
        return numbers

    def key_of_made(self, make: Make, number: int) -> bytes:
        """Give the key of the digests under which `count_made` remembers, by its arguments."""
        kind = make, number
        key = self._keys_of_made.get(kind)
        return key or self._keys_of_made.setdefault(kind, os.urandom(16))

    def count_made(self, make: Make, *sources: str) -> int:
        """Count the text that `make`, a function of a module, makes of `sources`.

        Neither is made again while the count is remembered.
        """
        key = self.key_of_made(make, len(sources))
        source = sources[0] if len(sources) == 1 else joined(*sources)
        tokens = value_of_text(self.known, source, key)
        if tokens is None:
            tokens = int(self.encoding.count(make(*sources)))
            self.keep_one(text_digest(source, key), tokens)
        return tokens


def joined(*sources: str) -> str:
    """Join texts so that no others give the same.

    >>> joined("a", "bc"), joined("ab", "c")
    ('1,2:abc', '2,1:abc')
    """
    return ",".join(str(len(source)) for source in sources) + ":" + "".join(sources)


_counts: dict[str, TextCounts] = {}


def counts_for(encoding_name: str) -> TextCounts:
    """Give the shared counts of an encoding, by its name."""
    encoding = get_encoding(encoding_name)
    counts = _counts.get(encoding_name)
    if counts is None or counts.encoding is not encoding:  # a user's own may be replaced
        counts = _counts[encoding_name] = TextCounts(encoding)
    return counts
