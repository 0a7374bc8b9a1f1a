"""The messages of a run of the former Assistants API, and what its thread leaves open.

A run reads its thread as `truncation_strategy` says: by default messages in the middle are dropped
to fit the window or `max_prompt_tokens`, and "last_messages" keeps the newest ones
(`RunCreateParams` of openai 3.57.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tokenkit._checks import shown
from tokenkit.chat.request_count import RequestCount
from tokenkit.shapes import RequestBook, given, plain

__all__ = ["doubt_run", "last_messages", "run_chat", "run_messages"]


def run_messages(book: RequestBook) -> tuple[list[Any], list[str]]:
    """Return the messages of the thread that the request holds, and the path of each."""
    messages: list[Any] = []
    places: list[str] = []
    for slot in ("messages", "additional_messages"):
        value = given(book.fields.get(slot))
        if value is None:
            continue
        if not isinstance(value, (list, tuple)):
            raise ValueError(f"{book.paths[slot]}: expected a list, got {shown(value)}")
        for index, item in enumerate(value):
            message = plain(item)
            if isinstance(message, Mapping):  # metadata is not read by the model
                message = {key: inner for key, inner in message.items() if key != "metadata"}
            messages.append(message)
            places.append(f"{book.paths[slot]}[{index}]")
    return messages, places


def last_messages(book: RequestBook) -> int | None:
    """Return how many of the newest messages a run reads; None for as many as fit."""
    strategy = plain(book.fields.get("truncation_strategy"))
    if not isinstance(strategy, Mapping) or strategy.get("type") != "last_messages":
        return None
    number = strategy.get("last_messages")
    known = isinstance(number, int) and not isinstance(number, bool) and number > 0
    return number if known else None


def run_chat(book: RequestBook) -> tuple[list[Any], list[str]]:
    """Return what a run reads: its instructions and the messages that its strategy keeps."""
    messages, places = run_messages(book)
    number = last_messages(book)
    if number is not None:
        messages, places = messages[-number:], places[-number:]
    ahead = [name for name in ("instructions", "additional_instructions") if name in book.fields]
    instructions = [{"role": "developer", "content": book.fields[name]} for name in ahead]
    return [*instructions, *messages], [*(book.paths[name] for name in ahead), *places]


def doubt_run(count: RequestCount, book: RequestBook) -> None:
    """Take in what a run may read besides the request."""
    fields, paths = book.fields, book.paths
    _check_strategy(count, book)
    number = last_messages(book)
    unseen = "messages" not in fields
    if unseen and (number is None or number > len(run_messages(book)[0])):
        where = paths.get("assistant_id", "thread")
        count.unbounded(f"{where}: the messages of the thread are not in the request")
    missing = [name for name in ("instructions", "tools") if name not in fields]
    if missing:
        where = paths.get("assistant_id", "assistant_id")
        text = f"{where}: the {' and '.join(missing)} of the assistant are not in the request"
        count.unbounded(text)
    count.partial = True
    count.general.append("a run may call the model several times: this is the input of one call")


def _check_strategy(count: RequestCount, book: RequestBook) -> None:
    strategy = plain(book.fields.get("truncation_strategy"))
    if strategy is None:
        return
    path = book.paths["truncation_strategy"]
    kind = strategy.get("type") if isinstance(strategy, Mapping) else None
    if kind not in ("auto", "last_messages"):
        count.problems.append(
            f"{path}: expected {{'type': 'auto'}} or 'last_messages', got {shown(strategy)}"
        )
    elif kind == "last_messages" and last_messages(book) is None:
        got = shown(strategy.get("last_messages"))
        count.problems.append(f"{path}.last_messages: expected a number above 0, got {got}")
    for key in strategy if isinstance(strategy, Mapping) else ():
        if key not in ("type", "last_messages"):
            book.unknown(f"{path}.{key}", strategy[key])
