"""Requests whose input is a chat: their messages, and the fields that change how many are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tokenkit._checks import check_choice, shown
from tokenkit.chat.checks import check_messages
from tokenkit.chat.request import request_rule
from tokenkit.chat.request_count import OPTIONS, CountedChat, Paths, Places, RequestCount
from tokenkit.chat.request_threads import doubt_run, run_chat
from tokenkit.chat.tally import ChatTally
from tokenkit.encodings import encoding_for_model
from tokenkit.models import Model
from tokenkit.shapes import RequestBook, fields_of, plain, unknown_key

__all__ = ["CHATS", "count_chat"]

# Of a request whose framing is not documented, as the promise of `count_messages` says.
_WIDEST_TOKENS, _WIDEST_SHARE = 16, 0.05


def count_chat(
    api: str,
    model: Model,
    book: RequestBook,
    *,
    estimate: bool = False,
    image_sizes: Mapping[str, tuple[int, int]] | None = None,
) -> RequestCount:
    """Count a request whose input is a chat; `estimate` as in `request_rule`.

    Raises ValueError or TypeError that name the faulty part of its body.
    """
    fields = book.fields
    options = {name: fields[name] for name in OPTIONS if name in fields}
    if "output_schema" in fields:
        options["response_format"] = _schema_format(fields["output_schema"])
        book.paths["response_format"] = book.paths["output_schema"]
    effort = fields.get("reasoning_effort", "medium")
    if model.chat_rule == "harmony":
        check_choice(book.paths.get("reasoning_effort", ""), effort, ("low", "medium", "high"))
        options["harmony"] = {"reasoning_effort": effort}
    messages, places = CHATS[api](book)
    told = Paths(places, {**book.paths, "messages": book.paths.get("messages", "messages")})
    try:
        checked = check_messages(messages)
        rule = request_rule(model, image_sizes=image_sizes, estimate=estimate, **options)
        tally = rule.tally(checked)
    except (TypeError, ValueError) as error:
        raise ValueError(told.of(str(error))) from None
    tokens, low, high, exact = tally.numbers()
    count = RequestCount(tokens, low, high, exact, partial=high is None)
    count.chat = CountedChat(checked, tally)
    told.share(count, tally.notes)
    if api in _UNFRAMED:
        _doubt_frames(count, len(messages), _UNFRAMED[api])
    if api == "threads.runs":
        doubt_run(count, book)
    _doubt_fields(count, tally, model, book)
    return count


def _schema_format(schema: Any) -> Any:
    """Return a schema of Anthropic's or Gemini's request in the form of OpenAI's."""
    if isinstance(schema, type):
        return schema
    schema = plain(schema)
    beside: Mapping[str, Any] = {}
    if isinstance(schema, Mapping) and "schema" in schema and schema.get("type") == "json_schema":
        beside = {key: item for key, item in schema.items() if key not in ("type", "schema")}
        schema = schema["schema"]
    named = {"name": "response", "schema": schema}
    return {**beside, "type": "json_schema", "json_schema": named}


def _openai_chat(book: RequestBook, ahead: tuple[str, ...] = ()) -> tuple[Any, Sequence[str]]:
    """Return the messages of a chat completion, and the path of each, `ahead` before them."""
    value = book.fields["messages"]
    items = len(value) if isinstance(value, (list, tuple)) else 0
    return value, Places(book.paths["messages"], items, ahead)


def _responses_chat(book: RequestBook) -> tuple[Any, Sequence[str]]:
    return _joined(book, (("instructions", "developer"), ("input", "user")))


def _anthropic_chat(book: RequestBook) -> tuple[Any, Sequence[str]]:
    """Return the messages of a request to Anthropic; the blocks of `system` are one message."""
    system = book.fields.get("system")
    if system is None:
        return _openai_chat(book)
    messages, places = _openai_chat(book, (book.paths["system"],))
    return [{"role": "system", "content": system}, *messages], places


