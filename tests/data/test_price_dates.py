"""Prices and models that change on a day: each side of the day, every tier, the source's name."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tokenkit import cost, get_model

M = 1_000_000

# model -> tier -> USD for 1M tokens of input, cached input and output; the first day of the new
# rates. One row per change that the registry knows of in advance.
GEMINI_4_INTRODUCTORY = {
    "standard": ("2", "0.1", "10"),
    "batch": ("1", "0.05", "5"),
    "flex": ("1", "0.05", "5"),
    "priority": ("3.6", "0.18", "18"),
}
GEMINI_3_FLASH_INTRODUCTORY = {
    "standard": ("0.75", "0.075", "3.75"),
    "batch": ("0.375", "0.0375", "1.875"),
    "flex": ("0.375", "0.0375", "1.875"),
    "priority": ("1.35", "0.135", "6.75"),
}
DOUBLING = {
    "gemini-4-argon": ("2026-12-01", GEMINI_4_INTRODUCTORY),
    "gemini-4-carbon": ("2026-12-01", GEMINI_4_INTRODUCTORY),
    "gemini-3.6-flash": ("2027-01-01", GEMINI_3_FLASH_INTRODUCTORY),
    "gemini-3.7-flash": ("2027-01-01", GEMINI_3_FLASH_INTRODUCTORY),
    "gemini-3.8-flash": ("2027-01-01", GEMINI_3_FLASH_INTRODUCTORY),
}


def rates(model: str, tier: str, day: date | str) -> tuple[Decimal, ...]:
    """USD for 1M tokens of input, cached input and output of that day; all of them are priced."""
    bills = [
        cost(model, input_tokens=M, tier=tier, at=day),
        cost(model, input_tokens=M, cached_tokens=M, tier=tier, at=day),
        cost(model, output_tokens=M, tier=tier, at=day),
    ]
    assert not any(bill.partial for bill in bills), bills
    return tuple(bill.total for bill in bills)


@pytest.mark.parametrize("model", DOUBLING)
def test_introductory_prices_double_on_their_day_in_every_tier(model: str) -> None:
    first, tiers = DOUBLING[model]
    day = date.fromisoformat(first)
    assert set(tiers) == set(get_model(model).prices)
    for tier, expected in tiers.items():
        before = tuple(Decimal(usd) for usd in expected)
        after = tuple(2 * usd for usd in before)
        assert rates(model, tier, day - timedelta(days=1)) == before, tier
        assert rates(model, tier, day) == after, tier
        assert rates(model, tier, day + timedelta(days=400)) == after, tier


def test_gemini_4_argon_and_carbon_in_plain_numbers() -> None:
    for model in ("gemini-4-argon", "gemini-4-carbon"):
        old, new = rates(model, "standard", "2026-11-30"), rates(model, "standard", "2026-12-01")
        assert [f"{usd:f}" for usd in old] == ["2", "0.1", "10"]
        assert [f"{usd:f}" for usd in new] == ["4", "0.2", "20"]


@pytest.mark.parametrize(
    ("model", "tiers"),
    [
        (
            "gemini-4-hydrogen",
            {
                "standard": ("1.5", "0.075", "7.5"),
                "batch": ("0.75", "0.0375", "3.75"),
                "flex": ("0.75", "0.0375", "3.75"),
                "priority": ("2.7", "0.135", "13.5"),
            },
        ),
        (
            "gemini-4-neon",
            {
                "standard": ("3", "0.15", "15"),
                "batch": ("1.5", "0.075", "7.5"),
                "flex": ("1.5", "0.075", "7.5"),
                "priority": ("5.4", "0.27", "27"),
            },
        ),
    ],
)
def test_new_models_without_an_announced_change(model: str, tiers: dict[str, Any]) -> None:
    assert set(tiers) == set(get_model(model).prices)
    for day in ("2026-11-29", "2026-12-01", "2027-01-01"):
        for tier, expected in tiers.items():
            assert rates(model, tier, day) == tuple(Decimal(usd) for usd in expected), (tier, day)


def test_limits_of_the_new_models() -> None:
    for name in ("gemini-4-carbon", "gemini-4-neon", "gemini-4-hydrogen"):
        model = get_model(name)
        assert (model.context_window, model.max_output_tokens) == (1_048_576, 65_536)
        assert model.encoding is None
        assert any("confidence" in note for note in model.notes)


def test_a_name_for_the_latest_model_steps_with_it() -> None:
    for day in ("2026-12-31", "2027-01-01"):
        for tier in ("standard", "batch"):
            usage: dict[str, Any] = {"input_tokens": M, "output_tokens": M, "tier": tier, "at": day}
            latest = cost("gemini-flash-latest", **usage)
            assert latest.total == cost("gemini-3.8-flash", **usage).total
            assert not latest.partial


def test_a_retired_model_that_another_answers_is_billed_as_that_one() -> None:
    own = cost("gemini-2.5-pro", input_tokens=M // 10, output_tokens=M // 10, at="2026-11-30")
    assert own.total == Decimal("1.125")
    for day in ("2026-12-01", "2026-12-31", "2027-01-01"):
        for tier in ("standard", "batch", "flex", "priority"):
            assert rates("gemini-2.5-pro", tier, day) == rates("gemini-3.8-flash", tier, day)
    for day in ("2026-11-30", "2026-12-01"):
        for tier in ("standard", "batch"):
            usage: dict[str, Any] = {"input_tokens": M, "output_tokens": M, "tier": tier, "at": day}
            replaced = cost("gemini-2.5-flash", **usage).total
            assert replaced == cost("gemini-3.5-flash-lite", **usage).total


def test_every_tier_that_is_listed_before_a_step_is_listed_after_it() -> None:
    for name in (*DOUBLING, "gemini-flash-latest", "gpt-6.2-sol"):
        model = get_model(name)
        for period in model.price_periods:
            if period["to"] is None:
                assert set(period["prices"]) >= set(model.prices), name
                for tier, listed in model.prices.items():
                    assert set(period["prices"][tier]) >= set(listed), (name, tier)


@pytest.mark.parametrize(
    ("name", "day", "replacement"),
    [
        ("gemini-2.5-pro", "2026-12-01", "gemini-3.8-flash"),
        ("gemini-2.5-flash", "2026-12-01", "gemini-3.5-flash-lite"),
        ("gemini-2.5-flash-image", "2027-03-15", None),
        ("gemini-2.5-flash-preview-tts", "2026-11-17", None),
        ("mistral-large-2512", "2027-04-30", None),
        ("gpt-5.5-cyber-preview", "2027-02-01", None),
        ("claude-sonnet-4-5", "2026-11-30", "claude-sonnet-5-5"),
        ("claude-sonnet-4-5-20250929", "2026-11-30", "claude-sonnet-5-5"),
    ],
)
def test_retirement_dates(name: str, day: str, replacement: str | None) -> None:
    model = get_model(name)
    assert model.retires_on == date.fromisoformat(day)
    assert model.retired == (date.today() >= date.fromisoformat(day))
    assert model.replacement == replacement
    assert model.sources["retires_on"]


@pytest.mark.parametrize(
    ("snapshot", "day", "alias", "day_of_the_alias"),
    [
        ("gpt-3.5-turbo-1106", "2026-09-28", "gpt-3.5-turbo", "2026-10-23"),
        ("gpt-35-turbo-1106", "2026-09-28", "gpt-35-turbo", "2026-10-23"),
        ("gpt-4o-2024-05-13", "2026-10-23", "gpt-4o", "2027-01-14"),
        # a model fine-tuned from a snapshot goes with that snapshot
        ("ft:gpt-3.5-turbo-1106:org::id", "2026-09-28", "ft:gpt-3.5-turbo:org::id", "2026-10-23"),
        ("ft:davinci-002:org::id", "2026-09-28", "davinci-002", "2026-09-28"),
        ("ft:babbage-002:org::id", "2026-09-28", "babbage-002", "2026-09-28"),
    ],
)
def test_a_snapshot_has_its_own_day_and_not_that_of_its_alias(
    snapshot: str, day: str, alias: str, day_of_the_alias: str
) -> None:
    assert get_model(snapshot).retires_on == date.fromisoformat(day)
    assert get_model(alias).retires_on == date.fromisoformat(day_of_the_alias)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("gemini-2.5-pro", "Vertex AI lists 2026-10-20"),
        ("gemini-2.5-flash", "Vertex AI lists 2026-10-20"),
        ("gemini-2.5-flash-image", "said 2026-10-02 before"),
        ("claude-sonnet-4-5", "Amazon Bedrock keeps it until 2027-04-08"),
        ("gemini-3.6-flash", "list 1.5 in, 7.5 out"),
        ("gemini-3.5-flash", "metergraph-core 0.7.4 says"),
        ("gemini-4-argon", "TokenMeter v0.13.1 says 64K"),
        ("gemini-4-neon", "Vercel's page says 1,000,000"),
    ],
)
def test_records_say_where_sources_disagree(name: str, told: str) -> None:
    assert any(told in note for note in get_model(name).notes)


def test_the_bill_says_that_a_price_is_introductory() -> None:
    assert any("double from 2026-12-01" in note for note in cost("gemini-4-argon").notes)
    assert any("double from 2027-01-01" in note for note in cost("gemini-3.8-flash").notes)
