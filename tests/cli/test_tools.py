"""`tokenkit tools`: per server, per model, limits as exit codes, clear errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tokenkit.cli.shared.app import app
from tokenkit.costs import tool_costs

SMALL = {"name": "now", "description": "The time", "inputSchema": {"type": "object"}}
LARGE = {"name": "search", "description": "Find pages on the web. " * 20, "inputSchema": {}}
SERVERS = {"mcpServers": {"clock": {"tools": [SMALL]}, "web": {"tools": [SMALL, LARGE]}}}


def run(value: Any, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["tools", "-", *arguments], input=json.dumps(value))


def test_each_server_and_model_is_listed_the_largest_tool_first() -> None:
    result = run(SERVERS, "-m", "gpt-4o", "-m", "claude-sonnet-5")
    assert result.exit_code == 0
    heads = [line for line in result.output.splitlines() if not line.startswith(" ")]
    assert [head.partition(":")[0] for head in heads] == [
        "clock, gpt-4o",
        "clock, claude-sonnet-5",
        "web, gpt-4o",
        "web, claude-sonnet-5",
    ]
    web = result.output.split("web, gpt-4o")[1].splitlines()[1:3]
    assert [row.split()[0] for row in web] == ["search", "now"]


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "tsv"])
def test_records_hold_the_same_numbers(form: str) -> None:
    result = run([SMALL, LARGE], "-m", "gpt-4o", "--format", form)
    assert result.exit_code == 0
    costs = tool_costs([SMALL, LARGE], "gpt-4o")
    if form == "json":
        (record,) = json.loads(result.output)
        assert (record["tokens"], record["usd"]) == (costs.tokens, f"{costs.cost.total:f}")
        assert [tool["tool"] for tool in record["tools"]] == ["search", "now"]
    else:
        assert len(result.output.splitlines()) == len(costs.parts) + (form in ("csv", "tsv"))


def test_a_limit_holds_for_all_servers_together() -> None:
    whole = sum(tool_costs(t["tools"], "gpt-4o").tokens for t in SERVERS["mcpServers"].values())
    assert run(SERVERS, "-m", "gpt-4o", "--max-tokens", str(whole)).exit_code == 0
    assert run(SERVERS, "-m", "gpt-4o", "--max-tokens", str(whole - 1)).exit_code == 1


def test_what_holds_no_tools_exits_with_2() -> None:
    result = run({"a": 1}, "-m", "gpt-4o")
    assert result.exit_code == 2
    assert "expected a list of tools" in result.output
    assert run([SMALL]).exit_code == 2
