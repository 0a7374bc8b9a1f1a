"""No key of a message, a part or a tool passes unseen, at any depth and in any system's shape."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, strategies as st
from search import examples

from tokenkit.chat import request_rule
from tokenkit.chat.tally import ChatTally
from tokenkit.models import get_model
from tokenkit.shapes import is_plain_message, read_message, read_tools
from tokenkit.shapes.anthropic_parts import PARTS as ANTHROPIC_PARTS
from tokenkit.shapes.messages import PARTS
from tokenkit.shapes.openai_parts import PLAIN_PARTS
from tokenkit.shapes.responses_items import ITEMS

SCHEMA = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}}
CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
URL = {"url": "https://x.org/a", "detail": "low"}
USER: list[Any] = [
    [{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": URL}],
    [{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}],
    [{"type": "file", "file": {"file_id": "f", "filename": "a.pdf"}}],
    [{"type": "image", "source": {"type": "url", "url": "https://x.org/a"}}],
    [{"type": "document", "source": {"type": "text", "data": "a"}, "citations": {"enabled": True}}],
    [{"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "Hi"}]}],
    [{"type": "web_search_tool_result", "tool_use_id": "a", "content": [{"title": "Hi"}]}],
    [{"type": "thinking", "thinking": "Hi", "signature": "x"}],
]
MESSAGES: list[dict[str, Any]] = [
    {"role": "system", "content": "Hi", "name": "a"},
    {"role": "assistant", "content": "Hi", "tool_calls": [CALL], "refusal": None},
    {"role": "assistant", "tool_calls": [{"id": "a", "custom": {"name": "f", "input": "x"}}]},
    {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
    {"role": "assistant", "content": None, "audio": {"id": "a"}},
    {"role": "tool", "tool_call_id": "a", "content": "4"},
    *({"role": "user", "content": content} for content in USER),
    {"role": "model", "parts": [{"text": "Hi"}, {"functionCall": {"name": "f", "args": {}}}]},
    {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"a": 1}}}]},
    {"parts": [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]},
    {"parts": [{"fileData": {"fileUri": "gs://a"}}, {"executableCode": {"code": "1"}}]},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi"}]},
    {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hi"}]},
    {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "a", "output": [{"type": "text", "text": "4"}]},
    {"type": "file_search_call", "queries": ["a"], "results": [{"text": "Hi"}]},
    {"type": "image_generation_call", "result": "AAAA", "id": "a"},
    {"type": "item_reference", "id": "a"},
]
TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": {"name": "f", "description": "a", "parameters": SCHEMA}},
    {"type": "function", "name": "f", "parameters": SCHEMA, "strict": True},
    {"name": "f", "input_schema": SCHEMA, "cache_control": {"type": "ephemeral"}},
    {"name": "f", "inputSchema": SCHEMA, "outputSchema": SCHEMA},
    {"functionDeclarations": [{"name": "f", "parameters": {"type": "OBJECT"}}]},
    {"toolSpec": {"name": "f", "inputSchema": {"json": SCHEMA}}},
    {"type": "custom", "custom": {"name": "f", "format": {"type": "text"}}},
    {"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "f"}]},
    {"type": "web_search"},
    {"googleSearch": {}},
]
# Below these stands what a user or a model made up, and marks that no system sends to a model.
FREE = {"args", "arguments", "response", "input", "cache_control", "properties", "citations"}


def objects(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in a value but those that may hold any keys, with its path."""
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            free = key in FREE and not (key == "citations" and "enabled" in item)
            if not free:
                yield from objects(item, f"{path}.{key}")
            elif key == "properties":
                for name, inner in item.items():
                    yield from objects(inner, f"{path}.{key}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from objects(item, f"{path}[{index}]")


def with_key(value: Any, position: int, key: str, item: Any) -> Any:
    """A copy of a value, one of whose objects has one more key."""
    changed = copy.deepcopy(value)
    found = list(objects(changed, ""))
    found[position % len(found)][1][key] = item
    return changed


# With a letter that no vendor's key begins with.
odd_keys = st.text("abcdefgh_", min_size=1, max_size=12).map(lambda name: f"ø{name}")
odd_values: st.SearchStrategy[Any] = st.one_of(
    st.text(), st.integers(), st.just({}), st.just([1]), st.booleans()
)


def counted(message: Any, model: str = "gpt-4o") -> ChatTally:
    return request_rule(get_model(model)).tally([message])


def named(notes: list[str], key: str) -> bool:
    return any(key in note.partition(": ")[0] for note in notes)


@given(st.sampled_from(MESSAGES), st.integers(0, 50), odd_keys, odd_values)
@examples(250)
def test_no_key_of_a_message_passes_unseen(
    message: dict[str, Any], position: int, key: str, item: Any
) -> None:
    whole = counted(message)
    tally = counted(with_key(message, position, key, item))
    low, high = tally.bounds()
    notes = list(tally.notes)
    # What a hosted tool returned is counted by its text, at any depth, and has no upper bound.
    by_text = any("by its text alone" in note for note in notes)
    assert not tally.exact
    assert high is None
    assert named(notes, key) or by_text
    assert low <= whole.total


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-oss-20b"])
def test_rules_of_all_families_note_unknown_keys(model: str) -> None:
    tally = counted({"role": "user", "content": "Hi", "mood": "good"}, model)
    assert named(list(tally.notes), "messages[0].mood")
    assert tally.bounds()[1] is None


@given(st.sampled_from(TOOLS), st.integers(0, 50), odd_keys, odd_values)
@examples(100)
def test_no_key_of_a_tool_passes_unseen(
    tool: dict[str, Any], position: int, key: str, item: Any
) -> None:
    tally = request_rule(get_model("gpt-4o"), tools=[with_key(tool, position, key, item)]).tally([])
    low, high = tally.bounds()
    notes = list(tally.notes)
    hosted = [note for note in notes if "hosted tool" in note]
    assert not tally.exact
    assert named(notes, key) or hosted
    assert high is None or high > tally.total >= low


@pytest.mark.parametrize("message", MESSAGES, ids=range(len(MESSAGES)))
def test_what_is_read_is_plain(message: dict[str, Any]) -> None:
    """The counter gets OpenAI's keys alone, whatever came; a plain message stays as it is."""
    reading = read_message(message, "messages[0]")
    for item in reading.messages:
        for part in item["content"] if isinstance(item.get("content"), list) else ():
            part.pop("where", None)
            assert part["type"] in PLAIN_PARTS
        calls = [call for call in item.get("tool_calls", ()) if "function" in call]
        assert is_plain_message({**item, "tool_calls": calls} if "tool_calls" in item else item)
    if is_plain_message(message):
        assert not reading.unsure


def test_a_null_is_named_and_changes_nothing() -> None:
    message = {"role": "user", "content": "Hi", "mood": None, "tool_calls": None}
    tally = counted(message)
    assert tally.exact
    assert list(tally.notes) == ["messages[0].mood: this key is not known; it is empty"]


def test_every_type_has_one_reader() -> None:
    assert set(ANTHROPIC_PARTS) <= set(PARTS)
    assert not set(PARTS) & set(ITEMS) - {"reasoning", "compaction"}
    assert set(PLAIN_PARTS) <= set(PARTS)


@pytest.mark.parametrize("tool", TOOLS[:6], ids=range(6))
def test_every_spelling_of_a_function_is_one(tool: dict[str, Any]) -> None:
    (function,) = read_tools([tool]).functions
    assert function.definition["name"] == "f"
    assert function.definition["parameters"]["type"] == "object"
    assert function.where.startswith("tools[0]")
