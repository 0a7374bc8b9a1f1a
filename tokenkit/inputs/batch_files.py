"""Files of requests for OpenAI's Batch API, and of fine-tuning examples: tokens, price, limits.

Limits: a batch holds at most 50,000 requests, 50,000 embedding inputs and 200 MB, of one model
(Batch API guide); an embeddings request at most 2,048 inputs and 300,000 tokens (openai-python
3.54.0); a fine-tuning example as many tokens as the model trains with. Batch input costs what the
model's tier "batch" lists; training costs tokens x epochs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from tokenkit.chat import TokenCount, add_counts, count_messages, count_training_tokens
from tokenkit.costs import EXACT, Cost, cost, plain
from tokenkit.encodings import get_encoding
from tokenkit.errors import TokenkitError, no_tokenizer
from tokenkit.models import Model, get_model

__all__ = [
    "Problem",
    "RequestCounter",
    "RequestReport",
    "RequestTotal",
    "count_requests",
    "read_requests",
]

MAX_REQUESTS = 50_000
MAX_EMBEDDING_INPUTS = 50_000
MAX_FILE_BYTES = 200_000_000  # the guide says MB; the smaller reading is safe
MAX_INPUTS_PER_REQUEST = 2_048
MAX_TOKENS_PER_REQUEST = 300_000
MAX_NOTES = 100  # of one model, so that a large file does not fill the memory
# Tokens of a fine-tuning example (fine-tuning guide); for other models it is their window.
_TRAINING_LIMITS = {"gpt-4.1": 65_536, "gpt-4o": 65_536}
_URLS = {
    "/v1/chat/completions": "messages",
    "/v1/responses": "input",
    "/v1/embeddings": "input",
}


@dataclass(frozen=True)
class Problem:
    """Something wrong in a line (from 1; 0: the file). Without `is_limit` it was not counted."""

    line: int
    message: str
    is_limit: bool = False


@dataclass(frozen=True, kw_only=True)
class RequestTotal(TokenCount):
    """The requests of one model: a `TokenCount` of their input, and its cost in USD.

    `cost` is that of the input alone; it is too low where `partial` is True, as a price is not
    listed. `max_output` is the sum of the reply limits that requests ask for. `notes` are those
    of the first requests that have one.
    """

    model: str
    requests: int = 0
    max_output: int = 0
    training_tokens: int = 0
    cost: Decimal = Decimal(0)
    partial: bool = False

    def plus(
        self, count: TokenCount, price: Cost, *, reply: int = 0, trained: int = 0
    ) -> RequestTotal:
        """The total with one request more."""
        total = add_counts([self, count])
        return replace(
            self,
            tokens=total.tokens,
            low=total.low,
            high=total.high,
            exact=total.exact,
            notes=total.notes[:MAX_NOTES],
            requests=self.requests + 1,
            max_output=self.max_output + reply,
            training_tokens=self.training_tokens + trained,
            cost=plain(EXACT.add(self.cost, price.total)),
            partial=self.partial or price.partial,
        )


@dataclass
class RequestReport:
    """What a file of requests holds: a total per model, and problems by line."""

    totals: dict[str, RequestTotal] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    requests: int = 0


def count_requests(
    lines: Iterable[bytes], *, model: str | None = None, epochs: int = 1
) -> RequestReport:
    """Counts lines of a Batch API file, or of a fine-tuning file, which needs a `model`.

    Chat requests are counted by `count_messages`; Responses requests as the chat that they mean,
    never as exact. Wrong lines are reported and the others counted.

    Raises UnknownModelError for an unknown `model`, ValueError for epochs below 1.

    >>> body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}]}
    >>> request = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": body}
    >>> report = count_requests([json.dumps(request).encode()])
    >>> report.totals["gpt-4o-mini"].tokens, report.problems
    (8, [])
    """
    counter = RequestCounter(model=model, epochs=epochs)
    for line in lines:
        counter.add(line)
    return counter.finish()


class RequestCounter:
    """`count_requests` line by line, for those who want to stop in between.

    Raises as `count_requests` does.

    >>> counter = RequestCounter()
    >>> counter.add(b'{"custom_id": "1"}')
    >>> counter.finish().problems
    [Problem(line=1, message='body must be an object', is_limit=False)]
    """

    def __init__(self, *, model: str | None = None, epochs: int = 1) -> None:
        if epochs < 1:
            raise ValueError(f"epochs must be at least 1, got {epochs}")
        if model is not None:
            get_model(model)
        self.model = model
        self.epochs = epochs
        self.report = RequestReport()
        self.ids: dict[str, int] = {}
        self.embedding_inputs = 0
        self.size = 0
        self.lines = 0

    def add(self, line: bytes) -> None:
        """Counts the next line; what is wrong with it goes into the report."""
        self.lines += 1
        self.size += len(line)
        if not line or line.isspace():
            return
        self.report.requests += 1
        try:
            self._line(self.lines, line)
        except (TypeError, ValueError, KeyError, RecursionError, TokenkitError) as error:
            self.report.problems.append(Problem(self.lines, _reason(error)))

    def finish(self) -> RequestReport:
        """The report, with the limits of the file as a whole checked. To be called once."""
        self._check_file()
        return self.report

    def _limit(self, number: int, message: str) -> None:
        self.report.problems.append(Problem(number, message, is_limit=True))

    def _line(self, number: int, line: bytes) -> None:
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"is not JSON: {error.msg} at column {error.colno}") from None
        except UnicodeDecodeError as error:
            raise ValueError(f"is not UTF-8 text: invalid UTF-8 at byte {error.start}") from None
        if not isinstance(record, Mapping):
            raise ValueError(f"must be an object, not {type(record).__name__}")
        if not record.keys() & {"custom_id", "body", "messages"}:
            raise ValueError(
                "is neither a request (`custom_id`, `body`) nor an example (`messages`)"
            )
        if "body" not in record and "messages" in record:
            self._example(number, record)
        else:
            self._request(number, record)

    def _example(self, number: int, record: Mapping[str, Any]) -> None:
        if self.model is None:
            raise ValueError("is a fine-tuning example; name the model to train")
        model = get_model(self.model)
        tokens = count_training_tokens([record], model)
        if not any(message.get("role") == "assistant" for message in record["messages"]):
            raise ValueError("has no message of the assistant, so that nothing can be learnt")
        price = cost(model, training_tokens=tokens, epochs=self.epochs)
        self._add(model, TokenCount(tokens, tokens, tokens, exact=True), price, trained=tokens)
        longest = _training_limit(model)
        if longest is not None and tokens > longest:
            self._limit(
                number,
                f"{tokens} tokens are {tokens - longest} over the {longest} that an example for "
                f"{model.name} may have: the rest is cut off",
            )
        else:
            self._check_window(number, model, tokens, 0)

    def _request(self, number: int, record: Mapping[str, Any]) -> None:
        body, url, custom_id = (record.get(name) for name in ("body", "url", "custom_id"))
        if not isinstance(custom_id, str) or not custom_id:
            raise ValueError("custom_id must be a string that is not empty")
        if not isinstance(body, Mapping):
            raise ValueError("body must be an object")
        if not isinstance(url, str) or url not in _URLS:
            raise ValueError(f"url must be one of {', '.join(_URLS)}, not {url!r}")
        if record.get("method") != "POST":
            raise ValueError(f"method must be POST, not {record.get('method')!r}")
        if custom_id in self.ids:
            self._limit(number, f"custom_id {custom_id!r} is also in line {self.ids[custom_id]}")
        self.ids.setdefault(custom_id, number)
        name = body.get("model") or self.model
        if not isinstance(name, str):
            raise ValueError("body.model must be a string")
        if _URLS[url] not in body:
            raise ValueError(f"body.{_URLS[url]} is missing")
        model = get_model(name)
        if url == "/v1/embeddings":
            tokens = self._embedding(number, model, body["input"])
            count = TokenCount(tokens, tokens, tokens, bool(model.encoding_exact))
            reply = 0
        else:
            messages, options = _chat(url, body)
            count = count_messages(messages, model, **options)
            notes = tuple(_with_line(number, note) for note in count.notes)
            exact = count.exact and url != "/v1/responses"
            count = TokenCount(count.tokens, count.low, count.high, exact, notes)
            reply = _reply(body)
            self._check_window(number, model, count.tokens, reply)
        # Each for itself: a long prompt has rates of its own, a sum of short ones has not.
        price = cost(model, input_tokens=count.tokens, tier="batch")
        self._add(model, count, price, reply=reply)

    def _embedding(self, number: int, model: Model, given: Any) -> int:
        if model.encoding is None:
            raise no_tokenizer(model.name, model.provider)
        encoding = get_encoding(model.encoding)
        inputs = list(_inputs(given))
        self.embedding_inputs += len(inputs)
        counts = [one if isinstance(one, int) else encoding.count(one) for one in inputs]
        limit = model.safe_input_tokens
        for index, tokens in enumerate(counts):
            if limit is not None and tokens > limit:
                self._limit(
                    number, f"input[{index}] has {tokens} tokens, {tokens - limit} over {limit}"
                )
            if not tokens:
                self._limit(number, f"input[{index}] is empty")
        for name, value, most in (
            ("inputs", len(inputs), MAX_INPUTS_PER_REQUEST),
            ("tokens", sum(counts), MAX_TOKENS_PER_REQUEST),
        ):
            if value > most:
                self._limit(number, f"{value} {name} in one request, {value - most} over {most}")
        return sum(counts)

    def _check_window(self, number: int, model: Model, tokens: int, reply: int) -> None:
        room = reply if model.window == "shared" else 0
        for name, used, limit in (
            ("max_input_tokens", tokens, model.max_input_tokens),
            ("context_window", tokens + room, model.context_window),
            ("max_output_tokens", reply, model.max_output_tokens),
        ):
            if limit is not None and used > limit:
                self._limit(
                    number, f"{used} tokens exceed {model.name}'s {name} {limit} by {used - limit}"
                )
                return

    def _add(
        self, model: Model, count: TokenCount, price: Cost, *, reply: int = 0, trained: int = 0
    ) -> None:
        totals = self.report.totals
        total = totals.get(model.name)
        if total is None:
            total = RequestTotal(tokens=0, low=0, high=0, exact=True, model=model.name)
        totals[model.name] = total.plus(count, price, reply=reply, trained=trained)

    def _check_file(self) -> None:
        report = self.report
        batched = [total for total in report.totals.values() if not total.training_tokens]
        if len(batched) > 1:
            names = ", ".join(total.model for total in batched)
            self._limit(0, f"a batch is for one model, this file has {names}")
        if batched:
            for what, value, most in (
                ("requests", report.requests, MAX_REQUESTS),
                ("embedding inputs", self.embedding_inputs, MAX_EMBEDDING_INPUTS),
                ("bytes", self.size, MAX_FILE_BYTES),
            ):
                if value > most:
                    self._limit(0, f"{value} {what}, {value - most} over the limit of {most}")


def _with_line(number: int, note: str) -> str:
    """The note of a request, with its line where the note names a part of the request."""
    return f"line {number}: {note}" if note.startswith("messages[") else note


def _training_limit(model: Model) -> int | None:
    """The most tokens of an example, where that is less than the model's window."""
    name = model.name.removeprefix("ft:")
    found = [most for family, most in _TRAINING_LIMITS.items() if name.startswith(family)]
    return min(found, default=None)


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "is nested too deep"
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)


