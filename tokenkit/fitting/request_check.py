"""`preflight`: the check of one request before it is sent.

>>> check = preflight(model="gpt-4o", messages=[{"role": "user", "content": "Hi"}], max_tokens=50)
>>> check.tokens, check.fits, str(check.cost_high)
(8, True, '0.00052')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tokenkit._checks import as_whole, check_tokens, check_whole, shown
from tokenkit.chat import RequestCount, check_input, count_body, frozen_of
from tokenkit.costs import (
    always_searches,
    cost,
    most_media,
    price_day,
    price_moment,
    region_without_rate,
)
from tokenkit.errors import TokenkitError, UnknownModelError
from tokenkit.fitting.budget import MIN_OUTPUT
from tokenkit.fitting.cache_marks import cache_use
from tokenkit.fitting.preflight_result import Preflight, RequestProblem
from tokenkit.fitting.request_cost import RequestCost, reply_kinds
from tokenkit.fitting.request_problems import (
    embedding_problems,
    model_problems,
    problem_of,
    reply_problems,
    request_problems,
    truncation_problems,
)
from tokenkit.fitting.sent_request import SentRequest, sent_request
from tokenkit.fitting.verdict import Limit, limits_of, verdict_on
from tokenkit.models import Model, resolve_quietly
from tokenkit.shapes import Api, RequestBook, api_of, plain, read_request, unknown_key

__all__ = ["preflight"]


def preflight(
    request: object = None,
    /,
    *,
    api: str | None = None,
    min_output: int = MIN_OUTPUT,
    expected_output: int | tuple[int, int] | None = None,
    image_sizes: Mapping[str, tuple[int, int]] | None = None,
    at: date | str | None = None,
    **request_keywords: Any,
) -> Preflight:
    """Check a request before it is sent: tokens, limits, price, problems. Nothing is sent.

    `request` is what you would send: the keyword arguments of OpenAI's `chat.completions.create`,
    `responses.create`, `embeddings.create`, `completions.create`, `moderations.create`,
    `images.generate`, `audio.speech.create`, `audio.transcriptions.create` and the former
    `beta.threads.runs.create`, of Anthropic's `messages.create` or of Gemini's `generate_content`;
    as a mapping, keyword arguments, an object of an SDK, or a line of a batch file. Keyword
    arguments replace keys of `request`. The keys say which API it is; `api` names it (such as
    "responses") where they leave a doubt.

    Models whose tokenizer is private are estimated, which `exact`, `low` and `high` say. The copy
    in `request` asks for no more reply than fits, but for `min_output` tokens at least.
    `expected_output` is the reply to price: tokens, or (least, most); else none to `max_output`.
    `image_sizes` as in `count_messages`; `at` is the day or moment of the prices.

    What is wrong in the request is a problem with its path, never an error raised. Raises TypeError
    for a `request` of another type, and ValueError for arguments out of range.

    >>> check = preflight({"model": "text-embedding-3-small", "input": ["a", ""]})
    >>> check.api, [str(problem) for problem in check.problems]
    ('embeddings', ['input[1]: expected a text that is not empty, got none'])
    """
    check_tokens("min_output", min_output)
    expected = _expected(expected_output)
    moment = date.today() if at is None else price_moment(at)
    sent = sent_request(request, request_keywords, api)
    model, problems = _model(sent)
    named = sent.api or api_of(sent.body, model.kind, model.provider)
    if named is None:
        return _unread(sent, model, problems)
    book = read_request(named, sent.body, sent.prefix)
    count, faults = _count(sent, named, model, book, image_sizes)
    problems += faults
    if model.provider != _UNKNOWN:
        path = _path(sent, "model")
        problems += model_problems(model, named, path, price_day(moment))
    problems += reply_problems(model, named, count, book, sent.prefix)
    if not faults:
        problems += request_problems(model, named, count, sent.body, sent.prefix)
        problems += truncation_problems(model, named, book)
    problems += map(problem_of, (*sent.faults, *count.problems))
    problems += _unknown_keys(book)
    problems += _tier_problems(model, book)
    read = _Read(sent, named, model, book, count)
    return _result(read, problems, min_output, _price(read, expected, at))


@dataclass(slots=True)
class _Read:
    """A request, its API and model, its keys and its tokens."""

    sent: SentRequest
    api: Api
    model: Model
    book: RequestBook
    count: RequestCount


_UNKNOWN = "unknown"
_UNKNOWN_KEY = "this key is not known: it may change the number, or be refused"


def _expected(value: object) -> tuple[int, int] | None:
    if value is None:
        return None
    number = as_whole(value)
    pair = (number, number) if number is not None else value
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise TypeError(f"expected_output: expected tokens or (least, most), got {shown(value)}")
    low, high = (check_whole("expected_output", item) for item in pair)
    if low > high:
        raise ValueError(f"expected_output: expected least <= most, got ({low}, {high})")
    return low, high


def _path(sent: SentRequest, key: str) -> str:
    return f"{sent.prefix}.{key}" if sent.prefix else key


def _model(sent: SentRequest) -> tuple[Model, list[RequestProblem]]:
    """Return the model of a request; one of which nothing is known where its name is not known."""
    name = sent.body.get("model")
    name = sent.deployment or None if name is None else name
    path = _path(sent, "model")
    if isinstance(name, Model):
        return name, []
    if not isinstance(name, str) or not name:
        problem = RequestProblem(path, "error", f"expected a model's name, got {shown(name)}")
        return Model(name="unknown", kind="chat", provider=_UNKNOWN), [problem]
    try:
        return resolve_quietly(name).model, []
    except UnknownModelError as error:
        message = f"{error} Its tokens are estimated."
        named = name.encode("utf-8", "replace").decode()  # a record's name has no lone surrogates
        return Model(name=named, kind="chat", provider=_UNKNOWN), [
            RequestProblem(path, "error", message)
        ]


def _count(
    sent: SentRequest,
    api: Api,
    model: Model,
    book: RequestBook,
    image_sizes: Mapping[str, tuple[int, int]] | None,
) -> tuple[RequestCount, list[RequestProblem]]:
    """Count a request. What cannot be counted is a problem, and a number without an upper bound."""
    try:
        check_input(api, sent.body, sent.prefix)
        count = count_body(api, model, book, estimate=True, image_sizes=image_sizes)
    except (TypeError, ValueError, KeyError, RecursionError, TokenkitError) as error:
        problem = problem_of(str(error))
        if problem.path == "request":
            problem = RequestProblem(_path(sent, api.inputs[0]), "error", problem.message)
        count = RequestCount(0, 0, None, False, partial=True)
        count.general.append("the request cannot be counted; see its problems")
        return count, [problem]
    for key in sent.unknown:
        count.unbounded(unknown_key(key))
    reason = region_without_rate(model, _word(book.fields.get("region")))
    if reason:
        count.partial = True
        count.notes.append(f"{book.paths['region']}: {reason}, so the cost is partial")
    if always_searches(model):
        count.unbounded(
            f"{_path(sent, 'model')}: each request is a web search, whose text is not in it"
        )
    return count, []


def _unread(sent: SentRequest, model: Model, problems: list[RequestProblem]) -> Preflight:
    """Make the result of a request whose keys name no API."""
    keys = ", ".join(map(str, sent.body)) or "no keys"
    message = f"expected messages, input, contents, prompt or file, got {keys}; api= names the API"
    return Preflight(
        tokens=0,
        low=0,
        high=None,
        exact=False,
        notes=("the request cannot be counted; see its problems",),
        model=model.name,
        api="",
        limit=None,
        limit_name="",
        fits=None,
        max_output=None,
        problems=(
            *problems,
            *map(problem_of, sent.faults),
            RequestProblem(sent.prefix or "request", "error", message),
        ),
        sent=sent,
    )


def _unknown_keys(book: RequestBook) -> list[RequestProblem]:
    if not book.doubts:
        return []
    mark = unknown_key("")
    keys = [text.removesuffix(mark) for text in book.doubts if text.endswith(mark)]
    return [RequestProblem(key, "warning", _UNKNOWN_KEY) for key in keys]


def _result(
    read: _Read, problems: list[RequestProblem], min_output: int, price: RequestCost | None
) -> Preflight:
    count, model = read.count, read.model
    asked = count.reply if count.reply_path else None
    limits = limits_of(model, len(count.inputs) or 1)
    verdict = verdict_on(limits, count.low, count.high, asked or 0)
    fits, limit = verdict.fits, verdict.limit
    if read.api.name == "embeddings":
        over = list(embedding_problems(model, count.inputs, _path(read.sent, "input")))
        problems += over
        fits = False if over and count.inputs else fits
    elif fits is False and limit is not None:
        problems.append(_over(read, limit, asked or 0))
    if asked is not None and model.max_output_tokens is not None:
        fits = False if asked > model.max_output_tokens else fits
    return frozen_of(
        Preflight,
        tokens=count.tokens,
        low=count.low,
        high=count.high,
        exact=count.exact,
        notes=tuple(dict.fromkeys((*count.notes, *count.general))),
        model=model.name,
        api=read.api.name,
        limit=None if limit is None else limit.tokens,
        limit_name="" if limit is None else limit.name,
        fits=fits,
        max_output=asked,
        problems=tuple(problems),
        **_breakdown(count),
        room=None if limit is None else limit.room(asked or 0),
        sent=read.sent,
        reply=_clamped(model, count, limits, min_output),
        price=price,
    )


def _breakdown(count: RequestCount) -> dict[str, Any]:
    """Return what `LaterParts` makes the parts of; the result keeps no other sight of the chat."""
    chat, count.chat = count.chat, None
    return {"parts": ()} if chat is None else {"_lines": chat.tally.lines}


def _over(read: _Read, limit: Limit, output: int) -> RequestProblem:
    """Make the problem of a request over a limit, at the reply's key where that is too long."""
    count = read.count
    needed = f"{count.low} tokens" if count.exact else f"at least {count.low} tokens"
    if limit.with_output and output and count.low <= limit.tokens:
        return RequestProblem(
            count.reply_path,
            "error",
            f"input of {needed} and a reply of {output} exceed the {limit.name} of {limit.tokens}",
        )
    path = _path(read.sent, read.api.inputs[0])
    return RequestProblem(path, "error", f"{needed} exceed the {limit.name} of {limit.tokens}")


