"""Files of requests for OpenAI's Batch API, and of fine-tuning examples: tokens, price, limits.

Batch input costs what the model's tier "batch" lists; training costs tokens x epochs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from tokenkit._checks import check_choice, check_whole, shown
from tokenkit.chat import TokenCount, count_messages, count_training_tokens
from tokenkit.costs import Cost, always_searches, cost
from tokenkit.encodings import encoding_for_model
from tokenkit.errors import TokenkitError
from tokenkit.inputs.batch_bodies import (
    EMBEDDINGS,
    INPUT_FIELD,
    RESPONSES,
    as_chat,
    embedding_inputs,
    reply_limit,
)
from tokenkit.inputs.batch_limits import (
    embedding_problems,
    file_problems,
    training_problem,
    window_problem,
)
from tokenkit.inputs.batch_report import Problem, RequestReport, RequestTotal
from tokenkit.inputs.sources import not_utf8
from tokenkit.models import Model, get_model

__all__ = ["RequestCounter", "count_requests", "read_requests"]


def count_requests(
    lines: Iterable[bytes], model: str | Model | None = None, *, epochs: int = 1
) -> RequestReport:
    """Count the lines of a Batch API file, or of a fine-tuning file, which needs a `model`.

    In a batch, `model` is that of requests that name none. Chat requests are counted by
    `count_messages`; Responses requests as the chat that they mean, never as exact. Wrong lines are
    reported and the others counted.

    Raises UnknownModelError for an unknown `model`, ValueError for epochs below 1.

    >>> body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}]}
    >>> request = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": body}
    >>> report = count_requests([json.dumps(request).encode()])
    >>> report.totals["gpt-4o-mini"].tokens, report.problems
    (8, [])
    """
    counter = RequestCounter(model, epochs=epochs)
    for line in lines:
        counter.add(line)
    return counter.finish()


def read_requests(
    path: str | os.PathLike[str], model: str | Model | None = None, *, epochs: int = 1
) -> RequestReport:
    """Count the lines of a file as `count_requests` does. Raises OSError if it cannot be read.

    >>> import pathlib, tempfile
    >>> talk = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]
    >>> path = pathlib.Path(tempfile.mkdtemp(), "examples.jsonl")
    >>> _ = path.write_text(json.dumps({"messages": talk}))
    >>> report = read_requests(path, "gpt-4o-mini", epochs=3)
    >>> report.totals["gpt-4o-mini"].training_tokens
    12
    """
    with open(path, "rb") as file:
        return count_requests(file, model, epochs=epochs)


class RequestCounter:
    """Counts requests line by line, for callers who want to stop in between.

    `report` is what was counted so far, `lines` how many lines there were. Raises as
    `count_requests` does.

    >>> counter = RequestCounter()
    >>> counter.add(b'{"custom_id": "1"}')
    >>> counter.finish().problems
    [Problem(line=1, message='body: expected an object, got None', is_limit=False)]
    """

    def __init__(self, model: str | Model | None = None, *, epochs: int = 1) -> None:
        self.model = None if model is None else get_model(model)
        self.epochs = check_whole("epochs", epochs, 1)
        self.report = RequestReport()
        self.lines = 0
        self._line_of_id: dict[str, int] = {}
        self._embedding_inputs = 0
        self._size = 0

    def add(self, line: bytes) -> None:
        """Count the next line; problems go into the report."""
        self.lines += 1
        self._size += len(line)
        if not line or line.isspace():
            return
        self.report.requests += 1
        try:
            record = _record(line)
            if "body" not in record and "messages" in record:
                self._add_example(record)
            else:
                self._add_request(record)
        except (TypeError, ValueError, KeyError, RecursionError, TokenkitError) as error:
            self.report.problems.append(Problem(self.lines, _reason(error)))

    def finish(self) -> RequestReport:
        """Check the limits of the file as a whole and return the report. To be called once."""
        totals = self.report.totals.values()
        models = [total.model for total in totals if not total.training_tokens]
        if models:
            for message in file_problems(
                models, self.report.requests, self._embedding_inputs, self._size
            ):
                self.report.problems.append(Problem(0, message, is_limit=True))
        return self.report

    def _over(self, message: str | None) -> None:
        """Report a limit that the line is over, if it is."""
        if message is not None:
            self.report.problems.append(Problem(self.lines, message, is_limit=True))

    def _add_example(self, record: Mapping[str, Any]) -> None:
        """Count a fine-tuning example."""
        model = self.model
        if model is None:
            raise ValueError("expected a model to train, got none; name it")
        tokens = count_training_tokens([record], model)
        if not any(message.get("role") == "assistant" for message in record["messages"]):
            raise ValueError("expected a message of the assistant, got none to learn from")
        price = cost(model, training_tokens=tokens, epochs=self.epochs)
        self._add(model, TokenCount(tokens, tokens, tokens, exact=True), price, trained=tokens)
        self._over(training_problem(model, tokens))

    def _add_request(self, record: Mapping[str, Any]) -> None:
        """Count a request of the Batch API."""
        url, body = _checked(record)
        custom_id = record["custom_id"]
        earlier = self._line_of_id.setdefault(custom_id, self.lines)
        if earlier != self.lines:
            self._over(f"custom_id {custom_id!r} is also in line {earlier}")
        model = self._model_of(body)
        if INPUT_FIELD[url] not in body:
            raise ValueError(f"body: expected {INPUT_FIELD[url]}, got {', '.join(body)}")
        if url == EMBEDDINGS:
            count, reply = self._embedding(model, body), 0
        else:
            count, reply = self._chat(model, url, body), reply_limit(body)
            self._over(window_problem(model, count.tokens, reply))
        # Each for itself: a long prompt has rates of its own, a sum of short ones has not.
        searches = 1 if always_searches(model) else 0
        price = cost(model, input_tokens=count.tokens, web_searches=searches, tier="batch")
        self._add(model, count, price, reply=reply)

    def _model_of(self, body: Mapping[str, Any]) -> Model:
        name = body.get("model") or self.model
        if isinstance(name, Model):
            return name
        if not isinstance(name, str):
            raise ValueError(f"body.model: expected a model's name, got {shown(name)}")
        return get_model(name)

    def _embedding(self, model: Model, body: Mapping[str, Any]) -> TokenCount:
        encoding = encoding_for_model(model)
        inputs = embedding_inputs(body["input"])
        self._embedding_inputs += len(inputs)
        counts = [item if isinstance(item, int) else encoding.count(item) for item in inputs]
        for message in embedding_problems(model, counts):
            self._over(message)
        tokens = sum(counts)
        return TokenCount(tokens, tokens, tokens, exact=bool(model.encoding_exact))

    def _chat(self, model: Model, url: str, body: Mapping[str, Any]) -> TokenCount:
        messages, options = as_chat(url, body)
        count = count_messages(messages, model, **options)
        notes = tuple(_with_line(self.lines, note) for note in count.notes)
        exact = count.exact and url != RESPONSES
        return TokenCount(count.tokens, count.low, count.high, exact, notes)

    def _add(
        self, model: Model, count: TokenCount, price: Cost, *, reply: int = 0, trained: int = 0
    ) -> None:
        totals = self.report.totals
        total = totals.get(model.name)
        if total is None:
            total = RequestTotal(tokens=0, low=0, high=0, exact=True, model=model.name)
        totals[model.name] = total.plus(count, price, reply=reply, trained=trained)


def _with_line(number: int, note: str) -> str:
    """The note of a request, with its line where the note names a part of the request."""
    return f"line {number}: {note}" if note.startswith("messages[") else note


def _record(line: bytes) -> Mapping[str, Any]:
    """The object in a line. Raises ValueError for anything but a request or an example."""
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"invalid JSON at column {error.colno}: {error.msg}") from None
    except UnicodeDecodeError as error:
        raise ValueError(str(not_utf8(error.start))) from None
    if not isinstance(record, Mapping):
        raise ValueError(f"expected an object, got {shown(record)}")
    if not record.keys() & {"custom_id", "body", "messages"}:
        raise ValueError(
            "expected a request (`custom_id`, `body`) or an example (`messages`), got "
            + (", ".join(record) or "an empty object")
        )
    return record


def _checked(record: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The URL and body of a request. Raises ValueError for what the Batch API does not take."""
    names = ("custom_id", "body", "url", "method")
    values: list[Any] = [record.get(name) for name in names]
    custom_id, body, url, method = values
    if not isinstance(custom_id, str) or not custom_id:
        raise ValueError(f"custom_id: expected a non-empty string, got {shown(custom_id)}")
    if not isinstance(body, Mapping):
        raise ValueError(f"body: expected an object, got {shown(body)}")
    check_choice("url", url, INPUT_FIELD)
    check_choice("method", method, ("POST",))
    return url, body


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "invalid JSON: nested too deep"
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
