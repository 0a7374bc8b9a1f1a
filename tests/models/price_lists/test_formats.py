"""Every published price list: rows in its own shape, and what comes of them."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tokenkit.errors import ModelDataError
from tokenkit.models.price_lists import FORMATS, Listing, PriceList, read_list
from tokenkit.models.price_lists.tokenkit_prices import models_hash

# One row of each list as it is published, shortened; prices are made up.
LITELLM = {
    "gpt-9": {
        "litellm_provider": "openai",
        "mode": "chat",
        "input_cost_per_token": 1e-06,
        "input_cost_per_token_above_272k_tokens": 2e-06,
        "output_cost_per_token": 4e-06,
        "output_cost_per_reasoning_token": 4e-06,
        "cache_creation_input_token_cost_above_12hr": 3e-06,
        "cache_creation_input_token_cost_above_12hr_above_272k_tokens_flex": 5e-06,
        "output_cost_per_token_batches": 2e-06,
        "provider_specific_entry": {"us": 1.1, "fast": 2},
    }
}
MODELS_DEV = {
    "openai": {
        "id": "openai",
        "models": {
            "gpt-9": {
                "reasoning": True,
                "limit": {"context": 1_050_000, "input": 922_000, "output": 128_000},
                "cost": {
                    "input": 1,
                    "output": 4,
                    "tiers": [
                        {"input": 2, "output": 6, "tier": {"type": "context", "size": 272000}}
                    ],
                    "context_over_200k": {"input": 2, "output": 6},
                },
                "experimental": {"modes": {"fast": {"cost": {"input": 2, "output": 8}}}},
            }
        },
    },
    "a-reseller": {"models": {"gpt-9": {"cost": {"input": 99}}}},
}
GENAI = [
    {
        "id": "google",
        "models": [
            {
                "id": "gemini-9",
                "match": {"or": [{"equals": "gemini-9-001"}, {"starts_with": "gemini-9-"}]},
                "context_window": 1_000_000,
                "prices_checked": "2026-10-14",
                "prices": [
                    {"prices": {"input_mtok": 1.5}},
                    {
                        "constraint": {"start_date": "2026-09-01"},
                        "prices": {"input_mtok": 2, "web_searches_kcount": 14},
                    },
                    {
                        "constraint": {"start_date": "2030-12-01"},
                        "prices": {
                            "input_mtok": {"base": 4, "tiers": [{"start": 200000, "price": 8}]},
                            "output_mtok": 20,
                        },
                    },
                    {
                        "constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"},
                        "prices": {"input_mtok": 1},
                    },
                ],
                "price_variants": [
                    {
                        "when": {"processing": "batch"},
                        "prices": [
                            {"prices": {"input_mtok": 1}},
                            {
                                "constraint": {"start_date": "2030-12-01"},
                                "prices": {"input_mtok": 2},
                            },
                        ],
                    },
                    {"when": {"service_tier": "flex"}, "prices": {"input_mtok": 1}},
                    {"when": {"service_tier": "default"}, "prices": {"input_mtok": 2}},
                    {"when": {"route": "eu"}, "prices": {"input_mtok": 3}},
                ],
            }
        ],
    },
    {"id": "a-reseller", "models": [{"id": "gemini-9", "prices": {"input_mtok": 99}}]},
]
LLM_PRICES = {
    "updated_at": "2026-08-05",
    "prices": [
        {"id": "gemini-9", "vendor": "google", "name": "≤200k", "input": 1, "output": 4},
        {"id": "gemini-9-200k", "vendor": "google", "name": ">200k", "input": 2, "output": 6},
        {"id": "gpt-9", "vendor": "openai", "input": 9, "output": 9, "to_date": "2026-01-01"},
        {"id": "gpt-9", "vendor": "openai", "input": 3, "output": 5, "from_date": "2026-01-01"},
        {"id": "gpt-9", "vendor": "openai", "input": 4, "output": 6, "from_date": "2031-01-01"},
        {"id": "gpt-9", "vendor": "somebody-else", "input": 99},
    ],
}
PORTKEY = {
    "default": {"pricing_config": {"pay_as_you_go": {"request_token": {"price": 0}}}},
    "gpt-9": {
        "pricing_config": {
            "pay_as_you_go": {
                "request_token": {"price": 0.0001},
                "response_token": {"price": 0.0004},
                "additional_units": {"web_search": {"price": 1}, "file_search": {"price": 0.25}}
                | {"x_search": {"price": 1}},
            },
            "batch_config": {"request_token": {"price": 0.00005}},
            "currency": "USD",
        }
    },
}
OPENROUTER = {
    "data": [
        {
            "id": "openai/gpt-9",
            "context_length": 400_000,
            "pricing": {
                "prompt": "0.000001",
                "completion": "0.000004",
                "request": "0",
                "image": "0.001",
                "internal_reasoning": "0.000004",
                "overrides": [
                    {"min_prompt_tokens": 200_000, "prompt": "0.000002"},
                    {"utc_start": 0, "utc_end": 1200, "prompt": "0.000009"},
                ],
            },
        }
    ]
}
OWN_MODELS = [
    {"name": "gpt-9", "kind": "chat", "prices": {"standard": {"input": "1"}}},
    {"name": "gpt-8", "kind": "chat", "provider": "openai", "verified_on": "2026-11-01"},
]
OWN = {
    "format": "tokenkit-prices/1",
    "verified_on": "2026-11-29",
    "sha256": models_hash(OWN_MODELS),
    "models": OWN_MODELS,
}
SAMPLES: dict[str, tuple[Any, str]] = {
    "LiteLLM": (LITELLM, "list.json"),
    "models.dev": (MODELS_DEV, "api.json"),
    "genai-prices": (GENAI, "data.json"),
    "llm-prices": (LLM_PRICES, "historical-v1.json"),
    "Portkey": (PORTKEY, "pricing/openai.json"),
    "OpenRouter": (OPENROUTER, "models.json"),
    "tokenkit": (OWN, "prices.json"),
}


def read(name: str) -> PriceList:
    data, where = SAMPLES[name]
    prices = read_list(json.loads(json.dumps(data)), where)
    assert prices.format == name
    assert not prices.skipped
    return prices


def only(prices: PriceList) -> Listing:
    (listing,) = prices.listings
    return listing


def test_every_format_has_a_sample_and_fits_no_other() -> None:
    assert sorted(form.name for form in FORMATS) == sorted(SAMPLES)
    for name, (data, _) in SAMPLES.items():
        assert [form.name for form in FORMATS if form.fits(data)] == [name]


def test_litellm() -> None:
    prices = read("LiteLLM")
    assert only(prices).prices == {
        "standard": {
            "input": "1",
            "output": "4",
            "cache_write_long": "3",
            "long": {"above": 272_000, "input": "2"},
        },
        "batch": {"output": "2"},
        "flex": {"long": {"above": 272_000, "cache_write_long": "5"}},
        "fast": {"input": "2", "output": "8", "cache_write_long": "6"},
    }
    assert only(prices).price_regions == {"us": "1.1"}
    assert not prices.unread


@pytest.mark.parametrize(
    ("row", "standard", "unread"),
    [
        ({"mode": "audio_transcription", "input_cost_per_second": 0.0002}, {"minute": "0.012"}, []),
        ({"mode": "chat", "input_cost_per_second": 0.0002}, None, ["input_cost_per_second"]),
        ({"mode": "audio_speech", "input_cost_per_character": 1.5e-05}, {"characters": "15"}, []),
        ({"output_cost_per_reasoning_token": 9e-06}, None, ["output_cost_per_reasoning_token"]),
        ({"off_peak_pricing": {"input": 1}}, None, ["off_peak_pricing"]),
        (
            {
                "litellm_provider": "dashscope",
                "tiered_pricing": [
                    {"range": [0, 32e3], "input_cost_per_token": 1e-06},
                    {"range": [32e3, 128e3], "input_cost_per_token": 2e-06},
                    {"range": [128e3, 256e3], "input_cost_per_token": 3e-06},
                ],
            },
            {
                "input": "1",
                "long": [{"above": 32_000, "input": "2"}, {"above": 128_000, "input": "3"}],
            },
            [],
        ),
        (
            {"search_context_cost_per_query": {"low": 0.01, "high": 0.02}},
            None,
            ["search_context_cost_per_query"],
        ),
    ],
)
def test_litellm_keys_with_a_meaning_of_their_own(
    row: dict[str, Any], standard: dict[str, Any] | None, unread: list[str]
) -> None:
    prices = read_list({"m": {"litellm_provider": "openai"} | row}, "list.json")
    assert only(prices).prices.get("standard") == standard
    assert list(prices.unread) == unread


@given(
    st.from_regex(r"[a-z_]{0,10}(cost|price|pricing)[a-z_]{0,10}", fullmatch=True),
    st.floats(1e-9, 1),
)
def test_no_key_that_says_a_price_passes_litellm_unseen(key: str, value: float) -> None:
    row = {"litellm_provider": "openai", "mode": "chat", key: value}
    prices = read_list({"gpt-9": row}, "list.json")
    assert prices.unread or prices.skipped or only(prices).prices


def test_models_dev_tiers_say_where_a_step_begins() -> None:
    listing = only(read("models.dev"))
    assert listing.prices == {
        "standard": {
            "input": "1",
            "output": "4",
            "long": {"above": 272_000, "input": "2", "output": "6"},
        },
        "priority": {"input": "2", "output": "8"},
    }
    assert listing.limits["context_window"] == 1_050_000
    assert listing.window_stated


def test_genai_prices_dates() -> None:
    prices = read("genai-prices")
    listing = only(prices)
    assert listing.prices == {
        "standard": {"input": "2", "web_search": "14"},
        "batch": {"input": "1"},
        "flex": {"input": "1"},
    }  # the price in force: not that of before 2026-09-01
    assert listing.price_periods == [
        {
            "from": "2030-12-01",
            "prices": {
                "standard": {
                    "input": "4",
                    "output": "20",
                    "long": {"above": 200_000, "input": "8", "output": "20"},
                },
                "batch": {"input": "2"},
            },
        }
    ]
    assert listing.checked == date(2026, 10, 14)
    assert listing.other_names == ("gemini-9-001",)
    assert sorted(prices.unread) == [
        "price_variants when {'route': 'eu'}",
        "prices with the constraint end_time, start_time",
    ]


def test_llm_prices_dates_and_long_prompts() -> None:
    prices = read("llm-prices")
    assert prices.dated == date(2026, 8, 5)
    google, openai = prices.listings
    assert google.prices["standard"] == {
        "input": "1",
        "output": "4",
        "long": {"above": 200_000, "input": "2", "output": "6"},
    }
    assert openai.prices["standard"] == {"input": "3", "output": "5"}
    assert [period["from"] for period in openai.price_periods] == ["2031-01-01"]


def test_portkey_cents() -> None:
    prices = read("Portkey")
    assert only(prices).prices == {
        "standard": {"input": "1", "output": "4", "web_search": "10", "file_search": "2.5"},
        "batch": {"input": "0.5"},
    }
    assert prices.unread == {"additional_units.x_search": ["gpt-9"]}
    with pytest.raises(ModelDataError, match="expected a file named after its provider"):
        read_list(PORTKEY, "prices.json")
    euros = {"gpt-9": {"pricing_config": {"currency": "EUR"}}}
    assert "expected prices in USD" in read_list(euros, "openai.json").skipped[0].reason


def test_openrouter_is_a_host() -> None:
    prices = read("OpenRouter")
    listing = only(prices)
    assert (listing.name, listing.host) == ("openrouter/openai/gpt-9", "openrouter")
    assert listing.prices["standard"] == {
        "input": "1",
        "output": "4",
        "long": {"above": 200_000, "input": "2", "output": "4"},
    }
    assert listing.unread == ("pricing.image", "pricing.overrides by the hour")
    assert sorted(prices.unread) == ["pricing.image", "pricing.overrides by the hour"]


def test_openrouter_rows_as_they_are_published() -> None:
    """Empty prices are none, keys of tomorrow are listed, and -1, of a router, is left out."""
    pricing = {"prompt": "0.000001", "completion": "0.000002"}
    rows = [
        {
            "id": "a/b",
            "pricing": pricing | {"image": "", "web_search": None, "input_cache_read": ""},
        },
        {"id": "a/c", "pricing": pricing | {"future_tier": {"kept": True}, "request": "0.005"}},
        {"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}},
        {"id": "a/d", "pricing": [pricing]},
    ]
    prices = read_list({"data": rows}, "list.json")
    assert [listing.prices for listing in prices.listings] == [
        {"standard": {"input": "1", "output": "2"}}
    ] * 2
    assert prices.unread == {"pricing.future_tier": ["a/c"], "pricing.request": ["a/c"]}
    assert [row for row, _ in prices.skipped] == ["openrouter/auto", "a/d"]


@pytest.mark.parametrize(
    ("row", "rates"),
    [
        ({"litellm_provider": "gemini"}, {"grounded_prompt": "35"}),
        (
            {"litellm_provider": "gemini", "web_search_billing_unit": "per_query"},
            {"web_search": "35"},
        ),
        ({"litellm_provider": "anthropic"}, {"web_search": "35"}),
    ],
)
def test_litellm_searches_are_billed_by_prompt_or_query(
    row: dict[str, Any], rates: dict[str, str]
) -> None:
    fee = {"search_context_cost_per_query": {"search_context_size_low": 0.035}}
    assert only(read_list({"m": row | fee}, "list.json")).prices == {"standard": rates}


OFF_PEAK = {"input_cost_per_token": 5e-07, "output_cost_per_token": 2e-06}
QUIET = ["00:00-01:00", "04:00-06:00", "10:00-00:00"]
WEEKEND = {"hours_utc": "00:00-00:00", "weekdays": [6, 7]}


@pytest.mark.parametrize(
    ("windows", "days", "hours"),
    [
        (
            [{"hours_utc": QUIET, "weekdays": [1, 2, 3, 4, 5]}, WEEKEND],
            [1, 2, 3, 4, 5],
            ["01:00-04:00", "06:00-10:00"],
        ),
        ([{"hours_utc": "08:30-00:00"}], [1, 2, 3, 4, 5, 6, 7], ["00:00-08:30"]),
        ([{"hours_utc": "16:30-00:30"}], None, None),  # over midnight
        ([{"hours_utc": "08:00-09:00", "weekdays": [1]}], None, None),  # days differ
        ([{"hours_utc": "at night"}], None, None),
        ([], None, None),
    ],
)
def test_litellm_hours(windows: list[Any], days: list[int] | None, hours: list[str] | None) -> None:
    row = {"litellm_provider": "deepseek", "input_cost_per_token": 1e-06}
    prices = read_list({"m": row | {"off_peak_pricing": OFF_PEAK | {"windows": windows}}}, "l.json")
    listing = only(prices)
    assert listing.prices == {"standard": {"input": "1"}}
    if days is None:
        assert (listing.price_hours, list(prices.unread)) == ({}, ["off_peak_pricing"])
    else:
        otherwise = {"standard": {"input": "0.5", "output": "2"}}
        expected = {"zone": "UTC", "days": days, "hours": hours, "otherwise": otherwise}
        assert (listing.price_hours, prices.unread) == (expected, {})


def test_litellm_pages() -> None:
    row = {
        "litellm_provider": "mistral",
        "mode": "ocr",
        "ocr_cost_per_page": 0.004,
        "annotation_cost_per_page_batches": 0.0025,
    }
    listing = only(read_list({"mistral/m": row}, "list.json"))
    assert listing.kind == "ocr"
    assert listing.prices == {"standard": {"page": "4"}, "batch": {"annotated_page": "2.5"}}


def test_our_own_file() -> None:
    prices = read("tokenkit")
    assert [listing.checked for listing in prices.listings] == [
        date(2026, 11, 29),
        date(2026, 11, 1),
    ]
    with pytest.raises(ModelDataError, match="was changed or is not whole"):
        read_list(OWN | {"models": OWN_MODELS[:1]}, "prices.json")
    with pytest.raises(ModelDataError, match="expected the format 'tokenkit-prices/1'"):
        read_list(OWN | {"format": "tokenkit-prices/2"}, "prices.json")
    bad = [{"name": "x", "kind": "poem"}]
    told = read_list(OWN | {"models": bad, "sha256": models_hash(bad)}, "prices.json").skipped
    assert "expected one of chat" in told[0].reason


@pytest.mark.parametrize("odd", [None, 5, "x", [], {}])
def test_one_odd_row_leaves_the_others(odd: Any) -> None:
    """Wherever it stands, be it first: most rows say which list this is."""
    rows = OPENROUTER["data"]
    lists: list[tuple[Any, str]] = [
        ({"odd": odd} | LITELLM | {"more": LITELLM["gpt-9"]}, "list.json"),
        ({"odd": odd} | MODELS_DEV | {"google": {"models": {}}}, "api.json"),
        ([odd, *GENAI, {"id": "openai", "models": []}], "data.json"),
        ({**LLM_PRICES, "prices": [odd, *LLM_PRICES["prices"]]}, "current-v1.json"),
        ({"odd": odd} | PORTKEY | {"more": PORTKEY["gpt-9"]}, "openai.json"),
        ({"data": [odd, *rows, *rows]}, "models.json"),
    ]
    for data, where in lists:
        prices = read_list(data, where)
        assert prices.listings, prices.format
        assert len(prices.skipped) <= 1


@pytest.mark.parametrize("name", SAMPLES)
@given(data=st.data())
def test_rows_of_any_nonsense_are_skipped_and_never_crash(name: str, data: st.DataObject) -> None:
    """Replace one value somewhere in a sample by another: the list is read or refused by name."""
    sample, where = SAMPLES[name]
    copy = json.loads(json.dumps(sample))
    places: list[tuple[Any, Any]] = []

    def collect(value: Any) -> None:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            places.append((value, key))
            if isinstance(item, (dict, list)):
                collect(item)

    collect(copy)
    table, key = data.draw(st.sampled_from(places))
    odd = [None, "x", -1, 3, True, [], {}, [3], {"x": 3}, 1e400, "1e999999", "9" * 5000, "\ud800"]
    table[key] = data.draw(st.sampled_from(odd))
    refusal = ""
    try:
        read_list(copy, where)
    except ModelDataError as error:
        refusal = str(error)
    assert not refusal or where in refusal
