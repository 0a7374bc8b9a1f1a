"""Tokens of fine-tuning jobs."""

from __future__ import annotations

from typing import Any

import pytest

from tokenkit.chat.memo import counts_for
from tokenkit.chat.training import count_training_tokens

EXAMPLE = {
    "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]
}


def test_training_tokens() -> None:
    # Per example 1, per message 3, its role and its text; times the epochs.
    count = counts_for("o200k_base").count
    per_example = 1 + 2 * 4 + count("Hi") + count("Hello!")
    assert count_training_tokens([EXAMPLE] * 3, "gpt-4o-mini", epochs=4) == 3 * per_example * 4
    assert count_training_tokens([], "gpt-4o-mini") == 0


@pytest.mark.parametrize(
    ("examples", "error", "message"),
    [
        ([EXAMPLE, {"messages": [{}]}], ValueError, r"examples\[1\].messages\[0\].role: expected"),
        ([{"messages": [3]}], TypeError, r"examples\[0\].messages\[0\]: expected a dict, got int"),
        ([{}], ValueError, r"examples\[0\].messages: expected a list of messages, got NoneType"),
        ([3], ValueError, r"examples\[0\]: expected a dict with messages, got int"),
        ([{**EXAMPLE, "tools": [3]}], ValueError, r"examples\[0\].tools\[0\]: expected a dict"),
    ],
)
def test_bad_examples(examples: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        count_training_tokens(examples, "gpt-4o-mini")


def test_bad_options() -> None:
    with pytest.raises(ValueError, match="epochs: expected at least 1, got 0"):
        count_training_tokens([EXAMPLE], "gpt-4o-mini", epochs=0)
    with pytest.raises(TypeError, match=r"epochs: expected a whole number, got 1\.5"):
        count_training_tokens([EXAMPLE], "gpt-4o-mini", epochs=1.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="model: expected one that takes messages"):
        count_training_tokens([], "text-embedding-3-small")
