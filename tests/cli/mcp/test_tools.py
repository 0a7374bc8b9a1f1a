"""The tools of `tokenkit mcp` without MCP: their schemas, their errors, and what they never do."""

from __future__ import annotations

import builtins
import socket
import sys
from typing import Any

import pytest
from cli_runs import run

from tokenkit.cli.mcp import server as mcp
from tokenkit.cli.mcp.schemas import check_arguments, check_size, record, whole
from tokenkit.cli.mcp.tools import SERVED

CHAT = [{"role": "user", "content": "Why? " * 40}]
TOOL = {"name": "now", "description": "The time", "inputSchema": {"type": "object"}}
RIGHT: list[tuple[str, dict[str, Any]]] = [
    ("count", {"text": "/etc/passwd", "model": "gpt-5.4"}),
    ("count", {"text": "a", "encoding": "o200k_base"}),
    ("count", {"messages": CHAT, "tools": [TOOL], "model": "claude-sonnet-5"}),
    ("count", {"tools": [TOOL], "model": "gpt-5.4"}),
    ("preflight", {"request": {"model": "gpt-5.4", "input": "a", "file": "/etc/passwd"}}),
    (
        "preflight",
        {"request": {"model": "whisper-1", "file": "/etc/passwd"}, "api": "audio.transcriptions"},
    ),
    ("fit", {"messages": CHAT, "model": "gpt-5.4", "safety": 0.5}),
    ("truncate", {"text": "a b c", "max_tokens": 1, "encoding": "o200k_base"}),
    ("chunk", {"text": "a b c", "max_tokens": 2, "model": "gpt-5.4"}),
    ("chunk", {"text": "a b c", "model": "text-embedding-3-small"}),
    ("cost", {"model": "gpt-5.4", "input_tokens": 5.0}),
    ("cost", {"usage": {"prompt_tokens": 9}, "model": "gpt-5.4", "tier": "batch"}),
    ("tool_costs", {"tools": [TOOL], "model": "gpt-5.4"}),
    ("models", {"search": "GPT-5", "most": 3}),
    ("get_model", {"name": "gpt-5.4"}),
]
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("count", {"text": "a", "x" * 5_000: 1}, "this argument is not known"),
    ("count", {"text": "a" * 1_100_000, "model": "gpt-4o"}, "arguments of at most 1 MB"),
    ("count", {"model": "gpt-4o"}, "expected a text, or messages and tools, got neither"),
    ("count", {"text": "a", "messages": [], "model": "gpt-4o"}, "got both"),
    ("count", {"messages": CHAT}, "model: expected the name of a model for messages, got none"),
    ("count", {"text": ["a"], "model": "gpt-4o"}, "text: expected a string, got ['a']"),
    ("count", {"text": "a", "model": "gpt-99"}, "Unknown model 'gpt-99'"),
    ("count", {"text": "a", "model": "y" * 100_000}, "Unknown model"),
    ("count", {"text": "a", "encoding": "../../etc/passwd"}, "Unknown encoding"),
    ("count", {"text": "a", "encoding": "o200k_base", "model": "gpt-4o"}, "got both"),
    ("truncate", {"text": "a", "model": "gpt-4o"}, "max_tokens: expected a whole number, got none"),
    ("truncate", {"text": "a", "max_tokens": 1}, "expected a model or an encoding, got neither"),
    ("truncate", {"text": "a", "max_tokens": 1, "model": "claude-opus-5"}, "no public tokenizer"),
    ("chunk", {"text": "a", "max_tokens": 0, "model": "gpt-4o"}, "expected at least 1, got 0"),
    ("chunk", {"text": "a", "max_tokens": 9, "model": "gpt-4o", "most": 1_001}, "at most 1000"),
    ("chunk", {"text": "a", "max_tokens": 9, "model": "gpt-4o", "format": "pdf"}, "got 'pdf'"),
    ("chunk", {"text": "a", "max_tokens": 2.5, "model": "gpt-4o"}, "a whole number, got 2.5"),
    ("fit", {"messages": [5], "model": "gpt-4o"}, "messages[0]: expected a dict, got int"),
    (
        "fit",
        {"messages": CHAT * 2, "model": "gpt-4", "max_output": 8_190},
        "expected at most 2 tokens",
    ),
    ("fit", {"messages": CHAT, "model": "gpt-4o", "safety": 2}, "safety: expected a fraction"),
    ("cost", {"model": "gpt-4o", "input_tokens": True}, "expected a whole number, got True"),
    ("cost", {"model": "gpt-4o", "output_tokens": 1, "tier": "x"}, "tier"),
    ("cost", {"model": "gpt-4o"}, "expected numbers of tokens or a usage object, got neither"),
    ("cost", {"input_tokens": 1}, "model: expected the name of a model, got none"),
    ("cost", {"usage": {}, "model": "gpt-4o", "input_tokens": 1}, "got input_tokens too"),
    ("preflight", {"request": {}, "api": "fax"}, "api"),
    ("models", {"provider": "acme"}, "provider: expected one of"),
]


