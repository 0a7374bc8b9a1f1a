"""The bounds of what a request costs: caches, sound, thoughts and pictures have their own rates."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product, starmap
from typing import Any

import pytest
from sounds import recording

from tokenkit import Preflight, cost, get_model, preflight

MODEL = "claude-sonnet-5"
MARK = {"cache_control": {"type": "ephemeral"}}
HOUR = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
TOOL = {"name": "look_up", "input_schema": {"type": "object"}}


@dataclass
class Block:
    """A block of an SDK, with attributes."""

    type: str
    text: str
    cache_control: dict[str, Any]


def text(words: int, mark: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "text", "text": "word " * words, **mark}]


def checked(
    tool: dict[str, Any], system: dict[str, Any], message: dict[str, Any], end: dict[str, Any]
) -> Preflight:
    """A request with these marks, the last of them for all of it."""
    return preflight(
        {
            "model": MODEL,
            "max_tokens": 9,
            "tools": [{**TOOL, **tool}],
            "system": text(101, system),
            "messages": [
                {"role": "user", "content": text(203, message)},
                {"role": "user", "content": text(307, {})},
            ],
            **end,
        }
    )


def test_the_prefix_ends_with_the_last_mark() -> None:
    """The cache may hold the text before it: the further back it is, the wider the bounds."""
    marks: list[list[Any]] = [
        [(MARK, {}, {}, {})],
        [(MARK, MARK, {}, {}), ({}, MARK, {}, {})],
        [({}, MARK, MARK, {}), ({}, {}, MARK, {})],
        [({}, MARK, {}, MARK), (MARK, MARK, MARK, MARK)],
    ]
    same = [{(c.cost_low, c.cost_high) for c in starmap(checked, group)} for group in marks]
    assert [len(group) for group in same] == [1, 1, 1, 1]
    lows, highs = zip(*(group.pop() for group in same), strict=True)
    assert sorted(lows, reverse=True) == list(lows)
    assert sorted(highs) == list(highs)
    assert len({*lows}) == len({*highs}) == 4


def message(*parts: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(parts)}


LONG = text(400, {})[0]
PICTURE = {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}}


@pytest.mark.parametrize("first", [LONG, PICTURE])
@pytest.mark.parametrize("second", [LONG, PICTURE])
def test_the_bounds_hold_however_the_unknown_is_shared_out(first: Any, second: Any) -> None:
    """The part before the mark, and the one behind it, may have what each has by itself."""
    both = [message({**first, **MARK}), message(second)]
    before, behind, check = (
        preflight(model=MODEL, max_tokens=9, messages=messages)
        for messages in ([message(first)], [message(second)], both)
    )
    assert check.cost_low is not None
    assert check.cost_high is not None
    for prefix, rest in product((before.low, before.high), (behind.low, behind.high)):
        assert prefix is not None
        assert rest is not None
        tokens = prefix + rest
        assert check.low <= tokens
        read = cost(MODEL, input_tokens=tokens, cached_tokens=prefix).total
        written = cost(MODEL, input_tokens=tokens, cache_write_tokens=prefix, output_tokens=9).total
        assert check.cost_low <= read
        assert written <= check.cost_high


def test_a_mark_in_the_blocks_of_a_result_counts_as_one_at_the_result() -> None:
    call = {"type": "tool_use", "id": "a", "name": "look_up", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "a"}
    inside = {**result, "content": text(900, MARK)}
    outside = {**result, "content": text(900, {}), **MARK}
    one, two = (
        preflight(model=MODEL, max_tokens=9, messages=[
            message(LONG), {"role": "assistant", "content": [call]}, message(block),
        ])
        for block in (inside, outside)
    )  # fmt: skip
    assert (one.cost_low, one.cost_high) == (two.cost_low, two.cost_high)
    assert one.cost_low == cost(MODEL, input_tokens=one.low, cached_tokens=one.low).total


def of_words(model: str, number: int, **options: Any) -> Preflight:
    chat = [{"role": "user", "content": "word " * number}]
    return preflight(model=model, messages=chat, max_completion_tokens=50, **options)


def test_what_a_vendor_caches_by_itself_is_read_at_the_least() -> None:
    chat = {"model": "MiniMax-M2", "messages": [message(text(4_000, {})[0])], "max_tokens": 50}
    for api in ("chat.completions", "messages"):
        check = preflight(chat, api=api)
        read = cost("MiniMax-M2", input_tokens=check.low, cached_tokens=check.low)
        assert check.cost_low == read.total
    long, short = of_words("gpt-5.4", 4_000), of_words("gpt-5.4", 400)
    assert long.cost_low == cost("gpt-5.4", input_tokens=long.low, cached_tokens=long.low).total
    assert short.cost_low == cost("gpt-5.4", input_tokens=short.low).total


def test_what_a_vendor_writes_to_its_cache_by_itself_is_paid_at_the_most() -> None:
    for model, number in (("gpt-6-sol", 4_000), ("gpt-6-sol", 400), ("gpt-5.4", 4_000)):
        check = of_words(model, number)
        assert check.high is not None
        written = check.high if (model, number) == ("gpt-6-sol", 4_000) else 0
        most = cost(model, input_tokens=check.high, cache_write_tokens=written, output_tokens=50)
        assert check.cost_high == most.total


def test_a_reply_may_be_all_thoughts_where_these_cost_more() -> None:
    check = of_words("qwen3-8b", 5)
    thoughts = cost("qwen3-8b", input_tokens=check.high or 0, output_tokens=50, reasoning_tokens=50)
    assert check.cost_high == thoughts.total


@pytest.mark.parametrize("modalities", [{}, {"modalities": ["text", "audio"]}])
def test_sound_has_the_rates_of_sound(modalities: dict[str, Any]) -> None:
    """In the prompt, and in a reply that may be spoken."""
    data = base64.b64encode(recording(60)).decode()
    heard = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    chat = [message({"type": "text", "text": "What is said?"}, heard)]
    check = preflight(model="gpt-audio", messages=chat, max_completion_tokens=50, **modalities)
    sound = sum(part.tokens for part in check.parts if part.kind == "audio")
    true = cost(
        "gpt-audio",
        input_tokens=check.tokens,
        audio_input_tokens=sound,
        output_tokens=50,
        audio_output_tokens=50 if modalities else 0,
    )
    assert check.cost_low is not None
    assert check.cost_high is not None
    assert check.cost_low < true.total <= check.cost_high < true.total * 2


def test_pictures_in_a_reply_have_their_own_rate() -> None:
    known = get_model("gemini-2.5-flash")
    rates = {"input": "1", "output": "2", "image_output": "30"}
    model = replace(known, name="draws", aliases=(), prices={"standard": rates})
    config = {"max_output_tokens": 50}
    drawn, told = (
        preflight(model=model, contents="Draw.", config={**config, **only})
        for only in ({}, {"response_modalities": ["TEXT"]})
    )
    assert drawn.high is not None
    picture = cost(model, input_tokens=drawn.high, output_tokens=50, image_output_tokens=50)
    words = cost(model, input_tokens=drawn.high, output_tokens=50)
    assert (drawn.cost_high, told.cost_high) == (picture.total, words.total)


def test_one_mark_of_an_hour_makes_the_most_that_of_an_hour() -> None:
    hours = [checked({}, first, second, {}) for first in (MARK, HOUR) for second in (MARK, HOUR)]
    short, *long = [check.cost_high for check in hours]
    assert len(set(long)) == 1
    assert short is not None
    assert long[0] is not None
    assert short < long[0]


BREAK = {"prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}}


@pytest.mark.parametrize(
    ("request_", "long_life"),
    [
        ({"model": "gpt-6-sol", "messages": [message(text(3_000, BREAK)[0])]}, True),
        (
            {
                "model": "gpt-6-sol",
                "input": [message({**text(3_000, BREAK)[0], "type": "input_text"})],
                "max_output_tokens": 9,
            },
            True,
        ),
        ({"model": "qwen3-coder-plus", "messages": [message(text(3_000, MARK)[0])]}, False),
        ({"model": MODEL, "messages": [message(text(3_000, HOUR)[0])], "n": 1}, True),
        ({"model": MODEL, "messages": [message(Block(**text(3_000, HOUR)[0]))]}, True),
    ],
)
def test_marks_of_any_api_and_form_may_write_the_cache(
    request_: dict[str, Any], long_life: bool
) -> None:
    limit = {} if "input" in request_ else {"max_tokens": 9}
    check = preflight({**request_, **limit})
    assert check.high is not None
    written = cost(
        request_["model"],
        input_tokens=check.high,
        cache_write_tokens=check.high,
        cache_write_long_tokens=check.high if long_life else 0,
        output_tokens=9,
    )
    read = cost(request_["model"], input_tokens=check.low, cached_tokens=check.low)
    assert check.cost_high == written.total
    assert check.cost_low == read.total


def test_pictures_in_a_prompt_have_their_own_rate() -> None:
    known = get_model("gpt-4o")
    rates = {"input": "1", "output": "2", "image_input": "10"}
    model = replace(known, name="sees", aliases=(), prices={"standard": rates, "batch": {}})
    image = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    chat = [message({"type": "text", "text": "What is it?"}, image)]
    sizes = {"https://example.org/a.png": (512, 512)}
    check = preflight(model=model, messages=chat, max_tokens=9, image_sizes=sizes)
    seen = sum(part.tokens for part in check.parts if part.kind == "image")
    assert check.high is not None
    assert seen > 0
    seen += check.high - check.tokens
    most = cost(model, input_tokens=check.high, image_input_tokens=seen, output_tokens=9)
    assert check.cost_high == most.total


def test_sound_in_a_tier_that_lists_no_rate_for_it_has_no_price() -> None:
    known = get_model("gpt-audio")
    prices = {"standard": {"input": "1", "output": "2", "audio_input": "9"}}
    prices["batch"] = {"input": "1", "output": "2"}
    model = replace(known, name="hears", aliases=(), prices=prices)
    data = base64.b64encode(recording(60)).decode()
    heard = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    body = {"model": model, "messages": [message(heard)], "max_completion_tokens": 9}
    check = preflight({"custom_id": "1", "url": "/v1/chat/completions", "body": body})
    assert check.cost_low is check.cost_high is None
    assert preflight(body).cost_high is not None


def test_a_model_that_always_searches_has_its_fee_in_the_least() -> None:
    check = preflight(model="gpt-5-search-api", messages=[message(text(9, {})[0])], max_tokens=9)
    model = "gpt-5-search-api"
    least = cost(model, input_tokens=check.low, cached_tokens=check.low, web_searches=1)
    assert check.cost_low == least.total
    assert check.cost_high is None


@pytest.mark.parametrize(
    ("model", "usd"),
    [("whisper-1", "0.009"), ("gpt-transcribe", "0.00675"), ("gpt-4o-transcribe", None)],
)
def test_transcription_is_paid_by_the_second_or_by_tokens(model: str, usd: str | None) -> None:
    """A price of a minute beside rates of tokens is an estimate, and no bound."""
    check = preflight(model=model, file=("a.wav", recording(90)))
    expected = None if usd is None else Decimal(usd)
    assert check.cost_low == check.cost_high == expected
    odd = preflight(model=model, file=("a.wav", recording(90)), mood=1)
    assert (odd.cost_low, odd.cost_high) == (expected, None)


def test_an_estimate_per_minute_is_called_so() -> None:
    notes = cost("gpt-4o-transcribe", audio_seconds=90).notes
    assert [note.partition(" of")[0] for note in notes if "minute" in note] == [
        "minute: an estimate"
    ]
    assert not cost("whisper-1", audio_seconds=90).notes
