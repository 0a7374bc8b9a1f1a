"""Exact, fast, offline token counting and encoding for OpenAI models.

>>> import tokenkit
>>> tokenkit.count("How many tokens is this?", "gpt-5.4")
6

`import tokenkit as tiktoken` serves code that was written for tiktoken 0.14. Names are loaded when
they are first used: importing this package reads no vocabulary and no other library.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit import (
        chat as chat,
        chunking as chunking,
        core as core,
        costs as costs,
        encodings as encodings,
        errors as errors,
        fitting as fitting,
        inputs as inputs,
        integrations as integrations,
        load as load,
        model as model,
        models as models,
        registry as registry,
        shapes as shapes,
        views as views,
    )
    from tokenkit._version import __version__ as __version__
    from tokenkit.chat.counting import (
        MessageCount as MessageCount,
        count_messages as count_messages,
    )
    from tokenkit.chat.estimates import (
        Calibration as Calibration,
        TokenEstimate as TokenEstimate,
        calibrate as calibrate,
        estimate_tokens as estimate_tokens,
    )
    from tokenkit.chat.images import image_tokens as image_tokens
    from tokenkit.chat.reading import as_messages as as_messages
    from tokenkit.chat.tally import CountPart as CountPart
    from tokenkit.chat.token_count import TokenCount as TokenCount
    from tokenkit.chat.training import count_training_tokens as count_training_tokens
    from tokenkit.chunking.chunker import Chunker as Chunker, chunk as chunk
    from tokenkit.chunking.columns import ArrowChunks as ArrowChunks
    from tokenkit.chunking.packing import Batch as Batch, pack as pack
    from tokenkit.chunking.results import Chunk as Chunk
    from tokenkit.costs.bill import cost as cost
    from tokenkit.costs.comparison import ModelComparison as ModelComparison, compare as compare
    from tokenkit.costs.from_usage import (
        CostTracker as CostTracker,
        cost_from_usage as cost_from_usage,
    )
    from tokenkit.costs.results import Cost as Cost, CostLine as CostLine
    from tokenkit.encodings.arrow import ArrowColumn as ArrowColumn, ArrowCounts as ArrowCounts
    from tokenkit.encodings.bundled import (
        get_encoding as get_encoding,
        list_encoding_names as list_encoding_names,
    )
    from tokenkit.encodings.by_model import (
        encoding_for_model as encoding_for_model,
        encoding_name_for_model as encoding_name_for_model,
    )
    from tokenkit.encodings.encoding import Encoding as Encoding
    from tokenkit.encodings.loading import load_encoding as load_encoding
    from tokenkit.encodings.ragged import Ragged as Ragged
    from tokenkit.encodings.stream import TokenCounter as TokenCounter
    from tokenkit.encodings.verbs import count as count, truncate as truncate
    from tokenkit.errors import (
        ChatTemplateError as ChatTemplateError,
        ContextOverflowError as ContextOverflowError,
        CostLimitError as CostLimitError,
        ModelDataError as ModelDataError,
        NoTokenizerError as NoTokenizerError,
        RetirementWarning as RetirementWarning,
        SpecialTokenError as SpecialTokenError,
        TokenkitError as TokenkitError,
        TokenkitWarning as TokenkitWarning,
        UnknownEncodingError as UnknownEncodingError,
        UnknownModelError as UnknownModelError,
        VocabularyError as VocabularyError,
    )
    from tokenkit.fitting.budget import Budget as Budget
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
    from tokenkit.fitting.request_check import preflight as preflight
    from tokenkit.fitting.result import Dropped as Dropped, Fit as Fit, Truncated as Truncated
    from tokenkit.models.lookup import (
        get_model as get_model,
        list_models as list_models,
        load_models as load_models,
        register_model as register_model,
        resolve_model as resolve_model,
    )
    from tokenkit.models.naming import Resolved as Resolved
    from tokenkit.models.record import Model as Model
    from tokenkit.shapes.canonical import Usage as Usage
    from tokenkit.views.corpus_report import token_report as token_report
    from tokenkit.views.inline import Shown as Shown, show as show
    from tokenkit.views.report_result import TokenReport as TokenReport
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "_version": "__version__",
            "chat.counting": "MessageCount count_messages",
            "chat.estimates": "Calibration TokenEstimate calibrate estimate_tokens",
            "chat.images": "image_tokens",
            "chat.reading": "as_messages",
            "chat.tally": "CountPart",
            "chat.token_count": "TokenCount",
            "chat.training": "count_training_tokens",
            "chunking.chunker": "Chunker chunk",
            "chunking.columns": "ArrowChunks",
            "chunking.packing": "Batch pack",
            "chunking.results": "Chunk",
            "costs.bill": "cost",
            "costs.comparison": "ModelComparison compare",
            "costs.from_usage": "CostTracker cost_from_usage",
            "costs.results": "Cost CostLine",
            "encodings.arrow": "ArrowColumn ArrowCounts",
            "encodings.bundled": "get_encoding list_encoding_names",
            "encodings.by_model": "encoding_for_model encoding_name_for_model",
            "encodings.encoding": "Encoding",
            "encodings.loading": "load_encoding",
            "encodings.ragged": "Ragged",
            "encodings.stream": "TokenCounter",
            "encodings.verbs": "count truncate",
            "errors": (
                "ChatTemplateError ContextOverflowError CostLimitError ModelDataError "
                "NoTokenizerError RetirementWarning SpecialTokenError TokenkitError "
                "TokenkitWarning UnknownEncodingError UnknownModelError VocabularyError"
            ),
            "fitting.budget": "Budget",
            "fitting.cache_plan": "CacheBreakpoint CachePlan",
            "fitting.context_meter": "ContextMeter",
            "fitting.fitter": "fit",
            "fitting.preflight_result": "Preflight RequestProblem",
            "fitting.prompt": "Prompt",
            "fitting.request_check": "preflight",
            "fitting.result": "Dropped Fit Truncated",
            "models.lookup": "get_model list_models load_models register_model resolve_model",
            "models.naming": "Resolved",
            "models.record": "Model",
            "shapes.canonical": "Usage",
            "views.corpus_report": "token_report",
            "views.inline": "Shown show",
            "views.report_result": "TokenReport",
        },
        modules=(
            "chat chunking core costs encodings errors fitting inputs integrations load model "
            "models registry shapes views"
        ),
    )
