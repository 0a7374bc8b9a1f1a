"""`tokenkit preflight`: one request, many, what is printed for whom, and exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tokenkit import preflight
from tokenkit.cli.shared.app import app

CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9}
OVER = {**CHAT, "max_tokens": 90_000}


def run(*arguments: str, requests: list[Any] | None = None) -> Result:
    text = "\n".join(map(json.dumps, requests)) if requests is not None else None
    return CliRunner().invoke(app, ["preflight", *arguments], input=text)


def test_one_request_is_reported_for_people() -> None:
    result = run(requests=[CHAT])
    assert result.exit_code == 0
    assert result.output.rstrip("\n") == preflight(CHAT).report()


def test_many_requests_are_a_row_each_and_one_that_is_over_makes_the_exit_code() -> None:
    line = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": OVER}
    result = run("-", requests=[CHAT, line])
    assert result.exit_code == 1
    rows = result.output.splitlines()
    assert len(rows) == 3
    assert "body.max_tokens: expected at most 16384" in rows[2]


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "tsv"])
def test_records_hold_what_preflight_gives(form: str) -> None:
    result = run("--format", form, requests=[CHAT, OVER])
    assert result.exit_code == 1
    if form in ("json", "jsonl"):
        lines = result.output.splitlines()
        records = json.loads(result.output) if form == "json" else [json.loads(x) for x in lines]
        assert records[1] == {"file": "-", "line": 2, **preflight(OVER).to_dict()}
    else:
        assert len(result.output.splitlines()) == 3


def test_a_model_of_the_options_is_that_of_every_request() -> None:
    line = {"custom_id": "1", "url": "/v1/chat/completions", "body": CHAT}
    result = run("-m", "gpt-4", "--format", "jsonl", requests=[CHAT, line])
    assert [json.loads(row)["model"] for row in result.output.splitlines()] == ["gpt-4", "gpt-4"]


def test_annotations_name_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "a,b.jsonl"
    path.write_text(f"{json.dumps(CHAT)}\n{json.dumps(OVER)}\n")
    result = run(str(path), "--annotations", "github")
    (error,) = [row for row in result.output.splitlines() if row.startswith("::error")]
    assert "a%2Cb.jsonl,line=2::max_tokens: expected at most" in error


def test_what_cannot_be_read_exits_with_2(tmp_path: Path) -> None:
    assert run(requests=[]).exit_code == 2
    assert run(str(tmp_path / "none.json")).exit_code == 2
    result = run(requests=["Hello", CHAT])
    assert result.exit_code == 2
    assert "line 1: request: expected the keywords" in result.output


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"model": "gpt-4", "messages": [], "model": "gpt-4o"}', "got 'model' twice"),
        ('{"model": "gpt-4", "messages": [{"role": "user", "content": NaN}]}', "got NaN"),
    ],
)
def test_json_that_means_two_things_or_none_is_refused(text: str, fault: str) -> None:
    result = CliRunner().invoke(app, ["preflight"], input=text)
    assert result.exit_code == 2
    assert "invalid JSON at line 1" in result.stderr
    assert fault in result.stderr
