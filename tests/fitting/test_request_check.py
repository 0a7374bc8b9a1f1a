"""`preflight`: requests of every API, its verdict and bounds beside a naive twin, and odd input."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from chat_strategies import chats
from hypothesis import given, strategies as st
from search import examples
from sounds import recording

import tokenkit
from tokenkit import ContextOverflowError, Model, Preflight, preflight
from tokenkit.chat import check_chat

HI = [{"role": "user", "content": "Hi"}]
TOOL = {"name": "now", "description": "The time", "input_schema": {"type": "object"}}


REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("chat.completions", {"model": "gpt-4o", "messages": HI, "max_tokens": 9}),
    ("chat.completions", {"model": "claude-sonnet-5", "messages": HI, "max_completion_tokens": 9}),
    ("responses", {"model": "gpt-5.4", "input": "Hi", "instructions": "Be brief."}),
    ("responses", {"model": "gpt-5.4", "input": [{"role": "user", "content": "Hi"}]}),
    ("embeddings", {"model": "text-embedding-3-small", "input": ["a", "b"]}),
    ("completions", {"model": "gpt-3.5-turbo-instruct", "prompt": "Once", "max_tokens": 9}),
    ("moderations", {"model": "omni-moderation-latest", "input": "Hi"}),
    ("images", {"model": "gpt-image-1", "prompt": "A cat", "size": "1024x1024", "quality": "low"}),
    ("audio.speech", {"model": "tts-1", "input": "Hello", "voice": "alloy"}),
    ("audio.transcriptions", {"model": "whisper-1", "file": ("a.wav", recording(60))}),
    ("messages", {"model": "claude-sonnet-5", "messages": HI, "max_tokens": 9}),
    ("messages", {"model": "claude-sonnet-5", "messages": HI, "max_tokens": 9, "tools": [TOOL]}),
    ("messages", {"model": "gpt-4o", "messages": HI, "system": "Be brief.", "max_tokens": 9}),
    (
        "threads.runs",
        {
            "model": "gpt-4o",
            "assistant_id": "a",
            "instructions": "Be brief.",
            "tools": [],
            "thread": {"messages": HI},
        },
    ),
    ("generate_content", {"model": "gemini-3.5-flash", "contents": "Hi"}),
    ("generate_content", {"model": "gemini-3.5-flash", "contents": [{"parts": [{"text": "Hi"}]}]}),
]


@pytest.mark.parametrize(("api", "request_"), REQUESTS, ids=lambda value: str(value)[:40])
def test_the_api_is_told_from_the_keys(api: str, request_: dict[str, Any]) -> None:
    before = copy.deepcopy(request_)
    check = preflight(request_)
    assert check.api == api
    assert check.low <= check.tokens
    assert check.high is None or check.tokens <= check.high
    assert request_ == before == check.request
    assert not [one for one in check.problems if "shut down" not in one.message]
    assert check.cost_low is not None
    assert preflight(**request_) == check == preflight(request_, api=api)
    json.dumps(check.to_dict())
    assert check.model in check.report()


@given(st.integers(0, 3_000), st.integers(1, 9_000), st.integers(0, 400))
@examples(60)
def test_the_verdict_is_that_of_a_naive_twin(words: int, reply: int, least: int) -> None:
    chat = [{"role": "user", "content": "word " * words}]
    check = preflight(model="gpt-4", messages=chat, max_tokens=reply, min_output=least)
    count = tokenkit.count_messages(chat, "gpt-4")
    assert (check.tokens, check.low, check.high, check.exact) == (
        count.tokens,
        count.low,
        count.high,
        count.exact,
    )
    cap = tokenkit.get_model("gpt-4").max_output_tokens or 0
    assert check.fits is (count.tokens + reply <= 8_192 and reply <= cap)
    assert check.headroom == 8_192 - reply - count.tokens
    clamped = check.request["max_tokens"]
    possible = [n for n in (reply, cap, 8_192 - count.tokens) if n > 0]
    best = min(possible)
    assert clamped == max(best, min(least, reply)) or clamped == best
    if best >= min(least, reply):
        again = preflight(check.request)
        assert again.fits is True
    if check.fits is False:
        assert [one for one in check.problems if one.severity == "error"]
        with pytest.raises(ContextOverflowError):
            check.raise_if_over()


def test_no_upper_bound_leaves_the_verdict_open_unless_it_is_over_already() -> None:
    chat = [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}]
    check = preflight(model="gpt-4o", messages=chat, max_tokens=9)
    assert (check.high, check.fits, check.cost_high) == (None, None, None)
    over = [*chat, {"role": "user", "content": "word " * 130_000}]
    assert preflight(model="gpt-4o", messages=over).fits is False


KEYS = st.text(alphabet="abcdefgh_", min_size=3, max_size=12).map(lambda key: f"zz_{key}")


@given(st.sampled_from(REQUESTS), KEYS, st.one_of(st.integers(), st.text(), st.booleans()))
@examples(60)
def test_an_unknown_key_is_named_and_nothing_stays_exact(
    case: tuple[str, dict[str, Any]], key: str, value: Any
) -> None:
    check = preflight({**case[1], key: value}, api=case[0])
    assert not check.exact
    assert check.high is None
    assert key in [problem.path for problem in check.problems]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
BODY_KEYS = [
    "model",
    "messages",
    "input",
    "contents",
    "prompt",
    "max_tokens",
    "tools",
    "system",
    "config",
    "text",
    "file",
    "n",
    "thinking",
    "instructions",
    "max_output_tokens",
    "tool_choice",
    "service_tier",
    "body",
    "params",
    "cache_control",
]
BODY = st.dictionaries(
    st.sampled_from(BODY_KEYS),
    JSON | st.sampled_from(["gpt-4o", "claude-sonnet-5", "gemini-3.5-flash", 12, HI, [TOOL]]),
)


@given(BODY)
@examples(150)
def test_any_json_gives_a_result_whose_problems_have_paths(body: dict[str, Any]) -> None:
    before = copy.deepcopy(body)
    check = preflight(body)
    assert isinstance(check, Preflight)
    if check.tokens == 0 and not check.exact:
        assert check.problems
        assert check.high is None or check.high > 0 or body.get("prompt") == ""
    assert all(problem.path and problem.message for problem in check.problems)
    assert repr(body) == repr(before)
    check.report()
    check.to_dict()
    assert isinstance(check.request, dict)


def test_the_ways_to_hand_over_a_request_are_one() -> None:
    body = {"model": "gpt-4o", "messages": HI, "max_tokens": 7}
    want = preflight(body)
    fields = SimpleNamespace(model_dump=lambda: body)
    assert preflight(fields) == want
    assert preflight(HI, model="gpt-4o", max_tokens=7) == want
    stream = preflight(model="gpt-4o", messages=(message for message in HI), max_tokens=7)
    assert stream == want
    assert stream.request == body
    for name in ("chat", "chat.completions", "/v1/chat/completions"):
        assert preflight(body, api=name) == want
    assert preflight({**body, "model": "gpt-4"}, model="gpt-4o") == want
    assert preflight({**body, "max_tokens": 9}, extra_body={"max_tokens": 7}, timeout=3) == want
    line = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": body}
    check = preflight(line)
    assert (check.tokens, check.fits, check.request) == (want.tokens, want.fits, line)
    assert check.cost_high == (want.cost_high or 0) / 2  # batch rates
    over = preflight({**line, "body": {**body, "max_tokens": 20_000}})
    assert [one.path for one in over.problems if one.severity == "error"] == ["body.max_tokens"]
    assert over.request["body"]["max_tokens"] == 16_384
    assert over.request["custom_id"] == "1"


def test_nested_reply_limits_are_clamped_where_they_stand() -> None:
    request = {
        "model": "gemini-3.5-flash",
        "contents": "Hi",
        "config": {"max_output_tokens": 10**6},
    }
    check = preflight(request)
    assert (check.max_output, check.fits) == (10**6, False)
    assert check.request["config"] == {"max_output_tokens": 65_536}
    assert request["config"] == {"max_output_tokens": 10**6}
    sent = preflight(
        {"contents": [], "model": "gemini-3.5-flash", "generationConfig": {"maxOutputTokens": 5}}
    )
    assert sent.max_output == 5


def test_costs_are_those_of_hand_arithmetic() -> None:
    check = preflight(model="gpt-4o", messages=HI, max_tokens=1_000, n=2)
    assert check.tokens == 8
    assert check.cost_low == Decimal("0.00002")  # 8 x 2.5 per million
    assert check.cost_high == Decimal("0.02002")  # and 2 x 1000 x 10 per million
    expected = preflight(model="gpt-4o", messages=HI, max_tokens=1_000, expected_output=(10, 20))
    assert (expected.cost_low, expected.cost_high) == (Decimal("0.00012"), Decimal("0.00022"))
    # Without a number the reply may be as long as the model's cap.
    assert preflight(model="gpt-4o", messages=HI).cost_high == Decimal("0.16386")
    picture = preflight(REQUESTS[7][1])
    assert picture.cost_high is not None
    assert Decimal("0.011") < picture.cost_high < Decimal("0.0111")
    assert preflight(REQUESTS[8][1]).cost_high == Decimal("0.000075")  # 5 characters x 15
    assert preflight(REQUESTS[9][1]).cost_low == Decimal("0.006")  # a minute


def test_a_marked_prefix_is_read_from_the_cache_or_written() -> None:
    system = [{"type": "text", "text": "word " * 4_000, "cache_control": {"type": "ephemeral"}}]
    body = {"model": "claude-sonnet-4-5", "system": system, "messages": HI, "max_tokens": 1}
    marked, plain = preflight(body), preflight({**body, "system": system[0]["text"]})
    assert None not in (marked.cost_low, marked.cost_high, plain.cost_low, plain.cost_high)
    assert marked.tokens == plain.tokens
    assert marked.cost_low < plain.cost_low / 5  # type: ignore[operator]
    assert marked.cost_high > plain.cost_high  # type: ignore[operator]
    hour = copy.deepcopy(body)
    hour["system"][0]["cache_control"]["ttl"] = "1h"  # type: ignore[index]
    assert preflight(hour).cost_high > marked.cost_high  # type: ignore[operator]


PROBLEMS: list[tuple[dict[str, Any], str, str]] = [
    ({"model": "gpt-4o"}, "request", "expected messages, input"),
    ({"messages": HI}, "model", "expected a model's name, got None"),
    ({"model": "gtp-4o", "messages": HI}, "model", "Its tokens are estimated."),
    ({"model": "gpt-4o", "messages": HI, "max_tokens": 20_000}, "max_tokens", "at most 16384"),
    ({"model": "gpt-4o", "messages": HI, "max_tokens": "9"}, "max_tokens", "whole number"),
    ({"model": "o3", "messages": HI, "max_tokens": 9}, "max_tokens", "max_completion_tokens"),
    ({"model": "gpt-4", "messages": HI}, "model", "was shut down on 2026-10-23"),
    ({"model": "gpt-4o", "messages": HI, "service_tier": "zz"}, "service_tier", "expected one of"),
    ({"model": "tts-1", "messages": HI}, "model", "expected a model of kind chat"),
    ({"model": "gpt-4o", "messages": [{"role": "x"}]}, "messages[0].role", "expected one of"),
    (
        {"model": "gpt-4o", "messages": [{"role": "tool", "tool_call_id": "a", "content": ""}]},
        "messages[0]",
        "expected the call 'a' of this tool result",
    ),
    ({"model": "claude-sonnet-5", "messages": HI, "system": ""}, "max_tokens", "got none"),
    (
        {
            "model": "claude-sonnet-5",
            "messages": HI,
            "max_tokens": 2_000,
            "thinking": {"type": "enabled", "budget_tokens": 2_000},
        },
        "thinking.budget_tokens",
        "less than the max_tokens of 2000",
    ),
    (
        {"model": "text-embedding-3-small", "input": ["word " * 9_000, "a"]},
        "input[0]",
        "expected at most 8191 tokens",
    ),
    (
        {"model": "text-embedding-3-small", "input": ["a"] * 2_049},
        "input",
        "expected at most 2048 inputs",
    ),
    ({"model": "tts-1", "voice": "alloy", "input": "a" * 4_097}, "input", "4096 characters"),
]


@pytest.mark.parametrize(("body", "path", "message"), PROBLEMS, ids=lambda value: str(value)[:30])
def test_what_is_wrong_is_a_problem_with_its_path(
    body: dict[str, Any], path: str, message: str
) -> None:
    check = preflight(body)
    told = {problem.path: problem.message for problem in check.problems}
    assert path in told
    assert message in told[path]
    assert f"{path}: " in check.report()


def test_items_that_the_api_drops_by_itself_are_named() -> None:
    items = [{"role": "user", "content": "word " * 3_000} for _ in range(4)]
    body = {"model": "gpt-4", "input": items, "truncation": "auto", "max_output_tokens": 1_000}
    check = preflight(body)
    dropped = [problem.path for problem in check.problems if "the API drops" in problem.message]
    assert dropped == ["input[0]", "input[1]"]
    assert check.fits is not False
    assert check.request["input"] == items


def test_a_private_tokenizer_gives_an_estimate_with_bounds() -> None:
    text = "The quick brown fox jumps over the lazy dog. " * 200
    check = preflight(
        model="claude-sonnet-5", messages=[{"role": "user", "content": text}], max_tokens=10
    )
    estimate = tokenkit.estimate_tokens(text, "claude-sonnet-5")
    assert not check.exact
    assert check.low <= estimate.low <= check.tokens <= (estimate.high or 0) <= (check.high or 0)
    assert sum(part.tokens for part in check.parts) == check.tokens


def test_arguments_out_of_range_raise() -> None:
    with pytest.raises(TypeError, match="expected the keywords of an API's method"):
        preflight("Hello")
    with pytest.raises(ValueError, match=r"api: expected one of chat\.completions"):
        preflight({}, api="chats")
    for name, wrong in (("min_output", -1), ("expected_output", (3, 2)), ("at", "yesterday")):
        with pytest.raises(ValueError, match=f"{name}: expected"):
            preflight({}, **{name: wrong})  # type: ignore[arg-type]


def test_a_model_of_ones_own_is_taken() -> None:
    model = Model(name="ours", kind="chat", encoding="o200k_base", context_window=100)
    check = preflight(model=model, messages=HI, max_tokens=200)
    assert (check.model, check.limit, check.fits, check.cost_low) == ("ours", 100, False, None)
    assert check.request["max_tokens"] == 200  # min_output is more than there is room for
    assert (
        preflight(model=model, messages=HI, max_tokens=200, min_output=1).request["max_tokens"]
        == 92
    )


@pytest.mark.parametrize("request_", [dict(body) for _, body in REQUESTS])
def test_a_result_holds_what_its_constructor_would_set(request_: dict[str, Any]) -> None:
    check = preflight(request_)
    fields = {field.name: getattr(check, field.name) for field in dataclasses.fields(check)}
    made = Preflight(**fields)
    assert vars(check).keys() - {"_lines"} == fields.keys()
    assert made == check == dataclasses.replace(check) == pickle.loads(pickle.dumps(check))
    assert repr(made) == repr(check)


@examples(40)
@given(chats(), st.booleans())
def test_parts_are_those_of_count_messages(chat: list[Any], with_tools: bool) -> None:
    options: dict[str, Any] = {"tools": [{"type": "function", "function": TOOL}]}
    options = options if with_tools else {}
    check = preflight(model="gpt-4o", messages=chat, **options)
    count = tokenkit.count_messages(chat, "gpt-4o", **options)
    assert (check.tokens, check.low, check.high, check.parts) == (
        (count.tokens, count.low, count.high, count.parts)
    )


def test_an_orphan_behind_system_blocks_has_its_own_path() -> None:
    result = {"type": "tool_result", "tool_use_id": "a", "content": "4"}
    chat = [*HI, {"role": "user", "content": [result]}]
    body = {"model": "claude-sonnet-5", "system": "Be brief.", "messages": chat, "max_tokens": 9}
    for request_, path in (
        (body, "messages[1]"),
        ({"custom_id": "1", "params": body}, "params.messages[1]"),
    ):
        (problem,) = preflight(request_).problems
        assert problem.path == path
        assert problem.message.startswith("expected the call 'a' of this tool result")


def test_system_blocks_do_not_change_how_messages_are_grouped() -> None:
    function = {"name": "now", "arguments": "{}"}
    calls = [
        {
            "role": "assistant",
            "tool_calls": [{"id": name, "type": "function", "function": function}],
        }
        for name in ("a", "b")
    ]
    block = {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}
    body = {"model": "claude-sonnet-5", "messages": calls, "max_tokens": 9}
    for system in ({}, {"system": "Be brief."}, {"system": [block]}):
        (problem,) = preflight({**body, **system}, api="messages").problems
        assert str(problem).startswith("messages[0]: expected a result of the tool call 'a'")


@examples(40)
@given(chats(), st.integers(0, 30))
def test_orphans_are_found_where_grouping_finds_them(chat: list[Any], left_out: int) -> None:
    """The slow twin: the whole chat is read again, and grouped."""
    chat = [message for index, message in enumerate(chat) if index != left_out]
    try:
        check_chat(chat)
        expected = []
    except ValueError as error:
        expected = [str(error)]
    problems = preflight(model="gpt-4o", messages=chat or HI).problems
    assert [str(problem) for problem in problems if problem.severity == "error"] == expected
