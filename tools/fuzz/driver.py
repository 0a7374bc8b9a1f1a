"""One fuzz driver: what it promises, and how it tries one input."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["BrokenPromise", "Driver", "expect"]

# Tries one input made by the generator, in a folder of its own that is kept between inputs. Any
# exception that leaves it is a fault.
Attempt = Callable[[random.Random, Path], None]


class BrokenPromise(AssertionError):
    """An input for which the code does not do what it promises; the message shows the input."""


def expect(holds: object, what: str, *shown: object) -> None:
    """Raise BrokenPromise unless the condition holds; `shown` is what to print of the input."""
    if not holds:
        parts = [text if len(text) < 2000 else f"{text[:2000]}..." for text in map(repr, shown)]
        raise BrokenPromise("\n  ".join([what, *parts]))


@dataclass(frozen=True)
class Driver:
    """A fuzz driver: `attempt` makes an input, and checks that the promise holds for it."""

    name: str
    promise: str
    attempt: Attempt
