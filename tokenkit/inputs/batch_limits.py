"""The limits of files of requests; each check gives messages of what is over.

A batch holds at most 50,000 requests, 50,000 embedding inputs and 200 MB, of one model (OpenAI's
Batch API guide). Other limits are those of the model's record, which names their sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tokenkit.fitting import request_limits
from tokenkit.models import Model

__all__ = ["embedding_problems", "file_problems", "training_problem", "window_problem"]

MAX_REQUESTS = 50_000
MAX_EMBEDDING_INPUTS = 50_000
MAX_FILE_BYTES = 200_000_000  # the guide says MB; the smaller reading is safe


def embedding_problems(model: Model, counts: Sequence[int]) -> Iterator[str]:
    """Check one embeddings request, given the tokens of each input, by the limits of `pack`."""
    limit = model.safe_input_tokens
    if not counts:
        yield "input holds nothing to embed"
    for index, tokens in enumerate(counts):
        if limit is not None and tokens > limit:
            yield f"input[{index}] has {tokens} tokens, {tokens - limit} over {limit}"
        if not tokens:
            yield f"input[{index}] is empty"
    limits = request_limits(model)
    for name, number, most in (
        ("inputs", len(counts), limits["max_inputs"]),
        ("tokens", sum(counts), limits["max_tokens"]),
    ):
        if most is not None and number > most:
            yield f"{number} {name} in one request, {number - most} over {most}"


def training_problem(model: Model, tokens: int) -> str | None:
    """Check a fine-tuning example of so many tokens."""
    limit = model.max_example_tokens
    if limit is None or tokens <= limit:
        return window_problem(model, tokens, 0)
    return (
        f"{tokens} tokens are {tokens - limit} over the {limit} of an example for {model.name}; "
        "training drops the rest"
    )


def window_problem(model: Model, tokens: int, reply: int) -> str | None:
    """Check a prompt of so many tokens and the reply's limit against the model's own limits."""
    in_window = tokens + (reply if model.window == "shared" else 0)
    for name, used, limit in (
        ("max_input_tokens", tokens, model.max_input_tokens),
        ("context_window", in_window, model.context_window),
        ("max_output_tokens", reply, model.max_output_tokens),
    ):
        if limit is not None and used > limit:
            return f"{used} tokens exceed {model.name}'s {name} {limit} by {used - limit}"
    return None


def file_problems(
    models: Sequence[str], requests: int, embedding_inputs: int, size: int
) -> Iterator[str]:
    """Check a whole batch, of `size` bytes."""
    if len(models) > 1:
        yield f"expected one model in a batch, got {', '.join(models)}; write a file for each"
    for name, number, limit in (
        ("requests", requests, MAX_REQUESTS),
        ("embedding inputs", embedding_inputs, MAX_EMBEDDING_INPUTS),
        ("bytes", size, MAX_FILE_BYTES),
    ):
        if number > limit:
            yield f"{number} {name}, {number - limit} over the limit of {limit}; split the file"
