"""The list of words agrees with the API: parameters, their values, and the names of numbers."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

import tokenkit

PAGE = Path(__file__).resolve().parents[1] / "docs" / "words.md"
ROWS = dict(
    re.findall(r"^\| (?!word |---)(.+?) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
)


def quoted(meaning: str) -> set[str]:
    return set(re.findall(r'"(\w+)"', meaning))


def values(function: Callable[..., Any], parameter: str) -> set[str]:
    """The strings that the type of a parameter allows."""
    found: set[str] = set()
    hints = [get_type_hints(function)[parameter]]
    while hints:
        hint = hints.pop()
        found |= {hint} if isinstance(hint, str) else set()
        hints += get_args(hint)
    return found


@pytest.mark.parametrize(
    ("word", "function"),
    [
        ("`keep`", tokenkit.truncate),
        ("`protect`", tokenkit.fit),
        ("`max_output`", tokenkit.fit),
    ],
)
def test_values_are_those_of_the_api(word: str, function: Callable[..., Any]) -> None:
    assert quoted(ROWS[word]) == values(function, word.strip("`"))


def test_tiers_are_sold() -> None:
    tiers = set(re.findall(r"\w+", ROWS["tier"].partition(":")[2]))
    assert tiers
    assert tiers <= values(tokenkit.cost, "tier")


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (tokenkit.Chunker, "max_tokens"),
        (tokenkit.Chunker, "overlap"),
        (tokenkit.Chunker, "reserve"),
        (tokenkit.Budget.for_model, "max_output"),
        (tokenkit.Prompt, "max_output"),
        (tokenkit.Prompt.section, "keep"),
    ],
)
def test_parameters_exist(function: Callable[..., Any], name: str) -> None:
    assert name in inspect.signature(function).parameters
    assert any(name in word for word in ROWS)


@pytest.mark.parametrize("name", ["tokens", "low", "high", "exact", "notes"])
def test_numbers_have_one_shape(name: str) -> None:
    assert any(name in word for word in ROWS)
    chat = [{"role": "user", "content": "hi"}]
    count = tokenkit.count_messages(chat, "gpt-4o")
    estimate = tokenkit.estimate_tokens("hi", "claude-opus-5")
    for number in (count, estimate, tokenkit.fit(chat, "gpt-4o")):
        assert hasattr(number, name)
