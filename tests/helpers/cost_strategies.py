"""Random token counts for property tests of costs."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tokenkit.shapes.canonical import ITEMS

M = 1_000_000


@st.composite
def token_counts(draw: st.DrawFn) -> dict[str, Any]:
    whole_in, whole_out = draw(st.integers(0, 2 * M)), draw(st.integers(0, M))
    cached = draw(st.integers(0, whole_in))
    write = draw(st.integers(0, whole_in - cached))
    return {
        "input_tokens": whole_in,
        "cached_tokens": cached,
        "cache_write_tokens": write,
        "cache_write_long_tokens": draw(st.integers(0, write)),
        "output_tokens": whole_out,
        "reasoning_tokens": draw(st.integers(0, whole_out)),
    }


@st.composite
def quantities(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of `cost` with any unit, in the wholes and parts that they are made of."""
    small = st.one_of(st.just(0), st.integers(0, 300_000))
    text, cached, write, long = (draw(small) for _ in range(4))
    audio, cached_audio, image, cached_image = (draw(small) for _ in range(4))
    said, reasoning, spoken, painted = (draw(small) for _ in range(4))
    seconds = st.one_of(st.just(0), st.decimals(0, 10_000, places=3, allow_nan=False))
    return {
        "input_tokens": sum((text, cached, write, long, audio, cached_audio, image, cached_image)),
        "cached_tokens": cached + cached_audio + cached_image,
        "cache_write_tokens": write + long,
        "cache_write_long_tokens": long,
        "audio_input_tokens": audio + cached_audio,
        "cached_audio_tokens": cached_audio,
        "image_input_tokens": image + cached_image,
        "cached_image_tokens": cached_image,
        "output_tokens": said + reasoning + spoken + painted,
        "reasoning_tokens": reasoning,
        "audio_output_tokens": spoken,
        "image_output_tokens": painted,
        "audio_seconds": draw(seconds),
        "active_seconds": draw(seconds),
        "standby_seconds": draw(seconds),
        "video_seconds": draw(seconds),
        "characters": draw(small),
        "web_searches": draw(st.integers(0, 50)),
        "items": draw(st.dictionaries(st.sampled_from(ITEMS), st.integers(0, 50), max_size=3)),
        "training_tokens": draw(small),
        "epochs": draw(st.integers(1, 5)),
        "training_hours": draw(seconds),
    }
