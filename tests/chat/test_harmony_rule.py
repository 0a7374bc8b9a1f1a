"""The harmony format: text is counted as it is rendered, special tokens are one each."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tokenkit.chat.counting import count_messages
from tokenkit.chat.harmony_text import functions_section, system_text
from tokenkit.chat.memo import counts_for

SPECIAL = re.compile(r"<\|[a-z]+\|>")


def rendered(text: str) -> int:
    """Tokens of a rendering written out with its special tokens."""
    counts = counts_for("o200k_harmony")
    return len(SPECIAL.findall(text)) + sum(counts.count(t) for t in SPECIAL.split(text) if t)


def total(chat: list[Any], **options: Any) -> int:
    count = count_messages(chat, "gpt-oss-20b", **options)
    assert count.exact
    assert count.low == count.tokens == count.high
    return count.tokens


def user(text: str = "Hi") -> dict[str, Any]:
    return {"role": "user", "content": text}


USER = "<|start|>user<|message|>Hi<|end|>"
REPLY = "<|start|>assistant"


def test_user_only() -> None:
    assert total([user()]) == rendered(USER + REPLY) == 7


def test_named_user() -> None:
    named = "<|start|>user:ann<|message|>Hi<|end|>"
    assert total([{**user(), "name": "ann"}]) == rendered(named + REPLY)


@pytest.mark.parametrize("role", ["system", "developer"])
def test_instructions(role: str) -> None:
    text = "<|start|>developer<|message|># Instructions\n\nBe kind.<|end|>"
    assert total([{"role": role, "content": "Be kind."}, user()]) == rendered(text + USER + REPLY)


def test_system_fields() -> None:
    text = (
        "<|start|>system<|message|>You are Ann.\nKnowledge cutoff: 2024-06\n"
        "Current date: 2026-01-31\n\nReasoning: low\n\n"
        "# Valid channels: analysis, commentary, final. Channel must be included for every "
        "message.<|end|>"
    )
    fields = {
        "model_identity": "You are Ann.",
        "knowledge_cutoff": "2024-06",
        "conversation_start_date": "2026-01-31",
        "reasoning_effort": "Low",
    }
    assert total([user()], harmony=fields) == rendered(text + USER + REPLY)


def test_system_text_options() -> None:
    config = {"valid_channels": ["final"], "channel_required": False}
    text = system_text({"reasoning_effort": None, "channel_config": config}, True)
    assert text == (
        "You are ChatGPT, a large language model trained by OpenAI.\n\n# Valid channels: final.\n"
        "Calls to these tools must go to the commentary channel: 'functions'."
    )
    with pytest.raises(ValueError, match=r"harmony: expected the fields .*, got 'mood'"):
        system_text({"mood": "good"}, False)
    with pytest.raises(
        ValueError, match=r"harmony.reasoning_effort: expected 'low', 'medium' or 'high'"
    ):
        system_text({"reasoning_effort": "huge"}, False)


SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "description": "The city."},
        "unit": {"type": "string", "enum": ["c", "f"], "default": "c"},
        "note": {"type": "string", "default": "none", "nullable": True},
        "days": {"type": ["integer", "null"], "default": 3},
        "tags": {"type": "array", "items": {"type": "string"}, "examples": ["a", "b"]},
        "rows": {"type": "array"},
        "size": {"type": "object", "properties": {"w": {"type": "number"}}, "title": "Size"},
        "when": {
            "description": "When.",
            "oneOf": [
                {"type": "string", "default": "now"},
                {"type": "integer", "description": "Seconds."},
            ],
        },
        "else": {},
    },
    "required": ["city"],
}


def test_functions_section() -> None:
    functions: list[dict[str, Any]] = [
        {"name": "weather", "description": "The weather.", "parameters": SCHEMA},
        {"name": "stop"},
    ]
    assert functions_section(functions) == (
        "# Tools\n\n## functions\n\nnamespace functions {\n\n"
        "// The weather.\n"
        "type weather = (_: {\n"
        "// The city.\ncity: string,\n"
        'unit?: "c" | "f", // default: c\n'
        'note?: string | null, // default: "none"\n'
        "days?: number | null, // default: 3\n"
        '// Examples:\n// - "a"\n// - "b"\ntags?: string[],\n'
        "rows?: Array<any>,\n"
        "// Size\n//\nsize?: {\n    w?: number,\n    },\n"
        '// When.\nwhen?:\n | string // default: "now"\n | number // Seconds.\n,\n'
        "else?: any,\n"
        "}) => any;\n\n"
        "type stop = () => any;\n\n"
        "} // namespace functions"
    )


@pytest.mark.parametrize(("description", "above"), [("Seconds.", ""), ("When.", "// When.\n")])
def test_a_description_that_its_first_variant_repeats_is_written_nowhere(
    description: str, above: str
) -> None:
    variants = [{"type": "integer", "description": "Seconds."}, {"type": "string"}]
    when = {"description": description, "oneOf": variants}
    parameters = {"type": "object", "properties": {"when": when}}
    text = functions_section([{"name": "f", "parameters": parameters}])
    assert f"(_: {{\n{above}when?:\n | number\n | string\n,\n}})" in text


def test_tools_follow_the_instructions() -> None:
    function = {"name": "stop", "description": "Stops."}
    tools = [{"type": "function", "function": function}]
    section = functions_section([function])
    with_text = f"<|start|>developer<|message|># Instructions\n\nBe kind.\n\n{section}<|end|>"
    chat = [{"role": "system", "content": "Be kind."}, user()]
    assert total(chat, tools=tools) == rendered(with_text + USER + REPLY)
    alone = f"<|start|>developer<|message|>{section}<|end|>"
    assert total([user()], tools=tools) == rendered(alone + USER + REPLY)


def test_calls_and_results() -> None:
    chat = [
        user(),
        {
            "role": "assistant",
            "reasoning_content": "Let me look.",
            "tool_calls": [{"id": "1", "function": {"name": "find", "arguments": '{"a": 1}'}}],
        },
        {"role": "tool", "tool_call_id": "1", "content": "found"},
    ]
    text = (
        "<|start|>assistant<|channel|>analysis<|message|>Let me look.<|end|>"
        "<|start|>assistant to=functions.find<|channel|>commentary <|constrain|>json"
        '<|message|>{"a": 1}<|call|>'
        "<|start|>functions.find<|channel|>commentary<|message|>found<|end|>"
    )
    assert total(chat) == rendered(USER + text + REPLY)
    with pytest.raises(
        ValueError, match=r"messages\[0\]: expected a tool_call_id of an earlier call"
    ):
        total([{"role": "tool", "content": "x"}])


def test_analysis_before_the_last_answer_is_dropped() -> None:
    thought = {"role": "assistant", "content": "Hm.", "channel": "analysis"}
    answer = {"role": "assistant", "content": "Yes."}
    final = "<|start|>assistant<|channel|>final<|message|>Yes.<|end|>"
    assert total([user(), thought, answer, user()]) == rendered(USER + final + USER + REPLY)
    open_thought = "<|start|>assistant<|channel|>analysis<|message|>Hm.<|end|>"
    assert total([user(), thought]) == rendered(USER + open_thought + REPLY)


def test_header_fields() -> None:
    message = {
        "role": "assistant",
        "content": "x = 1",
        "channel": "analysis",
        "recipient": "python",
        "content_type": "code",
    }
    text = "<|start|>assistant to=python<|channel|>analysis code<|message|>x = 1<|end|>"
    assert total([user(), message]) == rendered(USER + text + REPLY)
