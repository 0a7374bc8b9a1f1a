"""Prompts that fit a model's limits with room for the reply."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.fitting.budget import (
        Budget as Budget,
        clamp_output as clamp_output,
        tightest_limit as tightest_limit,
    )
    from tokenkit.fitting.fitter import (
        Dropped as Dropped,
        Fit as Fit,
        Truncated as Truncated,
        fit as fit,
        reply_tokens as reply_tokens,
    )
    from tokenkit.fitting.prompt import Prompt as Prompt
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "budget": "Budget",
            "fitter": "Dropped Fit Truncated fit",
            "prompt": "Prompt",
        },
        internal={
            "budget": "clamp_output tightest_limit",
            "fitter": "reply_tokens",
        },
    )
