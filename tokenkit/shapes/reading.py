"""`read_usage`: any usage object, or a whole response, into a `Reading` of our own.

Reading goes in two steps. The shape's tables sort every key of the object into slots; then one
arithmetic, below, settles what lies inside what: cached tokens inside the input tokens or beside
them, reasoning inside the output tokens or beside them. `total_tokens` decides where it is given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tokenkit.shapes import anthropic, bedrock
from tokenkit.shapes.batches import failure_of
from tokenkit.shapes.canonical import ITEMS, Usage
from tokenkit.shapes.detect import shape_of
from tokenkit.shapes.kinds import spread_cached
from tokenkit.shapes.meanings import get, has
from tokenkit.shapes.notebook import Notebook, Unread
from tokenkit.shapes.records import usage_records
from tokenkit.shapes.repeated import compare_wholes, take_details
from tokenkit.shapes.served import host_of, moment_of, served_tier

__all__ = ["Reading", "read_usage"]


@dataclass(frozen=True)
class Reading:
    """The content of one usage object: quantities, model, tier, and what was not understood.

    `unread` makes a cost partial. `requests` is how many requests the numbers are the sum of, None
    where they are a sum of unknown many; `longer_than` is how long each of their prompts is at
    least, where that is known. `charged` is what the sender says it charged, in USD. `moment` is
    when the response was made, in UTC, or the day of it.
    `grounding` holds the prompts that Google Search grounded, and the queries it sent for them;
    which of both is billed depends on the model. `total_only` says that input and output are not
    separate: only the total is given. `output_kinds` says that the kinds of output are.
    """

    usage: Usage
    shapes: tuple[str, ...]
    model: str | None = None
    tier: str | None = None
    region: str | None = None
    host: str | None = None
    requests: int | None = 1
    longer_than: int | None = None
    charged: Decimal | None = None
    moment: date | datetime | None = None
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()
    grounding: tuple[int, int] = (0, 0)
    total_only: bool = False
    output_kinds: bool = False

    @property
    def day(self) -> date | None:
        """The day of the response in UTC, None where it names none."""
        return self.moment.date() if isinstance(self.moment, datetime) else self.moment


def read_usage(value: object, *, provider: str | None = None) -> Reading:
    """Read a usage object or a whole response. `provider` is the model's, where it is known.

    Raises ValueError where no usage is found, or where a request of a batch failed.
    """
    records = [record for _, record in usage_records(value)]
    if len(records) != 1:
        raise ValueError(
            f"no token counts in this usage object: expected one object, got a document with "
            f"{len(records)}; price them one by one, with tokenkit.shapes.usage_records or in the "
            "shell with `tokenkit cost --usage`"
        )
    value = records[0]
    failure = failure_of(value)
    if failure is not None:
        raise ValueError(f"no usage: {failure}")
    book = Notebook(enter)
    enter(book, "", value)
    if not (book.counts or book.amounts or book.unread) or not _has_numbers(book):
        raise ValueError(
            "no token counts in this usage object: expected input_tokens or prompt_tokens "
            "(and output_tokens or completion_tokens), or a shape that docs/cost.md lists, "
            f"got {_shown(value)}"
        )
    return _reading(book, provider)


def _has_numbers(book: Notebook) -> bool:
    known = set(book.counts) - {"requests", "steps", "web_search_calls"}
    return bool(known or set(book.amounts) - {"charged"} or _paid(book))


def _paid(book: Notebook) -> bool:
    return any(item.unit != "unknown" for item in book.unread)


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except RecursionError:
        text = f"a {type(value).__name__} that is nested too deep"
    return text if len(text) <= 200 else f"{text[:200]}..."


_MOST_LEVELS = 20  # responses inside responses; an object may hold itself


def enter(book: Notebook, path: str, value: Any) -> None:
    """Read an object by its own shape."""
    shape = shape_of(value) if len(book.shapes) < _MOST_LEVELS else None
    if shape is None:
        if path:
            book.unknown(path, value)
        return
    book.shapes.append(shape.name)
    for slot, word in (("tier", shape.tier), ("host", shape.host)):
        if word is not None:
            book.word(slot, word)
    _mark(book, value)
    shape.table.read(book, path, value)


def _mark(book: Notebook, value: Any) -> None:
    """Note which words the object uses, where they say what lies inside what."""
    if has(value, "prompt_tokens"):
        book.word("whole", "prompt_tokens")  # nobody leaves cached tokens out of prompt_tokens
    if any(has(value, key) for key in anthropic.MARKS) and has(value, "input_tokens"):
        book.word("beside", "anthropic")
    for key in ("input_tokens_details", "input_token_details"):
        details = get(value, key)
        if any(has(details, name) for name in ("cached_tokens", "cache_read", "cache_creation")):
            book.word("whole", "details")
    counted = has(value, "inputTokens") or has(value, "inputTokenCount")
    if counted and any(has(value, key) for key in bedrock.MARKS):
        book.word("beside", "bedrock")


def _reading(book: Notebook, provider: str | None) -> Reading:
    own = [_settled(inner, provider) for inner in book.repeated]
    take_details(book)
    tier = served_tier(book, provider)
    numbers = _settled(book, provider)
    compare_wholes(book, numbers, own)
    seconds: dict[str, Any] = {
        slot: book.amounts[slot]
        for slot in ("audio_seconds", "video_seconds", "active_seconds", "standby_seconds")
        if slot in book.amounts
    }
    searches = _stated(book, "web_searches", "web_search_calls")
    quantities: dict[str, Any] = {**numbers, **seconds}
    items = {name: _stated(book, f"stated {name}", f"done {name}") for name in ITEMS}
    usage = Usage(
        **quantities,
        web_searches=searches,
        items=items,
        characters=book.largest("characters"),
    )
    grounding = (book.largest("grounded_prompts"), sum_of(book, "grounding_queries"))
    return Reading(
        usage=usage,
        shapes=tuple(book.shapes),
        model=book.words.get("model") or book.words.get("requested_model"),
        tier=tier,
        region=book.words.get("region"),
        host=host_of(book),
        requests=_requests(book),
        longer_than=_longer_than(book),
        charged=book.amounts.get("charged"),
        moment=moment_of(book),
        unread=tuple(book.unread),
        notes=tuple(dict.fromkeys(book.notes)),
        grounding=grounding,
        total_only="total_only" in book.words,
        output_kinds=book.has("image_out") or book.has("text_out"),
    )


# Shapes whose numbers are sums over requests, of which they may not say how many.
_SUMS = ("usage report", "OpenAI batch", "result of several steps")


def _requests(book: Notebook) -> int | None:
    if not any(word in name for name in book.shapes for word in _SUMS):
        return book.largest("requests") or 1
    steps = any(_SUMS[-1] in name for name in book.shapes)
    return book.largest("steps" if steps else "requests") or None


def _longer_than(book: Notebook) -> int | None:
    """Return where the class of windows begins, such as "200k-1M", that a report sums up."""
    match = re.match(r"(\d+)k?-", book.words.get("context_window", ""))
    return int(match[1]) * 1000 if match else None


def _stated(book: Notebook, stated: str, done: str) -> int:
    """Return the number that is stated of a thing, be it 0; else how many of it stand there."""
    return book.largest(stated) if book.has(stated) else sum_of(book, done)


def sum_of(book: Notebook, slot: str) -> int:
    return sum(book.counts.get(slot, {}).values())


# ---- what lies inside what ------------------------------------------------------------------


def _settled(book: Notebook, provider: str | None) -> dict[str, int]:
    """Return the numbers of a `Usage`."""
    given, cached = book.largest("input"), book.largest("cached")
    written, long = _written(book)
    if not cached:
        cached = sum(book.largest(slot) for slot in ("cached_audio", "cached_image"))
    input_tokens = _whole_input(book, given, cached, written, provider)
    output_tokens, reasoning = _whole_output(book, given, input_tokens, provider)
    numbers = {
        "input_tokens": input_tokens + book.largest("tool_results"),
        "cached_tokens": cached,
        "cache_write_tokens": written,
        "cache_write_long_tokens": long,
        "output_tokens": output_tokens,
        "reasoning_tokens": reasoning,
        "audio_input_tokens": book.largest("audio_in"),
        "image_input_tokens": book.largest("image_in"),
        "cached_audio_tokens": book.largest("cached_audio"),
        "cached_image_tokens": book.largest("cached_image"),
        "audio_output_tokens": book.largest("audio_out"),
        "image_output_tokens": book.largest("image_out"),
    }
    _check_total(book, numbers, given)
    _check_uncached(book, numbers)
    spread_cached(book, numbers)
    return numbers


def _written(book: Notebook) -> tuple[int, int]:
    """Return the tokens written to the cache, and those of them with the longer life."""
    short, long = book.largest("written_short"), book.largest("written_long")
    written = max(book.largest("written"), short + long)
    return written, long


def _whole_input(
    book: Notebook, given: int, cached: int, written: int, provider: str | None
) -> int:
    """Return all input tokens, with cached and written ones."""
    if not book.has("input"):
        return book.largest("uncached") + cached + written if book.has("uncached") else 0
    everything = given + cached + written
    if everything == given:
        return given
    total = book.largest("total")
    inside_sums = _sums_with(book, given)
    if total in _sums_with(book, everything) and total not in inside_sums:
        return everything
    if "beside" in book.words and "whole" not in book.words:
        if total in inside_sums:
            book.notes.append("total_tokens leaves the cached tokens out; they are priced")
        return everything
    if provider == "anthropic" and _is_vercel_5(book):
        book.notes.append(
            "cachedInputTokens is taken as standing beside inputTokens, as in AI SDK 5; "
            "the tokens written to the cache are not in this object"
        )
        return everything
    if cached + written > given and not _inside_details(book):
        book.notes.append(
            f"{cached + written} cached tokens are more than the input of {given}: they are taken "
            "as standing beside it"
        )
        return everything
    return given


def _sums_with(book: Notebook, input_tokens: int) -> set[int]:
    """Return what the total may be beside this input: each of the others is in it or is not."""
    sums = {input_tokens + book.largest("output")}
    for slot in ("reasoning", "tool_results"):
        sums |= {number + book.largest(slot) for number in sums}
    return sums


def _is_vercel_5(book: Notebook) -> bool:
    places = book.counts.get("cached", {})
    return bool(places) and all(path.endswith("cachedInputTokens") for path in places)


def _inside_details(book: Notebook) -> bool:
    """Return whether OpenAI's details hold the cached tokens, which are inside by definition."""
    places = book.counts.get("cached", {})
    return any(path.endswith("_details.cached_tokens") for path in places)


