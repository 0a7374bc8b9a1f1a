"""Counting chats: the documented rule, every form of content, tools, bounds and errors."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest
from chat_strategies import chats
from hypothesis import given, settings

from tokenkit.chat.counting import count_messages, count_training_tokens
from tokenkit.chat.memo import TextCounts, counts_for
from tokenkit.chat.tool_text import namespace_text
from tokenkit.errors import NoTokenizerError, UnknownModelError
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


@settings(max_examples=100, deadline=None)
@given(chats())
def test_parts_add_up_and_nothing_changes(chat: list[Any]) -> None:
    before = copy.deepcopy(chat)
    tools = [tool(description="Find.", parameters={"type": "object", "properties": {"q": {}}})]
    count = count_messages(chat, "gpt-4o", tools=tools, tool_choice="none")
    assert chat == before
    assert sum(part.tokens for part in count.parts) == count.tokens
    assert count.low <= count.tokens <= count.high
    assert count.high - count.low <= 16 + 0.05 * count.tokens
    assert not count.exact
    assert count == count_messages(tuple(chat), "gpt-4o", tools=tools, tool_choice="none")


def test_content_forms_agree() -> None:
    parts = [{"type": "text", "text": "one"}, {"type": "text", "text": " two"}]
    assert count_messages([user(parts)], "gpt-4o").tokens == 3 + 3 + 1 + size("one") + size(" two")
    none = count_messages([{"role": "assistant", "content": None}], "gpt-4o")
    empty = count_messages([{"role": "assistant", "content": ""}], "gpt-4o")
    assert none.tokens == empty.tokens == 7
    refusal = count_messages([{"role": "assistant", "refusal": "No."}], "gpt-4o")
    assert refusal.tokens == 7 + size("No.")


def test_tools_text() -> None:
    schema = {
        "type": "object",
        "properties": {
            "place": {"type": "string", "description": "Where.\nA city."},
            "unit": {"type": "string", "enum": ["c", "f"], "default": "c"},
            "days": {"type": "integer", "enum": [1, 7]},
            "area": {"type": "object", "properties": {"a": {"type": "number"}, "b": {}}},
            "tags": {"type": "array", "items": {"type": "string"}},
            "rows": {
                "type": "array",
                "items": {"type": "object", "properties": {"n": {"description": "N."}}},
            },
            "free": {"type": "object"},
            "any": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "maybe": {"type": ["integer", "null"]},
            "kind": {"const": "x"},
            "again": {"$ref": "#/$defs/unit"},
        },
        "required": ["place", "area"],
        "$defs": {"unit": {"type": "boolean"}},
    }
    functions = [{"name": "weather", "description": "The weather.\nNow.", "parameters": schema}]
    assert namespace_text([*functions, {"name": "stop", "parameters": {}}]) == (
        "namespace functions {\n\n"
        "// The weather.\n// Now.\n"
        "type weather = (_: {\n"
        "// Where.\n// A city.\n"
        "place: string,\n"
        'unit?: "c" | "f", // default: c\n'
        "days?: 1 | 7,\n"
        "area: { a?: number, b?: any },\n"
        "tags?: string[],\n"
        "rows?: Array<\n{\n// N.\nn?: any,\n}\n>,\n"
        "free?: object,\n"
        "any?: string | null,\n"
        "maybe?: number | null,\n"
        'kind?: "x",\n'
        "again?: boolean,\n"
        "}) => any;\n\n"
        "type stop = () => any;\n\n"
        "} // namespace functions"
    )


def test_recursive_schema_ends() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#"}}}
    assert "any" in namespace_text([{"name": "f", "parameters": node}])


def test_tools_join_the_system_message() -> None:
    tools = [tool(description="Looks up.")]
    text = "# Tools\n\n## functions\n\n" + namespace_text([tools[0]["function"]])
    alone = count_messages([user("hi")], "gpt-4o", tools=tools)
    assert alone.tokens == count_messages([user("hi")], "gpt-4o").tokens + 4 + size(text) - 1
    system = {"role": "system", "content": "Be kind"}
    both = count_messages([system, user("hi")], "gpt-4o", tools=tools)
    joined = size("Be kind\n\n" + text) - size("Be kind")
    assert both.tokens == count_messages([system, user("hi")], "gpt-4o").tokens + joined - 1


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
    one = [{"role": "user", "content": korean}]
    assert count_messages(chat(plain), "gpt-4o").tokens < 2 * size(plain) + 120
    assert count_messages(chat(korean), "gpt-4o").tokens > 8 * count_messages(one, "gpt-4o").tokens


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


def test_training_tokens() -> None:
    # Per example 1, per message 3, its role and its text; times the epochs.
    examples = [{"messages": [user("Hi"), {"role": "assistant", "content": "Hello!"}]}] * 3
    per_example = 1 + 2 * 4 + size("Hi") + size("Hello!")
    assert count_training_tokens(examples, "gpt-4o-mini", epochs=4) == 3 * per_example * 4
    with pytest.raises(ValueError, match=r"examples\[1\].messages\[0\].role: is missing"):
        count_training_tokens([examples[0], {"messages": [{}]}], "gpt-4o-mini")
    with pytest.raises(ValueError, match=r"examples\[0\].messages: must be a list"):
        count_training_tokens([{}], "gpt-4o-mini")
    with pytest.raises(ValueError, match="epochs must be"):
        count_training_tokens(examples, "gpt-4o-mini", epochs=0)


@pytest.mark.parametrize(
    ("chat", "error", "message"),
    [
        ("hi", TypeError, "messages must be a list of dicts, not str"),
        ({"role": "user"}, TypeError, "messages must be a list of dicts"),
        (["hi"], TypeError, r"messages\[0\]: must be a dict, not str"),
        ([{"content": "x"}], ValueError, r"messages\[0\].role: is missing"),
        ([{"role": "bot", "content": "x"}], ValueError, r"messages\[0\].role: is 'bot'"),
        ([{"role": ["user"], "content": "x"}], ValueError, r"messages\[0\].role"),
        ([user(3)], ValueError, r"messages\[0\].content: must be a string"),
        ([user("x"), user(["x"])], ValueError, r"messages\[1\].content\[0\]: must be a dict"),
        ([user([{"type": "text"}])], ValueError, r"content\[0\].text: must be a string"),
        ([user([{"type": "video"}])], ValueError, r"unknown content part type 'video'"),
        ([{**user("x"), "name": 3}], ValueError, r"messages\[0\].name: must be a string"),
        ([{"role": "assistant", "tool_calls": "x"}], ValueError, r"tool_calls: must be a list"),
        ([{"role": "assistant", "tool_calls": ["x"]}], ValueError, r"tool_calls\[0\]: must be"),
        (
            [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": {}}}]}],
            ValueError,
            r"messages\[0\].tool_calls\[0\].function.arguments: must be a string, not dict",
        ),
        ([{"role": "function", "content": "x"}], ValueError, r"messages\[0\].name"),
        (
            [user([{"type": "file", "file": {"file_data": "data:x;base64,@"}}])],
            ValueError,
            r"file_data: the data URL's base64 is broken",
        ),
    ],
)
def test_bad_messages(chat: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        count_messages(chat, "gpt-4o")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"tools": "x"}, TypeError, "tools must be a list"),
        ({"tools": ["x"]}, ValueError, r"tools\[0\]: must be a dict"),
        ({"tools": [{"type": "function"}]}, ValueError, r"tools\[0\].function.name"),
        ({"tools": [tool(parameters=3)]}, ValueError, r"tools\[0\].function.parameters: must be"),
        (
            {"tools": [tool(parameters={"properties": {"a": {"properties": 1}}})]},
            ValueError,
            r"parameters.properties.a.properties: must be a dict",
        ),
        ({"tool_choice": "maybe"}, ValueError, "tool_choice must be"),
        ({"response_format": "json"}, TypeError, "response_format must be a dict"),
        ({"response_format": {"type": "xml"}}, ValueError, "response_format.type must be"),
        ({"harmony": {}}, ValueError, "gpt-4o does not use the harmony format"),
    ],
)
def test_bad_options(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        count_messages([user("x")], "gpt-4o", **options)


def test_models_that_cannot_be_counted() -> None:
    with pytest.raises(NoTokenizerError, match="estimate_tokens"):
        count_messages([user("x")], "claude-sonnet-5")
    with pytest.raises(ValueError, match="takes no messages: its kind is 'embedding'"):
        count_messages([user("x")], "text-embedding-3-small")
    with pytest.raises(UnknownModelError):
        count_messages([user("x")], "gpt-unheard-of")


def test_text_counts_forget_the_oldest() -> None:
    counts = TextCounts(counts_for("o200k_base").encoding, max_entries=10, max_chars=200)
    texts = [f"text number {number}" for number in range(50)]
    assert [counts.count(text) for text in texts] == [size(text) for text in texts]
    assert len(counts.known) <= 11
    assert texts[-1] in counts.known
    counts.learn(texts)
    assert len(counts.known) <= 51
    long = "word " * 1_000
    assert counts.count(long) == counts.count(long) == size(long)


def test_a_chat_larger_than_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    from tokenkit.chat import counting

    small = TextCounts(counts_for("o200k_base").encoding, max_entries=8, max_chars=100)
    monkeypatch.setattr(counting, "counts_for", lambda name: small)
    messages = [user(f"message {number} of many") for number in range(40)]
    got = count_messages(messages, "gpt-4o").tokens
    assert got == 3 + sum(4 + size(message["content"]) for message in messages)


def test_arguments_that_are_not_json() -> None:
    call = {"id": "1", "function": {"name": "find", "arguments": "{broken"}}
    count = count_messages([{"role": "assistant", "tool_calls": [call]}], "gpt-4o")
    assert count.tokens == 3 + 3 + 2 + size("assistant to=functions.find") + size("{broken")
    json.dumps([part.tokens for part in count.parts])
