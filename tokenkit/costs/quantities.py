"""Checks what a caller hands to `cost` and splits tokens so that each is billed once."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

Number = int | float | Decimal


def whole_numbers(**values: object) -> dict[str, int]:
    """All of them as checked counts, under their names."""
    return {name: whole_number(name, value) for name, value in values.items()}


def input_parts(counts: Mapping[str, int]) -> dict[str, int]:
    """The prompt's tokens split so that each is billed once; ValueError where parts exceed."""
    audio, image = counts["audio_input_tokens"], counts["image_input_tokens"]
    whole = counts["input_tokens"] or audio + image
    cached, write = counts["cached_tokens"], counts["cache_write_tokens"]
    _inside(counts, "cache_write_long_tokens", "cache_write_tokens")
    for part, kind in (("cached_audio_tokens", "audio"), ("cached_image_tokens", "image")):
        _inside(counts, part, f"{kind}_input_tokens")
    cached_audio, cached_image = counts["cached_audio_tokens"], counts["cached_image_tokens"]
    if cached_audio + cached_image > cached:
        raise ValueError(
            f"cached_audio_tokens + cached_image_tokens ({cached_audio + cached_image}) "
            f"exceed cached_tokens ({cached})"
        )
    parts = {
        "cached_input": cached - cached_audio - cached_image,
        "cached_audio_input": cached_audio,
        "cached_image_input": cached_image,
        "cache_write": write - counts["cache_write_long_tokens"],
        "cache_write_long": counts["cache_write_long_tokens"],
        "audio_input": audio - cached_audio,
        "image_input": image - cached_image,
    }
    return {"input": _rest("input_tokens", whole, parts), **parts}


def output_parts(counts: Mapping[str, int]) -> dict[str, int]:
    """The reply's tokens split so that each is billed once; ValueError where parts exceed."""
    audio, image = counts["audio_output_tokens"], counts["image_output_tokens"]
    whole = counts["output_tokens"] or audio + image
    parts = {
        "reasoning": counts["reasoning_tokens"],
        "audio_output": audio,
        "image_output": image,
    }
    return {"output": _rest("output_tokens", whole, parts), **parts}


def _rest(whole_name: str, whole: int, parts: Mapping[str, int]) -> int:
    rest = whole - sum(parts.values())
    if rest < 0:
        shown = " + ".join(f"{name} {n}" for name, n in parts.items() if n)
        raise ValueError(f"the parts of {whole_name} exceed it: {shown} > {whole}")
    return rest


def _inside(counts: Mapping[str, int], part: str, whole: str) -> None:
    if counts[part] > counts[whole]:
        raise ValueError(f"{part} ({counts[part]}) exceed {whole} ({counts[whole]})")


def whole_number(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, got {type(value).__name__}")
    if value < 0:
        raise ValueError(f"{name} must not be negative, got {value}")
    return value


def quantity(name: str, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise TypeError(f"{name} must be a number, got {type(value).__name__}")
    amount = Decimal(str(value))
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{name} must be a number of 0 or more, got {value}")
    return amount


def picture(image: object) -> tuple[int, int, str, int]:
    """(width, height, quality or detail or "", how many) of an item of `images`."""
    number: object = 1
    if isinstance(image, Mapping):
        number = image.get("count", 1)
        quality = image.get("quality", image.get("detail", ""))
        image = (image.get("width"), image.get("height"), quality)
    elif isinstance(image, str):
        quality, _, size = image.rpartition("/")
        width, _, height = size.partition("x")
        if not (width.isdecimal() and height.isdecimal()):
            raise ValueError(f"an image must read as QUALITY/WIDTHxHEIGHT, got {image!r}")
        image = (int(width), int(height), quality)
    if not isinstance(image, tuple) or len(image) not in (2, 3):
        raise ValueError(f"an image must be (width, height), a size or a mapping, got {image!r}")
    width_px, height_px = (whole_number("image width and height", side) for side in image[:2])
    word = image[2] if len(image) == 3 else ""
    if not isinstance(word, str):
        raise TypeError(f"an image's quality or detail must be a str, got {word!r}")
    return width_px, height_px, word, whole_number("image count", number)
