"""Files of requests: counts, prices and the lines that are wrong."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from batch_lines import CHAT, SMALL, line

import tokenkit
from tokenkit.inputs import batch_files, batch_report
from tokenkit.inputs.batch_files import count_requests
from tokenkit.inputs.batch_report import RequestReport


def test_chat_requests() -> None:
    tool = {"type": "function", "function": {"name": "now", "description": "The time"}}
    bodies: list[dict[str, Any]] = [
        {"model": "gpt-4o", "messages": CHAT},
        {"model": "gpt-4o", "messages": CHAT, "tools": [tool], "max_completion_tokens": 100},
    ]
    report = count_requests(line(i, "chat/completions", body) for i, body in enumerate(bodies))
    total = report.totals["gpt-4o"]
    plain = tokenkit.count_messages(CHAT, "gpt-4o").tokens
    tooled = tokenkit.count_messages(CHAT, "gpt-4o", tools=[tool])
    assert (total.requests, total.tokens, total.low) == (
        2,
        plain + tooled.tokens,
        plain + tooled.low,
    )
    assert (total.exact, total.max_output, report.problems) == (False, 100, [])
    assert total.cost == tokenkit.cost("gpt-4o", input_tokens=total.tokens, tier="batch").total


def test_many_short_prompts_are_not_a_long_one() -> None:
    body = {"model": "gpt-5.4", "messages": [{"role": "user", "content": "word " * 50_000}]}
    report = count_requests(line(i, "chat/completions", body) for i in range(8))
    total = report.totals["gpt-5.4"]
    price = tokenkit.cost("gpt-5.4", input_tokens=total.tokens // 8, tier="batch").total
    assert total.cost == 8 * price


def test_models_that_always_search_have_a_fee_that_batches_do_not_list() -> None:
    body = {"model": "gpt-4o-search-preview", "messages": CHAT}
    totals = count_requests([line(1, "chat/completions", body)]).totals
    assert totals["gpt-4o-search-preview"].partial


def test_responses_requests_mean_a_chat() -> None:
    parts = [{"type": "input_text", "text": "Hi there"}]
    bodies: list[dict[str, Any]] = [
        {"model": "gpt-4o", "instructions": "Be brief.", "input": "Hi there"},
        {"model": "gpt-4o", "input": [CHAT[0], {"role": "user", "content": parts}]},
    ]
    for body in bodies:
        total = count_requests([line(1, "responses", body)]).totals["gpt-4o"]
        assert total.tokens == tokenkit.count_messages(CHAT, "gpt-4o").tokens
        assert not total.exact


def limits(report: RequestReport) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in report.problems if problem.is_limit]


def test_embedding_requests() -> None:
    given: list[Any] = ["Hi there", ["Hi", "there"], [1, 2, 3], [[1, 2], [3]]]
    lines = [
        line(i, "embeddings", {"model": SMALL, "input": value}) for i, value in enumerate(given)
    ]
    report = count_requests(lines)
    assert (report.totals[SMALL].tokens, report.problems) == (2 + 2 + 3 + 3, [])
    bad = [line(1, "embeddings", {"model": SMALL, "input": ["a " * 9000, ""]})]
    over = limits(count_requests(bad))
    assert [number for number, _ in over] == [1, 1]
    assert "over 8191" in over[0][1]
    many = [line(1, "embeddings", {"model": SMALL, "input": ["a"] * 2049})]
    assert "1 over 2048" in limits(count_requests(many))[0][1]


def test_fine_tuning_examples() -> None:
    examples = [{"messages": [*CHAT, {"role": "assistant", "content": "Hello!"}]}] * 3
    lines = [json.dumps(example).encode() for example in examples]
    total = count_requests(lines, model="gpt-4o-mini", epochs=4).totals["gpt-4o-mini"]
    assert total.training_tokens * 4 == tokenkit.chat.count_training_tokens(
        examples, "gpt-4o-mini", epochs=4
    )
    assert total.cost == Decimal(total.training_tokens * 4 * 3) / 1_000_000
    (problem, *_) = count_requests(lines).problems
    assert "expected a model to train, got none" in problem.message
    mute = json.dumps({"messages": CHAT}).encode()
    report = count_requests([lines[0], mute], model="gpt-4o-mini")
    assert report.totals["gpt-4o-mini"].requests == 1
    (problem,) = report.problems
    assert (problem.line, "expected a message of the assistant" in problem.message) == (2, True)


def test_notes_name_the_line() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    messages: list[dict[str, Any]] = [{"role": "user", "content": [image]}]
    body = {"model": "gpt-4o", "messages": messages}
    plain = line(1, "chat/completions", {"model": "gpt-4o", "messages": CHAT})
    total = count_requests([plain, line(2, "chat/completions", body)]).totals["gpt-4o"]
    (note,) = tokenkit.count_messages(messages, "gpt-4o").notes
    assert note.startswith("messages[0].content[0]: image size unknown")
    assert total.notes == (f"line 2: body.{note}",)
    assert not total.exact


def test_notes_of_the_request_as_a_whole_stand_once() -> None:
    tool = {"type": "function", "function": {"name": "now", "description": "The time"}}
    body = {"model": "gpt-4o", "messages": CHAT, "tools": [tool]}
    lines = [line(i, "chat/completions", body) for i in range(3)]
    notes = tokenkit.count_messages(CHAT, "gpt-4o", tools=[tool]).notes
    assert notes
    assert count_requests(lines).totals["gpt-4o"].notes == notes


def test_an_example_is_counted_once_and_exactly() -> None:
    talk = [*CHAT, {"role": "assistant", "content": "Hello!"}]
    example = json.dumps({"messages": talk}).encode()
    tokens = tokenkit.chat.count_training_tokens([{"messages": talk}], "gpt-4o-mini")
    total = count_requests([example], "gpt-4o-mini").totals["gpt-4o-mini"]
    assert (total.tokens, total.low, total.high, total.exact) == (tokens, tokens, tokens, True)
    assert (total.training_tokens, total.requests, total.max_output) == (tokens, 1, 0)
    assert total.cost == tokenkit.cost("gpt-4o-mini", training_tokens=tokens, epochs=1).total


def test_many_problems_are_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_report, "MAX_PROBLEMS", 3)
    good = line(0, "chat/completions", {"model": "gpt-4o", "messages": CHAT})
    report = count_requests([b"1", good, good, b"2", b"3", good, b"4"])
    assert [problem.line for problem in report.problems] == [1, 3, 4]
    assert (report.requests, report.wrong, report.more_problems) == (7, 4, 3)


def test_ids_are_compared_as_far_as_they_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_files, "_MOST_IDS", 2)
    body = {"model": "gpt-4o", "messages": CHAT}
    report = count_requests([line(i, "chat/completions", body) for i in (1, 2, 3, 3, 2)])
    assert [(problem.line, problem.is_limit) for problem in report.problems] == [
        (5, True),
        (0, True),
    ]
    assert "at most 2" in report.problems[1].message


def test_an_example_without_an_id_is_no_request() -> None:
    report = count_requests([b'{"messages": [], "body": 5}', b'{"custom_id": "1"}'], "gpt-4o-mini")
    assert [problem.message for problem in report.problems] == [
        "custom_id: expected a non-empty string, got None",
        "body: expected an object, got None",
    ]


def test_embeddings_have_no_reply_and_are_exact() -> None:
    body = {"model": SMALL, "input": "Hi there"}
    total = count_requests([line(1, "embeddings", body)]).totals[SMALL]
    assert (total.tokens, total.low, total.high, total.exact) == (2, 2, 2, True)
    assert (total.requests, total.max_output, total.training_tokens) == (1, 0, 0)


def test_keys_of_other_objects_are_listed() -> None:
    report = count_requests([b'{"a": 1, "b": 2}', b"{}"])
    assert [problem.message.partition(", got ")[2] for problem in report.problems] == [
        "a, b",
        "an empty object",
    ]


def test_a_model_of_ones_own() -> None:
    model = tokenkit.Model(name="mine", kind="chat", encoding="cl100k_base")
    report = count_requests([line(1, "chat/completions", {"messages": CHAT})], model)
    assert report.totals["mine"].tokens == tokenkit.count_messages(CHAT, model).tokens
    with pytest.raises(tokenkit.UnknownModelError):
        count_requests([], "no-such-model")
    with pytest.raises(ValueError, match="epochs: expected at least 1, got 0"):
        count_requests([], model, epochs=0)


def test_embeddings_need_a_public_tokenizer() -> None:
    request = line(1, "embeddings", {"model": "embed-v4.0", "input": "hi"})
    model = tokenkit.get_model("embed-v4.0")
    assert model.encoding is None
    (problem,) = count_requests([request]).problems
    assert (problem.is_limit, "embed-v4.0" in problem.message) == (False, True)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (b"{oops", "invalid JSON at column 2: "),
        (b"[]", "expected an object, got []"),
        (
            b'{"prompt": "a", "completion": "b"}',
            "expected a request (`custom_id`, `body`) or an example",
        ),
        (b'{"a": "\xff"}', "expected UTF-8 text, got invalid UTF-8 at byte 7"),
        (b"[" * 100_000, "nested too deep"),
        (line(1, "images", {}), "url: expected one of /v1/chat/completions, /v1/responses, "),
        (line(1, "responses", {"model": "gpt-4o"}), "body: expected input, got model"),
        (
            line(1, "responses", {"model": "gpt-4o", "input": 5}),
            "body.input: expected a text or a list, got 5",
        ),
        (
            line(1, "chat/completions", {"model": "gpt-4o", "messages": 5}),
            "messages: expected a list",
        ),
        (line(1, "chat/completions", {"model": "gpt4o", "messages": []}), "Did you mean"),
        (
            line(1, "chat/completions", {"messages": []}),
            "body.model: expected a model's name, got None",
        ),
        (
            line(1, "embeddings", {"model": SMALL, "input": [None]}),
            "body.input[0]: expected a text or a list of ids, got None",
        ),
        (line(1, "responses", {}, method="GET"), "method: expected 'POST', got 'GET'"),
        (line(1, "responses", {}, custom_id=""), "custom_id: expected a non-empty string, got ''"),
    ],
)
def test_wrong_lines_do_not_stop_good_ones(bad: bytes, message: str) -> None:
    good = line(2, "chat/completions", {"model": "gpt-4o", "messages": CHAT})
    report = count_requests([bad, b"\n", good])
    (problem,) = report.problems
    assert (problem.line, problem.is_limit) == (1, False)
    assert message in problem.message
    assert report.totals["gpt-4o"].requests == 1
