"""Limits of requests, examples and whole files."""

from __future__ import annotations

import json

import pytest
from batch_lines import CHAT, line

import tokenkit
from tokenkit.inputs import batch_limits
from tokenkit.inputs.batch_files import count_requests
from tokenkit.inputs.batch_report import RequestReport


def limits(report: RequestReport) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in report.problems if problem.is_limit]


@pytest.mark.parametrize(
    ("model", "limit"),
    [("gpt-4o-mini", 65_536), ("gpt-4.1", 65_536), ("gpt-3.5-turbo-1106", 16_385)],
)
def test_examples_that_are_too_long_to_train_with(model: str, limit: int) -> None:
    def example(words: int) -> bytes:
        talk = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "so " * words}]
        return json.dumps({"messages": talk}).encode()

    report = count_requests([example(10), example(limit), example(limit - 100)], model=model)
    ((number, message),) = limits(report)
    assert number == 2
    assert str(limit) in message
    total = report.totals[tokenkit.get_model(model).name]
    assert (total.requests, total.training_tokens > 2 * limit - 100) == (3, True)


def test_limits_of_the_api(monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"model": "gpt-4o", "messages": CHAT}
    lines = [line(i % 2, "chat/completions", body) for i in range(3)]
    lines.append(line(9, "chat/completions", {"model": "gpt-4o-mini", "messages": CHAT}))
    lines.append(line(8, "chat/completions", {**body, "max_tokens": 127_995}))
    monkeypatch.setattr(batch_limits, "MAX_REQUESTS", 4)
    monkeypatch.setattr(batch_limits, "MAX_FILE_BYTES", 100)
    over = dict(limits(count_requests(lines)))
    assert "also in line 1" in over[3]
    assert "exceed gpt-4o's" in over[5]
    messages = " ".join(message for _, message in limits(count_requests(lines)))
    for part in ("one model", "5 requests, 1 over", "bytes"):
        assert part in messages


@pytest.mark.parametrize("window", ["shared", "separate"])
@pytest.mark.parametrize(("tokens", "reply"), [(80, 20), (80, 21), (100, 1), (101, 0), (1, 51)])
def test_the_reply_takes_room_of_a_shared_window_alone(
    window: str, tokens: int, reply: int
) -> None:
    model = tokenkit.Model(
        name="m", kind="chat", context_window=100, max_output_tokens=50, window=window
    )
    used = tokens + (reply if window == "shared" else 0)
    message = batch_limits.window_problem(model, tokens, reply)
    if used > 100:
        assert message == f"{used} tokens exceed m's context_window 100 by {used - 100}"
    elif reply > 50:
        assert message == f"{reply} tokens exceed m's max_output_tokens 50 by {reply - 50}"
    else:
        assert message is None


def test_a_cap_of_the_input_comes_before_the_window() -> None:
    model = tokenkit.Model(name="m", kind="chat", context_window=100, max_input_tokens=60)
    assert batch_limits.window_problem(model, 60, 40) is None
    message = "61 tokens exceed m's max_input_tokens 60 by 1"
    assert batch_limits.window_problem(model, 61, 40) == message


@pytest.mark.parametrize("window", ["shared", "separate"])
def test_requests_are_checked_against_the_window_of_their_model(window: str) -> None:
    model = tokenkit.Model(
        name="m", kind="chat", encoding="o200k_base", context_window=20, window=window
    )
    body = {"messages": CHAT, "max_completion_tokens": 20}
    report = count_requests([line(1, "chat/completions", body)], model)
    tokens = report.totals["m"].tokens
    assert 0 < tokens <= 20
    over = f"{tokens + 20} tokens exceed m's context_window 20 by {tokens}"
    assert limits(report) == ([(1, over)] if window == "shared" else [])


def test_limits_of_an_embeddings_request_are_those_of_its_model() -> None:
    model = tokenkit.Model(
        name="e", kind="embedding", safe_input_tokens=5, inputs_per_request=3, tokens_per_request=9
    )
    assert list(batch_limits.embedding_problems(model, [5, 4])) == []
    assert list(batch_limits.embedding_problems(model, [6, 1, 0, 3])) == [
        "input[0] has 6 tokens, 1 over 5",
        "input[2] is empty",
        "4 inputs in one request, 1 over 3",
        "10 tokens in one request, 1 over 9",
    ]


def test_limits_of_an_embeddings_request_are_those_of_pack() -> None:
    """A model of one's own stands behind an API of OpenAI's form; other vendors' are not known."""
    ours = tokenkit.Model(name="e", kind="embedding", encoding="cl100k_base")
    for counts in ([1] * 2_048, [150_000, 150_000]):
        assert list(batch_limits.embedding_problems(ours, counts)) == []
        assert len(tokenkit.pack(counts, ours)) == 1
        assert len(list(batch_limits.embedding_problems(ours, [*counts, 1]))) == 1
        assert len(tokenkit.pack([*counts, 1], ours)) == 2
    other = tokenkit.Model(name="e", kind="embedding", provider="elsewhere")
    assert list(batch_limits.embedding_problems(other, [10**6] * 10**4)) == []
    with pytest.raises(ValueError, match="are not known here"):
        tokenkit.pack([1], other)


def test_limits_of_a_file_are_met_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"model": "text-embedding-3-small", "input": ["a", "b"]}
    lines = [line(number, "embeddings", body) for number in range(2)]
    size = sum(map(len, lines))
    for name, most in (("REQUESTS", 2), ("EMBEDDING_INPUTS", 4), ("FILE_BYTES", size)):
        monkeypatch.setattr(batch_limits, f"MAX_{name}", most)
    assert limits(count_requests(lines)) == []
    for name, most in (("REQUESTS", 1), ("EMBEDDING_INPUTS", 3), ("FILE_BYTES", size - 1)):
        monkeypatch.setattr(batch_limits, f"MAX_{name}", most)
    assert limits(count_requests(lines)) == [
        (0, "2 requests, 1 over the limit of 1; split the file"),
        (0, "4 embedding inputs, 1 over the limit of 3; split the file"),
        (0, f"{size} bytes, 1 over the limit of {size - 1}; split the file"),
    ]
    # A file of examples is not a batch.
    example = json.dumps({"messages": [*CHAT, {"role": "assistant", "content": "Hello!"}]})
    assert limits(count_requests([example.encode()] * 3, "gpt-4o-mini")) == []


def test_a_file_may_have_50_000_requests_50_000_inputs_and_200_million_bytes() -> None:
    most = (50_000, 50_000, 200_000_000)
    assert not list(batch_limits.file_problems(["m"], *most))
    for index in range(3):
        over = [number + (place == index) for place, number in enumerate(most)]
        assert len(list(batch_limits.file_problems(["m"], *over))) == 1