def _whole_output(
    book: Notebook, given: int, input_tokens: int, provider: str | None
) -> tuple[int, int]:
    """Return all output tokens, reasoning included, and the reasoning."""
    output, reasoning = book.largest("output"), book.largest("reasoning")
    total, extra = book.largest("total"), book.largest("tool_results")
    if not reasoning:
        return output, 0
    beside = output + reasoning
    if total and total in (given + beside + extra, input_tokens + beside + extra):
        return beside, reasoning
    if total and total in (given + output + extra, input_tokens + output + extra):
        return output, reasoning
    if any(name.startswith("Gemini") for name in book.shapes):
        return beside, reasoning
    if reasoning > output:
        book.notes.append(
            f"reasoning {reasoning} is more than output {output}: it is taken as standing beside it"
        )
        return beside, reasoning
    if provider == "xai" and book.words.get("whole") == "prompt_tokens" and not total:
        book.notes.append(
            "no total_tokens: reasoning is taken as standing beside the completion, as xAI does"
        )
        return beside, reasoning
    return output, reasoning


def _check_total(book: Notebook, numbers: dict[str, int], given: int) -> None:
    """Make tokens that only the total knows of a reason for a partial cost."""
    total = book.largest("total")
    if not total:
        return
    known = numbers["input_tokens"] + numbers["output_tokens"]
    if not known:
        numbers["input_tokens"] = total  # embeddings: some say the total alone
        book.words.setdefault("total_only", "yes")
    elif total > known:
        reason = f"total_tokens {total} is more than input and output, {known}"
        book.notes.append(f"{reason}: the cost is partial")
        book.unread.append(Unread("tokens of no kind", Decimal(total - known), "token", reason))
    elif total not in (known, given + book.largest("output")):
        book.notes.append(f"total_tokens {total} is less than input and output, {known}")


def _check_uncached(book: Notebook, numbers: dict[str, int]) -> None:
    """Say where cached and uncached tokens are not the whole."""
    parts = book.largest("uncached") + numbers["cached_tokens"] + numbers["cache_write_tokens"]
    if book.has("uncached") and parts != numbers["input_tokens"]:
        book.notes.append(
            f"cached, written and uncached tokens are {parts}, the input is "
            f"{numbers['input_tokens']}; the input is taken"
        )
