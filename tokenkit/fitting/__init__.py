"""Prompts that fit a model's limits with room for the reply."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.fitting.budget import (
        Budget as Budget,
        clamp_output as clamp_output,
        reply_tokens as reply_tokens,
        tightest_limit as tightest_limit,
    )
    from tokenkit.fitting.fitter import fit as fit
    from tokenkit.fitting.prompt import Prompt as Prompt
    from tokenkit.fitting.result import Dropped as Dropped, Fit as Fit, Truncated as Truncated
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "budget": "Budget",
            "fitter": "fit",
            "prompt": "Prompt",
            "result": "Dropped Fit Truncated",
        },
        internal={
            "budget": "clamp_output reply_tokens tightest_limit",
        },
    )
