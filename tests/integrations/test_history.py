"""`HistoryFitter`: what stays of a chat, at each border, and what is told of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from tokenkit import ContextOverflowError, Fit, count_messages
from tokenkit.integrations.history import HistoryFitter, chat_tokens
from tokenkit.models import Model, get_model

CHAT = [{"role": "user", "content": f"{number} " + "word " * 100} for number in range(5)]
TOKENS = count_messages(CHAT, "gpt-4o").tokens
TOOL = {"type": "function", "function": {"name": "now", "description": "The time of a place."}}
FORM = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"const": "word " * 40}}}


def model(window: int) -> Model:
    return Model(name="ours", kind="chat", encoding="o200k_base", context_window=window)


@pytest.mark.parametrize(
    ("options", "around", "reserved"),
    [
        ({"max_output": None}, {}, 0),
        ({"max_output": 70}, {}, 70),
        ({}, {}, 256),
        ({}, {"max_output": 30}, 30),
        ({"max_output": None}, {"tools": [TOOL]}, 0),
        ({"max_output": None}, {"response_format": FORM}, 0),
    ],
)
def test_a_chat_stays_whole_up_to_its_border(
    options: dict[str, Any], around: dict[str, Any], reserved: int
) -> None:
    sent = {key: value for key, value in around.items() if key != "max_output"}
    tokens = chat_tokens(CHAT, model(9_999), **sent)
    assert tokens == count_messages(CHAT, model(9_999), **sent).tokens
    fits: list[Fit] = []
    fitter = HistoryFitter(**options, on_fit=fits.append)
    assert fitter.kept(CHAT, model(tokens + reserved), **around) is None
    assert fits == []
    kept = fitter.kept(CHAT, model(tokens + reserved - 1), **around)
    assert kept is not None
    assert list(kept) == [0, 2, 3, 4]
    assert all(message is CHAT[index] for index, message in kept.items())
    assert [loss.index for fit in fits for loss in fit.dropped] == [1]
    strict = HistoryFitter(**options, on_overflow="raise")
    assert strict.kept(CHAT, model(tokens + reserved), **around) is None
    with pytest.raises(ContextOverflowError, match="shorten it, or use on_overflow='fit'") as told:
        strict.kept(CHAT, model(tokens + reserved - 1), **around)
    assert (told.value.needed, told.value.available) == (tokens, tokens - 1)


def test_a_share_is_kept_free_and_shortened_results_are_other_objects() -> None:
    window = round(TOKENS / 0.9)
    assert HistoryFitter(max_output=None).kept(CHAT, model(window)) is None
    safe = HistoryFitter(max_output=None, safety=0.4).kept(CHAT, model(window))
    assert safe is not None
    assert chat_tokens(list(safe.values()), model(window)) <= window * 0.6
    asked = {"id": "a", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    call = {"role": "assistant", "content": None, "tool_calls": [asked]}
    result = {"role": "tool", "tool_call_id": "a", "content": "word " * 900}
    chat = [*CHAT, call, result]
    kept = HistoryFitter(max_output=None).kept(chat, model(TOKENS + 500))
    assert kept is not None
    assert list(kept) == list(range(7))
    assert kept[5] is call
    assert kept[6] is not result
    assert len(kept[6]["content"]) < len(result["content"])


def test_steady_borders_and_private_tokenizers() -> None:
    long = [{"role": "user", "content": "word " * 500_000} for _ in range(3)]
    kept = HistoryFitter().kept(long, "claude-sonnet-5")
    assert kept is not None
    assert 2 in kept
    assert chat_tokens(list(kept.values()), get_model("claude-sonnet-5")) <= 1_000_000 - 256
    steady = HistoryFitter(max_output=None, hysteresis=0.4).kept(CHAT, model(TOKENS - 1))
    assert steady is not None
    assert len(steady) < 4  # more goes at once, so that the border stays for a while


@pytest.mark.parametrize(
    "bad",
    [{"max_output": 0}, {"max_output": "all"}, {"safety": 2}, {"hysteresis": -1}],
)
def test_arguments_out_of_range_are_refused_at_once(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        HistoryFitter(**bad)
    with pytest.raises(ValueError, match="on_overflow"):
        HistoryFitter(on_overflow="clamp")  # type: ignore[arg-type]
