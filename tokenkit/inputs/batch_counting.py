"""Requests of chat completions, Responses and embeddings: tokens, and what a body leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tokenkit._checks import check_choice, shown
from tokenkit.chat import MessageCount, count_messages
from tokenkit.encodings import encoding_for_model
from tokenkit.inputs.batch_line import OPTIONS, LineCount, Paths, line_count
from tokenkit.models import Model
from tokenkit.shapes import (
    CHAT_API,
    EMBEDDINGS_API,
    RESPONSES_API,
    RequestBook,
    RequestLine,
    fields_of,
    read_request,
    unknown_key,
)

__all__ = ["count_request"]

_REPLY_LIMITS = ("max_completion_tokens", "max_output_tokens", "max_tokens")
# Of a request whose framing is not documented, as the promise of `count_messages` says.
_WIDEST_TOKENS, _WIDEST_SHARE = 16, 0.05


def count_request(line: RequestLine, api: str, model: Model) -> LineCount:
    """Count a request. Raises ValueError or TypeError that name the faulty part of its body."""
    book = read_request(api, line.body, line.prefix)
    _check_input(line, api, book)
    if api == EMBEDDINGS_API:
        count = _count_embeddings(model, book)
    else:
        count = _count_chat(api, model, book)
    for note in (*book.doubts, *(unknown_key(key) for key in line.unknown)):
        count.unbounded(note)
    truncation = book.fields.get("truncation", "disabled")
    if truncation not in ("auto", "disabled"):
        where = book.paths["truncation"]
        count.problems.append(f"{where}: expected 'auto' or 'disabled', got {shown(truncation)}")
    if truncation == "auto":
        _truncate(count, model, book.paths["truncation"])
    count.notes += book.fees + book.notes
    count.partial = count.partial or bool(book.fees)
    count.problems += book.problems
    return count


def _check_input(line: RequestLine, api: str, book: RequestBook) -> None:
    name = "messages" if api == CHAT_API else "input"
    elsewhere = api == RESPONSES_API and any(
        line.body.get(key) is not None for key in ("prompt", "previous_response_id", "conversation")
    )
    if name not in book.fields and not elsewhere:
        where = line.prefix or "request"
        raise ValueError(
            f"{where}: expected {name}, got {', '.join(map(str, line.body)) or 'none'}"
        )


def _count_embeddings(model: Model, book: RequestBook) -> LineCount:
    """Count an embeddings request: texts, or ids, which count as they are."""
    if model.kind != "embedding":
        raise ValueError(
            f"model: expected an embedding model, got {model.name} of kind {model.kind!r}"
        )
    inputs = _embedding_inputs(book.fields["input"], book.paths["input"])
    encoding = encoding_for_model(model)
    _check_ids(book.fields["input"], book.paths["input"], encoding.max_token_value)
    counts = [item if isinstance(item, int) else encoding.count(item) for item in inputs]
    tokens = sum(counts)
    exact = bool(model.encoding_exact)
    return LineCount(tokens, tokens, tokens, exact, inputs=counts)


def _embedding_inputs(value: Any, path: str) -> list[str | int]:
    """Return the inputs of an embeddings request: texts, or the numbers of ids."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise ValueError(f"{path}: expected a text or a list, got {shown(value)}")
    if value and _are_ids(value):
        return [len(value)]
    inputs: list[str | int] = []
    for index, item in enumerate(value):
        if isinstance(item, str):
            inputs.append(item)
        elif isinstance(item, list) and _are_ids(item):
            inputs.append(len(item))
        else:
            raise ValueError(
                f"{path}[{index}]: expected a text or a list of ids, got {shown(item)}"
            )
    return inputs


def _check_ids(value: Any, path: str, largest: int) -> None:
    """Refuse ids that the model does not have."""
    for item in value if isinstance(value, list) else ():
        if isinstance(item, list):
            _check_ids(item, path, largest)
        elif isinstance(item, int) and not 0 <= item <= largest:
            raise ValueError(f"{path}: expected ids from 0 to {largest}, got {item}")


def _are_ids(items: list[Any]) -> bool:
    return all(type(item) is int for item in items)


# ---- chats ------------------------------------------------------------------------------------


def _count_chat(api: str, model: Model, book: RequestBook) -> LineCount:
    fields = book.fields
    options = {name: fields[name] for name in OPTIONS if name in fields}
    effort = fields.get("reasoning_effort", "medium")
    if model.chat_rule == "harmony":
        check_choice(book.paths.get("reasoning_effort", ""), effort, ("low", "medium", "high"))
        options["harmony"] = {"reasoning_effort": effort}
    messages, places = _messages(api, book)
    told = Paths(places, {**book.paths, "messages": book.paths.get("messages", "messages")})
    try:
        counted = count_messages(messages, model, **options)
    except (TypeError, ValueError) as error:
        raise ValueError(told.of(str(error))) from None
    count = line_count(counted, told)
    if api == RESPONSES_API:
        _doubt_frames(count, len(messages))
    _doubt_fields(count, counted, model, book)
    count.reply = next((fields[name] for name in _REPLY_LIMITS if name in fields), 0)
    count.replies = fields.get("choices", 1)
    if count.reply and count.replies > 1:
        count.notes.append(
            f"{book.paths['choices']}: max_output is that of {count.replies} replies"
        )
    return count


