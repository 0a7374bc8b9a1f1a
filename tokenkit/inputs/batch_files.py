"""Files of requests for OpenAI's Batch API, of request bodies, and of examples to train with.

Batch input costs what the model's tier "batch" lists, a body alone the tier that it names, else
"standard"; training costs tokens x epochs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from tokenkit._checks import check_whole, json_fault, shown
from tokenkit._strict_json import strict_json
from tokenkit.chat import RequestCount, TokenCount, count_request
from tokenkit.costs import Cost, always_searches, cost, known_media
from tokenkit.errors import TokenkitError, UnknownModelError
from tokenkit.inputs.batch_examples import count_preference, count_training_line
from tokenkit.inputs.batch_limits import (
    embedding_problems,
    file_problems,
    training_problem,
    window_problem,
)
from tokenkit.inputs.batch_report import MAX_NOTES, Problem, RequestReport, RequestTotal
from tokenkit.inputs.sources import lines_of, not_utf8
from tokenkit.models import Model, resolve_model
from tokenkit.shapes import APIS, Api, RequestLine, Usage, api_named, read_line

__all__ = ["RequestCounter", "count_requests", "read_requests"]


def count_requests(
    lines: Iterable[bytes], model: str | Model | None = None, *, epochs: int = 1
) -> RequestReport:
    """Count the lines of a Batch API file, of request bodies, or of fine-tuning examples.

    `model` is the one to train, which examples need; for requests it is that of lines which name
    none, or one that is not known here, such as a deployment of Azure's (a note says so). Chat
    requests are counted by `count_messages`; Responses requests as the chat that they mean, never
    as exact. Pairs of replies (DPO) count as two examples, by no published rule. A key of a request
    that is not known, and input that is not in the file (earlier turns, a stored prompt, results of
    searches), leave `high` None, with a note that names line and path. Wrong lines are reported
    and the others counted.

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
    """Count the lines of a file as `count_requests` does. Raises OSError if it cannot be read, or
    changes meanwhile.

    >>> import pathlib, tempfile
    >>> talk = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]
    >>> path = pathlib.Path(tempfile.mkdtemp(), "examples.jsonl")
    >>> _ = path.write_text(json.dumps({"messages": talk}))
    >>> report = read_requests(path, "gpt-4o-mini", epochs=3)
    >>> report.totals["gpt-4o-mini"].training_tokens
    12
    """
    with lines_of(path) as file:
        return count_requests(file, model, epochs=epochs)