def _clamped(
    model: Model, count: RequestCount, limits: list[Limit], min_output: int
) -> tuple[str, int]:
    """Return the path of the reply's limit and the number to ask for; "" where nothing changes."""
    if not count.reply_path:
        return "", 0
    used = count.tokens if count.high is None else count.high
    room = min((limit.tokens - used for limit in limits if limit.with_output), default=count.reply)
    wanted = min(count.reply, model.max_output_tokens or count.reply)
    clamped = max(min(wanted, room), min(min_output, wanted))
    return ("", 0) if clamped == count.reply else (count.reply_path, clamped)


def _price(
    read: _Read, expected: tuple[int, int] | None, at: date | str | None
) -> RequestCost | None:
    sent, model, fields = read.sent, read.model, read.book.fields
    if model.provider == _UNKNOWN:
        return None
    pictures = _pictures(fields) if model.kind == "image" else ()
    return RequestCost(
        model,
        read.count,
        _output(read, expected, bool(pictures)),
        _tier(sent, fields),
        at,
        cache_use(model, sent.body, read.count),
        pictures,
        _word(fields.get("region")).lower() or None,
        most_media(model, read.count),
        reply_kinds(model, sent.body),
    )


def _word(value: object) -> str:
    """Return the word that a value is, be it a member of an enum; "" for None."""
    value = plain(value)
    return value if isinstance(value, str) else "" if value is None else shown(value)


