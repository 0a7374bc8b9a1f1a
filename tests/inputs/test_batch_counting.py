"""Requests whose bodies leave something open, and training files of other kinds."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

import pytest
from batch_lines import CHAT, line
from hypothesis import given, strategies as st
from search import examples
from sounds import recording

import tokenkit
from tokenkit.inputs import RequestReport, RequestTotal
from tokenkit.inputs.batch_files import count_requests

HELLO = [{"role": "user", "content": "Hi"}]
REPLY = {"role": "assistant", "content": "Hello!"}
FUNCTION = {
    "name": "get_weather",
    "description": "The current weather of a city, in degrees Celsius",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "Name of the city"}},
        "required": ["city"],
    },
}


def as_lines(*records: Any) -> list[bytes]:
    return [json.dumps(record).encode() for record in records]


def total_of(report: RequestReport) -> RequestTotal:
    """The only total of a report."""
    (total,) = report.totals.values()
    return total


def counted(url: str, body: dict[str, Any]) -> RequestTotal:
    report = count_requests([line(1, url, body)])
    assert report.problems == []
    return total_of(report)


# The path that the note names, and what adds input that the file does not hold.
OPEN = [
    ("chat/completions", {"web_search_options": {}}, "web_search_options"),
    ("chat/completions", {"data_sources": [{"type": "azure_search"}]}, "data_sources"),
    ("chat/completions", {"top_kk": 5}, "top_kk"),
    ("chat/completions", {"stream_options": {"speed": 1}}, "stream_options.speed"),
    ("responses", {"previous_response_id": "resp_1"}, "previous_response_id"),
    ("responses", {"conversation": "conv_1"}, "conversation"),
    ("responses", {"conversation": {"id": "conv_1"}}, "conversation"),
    ("responses", {"prompt": {"id": "pmpt_1", "variables": {"city": "Bonn"}}}, "prompt"),
    ("responses", {"reasoning": {"mode": "pro"}}, "reasoning.mode"),
    ("responses", {"reasoning": {"depth": 5}}, "reasoning.depth"),
    ("responses", {"context_management": [{"type": "compaction"}]}, "context_management[0]"),
    ("responses", {"mood": "good"}, "mood"),
]


@pytest.mark.parametrize(("url", "extra", "path"), OPEN, ids=[path for *_, path in OPEN])
def test_input_that_is_not_in_the_file_has_no_upper_bound(
    url: str, extra: dict[str, Any], path: str
) -> None:
    given = {"messages": HELLO} if url == "chat/completions" else {"input": "Hi"}
    body = {"model": "gpt-4o", **given}
    plain, total = counted(url, body), counted(url, {**body, **extra})
    assert (total.tokens, total.high, total.exact, total.partial) == (
        plain.tokens,
        None,
        False,
        True,
    )
    assert total.low <= plain.low
    assert any(note.startswith(f"line 1: body.{path}: ") for note in total.notes)


HARMLESS: dict[str, Any] = {
    "temperature": 0.5,
    "top_p": 1,
    "seed": 7,
    "stop": ["x"],
    "logit_bias": {"5": 1},
    "metadata": {"any": "thing"},
    "user": "u",
    "store": True,
    "stream": False,
    "reasoning_effort": "low",
    "tools": None,
    "tool_choice": None,
    "functions": None,
    "response_format": None,
    "n": 1,
}


def test_keys_that_add_no_input_change_nothing() -> None:
    body = {"model": "gpt-4o", "messages": HELLO}
    assert counted("chat/completions", {**body, **HARMLESS}) == counted("chat/completions", body)


def test_an_empty_unknown_key_changes_nothing_and_is_named() -> None:
    total = counted("chat/completions", {"model": "gpt-4o", "messages": HELLO, "mood": None})
    assert (total.exact, total.partial) == (True, False)
    assert total.notes == ("line 1: body.mood: this key is not known; it is empty",)


def test_a_key_beside_the_body_is_named() -> None:
    body = {"model": "gpt-4o", "messages": HELLO}
    report = count_requests([line(1, "chat/completions", body, extra_body={"a": 1})])
    assert total_of(report).high is None
    assert report.notes == (
        "line 1: extra_body: this key is not known, so the number has no upper bound",
    )


def test_all_replies_are_counted() -> None:
    body = {"model": "gpt-4o", "messages": HELLO, "max_tokens": 100}
    assert counted("chat/completions", body).max_output == 100
    total = counted("chat/completions", {**body, "n": 5})
    assert (total.max_output, total.tokens) == (500, 8)
    assert total.notes == ("line 1: body.n: max_output is that of 5 replies",)
    # Each reply has the window to itself.
    assert counted("chat/completions", {**body, "max_tokens": 9_000, "n": 9}).max_output == 81_000


@pytest.mark.parametrize("parts", [False, True])
def test_a_prediction_may_be_billed(parts: bool) -> None:
    text = "word " * 200
    content = [{"type": "text", "text": text}] if parts else text
    body = {
        "model": "gpt-4o",
        "messages": HELLO,
        "prediction": {"type": "content", "content": content},
    }
    total = counted("chat/completions", body)
    more = tokenkit.count(text, "gpt-4o")
    assert (total.tokens, total.low, total.high) == (8, 8, 8 + more)
    assert (total.exact, total.partial) == (False, True)
    assert total.notes[0].startswith(f"line 1: body.prediction.content: {more} predicted tokens")


def test_functions_count_as_tools_do() -> None:
    """67 tokens: the same request with `tools` (EXPECTED of an older API are the bounds)."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Weather in Bonn?"}]}
    old = {"functions": [FUNCTION], "function_call": {"name": "get_weather"}}
    tool = {"type": "function", "function": FUNCTION}
    choice = {"type": "function", "function": {"name": "get_weather"}}
    total = counted("chat/completions", {**body, **old})
    same = counted("chat/completions", {**body, "tools": [tool], "tool_choice": choice})
    assert (total.tokens, total.low, total.high) == (same.tokens, same.low, same.high)
    assert (total.tokens, total.exact) == (67, False)


