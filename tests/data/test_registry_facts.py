"""models.json is what its generator writes from registry/; wrong facts are named."""

import importlib.util
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tokenkit.errors import ModelDataError
from tokenkit.models.price_lists.tokenkit_prices import models_hash
from tokenkit.models.refresh import plan_refresh

GENERATOR = Path(__file__).resolve().parents[2] / "tools" / "build_models.py"

FAMILY = {"kind": "chat", "context_window": 100, "notes": ["one"], "sources": {"prices": "page"}}
HALF = {"times": {"input": "0.5", "output": "0.5"}, "source": "page", "says": "Half."}
LONG = {"above": 50, "times": {"input": "2", "output": "1.5"}, "source": "page", "says": "More."}
SOURCES = {"page": {"title": "a page", "date": "2026", "checked": "2026-11-22"}}


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_models", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build_models = _generator()


def expanded(
    record: dict[str, Any], tmp_path: Path, fees: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The one record of a registry that has a family, two rules and a source."""
    (tmp_path / "sources.json").write_text(
        json.dumps({"verified_on": "2026-11-22", "sources": SOURCES}), "utf-8"
    )
    facts = {
        "provider": "acme",
        "rules": {"half": HALF, "long": LONG},
        "fees": fees or {},
        "families": {"a": FAMILY},
        "models": [{"name": "a-1", **record}],
    }
    (tmp_path / "acme.json").write_text(json.dumps(facts), "utf-8")
    model: dict[str, Any]
    (model,) = build_models.registry_data(tmp_path)["models"]
    return model


def test_the_package_holds_what_the_facts_give() -> None:
    assert build_models.OUTPUT.read_bytes() == build_models.as_text(
        build_models.registry_data()
    ).encode("utf-8")


def test_check_writes_nothing_and_agrees() -> None:
    before = build_models.OUTPUT.stat().st_mtime_ns
    subprocess.run([sys.executable, str(GENERATOR), "--check"], check=True)
    assert build_models.OUTPUT.stat().st_mtime_ns == before


def test_a_record_takes_what_its_family_has_and_adds_its_own(tmp_path: Path) -> None:
    own = {"like": "a", "context_window": None, "notes": ["two"], "sources": {"kind": "page"}}
    assert expanded(own, tmp_path) == {
        "name": "a-1",
        "provider": "acme",
        "kind": "chat",
        "notes": ["one", "two"],
        "sources": {"kind": "page", "prices": "page"},
    }


def test_rules_give_the_rates_they_name_and_no_others(tmp_path: Path) -> None:
    standard = {"input": "3", "cached_input": "1", "output": "0.5", "long": "long"}
    prices = expanded({"kind": "chat", "prices": {"standard": standard, "batch": "half"}}, tmp_path)
    assert prices["prices"] == {
        "standard": {
            "input": "3",
            "cached_input": "1",
            "output": "0.5",
            "long": {"above": 50, "input": "6", "output": "0.75"},
        },
        "batch": {
            "input": "1.5",
            "output": "0.25",
            "long": {"above": 50, "input": "3", "output": "0.375"},
        },
    }


FEE = {
    "rates": {"web_search": "10"},
    "kinds": ["chat"],
    "tiers": ["standard", "batch"],
    "source": "page",
}


@pytest.mark.parametrize(
    ("fee", "standard", "batch"),
    [
        ({}, {"web_search": "10"}, {"web_search": "10"}),
        ({"tiers": ["standard"]}, {"web_search": "10"}, {}),
        ({"kinds": ["image"]}, {}, {}),
        ({"names": ["a-2"], "beginning": ["b"]}, {}, {}),
        ({"names": [], "beginning": ["a-"]}, {"web_search": "10"}, {"web_search": "10"}),
        ({"not_beginning": ["a-"]}, {}, {}),
    ],
)
def test_fees_are_added_where_they_say(
    fee: dict[str, Any], standard: dict[str, str], batch: dict[str, str], tmp_path: Path
) -> None:
    record = {"kind": "chat", "prices": {"standard": {"input": "3"}, "batch": {"input": "1"}}}
    full = expanded(record, tmp_path, fees={"search": {**FEE, **fee}})
    assert full["prices"]["standard"] == {"input": "3", **standard}
    assert full["prices"]["batch"] == {"input": "1", **batch}
    assert full.get("sources", {}) == ({"prices.web_search": "page"} if standard else {})


def test_a_record_keeps_its_own_fee_in_all_tiers(tmp_path: Path) -> None:
    prices = {"standard": {"web_search": "25"}, "batch": {"input": "1"}}
    full = expanded({"kind": "chat", "prices": prices}, tmp_path, fees={"search": FEE})
    assert [rates["web_search"] for rates in full["prices"].values()] == ["25", "25"]


@pytest.mark.parametrize(
    ("record", "complaint"),
    [
        ({"like": "b"}, "expected a known family, got 'b', at acme.json: a-1; known: a"),
        ({"colour": "red"}, "expected a known field, got 'colour', at acme.json: a-1"),
        ({"sources": {"kind": "rumour"}}, "expected a known source, got 'rumour', at a-1"),
        (
            {"prices": {"standard": {"input": "1"}, "batch": "third"}},
            "expected a known rule, got 'third', at acme.json: a-1: prices.batch; known: half",
        ),
        (
            {"price_periods": [{"from": "2027-01-01", "prices": {"standard": {"long": "x"}}}]},
            "expected a known rule, got 'x', at acme.json: a-1: price_periods[0].standard.long",
        ),
    ],
)
def test_what_is_not_known_is_named(tmp_path: Path, record: dict[str, Any], complaint: str) -> None:
    with pytest.raises(build_models.FactError) as caught:
        expanded(record, tmp_path)
    assert complaint in str(caught.value)


def test_every_rule_and_every_family_is_used() -> None:
    for path in sorted(build_models.FACTS.glob("*.json")):
        text = path.read_text("utf-8")
        facts = json.loads(text)
        for name in facts.get("rules", {}):
            assert text.count(f'"{name}"') > 1, f"{path.name}: {name}"
        liked = [record.get("like") for record in facts.get("models", ())]
        for name in facts.get("families", {}):
            assert liked.count(name) > 1, f"{path.name}: {name}"


def test_a_published_price_file_is_what_the_package_knows(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    subprocess.run([sys.executable, str(GENERATOR), "--publish", str(path)], check=True)
    plan = plan_refresh(path, tmp_path / "overlay.json")
    assert (plan.format, plan.changes, plan.skipped) == ("tokenkit", (), ())
    data = json.loads(path.read_text("utf-8"))
    assert plan.dated == date.fromisoformat(data["verified_on"])
    record = next(record for record in data["models"] if record["name"] == "gpt-4o")
    record["prices"]["standard"]["input"] = "2.4"
    record["verified_on"] = "2030-01-01"
    del record["replacement"]
    path.write_text(json.dumps(data), "utf-8")
    with pytest.raises(ModelDataError, match="was changed or is not whole"):
        plan_refresh(path, tmp_path / "overlay.json")
    path.write_text(json.dumps(data | {"sha256": models_hash(data["models"])}), "utf-8")
    plan = plan_refresh(path, tmp_path / "overlay.json")
    assert {(change.model, change.field) for change in plan.changes} == {
        ("gpt-4o", "prices"),
        ("gpt-4o", "replacement"),
    }
    (taken,) = plan.records
    assert taken["verified_on"] == "2030-01-01"
    assert "replacement" not in taken
    old = json.loads(json.dumps(data))
    next(r for r in old["models"] if r["name"] == "gpt-4o")["verified_on"] = "2020-01-01"
    old["sha256"] = models_hash(old["models"])
    path.write_text(json.dumps(old), "utf-8")
    kept = plan_refresh(path, tmp_path / "overlay.json")
    assert not kept.changes
    assert {change.field for change in kept.kept} == {"prices", "replacement"}
