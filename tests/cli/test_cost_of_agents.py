"""`cost --usage` of logs, folders, tables and every shape: what an agent cost."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from cli_runs import run
from cost_lines import response, table
from usage_samples import SAMPLES

import tokenkit
from tokenkit.shapes import usage_records


def line_of_claude(message: str, day: int, session: str, output: int = 100) -> dict[str, object]:
    usage = {
        "input_tokens": 1_000,
        "cache_read_input_tokens": 10_000,
        "cache_creation_input_tokens": 3_000,
        "cache_creation": {"ephemeral_5m_input_tokens": 2_000, "ephemeral_1h_input_tokens": 1_000},
        "output_tokens": output,
    }
    return {
        "type": "assistant",
        "sessionId": session,
        "requestId": message,
        "timestamp": f"2026-11-{day:02}T23:59:59.999Z",
        "message": {"id": message, "model": "claude-opus-5", "content": [], "usage": usage},
    }


# 1,000 at 5, 10,000 at 0.5, 2,000 at 6.25, 1,000 at 10 and 100 at 25 USD per million.
OF_A_LINE = Decimal("0.035")  # 0.005 + 0.005 + 0.0125 + 0.01 + 0.0025


def folder_of_logs(root: Path) -> Path:
    folder = root / ".claude" / "projects" / "-work"
    folder.mkdir(parents=True)
    first = [line_of_claude("m1", 23, "s1", 1), line_of_claude("m1", 23, "s1")]
    first += [{"type": "summary", "leafUuid": "u", "summary": "Tides"}]
    again = [line_of_claude("m1", 23, "s2"), line_of_claude("m2", 24, "s2")]
    (folder / "s1.jsonl").write_text("\n".join(map(json.dumps, first)))
    (folder / "s2.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, again)).encode()))
    (folder / "notes.txt").write_text("no log")
    (folder / ".gitignore").write_text("*")
    usage = {"input_tokens": 1000, "cached_input_tokens": 0, "output_tokens": 0}
    info = {"last_token_usage": usage, "total_token_usage": usage}
    lines = [
        ("session_meta", {"id": "t1"}),
        ("turn_context", {"model": "gpt-5.2"}),
        ("event_msg", {"type": "token_count", "info": info}),
        ("event_msg", {"type": "token_count", "info": info}),
    ]
    codex = root / ".codex" / "sessions" / "2026" / "11" / "24" / "rollout-1.jsonl"
    codex.parent.mkdir(parents=True)
    codex.write_text(
        "\n".join(
            json.dumps({"timestamp": "2026-11-24T10:00:00Z", "type": kind, "payload": payload})
            for kind, payload in lines
        )
    )
    return root


def test_logs_of_agents_by_day_model_and_session(tmp_path: Path) -> None:
    root = folder_of_logs(tmp_path)
    claude, codex = root / ".claude" / "projects", root / ".codex"
    words = ("cost", "--usage", claude, "--usage", codex)
    by_all = ("--by", "day", "--by", "model", "--by", "session")
    result = run(*words, *by_all)
    assert (result.exit_code, result.stderr) == (0, "")
    codex_usd = f"{tokenkit.cost('gpt-5.2', input_tokens=1000).total:f}"
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["day", "model", "session", "responses", "USD"],
        ["2026-11-23", "claude-opus-5", "s1", "1", f"{OF_A_LINE}"],
        ["2026-11-24", "claude-opus-5", "s2", "1", f"{OF_A_LINE}"],
        ["2026-11-24", "gpt-5.2", "t1", "1", codex_usd],
        ["total", "3", f"{2 * OF_A_LINE + Decimal(codex_usd):f}"],
    ]
    report = json.loads(run(*words, "--by", "session", "--format", "json").stdout)
    assert [row["session"] for row in report["by_session"]] == ["s1", "s2", "t1"]
    report = json.loads(run(*words, *by_all, "--format", "json").stdout)
    assert list(report) == ["by_day_model_session", "total", "partial"]
    rows = table(run(*words, *by_all, "--format", "csv").stdout, "csv")
    assert [(row["day"], row["session"]) for row in rows][-1] == ("2026-11-24", "t1")
    # Files of one folder, by a pattern, and twice.
    pattern = claude / "**" / "*.jsonl"
    twice = ("--usage", pattern, "--usage", claude / "-work" / "s1.jsonl", "--by", "session")
    text = run("cost", *twice).stdout
    assert text.splitlines()[1].split() == ["s1", "1", f"{OF_A_LINE}"]
    # Without --by, people see sums by model, and programs each request.
    text = run(*words).stdout
    assert [line.split()[0] for line in text.splitlines()] == [
        "model",
        "claude-opus-5",
        "gpt-5.2",
        "total",
    ]
    assert len(json.loads(run(*words, "--format", "json").stdout)["costs"]) == 3


def test_what_a_log_hides_makes_the_total_partial(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    odd = {"type": "dream", "sessionId": "s1", "usage": {"input_tokens": 5}}
    path.write_text(f"{json.dumps(line_of_claude('m1', 23, 's1'))}\n{json.dumps(odd)}\n")
    doubt = f"{path}: lines of type 'dream', with numbers of tokens"
    for words in ((), ("--by", "day")):
        result = run("cost", "--usage", path, *words)
        assert result.exit_code == 0
        assert f"not read, so the total is partial: {doubt}" in result.stderr
        last = result.stdout.splitlines()[-1]
        assert last.split() == ["total", "1", "0.035", "partial"]
        report = json.loads(run("cost", "--usage", path, *words, "--format", "json").stdout)
        assert (report["partial"], report["doubts"]) == (True, [doubt])
        rows = run("cost", "--usage", path, *words, "--format", "csv")
        assert doubt in rows.stderr
    mixed = f"{json.dumps(response('gpt-4o', 20_000, 1000))}\n{json.dumps(odd)}\n"
    assert "all together at least 0.0025 USD" in run("cost", "--usage", "-", data=mixed).stdout
    path.write_text(json.dumps(odd))
    nothing = run("cost", "--usage", path)
    assert (nothing.exit_code, nothing.stdout) == (2, "")
    assert "dream" in nothing.stderr


def test_sums_say_why_they_are_partial() -> None:
    data = json.dumps(response("gpt-4o", 20_000, 1000) | {"novelty": 1})
    result = run("cost", "--usage", "-", "--by", "day", data=data)
    assert "note: gpt-4o: novelty: this key is not known" in result.stderr


def test_files_that_hold_no_usage(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    for name, message in (
        (tmp_path, "expected a folder with .jsonl or .ndjson files"),
        (tmp_path / "*.log", "expected files, got none that match"),
        (tmp_path / "none.jsonl", "No such file"),
    ):
        result = run("cost", "--usage", name)
        assert (result.exit_code, result.stdout) == (2, "")
        assert message in result.stderr
    bad = tmp_path / "bad.jsonl"
    good = json.dumps(response("gpt-4o", 20_000, 1000)).encode()
    bad.write_bytes(b"\xff\n" + good + b"\n" + b'"' + b"x" * (1 << 20) + b'"')
    result = run("cost", "--usage", bad, "--max-mb", 1)
    assert result.exit_code == 2
    assert "0.0025 USD" in result.stdout
    assert "line 1: expected UTF-8 text" in result.stderr
    assert "line 3: expected a line that takes at most" in result.stderr


def test_sums_of_frameworks_by_model_and_session() -> None:
    # LangChain's UsageMetadataCallbackHandler, and a log of LiteLLM.
    usage = {"input_tokens": 1000, "output_tokens": 0, "total_tokens": 1000}
    sums = {"gpt-4o": usage, "gpt-4o-mini-2024-07-18": usage}
    row = {
        "call_type": "acompletion",
        "startTime": 1_790_000_000.0,
        "model": "gpt-4o",
        "prompt_tokens": 1000,
        "completion_tokens": 0,
        "session_id": "s",
    }
    cached = {**row, "cache_hit": "True"}
    failed = {**row, "status": "failure", "error_information": {"error_class": "Timeout"}}
    data = "\n".join(map(json.dumps, [sums, row, cached, failed]))
    words = ("--by", "model", "--by", "session", "--format", "csv")
    result = run("cost", "--usage", "-", *words, data=data)
    rows = table(result.stdout, "csv")
    assert [(row["model"], row["session"], row["total"]) for row in rows] == [
        ("gpt-4o", "s", "0.0025"),
        ("gpt-4o", "unknown", "0.0025"),
        ("gpt-4o-mini-2024-07-18", "unknown", "0.00015"),
    ]
    assert result.stderr.splitlines() == [
        "tokenkit: -: line 3: no usage: LiteLLM answered from its own cache, so the vendor charged "
        "nothing",
        "tokenkit: -: line 4: no usage: the request failed (Timeout)",
    ]


def test_the_table_that_the_dashboard_exports(tmp_path: Path) -> None:
    header = "start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,model,"
    header += "batch,service_tier,input_tokens,output_tokens,input_cached_tokens"
    times = "1761523200,1761523260,2025-10-27T00:00:00+00:00,2025-10-27T00:01:00+00:00"
    rows = [f"{times},proj_1,3,gpt-4o-2024-08-06,false,default,4000,100,3000", f"{times},,,,,,,,"]
    rows.append(f"{times},proj_1,3,gpt-4o-2024-08-06,true,default,4000,0,0")
    text = "\n".join([header, *rows])
    for name, data in (
        ("a.csv", text),
        ("b.tsv", text.replace(",", "\t")),
        ("c.CSV", "\ufeff" + text),
    ):
        (tmp_path / name).write_text(data)
        result = run("cost", "--usage", tmp_path / name, "--by", "day")
        assert (result.exit_code, result.stderr) == (0, "")
        # 1,000 at 2.5, 3,000 at 1.25 and 100 at 10; 4,000 at 1.25 in the batch.
        assert result.stdout.splitlines()[1].split() == ["2025-10-27", "2", "0.01225"]
    (tmp_path / "d.csv").write_text(f"{header},news\n{rows[0]},7\n")
    odd = run("cost", "--usage", tmp_path / "d.csv", "--by", "model")
    assert "news: this key is not known" in odd.stderr
    (tmp_path / "e.csv").write_text('a,b\n"' + "x" * 200_000)
    wrong = run("cost", "--usage", tmp_path / "e.csv")
    assert wrong.exit_code == 2
    assert "expected CSV" in wrong.stderr
    (tmp_path / "g.csv").write_text(f"{header}\n{rows[0]},7\n{rows[0]}\n")
    long = run("cost", "--usage", tmp_path / "g.csv")
    assert "line 2: expected at most 12 cells, got 13" in long.stderr
    assert "USD" in long.stdout
    (tmp_path / "f.csv").write_text("")
    assert run("cost", "--usage", tmp_path / "f.csv").exit_code == 2


def test_every_shape_costs_what_cost_from_usage_says() -> None:
    thinking = {"completion_tokens_details": {"reasoning_tokens": 5}}
    grok = {"prompt_tokens": 100, "completion_tokens": 10, **thinking}
    values: list[Any] = [{"model": "grok-4.7", "usage": grok}]
    for sample in SAMPLES:
        whole = isinstance(sample.value, dict) and len(list(usage_records(sample.value))) == 1
        if sample.model is None and whole and "sessionId" not in sample.value:
            values.append(sample.value)
    assert len(values) > 20
    values += values  # read once more, with the provider of the first
    data = "\n".join(map(json.dumps, values))
    report = json.loads(run("cost", "--usage", "-", "--format", "json", data=data).stdout)
    assert report["costs"] == [tokenkit.cost_from_usage(value).to_dict() for value in values]


def test_a_column_that_stands_twice_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("model,input_tokens,input_tokens\ngpt-4o,5,50\n")
    result = run("cost", "--usage", tmp_path / "a.csv")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "expected each column once, got 'input_tokens' twice" in result.stderr
