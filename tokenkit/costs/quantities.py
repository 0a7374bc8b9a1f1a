"""Splits a usage so that each token is billed once, and reads the pictures of `images`."""

from __future__ import annotations

from collections.abc import Mapping

from tokenkit._checks import check_whole, shown
from tokenkit.shapes import Usage


def input_parts(usage: Usage) -> dict[str, int]:
    """Rate name -> tokens of the prompt; together they are `input_tokens`."""
    cached_audio, cached_image = usage.cached_audio_tokens, usage.cached_image_tokens
    parts = {
        "cached_input": usage.cached_tokens - cached_audio - cached_image,
        "cached_audio_input": cached_audio,
        "cached_image_input": cached_image,
        "cache_write": usage.cache_write_tokens - usage.cache_write_long_tokens,
        "cache_write_long": usage.cache_write_long_tokens,
        "audio_input": usage.audio_input_tokens - cached_audio,
        "image_input": usage.image_input_tokens - cached_image,
    }
    return {"input": usage.input_tokens - sum(parts.values()), **parts}


def output_parts(usage: Usage) -> dict[str, int]:
    """Rate name -> tokens of the reply; together they are `output_tokens`."""
    parts = {
        "reasoning": usage.reasoning_tokens,
        "audio_output": usage.audio_output_tokens,
        "image_output": usage.image_output_tokens,
    }
    return {"output": usage.output_tokens - sum(parts.values()), **parts}


_PICTURE = ("width", "height", "quality", "detail", "count")


def picture(image: object) -> tuple[int, int, str, int]:
    """(width, height, quality or detail or "", how many) of an item of `images`."""
    number: object = 1
    if isinstance(image, Mapping):
        unknown = [key for key in image if key not in _PICTURE]
        if unknown or {"quality", "detail"} <= image.keys():
            got = ", ".join(map(shown, unknown)) or "both"
            raise ValueError(
                f"images: expected the keys {', '.join(_PICTURE)}, of quality and detail one, "
                f"got {got}"
            )
        number = image.get("count", 1)
        quality = image.get("quality", image.get("detail", ""))
        image = (image.get("width"), image.get("height"), quality)
    elif isinstance(image, str):
        quality, _, size = image.rpartition("/")
        width, _, height = size.partition("x")
        if not (width.isdecimal() and height.isdecimal()):
            raise ValueError(f"images: expected QUALITY/WIDTHxHEIGHT, got {image!r}")
        image = (int(width), int(height), quality)
    if not isinstance(image, tuple) or len(image) not in (2, 3):
        raise ValueError(
            f"images: expected (width, height), a size or a mapping, got {image!r}; "
            'write (1024, 1024, "high"), "high/1024x1024" or {"width": 1024, "height": 1024}'
        )
    width_px, height_px = (check_whole("images: width and height", side) for side in image[:2])
    word = image[2] if len(image) == 3 else ""
    if not isinstance(word, str):
        raise TypeError(f"images: expected a str as quality or detail, got {word!r}")
    return width_px, height_px, word, check_whole("images: count", number)