def _reply(body: Mapping[str, Any]) -> int:
    for name in ("max_completion_tokens", "max_output_tokens", "max_tokens"):
        value = body.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return 0


def _inputs(given: Any) -> Iterator[str | int]:
    """The inputs of an embeddings request: texts, or numbers of tokens where ids are given."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, list) and given and all(isinstance(one, int) for one in given):
        yield len(given)
    elif isinstance(given, list):
        for index, one in enumerate(given):
            if isinstance(one, list):
                yield len(one)
            elif isinstance(one, str):
                yield one
            else:
                raise ValueError(f"body.input[{index}] must be a text or a list of ids")
    else:
        raise ValueError("body.input must be a text or a list")


def _chat(url: str, body: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The messages and options that `count_messages` takes."""
    options = {name: body[name] for name in ("tools", "tool_choice") if name in body}
    if url == "/v1/chat/completions":
        if "response_format" in body:
            options["response_format"] = body["response_format"]
        return body["messages"], options
    messages: list[Any] = []
    if body.get("instructions"):
        messages.append({"role": "developer", "content": body["instructions"]})
    given = body["input"]
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    if not isinstance(items, list):
        raise ValueError("body.input must be a text or a list")
    messages += [_message(item, f"body.input[{i}]") for i, item in enumerate(items)]
    form = body.get("text")
    if isinstance(form, Mapping) and "format" in form:
        options["response_format"] = form["format"]
    return messages, options


