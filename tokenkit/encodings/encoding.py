"""`Encoding`: a named vocabulary with its pattern and its special tokens.

Members that tiktoken's Encoding has keep its names, signatures and results (release 0.14.0).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Sequence, Set as AbstractSet

from tokenkit._checks import check_choice, check_str, check_tokens, checked_threads
from tokenkit._core import Core, build_image
from tokenkit._face import later, public
from tokenkit.encodings.arrow import (
    ArrowArray,
    ArrowCounts,
    arrow_texts,
    arrow_texts_if_any,
    pandas_index,
)
from tokenkit.encodings.engine import engine_for
from tokenkit.encodings.patterns import family_of
from tokenkit.encodings.ragged import Ragged
from tokenkit.encodings.special import NOTHING, SpecialPolicy
from tokenkit.encodings.stream import TokenCounter
from tokenkit.encodings.text import SourceOffsets, Text, repaired, without_nulls
from tokenkit.encodings.vocabulary import Vocabulary
from tokenkit.errors import VocabularyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    import numpy as np
    import numpy.typing as npt
    from typing_extensions import Buffer

    from tokenkit.encodings.engine import Engine
else:
    later(globals(), Literal="typing:Literal", np="numpy", npt="numpy.typing")

_UNITS = {"char": 0, "byte": 1, "utf16": 2}


@public
class Encoding(Vocabulary):
    """A named vocabulary, with the pattern that splits text into pieces and its special tokens.

    Immutable once made; threads may share it, and methods that scan text release the GIL.
    `get_encoding` gives the bundled ones. `engine` is for the package's own folders.

    >>> import tokenkit
    >>> enc = tokenkit.get_encoding("o200k_base")
    >>> enc.name, enc.n_vocab, enc.decode(enc.encode("hello world"))
    ('o200k_base', 200019, 'hello world')
    """

    def __init__(
        self,
        name: str,
        *,
        pat_str: str,
        mergeable_ranks: dict[bytes, int],
        special_tokens: dict[str, int],
        explicit_n_vocab: int | None = None,
    ):
        """Make an encoding of your own.

        `pat_str`, a regular expression, splits text into pieces; text that it does not match is
        dropped. `mergeable_ranks` are the ids of tokens; lower ids are merged first.
        `explicit_n_vocab`, if given, must be the number of tokens of both kinds, without gaps.

        Raises VocabularyError on unusable ranks, ValueError on a bad pattern or special token.

        >>> ranks = {bytes([i]): i for i in range(256)} | {b"ab": 256}
        >>> enc = Encoding("ab", pat_str=r"\\w+|\\W+", mergeable_ranks=ranks, special_tokens={})
        >>> enc.encode("abba")
        [256, 98, 97]
        """
        for token in special_tokens:
            check_str("special_tokens", token)
            if not token:
                raise ValueError("special_tokens: expected non-empty strings, got ''")
        try:
            image = build_image(list(mergeable_ranks.items()))
        except ValueError as error:
            raise VocabularyError(f"encoding {name!r}: {error}") from None
        family = family_of(pat_str, mergeable_ranks)
        core = Core(image, family, special_tokens)
        super().__init__(name, core, special_tokens, mergeable_ranks)
        self._loader: Callable[[str], Encoding] | None = None
        self._set_up(pat_str, family)
        if explicit_n_vocab:
            size = len(mergeable_ranks) + len(special_tokens)
            if not size == self.n_vocab == explicit_n_vocab:
                raise VocabularyError(
                    f"encoding {name!r}: expected explicit_n_vocab={explicit_n_vocab} tokens, no "
                    f"gaps, got {size} and the highest id {self.max_token_value}"
                )

    @classmethod
    def _from_image(
        cls,
        name: str,
        pat_str: str,
        image: Buffer,
        family: int,
        special_tokens: dict[str, int],
        loader: Callable[[str], Encoding],
    ) -> Encoding:
        """Make an encoding of a ready vocabulary image; `loader(name)` gives it again."""
        self = cls.__new__(cls)
        core = Core(image, family, special_tokens)
        Vocabulary.__init__(self, name, core, special_tokens, None)
        self._loader = loader
        self._set_up(pat_str, family)
        return self

    def _set_up(self, pat_str: str, family: int) -> None:
        self._pat_str = pat_str
        self.engine: Engine = engine_for(self._core, family, pat_str, self._special_tokens)
        self._policy = SpecialPolicy(self.engine, self._special_tokens)
        # Bound once: looking these up would take as long as encoding a short text.
        self._encode = self.engine.encode
        self._count = self.engine.count
        self._admit = self._policy.admit

    def __repr__(self) -> str:
        return f"<Encoding {self.name!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # Bundled encodings are pickled by name, others by value.
        if self._loader is not None:
            return self._loader, (self.name,)
        state: dict[str, Any] = {
            "name": self.name,
            "pat_str": self._pat_str,
            "mergeable_ranks": self._mergeable_ranks,
            "special_tokens": self._special_tokens,
        }
        from functools import partial

        return partial(type(self), **state), ()

    # Encoding

    def encode_ordinary(self, text: str) -> list[int]:
        """Encode a text; special tokens are ordinary text. Raises TypeError unless text is str.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").encode_ordinary("hello world")
        [24912, 2375]
        """
        if not isinstance(text, str):
            check_str("text", text)
        return self._encode(text, None)

    def encode(
        self,
        text: str,
        *,
        allowed_special: Literal["all"] | AbstractSet[str] = NOTHING,
        disallowed_special: Literal["all"] | Collection[str] = "all",
    ) -> list[int]:
        """Encode a text: return its ids.

        Special tokens in `allowed_special` become their ids. Those in `disallowed_special` ("all":
        all that are not allowed) raise SpecialTokenError, a ValueError, so that text from outside
        cannot smuggle them in; with `disallowed_special=()` they are ordinary text. Raises
        TypeError unless text is str and the others are "all" or sets of str.

        >>> import tokenkit
        >>> enc = tokenkit.get_encoding("o200k_base")
        >>> enc.encode("hello<|endoftext|>", allowed_special={"<|endoftext|>"})
        [24912, 199999]
        """
        if not isinstance(text, str):
            check_str("text", text)
        return self._encode(text, self._admit(text, allowed_special, disallowed_special))

    if TYPE_CHECKING:

        def encode_to_numpy(
            self,
            text: Text,
            *,
            allowed_special: Literal["all"] | AbstractSet[str] = NOTHING,
            disallowed_special: Literal["all"] | Collection[str] = "all",
        ) -> npt.NDArray[np.uint32]: ...

    else:
        # At run time the annotation is tiktoken's, as code may compare signatures.
        def encode_to_numpy(
            self,
            text: str,
            *,
            allowed_special: Literal["all"] | AbstractSet[str] = NOTHING,
            disallowed_special: Literal["all"] | Collection[str] = "all",
        ) -> npt.NDArray[np.uint32]:
            """Encode a text, as `encode` does, to a read-only uint32 array.

            Text may also be bytes or a buffer that holds UTF-8.

            >>> import tokenkit
            >>> tokenkit.get_encoding("o200k_base").encode_to_numpy("hello world").tolist()
            [24912, 2375]
            """
            import numpy as np

            allowed = self._admit(text, allowed_special, disallowed_special)
            ids = self.engine.encode_buffer(text, allowed)
            return np.frombuffer(memoryview(ids), dtype=np.uint32)

    def encode_ordinary_batch(self, text: list[str], *, num_threads: int = 8) -> list[list[int]]:
        """Encode each text as `encode_ordinary` does, on threads.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").encode_ordinary_batch(["hello world", "hi"])
        [[24912, 2375], [3686]]
        """
        texts = list(text)
        for item in texts:
            check_str("text", item)
        return self._batch(texts, None, num_threads)

    def encode_batch(
        self,
        text: list[str],
        *,
        num_threads: int = 8,
        allowed_special: Literal["all"] | AbstractSet[str] = NOTHING,
        disallowed_special: Literal["all"] | Collection[str] = "all",
    ) -> list[list[int]]:
        """Encode each text as `encode` does, on threads.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").encode_batch(["hello world", "hi"])
        [[24912, 2375], [3686]]
        """
        texts = list(text)
        allowed = self._policy.admit_all(texts, allowed_special, disallowed_special)
        return self._batch(texts, allowed, num_threads)

    def _batch(self, texts: list[str], allowed: Any, num_threads: int) -> list[list[int]]:
        from itertools import pairwise

        ids, offsets = self.engine.encode_batch(texts, allowed, checked_threads(num_threads))
        all_ids = ids.tolist()
        return [all_ids[start:end] for start, end in pairwise(offsets.tolist())]

    def encode_with_unstable(
        self,
        text: str,
        *,
        allowed_special: Literal["all"] | AbstractSet[str] = NOTHING,
        disallowed_special: Literal["all"] | Collection[str] = "all",
    ) -> tuple[list[int], list[list[int]]]:
        """Encode the start of a text: ids that stay whatever follows, and what may come after them.

        The second is a list of all sequences of ids that may cover the rest of this text. Raises as
        `encode` does.

        >>> import tokenkit
        >>> stable, completions = tokenkit.get_encoding("gpt2").encode_with_unstable("hello fan")
        >>> stable, [4336] in completions
        ([31373], True)
        """
        from tokenkit.encodings.unstable import encode_with_unstable

        check_str("text", text)
        self._admit(text, allowed_special, disallowed_special)
        names = self._special_tokens if allowed_special == "all" else allowed_special
        known = {name for name in names if name in self._special_tokens}
        return encode_with_unstable(
            self._core, self.engine, repaired(text), known, self.token_byte_values()
        )

    # Counting, and what else tiktoken does not have

    def count(self, text: Text, *, allowed_special: Literal["all"] | Collection[str] = ()) -> int:
        """Count the tokens of a text, without making the ids.

        Text is str, or bytes or a buffer that holds UTF-8. Special tokens are ordinary text unless
        allowed. Raises TypeError, and ValueError with the byte offset if bytes are not UTF-8.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").count("hello world")
        2
        """
        if allowed_special:
            return self._count(text, self._policy.allow(allowed_special))
        return self._count(text, None)

    def count_batch(
        self,
        texts: Iterable[Text] | ArrowArray,
        *,
        null: Literal["raise", "zero"] = "raise",
        num_threads: int | None = None,
    ) -> npt.NDArray[np.int64]:
        """Count each text as `count` does, on threads (by default one per processor).

        Big texts are counted in parts by several threads. An Arrow array is read without making a
        str of each row. A null (None, NaN, pandas.NA or that of an Arrow array) raises, or with
        null="zero" has 0 tokens; `count_arrow` keeps nulls. Raises TypeError and ValueError that
        name the index of the text.

        >>> import tokenkit
        >>> enc = tokenkit.get_encoding("o200k_base")
        >>> enc.count_batch(["hello world", "", b"hi"]).tolist()
        [2, 0, 1]
        >>> enc.count_batch(["hello world", None], null="zero").tolist()
        [2, 0]
        """
        import numpy as np

        check_choice("null", null, ("raise", "zero"))
        threads = checked_threads(num_threads)
        if (rows := arrow_texts_if_any(texts)) is not None:
            counted = ArrowCounts(self.engine.count_arrow(rows, threads))
            return counted.to_numpy(null=0 if null == "zero" else None)
        checked = without_nulls(_texts(texts), null == "zero")
        counts = self.engine.count_batch(checked, threads)
        return np.frombuffer(memoryview(counts), dtype=np.int64)

    def count_arrow(self, array: ArrowArray, *, num_threads: int | None = None) -> ArrowCounts:
        """Count each row of an Arrow array of strings, without making a str of each.

        Takes any object with `__arrow_c_array__` or `__arrow_c_stream__` (arrays, chunked arrays
        and streams of pyarrow, Polars, pandas and others) of type string, large_string,
        string_view, their binary twins holding UTF-8, or a dictionary of these. Gives an Arrow
        array of int64, null where the row is null. On threads, by default one per processor.

        Raises TypeError for other types, and ValueError with row and byte if a row is not UTF-8.

        >>> import tokenkit
        >>> import pyarrow
        >>> enc = tokenkit.get_encoding("o200k_base")
        >>> enc.count_arrow(pyarrow.array(["hello world", None, ""])).to_pylist()
        [2, None, 0]
        """
        counts = self.engine.count_arrow(arrow_texts(array), checked_threads(num_threads))
        return ArrowCounts(counts, pandas_index(array))

    def within(self, text: Text, limit: int) -> int | None:
        """Count the tokens of a text if they are at most `limit`; else return None.

        Stops reading as soon as the limit is passed. Special tokens are ordinary text. Raises as
        `count` does, and TypeError unless the limit is a whole number.

        >>> import tokenkit
        >>> enc = tokenkit.get_encoding("o200k_base")
        >>> enc.within("hello world", 2), enc.within("hello world", 1)
        (2, None)
        """
        if type(limit) is not int:
            limit = check_tokens("limit", limit, None)
        if limit < 0:
            return None
        return self.engine.within(text, min(limit, sys.maxsize))

    def truncate(
        self,
        text: str,
        max_tokens: int,
        *,
        keep: Literal["head", "tail", "ends"] = "head",
        marker: str = "",
        unit: Literal["grapheme", "char"] = "grapheme",
    ) -> str:
        """Truncate a text to at most `max_tokens` tokens: to its head, its tail, or both ends.

        The result consists of slices of the text, with `marker` where text was taken out; its count
        is checked. Slices end between grapheme clusters of Unicode 18.0 (UAX #29), what a reader
        takes for one character: no flag or joined emoji is split, unless nothing else would be left
        as it alone is over the limit. With `unit="char"` they end between characters. Text that
        fits is returned as it is. Raises ValueError if `max_tokens` is negative or the marker alone
        has more tokens, and TypeError.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").truncate("one two three four", 3, marker=" ...")
        'one two ...'
        """
        from tokenkit.encodings.truncation import truncate

        return truncate(self.engine, text, max_tokens, keep, marker, unit)

    def encode_ragged(
        self, texts: Iterable[Text] | ArrowArray, *, num_threads: int | None = None
    ) -> Ragged:
        """Encode all texts into one array, on threads; special tokens are ordinary text.

        Takes and raises what `count_batch` does.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").encode_ragged(["hello world", "hi"]).ids.tolist()
        [24912, 2375, 3686]
        """
        import numpy as np

        threads = checked_threads(num_threads)
        if (rows := arrow_texts_if_any(texts)) is not None:
            ids, offsets = self.engine.encode_arrow(rows, threads)
        else:
            ids, offsets = self.engine.encode_batch(_texts(texts), None, threads)
        return Ragged(
            np.frombuffer(memoryview(ids), np.uint32), np.frombuffer(memoryview(offsets), np.int64)
        )

    def token_spans(
        self, text: Text, *, unit: Literal["char", "byte", "utf16"] = "char"
    ) -> npt.NDArray[np.int64]:
        """Find where each token is in text: one row (start, end) per token.

        In characters, UTF-8 bytes or UTF-16 units. A token that holds part of a character has the
        whole character in its span, except in bytes. Special tokens are ordinary text.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").token_spans("hello world").tolist()
        [[0, 5], [5, 11]]
        """
        import numpy as np

        check_choice("unit", unit, _UNITS)
        ids = self.engine.encode_buffer(text, None)
        rows = memoryview(self.engine.token_spans(text, ids, _UNITS[unit]))
        spans = np.frombuffer(rows, np.int64).reshape(-1, 2)
        if unit == "char" and isinstance(text, str):
            return SourceOffsets(text).of_array(spans)
        return spans

    def counter(self) -> TokenCounter:
        """Make a counter of a text that comes in parts: `.update(part)`, `.total`, `.copy()`.

        Parts are str or UTF-8 bytes, not mixed, split anywhere. Memory is bounded by the piece that
        is open; with a custom pattern all text is kept. Special tokens are ordinary text.

        >>> import tokenkit
        >>> counter = tokenkit.get_encoding("o200k_base").counter()
        >>> for part in ("hel", "lo wor", "ld"):
        ...     counter.update(part)
        >>> counter.total
        2
        """
        return TokenCounter(self.engine.counter())

    # Underscored members of tiktoken's that other packages lean on

    def _encode_only_native_bpe(self, text: str) -> list[int]:
        return self.encode_ordinary(text)

    def _encode_bytes(self, text: bytes) -> list[int]:
        """Encode bytes that need not be UTF-8."""
        from tokenkit.encodings.unstable import encode_bytes

        if not isinstance(text, bytes):
            raise TypeError(f"text: expected bytes, got {type(text).__name__}")
        return encode_bytes(self._core, self.engine, text)


def _texts(texts: Any) -> Sequence[Text]:
    if isinstance(texts, str | bytes | bytearray | memoryview):
        raise TypeError(f"texts: expected a sequence of texts, got one {type(texts).__name__}")
    return texts if isinstance(texts, list | tuple) else list(texts)
