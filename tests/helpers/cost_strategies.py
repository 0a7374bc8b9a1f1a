"""Random token counts for property tests of costs."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

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
