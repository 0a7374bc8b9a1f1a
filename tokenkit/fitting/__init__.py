"""Prompts that fit a model's limits with room for the reply."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.fitting.api_limits import request_limits as request_limits
    from tokenkit.fitting.budget import (
        Budget as Budget,
        clamp_output as clamp_output,
        reply_tokens as reply_tokens,
        tightest_limit as tightest_limit,
    )
    from tokenkit.fitting.cache_plan import (
        CacheBreakpoint as CacheBreakpoint,
        CachePlan as CachePlan,
    )
    from tokenkit.fitting.context_meter import ContextMeter as ContextMeter
    from tokenkit.fitting.fitter import fit as fit
    from tokenkit.fitting.preflight_result import (
        Preflight as Preflight,
        RequestProblem as RequestProblem,
    )
    from tokenkit.fitting.prompt import Prompt as Prompt
    from tokenkit.fitting.request_chat import CHAT_KEYS as CHAT_KEYS, RequestChat as RequestChat
    from tokenkit.fitting.request_check import preflight as preflight
    from tokenkit.fitting.request_fit import fit_request as fit_request
    from tokenkit.fitting.result import Dropped as Dropped, Fit as Fit, Truncated as Truncated
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "budget": "Budget",
            "cache_plan": "CacheBreakpoint CachePlan",
            "context_meter": "ContextMeter",
            "fitter": "fit",
            "preflight_result": "Preflight RequestProblem",
            "prompt": "Prompt",
            "request_check": "preflight",
            "request_fit": "fit_request",
            "result": "Dropped Fit Truncated",
        },
        internal={
            "api_limits": "request_limits",
            "budget": "clamp_output reply_tokens tightest_limit",
            "request_chat": "CHAT_KEYS RequestChat",
        },
    )