def _gemini_chat(book: RequestBook) -> tuple[Any, Sequence[str]]:
    """Return the contents of a request to Gemini; a text, part or list of both is the user's."""
    messages: list[Any] = []
    places: list[str] = []
    system = book.fields.get("system")
    if system is not None:
        parts = _gemini_parts(plain(system))
        messages.append({"role": "system", "parts": parts})
        places.append(book.paths["system"])
    value, path = book.fields["contents"], book.paths["contents"]
    many = isinstance(value, (list, tuple))
    for index, item in enumerate(value if many else [value]):
        shape = plain(item)
        is_content = isinstance(shape, Mapping) and "parts" in shape
        messages.append(item if is_content else {"role": "user", "parts": _gemini_parts(shape)})
        places.append(f"{path}[{index}]" if many else path)
    return messages, places


def _gemini_parts(value: Any) -> list[Any]:
    if isinstance(value, Mapping) and isinstance(value.get("parts"), list):
        return list(value["parts"])
    return value if isinstance(value, list) else [value]


def _joined(book: RequestBook, slots: tuple[tuple[str, str], ...]) -> tuple[Any, list[str]]:
    """Return texts and lists of items one after the other; a text has the role of its slot."""
    messages: list[Any] = []
    places: list[str] = []
    for name, role in slots:
        value = book.fields.get(name)
        if value is None:
            continue
        path = book.paths[name]
        if isinstance(value, str):
            messages.append({"role": role, "content": value})
            places.append(path)
        elif isinstance(value, (list, tuple)):
            messages += value
            places += [f"{path}[{index}]" for index in range(len(value))]
        else:
            raise ValueError(f"{path}: expected a text or a list, got {shown(value)}")
    return messages, places


# The APIs whose input is a chat: what gives the messages and the path of each.
CHATS: dict[str, Callable[[RequestBook], tuple[Any, Sequence[str]]]] = {
    "chat.completions": _openai_chat,
    "responses": _responses_chat,
    "messages": _anthropic_chat,
    "generate_content": _gemini_chat,
    "threads.runs": run_chat,
}
# APIs of OpenAI that say nothing of how they frame messages.
_UNFRAMED = {"responses": "the Responses API", "threads.runs": "the Assistants API"}


def _doubt_frames(count: RequestCount, messages: int, api: str) -> None:
    """Widen the bounds of a request that is counted as the chat that it means."""
    if count.exact:
        half = (_WIDEST_TOKENS + int(_WIDEST_SHARE * count.tokens)) // 2
        count.low = max(0, count.low - min(1 + messages, half))
        count.high = count.tokens + min(1 + messages, half)
    count.exact = False
    count.general.append(f"framing of messages in {api} is not documented")


def _doubt_fields(count: RequestCount, tally: ChatTally, model: Model, book: RequestBook) -> None:
    """Take in the fields of the body that change how many tokens are read."""
    fields, paths = book.fields, book.paths
    if "prediction" in fields:
        _doubt_prediction(count, fields["prediction"], paths["prediction"], model)
    if fields.get("context_compression", "disabled") != "disabled":
        images = sum(part.tokens for part in tally.parts() if part.kind == "image")
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


def _doubt_prediction(count: RequestCount, content: Any, path: str, model: Model) -> None:
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


def _doubt_compaction(count: RequestCount, value: Any, path: str) -> None:
    """Take in a compaction, unless its threshold is higher than the request can be."""
    edits = dict(fields_of(value) or ()).get("edits")
    if isinstance(edits, (list, tuple)):
        _doubt_edits(count, edits, f"{path}.edits")
        return
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


def _doubt_edits(count: RequestCount, edits: Sequence[Any], path: str) -> None:
    """Take in the edits that Anthropic's API makes: what it clears, and what it sums up."""
    for index, edit in enumerate(edits):
        kind = dict(fields_of(edit) or ()).get("type")
        where = f"{path}[{index}]"
        count.at_least(count.low, f"{where}: the API may leave out earlier turns")
        if not str(plain(kind)).startswith("clear_"):
            count.unbounded(f"{where}: what this edit adds is billed by no published rule")
