"""Answers of the live page's server: tokens, counts and chunks, from texts alone.

Nothing here reads a file, opens a connection or takes a path.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tokenkit._vocabularies import PUBLISHED, at_hand
from tokenkit.chat import estimate_tokens
from tokenkit.chunking import Chunker
from tokenkit.encodings import Encoding, encoding_names, get_encoding
from tokenkit.models import get_model

__all__ = ["chunks_answer", "counts_answer", "tokens_answer", "usable_encodings"]

MOST_MODELS = 100
CHUNK_OPTIONS = frozenset(
    {"max_tokens", "overlap", "format", "strategy", "tightness", "min_tokens", "trim"}
)


def usable_encodings() -> list[str]:
    """List the encodings that can be loaded here, those of the newest models first.

    >>> usable_encodings()[0]
    'o200k_base'
    """
    names = [name for name in encoding_names() if name not in PUBLISHED or at_hand(name)]
    first = ["o200k_base", "cl100k_base", "o200k_harmony"]
    return first + [name for name in names if name not in first]


def tokens_answer(text: str, encoding: str, *, special: bool = False) -> bytes:
    """Encode a text: how many tokens, their ids, their spans in UTF-16 and in UTF-8.

    All are unsigned 32-bit numbers, little-endian: the number of tokens n, n ids, n pairs of UTF-16
    units, n pairs of bytes. The pairs are missing where the tokenizer changes the text, so that its
    tokens stand at no place in it. With `special`, special tokens become their ids. Raises
    UnknownEncodingError.

    >>> answer = tokens_answer("hello world", "o200k_base")
    >>> np.frombuffer(answer, "<u4").tolist()
    [2, 24912, 2375, 0, 5, 5, 11, 0, 5, 5, 11]
    """
    vocabulary = get_encoding(encoding)
    read = _with_special if special else _ordinary
    parts: tuple[npt.NDArray[Any], ...]
    try:
        ids, units, octets = read(text, vocabulary)
        parts = (np.array([len(ids)]), ids, units.ravel(), octets.ravel())
    except NotImplementedError:
        ids = np.array(vocabulary.encode(text, **_SPECIAL[special]), np.uint32)
        parts = (np.array([len(ids)]), ids)
    return b"".join(part.astype("<u4").tobytes() for part in parts)


Spans = npt.NDArray[np.int64]
_SPECIAL: dict[bool, dict[str, Any]] = {
    False: {"disallowed_special": ()},
    True: {"allowed_special": "all"},
}


def _ordinary(text: str, encoding: Encoding) -> tuple[npt.NDArray[Any], Spans, Spans]:
    ids = encoding.encode_to_numpy(text, disallowed_special=())
    return ids, encoding.token_spans(text, unit="utf16"), encoding.token_spans(text, unit="byte")


def _with_special(text: str, encoding: Encoding) -> tuple[npt.NDArray[Any], Spans, Spans]:
    """The same where special tokens count as such: what is between two of them stands alone."""
    ids = encoding.encode(text, allowed_special="all")
    data = text.encode()
    units: list[Spans] = [np.zeros((0, 2), np.int64)]
    octets: list[Spans] = [np.zeros((0, 2), np.int64)]
    unit = octet = begin = 0
    for index in range(len(ids) + 1):
        if index < len(ids) and not encoding.is_special_token(ids[index]):
            continue
        if index > begin:
            size = len(encoding.decode_bytes(ids[begin:index]))
            part = data[octet : octet + size].decode()
            units.append(encoding.token_spans(part, unit="utf16") + unit)
            octets.append(encoding.token_spans(part, unit="byte") + octet)
            unit, octet = unit + _units(part), octet + size
        if index < len(ids):
            # One id may have two names: the text says which it was.
            size = len(_name_at(data, octet, encoding))
            units.append(np.array([[unit, unit + _units(data[octet : octet + size].decode())]]))
            octets.append(np.array([[octet, octet + size]]))
            unit, octet = int(units[-1][0, 1]), octet + size
        begin = index + 1
    return np.array(ids, np.uint32), np.concatenate(units), np.concatenate(octets)


def _name_at(data: bytes, at: int, encoding: Encoding) -> bytes:
    names = (name.encode() for name in encoding.special_tokens_set)
    return max((name for name in names if data.startswith(name, at)), key=len)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def counts_answer(text: str, models: list[str]) -> dict[str, Any]:
    """Count a text for each model: exactly where its tokenizer is public, else with bounds.

    Raises UnknownModelError, and ValueError for more than 100 models.

    >>> counts_answer("hello world", ["gpt-4o"])
    {'gpt-4o': {'tokens': 2, 'low': 2, 'high': 2, 'exact': True, 'notes': []}}
    """
    if len(models) > MOST_MODELS:
        raise ValueError(f"models: expected at most {MOST_MODELS}, got {len(models)}")
    counted: dict[str, int] = {}
    answer = {}
    for name in models:
        model = get_model(name)
        notes: tuple[str, ...] = ()
        high: int | None
        if model.encoding is not None and model.encoding_exact:
            if model.encoding not in counted:
                counted[model.encoding] = get_encoding(model.encoding).count(text)
            tokens = counted[model.encoding]
            low, high, exact = tokens, tokens, True
        else:
            count = estimate_tokens(text, model)
            tokens, low, high, exact = count.tokens, count.low, count.high, count.exact
            notes = count.notes
        row = {"tokens": tokens, "low": low, "high": high, "exact": exact, "notes": list(notes)}
        answer[name] = row
    return answer


def chunks_answer(text: str, encoding: str, options: dict[str, Any]) -> dict[str, Any]:
    """Split a text: each chunk's place in UTF-16 units, tokens, overlap, boundary and headings.

    Raises UnknownEncodingError, and TypeError or ValueError for a wrong option.

    >>> chunks_answer("One. Two.", "o200k_base", {"max_tokens": 3})["chunks"][0]
    {'start': 0, 'end': 4, 'tokens': 2, 'overlap': 0, 'boundary': 'sentence', 'headings': []}
    """
    unknown = sorted(options.keys() - CHUNK_OPTIONS)
    if unknown:
        known = ", ".join(sorted(CHUNK_OPTIONS))
        raise ValueError(f"options: expected some of {known}, got {unknown[0]!r}")
    chunks = Chunker(encoding=get_encoding(encoding), **options).chunk(text)
    place = _unit_places(text)
    return {
        "chunks": [
            {
                "start": int(place[chunk.start]),
                "end": int(place[chunk.end]),
                "tokens": chunk.tokens,
                "overlap": chunk.overlap,
                "boundary": chunk.boundary,
                "headings": list(chunk.headings),
            }
            for chunk in chunks
        ]
    }


def _unit_places(text: str) -> npt.NDArray[np.int64]:
    """Where each character of a text begins, in UTF-16 units, and where the text ends."""
    wide = np.frombuffer(text.encode("utf-32-le"), "<u4") > 0xFFFF
    return np.concatenate([[0], np.cumsum(wide + 1)])
