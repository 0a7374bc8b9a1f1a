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
    return [(one.line, one.message) for one in report.problems if one.is_limit]


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
    found = dict(limits(count_requests(lines)))
    assert "also in line 1" in found[3]
    assert "exceed gpt-4o's" in found[5]
    messages = " ".join(message for _, message in limits(count_requests(lines)))
    for part in ("one model", "5 requests, 1 over", "bytes"):
        assert part in messages
