"""Text on its way in: surrogates, UTF-8, and indexes into a str that holds surrogate pairs.

A Python str may hold surrogates, which UTF-8 cannot. Everywhere in the package a valid pair of
them is read as the character that it stands for, and a lone one as U+FFFD.
"""

from __future__ import annotations

from tokenkit._checks import check_items, check_str
from tokenkit._core import are_str, are_texts, check_text, has_surrogates as has_surrogates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, TypeAlias

    import numpy as np
    import numpy.typing as npt
    from typing_extensions import Buffer

    Text: TypeAlias = str | Buffer
    """A str, or bytes or another buffer that holds UTF-8."""
else:
    Text = str | bytes | bytearray | memoryview  # Python has no name for all buffers before 3.12


def all_str(texts: Iterable[str]) -> list[str]:
    """List the texts. Raises TypeError unless all of them are str.

    One str is an iterable of its characters here, as tiktoken has it.
    """
    listed = list(texts if isinstance(texts, str) else check_items("texts", texts, "texts"))
    if not are_str(listed):
        for text in listed:
            check_str("text", text)  # a subclass will do
    return listed


def repaired(text: str) -> str:
    """Join surrogate pairs and replace lone surrogates; a text without any is returned as it is.

    >>> repaired("\\ud83d\\ude00 \\ud83d") == "\\U0001f600 \\ufffd"
    True
    """
    if not has_surrogates(text):
        return text
    return str.encode(text, "utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def utf8(text: str) -> bytes:
    """Encode repaired text as UTF-8."""
    return str.encode(repaired(text))


def width(text: str, unit: int) -> int:
    """Measure repaired text in characters (0), bytes of UTF-8 (1) or units of UTF-16 (2)."""
    if unit == 0:
        return len(text)
    return len(text.encode()) if unit == 1 else len(text.encode("utf-16-le")) // 2


def as_str(text: Text) -> str:
    """Make a repaired str of a text. Raises TypeError and, with the byte offset, ValueError."""
    if isinstance(text, str):
        return repaired(text)
    check_text(text)
    try:
        return bytes(memoryview(text)).decode()
    except UnicodeDecodeError as error:
        raise invalid_utf8(error.start) from None


def invalid_utf8(byte: int) -> ValueError:
    """Make the error for bytes that are not UTF-8 from this offset on."""
    return ValueError(f"invalid UTF-8 at byte {byte}")


class SourceOffsets:
    """Indexes of a text by those of the repaired text, where a surrogate pair is one character.

    False where both are the same. `pairless` says that they are: looking for pairs takes a while.

    >>> offsets = SourceOffsets("\\ud83d\\ude00!")
    >>> offsets[0], offsets[1], bool(offsets)
    (0, 2, True)
    """

    __slots__ = ("_pairs",)

    def __init__(self, text: str, *, pairless: bool = False) -> None:
        self._pairs = [] if pairless else joined_pairs(text)

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def __getitem__(self, index: int) -> int:
        from bisect import bisect_left

        return index + bisect_left(self._pairs, index) if self._pairs else index

    def of_array(self, indexes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Turn an array of indexes, of any shape; the same array if there are no pairs."""
        import numpy as np

        return indexes + np.searchsorted(self._pairs, indexes) if self._pairs else indexes


def joined_pairs(text: str) -> list[int]:
    """List the indexes, in repaired text, of what are surrogate pairs in the text."""
    if not has_surrogates(text):
        return []
    import re

    pairs = re.finditer("[\ud800-\udbff][\udc00-\udfff]", text)
    return [match.start() - earlier for earlier, match in enumerate(pairs)]


def without_nulls(texts: Sequence[Any], as_empty: bool) -> Sequence[Text]:
    """Return the texts, with "" for each null, or raise TypeError that names the first.

    Nulls are None, NaN and pandas.NA.

    >>> without_nulls(["a", None, float("nan")], as_empty=True)
    ['a', '', '']
    """
    if are_texts(texts):
        return texts
    nulls = [index for index, text in enumerate(texts) if _is_null(text)]
    if nulls and not as_empty:
        got = type(texts[nulls[0]]).__name__
        raise TypeError(
            f'item {nulls[0]}: expected a text, got a null ({got}); null="zero" counts 0'
        )
    filled = list(texts)
    for index in nulls:
        filled[index] = ""
    return filled


def _is_null(text: object) -> bool:
    if isinstance(text, float):
        return text != text
    return text is None or type(text).__name__ == "NAType"