def test_functions_of_training_examples() -> None:
    call = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}}
    example = {"messages": [*HELLO, call]}
    bare, whole = (
        total_of(count_requests(as_lines(item), "gpt-4o-mini"))
        for item in (example, {**example, "functions": [FUNCTION]})
    )
    assert whole.training_tokens > bare.training_tokens + 30
    assert not whole.exact
    tools = {**example, "tools": [{"type": "function", "function": FUNCTION}]}
    assert tokenkit.chat.count_training_tokens(
        [tools], "gpt-4o-mini"
    ) == tokenkit.chat.count_training_tokens([{**example, "functions": [FUNCTION]}], "gpt-4o-mini")


def test_a_body_alone_is_a_request_of_its_own_model() -> None:
    talk = [
        {"role": "user", "content": "How far is the moon?"},
        {"role": "assistant", "content": "384,400 km."},
        {"role": "user", "content": "And the sun?"},
    ]
    body = {"model": "gpt-4.1", "temperature": 0, "max_tokens": 50, "messages": talk}
    for model in (None, "gpt-4o"):
        report = count_requests(as_lines(body), model)
        total = report.totals["gpt-4.1"]
        assert (total.tokens, total.training_tokens, total.max_output) == (30, 0, 50)
        assert (total.cost, total.tier, report.problems) == (Decimal("0.00006"), "standard", [])


@pytest.mark.parametrize(
    ("tier", "sold", "partial"),
    [("flex", "flex", False), ("auto", "standard", False), ("moon", "standard", True)],
)
def test_a_body_alone_is_priced_at_its_own_tier(tier: str, sold: str, partial: bool) -> None:
    body = {"model": "gpt-5.2", "messages": HELLO, "service_tier": tier}
    total = total_of(count_requests(as_lines(body)))
    price = tokenkit.cost("gpt-5.2", input_tokens=total.tokens, tier=sold)
    assert (total.cost, total.tier, total.partial) == (price.total, sold, partial)
    batch = counted("chat/completions", body)
    assert (batch.tier, batch.partial) == ("batch", tier != "auto")


