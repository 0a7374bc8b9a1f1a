"""LiteLLM: exact counts, a check before each request and its price after it, our price list.

Each function imports what it needs of LiteLLM when it is called.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tokenkit import CostTracker, Encoding, Model
from tokenkit.encodings import encoding_of
from tokenkit.integrations.guarding import Guard, OnOverflow

if TYPE_CHECKING:
    from tokenkit.integrations.litellm_logger import BudgetLogger

__all__ = ["budget_logger", "custom_tokenizer", "model_cost_map"]


def custom_tokenizer(
    model: str | Model | None = None, *, encoding: str | Encoding | None = None
) -> dict[str, Any]:
    """Make the `custom_tokenizer` of `litellm.token_counter`, `encode` and `decode`.

    Without one, LiteLLM counts blocks of a text apart, which is not exact. It counts the first 4
    million characters so; of a longer text it counts samples, whatever the tokenizer
    (TOKEN_COUNTER_MAX_EXACT_CHARS in the environment raises that). Special tokens count as text.

    Raises UnknownModelError, UnknownEncodingError, NoTokenizerError for a private tokenizer, and
    ValueError without model and encoding, or with both.

    >>> tokenizer = custom_tokenizer("gpt-5.4")
    >>> import litellm                                                      # doctest: +SKIP
    >>> litellm.token_counter(text="Hi", custom_tokenizer=tokenizer)        # doctest: +SKIP
    1
    """
    from tokenkit.integrations.litellm_tokenizer import LiteLLMTokenizer

    tokenizer = LiteLLMTokenizer(encoding_of(model, encoding))
    return {"type": "huggingface_tokenizer", "tokenizer": tokenizer}


def budget_logger(
    *,
    on_overflow: OnOverflow = "raise",
    max_usd: Decimal | float | str | None = None,
    min_output: int = 256,
    tracker: CostTracker | None = None,
) -> BudgetLogger:
    """Make a callback that checks requests before they are sent, and prices them afterwards.

    For `litellm.callbacks = [logger]`, or `callbacks:` of the proxy's configuration. The arguments
    are those of `tokenkit.integrations.openai.guard`. Checked are calls of `acompletion`,
    `aresponses`, `aembedding`, `atext_completion` and `anthropic_messages`, also by the Router and
    the proxy. LiteLLM has no hook that can stop a synchronous call: wrap the function once, as in
    `completion = logger.guarded(litellm.completion)`. Every call is priced, streams at their end.

    A request that is too long raises an error that is both our ContextOverflowError and LiteLLM's
    ContextWindowExceededError, so `context_window_fallbacks` work. A model that is not known raises
    UnknownModelError (`register_model` makes it known), `base_model` stands for a deployment's
    name, and prices of another host than the vendor are those of that host, or unknown.

    Raises ImportError without litellm, and ValueError for arguments out of range.

    >>> import litellm                                                      # doctest: +SKIP
    >>> logger = budget_logger(on_overflow="fit", max_usd="0.10")           # doctest: +SKIP
    >>> litellm.callbacks = [logger]                                        # doctest: +SKIP
    """
    from tokenkit.integrations.litellm_logger import BudgetLogger

    spent = CostTracker() if tracker is None else tracker
    return BudgetLogger(Guard.of(on_overflow, max_usd, min_output, spent))


def model_cost_map(models: Iterable[str | Model] | None = None) -> dict[str, dict[str, Any]]:
    """Return what the registry knows of models in the form that `litellm.register_model` takes.

    Prices are USD per token, as floats, of today; limits are tokens. `models` are names or records;
    left out, all models that are not retired. A model without prices for tokens is left out, as
    LiteLLM would take it for free, as is one whose replies with thinking have a price of their own,
    which LiteLLM has no field for, and a provider that it calls by other names (Amazon). The keys
    are LiteLLM's names, such as "gemini/gemini-3.5-flash". Where prices depend on the hour, they
    are the list prices.

    Raises UnknownModelError.

    >>> entry = model_cost_map(["gpt-4o"])["gpt-4o"]
    >>> entry["input_cost_per_token"], entry["max_output_tokens"], entry["litellm_provider"]
    (2.5e-06, 16384, 'openai')
    """
    from tokenkit.integrations.litellm_prices import cost_map

    return cost_map(models)
