"""Counting chats: the documented rule, every form of content, tools, bounds, notes."""

from __future__ import annotations

import base64
import copy
import dataclasses
import json
import pickle
from typing import Any

from chat_strategies import chats
from hypothesis import given, strategies as st
from search import examples

from tokenkit.chat.counting import MessageCount, count_messages
from tokenkit.chat.memo import counts_for
from tokenkit.chat.openai_rule import ChatRule
from tokenkit.chat.request import request_rule
from tokenkit.chat.rule import scan_chat
from tokenkit.chat.tool_text import namespace_text
from tokenkit.models.lookup import get_model, resolve_quietly
from tokenkit.models.record import Model


def size(text: str, encoding: str = "o200k_base") -> int:
    return counts_for(encoding).count(text)


def tool(name: str = "look_up", **function: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, **function}}


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def test_documented_rule() -> None:
    # 3 per message, the role, the text, 1 for a name and its tokens; 3 for the reply.
    chat = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello there", "name": "Ann"},
        {"role": "assistant", "content": "Hi!"},
    ]
    count = count_messages(chat, "gpt-4o")
    expected = 3 * 3 + 3 + size("Be brief.") + size("Hello there") + size("Hi!")
    assert count.tokens == expected + 1 + size("Ann") + 3
    assert count.exact
    assert count.low == count.tokens == count.high
    assert not count.notes
    assert int(count) == count.tokens


def test_oldest_rule() -> None:
    chat = [{"role": "user", "content": "Hello there", "name": "Ann"}]
    new = count_messages(chat, Model(name="m", kind="chat", encoding="cl100k_base"))
    old = count_messages(
        chat,
        Model(name="m", kind="chat", encoding="cl100k_base", chat_rule="gpt-3.5-turbo-0301"),
    )
    assert old.tokens == new.tokens + 1 - 2


@examples(100)
@given(chats())
def test_parts_add_up_and_nothing_changes(chat: list[Any]) -> None:
    before = copy.deepcopy(chat)
    tools = [tool(description="Find.", parameters={"type": "object", "properties": {"q": {}}})]
    count = count_messages(chat, "gpt-4o", tools=tools, tool_choice="none")
    assert chat == before
    assert sum(part.tokens for part in count.parts) == count.tokens
    assert count.high is not None
    assert count.low <= count.tokens <= count.high
    assert count.high - count.low <= 16 + 0.05 * count.tokens
    assert not count.exact
    assert count == count_messages(tuple(chat), "gpt-4o", tools=tools, tool_choice="none")


@examples(60)
@given(chats(), st.sampled_from(("gpt-4o", "gpt-5.4", "gpt-3.5-turbo-0301")), st.booleans())
def test_texts_are_counted_as_the_scan_counts_them(
    chat: list[Any], model: str, with_tools: bool
) -> None:
    """The slow twin: a scan of all messages, of those that need none, too."""
    rule = request_rule(resolve_quietly(model).model, tools=[tool()] if with_tools else None)
    assert isinstance(rule, ChatRule)
    slow = rule._finished(scan_chat(rule._scan, rule.counts, list(enumerate(chat))).result)
    assert rule.tally(chat) == slow
    plain = [message for message in chat if set(message) == {"role", "content"}]
    slow = rule._finished(scan_chat(rule._scan, rule.counts, list(enumerate(plain))).result)
    assert rule.tally(plain) == slow


@examples(20)
@given(chats())
def test_parts_that_are_made_later_are_those_of_the_tally(chat: list[Any]) -> None:
    count = count_messages(chat, "gpt-4o")
    tally = request_rule(get_model("gpt-4o")).tally(chat)
    made = MessageCount(
        count.tokens, count.low, count.high, count.exact, count.notes, tally.parts()
    )
    before = pickle.loads(pickle.dumps(count))
    changed = dataclasses.replace(count, tokens=1)
    assert count == made == before == copy.deepcopy(count)
    assert repr(count) == repr(made)
    assert hash(count) == hash(made)
    assert count.parts is count.parts
    assert changed.parts == made.parts
    assert dataclasses.asdict(count) == dataclasses.asdict(made)
    assert MessageCount(1, 1, 1, True).parts == ()


