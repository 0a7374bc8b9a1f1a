"""Exact, fast, offline token counting and encoding for OpenAI models.

>>> import tokenkit
>>> tokenkit.count("How many tokens is this?", "gpt-5.4")
6

`import tokenkit as tiktoken` serves code that was written for tiktoken 0.14. Names are loaded when
they are first used: importing this package reads no vocabulary and no other library.
"""

from __future__ import annotations

from tokenkit._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit import (
        chat,
        core,
        costs,
        datafiles,
        files,
        html,
        images,
        load,
        model,
        models,
        refresh,
        registry,
        requests,
        views,
    )
    from tokenkit._arrow import ArrowCounts
    from tokenkit._counter import TokenCounter
    from tokenkit._ragged import Ragged
    from tokenkit._verbs import count, truncate
    from tokenkit.budget import Budget
    from tokenkit.chat import CountPart, MessageCount, count_messages, count_training_tokens
    from tokenkit.chunking import Chunk, Chunker, chunk
    from tokenkit.comparison import ModelComparison, compare
    from tokenkit.costs import Cost, CostLine, cost, cost_from_usage
    from tokenkit.encoding import Encoding
    from tokenkit.encodings import get_encoding, list_encoding_names
    from tokenkit.errors import (
        ContextOverflowError,
        ModelDataError,
        NoTokenizerError,
        RetirementWarning,
        SpecialTokenError,
        TokenkitError,
        TokenkitWarning,
        UnknownEncodingError,
        UnknownModelError,
        VocabularyError,
    )
    from tokenkit.estimates import Calibration, TokenEstimate, calibrate, estimate_tokens
    from tokenkit.fitting import Dropped, Fit, Truncated, fit
    from tokenkit.images import image_tokens
    from tokenkit.model import encoding_for_model, encoding_name_for_model
    from tokenkit.models import Model, get_model, list_models, load_models, register_model
    from tokenkit.packing import Batch, pack
    from tokenkit.prompt import Prompt

__all__ = [
    "ArrowCounts",
    "Batch",
    "Budget",
    "Calibration",
    "Chunk",
    "Chunker",
    "ContextOverflowError",
    "Cost",
    "CostLine",
    "CountPart",
    "Dropped",
    "Encoding",
    "Fit",
    "MessageCount",
    "Model",
    "ModelComparison",
    "ModelDataError",
    "NoTokenizerError",
    "Prompt",
    "Ragged",
    "RetirementWarning",
    "SpecialTokenError",
    "TokenCounter",
    "TokenEstimate",
    "TokenkitError",
    "TokenkitWarning",
    "Truncated",
    "UnknownEncodingError",
    "UnknownModelError",
    "VocabularyError",
    "__version__",
    "calibrate",
    "chat",
    "chunk",
    "compare",
    "core",
    "cost",
    "cost_from_usage",
    "costs",
    "count",
    "count_messages",
    "count_training_tokens",
    "datafiles",
    "encoding_for_model",
    "encoding_name_for_model",
    "estimate_tokens",
    "files",
    "fit",
    "get_encoding",
    "get_model",
    "html",
    "image_tokens",
    "images",
    "list_encoding_names",
    "list_models",
    "load",
    "load_models",
    "model",
    "models",
    "pack",
    "refresh",
    "register_model",
    "registry",
    "requests",
    "truncate",
    "views",
]

_HOMES = {
    "_arrow": ("ArrowCounts",),
    "_counter": ("TokenCounter",),
    "_ragged": ("Ragged",),
    "_verbs": ("count", "truncate"),
    "budget": ("Budget",),
    "chat": ("CountPart", "MessageCount", "count_messages", "count_training_tokens"),
    "chunking": ("Chunk", "Chunker", "chunk"),
    "comparison": ("ModelComparison", "compare"),
    "costs": ("Cost", "CostLine", "cost", "cost_from_usage"),
    "encoding": ("Encoding",),
    "encodings": ("get_encoding", "list_encoding_names"),
    "errors": tuple(name for name in __all__ if name.endswith(("Error", "Warning"))),
    "estimates": ("Calibration", "TokenEstimate", "calibrate", "estimate_tokens"),
    "fitting": ("Dropped", "Fit", "Truncated", "fit"),
    "images": ("image_tokens",),
    "model": ("encoding_for_model", "encoding_name_for_model"),
    "models": ("Model", "get_model", "list_models", "load_models", "register_model"),
    "packing": ("Batch", "pack"),
    "prompt": ("Prompt",),
}
_MODULES = (
    "chat",
    "core",
    "costs",
    "datafiles",
    "files",
    "html",
    "images",
    "load",
    "model",
    "models",
    "refresh",
    "registry",
    "requests",
    "views",
)


def __getattr__(name: str) -> object:
    from importlib import import_module

    value: object
    for module, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f"{__name__}.{module}"), name)
            break
    else:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = import_module(f"{__name__}.{name}")
    globals()[name] = value  # found at once from now on
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
