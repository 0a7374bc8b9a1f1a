"""Problems of a request beside its size."""

from __future__ import annotations

from typing import Any

import pytest

from tokenkit import preflight
from tokenkit.fitting.preflight_result import RequestProblem
from tokenkit.fitting.request_problems import problem_of

CHAT = [{"role": "user", "content": "Hello"}]


def refused(model: str, **parameters: Any) -> list[str]:
    problems = preflight(model=model, messages=CHAT, **parameters).problems
    return [problem.path for problem in problems if "may refuse it" in problem.message]


@pytest.mark.parametrize(
    ("key", "default", "others"),
    [
        ("temperature", 1, [0, 0.0, 0.5, 2]),
        ("top_p", 1.0, [0, 0.5]),
        ("presence_penalty", 0, [1, -1, 0.5]),
        ("frequency_penalty", 0.0, [1, 2]),
        ("logprobs", False, [True]),
    ],
)
def test_reasoning_models_refuse_sampling_unless_it_is_the_default(
    key: str, default: object, others: list[object]
) -> None:
    for value in (None, default):
        assert refused("gpt-5.4", **{key: value}) == []
    for value in others:
        assert refused("gpt-5.4", **{key: value}) == [key], value
        assert refused("gpt-4o", **{key: value}) == []


def test_a_result_without_its_call_is_named_where_it_stands() -> None:
    result = {"type": "tool_result", "tool_use_id": "t", "content": "4"}
    chat = [*CHAT, {"role": "assistant", "content": "Hi"}, {"role": "user", "content": [result]}]
    request: dict[str, Any] = {"model": "claude-sonnet-5", "max_tokens": 9, "messages": chat}
    for body in (request, request | {"system": "Be brief."}):
        check = preflight(body)
        paths = [problem.path for problem in check.problems if "call" in problem.message]
        assert paths == ["messages[2]"]


def test_a_message_without_a_path_is_about_the_request() -> None:
    assert problem_of("messages[0]: no") == RequestProblem("messages[0]", "error", "no")
    text = "this is wrong: very"
    assert problem_of(text, "warning") == RequestProblem("request", "warning", text)