def test_content_forms_agree() -> None:
    parts = [{"type": "text", "text": "one"}, {"type": "text", "text": " two"}]
    assert count_messages([user(parts)], "gpt-4o").tokens == 3 + 3 + 1 + size("one") + size(" two")
    none = count_messages([{"role": "assistant", "content": None}], "gpt-4o")
    empty = count_messages([{"role": "assistant", "content": ""}], "gpt-4o")
    assert none.tokens == empty.tokens == 7
    refusal = count_messages([{"role": "assistant", "refusal": "No."}], "gpt-4o")
    assert refusal.tokens == 7 + size("No.")


def test_tools_join_the_system_message() -> None:
    tools = [tool(description="Looks up.")]
    text = "# Tools\n\n## functions\n\n" + namespace_text([tools[0]["function"]])
    alone = count_messages([user("hi")], "gpt-4o", tools=tools)
    assert alone.tokens == count_messages([user("hi")], "gpt-4o").tokens + 4 + size(text) - 1
    system = {"role": "system", "content": "Be kind"}
    both = count_messages([system, user("hi")], "gpt-4o", tools=tools)
    joined = size("Be kind\n\n" + text) - size("Be kind")
    assert both.tokens == count_messages([system, user("hi")], "gpt-4o").tokens + joined - 1
    # A second system message carries nothing, and no blank line either.
    chat = [system, system, user("hi")]
    more = count_messages(chat, "gpt-4o").tokens + joined - 1
    assert count_messages(chat, "gpt-4o", tools=tools).tokens == more


def test_tool_choice() -> None:
    tools = [tool("find_it")]
    chat = [user("hi")]

    def total(choice: Any) -> int:
        return count_messages(chat, "gpt-4o", tools=tools, tool_choice=choice).tokens

    assert total(None) == total("auto") == total("none") - 1
    named = {"type": "function", "function": {"name": "find_it"}}
    assert total(named) == total("auto") + 7 + size("find_it")


def test_single_call() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "find", "arguments": '{"a": 1}'}}
    chat: list[dict[str, Any]] = [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "found"},
    ]
    expected = 3 + 2 + size("assistant to=functions.find") + size('{"a":1}')
    expected += 3 + size("functions.find") + size("found") + 3
    assert count_messages(chat, "gpt-4o").tokens == expected
    said = [{**chat[0], "content": "Wait."}, chat[1]]
    assert count_messages(said, "gpt-4o").tokens == expected + 4 + size("Wait.")


def test_parallel_results_cost_their_escapes() -> None:
    def chat(text: str) -> list[Any]:
        ids = ("1", "2")
        calls = [{"id": i, "function": {"name": "find", "arguments": "{}"}} for i in ids]
        results = [{"role": "tool", "tool_call_id": i, "content": text} for i in ids]
        return [{"role": "assistant", "tool_calls": calls}, *results]

    plain, korean = "test " * 100, "테스트 " * 100
    tools = [tool("find")]
    one = count_messages([user(korean)], "gpt-4o", tools=tools).tokens
    assert count_messages(chat(plain), "gpt-4o", tools=tools).tokens < 2 * size(plain) + 160
    asked = count_messages(chat(korean), "gpt-4o", tools=tools)
    assert asked.tokens > 5 * one
    # Without tools it is not known whether they are escaped.
    unasked = count_messages(chat(korean), "gpt-4o")
    assert unasked.tokens < 3 * one
    assert unasked.high is not None
    assert unasked.high > 5 * one


def test_parallel_calls_without_tools() -> None:
    """The rule of n0isy/openai-tokens-count, written out for two calls and their results."""
    names, places = ("get_weather", "get_local_time"), ("Paris", "Rio de Janeiro")
    calls = [
        {"id": name, "function": {"name": name, "arguments": json.dumps({"city": city, "n": 1})}}
        for name, city in zip(names, places, strict=True)
    ]
    results = [{"role": "tool", "tool_call_id": name, "content": f"of {name}"} for name in names]
    each = sum(
        4 + 2 * size(name) + size(f'{{\n"city":"{city}",\n"n":1\n}}')
        for name, city in zip(names, places, strict=True)
    )
    expected = (3 + 1 + 2 + each + 15 - 4) + sum(3 + size(f"of {name}") for name in names) + 3
    count = count_messages([{"role": "assistant", "tool_calls": calls}, *results], "gpt-4o")
    assert count.tokens == expected
    assert count.high is not None
    assert count.high - count.low <= 16 + 0.05 * count.tokens
    empty = [{"id": i, "function": {"name": "now", "arguments": "{}"}} for i in "abc"]
    bare = count_messages([{"role": "assistant", "tool_calls": empty}], "gpt-4o").tokens
    assert bare == 3 + 1 + 2 + 3 * (4 + 2 * size("now")) + 15 - 9 + 3


