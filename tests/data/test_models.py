"""The reviewed data: every record is valid, sourced, consistent, and does not change unnoticed."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tokenkit import list_encoding_names
from tokenkit._vocabularies import PUBLISHED, is_repository
from tokenkit.models import registry as _registry
from tokenkit.models.lookup import get_model
from tokenkit.models.record import (
    KINDS,
    MODEL_FIELDS,
    RATE_UNITS,
    WINDOWS,
    model_from_record,
)

DATA = json.loads(Path(_registry.DATA_PATH).read_bytes())
RECORDS = {record["name"]: record for record in DATA["models"]}
EXCEPTIONS = {name for entry in DATA["exceptions"] for name in entry["models"]}

# sha256 of everything a price or limit depends on. If this test fails, a number in models.json
# changed: read the diff of that file, then put the new digest here.
FROZEN_DIGEST = "7d6d3d1bdc6bdeba61e0e609eba6a1a5445a79ad37c5757100548201f51d9bb1"


def test_every_record_is_a_valid_model() -> None:
    built = [model_from_record(record, "models.json") for record in DATA["models"]]
    assert len(built) == len(RECORDS) == 647
    assert sum(model.provider == "openai" for model in built) == 266


def test_records_use_known_words_only() -> None:
    for record in DATA["models"]:
        assert set(record) <= set(MODEL_FIELDS), record["name"]
        assert record["kind"] in KINDS, record["name"]
        assert record.get("window", "shared") in WINDOWS, record["name"]
        known = {*list_encoding_names(), *PUBLISHED}
        assert record.get("encoding", "gpt2") in known, record["name"]
        vocabulary = record.get("vocabulary", "qwen3")
        assert vocabulary in PUBLISHED or is_repository(vocabulary), record["name"]
        assert "encoding" not in record or "vocabulary" not in record, record["name"]


def test_a_name_belongs_to_one_record() -> None:
    owner = {name: name for name in RECORDS}
    for name, record in RECORDS.items():
        for other in record.get("aliases", ()):
            assert owner.setdefault(other, name) == name, other
        for other in record.get("snapshots", ()):  # may have a record of its own
            assert owner.setdefault(other, name) in (name, other), other


def test_limits_stay_inside_the_window() -> None:
    for name, record in RECORDS.items():
        context, most, longest = (
            record.get(field)
            for field in ("context_window", "max_input_tokens", "max_output_tokens")
        )
        if context is None:
            continue
        assert most is None or most < context, f"{name}: a cap equal to the window says nothing"
        if record.get("window") != "separate":
            assert longest is None or longest <= context, name
        summed = record["provider"] == "openai" and name not in EXCEPTIONS
        if summed and most is not None and longest is not None:
            assert most + longest <= context, name


def test_exceptions_are_needed_and_explained() -> None:
    for entry in DATA["exceptions"]:
        assert entry["reason"]
        assert entry["rule"]
        for name in entry["models"]:
            record = RECORDS[name]
            both = record["max_input_tokens"] + record["max_output_tokens"]
            assert both > record["context_window"], name


def test_max_input_equal_to_the_window_is_none_with_a_note() -> None:
    model = get_model("text-embedding-3-large")
    assert model.max_input_tokens is None
    assert model.safe_input_tokens == 8191
    assert model.context_window == 8192
    assert any(note.startswith("max_input_tokens: ") for note in model.notes)


def prices_of(record: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from record.get("prices", {}).items()
    for period in record.get("price_periods", ()):
        yield from period["prices"].items()
    yield from record.get("price_hours", {}).get("otherwise", {}).items()


def test_prices_are_decimal_strings_of_known_rates() -> None:
    def check(rates: Any, place: str) -> None:
        for rate, price in rates.items():
            if isinstance(price, dict):
                assert rate in ("long", "images"), place
                check(price, f"{place}.{rate}")
            elif isinstance(price, list):
                assert rate == "long", place
                for step in price:
                    check(step, f"{place}.{rate}")
            elif rate == "above":
                assert isinstance(price, int), place
            else:
                assert rate in RATE_UNITS or place.endswith(".images"), f"{place}.{rate}"
                assert isinstance(price, str), f"{place}.{rate}"
                assert Decimal(price) >= 0, f"{place}.{rate}"

    for name, record in RECORDS.items():
        for tier, rates in prices_of(record):
            check(rates, f"{name}.{tier}")


def test_cached_input_never_costs_more_than_input() -> None:
    for name, record in RECORDS.items():
        for tier, rates in prices_of(record):
            if "cached_input" in rates and "input" in rates:
                assert Decimal(rates["cached_input"]) <= Decimal(rates["input"]), (name, tier)


def test_batch_never_costs_more_than_standard() -> None:
    for name, record in RECORDS.items():
        periods = [period["prices"] for period in record.get("price_periods", ())]
        for prices in (record.get("prices", {}), *periods):
            for rate, price in prices.get("batch", {}).items():
                if isinstance(price, str) and rate in prices["standard"]:
                    assert Decimal(price) <= Decimal(prices["standard"][rate]), (name, rate)


def verified_on(record: dict[str, Any]) -> date:
    """The day of the whole registry, or the later one that the record names."""
    return date.fromisoformat(record.get("verified_on", DATA["verified_on"]))


# The day on which the vocabularies of all records were reviewed.
VOCABULARIES_ON = date(2026, 11, 30)


def test_every_number_has_a_source_that_was_checked() -> None:
    of_vocabularies = {record.get("sources", {}).get("vocabulary") for record in DATA["models"]}
    for key, source in DATA["sources"].items():
        assert source["title"]
        assert source["date"]
        newest = max(map(verified_on, DATA["models"]))
        last = VOCABULARIES_ON if key in of_vocabularies else newest
        assert date.fromisoformat(source["checked"]) <= last
    limits = ("context_window", "max_input_tokens", "max_output_tokens", "safe_input_tokens")
    of_requests = ("inputs_per_request", "tokens_per_request", "max_example_tokens")
    hours = ("price_hours", "price_regions", "retirements", "min_cacheable_tokens")
    others = ("prices", "price_periods", "retires_on", "image_rule", "replacement")
    tokenizers = ("encoding", "vocabulary")
    for name, record in RECORDS.items():
        for field in (*limits, *of_requests, *hours, *others, *tokenizers):
            if field in record:
                assert record["sources"].get(field) in DATA["sources"], (name, field)


def test_no_record_is_verified_before_its_sources_were_checked() -> None:
    for name, record in RECORDS.items():
        assert verified_on(record) >= date.fromisoformat(DATA["verified_on"]), name
        for field, key in record.get("sources", {}).items():
            checked = date.fromisoformat(DATA["sources"][key]["checked"])
            # A fee of the vendor's, and what vocabulary the vendor publishes, may be younger than
            # the other numbers of the record.
            younger = field.startswith("prices.") or field == "vocabulary"
            assert checked <= verified_on(record) or younger, (name, field)


def test_no_source_is_unused() -> None:
    used = {key for record in DATA["models"] for key in record.get("sources", {}).values()}
    notes = " ".join(note for record in DATA["models"] for note in record.get("notes", ()))
    assert used <= set(DATA["sources"])
    assert all(key in used or f"{key} " in notes for key in DATA["sources"])


def test_snapshots_agree_with_their_alias_on_the_encoding() -> None:
    for name, record in RECORDS.items():
        for snapshot in record.get("snapshots", ()):
            if snapshot in RECORDS:
                assert RECORDS[snapshot].get("encoding") == record.get("encoding"), name


def test_replacements_are_known_models() -> None:
    for name, record in RECORDS.items():
        if "replacement" in record:
            assert record["replacement"] in RECORDS, name


def test_no_number_changes_unnoticed() -> None:
    watched = [
        {key: value for key, value in record.items() if key not in ("notes", "sources")}
        for record in DATA["models"]
    ]
    text = json.dumps([watched, DATA["prefixes"]], sort_keys=True, ensure_ascii=True)
    assert hashlib.sha256(text.encode()).hexdigest() == FROZEN_DIGEST


# ---- what the facts say of single models -------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "context", "most", "longest", "encoding", "exact"),
    [
        ("gpt-6.2-sol", 1_050_000, 922_000, 128_000, "o200k_base", False),
        ("gpt-5.6-sol", 1_050_000, 922_000, 128_000, "o200k_base", True),
        ("gpt-5", 400_000, 272_000, 128_000, "o200k_base", True),
        ("gpt-5-pro", 400_000, 272_000, 272_000, "o200k_base", True),
        ("gpt-4.1", 1_047_576, None, 32_768, "o200k_base", True),
        ("gpt-4o", 128_000, None, 16_384, "o200k_base", True),
        ("gpt-4o-2024-05-13", 128_000, None, 4_096, "o200k_base", True),
        ("o3-mini", 200_000, None, 100_000, "o200k_base", True),
        ("gpt-4", 8_192, None, 8_192, "cl100k_base", True),
        ("gpt-3.5-turbo-0613", 4_096, None, 4_096, "cl100k_base", True),
        ("text-davinci-003", 4_097, None, None, "p50k_base", True),
        ("gpt-oss-120b", 131_072, None, 131_072, "o200k_harmony", True),
        ("text-embedding-ada-002", 8_192, None, None, "cl100k_base", True),
        ("omni-moderation-latest", 32_768, None, None, None, None),
        ("gpt-6-cyber", None, 922_000, 128_000, "o200k_base", False),
        ("gpt-5.1-mini", None, None, None, "o200k_base", True),
        ("claude-opus-5-5", 1_000_000, None, 128_000, None, None),
        ("gemini-4-argon", 1_048_576, None, None, None, None),
        ("gemini-4-carbon", 1_048_576, None, 65_536, None, None),
    ],
)
def test_limits_and_encodings(
    name: str,
    context: int | None,
    most: int | None,
    longest: int | None,
    encoding: str | None,
    exact: bool | None,
) -> None:
    model = model_from_record(RECORDS[name] | {"sources": {}}, "models.json")
    assert model.context_window == context
    assert model.max_input_tokens == most
    assert model.max_output_tokens == longest
    assert (model.encoding, model.encoding_exact) == (encoding, exact)


def test_limits_of_one_request_and_of_one_example() -> None:
    limits = {
        name: (record["inputs_per_request"], record["tokens_per_request"])
        for name, record in RECORDS.items()
        if "inputs_per_request" in record
    }
    embeddings = {
        name
        for name, record in RECORDS.items()
        if record["provider"] == "openai" and record["kind"] == "embedding"
    }
    assert limits == dict.fromkeys(embeddings, (2048, 300_000))
    trained = {
        name: record["max_example_tokens"]
        for name, record in RECORDS.items()
        if "max_example_tokens" in record
    }
    assert set(trained.values()) == {65_536}
    assert {name.removeprefix("ft:")[:7].rstrip("-") for name in trained} == {"gpt-4.1", "gpt-4o"}
    assert {"ft:gpt-4o", "gpt-4o-mini-2024-07-18", "ft:gpt-4.1-nano-2025-04-14"} <= set(trained)


def test_separate_windows_are_those_whose_reply_exceeds_the_prompt() -> None:
    separate = {name for name, record in RECORDS.items() if record.get("window") == "separate"}
    assert separate == {"gemini-2.5-flash-preview-tts", "gemini-2.5-pro-preview-tts"}