def test_bodies_alone_by_the_kind_of_their_model() -> None:
    small = "text-embedding-3-small"
    report = count_requests(as_lines({"model": small, "input": "Hi there"}))
    assert (report.totals[small].tokens, report.totals[small].exact) == (2, True)
    report = count_requests(as_lines({"model": "gpt-4o", "input": "Hi there"}))
    assert not report.totals["gpt-4o"].exact
    (problem,) = count_requests(as_lines({"model": "gpt-4o", "prompt": "Hi"})).problems
    assert "requests of completions and images are not counted here" in problem.message


@pytest.mark.parametrize(
    "url", ["/chat/completions", "/openai/deployments/our-gpt/chat/completions?api-version=1"]
)
def test_deployments_of_azure_are_counted_as_the_model_that_is_named(url: str) -> None:
    record = {"custom_id": "1", "method": "POST", "url": url, "body": {"messages": CHAT}}
    if url == "/chat/completions":
        record["body"] = {"model": "our-gpt", "messages": CHAT}
    (problem,) = count_requests(as_lines(record)).problems
    assert "Unknown model 'our-gpt'" in problem.message
    assert "For a deployment, name its model" in problem.message
    assert "-e" not in problem.message
    report = count_requests(as_lines(record), "gpt-4o")
    assert report.totals["gpt-4o"].tokens == tokenkit.count_messages(CHAT, "gpt-4o").tokens
    assert report.problems == []
    assert report.notes == (
        "line 1: body.model: 'our-gpt' is not known here; counted and priced as gpt-4o",
    )


def test_a_known_name_stands_whatever_model_is_given() -> None:
    body = {"model": "gpt-4.1", "messages": HELLO}
    assert list(count_requests(as_lines(body), "gpt-4o").totals) == ["gpt-4.1"]
    # A name of which only the encoding is known belongs to no model.
    body["model"] = "gpt-4o-our-batch"
    assert list(count_requests(as_lines(body), "gpt-4.1").totals) == ["gpt-4.1"]


PAIR: dict[str, Any] = {
    "input": {"messages": HELLO, "tools": [], "parallel_tool_calls": True},
    "preferred_output": [REPLY],
    "non_preferred_output": [{"role": "assistant", "content": "ok"}],
}


def test_preference_examples_count_as_two() -> None:
    each = [
        tokenkit.chat.count_training_tokens([{"messages": [*HELLO, *PAIR[name]]}], "gpt-4o-mini")
        for name in ("preferred_output", "non_preferred_output")
    ]
    total = total_of(count_requests(as_lines(PAIR), "gpt-4o-mini"))
    assert (total.tokens, total.low, total.high) == (sum(each), min(each), sum(each))
    assert (total.training_tokens, total.exact) == (sum(each), False)
    assert "by no published rule" in total.notes[0]
    odd = {**PAIR, "input": {**PAIR["input"], "mood": 1}, "weight": 1}
    total = total_of(count_requests(as_lines(odd), "gpt-4o-mini"))
    assert total.high is None
    assert {note.partition(": this")[0] for note in total.notes[1:]} == {
        "line 1: input.mood",
        "line 1: weight",
    }


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({**PAIR, "preferred_output": []}, "preferred_output: expected a list with a message"),
        ({**PAIR, "input": "Hi"}, "input: expected an object with a list of messages"),
        ({**PAIR, "preferred_output": [5]}, "preferred_output[0]: expected"),
        ({"messages": HELLO, "reference_answer": "5"}, "an example for reinforcement fine-tuning"),
        ({"messages": HELLO}, "expected a message of the assistant, got none to learn from"),
    ],
)
def test_training_lines_that_are_not_counted_are_named(record: Any, message: str) -> None:
    (problem,) = count_requests(as_lines(record), "gpt-4o-mini").problems
    assert message in problem.message


def test_an_unknown_key_of_an_example_is_named() -> None:
    total = total_of(count_requests(as_lines({"messages": [*HELLO, REPLY], "mood": 1}), "gpt-4o"))
    assert (total.tokens, total.high, total.exact) == (12, None, False)
    assert total.notes == ("line 1: mood: this key is not known, so the number has no upper bound",)