def _message(item: Any, where: str) -> dict[str, Any]:
    """An input item of the Responses API as a message of a chat."""
    if not isinstance(item, Mapping):
        raise ValueError(f"{where} must be an object")
    kind = item.get("type", "message")
    if kind == "function_call_output":
        return {"role": "tool", "tool_call_id": item.get("call_id"), "content": item.get("output")}
    if kind == "function_call":
        function = {"name": item.get("name"), "arguments": item.get("arguments")}
        call = {"id": item.get("call_id"), "type": "function", "function": function}
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    if kind != "message":
        raise ValueError(f"{where}: an item of type {kind!r} cannot be counted")
    content = item.get("content")
    if isinstance(content, list):
        content = [_part(part) for part in content]
    return {"role": item.get("role"), "content": content}


def _part(part: Any) -> Any:
    if not isinstance(part, Mapping):
        return part
    if part.get("type") in ("input_text", "output_text"):
        return {"type": "text", "text": part.get("text")}
    if part.get("type") == "input_image":
        image = {"url": part.get("image_url"), "detail": part.get("detail", "auto")}
        return {"type": "image_url", "image_url": image}
    return part


def read_requests(
    path: str | os.PathLike[str], *, model: str | None = None, epochs: int = 1
) -> RequestReport:
    """`count_requests` of a file. Raises OSError if it cannot be read."""
    with open(path, "rb") as file:
        return count_requests(file, model=model, epochs=epochs)
