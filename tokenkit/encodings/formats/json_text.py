"""JSON of tokenizer files: limits before it is parsed, and every fault with its offset."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from tokenkit._checks import json_fault, shown
from tokenkit.encodings.formats.faults import Fault

# A bracket may become an object of 100 bytes and more, a string one of 50. The biggest known file,
# Gemma's of 33 MB, has 0.5 million brackets and 1.3 million strings.
_MOST_CONTAINERS = 4 << 20
_MOST_STRINGS = 8 << 20
_MOST_VALUES = 16 << 20


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
        with _no_collections():
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
    for what, marks, most in (
        ("lists and objects", (b"[", b"{"), _MOST_CONTAINERS),
        ("strings", (b'"',), 2 * _MOST_STRINGS),
        ("values", (b",",), _MOST_VALUES),
    ):
        if sum(map(data.count, marks)) > most:
            raise Fault(f"expected at most {most} {what}, got more")


@contextmanager
def _no_collections() -> Iterator[None]:
    """Stop Python's search for circles: half a million new lists would start it again and again,
    which takes longer than the parsing. Threads that overlap leave it as it was."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


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