def test_legacy_functions() -> None:
    call = {"role": "assistant", "content": "", "function_call": {"name": "f", "arguments": "{}"}}
    result = {"role": "function", "name": "f", "content": "ok"}
    count = count_messages([call, result], "gpt-3.5-turbo")
    assert count.tokens == 3 + (4 + 3 + 1 + 1) + (3 + 1 + 1)


def test_response_format() -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "out", "schema": {"type": "object"}}}
    base = count_messages([user("hi")], "gpt-4o").tokens
    count = count_messages([user("hi")], "gpt-4o", response_format=schema)
    assert count.tokens > base + 10
    assert not count.exact
    assert count_messages([user("hi")], "gpt-4o", response_format={"type": "text"}).tokens == base


def test_tool_choice_without_tools() -> None:
    plain = count_messages([user("hi")], "gpt-4o")
    assert count_messages([user("hi")], "gpt-4o", tool_choice="auto", tools=[]) == plain
    assert plain.exact


def test_assumed_rules_are_not_exact() -> None:
    assert not count_messages([user("hi")], "gpt-5").exact
    assumed = count_messages([user("hi")], "gpt-6-sol")
    assert not assumed.exact
    assert any("assumed" in note for note in assumed.notes)


def test_registered_model_counts_as_gpt_4o() -> None:
    own = Model(name="own", kind="chat", encoding="o200k_base", context_window=1_000)
    assert (
        count_messages([user("hello")], own).tokens
        == count_messages([user("hello")], "gpt-4o").tokens
    )


def data_url(data: bytes, kind: str = "application/octet-stream") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def wav(seconds: float) -> str:
    body = b"\0" * int(seconds * 8_000)
    head = b"RIFF" + (36 + len(body)).to_bytes(4, "little") + b"WAVEfmt \x10\0\0\0\x01\0\x01\0"
    head += (8_000).to_bytes(4, "little") * 2 + b"\x01\0\x08\0data"
    return base64.b64encode(head + len(body).to_bytes(4, "little") + body).decode()


def test_audio_counts_by_length() -> None:
    part = {"type": "input_audio", "input_audio": {"data": wav(2.0), "format": "wav"}}
    count = count_messages([user([part])], "gpt-4o")
    assert [(p.where, p.tokens) for p in count.parts if p.kind == "audio"] == [
        ("messages[0].content[0]", 20)
    ]
    assert not count.exact
    mp3 = {"type": "input_audio", "input_audio": {"data": base64.b64encode(b"x" * 16_000).decode()}}
    assert count_messages([user([mp3])], "gpt-4o").tokens == 7 + 10


def test_files() -> None:
    text = {"type": "file", "file": {"file_data": data_url(b"Some text.", "text/plain")}}
    count = count_messages([user([text])], "gpt-4o")
    assert count.tokens == 7 + size("Some text.")
    pdf = b"%PDF-1.4 " + b"<< /Type /Pages >> << /Type /Page >> <</Type/Page>>"
    part = {"type": "file", "file": {"file_data": data_url(pdf, "application/pdf")}}
    count = count_messages([user([part])], "gpt-4o")
    assert count.tokens > 2 * 800
    assert any("2 pages" in note for note in count.notes)
    reference = {"type": "file", "file": {"file_id": "file-1"}}
    count = count_messages([user([reference])], "gpt-4o")
    assert count.tokens == 7
    assert not count.exact


def test_arguments_that_are_not_json() -> None:
    call = {"id": "1", "function": {"name": "find", "arguments": "{broken"}}
    count = count_messages([{"role": "assistant", "tool_calls": [call]}], "gpt-4o")
    assert count.tokens == 3 + 3 + 2 + size("assistant to=functions.find") + size("{broken")
    json.dumps([part.tokens for part in count.parts])
