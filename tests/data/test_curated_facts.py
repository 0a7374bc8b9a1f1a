"""Single facts of the review of 2026-11-28: prices, windows, tiers, hours, new providers."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tokenkit import cost, get_model, list_models

M = 1_000_000


def usd(model: str, tier: str = "standard", at: Any = None, **quantities: Any) -> str:
    """USD of a request that is priced whole, without trailing zeros."""
    bill = cost(model, tier=tier, at=at, **quantities)
    assert not bill.partial, bill
    return f"{bill.total:f}"


def in_out_cached(model: str, tier: str = "standard", at: Any = None, prompt: int = M) -> list[str]:
    """USD per 1M tokens of input, output and cached input, in prompts of that many tokens."""
    bills = [
        cost(model, tier=tier, at=at, input_tokens=prompt),
        cost(model, tier=tier, at=at, input_tokens=prompt, output_tokens=M),
        cost(model, tier=tier, at=at, input_tokens=prompt, cached_tokens=prompt),
    ]
    assert not any(bill.partial for bill in bills), bills
    totals = [bill.total for bill in bills]
    return [
        f"{usd.normalize():f}"
        for usd in (totals[0] * M / prompt, totals[1] - totals[0], totals[2] * M / prompt)
    ]


@pytest.mark.parametrize(
    ("model", "rates"),
    [
        ("kimi-k3", ["3", "15", "0.3"]),
        ("kimi-k3.1-pro", ["2", "10", "0.2"]),
        ("glm-5.3", ["1.4", "4.4", "0.26"]),
        ("glm-5.3-flash", ["0.15", "0.5", "0.03"]),
        ("mistral-large-3", ["0.5", "1.5", "0.05"]),
    ],
)
def test_models_of_providers_that_were_missing(model: str, rates: list[str]) -> None:
    assert in_out_cached(model) == rates


def test_minimax_costs_twice_over_512k() -> None:
    assert in_out_cached("MiniMax-M3", prompt=512_000) == ["0.3", "1.2", "0.06"]
    assert in_out_cached("MiniMax-M3", prompt=512_001) == ["0.6", "2.4", "0.12"]


@pytest.mark.parametrize(
    ("provider", "at_least"),
    [("moonshot", 19), ("zai", 20), ("minimax", 15), ("mistral", 60), ("qwen", 78), ("xai", 52)],
)
def test_how_many_models_a_provider_has(provider: str, at_least: int) -> None:
    assert len(list_models(provider=provider, include_retired=True)) >= at_least


@pytest.mark.parametrize(
    ("model", "peak", "off_peak"),
    [
        ("deepseek-flash", ["0.3", "1.2", "0.006"], ["0.15", "0.6", "0.003"]),
        ("deepseek-v4-flash", ["0.3", "1.2", "0.006"], ["0.15", "0.6", "0.003"]),
        ("deepseek-v4-pro", ["1.32", "3.96", "0.044"], ["0.66", "1.98", "0.022"]),
    ],
)
def test_deepseek_by_the_hour(model: str, peak: list[str], off_peak: list[str]) -> None:
    for moment in ("2026-11-30T01:00+00:00", "2026-11-30T03:59+00:00", "2026-11-30T17:30+08:00"):
        assert in_out_cached(model, at=moment) == peak, moment
    for moment in (
        "2026-11-30T04:00+00:00",
        "2026-11-30T05:59+00:00",
        "2026-11-30T10:00+00:00",
        "2026-11-28T02:00+00:00",  # a Saturday
        "2026-10-01T02:00+00:00",  # a public holiday, a Thursday
    ):
        assert in_out_cached(model, at=moment) == off_peak, moment
    assert in_out_cached(model, at="2026-11-30") == peak  # a day without an hour: the list price


def test_gemini_priority_flex_and_audio() -> None:
    assert in_out_cached("gemini-3.5-flash", "priority") == ["2.7", "16.2", "0.27"]
    assert in_out_cached("gemini-3.1-flash-lite", "flex") == ["0.125", "0.75", "0.0125"]
    assert in_out_cached("gemini-3.1-pro-preview", "priority", prompt=1000) == [
        "3.6",
        "21.6",
        "0.36",
    ]
    assert in_out_cached("gemini-3.1-pro-preview", "batch") == ["2", "9", "0.4"]
    assert usd("gemini-2.5-flash", at="2026-11-29", audio_input_tokens=M) == "1"
    assert usd("gemini-3.1-flash-lite", "flex", audio_input_tokens=M) == "0.25"


def test_claude_batch_halves_the_cache_too() -> None:
    for model, halves in (
        ("claude-opus-5", ["2.5", "12.5", "0.25"]),
        ("claude-opus-5-5", ["2", "10", "0.1"]),
        ("claude-sonnet-4-6", ["1.5", "7.5", "0.15"]),
    ):
        assert in_out_cached(model, "batch") == halves
    write: dict[str, Any] = {"input_tokens": M, "cache_write_tokens": M, "tier": "batch"}
    assert usd("claude-opus-5", **write) == "3.125"
    assert usd("claude-opus-5", **write, cache_write_long_tokens=M) == "5"


def test_claude_fast_mode_and_us_multiplier() -> None:
    for model, fast, write in (
        ("claude-opus-4-8", ["10", "50", "1"], "12.5"),
        ("claude-opus-5", ["10", "50", "1"], "12.5"),
        ("claude-opus-5-5", ["8", "40", "0.4"], "10"),
    ):
        assert in_out_cached(model, "fast") == fast
        assert usd(model, "fast", input_tokens=M, cache_write_tokens=M) == write
    assert cost("claude-sonnet-5", input_tokens=M, tier="fast").partial
    assert get_model("claude-opus-5").price_regions == {"us": "1.1"}
    assert get_model("claude-haiku-4-5").price_regions == {}


def test_gpt_6_2_astra() -> None:
    assert in_out_cached("gpt-6.2-astra", prompt=272_000) == ["8", "40", "0.4"]
    assert in_out_cached("gpt-6.2-astra", prompt=272_001) == ["16", "60", "0.8"]
    assert in_out_cached("gpt-6.2-astra", "batch", prompt=1000) == ["4", "20", "0.2"]
    assert in_out_cached("gpt-6.2-astra", "fast", prompt=1000) == ["16", "80", "0.8"]
    assert usd("gpt-6.2-astra", input_tokens=1000, cache_write_tokens=1000) == "0.01"
    assert cost("gpt-6.2-astra", input_tokens=1000, tier="flex").partial
    assert any("medium" in note for note in get_model("gpt-6.2-astra").notes)


def test_gpt_live_has_two_rates_by_the_minute() -> None:
    model = get_model("gpt-live-1.1")
    assert model.prices == {"standard": {"active_minute": "0.05", "standby_minute": "0.02"}}
    assert usd("gpt-live-1.1", active_seconds=90, standby_seconds=600) == "0.275"
    assert cost(model, audio_seconds=60).partial  # which of the two is not said
    assert cost("whisper-1", active_seconds=60).partial


@pytest.mark.parametrize(
    ("model", "window"),
    [
        ("amazon.nova-2-lite-v1:0", 1_000_000),
        ("codestral-2508", 256_000),
        ("codestral-latest", 256_000),
        ("magistral-medium-latest", 262_144),
        ("ministral-8b-latest", 262_144),
        ("kimi-k3", 1_048_576),
    ],
)
def test_windows(model: str, window: int) -> None:
    assert get_model(model).context_window == window


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("claude-opus-5", 512),
        ("claude-opus-4-8", 1024),
        ("claude-opus-4-7", 2048),
        ("claude-haiku-4-5", 4096),
        ("gemini-3.8-flash", 4096),
        ("gemini-2.5-flash", 2048),
        ("gpt-5.5", 1024),
    ],
)
def test_the_smallest_prompt_that_is_cached(model: str, tokens: int) -> None:
    assert get_model(model).min_cacheable_tokens == tokens


def test_qwen_steps_and_thinking() -> None:
    assert in_out_cached("qwen3-max", prompt=32_000)[:2] == ["1.2", "6"]
    for prompt, rates in ((32_001, ("2.4", "12")), (128_001, ("3", "15"))):
        bill = cost("qwen3-max", input_tokens=prompt, output_tokens=M)
        expected = Decimal(rates[0]) * prompt / M + Decimal(rates[1])
        assert bill.total == expected
    assert usd("qwen-plus-latest", output_tokens=M) == "1.2"
    assert usd("qwen-plus-latest", output_tokens=M, reasoning_tokens=1) == "4"


def test_what_stale_lists_say_otherwise_stays() -> None:
    assert in_out_cached("mistral-large-4")[:2] == ["1.36", "4.18"]
    assert get_model("gpt-4o-mini-tts").prices["standard"]["audio_output"] == "12"
    assert get_model("gpt-4").max_output_tokens == 8192
    assert get_model("gpt-5.4").prices["batch"]["cached_input"] == "0.125"
    for name, audio in (
        ("gpt-4o-transcribe", "2.5"),
        ("gpt-4o-transcribe-diarize", "2.5"),
        ("gpt-4o-mini-transcribe", "1.25"),
    ):
        assert get_model(name).prices["standard"]["audio_input"] == audio


@pytest.mark.parametrize(
    ("model", "host", "day"),
    [
        ("gemini-2.5-pro", "vertex_ai", date(2026, 10, 20)),
        ("gemini-2.5-flash", "vertex_ai", date(2026, 10, 20)),
        ("claude-sonnet-4-5", "bedrock", date(2027, 4, 8)),
    ],
)
def test_a_host_keeps_a_model_longer_or_shorter(model: str, host: str, day: date) -> None:
    record = get_model(model)
    assert record.on_host(host).retires_on == day
    assert record.retires_on != day
    assert record.on_host(host).prices == {}  # another host's price is not known here
