"""Figures of texts, and the use of a model's window."""

from __future__ import annotations

from typing import Any

import pytest

import tokenkit
from tokenkit.models.record import Model
from tokenkit.views.figures import text_figures, window_use

ENCODING = tokenkit.get_encoding("o200k_base")


def test_figures() -> None:
    sizes = text_figures(["one two\nthree", "", "é\n"], ENCODING)
    assert (sizes.tokens, sizes.characters, sizes.bytes) == (6, 15, 16)
    assert (sizes.words, sizes.lines) == (4, 3)
    assert sizes.characters_per_token == 2.5
    assert sizes.rule_tokens == 4
    assert sizes.rule_error == pytest.approx(-1 / 3)


def test_figures_of_nothing() -> None:
    sizes = text_figures([], ENCODING)
    assert (sizes.tokens, sizes.lines, sizes.characters_per_token, sizes.rule_error) == (
        0,
        0,
        None,
        None,
    )


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-5.2", "text-embedding-3-small", "claude-opus-5"])
@pytest.mark.parametrize("prompt", [0, 10, 100_000, 10_000_000])
@pytest.mark.parametrize("max_output", [None, "auto", 1_000])
def test_stretches_of_the_window(model: str, prompt: int, max_output: Any) -> None:
    use = window_use(model, prompt, max_output=max_output)
    record = tokenkit.get_model(model)
    assert use.free == use.limit - prompt
    inside = use.reserved if record.window == "shared" else 0
    if use.free >= 0:
        assert prompt + use.free + inside + use.beyond == use.window
    if max_output is None:
        assert use.reserved == 0


@pytest.mark.parametrize(("prompt", "free", "beyond"), [(40, 10, 50), (50, 0, 50), (60, -10, 40)])
def test_what_a_cap_of_the_input_keeps_out_is_for_nobody(
    prompt: int, free: int, beyond: int
) -> None:
    record = Model(
        name="m", kind="chat", encoding="o200k_base", context_window=100, max_input_tokens=50
    )
    use = window_use(record, prompt)
    assert (use.free, use.beyond) == (free, beyond)


def test_window_agrees_with_the_budget() -> None:
    for model in ("gpt-4o", "gpt-5.2", "gpt-4.1"):
        budget = tokenkit.Budget.for_model(model, max_output=2_000)
        assert window_use(model, 0, max_output=2_000).limit == budget.input_limit
    with pytest.raises(ValueError, match="max_output"):
        window_use("gpt-4o", 1, max_output=0)


def test_a_reply_with_a_window_of_its_own_takes_nothing_of_the_prompts() -> None:
    limits: Any = {"context_window": 8_192, "max_input_tokens": 5_000, "max_output_tokens": 9_000}
    record = Model(name="m", kind="chat", encoding="o200k_base", window="separate", **limits)
    use = window_use(record, 1_000, max_output=2_000)
    assert (use.window, use.reserved, use.free, use.beyond) == (8_192, 2_000, 4_000, 3_192)
