"""`Usage`: what a request used, in our own words. Every foreign usage object is read into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from tokenkit._checks import check_whole
from tokenkit._face import public

__all__ = ["ITEMS", "QUANTITIES", "Image", "Items", "Number", "Usage"]

Number = int | float | Decimal
Image = str | tuple[int, int] | tuple[int, int, str]
Items = Mapping[str, int] | Iterable[tuple[str, int]]

# What is paid for one by one, by the name of its rate: calls of tools, prompts that a search
# grounded, pages read by OCR, units of a ranking, songs.
ITEMS = (
    "file_search",
    "x_search",
    "code_execution",
    "grounded_prompt",
    "maps_grounding",
    "search_unit",
    "page",
    "annotated_page",
    "song",
)

_AMOUNTS = (
    "audio_seconds",
    "active_seconds",
    "standby_seconds",
    "video_seconds",
    "training_hours",
)


@public
@dataclass(frozen=True, kw_only=True, repr=False)
class Usage:
    """The tokens and units that a request (or a training job) used: what `cost` prices.

    Tokens, unless the name says otherwise. Parts lie inside their wholes, as in OpenAI's usage
    objects: cached, cache write, audio input and image input tokens inside `input_tokens`;
    reasoning, audio output and image output tokens inside `output_tokens`;
    `cache_write_long_tokens` (the longer cache life) inside `cache_write_tokens`; cached audio and
    image tokens inside `cached_tokens` and their kind. A whole left at 0 is the sum of its audio
    and image parts.

    `images` lists pictures as (width, height), (width, height, detail or quality), "WIDTHxHEIGHT",
    "QUALITY/WIDTHxHEIGHT" or mappings with width, height, quality or detail, and count.
    `audio_seconds` is speech transcribed or made by a model priced per minute, `active_seconds` and
    `standby_seconds` the parts of a live session that are billed by the minute, `characters` text
    read aloud, `training_tokens` the tokens of a training file, which is read `epochs` times.
    `items` counts what is paid for one by one, such as {"file_search": 2}; it is kept as pairs.

    Raises ValueError for a part larger than its whole or a negative number, and TypeError for a
    number of the wrong type. Integers of NumPy and pandas are taken as ints.

    >>> Usage(input_tokens=1000, cached_tokens=400, output_tokens=500)
    Usage(input_tokens=1000, cached_tokens=400, output_tokens=500)
    """

    input_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    cache_write_long_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    audio_input_tokens: int = 0
    cached_audio_tokens: int = 0
    audio_output_tokens: int = 0
    image_input_tokens: int = 0
    cached_image_tokens: int = 0
    image_output_tokens: int = 0
    images: Iterable[Image | Mapping[str, Any]] = ()
    audio_seconds: Number = 0
    active_seconds: Number = 0
    standby_seconds: Number = 0
    video_seconds: Number = 0
    characters: int = 0
    web_searches: int = 0
    items: Items = ()
    training_tokens: int = 0
    epochs: int = 1
    training_hours: Number = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "images":
                value = tuple(value)
            elif field.name == "items":
                value = _items(value)
            elif field.name in _AMOUNTS:
                value = _amount(field.name, value)
            else:
                value = check_whole(field.name, value, 1 if field.name == "epochs" else 0)
            object.__setattr__(self, field.name, value)  # the only way into a frozen dataclass
        audio, image = self.audio_input_tokens, self.image_input_tokens
        self._set_whole("input_tokens", audio + image)
        self._set_whole("output_tokens", self.audio_output_tokens + self.image_output_tokens)
        self._check_parts()

    def _set_whole(self, name: str, sum_of_parts: int) -> None:
        object.__setattr__(self, name, getattr(self, name) or sum_of_parts)

    def _check_parts(self) -> None:
        """Raise ValueError where parts exceed their whole."""
        self._inside("cache_write_tokens", "cache_write_long_tokens")
        self._inside("audio_input_tokens", "cached_audio_tokens")
        self._inside("image_input_tokens", "cached_image_tokens")
        self._inside("cached_tokens", "cached_audio_tokens", "cached_image_tokens")
        self._inside("output_tokens", *OUTPUT_PARTS)
        # Cached audio and image tokens are among the cached ones and among those of their kind.
        twice = self.cached_audio_tokens + self.cached_image_tokens
        self._inside("input_tokens", *INPUT_PARTS, twice=twice)

    def _inside(self, whole: str, *parts: str, twice: int = 0) -> None:
        room = getattr(self, whole)
        if sum(getattr(self, part) for part in parts) - twice > room:
            shown = " + ".join(f"{part} {n}" for part in parts if (n := getattr(self, part)))
            raise ValueError(
                f"{whole}: expected a whole that holds its parts, {shown}, got {room}; "
                "parts are counted inside the whole"
            )

    def __repr__(self) -> str:
        shown = (
            f"{field.name}={getattr(self, field.name)!r}"
            for field in fields(self)
            if getattr(self, field.name) != field.default
        )
        return f"Usage({', '.join(shown)})"


INPUT_PARTS = ("cached_tokens", "cache_write_tokens", "audio_input_tokens", "image_input_tokens")
OUTPUT_PARTS = ("reasoning_tokens", "audio_output_tokens", "image_output_tokens")
# The names of all quantities with their defaults.
QUANTITIES: Mapping[str, Any] = {field.name: field.default for field in fields(Usage)}


def _items(value: Items) -> tuple[tuple[str, int], ...]:
    """Return names and numbers in the order of ITEMS, without those of 0."""
    numbers: dict[str, int] = {}
    for name, number in value.items() if isinstance(value, Mapping) else value:
        if name not in ITEMS:
            raise ValueError(f"items: expected names out of {', '.join(ITEMS)}, got {name!r}")
        numbers[name] = numbers.get(name, 0) + check_whole(f"items: {name}", number, 0)
    return tuple((name, numbers[name]) for name in ITEMS if numbers.get(name))


def _amount(name: str, value: object) -> Decimal:
    """Return a number of seconds or hours, exactly as it is written."""
    if isinstance(value, (bool, str, bytes)) or not hasattr(type(value), "__float__"):
        raise TypeError(f"{name}: expected a number, got {value!r}")
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise TypeError(f"{name}: expected a decimal number, got {value!r}") from None
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{name}: expected a number of 0 or more, got {value!r}")
    return amount