def test_truncation_bounds_a_request_by_its_window() -> None:
    body = {"model": "gpt-4o", "input": "word " * 200_000, "truncation": "auto"}
    total = counted("responses", body)
    assert (total.low, total.tokens, total.high) == (0, 128_000, 128_000)
    assert counted("responses", {**body, "input": "Hi"}).low > 0


def test_compaction_above_the_threshold_alone() -> None:
    def managed(threshold: int) -> RequestTotal:
        entry = {"type": "compaction", "compact_threshold": threshold}
        return counted(
            "responses", {"model": "gpt-4o", "input": "Hi", "context_management": [entry]}
        )

    assert managed(5_000) == counted("responses", {"model": "gpt-4o", "input": "Hi"})
    assert (managed(5).low, managed(5).high) == (0, None)


def test_a_note_of_many_lines_stands_once() -> None:
    body = {"model": "gpt-4o", "messages": HELLO, "mood": 1}
    lines = [line(number, "chat/completions", body) for number in range(4)]
    unknown = "body.mood: this key is not known, so the number has no upper bound"
    assert count_requests(lines).notes == (f"line 1: {unknown} (and 3 more)",)


def test_numbers_that_the_api_refuses_are_problems_of_counted_lines() -> None:
    body = {"model": "gpt-4o", "messages": HELLO, "max_tokens": "5"}
    report = count_requests([line(1, "chat/completions", body)])
    (problem,) = report.problems
    assert problem.is_limit
    assert problem.message.startswith("body.max_tokens: expected a whole number of at least 1")
    assert total_of(report).tokens == 8


def test_a_batch_of_embeddings_wants_a_model_of_embeddings() -> None:
    (problem,) = count_requests([line(1, "embeddings", {"model": "gpt-4o", "input": "a"})]).problems
    assert problem.message == "model: expected an embedding model, got gpt-4o of kind 'chat'"


def test_an_unpriced_search_is_named() -> None:
    total = counted("chat/completions", {"model": "gpt-4o-search-preview", "messages": HELLO})
    assert (total.partial, total.high) == (True, None)
    assert any("web_search" in note for note in total.notes)
    alone = total_of(
        count_requests(as_lines({"model": "gpt-4o-search-preview", "messages": HELLO}))
    )
    assert (
        alone.cost == tokenkit.cost("gpt-4o-search-preview", input_tokens=8, web_searches=1).total
    )


def test_items_of_a_responses_request_name_their_path() -> None:
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    items: list[Any] = [
        {"role": "user", "content": [{"type": "input_text", "text": "Hi", "mood": 1}]},
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "abc"},
        call,
        {"type": "function_call_output", "call_id": "c", "output": "fine"},
        {"type": "input_image"},
    ]
    body = {"model": "gpt-4o", "instructions": "Be brief.", "input": items[:4]}
    total = counted("responses", body)
    assert total.tokens > tokenkit.count_messages(CHAT, "gpt-4o").tokens
    assert total.high is None
    named = [note for note in total.notes if "body.input[" in note]
    assert any("body.input[0].content[0].mood: " in note for note in named)
    assert any("body.input[1]" in note for note in named)
    (problem,) = count_requests([line(1, "responses", {**body, "input": [5]})]).problems
    assert problem.message.startswith("body.input[0]: expected")


def test_images_by_the_id_of_a_file_have_bounds() -> None:
    image = {"type": "input_image", "file_id": "file-1", "detail": "auto"}
    body = {"model": "gpt-4o", "input": [{"role": "user", "content": [image]}]}
    total = counted("responses", body)
    assert not total.exact
    assert total.low < total.tokens
    assert any("body.input[0].content[0]" in note for note in total.notes)


