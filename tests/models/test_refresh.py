"""Refreshing an overlay: the difference first, then the file, and the old one is kept."""

import http.server
import json
import os
import re
import stat
import sys
import threading
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from tokenkit.costs.bill import cost
from tokenkit.errors import ModelDataError
from tokenkit.models import registry as _registry
from tokenkit.models.lookup import get_model
from tokenkit.models.record import model_from_record
from tokenkit.models.refresh import RefreshPlan, plan_refresh, refresh_models

LITELLM: dict[str, dict[str, Any]] = {
    "sample_spec": {"litellm_provider": "one of the providers", "input_cost_per_token": 0.0},
    "gpt-4o": {
        "litellm_provider": "openai",
        "mode": "chat",
        "max_input_tokens": 128000,  # the window, so no cap of its own
        "max_output_tokens": 20000,
        "input_cost_per_token": 2.4e-06,
        "output_cost_per_token": 1e-05,
        "input_cost_per_token_batches": 1.25e-06,
        "input_cost_per_token_flex": 1.5e-06,
        "deprecation_date": "2027-03-01",
    },
    "gpt-5.5": {
        "litellm_provider": "openai",
        "mode": "chat",
        "max_input_tokens": 1050000,
        "input_cost_per_token_above_272k_tokens": 1.1e-05,
    },
    "gpt-9": {
        "litellm_provider": "openai",
        "mode": "chat",
        "max_input_tokens": "300000",
        "max_output_tokens": 300000,
        "input_cost_per_token": 1e-06,
        "output_cost_per_token": 0.0,
    },
    "xai/grok-4.7": {
        "litellm_provider": "xai",
        "mode": "chat",
        "input_cost_per_token": 3e-06,
    },
    "azure/gpt-4o": {"litellm_provider": "azure", "input_cost_per_token": 9.0},
    "1024-x-1024/50-steps/some-image": {"litellm_provider": "bedrock", "mode": "image_generation"},
}
MODELS_DEV = {
    "openai": {
        "models": {
            "gpt-5": {
                "reasoning": True,
                "limit": {"context": 500000, "input": 272000, "output": 128000},
                "cost": {"input": 1.25, "output": 10, "cache_read": 0.125},
            },
            "gpt-4.1": {
                "limit": {"context": 1047576, "output": 32768},
                "cost": {"input": 2, "output": 8, "context_over_200k": {"input": 4}},
            },
        }
    },
    "a-reseller": {"models": {"gpt-5": {"cost": {"input": 99}}}},
}


def save(path: Path, data: object) -> Path:
    path.write_text(json.dumps(data), "utf-8")
    return path


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    return tmp_path / "overlay.json"


@pytest.fixture
def litellm(tmp_path: Path) -> Path:
    return save(tmp_path / "litellm.json", LITELLM)


def test_the_difference_to_a_litellm_list(litellm: Path, overlay: Path) -> None:
    plan = plan_refresh(litellm, overlay)
    assert [str(change) for change in plan.changes] == [
        "gpt-4o: max_output_tokens: 16384 -> 20000",
        "gpt-4o: retires_on: 2027-01-14 -> 2027-03-01",
        "gpt-4o: prices.standard.input: 2.5 -> 2.4",
        "gpt-4o: prices.flex.input: not known -> 1.5",
        "gpt-5.5: prices.standard.long.input: 10 -> 11",
        "gpt-9: new model",
        "grok-4.7: prices.standard.input: 2 -> 3",
    ]
    first, second, third, *_ = str(plan).splitlines()
    assert first == f"{litellm}: a list of LiteLLM, which states no day"
    assert second == f"{litellm} would change {overlay}:"
    assert third.startswith("  gpt-4o: max_output_tokens")


def test_the_difference_to_a_models_dev_list(tmp_path: Path, overlay: Path) -> None:
    plan = plan_refresh(save(tmp_path / "api.json", MODELS_DEV), overlay)
    assert [str(change) for change in plan.changes] == [
        "gpt-5: context_window: 400000 -> 500000",
        "gpt-4.1: prices.standard.long.above: not known -> 200000",
        "gpt-4.1: prices.standard.long.input: not known -> 4",
    ]


def test_planning_writes_nothing(litellm: Path, overlay: Path) -> None:
    plan_refresh(litellm, overlay)
    assert not overlay.exists()


