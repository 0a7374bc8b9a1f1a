"""The rule of one request: its model, tools and options are checked and brought together."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import tokenkit
from tokenkit.chat import request
from tokenkit.chat.counting import count_messages
from tokenkit.chat.request import checked_tools, request_rule
from tokenkit.encodings import get_encoding
from tokenkit.errors import NoTokenizerError, UnknownModelError
from tokenkit.models.lookup import get_model

CHAT = [{"role": "user", "content": "x"}]


def test_a_rule_is_made_once_for_a_record_and_its_encoding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = get_model("gpt-4o")
    assert request_rule(model) is request_rule(model) is request_rule(model, estimate=True)
    same = dataclasses.replace(model)
    assert request_rule(same).model is same
    own = dataclasses.replace(model, encoding="own-of-rules")
    long = [{"role": "user", "content": "hello world, hello"}]
    tokens = []
    for name in ("gpt2", "r50k_base", "o200k_base"):
        monkeypatch.setitem(tokenkit.registry.ENCODINGS, "own-of-rules", get_encoding(name))
        assert request_rule(own).counts.encoding is get_encoding(name)
        tokens.append(count_messages(long, own).tokens)
    assert tokens[2] == count_messages(long, "gpt-4o").tokens
    for number in range(2 * request._MOST_PLAIN_RULES):
        request_rule(dataclasses.replace(model, name=f"m{number}"))
    assert len(request._plain_rules) <= request._MOST_PLAIN_RULES


def test_a_private_tokenizer_is_refused_though_it_was_estimated_before() -> None:
    model = get_model("claude-sonnet-4-5")
    assert request_rule(model, estimate=True) is request_rule(model, estimate=True)
    with pytest.raises(NoTokenizerError):
        request_rule(model)


def tool(name: str = "look_up", **function: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, **function}}


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"tools": "x"}, TypeError, "^tools: expected a list of dicts, got str"),
        ({"tools": {"type": "x"}}, TypeError, "^tools: expected a list of dicts, got dict"),
        ({"tools": ["x"]}, ValueError, r"^tools\[0\]: expected a dict, got str"),
        ({"tools": [{"type": "function", "function": 3}]}, ValueError, r"tools\[0\].function: exp"),
        (
            {"tools": [{"type": "function"}]},
            ValueError,
            r"tools\[0\].function.name: expected str",
        ),
        (
            {"tools": [tool(), tool(parameters=3)]},
            ValueError,
            r"tools\[1\].function.parameters: expected a JSON schema \(a dict\), got int",
        ),
        (
            {"tools": [tool(parameters={"properties": {"a": {"properties": 1}}})]},
            ValueError,
            r"parameters.properties.a.properties: expected a dict, got int",
        ),
        ({"tool_choice": "maybe"}, ValueError, "tool_choice: expected 'auto', 'none', 'required'"),
        ({"response_format": "json"}, TypeError, "response_format: expected a dict, got str"),
        ({"response_format": {"type": "xml"}}, ValueError, "response_format.type: expected 'text'"),
        (
            {"response_format": {"type": "json_schema", "json_schema": 3}},
            TypeError,
            "response_format.json_schema: expected a dict, got int",
        ),
        ({"harmony": {}}, ValueError, "harmony: expected None, as gpt-4o does not use"),
    ],
)
def test_bad_options(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        count_messages(CHAT, "gpt-4o", **options)


def test_models_that_cannot_be_counted() -> None:
    with pytest.raises(NoTokenizerError, match="estimate_tokens"):
        count_messages(CHAT, "claude-sonnet-5")
    with pytest.raises(ValueError, match="model: expected one that takes messages, got text-embed"):
        count_messages(CHAT, "text-embedding-3-small")
    with pytest.raises(UnknownModelError):
        count_messages(CHAT, "gpt-unheard-of")


def test_other_tools_are_refused_by_harmony() -> None:
    with pytest.raises(ValueError, match=r"tools\[1\].type: expected 'function', the only type"):
        count_messages(CHAT, "gpt-oss-20b", tools=[tool(), {"type": "web_search"}])


def test_parts_of_tools_carry_their_own_index() -> None:
    tools = [{"type": "web_search"}, tool("a"), {"type": "x"}, {"name": "b"}]
    read = checked_tools(tools, "tools")
    assert {tool.index: tool.definition for tool in read.functions} == {
        1: {"name": "a"},
        3: {"name": "b"},
    }
    assert {tool.index: tool.definition for tool in read.others} == {0: tools[0], 2: tools[2]}
    parts = [p for p in count_messages(CHAT, "gpt-4o", tools=tools).parts if p.kind == "tool"]
    assert {(part.where, part.index) for part in parts} == {
        ("tools[0] web_search", 0),
        ("tools[1] a", 1),
        ("tools[2] x", 2),
        ("tools[3] b", 3),
    }
    assert not any(part.in_message for part in parts)


@pytest.mark.parametrize("tools", [None, [tool()]])
@pytest.mark.parametrize("model", ["gpt-4o", "gpt-5", "gpt-6-sol", "gpt-oss-20b"])
@pytest.mark.parametrize("thoughts", [{}, {"reasoning_content": "Let me think."}])
def test_rules_count_what_stays_as_they_count_a_chat(
    model: str, tools: Any, thoughts: dict[str, Any]
) -> None:
    """`tally_kept` is `tally` of the messages that stay."""
    call = {"id": "a", "function": {"name": "f", "arguments": "{}"}}
    chat: list[Any] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "Because.", **thoughts},
        {"role": "user", "content": "And?"},
        {"role": "assistant", "tool_calls": [call], **thoughts},
        {"role": "tool", "tool_call_id": "a", "content": "row " * 50},
        {"role": "assistant", "content": "So."},
    ]
    rule = request_rule(get_model(model), tools=tools)
    whole = rule.tally(chat)
    for kept in ([0, 3, 4, 5, 6], [3], [1, 2], [0, 4, 5], list(range(7))):
        messages = [chat[index] for index in kept]
        counted = rule.tally(messages)
        quick = rule.tally_kept(whole, messages, kept, {})
        assert quick.total == counted.total
        assert quick.bounds() == counted.bounds()
        assert quick.exact == counted.exact
        assert quick.notes == counted.notes
    shorter = {**chat[5], "content": "row"}
    cost = rule.tally([*chat[:5], shorter]).costs[5]
    messages = [*chat[:5], shorter, chat[6]]
    quick = rule.tally_kept(whole, messages, list(range(7)), {5: cost})
    assert quick.total == rule.tally(messages).total
    assert quick.bounds() == rule.tally(messages).bounds()


@pytest.mark.parametrize(
    ("choice", "path"),
    [
        ({"type": "function", "function": {"name": "f", "mood": 1}}, "tool_choice.function.mood"),
        ({"type": "custom", "custom": {"name": "f", "mood": 1}}, "tool_choice.custom.mood"),
        ({"type": "function", "name": "f", "mood": 1}, "tool_choice.mood"),
        ({"type": "web_search_preview"}, "tool_choice.type"),
        ({"type": "allowed_tools", "mode": "auto", "tools": []}, "tool_choice.tools"),
    ],
)
def test_a_choice_that_is_not_known_in_full_has_no_upper_bound(
    choice: dict[str, object], path: str
) -> None:
    count = count_messages(CHAT, "gpt-4o", tools=[tool("f")], tool_choice=choice)
    assert (count.high, count.exact) == (None, False)
    assert any(note.startswith(f"{path}: ") for note in count.notes)