def test_parts_of_a_prediction_are_accounted_for() -> None:
    content = [{"type": "text", "text": "a", "mood": 1}]
    body = {"model": "gpt-4o", "messages": HELLO, "prediction": {"content": content}}
    total = counted("chat/completions", body)
    assert total.high is None
    assert total.notes[0].startswith("line 1: body.prediction.content[0].mood: this key")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([-1], "body.input: expected ids from 0 to 100276, got -1"),
        ([[5], [100_277]], "body.input: expected ids from 0 to 100276, got 100277"),
        ([], "input holds nothing to embed"),
    ],
)
def test_inputs_that_the_embeddings_api_refuses(value: Any, message: str) -> None:
    body = {"model": "text-embedding-3-small", "input": value}
    (problem,) = count_requests([line(1, "embeddings", body)]).problems
    assert problem.message == message


def test_values_that_are_not_json_or_not_the_apis() -> None:
    (problem,) = count_requests([b'{"model": "gpt-4o", "messages": [], "n": NaN}']).problems
    assert problem.message == "invalid JSON: expected a number, got NaN"
    (problem,) = count_requests([b'{"model": "gpt-4o", "messages": [], "model": "o3"}']).problems
    assert problem.message == "invalid JSON: expected each key of an object once, got 'model' twice"
    body: dict[str, Any] = {"model": "gpt-4o", "input": "Hi", "truncation": "middle"}
    (problem,) = count_requests([line(1, "responses", body)]).problems
    assert problem.message == "body.truncation: expected 'auto' or 'disabled', got 'middle'"
    body = {"model": "gpt-oss-120b", "messages": HELLO, "reasoning_effort": "xhigh"}
    (problem,) = count_requests([line(1, "chat/completions", body)]).problems
    assert problem.message.startswith("body.reasoning_effort: expected 'low', 'medium' or 'high'")


def test_a_model_that_is_null_makes_no_request() -> None:
    example = {"messages": [*HELLO, REPLY], "model": None}
    total = total_of(count_requests(as_lines(example), "gpt-4o-mini"))
    assert total.training_tokens == 12


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.just("gpt-4o"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
KEYS = [
    "custom_id",
    "method",
    "url",
    "body",
    "model",
    "messages",
    "input",
    "prompt",
    "tools",
    "functions",
    "n",
    "max_tokens",
    "prediction",
    "text",
    "reasoning",
    "conversation",
    "preferred_output",
    "truncation",
    "service_tier",
    "context_management",
]


@given(
    record=st.dictionaries(st.sampled_from(KEYS), JSON | st.just(CHAT)),
    kind=st.sampled_from(["body", "/v1/chat/completions", "/v1/responses", "/v1/embeddings"]),
)
@examples(200)
def test_any_line_is_counted_or_named(record: dict[str, Any], kind: str) -> None:
    """No JSON makes the counter fail, and what is counted and open says so."""
    if kind != "body":
        record = {"custom_id": "1", "method": "POST", "url": kind, "body": record}
    report = count_requests(as_lines(record), "gpt-4o")
    assert len(report.totals) + sum(not problem.is_limit for problem in report.problems) == 1
    for total in report.totals.values():
        assert total.low <= total.tokens
        assert total.high is None or total.tokens <= total.high
        assert total.exact is False or total.low == total.high
        assert total.high is not None or (total.partial and total.notes)


def test_the_same_model_on_two_hosts_has_two_prices() -> None:
    """Prices are kept from line to line, but not from host to host."""
    bodies = [{"model": name, "messages": HELLO} for name in ("gpt-4o", "azure/gpt-4o", "gpt-4o")]
    total = count_requests(as_lines(*bodies)).totals["gpt-4o"]
    price = tokenkit.cost("gpt-4o", input_tokens=8).total
    assert tokenkit.cost("azure/gpt-4o", input_tokens=8).partial
    assert (total.requests, total.cost, total.partial) == (3, 2 * price, True)


def test_sound_in_a_request_has_the_rates_of_sound() -> None:
    data = base64.b64encode(recording(60)).decode()
    heard = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    body: dict[str, Any] = {"model": "gpt-audio", "max_completion_tokens": 10}
    body["messages"] = [{"role": "user", "content": [heard]}]
    (total,) = count_requests([json.dumps(body).encode()]).totals.values()
    true = tokenkit.cost("gpt-audio", input_tokens=total.tokens, audio_input_tokens=600)
    assert total.cost == true.total
