"""The half of an encoding that measures text: counts, truncation, spans, streams."""

from __future__ import annotations

import sys

from tokenkit._checks import check_choice, check_items, check_str, check_tokens, checked_threads
from tokenkit._core import quick_count, quick_within
from tokenkit._face import later
from tokenkit.encodings.arrow import ArrowArray, ArrowCounts, arrow_texts_if_any
from tokenkit.encodings.columns import Columns
from tokenkit.encodings.engine import engine_for
from tokenkit.encodings.ragged import Ragged
from tokenkit.encodings.special import SpecialPolicy
from tokenkit.encodings.stream import TokenCounter
from tokenkit.encodings.text import SourceOffsets, Text, without_nulls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Literal

    import numpy as np
    import numpy.typing as npt

    from tokenkit.encodings.engine import Engine
else:
    later(globals(), Literal="typing:Literal", np="numpy", npt="numpy.typing")
    later(globals(), Collection="collections.abc:Collection", Iterable="collections.abc:Iterable")
    later(globals(), Sequence="collections.abc:Sequence")

_UNITS = {"char": 0, "byte": 1, "utf16": 2}


class Measures(Columns):
    """Counts, truncates and places tokens: methods that tiktoken's lacks. Base of `Encoding`."""

    def _set_up(self, pat_str: str, family: int) -> None:
        self._pat_str = pat_str
        self._serve(engine_for(self._core, family, pat_str, self._special_tokens))

    def _serve(self, engine: Engine) -> None:
        """Let an engine scan the texts."""
        self.engine = engine
        self._policy = SpecialPolicy(engine, self._special_tokens)
        # Bound once: looking these up would take as long as encoding a short text.
        self._encode = engine.encode
        self._count = engine.count
        self._admit = self._policy.admit
        self._send_short(engine.core_of_short)

    @quick_count
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
        checked = without_nulls(check_items("texts", texts, "texts"), null == "zero")
        counts = self.engine.count_batch(checked, threads)
        return np.frombuffer(memoryview(counts), dtype=np.int64)

    @quick_within
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
        from tokenkit.encodings.truncation import truncate_settings

        check_str("text", text)
        settings = truncate_settings(self.engine, max_tokens, keep, marker, unit)
        return self.engine.truncate(text, settings)

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
            ids, offsets = self.engine.encode_ragged(rows, threads)
        else:
            ids, offsets = self.engine.encode_batch(
                check_items("texts", texts, "texts"), None, threads
            )
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
