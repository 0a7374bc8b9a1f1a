"""The verb fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_runs import run

import tokenkit


def chat(turns: int = 300) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = [{"role": "system", "content": "You are a librarian."}]
    for day in range(turns):
        messages.append({"role": "user", "content": f"Day {day}: what was lent?"})
        messages.append({"role": "assistant", "content": "A book about the sea. " * 10})
    return [*messages, {"role": "user", "content": "And in all? 漢字"}]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "chat.json"
    path.write_text(json.dumps(chat()), "utf-8")
    return path


def test_fit_a_list(file: Path) -> None:
    result = run("fit", file, "-m", "gpt-4", "--max-output", 2_000)
    assert result.exit_code == 0
    expected = tokenkit.fit(chat(), "gpt-4", max_output=2_000)
    assert json.loads(result.stdout) == expected.messages
    assert expected.report() in result.stderr
    lines = run("fit", file, "-m", "gpt-4", "--max-output", 2_000, "-q", "--format", "jsonl")
    assert [json.loads(line) for line in lines.stdout.splitlines()] == expected.messages
    assert lines.stderr == ""


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_fit_a_request(name: str) -> None:
    tool = {"type": "function", "function": {"name": "now", "description": "The time"}}
    request = {"model": "gpt-4", "messages": chat(), "tools": [tool], "temperature": 0, name: 1}
    result = run("fit", data=json.dumps(request))
    expected = tokenkit.fit(chat(), "gpt-4", tools=[tool])
    assert json.loads(result.stdout) == {
        **request,
        "messages": expected.messages,
        name: expected.max_output,
    }


def test_no_limit_is_added_where_nothing_limits_the_reply() -> None:
    tokenkit.register_model("without-limit", encoding="o200k_base", max_input_tokens=500)
    request = {"model": "without-limit", "messages": chat(1)}
    assert json.loads(run("fit", data=json.dumps(request)).stdout) == request


def test_fit_options_reach_the_library(file: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools.json"
    tools.write_text('[{"type": "function", "function": {"name": "f"}}]')
    options = {
        "--min-output": 500, "--reasoning-reserve": 100, "--safety": 0.1,
        "--strategy": "middle_out", "--tools": tools, "--protect": "system",
    }  # fmt: skip
    words = [word for pair in options.items() for word in pair]
    result = run("fit", file, "-m", "gpt-4", "--no-shrink-results", *words)
    expected = tokenkit.fit(
        chat(), "gpt-4", min_output=500, reasoning_reserve=100, safety=0.1, strategy="middle_out",
        shrink_results=False, protect=("system",), tools=json.loads(tools.read_text()),
    )  # fmt: skip
    assert json.loads(result.stdout) == expected.messages


def test_what_cannot_fit(file: Path) -> None:
    result = run(
        "fit", "-m", "gpt-4", data=json.dumps([{"role": "user", "content": "a b " * 9_000}])
    )
    assert (result.exit_code, result.stdout) == (1, "")
    assert "messages that must stay: expected at most 7936 tokens" in result.stderr


def test_tools_are_one_value(tmp_path: Path) -> None:
    (tmp_path / "tools").write_text("[]\n[]\n")
    chat_text = '[{"role": "user", "content": "Hi"}]'
    result = run("fit", "-m", "gpt-4", "--tools", tmp_path / "tools", data=chat_text)
    assert result.exit_code == 2
    assert "expected one JSON value, got another at line 2" in result.stderr


@pytest.mark.parametrize("written", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_fit_prints_is_read_back(written: str, tmp_path: Path) -> None:
    chat = [{"role": "user", "content": "Grüße"}, {"role": "assistant", "content": "Hi"}]
    path = tmp_path / "chat"
    for number in (1, 2):
        texts = [json.dumps(chat[:number], ensure_ascii=False, indent=1)]
        for form in ("json", "jsonl"):
            path.write_bytes(texts[-1].encode(written))
            result = run("fit", path, "-m", "gpt-5.4", "-q", "--format", form)
            assert result.exit_code == 0, result.stderr
            texts.append(result.stdout)
        path.write_bytes(texts[-1].encode(written))
        assert json.loads(run("fit", path, "-m", "gpt-5.4", "-q").stdout) == chat[:number]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,\n  x}', "invalid JSON at line 2, column 3: "),
        ('"text"', "expected a list of messages, or an object with `messages`, got "),
        ('{"prompt": "text"}', "expected a list of messages, or an object with `messages`, got "),
        ('[{"role": "tool", "tool_call_id": "x", "content": "y"}]', "messages[0]"),
        ('[{"role": "user", "content": 5}]', "messages[0]"),
        ("[" * 100_000, "nested too deep"),
        ("", "expected JSON, got an empty text"),
        ('[1] {"messages": []}', "expected one chat, got several values"),
    ],
)
def test_bad_chats(text: str, message: str) -> None:
    result = run("fit", "-m", "gpt-4", data=text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_fit_without_a_model(file: Path) -> None:
    assert "Expected a model, got none; name one with --model" in run("fit", file).stderr
    assert run("fit", file, "-m", "gpt-4", "--max-output", "most").exit_code == 2


def test_bad_tools_are_named(file: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools.json"
    tools.write_text("{")
    result = run("fit", file, "-m", "gpt-4o", "--tools", tools)
    assert result.exit_code == 2
    assert f"its tools in {tools}: invalid JSON at line 1" in result.stderr
    tools.write_text('{"tools": 5}')
    result = run("fit", file, "-m", "gpt-4o", "--tools", tools)
    assert result.exit_code == 2
    assert f"its tools in {tools}: expected a list, got {{'tools': 5}}" in result.stderr


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_what_json_cannot_hold_is_not_printed(number: str, form: str, tmp_path: Path) -> None:
    path = tmp_path / "chat.json"
    message = f'{{"role": "user", "content": "Hi", "weight": {number}}}'
    path.write_text(f'{{"model": "gpt-4o", "messages": [{message}]}}', "utf-8")
    result = run("fit", path, "--format", form)
    assert (result.exit_code, result.stdout) == (2, "")
    read = "expected a number, got" if number != "1e999" else "expected numbers that JSON can hold"
    assert read in result.stderr