def _messages(api: str, book: RequestBook) -> tuple[Any, list[str]]:
    """Return the messages and items of a request, and the path of each where it is its own."""
    fields, paths = book.fields, book.paths
    if api == CHAT_API:
        value = fields["messages"]
        many = isinstance(value, (list, tuple))
        return value, [f"{paths['messages']}[{i}]" for i in range(len(value))] if many else []
    messages: list[Any] = []
    places: list[str] = []
    for name, role in (("instructions", "developer"), ("input", "user")):
        value = fields.get(name)
        if value is None:
            continue
        if isinstance(value, str):
            messages.append({"role": role, "content": value})
            places.append(paths[name])
        elif isinstance(value, list):
            messages += value
            places += [f"{paths[name]}[{index}]" for index in range(len(value))]
        else:
            raise ValueError(f"{paths[name]}: expected a text or a list, got {shown(value)}")
    return messages, places


def _doubt_frames(count: LineCount, messages: int) -> None:
    """Widen the bounds of a Responses request, which is counted as the chat that it means."""
    if count.exact:
        half = (_WIDEST_TOKENS + int(_WIDEST_SHARE * count.tokens)) // 2
        count.low = max(0, count.low - min(1 + messages, half))
        count.high = count.tokens + min(1 + messages, half)
    count.exact = False
    count.general.append("framing of messages in the Responses API is not documented")


def _doubt_fields(count: LineCount, counted: MessageCount, model: Model, book: RequestBook) -> None:
    """Take in the fields of the body that change how many tokens are read."""
    fields, paths = book.fields, book.paths
    if "prediction" in fields:
        _doubt_prediction(count, fields["prediction"], paths["prediction"], model)
    if fields.get("context_compression", "disabled") != "disabled":
        images = sum(part.tokens for part in counted.parts if part.kind == "image")
        if images:
            note = f"{paths['context_compression']}: the API may shrink images by no published rule"
            count.at_least(images, note)
    if fields.get("reasoning_mode", "standard") != "standard":
        count.unbounded(
            f"{paths['reasoning_mode']}: {shown(fields['reasoning_mode'])} may read the input more "
            "than once, so the number has no upper bound"
        )
    if fields.get("completion_window", "soonest") != "soonest":
        count.partial = True
        count.notes.append(f"{paths['completion_window']}: its rates are not listed")
    if "context_management" in fields:
        _doubt_compaction(count, fields["context_management"], paths["context_management"])


def _truncate(count: LineCount, model: Model, path: str) -> None:
    """Bound a request whose oldest items the API drops where it is over the window."""
    limit = _input_limit(model)
    if limit is not None and (count.high is None or count.high > limit):
        count.at_least(count.low, f"{path}: the API drops the oldest items over {limit} tokens")
        count.tokens, count.high = min(count.tokens, limit), limit


def _input_limit(model: Model) -> int | None:
    known = (model.max_input_tokens, model.context_window)
    return min((limit for limit in known if limit is not None), default=None)


def _doubt_prediction(count: LineCount, content: Any, path: str, model: Model) -> None:
    texts = [content] if isinstance(content, str) else content
    if not isinstance(texts, list):
        raise ValueError(f"{path}: expected a text or a list of parts, got {shown(content)}")
    encoding = encoding_for_model(model)
    tokens = 0
    for index, part in enumerate(texts):
        text = part.get("text") if isinstance(part, Mapping) else part
        if not isinstance(text, str):
            raise ValueError(f"{path}[{index}]: expected a part of text, got {shown(part)}")
        tokens += encoding.count(text)
        for key in part if isinstance(part, Mapping) else ():
            if key not in ("type", "text", "prompt_cache_breakpoint"):
                count.unbounded(unknown_key(f"{path}[{index}].{key}"))
    note = f"{tokens} predicted tokens are billed as output where the reply does not hold them"
    count.at_most(tokens, f"{path}: {note}")
    count.partial = True


def _doubt_compaction(count: LineCount, value: Any, path: str) -> None:
    """Take in a compaction, unless its threshold is higher than the request can be."""
    entries = value if isinstance(value, list) else [value]
    for index, entry in enumerate(entries):
        where = f"{path}[{index}]"
        keys = dict(fields_of(entry) or ())
        for key in keys.keys() - {"type", "compact_threshold"}:
            count.unbounded(unknown_key(f"{where}.{key}"))
        threshold = keys.get("compact_threshold")
        known = keys.get("type") == "compaction" and isinstance(threshold, int)
        if known and count.high is not None and count.high < int(threshold or 0):
            continue
        count.at_least(
            count.low, f"{where}: the API may put a summary in the place of earlier turns"
        )
        count.unbounded(f"{where}: the summary is billed by no published rule")
