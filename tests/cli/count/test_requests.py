"""`tokenkit count --requests`: reports in all formats."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest
from batch_lines import CHAT, line
from click.testing import CliRunner

import tokenkit
from tokenkit.cli.shared.app import app
from tokenkit.inputs import batch_report


def test_command(tmp_path: Path) -> None:
    path = tmp_path / "batch.jsonl"
    body = {"model": "gpt-4o", "messages": CHAT}
    path.write_bytes(line(1, "chat/completions", body) + b"{oops\n")
    result = CliRunner().invoke(app, ["count", str(path), "--requests"])
    tokens = tokenkit.count_messages(CHAT, "gpt-4o").tokens
    assert result.exit_code == 2
    assert f"gpt-4o: 1 request, {tokens} tokens" in result.stdout
    assert f"{path}: line 2: invalid JSON at column 2" in result.stderr
    result = CliRunner().invoke(app, ["count", str(path), "--requests", "--format", "json"])
    (report,) = json.loads(result.stdout)
    assert report["models"][0]["tokens"] == tokens


def test_formats_of_the_report(tmp_path: Path) -> None:
    path, other = tmp_path / "batch.jsonl", tmp_path / "more.jsonl.gz"
    good = line(1, "chat/completions", {"model": "gpt-4o", "messages": CHAT})
    path.write_bytes(good + b"{oops\n")
    other.write_bytes(gzip.compress(good))
    arguments = ["count", str(path), str(other), str(tmp_path / "none"), "--requests", "--format"]
    tokens = tokenkit.count_messages(CHAT, "gpt-4o").tokens
    shown = {
        form: CliRunner().invoke(app, [*arguments, form])
        for form in ("text", "json", "jsonl", "csv", "tsv")
    }
    for result in shown.values():
        assert result.exit_code == 2
        assert [words.split(": ")[1:3] for words in result.stderr.splitlines()] == [
            [str(path), "line 2"],
            [str(tmp_path / "none"), "No such file or directory"],
        ]
    reports = json.loads(shown["json"].stdout)
    assert [json.loads(line) for line in shown["jsonl"].stdout.splitlines()] == reports
    assert [report["models"][0]["tokens"] for report in reports] == [tokens, tokens]
    rows = list(csv.DictReader(shown["csv"].stdout.splitlines()))
    assert rows == list(csv.DictReader(shown["tsv"].stdout.splitlines(), delimiter="\t"))
    assert [(row["name"], row["model"], int(row["tokens"])) for row in rows] == [
        (str(path), "gpt-4o", tokens),
        (str(other), "gpt-4o", tokens),
    ]


def test_notes_are_shown(tmp_path: Path) -> None:
    """Keys of others stay on their line, and control no terminal."""
    path = tmp_path / "batch.jsonl"
    odd = {f"mood{number}": 1 for number in range(11)} | {"\ud800\x1b[31m": 1}
    body = {"model": "gpt-4o", "messages": CHAT}
    path.write_bytes(line(1, "chat/completions", {"\n": 1, **body}) * 2)
    arguments = ["count", str(path), "--requests"]
    result = CliRunner().invoke(app, arguments)
    unknown = "this key is not known, so the number has no upper bound"
    assert f"  note: line 1: body.[U+000A]: {unknown} (and 1 more)\n" in result.stdout
    assert "(partial) as batch input" in result.stdout
    path.write_bytes(line(1, "chat/completions", {**odd, **body}))
    result = CliRunner().invoke(app, arguments)
    assert "  note: 2 more, which --format json lists" in result.stdout
    assert "\x1b" not in result.stdout
    (report,) = json.loads(CliRunner().invoke(app, [*arguments, "--format", "json"]).stdout)
    assert len(report["notes"]) == 12
    assert report["models"][0]["high"] is None


def test_wrong_lines_behind_those_that_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_report, "MAX_PROBLEMS", 2)
    good = line(1, "chat/completions", {"model": "gpt-4o", "messages": CHAT})
    path = tmp_path / "batch.jsonl"
    path.write_bytes(3 * good + b"1\n2\n")
    result = CliRunner().invoke(app, ["count", str(path), "--requests", "--format", "json"])
    assert result.exit_code == 2  # though the first two are limits alone
    (record,) = json.loads(result.stdout)
    assert (len(record["problems"]), record["more_problems"]) == (2, 2)
