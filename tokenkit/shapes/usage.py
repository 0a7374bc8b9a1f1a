"""Reads the usage objects of the APIs into the arguments of `cost`.

Field names as in openai 3.54.0 (chat completions, responses, embeddings, images, realtime,
transcriptions) and in Anthropic's messages API, whose input_tokens leave out cached ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WHOLES = {
    "input_tokens": ("input_tokens", "prompt_tokens"),
    "output_tokens": ("output_tokens", "completion_tokens"),
}
_DETAILS = {
    "input": ("input_tokens_details", "input_token_details", "prompt_tokens_details"),
    "output": ("output_tokens_details", "output_token_details", "completion_tokens_details"),
}
_PARTS = {
    "input": {
        "cached_tokens": "cached_tokens",
        "cache_write_tokens": "cache_write_tokens",
        "audio_tokens": "audio_input_tokens",
        "image_tokens": "image_input_tokens",
    },
    "output": {
        "reasoning_tokens": "reasoning_tokens",
        "audio_tokens": "audio_output_tokens",
        "image_tokens": "image_output_tokens",
    },
}
_CACHED_PARTS = {"audio_tokens": "cached_audio_tokens", "image_tokens": "cached_image_tokens"}


def read_usage(usage: object) -> tuple[dict[str, Any], str | None]:
    """(arguments for `cost`, the tier the response names or None)."""
    tier = _get(usage, "service_tier")
    inner = _get(usage, "usage")
    if inner is not None:
        usage = inner
        tier = tier or _get(usage, "service_tier")
    seconds = _get(usage, "seconds")
    if _get(usage, "type") == "duration" and seconds is not None:
        return {"audio_seconds": seconds}, tier
    numbers: dict[str, Any] = {}
    for name, spellings in _WHOLES.items():
        for spelling in spellings:
            value = _get(usage, spelling)
            if value is not None:
                numbers[name] = value
                break
    if not numbers:
        raise ValueError(
            "no token counts in this usage object: expected input_tokens or prompt_tokens "
            f"(and output_tokens or completion_tokens), got {usage!r}"
        )
    for side, parts in _PARTS.items():
        for details in _DETAILS[side]:
            _take(numbers, _get(usage, details), parts)
    for details in _DETAILS["input"]:
        cached = _get(_get(usage, details), "cached_tokens_details")
        _take(numbers, cached, _CACHED_PARTS)
    _add_anthropic_cache(numbers, usage)
    return numbers, tier if isinstance(tier, str) else None


def _add_anthropic_cache(numbers: dict[str, Any], usage: object) -> None:
    read = _get(usage, "cache_read_input_tokens")
    written = _get(usage, "cache_creation_input_tokens")
    if read is None and written is None:
        return
    numbers["cached_tokens"] = read or 0
    numbers["cache_write_tokens"] = written or 0
    long = _get(_get(usage, "cache_creation"), "ephemeral_1h_input_tokens")
    numbers["cache_write_long_tokens"] = long or 0
    numbers["input_tokens"] = numbers.get("input_tokens", 0) + (read or 0) + (written or 0)


def _take(numbers: dict[str, Any], details: object, names: Mapping[str, str]) -> None:
    for theirs, ours in names.items():
        value = _get(details, theirs)
        if value is not None:
            numbers[ours] = value


def _get(thing: object, name: str) -> Any:
    """A key of a mapping or an attribute of an object; None if absent."""
    if thing is None:
        return None
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)
