"""`tokenkit mcp` by the client of the official SDK, over the pipes of a real process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from cli_runs import ELSEWHERE

from tokenkit import Chunker, cost, count, count_messages, fit, preflight, truncate
from tokenkit.costs import tool_costs

pytestmark = pytest.mark.frameworks

CHAT = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why? " * 40}]
TOOL = {"name": "now", "description": "The time", "inputSchema": {"type": "object"}}
TEXT = "# Sea\n\nThe sea rises. The moon pulls. 🌊 Neap and spring.\n\n" * 30


def with_client(use: Callable[[Any], Awaitable[Any]], *options: str) -> Any:
    """Start the command, and use a client that is connected to it."""
    from mcp import Client, StdioServerParameters
    from mcp.client.stdio import stdio_client

    arguments = ["-m", "tokenkit", "mcp", *options]
    command = StdioServerParameters(command=sys.executable, args=arguments, env=ELSEWHERE)

    async def run() -> Any:
        async with Client(stdio_client(command)) as client:
            return await use(client)

    return asyncio.run(run())


def calls(*asked: tuple[str, dict[str, Any]], options: tuple[str, ...] = ()) -> list[Any]:
    async def use(client: Any) -> list[Any]:
        await client.list_tools()  # the client checks results against the output schemas
        return [await client.call_tool(name, arguments) for name, arguments in asked]

    results: list[Any] = with_client(use, *options)
    return results


def test_the_tools_say_what_they_take_and_give() -> None:
    async def use(client: Any) -> Any:
        return client.server_info, (await client.list_tools()).tools

    info, tools = with_client(use)
    assert info.name == "tokenkit"
    assert {"count", "preflight", "fit", "truncate", "chunk", "cost"} <= {t.name for t in tools}
    for tool in tools:
        properties = {**tool.input_schema["properties"], **tool.output_schema["properties"]}
        assert all(
            value.get("description") or value.get("properties") for value in properties.values()
        )
        assert set(tool.input_schema["required"]) <= set(tool.input_schema["properties"])
        assert tool.input_schema["additionalProperties"] is False
        assert tool.annotations.read_only_hint
        assert any(unit in tool.description for unit in ("token", "USD"))
        assert not {"path", "file", "url"} & set(tool.input_schema["properties"])


def test_results_are_those_of_the_library() -> None:
    asked: list[tuple[str, dict[str, Any]]] = [
        ("count", {"text": TEXT, "model": "gpt-5.4"}),
        ("count", {"text": TEXT, "encoding": "cl100k_base"}),
        ("count", {"messages": CHAT, "tools": [TOOL], "model": "gpt-4o"}),
        ("preflight", {"request": {"model": "claude-sonnet-5", "messages": CHAT[1:]}}),
        ("fit", {"messages": [CHAT[1]] * 300, "model": "gpt-4", "max_output": 1_000}),
        ("truncate", {"text": TEXT, "max_tokens": 9, "model": "gpt-5.4", "keep": "tail"}),
        (
            "chunk",
            {"text": TEXT, "max_tokens": 40, "encoding": "o200k_base", "first": 2, "most": 3},
        ),
        ("cost", {"model": "gpt-4o", "input_tokens": 1_000, "output_tokens": 500}),
        ("cost", {"usage": {"model": "gpt-4o", "usage": {"prompt_tokens": 1_000}}}),
        ("tool_costs", {"tools": [TOOL], "model": "gpt-4o", "turns": 10}),
        ("models", {"provider": "openai", "kind": "embedding"}),
        ("get_model", {"name": "gpt-4o-2024-08-06"}),
    ]
    results = calls(*asked)
    assert [result.content[0].text for result in results if result.is_error] == []
    for result in results:
        assert json.loads(result.content[0].text) == result.structured_content
    got = [result.structured_content for result in results]
    assert (got[0]["tokens"], got[0]["exact"]) == (count(TEXT, "gpt-5.4"), True)
    assert got[1]["tokens"] == count(TEXT, encoding="cl100k_base")
    chat = count_messages(CHAT, "gpt-4o", tools=[TOOL])
    assert [got[2][name] for name in ("tokens", "low", "high")] == [
        chat.tokens,
        chat.low,
        chat.high,
    ]
    check = preflight(model="claude-sonnet-5", messages=CHAT[1:])
    assert got[3] == check.to_dict()
    assert [problem["path"] for problem in got[3]["problems"]] == ["max_tokens"]
    fitted = fit([CHAT[1]] * 300, "gpt-4", max_output=1_000)
    assert got[4]["messages"] == fitted.messages
    assert [lost["index"] for lost in got[4]["dropped"]] == [lost.index for lost in fitted.dropped]
    assert got[5]["text"] == truncate(TEXT, 9, "gpt-5.4", keep="tail")
    assert got[5]["tokens"] <= 9 < got[5]["tokens_before"]
    chunks = Chunker(encoding="o200k_base", max_tokens=40).chunk(TEXT)
    assert [(c["start"], c["end"], c["text"]) for c in got[6]["chunks"]] == [
        (c.start, c.end, c.text) for c in chunks[2:5]
    ]
    assert (got[6]["total"], got[6]["next"]) == (len(chunks), 5)
    assert Decimal(got[7]["total"]) == cost("gpt-4o", input_tokens=1_000, output_tokens=500).total
    assert got[8]["total"] == "0.0025"
    assert got[9]["tokens"] == tool_costs([TOOL], "gpt-4o").tokens
    assert "text-embedding-3-small" in [model["name"] for model in got[10]["models"]]
    assert (got[11]["name"], got[11]["encoding"]) == ("gpt-4o-2024-08-06", "o200k_base")


def test_errors_are_results_and_the_server_goes_on() -> None:
    *wrong, right = calls(
        ("cuont", {}),
        ("count", {"text": "a", "modle": "gpt-4o"}),
        ("count", {"text": "a" * 1_100_000, "model": "gpt-4o"}),
        ("count", {"text": "still here", "model": "gpt-4o"}),
        options=("--max-mb", "1"),
    )
    told = [result.content[0].text for result in wrong if result.is_error]
    assert told == [
        "no tool is named 'cuont'. Did you mean count or cost or chunk?",
        "count: 'modle': this argument is not known. Did you mean model?",
        "count: expected arguments of at most 1 MB, got more; send less, or start the server with "
        "a larger --max-mb",
    ]
    assert right.structured_content["tokens"] == 2


def test_many_calls_at_once() -> None:
    async def use(client: Any) -> Any:
        texts = ["word " * number for number in range(1, 30)]
        asked = [client.call_tool("count", {"text": t, "model": "gpt-4o"}) for t in texts]
        results = await asyncio.gather(*asked)
        assert [r.structured_content["tokens"] for r in results] == [
            count(t, "gpt-4o") for t in texts
        ]

    with_client(use)


@pytest.mark.skipif(os.name == "nt", reason="sends signals of POSIX")
def test_a_signal_or_a_client_that_is_gone_ends_the_server() -> None:
    command = [sys.executable, "-m", "tokenkit", "mcp"]
    pipe = subprocess.PIPE
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (None, 141)):
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=ELSEWHERE) as end:
            assert end.stdin is not None
            assert end.stdout is not None
            assert end.stderr is not None
            end.stdin.write(json.dumps(HELLO).encode() + b"\n")
            end.stdin.flush()
            assert end.stdout.readline()
            if number is None:
                end.stdout.close()
                end.stdin.write((json.dumps({**HELLO, "id": 2}).encode() + b"\n") * 3)
                end.stdin.close()
            else:
                end.send_signal(number)
            assert end.wait(30) == code
            assert b"Traceback" not in end.stderr.read()


ANOTHER_THREAD_TAKES_SIGNALS = """
import signal, sys, threading, time
threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
from tokenkit.cli import main
sys.argv = ["tokenkit", "mcp"]
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="sends signals of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_that_does_not_interrupt_the_loop_ends_the_server(number: int, code: int) -> None:
    # As for one that comes after the loop looked for signals and before it waits.
    command = [sys.executable, "-c", ANOTHER_THREAD_TAKES_SIGNALS]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=ELSEWHERE) as end:
        assert end.stdin is not None
        assert end.stdout is not None
        end.stdin.write(json.dumps(HELLO).encode() + b"\n")
        end.stdin.flush()
        assert end.stdout.readline()
        time.sleep(0.3)  # the loop waits
        end.send_signal(number)
        assert end.wait(30) == code


HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    },
}


def test_standard_output_holds_the_protocol_alone() -> None:
    lines = [
        HELLO,
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "count", "arguments": {"text": "a b", "model": "gpt-4"}},
        },
    ]
    data = b"not JSON\n" + b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    command = [sys.executable, "-m", "tokenkit", "mcp"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=ELSEWHERE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(data)
        process.stdin.flush()
        answers: dict[Any, Any] = {}
        while 2 not in answers:
            answer = json.loads(process.stdout.readline())
            answers[answer.get("id")] = answer
        rest, said = process.communicate(timeout=60)
        assert (rest, process.returncode) == (b"", 0)
    assert b"was shut down" in said
    assert answers[2]["result"]["structuredContent"]["notes"]
