"""JSON of tokenizer files: limits before it is parsed, and every fault with its offset."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import numpy as np

from tokenkit._checks import json_fault, shown
from tokenkit.encodings.formats.faults import Fault

# A bracket may become an object of 100 bytes and more, a string one of 50. The biggest known file,
# Gemma's of 33 MB, has 0.5 million brackets and 1.3 million strings.
_MOST_CONTAINERS = 4 << 20
_MOST_STRINGS = 8 << 20
_MOST_VALUES = 16 << 20
_PART = 1 << 18  # bytes that fit into a processor's cache


def parsed(data: bytes, *, where: str = "") -> Any:
    """Parse JSON in UTF-8, as strict as serde_json: no NaN, and each key of an object once.

    Lone surrogates are faults, too. `where` is the file, if it is not the one that was asked for.

    >>> parsed(b'{"a": [1]}')
    {'a': [1]}
    """
    prefix = f"{where}: " if where else ""
    try:
        _check_amounts(data)
        text = data.decode()
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
        if b"\\ud" in data or b"\\uD" in data:
            json.dumps(value, ensure_ascii=False).encode()
    except Fault as error:
        raise Fault(f"{prefix}{error}") from None
    except UnicodeDecodeError as error:
        raise Fault(f"{prefix}expected UTF-8, got the byte {error.start}: {error.reason}") from None
    except UnicodeEncodeError:
        raise Fault(f"{prefix}expected text, got a lone surrogate such as \\ud800") from None
    except (ValueError, RecursionError) as error:
        got = json_fault(error)
        if isinstance(error, json.JSONDecodeError):
            got = f"a fault at line {error.lineno}, column {error.colno}: {got}"
        raise Fault(f"{prefix}expected JSON, got {got}") from None
    return value


def _check_amounts(data: bytes) -> None:
    if len(data) <= min(_MOST_CONTAINERS, _MOST_STRINGS, _MOST_VALUES):
        return
    for what, marks, most in (
        ("lists and objects", b"[{", _MOST_CONTAINERS),
        ("strings", b'"', 2 * _MOST_STRINGS),
        ("values", b",", _MOST_VALUES),
    ):
        if sum(_count(data, mark) for mark in marks) > most:
            raise Fault(f"expected at most {most} {what}, got more")


def _count(data: bytes, byte: int) -> int:
    """Count a byte that is frequent, which `data.count` is slow for."""
    values = np.frombuffer(data, np.uint8)
    parts = (values[start : start + _PART] for start in range(0, len(values), _PART))
    return sum(int(np.count_nonzero(part == byte)) for part in parts)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        seen = set()
        for key, _ in pairs:
            if key in seen:
                raise Fault(f"expected each key of an object once, got {shown(key)} twice")
            seen.add(key)
    return out


def _refuse_constant(name: str) -> NoReturn:
    raise Fault(f"expected a number, got {name}")