@pytest.mark.parametrize(("name", "arguments"), RIGHT)
def test_a_call_gives_what_its_schema_promises(
    name: str, arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    mcp.called(name, arguments, 1)  # reads the registry and the vocabularies of the package

    def never(*_arguments: Any, **_more: Any) -> Any:
        raise AssertionError("a tool reached out")

    monkeypatch.setattr(builtins, "open", never)
    monkeypatch.setattr(socket.socket, "connect", never)
    error, answer = mcp.called(name, arguments, 1)
    assert error == ""
    gives = SERVED[name].gives
    assert set(gives["required"]) <= set(answer)
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
    for key in set(gives["properties"]) & set(answer):
        wanted = gives["properties"][key]["type"]
        names = [wanted] if isinstance(wanted, str) else wanted
        allowed = tuple(kinds[one] for one in names if one != "null")
        assert isinstance(answer[key], allowed) or ("null" in names and answer[key] is None), key


@pytest.mark.parametrize(("name", "arguments", "words"), WRONG)
def test_an_error_names_what_is_wrong(name: str, arguments: dict[str, Any], words: str) -> None:
    error, answer = mcp.called(name, arguments, 1)
    assert error.startswith(f"{name}: ")
    assert words in error
    assert len(error) <= 2_100
    assert "\n" not in error
    assert answer == {}


def test_all_tools_are_tried_here() -> None:
    assert {name for name, _ in RIGHT} == set(SERVED)


def test_an_error_of_our_own_is_named_and_logged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(SERVED["models"].__dict__, "call", lambda: {0: 1}[2])
    error, _ = mcp.called("models", {}, 1)
    assert error == "models: failed by an error of tokenkit itself (KeyError)"
    assert "Traceback" in capsys.readouterr().err

    def deep() -> dict[str, Any]:
        return deep()

    monkeypatch.setitem(SERVED["models"].__dict__, "call", deep)
    assert mcp.called("models", {}, 1)[0] == "models: the arguments are nested too deep"


def test_pages_of_chunks_make_the_whole() -> None:
    asked: dict[str, Any] = {"text": "A sea. A moon. " * 90, "max_tokens": 9, "model": "gpt-5.4"}
    first: int | None = 0
    texts: list[str] = []
    while first is not None:
        _, answer = mcp.called("chunk", {**asked, "first": first, "most": 7}, 1)
        texts += [one["text"] for one in answer["chunks"]]
        first = answer["next"]
    assert "".join(texts) == asked["text"]
    assert len(texts) == answer["total"] > 14
    _, last = mcp.called("chunk", {**asked, "first": 7, "most": len(texts) - 7}, 1)
    assert last["next"] is None
    _, bare = mcp.called("chunk", {**asked, "include_text": False}, 1)
    assert "text" not in bare["chunks"][0]
    _, beyond = mcp.called("chunk", {**asked, "first": 10_000}, 1)
    assert (beyond["chunks"], beyond["next"]) == ([], None)


def test_models_are_found_and_those_that_are_shut_down_say_so() -> None:
    _, found = mcp.called("models", {"search": "GPT", "most": 3}, 1)
    assert len(found["models"]) == 3 < found["total"]
    for name, arguments in (
        ("count", {"text": "a", "model": "gpt-4"}),
        ("get_model", {"name": "gpt-4"}),
    ):
        _, answer = mcp.called(name, arguments, 1)
        assert any(note.startswith("gpt-4 was shut down on ") for note in answer["notes"])


def test_arguments_are_checked_by_the_schema_that_is_published() -> None:
    schema = record("n", n=whole("How many.", 1, most=3), m=whole("More."))
    assert check_arguments(schema, {"n": 2.0, "m": None}) == {"n": 2}
    assert check_arguments(schema, {"n": 3}) == {"n": 3}
    for value in (0, 4):
        with pytest.raises(ValueError, match="n: expected at"):
            check_arguments(schema, {"n": value})
    for wrong in ("2", 2.5, True, [2]):
        with pytest.raises(TypeError, match="n: expected a whole number, got"):
            check_arguments(schema, {"n": wrong})


def test_the_size_is_that_of_all_texts_and_values() -> None:
    half = "a" * (1 << 19)
    check_size({"a": half}, 1)
    values: list[Any] = [[half, half], {half: half}, {"b": [half], "c": half}, [[]] * (1 << 17)]
    for value in values:
        with pytest.raises(ValueError, match="at most 1 MB"):
            check_size({"a": value}, 1)


def test_the_command_says_how_to_install_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp_types", None)
    result = run("mcp")
    assert result.exit_code == 2
    assert "needs the package mcp_types, which comes with the extra `mcp`" in result.output