def test_written_overlay_is_complete_and_loads(litellm: Path, overlay: Path) -> None:
    assert plan_refresh(litellm, overlay).write() is None
    registry = _registry.new_registry()
    registry.load(overlay)
    model = registry.resolve("gpt-4o")
    assert model.prices["standard"]["input"] == "2.4"
    assert model.prices["standard"]["output"] == "10"  # what the list does not change stays
    assert model.prices["priority"]["input"] == "4.25"
    assert model.retires_on == date(2027, 3, 1)
    assert (model.encoding, model.chat_rule, model.context_window) == (
        "o200k_base",
        "gpt-4o",
        128000,
    )
    read = f"{litellm} (LiteLLM, without a day, read on {date.today()})"
    assert model.sources["prices.standard.input"] == read
    assert model.sources["prices"] != read  # the output's price is not from this list
    assert model.verified_on is None  # no day holds for all of its numbers
    new = registry.resolve("gpt-9")
    assert (new.context_window, new.max_output_tokens) == (300000, None)
    assert new.prices == {"standard": {"input": "1"}}
    assert new.sources["prices"] == read
    assert new.verified_on is None
    assert registry.resolve("grok-4.7-20270101").prices["standard"]["input"] == "3"


def test_a_second_refresh_finds_nothing(litellm: Path, overlay: Path) -> None:
    plan_refresh(litellm, overlay).write()
    again = plan_refresh(litellm, overlay)
    assert again.changes == ()
    assert "nothing to change" in str(again)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_permissions_and_links_stay(litellm: Path, overlay: Path, tmp_path: Path) -> None:
    overlay.write_text('{"models": []}')
    overlay.chmod(0o600)
    link = tmp_path / "link.json"
    link.symlink_to(overlay)
    kept = plan_refresh(litellm, link).write()
    assert link.is_symlink()
    assert json.loads(overlay.read_text())["models"]
    assert {stat.S_IMODE(os.stat(path).st_mode) for path in (overlay, str(kept))} == {0o600}


def test_the_old_file_is_kept(litellm: Path, overlay: Path) -> None:
    mine = {"models": [{"name": "mine", "kind": "chat", "encoding": "gpt2", "context_window": 9}]}
    save(overlay, mine)
    kept = plan_refresh(litellm, overlay).write()
    assert kept == f"{overlay}.bak"
    assert json.loads(Path(kept).read_text("utf-8")) == mine
    assert "mine" in {record["name"] for record in json.loads(overlay.read_text("utf-8"))["models"]}
    dearer = {"gpt-4o": LITELLM["gpt-4o"] | {"input_cost_per_token": 2e-06}}
    save(litellm, dearer)
    assert plan_refresh(litellm, overlay).write() == f"{overlay}.bak1"


def test_written_only_if_confirmed(litellm: Path, overlay: Path) -> None:
    seen = []

    def refuse(plan: RefreshPlan) -> bool:
        seen.append(str(plan))
        return False

    refresh_models(litellm, overlay, confirm=refuse)
    assert "gpt-9: new model" in seen[0]
    assert not overlay.exists()
    refresh_models(litellm, overlay, confirm=lambda plan: True)
    assert overlay.exists()
    refresh_models(litellm, overlay, confirm=lambda plan: pytest.fail("asked without a change"))


def test_a_snapshot_and_its_alias_in_one_list(tmp_path: Path, overlay: Path) -> None:
    entry = {"litellm_provider": "anthropic", "mode": "chat", "input_cost_per_token": 7e-07}
    names = ("claude-haiku-4-5", "claude-haiku-4-5-20251001")
    plan = plan_refresh(save(tmp_path / "list.json", dict.fromkeys(names, entry)), overlay)
    assert [str(c) for c in plan.changes] == ["claude-haiku-4-5: prices.standard.input: 1 -> 0.7"]


