"""Refreshing an overlay: the difference first, then the file, and the old one is kept."""

import http.server
import json
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tokenkit.errors import ModelDataError
from tokenkit.models import registry as _registry
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
    assert str(plan).startswith(f"{litellm} would change {overlay}:\n  gpt-4o: max_output_tokens")


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
    assert model.sources["prices"] == str(litellm)
    assert model.verified_on == date.today()
    new = registry.resolve("gpt-9")
    assert (new.context_window, new.max_output_tokens) == (300000, None)
    assert new.prices == {"standard": {"input": "1"}}
    assert registry.resolve("grok-4.7-20270101").prices["standard"]["input"] == "3"


def test_a_second_refresh_finds_nothing(litellm: Path, overlay: Path) -> None:
    plan_refresh(litellm, overlay).write()
    again = plan_refresh(litellm, overlay)
    assert again.changes == ()
    assert "nothing to change" in str(again)


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
    ("data", "complaint"),
    [
        ([], "neither a LiteLLM price list"),
        ({"gpt-4o": {"price": 3}}, "neither a LiteLLM price list"),
        ({"gpt-4o": LITELLM["gpt-4o"] | {"input_cost_per_token": "dear"}}, "gpt-4o.input_cost_per"),
        ({"gpt-4o": LITELLM["gpt-4o"] | {"input_cost_per_token": -1}}, "0 USD or more"),
        ({"gpt-4o": LITELLM["gpt-4o"] | {"max_output_tokens": "many"}}, "gpt-4o.max_output_tokens"),
        ({"gpt-4o": LITELLM["gpt-4o"] | {"deprecation_date": "soon"}}, "field 'retires_on'"),
    ],
)
def test_broken_lists_are_named(
    tmp_path: Path, overlay: Path, data: object, complaint: str
) -> None:
    source = save(tmp_path / "list.json", data)
    with pytest.raises(ModelDataError) as caught:
        plan_refresh(source, overlay)
    assert str(source) in str(caught.value)
    assert complaint in str(caught.value)


def test_other_failures(tmp_path: Path, litellm: Path, overlay: Path) -> None:
    with pytest.raises(FileNotFoundError):
        plan_refresh(tmp_path / "missing.json", overlay)
    with pytest.raises(ModelDataError, match=r"name a \.json file"):
        plan_refresh(litellm, tmp_path / "overlay.toml")
    (tmp_path / "text.json").write_text("hello", "utf-8")
    with pytest.raises(ModelDataError, match="not valid JSON"):
        plan_refresh(tmp_path / "text.json", overlay)
