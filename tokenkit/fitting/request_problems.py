"""Problems of a request beside its size: the model, the reply, parameters, tool results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tokenkit.chat import CHATS, Paths, RequestCount, check_groups, last_messages, run_messages
from tokenkit.fitting.api_limits import request_limits
from tokenkit.fitting.fitter import fit
from tokenkit.fitting.preflight_result import RequestProblem, Severity
from tokenkit.fitting.result import Dropped
from tokenkit.fitting.verdict import limits_of
from tokenkit.models import RETIREMENT_NOTICE_DAYS, Model
from tokenkit.shapes import RUN_SHUTDOWN, Api, RequestBook

__all__ = [
    "embedding_problems",
    "model_problems",
    "problem_of",
    "reply_problems",
    "request_problems",
    "truncation_problems",
]

_KINDS: dict[str, tuple[str, ...]] = {
    "chat.completions": ("chat", "reasoning", "audio"),
    "responses": ("chat", "reasoning"),
    "embeddings": ("embedding",),
    "completions": ("completion",),
    "moderations": ("moderation",),
    "images": ("image",),
    "audio.speech": ("speech",),
    "audio.transcriptions": ("transcription",),
    "messages": ("chat", "reasoning"),
    "threads.runs": ("chat", "reasoning"),
}
# Sampling that OpenAI's reasoning models refuse (the guide to reasoning, "Limitations", 2026), with
# the defaults, which they take.
_NOT_FOR_REASONING = {
    "temperature": 1,
    "top_p": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "logprobs": False,
}
_NOTICE = timedelta(days=RETIREMENT_NOTICE_DAYS)
_LEAST_THINKING = 1024  # "Must be >= 1024 and less than max_tokens": anthropic 2.14.0 (PyPI)


def problem_of(text: str, severity: Severity = "error") -> RequestProblem:
    """Make a problem of a message that begins with a path.

    >>> problem_of("messages[0].role: expected a role").path
    'messages[0].role'
    """
    path, colon, message = text.partition(": ")
    if colon and not path.count(" "):
        return RequestProblem(path, severity, message)
    return RequestProblem("request", severity, text)


def model_problems(model: Model, api: Api, path: str, today: date) -> Iterator[RequestProblem]:
    """Yield what speaks against a model: retired, about to be, or not for this API."""
    after = f"; {model.replacement} replaces it" if model.replacement else ""
    if model.retires_on is not None and model.retires_on <= today:
        message = f"{model.name} was shut down on {model.retires_on}{after}"
        yield RequestProblem(path, "warning", message)
    elif model.retired:
        yield RequestProblem(path, "warning", f"{model.name} is shut down{after}")
    elif model.retires_on is not None and model.retires_on <= today + _NOTICE:
        message = f"{model.name} will be shut down on {model.retires_on}{after}"
        yield RequestProblem(path, "warning", message)
    kinds = _KINDS.get(api.name, ())
    if kinds and model.kind not in kinds:
        expected = " or ".join(kinds)
        message = f"expected a model of kind {expected} for {api.name}, got {model.name}, of kind "
        yield RequestProblem(path, "error", f"{message}{model.kind}")


def reply_problems(
    model: Model, api: Api, count: RequestCount, book: RequestBook, prefix: str
) -> Iterator[RequestProblem]:
    """Yield what is wrong with the reply that a request asks for."""
    cap = model.max_output_tokens
    if api.name == "messages" and not count.reply_path and "max_tokens" not in book.paths:
        path = f"{prefix}.max_tokens" if prefix else "max_tokens"
        yield RequestProblem(path, "error", "expected a number of tokens, got none")
    if cap is not None and count.reply > cap:
        yield RequestProblem(
            count.reply_path,
            "error",
            f"expected at most {cap} tokens, the max_output_tokens of {model.name}, got "
            f"{count.reply}",
        )
    thinking = book.fields.get("thinking")
    if thinking is None or api.name != "messages":
        return
    budget = thinking.get("budget_tokens") if isinstance(thinking, Mapping) else None
    if isinstance(budget, int):
        path = f"{book.paths['thinking']}.budget_tokens"
        if budget < _LEAST_THINKING:
            message = f"expected at least {_LEAST_THINKING} tokens, got {budget}"
            yield RequestProblem(path, "error", message)
        elif count.reply and budget >= count.reply:
            message = f"expected less than the max_tokens of {count.reply}, got {budget}"
            yield RequestProblem(path, "error", message)


def request_problems(
    model: Model, api: Api, count: RequestCount, body: Mapping[str, Any], prefix: str
) -> Iterator[RequestProblem]:
    """Yield parameters that the model does not take, and tool results without their calls."""

    def path(key: str) -> str:
        return f"{prefix}.{key}" if prefix else key

    openai = model.provider == "openai" and api.name in ("chat.completions", "responses")
    if openai and model.kind == "reasoning":
        if body.get("max_tokens") is not None and api.name == "chat.completions":
            message = f"{model.name} takes max_completion_tokens in its place"
            yield RequestProblem(path("max_tokens"), "error", message)
        for key, default in _NOT_FOR_REASONING.items():
            if body.get(key) not in (None, default):
                message = f"reasoning models such as {model.name} may refuse it"
                yield RequestProblem(path(key), "warning", message)
    if api.name == "threads.runs":
        message = (
            f"the Assistants API was shut down on {RUN_SHUTDOWN}; responses.create replaces it"
        )
        yield RequestProblem(path("assistant_id"), "warning", message)
    if api.name in ("chat.completions", "messages") and count.chat is not None:
        messages, read = count.chat.messages, count.chat.tally.read
        if api.name == "messages" and body.get("system") is not None:  # counted as the first one
            messages = messages[1:]
            read = {index - 1: reading for index, reading in read.items() if index}
        try:
            check_groups(messages, read)
        except ValueError as error:
            problem = problem_of(str(error))
            yield RequestProblem(path(problem.path), "error", problem.message)


def truncation_problems(model: Model, api: Api, book: RequestBook) -> Iterator[RequestProblem]:
    """Yield the items that the API drops by itself, as `fit` does by the same strategy."""
    if not limits_of(model):
        return
    if api.name == "threads.runs":
        yield from _run_problems(model, book)
        return
    if book.fields.get("truncation") != "auto":
        return
    messages, places = CHATS[api.name](book)
    lost, limit, problem = _losses(model, book, messages, places, strategy="api")
    if problem is not None:
        yield problem
    for loss in lost:
        message = f"the API drops this item ({loss.tokens} tokens) to fit {limit} tokens"
        yield RequestProblem(places[loss.index], "warning", message)


def _losses(
    model: Model,
    book: RequestBook,
    messages: Sequence[Any],
    places: Sequence[str],
    strategy: Any,
) -> tuple[Sequence[Dropped], int, RequestProblem | None]:
    """Return what `fit` drops by the API's own strategy, and the limit; or what is wrong."""
    reply = book.fields.get("max_output_tokens", book.fields.get("max_completion_tokens"))
    try:
        fitted = fit(
            messages,
            model,
            max_output=reply,
            max_input=book.fields.get("max_prompt_tokens"),
            tools=book.fields.get("tools"),
            strategy=strategy,
            on_overflow="return",
        )
    except ValueError as error:  # a result without its call: what goes with what is not known
        return (), 0, problem_of(Paths(places, {}).of(str(error)))
    return fitted.dropped, fitted.limit, None