def test_from_a_url(overlay: Path) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(MODELS_DEV).encode())

        def log_message(self, *_arguments: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        plan = plan_refresh(f"http://127.0.0.1:{server.server_port}/api.json", overlay)
        thread.join()
    assert len(plan.changes) == 3


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            {"input_cost_per_token": "dear"},
            "expected a price in USD, got 'dear', at input_cost_per",
        ),
        ({"input_cost_per_token": -1}, "expected a price of 0 USD or more, got -1"),
        ({"max_output_tokens": "many"}, "expected a number of tokens, got 'many'"),
        ({"deprecation_date": "soon"}, "'deprecation_date': expected a date"),
        ({"max_output_tokens": 999_999}, "at most the context window of 128000, got 999999"),
        ({"search_context_cost_per_query": 3}, "search_context_cost_per_query': expected a table"),
    ],
)
def test_a_bad_row_is_left_out_and_listed_and_the_others_are_read(
    tmp_path: Path, overlay: Path, change: dict[str, Any], complaint: str
) -> None:
    bad = LITELLM | {"gpt-4o": LITELLM["gpt-4o"] | {"max_input_tokens": None} | change}
    plan = plan_refresh(save(tmp_path / "list.json", bad), overlay)
    assert [row for row, _ in plan.skipped] == ["gpt-4o"]
    assert complaint in plan.skipped[0].reason
    assert "rows left out:\n  gpt-4o: " in str(plan)
    assert {change.model for change in plan.changes} == {"gpt-5.5", "gpt-9", "grok-4.7"}


@pytest.mark.parametrize(
    ("data", "got"),
    [
        ([], "got a list"),
        ({}, "got an object with the keys none"),
        ({"gpt-4o": {"price": 3}}, "got an object with the keys 'gpt-4o'"),
        ({"version": "1", "models": {"gpt-4o": {}}}, "with the keys 'version', 'models'"),
    ],
)
def test_an_unknown_list_is_refused_by_name(
    tmp_path: Path, overlay: Path, data: object, got: str
) -> None:
    source = save(tmp_path / "list.json", data)
    with pytest.raises(ModelDataError) as caught:
        plan_refresh(source, overlay)
    assert str(caught.value).startswith(f"{source}: expected a price list of tokenkit, LiteLLM, ")
    assert got in str(caught.value)


# ---- age and what a list does not hold ----------------------------------------------------------


def test_numbers_older_than_ours_stay_unless_they_are_asked_for(
    litellm: Path, overlay: Path
) -> None:
    plan = plan_refresh(litellm, overlay, dated="2026-08-21")
    assert [str(change) for change in plan.kept] == [
        "gpt-4o: max_output_tokens: 16384 -> 20000",
        "gpt-4o: retires_on: 2027-01-14 -> 2027-03-01",
        "gpt-4o: prices.standard.input: 2.5 -> 2.4",
        "gpt-5.5: prices.standard.long.input: 10 -> 11",
        "grok-4.7: prices.standard.input: 2 -> 3",
    ]
    # what the registry does not know at all is taken from an older list, too
    assert [str(change) for change in plan.changes] == [
        "gpt-4o: prices.flex.input: not known -> 1.5",
        "gpt-9: new model",
    ]
    assert "older than the registry's own, so they stay out (--older takes them):" in str(plan)
    plan.write()
    records = {r["name"]: r for r in json.loads(overlay.read_text("utf-8"))["models"]}
    assert records["gpt-9"]["verified_on"] == "2026-08-21"
    assert records["gpt-4o"]["prices"]["standard"]["input"] == "2.5"
    assert records["gpt-4o"]["verified_on"] == "2026-08-21"  # the flex rate is that old

    forced = plan_refresh(litellm, overlay, dated="2026-08-21", older=True)
    assert not forced.kept
    assert "gpt-4o: prices.standard.input: 2.5 -> 2.4" in map(str, forced.changes)


def test_a_list_newer_than_ours_is_taken(litellm: Path, overlay: Path) -> None:
    plan = plan_refresh(litellm, overlay, dated="2030-01-01")
    assert not plan.kept
    assert len(plan.changes) == 7


def test_rates_the_list_does_not_hold_are_shown_and_not_dated(
    tmp_path: Path, overlay: Path
) -> None:
    """Case: a list with a new base price and none for long prompts, batches or long cache life."""
    row = {
        "litellm_provider": "openai",
        "mode": "chat",
        "input_cost_per_token": 1e-06,
        "output_cost_per_token": 5e-06,
        "cache_creation_input_token_cost_above_12hr": 2.5e-06,
    }
    source = save(tmp_path / "list.json", {"gpt-6-sol": row})
    plan = plan_refresh(source, overlay, dated="2026-12-01")
    assert "gpt-6-sol: prices.standard.long.input" in plan.beside
    assert "not in the list, which changes other rates of their tier" in str(plan)
    plan.write()
    registry = _registry.new_registry()
    registry.load(overlay)
    model, ours = registry.resolve("gpt-6-sol"), get_model("gpt-6-sol")
    assert model.prices["standard"]["input"] == "1"
    assert model.prices["standard"]["cache_write_long"] == "2.5"
    assert model.prices["standard"]["long"] == ours.prices["standard"]["long"]
    assert model.verified_on == ours.verified_on
    assert "prices.standard.long.input" not in model.sources
    assert model.sources["prices.standard.input"] == f"{source} (LiteLLM, of 2026-12-01)"
    notes = cost(model, input_tokens=1).notes
    assert any("prices.standard.long.input" in note for note in notes)


