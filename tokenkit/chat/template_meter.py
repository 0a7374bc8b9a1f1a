"""How much one rendering of a chat template may use: steps, characters, seconds.

Templates come with models from anywhere, so they are programs of strangers. Jinja's sandbox keeps
them from Python's insides; it does not keep them from running for ever or filling the memory. The
environment of `template_sandbox` reports here every pass of a loop, call, comparison and text that
is made, and the first one over a limit ends the rendering.

The limits grow with the chat: a template may look at each value of it many times.
"""

from __future__ import annotations

import time
from collections.abc import ItemsView, KeysView, Mapping, ValuesView
from contextvars import ContextVar
from typing import Any

__all__ = [
    "MOST_DEPTH",
    "MOST_SOURCE",
    "Meter",
    "TemplateLimit",
    "View",
    "current_meter",
    "running_meter",
]

MOST_SOURCE = 1 << 17  # characters of a template; the longest in use have 20,000
MOST_DEPTH = 100  # of lists and mappings in each other, and of filters
MOST_BITS = 4096  # of a number
MOST_STEPS, STEPS_PER_CHARACTER = 400_000, 100
MOST_TEXT, TEXT_PER_CHARACTER = 1 << 22, 4
MOST_MADE, MADE_PER_CHARACTER = 1 << 26, 64  # characters of all texts that are made
MOST_SECONDS, SECONDS_PER_CHARACTER = 10.0, 1e-5
# A step reads so many characters.
_READ = 256
_CLOCK_EVERY = 4096


class TemplateLimit(RuntimeError):
    """A template used more than it may."""


class View:
    """Base of what a template is given: its size as text is known. See `template_views`."""

    __slots__ = ()
    _size: int


class Meter:
    """Count what one rendering has used, and stop it at a limit. Not for several threads.

    `size` is that of the chat and its tools, in characters.
    """

    def __init__(self, size: int = 0) -> None:
        self.most_steps = MOST_STEPS + STEPS_PER_CHARACTER * size
        self.most_text = MOST_TEXT + TEXT_PER_CHARACTER * size
        self.most_made = MOST_MADE + MADE_PER_CHARACTER * size
        self.steps = 0
        self.made = 0
        self.depth = 0  # of what is asked for an item within each other
        self._next_look = _CLOCK_EVERY
        self.most_seconds = MOST_SECONDS + SECONDS_PER_CHARACTER * size
        self._deadline = time.monotonic() + self.most_seconds
        self.dated = False  # whether the template asked for the date
        # The part of the request whose loop is running, and those around it.
        self.owner: object = None
        self.owners: list[object] = []

    def step(self, number: int = 1) -> None:
        """Note work of so many steps."""
        self.steps += number
        if self.steps > self.most_steps:
            raise TemplateLimit(f"it takes more than {self.most_steps:,} steps")
        if self.steps >= self._next_look:
            self._next_look = self.steps + _CLOCK_EVERY
            if time.monotonic() > self._deadline:
                raise TemplateLimit(f"it takes more than {self.most_seconds:.0f} seconds")

    def expect(self, size: int) -> None:
        """Refuse to make a text, or a list, of more than `most_text` characters, or items."""
        if size > self.most_text:
            raise TemplateLimit(f"it makes a text of more than {self.most_text:,} characters")

    def took(self, value: Any) -> Any:
        """Note a value that was made, and give it back."""
        kind = type(value)
        if kind is int:
            if value.bit_length() > MOST_BITS:
                raise TemplateLimit(f"it makes a number of more than {MOST_BITS} bits")
        elif kind is str or isinstance(value, (str, bytes)):
            self.write(len(value))
        elif isinstance(value, (list, tuple, dict)):
            self.write(8 * len(value))
        return value

    def write(self, size: int) -> None:
        """Note a text of so many characters that was made."""
        self.expect(size)
        self.made += size
        self.step(1 + size // _READ)
        if self.made > self.most_made:
            raise TemplateLimit(f"its texts have more than {self.most_made:,} characters together")

    def read(self, value: Any) -> int:
        """Note that a value is read to its end; give the characters that it has as text."""
        kind = type(value)
        if kind is str or isinstance(value, str):
            size = len(value)
        elif value is None or kind is bool or kind is int or kind is float:
            size = 8
        else:
            size = self._deep(value)
        self.step(1 + size // _READ)
        return size

    def _deep(self, value: Any) -> int:
        """Measure what holds others, each as often as it stands there."""
        if isinstance(value, View):
            return value._size
        size = 0
        level: list[Any] = [value]
        for _ in range(MOST_DEPTH):
            inner: list[Any] = []
            for item in level:
                if isinstance(item, View):
                    size += item._size
                elif isinstance(item, Mapping):
                    inner += item.keys()
                    inner += item.values()
                elif isinstance(item, (list, tuple, KeysView, ItemsView, ValuesView)):
                    inner += item
                elif isinstance(item, str):
                    size += len(item)
                elif isinstance(item, range):
                    size += 8 * len(item)
                else:
                    size += 8
                    if type(item).__name__ == "Namespace":  # Jinja writes it with its items
                        inner.append(getattr(item, "_Namespace__attrs", None))
                self.expect(size + len(inner))
            if not inner:
                return size
            self.step(len(inner))
            level = inner
        raise TemplateLimit(f"it makes lists more than {MOST_DEPTH} deep")


# The meter of the rendering that runs here; None while a template is compiled.
current_meter: ContextVar[Meter | None] = ContextVar("current_meter", default=None)


def running_meter() -> Meter:
    """Give the meter of this rendering. Raises TemplateLimit while a template is compiled.

    Jinja works out ahead what is constant, and leaves what raises to each rendering.
    """
    meter = current_meter.get()
    if meter is None:
        raise TemplateLimit("it is being compiled")
    return meter
