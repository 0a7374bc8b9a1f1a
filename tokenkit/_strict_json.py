"""JSON that means one thing: requests, and what others say that they used."""

from __future__ import annotations

import json
from typing import Any

from tokenkit._checks import NO_NUMBER, TWICE, shown

__all__ = ["strict_decoder", "strict_json"]


def strict_json(text: str | bytes) -> Any:
    """Read JSON without the constants NaN and Infinity, and without a key twice in one object.

    Raises what `json.loads` raises, with ValueError for these; `json_fault` says what is wrong.

    >>> strict_json('{"model": "gpt-4o", "model": "gpt-4"}')
    Traceback (most recent call last):
        ...
    ValueError: expected each key of an object once, got 'model' twice
    """
    if not isinstance(text, str):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    return _DECODER.decode(text)


def strict_decoder() -> json.JSONDecoder:
    """Make a decoder that reads JSON as `strict_json` does."""
    return json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_with_keys_once)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{NO_NUMBER}{name}")


def _with_keys_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"{TWICE}{shown(key)} twice")
            seen.add(key)
    return fields


_DECODER = strict_decoder()