def test_all_rates_of_a_claude_row_are_read(tmp_path: Path, overlay: Path) -> None:
    row = {
        "litellm_provider": "anthropic",
        "mode": "chat",
        "input_cost_per_token": 4e-06,
        "output_cost_per_token": 2e-05,
        "cache_creation_input_token_cost": 5e-06,
        "cache_creation_input_token_cost_above_1hr": 8e-06,
        "cache_read_input_token_cost": 4e-07,
        "search_context_cost_per_query": dict.fromkeys(("low", "medium", "high"), 0.012),
    }
    plan_refresh(save(tmp_path / "list.json", {"claude-opus-5": row}), overlay).write()
    registry = _registry.new_registry()
    registry.load(overlay)
    model = registry.resolve("claude-opus-5")
    million: dict[str, Any] = {"input_tokens": 10**6, "cache_write_tokens": 10**6}
    assert cost(model, **million, cache_write_long_tokens=10**6).total == 8
    assert cost(model, **million).total == 5
    assert cost(model, web_searches=1000).total == 12


def test_keys_that_say_a_price_and_are_not_read_are_listed(tmp_path: Path, overlay: Path) -> None:
    row = {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06}
    rows = {"gpt-9": row | {"ocr_cost_per_page": 0.01}, "gpt-8": row | {"ocr_cost_per_page": 0.02}}
    plan = plan_refresh(save(tmp_path / "list.json", rows), overlay)
    assert plan.unread == {"ocr_cost_per_page": ("gpt-9", "gpt-8")}
    assert "  ocr_cost_per_page (2 rows: gpt-9)" in str(plan)
    # The record says so, too, and with it every cost.
    (note,) = plan.records[0]["notes"]
    assert note.startswith("prices: not read in ")
    assert note.endswith(": ocr_cost_per_page")


def test_prices_by_the_hour(tmp_path: Path, overlay: Path) -> None:
    """Rates are taken where the hours are ours; other hours replace ours with all their rates."""
    row = {"litellm_provider": "deepseek", "input_cost_per_token": 1.32e-06}
    off = {"input_cost_per_token": 5e-07}
    weekend = {"hours_utc": "00:00-00:00", "weekdays": [6, 7]}
    week = [1, 2, 3, 4, 5]
    quiet = {"hours_utc": ["00:00-01:00", "04:00-06:00", "10:00-00:00"], "weekdays": week}
    for window, fields in (
        (quiet, ["price_hours.otherwise.standard.input"]),
        ({**quiet, "hours_utc": ["00:00-01:00"]}, ["price_hours"]),
    ):
        pricing = {"off_peak_pricing": {**off, "windows": [window, weekend]}}
        source = save(tmp_path / "list.json", {"deepseek-v4-pro": {**row, **pricing}})
        plan = plan_refresh(source, overlay)
        assert [change.field for change in plan.changes] == fields
        model = model_from_record(dict(plan.records[0]), "plan")
        night = datetime(2026, 11, 27, 0, 30, tzinfo=timezone.utc)
        assert model.prices_on(night)["standard"]["input"] == "0.5"


def test_the_price_in_force_is_what_a_list_means(tmp_path: Path, overlay: Path) -> None:
    """After the step of 2026-12-01 a list holds the new rates, and there is nothing to change."""
    row = {
        "litellm_provider": "gemini",
        "mode": "chat",
        "input_cost_per_token": 4e-06,
        "output_cost_per_token": 2e-05,
        "cache_read_input_token_cost": 2e-07,
    }
    source = save(tmp_path / "list.json", {"gemini/gemini-4-argon": row})
    assert plan_refresh(source, overlay, dated="2026-12-02").changes == ()
    dearer = {"gemini/gemini-4-argon": row | {"input_cost_per_token": 5e-06}}
    plan = plan_refresh(save(source, dearer), overlay, dated="2026-12-02")
    assert [str(change) for change in plan.changes] == [
        "gemini-4-argon: price_periods.2026-12-01.standard.input: 4 -> 5"
    ]
    plan.write()
    registry = _registry.new_registry()
    registry.load(overlay)
    argon = registry.resolve("gemini-4-argon")
    prices = [argon.prices_on(date(2026, *day))["standard"]["input"] for day in ((11, 30), (12, 1))]
    assert prices == ["2", "5"]


