"""Requests whose input is texts."""

from __future__ import annotations

from typing import Any

import pytest

from tokenkit import Preflight, preflight


def problems(check: Preflight) -> list[str]:
    return [str(problem) for problem in check.problems if problem.severity == "error"]


@pytest.mark.parametrize(
    ("prompt", "tokens"), [([5, 6, 7], 3), ([[5, 6], [7]], 3), ("Hi", 1), (["Hi", "Hi"], 2)]
)
def test_a_prompt_of_ids_has_as_many_tokens(prompt: Any, tokens: int) -> None:
    check = preflight(model="gpt-3.5-turbo-instruct", prompt=prompt, max_tokens=1)
    assert (check.low, check.tokens, check.high, check.exact) == (tokens, tokens, tokens, True)


@pytest.mark.parametrize(("characters", "over"), [(4096, 0), (4097, 1), (5000, 904)])
def test_a_text_to_be_spoken_has_a_longest(characters: int, over: int) -> None:
    check = preflight(model="gpt-4o-mini-tts", input="a" * characters, voice="alloy")
    expected = f"input: expected at most 4096 characters, got {characters}, {over} more"
    assert problems(check) == ([expected] if over else [])


def test_what_is_no_text_is_named_where_it_stands() -> None:
    picture = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    text = {"type": "text", "text": "Hi"}
    model = "omni-moderation-latest"
    check = preflight(model=model, input=[picture, text, "Hi", 5])
    assert problems(check) == ["input[3]: expected a text, got 5"]
    check = preflight(model=model, input=5, api="moderations")
    assert problems(check) == ["input: expected a text or a list of texts, got 5"]
    check = preflight(model=model, input=[text, picture], api="moderations")
    assert (check.tokens, check.high) == (1, None)
    assert any(note.startswith("input[1]: how a picture counts") for note in check.notes)
