"""How a response was served: its tier, its requests, its day."""

from __future__ import annotations

import pytest
from usage_samples import ANTHROPIC_USAGE

from tokenkit.shapes.reading import read_usage


@pytest.mark.parametrize(
    ("tier", "expected", "noted"),
    [
        ("default", "standard", False),
        ("on_demand", "standard", False),
        ("auto", "standard", True),
        ("ON_DEMAND_FLEX", "flex", False),
        ("priority", "priority", False),
        (None, None, False),
    ],
)
def test_tiers(tier: str | None, expected: str | None, noted: bool) -> None:
    result = read_usage({"usage": {"prompt_tokens": 5}, "service_tier": tier})
    assert result.tier == expected
    assert any("not which tier" in note for note in result.notes) is noted


def test_anthropics_fast_mode_is_a_tier() -> None:
    assert read_usage(ANTHROPIC_USAGE | {"speed": "fast"}).tier == "fast"
    # Another word is not taken for it: it has no prices.
    assert read_usage(ANTHROPIC_USAGE | {"speed": "turbo"}).tier == "turbo"


def test_requests_and_days() -> None:
    row = {"input_tokens": 5, "num_model_requests": 500, "start_time": 1_790_000_000}
    assert read_usage(row).requests == 500
    assert str(read_usage(row).day) == "2026-09-21"
    assert str(
        read_usage({"usage": {"prompt_tokens": 1}, "created": "2026-02-03T00:00:00Z"}).day
    ) == ("2026-02-03")


@pytest.mark.parametrize(
    "created", ["9" * 400, "inf", "-inf", "nan", float("inf"), -1e300, "1e300"]
)
def test_a_moment_that_is_none_has_no_day(created: object) -> None:
    read = read_usage({"usage": {"prompt_tokens": 1}, "created": created})
    assert read.day is None or read.day.year >= 1970


@pytest.mark.parametrize("unit", [1, 1_000, 1_000_000, 1_000_000_000])
def test_a_moment_may_be_in_parts_of_a_second(unit: int) -> None:
    read = read_usage({"usage": {"prompt_tokens": 1}, "created": 1_790_000_000 * unit})
    assert str(read.day) == "2026-09-21"


def test_a_router_says_what_it_charged_and_who_served() -> None:
    charged = {"usage": {"prompt_tokens": 5, "cost": 0.01}}
    assert read_usage(charged).host is None
    assert read_usage(charged | {"provider": "Fireworks"}).host == "openrouter"