def test_a_hosts_list_never_touches_the_vendors_price(tmp_path: Path, overlay: Path) -> None:
    rows = [
        {"id": "openai/gpt-4o", "pricing": {"prompt": "0.000003", "completion": "0.000012"}},
        {"id": "anthropic/claude-opus-4.5", "pricing": {"prompt": "0.000006"}},
        {"id": "nobody/heard-of", "context_length": 9000, "pricing": {"prompt": "0.000001"}},
    ]
    plan = plan_refresh(save(tmp_path / "models.json", {"data": rows}), overlay)
    assert [str(change) for change in plan.changes] == [
        "openrouter/nobody/heard-of: new model",
        "gpt-4o: hosts.openrouter.standard.input: not known -> 3",
        "gpt-4o: hosts.openrouter.standard.output: not known -> 12",
        "claude-opus-4-5: hosts.openrouter.standard.input: not known -> 6",
    ]
    plan.write()
    assert plan_refresh(tmp_path / "models.json", overlay).changes == ()
    registry = _registry.new_registry()
    registry.load(overlay)
    assert registry.resolve("gpt-4o").prices == get_model("gpt-4o").prices
    served = registry.resolve_name("openrouter/openai/gpt-4o")
    assert served.host == "openrouter"
    assert served.model.prices == {"standard": {"input": "3", "output": "12"}}
    unknown = registry.resolve_name("openrouter/nobody/heard-of").model
    assert unknown.prices == {"standard": {"input": "1"}}


def test_a_smaller_window_takes_what_follows_from_it_along(tmp_path: Path, overlay: Path) -> None:
    row = {"limit": {"context": 1_000_000}, "cost": {"input": 2, "output": 8}}
    source = save(tmp_path / "api.json", {"openai": {"models": {"gpt-4.1": row}}})
    plan = plan_refresh(source, overlay)
    assert not plan.skipped
    plan.write()
    registry = _registry.new_registry()
    registry.load(overlay)
    assert registry.resolve("gpt-4.1").safe_input_tokens == 1_000_000


def test_two_rows_of_one_record_do_not_overwrite_each_other(tmp_path: Path, overlay: Path) -> None:
    row = {"litellm_provider": "anthropic", "mode": "chat"}
    rows = {
        "claude-haiku-4-5-20251001": row | {"input_cost_per_token": 8e-07},
        "claude-haiku-4-5": row | {"input_cost_per_token": 7e-07},
    }
    plan = plan_refresh(save(tmp_path / "list.json", rows), overlay)
    assert [str(c) for c in plan.changes] == ["claude-haiku-4-5: prices.standard.input: 1 -> 0.7"]
    assert plan.skipped == (
        (
            "claude-haiku-4-5-20251001",
            "another row of the list is that of claude-haiku-4-5, and says otherwise",
        ),
    )


@pytest.mark.parametrize("content", [b"[" * 200_000 + b"]" * 200_000, b'{"gpt-5": "\xff"}', b""])
def test_lists_of_any_bytes_are_refused_with_a_message(
    tmp_path: Path, overlay: Path, content: bytes
) -> None:
    source = tmp_path / "list.json"
    source.write_bytes(content)
    with pytest.raises(ModelDataError, match=re.escape(str(source))):
        plan_refresh(source, overlay)


def test_other_failures(tmp_path: Path, litellm: Path, overlay: Path) -> None:
    with pytest.raises(FileNotFoundError):
        plan_refresh(tmp_path / "missing.json", overlay)
    with pytest.raises(ModelDataError, match=r"expected a \.json file"):
        plan_refresh(litellm, tmp_path / "overlay.toml")
    (tmp_path / "text.json").write_text("hello", "utf-8")
    with pytest.raises(ModelDataError, match="not valid JSON"):
        plan_refresh(tmp_path / "text.json", overlay)