_MOST_COSTS = 10_000  # kept at once
# So many ids are known, which is more than a batch may have.
_MOST_IDS = 200_000


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
        self.model = None if model is None else resolve_model(model).model
        self.epochs = check_whole("epochs", epochs, 1)
        self.report = RequestReport()
        self.lines = 0
        self._line_of_id: dict[str, int] = {}
        self._batch_models: dict[str, None] = {}
        self._embedding_inputs = 0
        self._size = 0
        # Notes by model and text: the note as it stands, and how many later lines have it, too.
        self._notes: dict[str, dict[str, tuple[str, int]]] = {}
        self._costs: dict[tuple[Any, ...], tuple[Model, Cost]] = {}

    def __copy__(self) -> RequestCounter:
        return deepcopy(self)

    def add(self, line: bytes) -> None:
        """Count the next line; problems go into the report."""
        self.lines += 1
        self._size += len(line)
        if not line or line.isspace():
            return
        self.report.requests += 1
        try:
            read = read_line(_parsed(line))
            if read.kind in ("example", "preference"):
                self._add_example(read)
            else:
                self._add_request(read)
        except (TypeError, ValueError, KeyError, RecursionError, TokenkitError) as error:
            self.report.add_problem(Problem(self.lines, _reason(error)))

    def finish(self) -> RequestReport:
        """Check the limits of the file as a whole and return the report. To be called once."""
        if self._batch_models:
            for message in file_problems(
                list(self._batch_models), self.report.requests, self._embedding_inputs, self._size
            ):
                self.report.add_problem(Problem(0, message, is_limit=True))
        if len(self._line_of_id) == _MOST_IDS:
            message = f"custom_id: expected at most {_MOST_IDS:,}, got more; not all are compared"
            self.report.add_problem(Problem(0, message, is_limit=True))
        for name, notes in self._notes.items():
            longer = {note: f"{note} (and {more} more)" for note, more in notes.values() if more}
            total = self.report.totals[name]
            changed = tuple(longer.get(note, note) for note in total.notes)
            self.report.totals[name] = replace(total, notes=changed)
        return self.report

    def _over(self, message: str | None) -> None:
        """Report a limit that the line is over, if it is."""
        if message is not None:
            self.report.add_problem(Problem(self.lines, message, is_limit=True))

    def _add_example(self, line: RequestLine) -> None:
        """Count a fine-tuning example."""
        model = self.model
        if model is None:
            raise ValueError("expected a model to train, got none; name it")
        preferred = line.kind == "preference"
        count = count_preference(line, model) if preferred else count_training_line(line, model)
        price = cost(model, training_tokens=count.tokens, epochs=self.epochs)
        self._add(model, count, price, trained=count.tokens)
        for tokens in count.inputs:
            self._over(training_problem(model, tokens))

    def _add_request(self, line: RequestLine) -> None:
        """Count a request."""
        if line.kind == "batch":
            self._check_id(line.custom_id)
        model, note = self._model_of(line)
        api = api_named(line.api) or _api_of(line, model)
        count = count_request(line, api, model)
        count.notes += [note] if note else []
        if line.kind == "batch":
            self._batch_models.setdefault(model.name)
        if api.name == "embeddings":
            self._embedding_inputs += len(count.inputs)
            for message in embedding_problems(model, count.inputs):
                self._over(message)
        else:
            self._over(window_problem(model, count.tokens, count.reply))
        for message in count.problems:
            self._over(message)
        price = self._price(line, count, model)
        self._add(model, count, price, reply=count.reply * count.replies)

    def _check_id(self, custom_id: str) -> None:
        """Report an id that an earlier line has, as far as those are known."""
        earlier = self._line_of_id.get(custom_id)
        if earlier is not None:
            self._over(f"custom_id {custom_id!r} is also in line {earlier}")
        elif len(self._line_of_id) < _MOST_IDS:
            self._line_of_id[custom_id] = self.lines

    def _model_of(self, line: RequestLine) -> tuple[Model, str]:
        """Return the model of a request, and a note where it is not the one that it names."""
        name = line.body.get("model") or line.deployment
        where = _path(line, "model")
        if not name:
            if self.model is None:
                given = shown(line.body.get("model"))
                raise ValueError(f"{where}: expected a model's name, got {given}; name it")
            return self.model, ""
        if not isinstance(name, str):
            raise ValueError(f"{where}: expected a model's name, got {shown(name)}")
        note = f"{where}: {name!r} is not known here; counted and priced as "
        try:
            resolved = resolve_model(name)
        except UnknownModelError as error:
            if self.model is None:
                message = str(error).partition(" To count by its encoding")[0]
                raise ValueError(f"{message} For a deployment, name its model.") from None
            return self.model, note + self.model.name
        if self.model is not None and resolved.rule == "documented prefix":
            return self.model, note + self.model.name
        return resolved.model, ""

    def _price(self, line: RequestLine, count: RequestCount, model: Model) -> Cost:
        """Price the input of one request by itself: a long prompt has rates of its own, a sum of
        short ones has not."""
        searches = always_searches(model)
        if searches:
            count.unbounded(
                f"{_path(line, 'model')}: each request is a web search, whose text is not in the "
                "request"
            )
        used = {"input_tokens": count.tokens, **known_media(model, lambda: count.parts)}
        used["web_searches"] = int(searches)
        tier, where = line.body.get("service_tier"), _path(line, "service_tier")
        sold = "batch" if line.kind == "batch" else "standard"
        if tier not in (None, "auto", "default", "standard", sold):
            if sold == "standard":
                try:
                    return self._cost(model, used, tier)
                except (TypeError, ValueError) as error:
                    note = f"{where}: {error}; standard rates are taken"
            else:
                note = f"{where}: {shown(tier)} is left out: the rates are those of batches"
            count.partial = True
            count.notes.append(note)
        return self._cost(model, used, sold)

    def _cost(self, model: Model, used: dict[str, Any], tier: Any) -> Cost:
        """Price quantities; most requests of a file are of few lengths, so each is kept."""
        key = (model.name, *used.items(), repr(tier))
        known, price = self._costs.get(key, (None, None))
        if price is None or known is not model:
            price = cost(model, Usage(**used), tier=tier)
            if len(self._costs) >= _MOST_COSTS:
                self._costs.clear()
            self._costs[key] = model, price
        return price

    def _add(
        self, model: Model, count: RequestCount, price: Cost, *, reply: int = 0, trained: int = 0
    ) -> None:
        totals = self.report.totals
        total = totals.get(model.name)
        if total is None:
            total = RequestTotal(tokens=0, low=0, high=0, exact=True, model=model.name)
        missing = [f"the cost is partial: {line.item}: {line.reason}" for line in price.unpriced]
        general = (*count.general, *missing, *price.notes)
        notes = self._new_notes(model, general, count.notes)
        counted = TokenCount(count.tokens, count.low, count.high, count.exact, notes)
        totals[model.name] = total.plus(
            counted, price, reply=reply, trained=trained, partial=count.partial
        )

    def _new_notes(
        self, model: Model, general: Iterable[str], notes: Iterable[str]
    ) -> tuple[str, ...]:
        """Return the notes that no earlier line of the model had; `notes` get the line's number."""
        known = self._notes.setdefault(model.name, {})
        new = []
        marked = dict.fromkeys(general, False) | dict.fromkeys(notes, True)
        for text, local in marked.items():
            if text in known:
                note, more = known[text]
                known[text] = note, more + local
                continue
            note = f"line {self.lines}: {text}" if local else text
            if len(known) < MAX_NOTES:
                known[text] = note, 0
            new.append(note)
        return tuple(new)


def _path(line: RequestLine, key: str) -> str:
    return f"{line.prefix}.{key}" if line.prefix else key


def _api_of(line: RequestLine, model: Model) -> Api:
    """Return the API that a body without a URL and without messages is for."""
    if model.kind == "embedding":
        return APIS["embeddings"]
    prompt = line.body.get("prompt")
    if line.body.get("input") is None and isinstance(prompt, (str, list)):
        raise ValueError(
            "prompt: requests of completions and images are not counted here; expected `messages` "
            "or `input`"
        )
    return APIS["responses"]


def _parsed(line: bytes) -> Any:
    """Return the JSON value in a line. Raises ValueError."""
    try:
        return strict_json(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"invalid JSON at column {error.colno}: {json_fault(error)}") from None
    except UnicodeDecodeError as error:
        raise ValueError(str(not_utf8(error.start))) from None
    except ValueError as error:
        raise ValueError(f"invalid JSON: {json_fault(error)}") from None


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "invalid JSON: nested too deep"
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