def _tier(sent: SentRequest, fields: Mapping[str, Any]) -> str:
    """Return the tier whose rates a request asks for; Anthropic's fast mode has its own."""
    asked = _word(fields.get("service_tier"))
    tier = sent.tier or ("standard" if asked in _STANDARD else asked)
    speed = _word(fields.get("speed")) or "standard"
    if speed == "standard":
        return tier
    return speed if tier == "standard" else f"{tier}+{speed}"


def _tier_problems(model: Model, book: RequestBook) -> list[RequestProblem]:
    """Return the problems of a tier or speed that nobody sells: the request then has no price."""
    problems = []
    for key, standard in (("service_tier", _STANDARD), ("speed", ("", "standard"))):
        word = _word(book.fields.get(key))
        if word in standard:
            continue
        try:
            cost(model, tier=word)
        except ValueError as error:
            message = str(error).removeprefix("tier: ")
            problems.append(RequestProblem(book.paths[key], "warning", message))
    return problems


_STANDARD = ("", "unspecified", "auto", "default", "standard", "standard_only")


def _output(
    read: _Read, expected: tuple[int, int] | None, pictures: bool
) -> tuple[int, int | None]:
    """Return the least and the most tokens of all replies, None where nothing limits them."""
    model, count = read.model, read.count
    if pictures or not model.writes_reply or model.kind in ("speech", "transcription"):
        return 0, 0
    if expected is not None:
        return expected[0] * count.replies, expected[1] * count.replies
    most = count.reply if count.reply_path else model.max_output_tokens
    return 0, None if most is None else most * count.replies


def _pictures(fields: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return the pictures that an image model is asked to make, where their size is given."""
    size, quality = fields.get("size"), fields.get("quality", "")
    width, x, height = size.partition("x") if isinstance(size, str) else ("", "", "")
    if not (x and width.isdecimal() and height.isdecimal() and isinstance(quality, str)):
        return ()
    sides = {"width": int(width), "height": int(height)}
    return ({**sides, "quality": quality, "count": fields.get("images", 1)},)
