"""Damage for inputs: of bytes, and of JSON values."""

from __future__ import annotations

import copy
import random
from typing import Any

__all__ = ["TEXTS", "damaged_bytes", "damaged_json", "hostile", "random_text", "unknown_key"]

# Characters and texts that were once read wrongly by somebody.
TEXTS = (
    "",
    "a",
    "hello world",
    " \t\r\n",
    "naïve café, 東京 данные 한국어",
    "👩\u200d👩\u200d👧 🇩🇪",
    "a\u0301\u0301",
    "\x00\x07\x1b[31m",
    "\u202e\u2066\u200f",
    "\u2028\u2029\x85",
    "\ufeff\ufffd\uffff\U0010ffff",
    "\ud800 \udfff \ud83d\ude00",
    "</script><!--",
    "<|endoftext|><|im_start|>",
    "'\"\\{{data}}&lt;",
    "it's I'LL 1234567",
    "a" * 300,
    "../../etc/passwd",
    "=1+1",
    "NaN",
)


def random_text(rng: random.Random, most: int = 6) -> str:
    """Make a text of up to `most` parts: the texts above, and any code points."""
    parts = []
    for _ in range(rng.randint(0, most)):
        if rng.random() < 0.3:
            parts.append(chr(rng.choice((rng.randrange(0x110000), rng.randrange(0x250)))))
        else:
            parts.append(rng.choice(TEXTS))
    return rng.choice(("", " ", "\n")).join(parts)


def unknown_key(rng: random.Random) -> str:
    """Make a key that no shape has."""
    return f"x_{rng.randrange(10**6)}_" + rng.choice(("", "é", " ", "\x1b[31m", "\u202e", "'", "."))


def hostile(rng: random.Random) -> Any:
    """Make a JSON value that does not belong anywhere."""
    nested: Any = rng.choice((0, "x", None))
    for _ in range(rng.choice((1, 3, 60))):
        nested = [nested] if rng.random() < 0.5 else {"type": nested}
    return rng.choice(
        (
            None,
            True,
            False,
            0,
            -1,
            1,
            2**63,
            -(2**64),
            10**30,
            0.5,
            -0.0,
            1e308,
            5e-324,
            float("nan"),
            float("inf"),
            "",
            "1",
            "\ud800",
            random_text(rng),
            [],
            {},
            [[]],
            [None],
            {"": None},
            nested,
        )
    )


def damaged_bytes(rng: random.Random, data: bytes) -> bytes:
    """Damage some bytes: changed, cut out, repeated, swapped, or the end missing."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5))):
        if not out:
            break
        at = rng.randrange(len(out))
        size = rng.choice((1, 1, 4, 8, rng.randint(1, len(out))))
        kind = rng.randrange(7)
        if kind == 0:
            out[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            out[at] = rng.randrange(256)
        elif kind == 2:
            del out[at:]
        elif kind == 3:
            del out[at : at + size]
        elif kind == 4:
            out[at:at] = out[at : at + min(size, 64)]
        elif kind == 5:
            number = rng.choice((0, 1, 2**31 - 1, 2**32 - 1, 2**31, 255, len(data)))
            out[at : at + 4] = number.to_bytes(4, "little")
        else:
            out[at:at] = rng.choice((b"\x00", b"\xff", b"\xed\xa0\x80", b"\r", b'"', b"[" * 50))
    return bytes(out)


def damaged_json(rng: random.Random, value: Any, times: int | None = None) -> Any:
    """Return a copy in which some values are replaced, left out, repeated or added."""
    root = [copy.deepcopy(value)]
    for _ in range(rng.choice((1, 1, 2, 4)) if times is None else times):
        inner = rng.choice(list(_containers(root)))
        _damage(rng, inner)
    return root[0] if root else None


def _containers(value: Any) -> Any:
    """The lists and objects in a value, itself first."""
    if isinstance(value, (list, dict)):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from _containers(item)


def _damage(rng: random.Random, inner: list[Any] | dict[str, Any]) -> None:
    if isinstance(inner, dict):
        known = list(inner)
        if not known or rng.random() < 0.2:
            inner[unknown_key(rng)] = hostile(rng)
            return
        key = rng.choice(known)
        kind = rng.randrange(5)
        if kind == 0:
            del inner[key]
        elif kind == 1:
            inner[random_text(rng, 1)] = inner.pop(key)
        elif kind == 2:
            inner[key] = [inner[key]]
        else:
            inner[key] = hostile(rng)
        return
    if not inner or rng.random() < 0.2:
        inner.insert(rng.randint(0, len(inner)), hostile(rng))
        return
    at = rng.randrange(len(inner))
    if rng.random() < 0.3:
        inner.append(copy.deepcopy(inner[at]))
    else:
        inner[at] = hostile(rng)
