"""Whole requests of any API to token counts, with all that their bodies leave open."""

from __future__ import annotations

from collections.abc import Mapping

from tokenkit._checks import shown
from tokenkit.chat.request_chats import CHATS, count_chat
from tokenkit.chat.request_count import RequestCount
from tokenkit.chat.request_texts import TEXTS
from tokenkit.chat.request_threads import last_messages
from tokenkit.models import Model
from tokenkit.shapes import Api, RequestBook, RequestLine, read_request, unknown_key

__all__ = ["check_input", "count_body", "count_request"]


def count_request(line: RequestLine, api: Api, model: Model) -> RequestCount:
    """Count one line of a request file.

    Raises ValueError or TypeError that name the faulty part of its body, and NoTokenizerError.
    """
    book = read_request(api, line.body, line.prefix)
    check_input(api, line.body, line.prefix)
    count = count_body(api, model, book)
    for key in line.unknown:
        count.unbounded(unknown_key(key))
    return count


def check_input(api: Api, body: Mapping[str, object], prefix: str = "") -> None:
    """Raise ValueError for a request that has nothing to count."""
    for key in api.inputs:
        if body.get(key) is not None:
            return
    got = ", ".join(map(str, body)) or "none"
    raise ValueError(f"{prefix or 'request'}: expected {api.inputs[0]}, got {got}")


def count_body(
    api: Api,
    model: Model,
    book: RequestBook,
    *,
    estimate: bool = False,
    image_sizes: Mapping[str, tuple[int, int]] | None = None,
) -> RequestCount:
    """Count the input tokens of a request whose keys are read into `book`.

    With `estimate`, texts for a model without a public tokenizer are estimated. Raises ValueError
    or TypeError that name the faulty part of the body, and NoTokenizerError.
    """
    if api.name in CHATS:
        count = count_chat(api.name, model, book, estimate=estimate, image_sizes=image_sizes)
    else:
        count = TEXTS[api.name](model, book, estimate)
    fields = book.fields
    count.reply, count.reply_path = next(
        ((fields[slot], book.paths[slot]) for slot in api.limits if slot in fields), (0, "")
    )
    count.replies = max(fields.get("choices", 1), fields.get("best_of", 1))
    if count.reply and count.replies > 1:
        where = book.paths.get("choices") or book.paths["best_of"]
        count.notes.append(f"{where}: max_output is that of {count.replies} replies")
    for note in book.doubts:
        count.unbounded(note)
    truncation = fields.get("truncation", "disabled")
    if truncation not in ("auto", "disabled"):
        where = book.paths["truncation"]
        count.problems.append(f"{where}: expected 'auto' or 'disabled', got {shown(truncation)}")
    if truncation == "auto":
        _truncate(count, _input_limit(model), book.paths["truncation"], "oldest items")
    if api.name == "threads.runs" and count.high is not None and last_messages(book) is None:
        limits = [fields.get("max_prompt_tokens"), _input_limit(model)]
        known = [limit for limit in limits if limit is not None]
        where = book.paths.get("truncation_strategy") or book.paths.get("messages", "thread")
        _truncate(count, min(known, default=None), where, "messages in the middle")
    count.notes += book.fees + book.notes
    count.partial = count.partial or bool(book.fees)
    count.problems += book.problems
    return count


def _truncate(count: RequestCount, limit: int | None, path: str, what: str) -> None:
    """Bound a request of which the API drops something where it is over a limit."""
    if limit is not None and (count.high is None or count.high > limit):
        count.at_least(count.low, f"{path}: the API drops the {what} over {limit} tokens")
        count.tokens, count.high = min(count.tokens, limit), limit


def _input_limit(model: Model) -> int | None:
    known = (model.max_input_tokens, model.context_window)
    return min((limit for limit in known if limit is not None), default=None)