def _run_problems(model: Model, book: RequestBook) -> Iterator[RequestProblem]:
    """Yield the messages of a thread that a run does not read."""
    last = last_messages(book)
    if last is not None:
        for place in run_messages(book)[1][:-last]:
            message = f"the run reads only the last {last} messages, and not this one"
            yield RequestProblem(place, "warning", message)
    if last is not None or "messages" not in book.fields:  # a thread that is not in the request
        return
    messages, places = CHATS["threads.runs"](book)
    lost, limit, problem = _losses(model, book, messages, places, strategy={"type": "auto"})
    if problem is not None:
        yield problem
    for loss in lost:
        message = (
            f"the API drops messages in the middle, such as this one ({loss.tokens} tokens), to "
            f"fit {limit} tokens; by which rule is not published"
        )
        yield RequestProblem(places[loss.index], "warning", message)


def embedding_problems(model: Model, counts: list[int], path: str) -> Iterator[RequestProblem]:
    """Yield what is over a limit in an embeddings request: inputs, their number, their sum."""
    limit = model.safe_input_tokens
    if not counts:
        yield RequestProblem(path, "error", "expected something to embed, got nothing")
    for index, tokens in enumerate(counts):
        where = path if len(counts) == 1 else f"{path}[{index}]"
        if limit is not None and tokens > limit:
            message = f"expected at most {limit} tokens, got {tokens}, {tokens - limit} more"
            yield RequestProblem(where, "error", message)
        if not tokens:
            yield RequestProblem(where, "error", "expected a text that is not empty, got none")
    limits = request_limits(model)
    for name, number, most in (
        ("inputs", len(counts), limits["max_inputs"]),
        ("tokens", sum(counts), limits["max_tokens"]),
    ):
        if most is not None and number > most:
            message = f"expected at most {most} {name} in one request, got {number}"
            yield RequestProblem(path, "error", message)
