"""Keys at any depth of a request: none that is not known passes unseen."""

from __future__ import annotations

import copy
import enum
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from tokenkit import Preflight, count_messages, preflight

HI = [{"role": "user", "content": "Hi"}]
CLAUDE = {"model": "claude-sonnet-5", "max_tokens": 2_000}
MARK = {"type": "ephemeral", "ttl": "1h"}
SCHEMA = {"type": "object", "properties": {}}
CALLED = {"type": "tool_use", "id": "a", "name": "f", "input": {}, "caller": {"type": "direct"}}
CUSTOM = {"type": "custom", "custom": {"name": "run"}}


def claude(**fields: Any) -> dict[str, Any]:
    return {**CLAUDE, "messages": HI, **fields}


# A request, and the path of an object in it whose keys are all known.
OBJECTS: list[tuple[dict[str, Any], Sequence[str | int]]] = [
    (claude(thinking={"type": "adaptive", "display": "omitted"}), ["thinking"]),
    (
        claude(
            thinking={"type": "adaptive", "block_binding": {"prefix_mismatch_behavior": "error"}}
        ),
        ["thinking", "block_binding"],
    ),
    (claude(cache_control=MARK), ["cache_control"]),
    (claude(diagnostics={"previous_message_id": "m"}), ["diagnostics"]),
    (claude(billing_policy={"type": "billing_policy"}), ["billing_policy"]),
    (claude(output_config={"task_budget": {"total": 9}}), ["output_config", "task_budget"]),
    (
        claude(output_config={"format": {"type": "json_schema", "schema": SCHEMA}}),
        ["output_config", "format"],
    ),
    *((claude(tool_choice={"type": kind}), ["tool_choice"]) for kind in ("auto", "any", "none")),
    (claude(tool_choice={"type": "tool", "name": "f"}), ["tool_choice"]),
    (
        claude(system=[{"type": "text", "text": "Hi", "cache_control": MARK}]),
        ["system", 0, "cache_control"],
    ),
    (
        claude(tools=[{"name": "f", "input_schema": SCHEMA, "cache_control": MARK}]),
        ["tools", 0, "cache_control"],
    ),
    (
        claude(messages=[*HI, {"role": "assistant", "content": [CALLED]}]),
        ["messages", 1, "content", 0, "caller"],
    ),
    (
        {
            "model": "gpt-4o",
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "text",
                            "text": "Hi",
                            "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "30m"},
                        }
                    ],
                }
            ],
        },
        ["messages", 0, "content", 0, "prompt_cache_breakpoint"],
    ),
    (
        {"model": "gpt-oss-20b", "messages": HI, "tool_choice": {"type": "auto"}},
        ["tool_choice"],
    ),
    (
        {"model": "gemini-3.5-flash", "contents": "Hi", "config": {"tool_config": {}}},
        ["config", "tool_config"],
    ),
]


@pytest.mark.parametrize(("body", "path"), OBJECTS, ids=lambda value: str(value)[:50])
def test_an_unknown_key_of_any_object_is_named(
    body: dict[str, Any], path: Sequence[str | int]
) -> None:
    known = preflight(body)
    assert known.high is not None
    odd = copy.deepcopy(body)
    value: Any = odd
    for step in path:
        value = value[step]
    value["zz_mood"] = "good"
    check = preflight(odd)
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)[1:]
    assert check.high is None
    assert not check.exact
    assert [note for note in check.notes if note.startswith(f"{where}.zz_mood: ")]


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-oss-20b", "claude-sonnet-5"])
def test_a_tool_choice_is_checked_for_every_family(model: str) -> None:
    check = preflight(model=model, messages=HI, tool_choice="perhaps", max_tokens=9)
    (problem,) = [one for one in check.problems if one.path == "tool_choice"]
    assert "expected 'auto', 'none', 'required' or a dict" in problem.message
    known = preflight(model=model, messages=HI, tool_choice="auto", max_tokens=9)
    assert known.tokens > 0


def test_a_tool_choice_of_gpt_oss_is_no_silent_number() -> None:
    with pytest.raises(ValueError, match=r"^tool_choice: expected"):
        count_messages(HI, "gpt-oss-20b", tool_choice="perhaps")  # type: ignore[arg-type]


def test_a_custom_tool_of_a_chat_is_openais() -> None:
    assert preflight(model="gpt-5.4", messages=HI, tools=[CUSTOM]).api == "chat.completions"
    assert preflight(claude(tools=[{"name": "f", "type": "custom"}])).api == "messages"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (
            {
                "model": "gpt-5.4",
                "instructions": "Be brief.",
                "input": [{"type": "function_call_output", "call_id": "a", "output": "4"}],
                "truncation": "auto",
            },
            "input[0]",
        ),
        (
            {
                "model": "claude-sonnet-5",
                "assistant_id": "a",
                "thread": {"messages": [{"role": "tool", "tool_call_id": "a", "content": "4"}]},
            },
            "thread.messages[0]",
        ),
    ],
)
def test_an_orphan_before_the_apis_own_truncation_is_a_problem(
    body: dict[str, Any], path: str
) -> None:
    told = {problem.path: problem.message for problem in preflight(body).problems}
    assert "expected the call 'a' of this tool result" in told[path]


MILLION = 10**6


def dearest(check: Preflight, write: str, read: str) -> Decimal:
    """Give what the most input and 100 tokens of reply cost at these USD per million tokens."""
    assert check.high is not None
    return (check.high * Decimal(read) + 100 * Decimal(write)) / MILLION


def test_fast_mode_and_a_region_have_their_own_price() -> None:
    body = {"model": "claude-opus-5", "messages": HI, "max_tokens": 100}
    usual = preflight(body, at="2026-11-29")
    assert usual.cost_high == dearest(usual, write="25", read="5")
    assert preflight(body, speed="standard", inference_geo="global").cost_high == usual.cost_high
    fast = preflight(body, speed="fast", at="2026-11-29")
    assert fast.cost_high == dearest(fast, write="50", read="10")
    local = preflight(body, inference_geo="us", at="2026-11-29")
    assert local.cost_high == dearest(local, write="27.5", read="5.5")
    assert preflight(body, speed="fast", service_tier="priority").cost_high is None
    turbo = preflight(body, speed="turbo")
    assert turbo.cost_high is None
    assert [problem.path for problem in turbo.problems] == ["speed"]
    nowhere = preflight(body, inference_geo="moon")
    assert nowhere.cost_high is None
    assert "inference_geo: no rate is listed for inference in the region 'moon'" in str(
        nowhere.notes
    )


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize("key", ["service_tier", "inference_geo", "speed", "model", "tools"])
@pytest.mark.parametrize("value", [nested(5_000), "\ud800", 10**5_000], ids=["deep", "lone", "big"])
def test_what_cannot_be_written_is_a_problem_or_a_note(key: str, value: object) -> None:
    check = preflight({**claude(), key: value})
    assert check.problems or check.cost_high is None
    assert check.report()


class Tier(str, enum.Enum):
    FLEX = "flex"


def test_a_tier_may_be_a_member_of_an_enum() -> None:
    body = {"model": "gemini-3.5-flash", "contents": "Hi", "config": {"max_output_tokens": 9}}
    asked = preflight({**body, "service_tier": Tier.FLEX}).cost_high
    assert asked == preflight({**body, "service_tier": "flex"}).cost_high
    assert asked != preflight(body).cost_high


def test_a_python_function_is_a_tool_of_geminis_sdk() -> None:
    def weather(city: str, days: int = 1) -> str:
        """Tell the weather of a city."""
        return city * days

    def plan(trip: Preflight) -> str:
        return str(trip)

    body = {"model": "gemini-3.5-flash", "contents": "Hi"}
    tools = [weather]
    check = preflight({**body, "config": {"tools": tools}})
    schema = {"city": {"type": "string"}, "days": {"type": "integer"}}
    declaration = {
        "name": "weather",
        "description": "Tell the weather of a city.",
        "parameters": {"type": "object", "properties": schema, "required": ["city", "days"]},
    }
    twin = preflight({**body, "config": {"tools": [{"function_declarations": [declaration]}]}})
    assert (check.tokens, check.low, check.high) == (twin.tokens, twin.low, twin.high)
    assert check.high is not None
    assert [note for note in check.notes if note.startswith("config.tools[0]: a function")]
    assert check.request["config"]["tools"] is tools
    for odd in (plan, len, dict.get):
        check = preflight({**body, "config": {"tools": [odd]}})
        assert check.high is None
        assert check.low > 0


HELD: list[dict[str, Any]] = [
    {"type": "additional_tools", "role": "developer", "tools": [{"type": "function", "name": "f"}]},
    {"type": "configuration_update", "text": {"format": {"type": "text"}}},
    {"type": "program", "call_id": "a", "code": "1 + 1", "fingerprint": "p", "status": "completed"},
    {"type": "program_output", "call_id": "a", "result": "2", "status": "completed"},
    {"type": "image_generation_call", "id": "i", "result": None, "error": {"code": "moderation"}},
]


@pytest.mark.parametrize("item", HELD, ids=lambda item: item["type"])
def test_items_of_the_sdk_are_known(item: dict[str, Any]) -> None:
    check = preflight(model="gpt-5.4", input=[*HI, item])
    assert check.high is None
    assert not [note for note in check.notes if "not known" in note]
    assert not check.problems
    odd = preflight(model="gpt-5.4", input=[*HI, {**item, "zz_mood": 1}])
    assert [note for note in odd.notes if note.startswith("input[1].zz_mood: ")]


def test_a_tool_that_runs_beside_others_has_bounds() -> None:
    tool = {"type": "function", "name": "f", "parameters": SCHEMA, "async": True}
    check = preflight(model="gpt-5.4", input="Hi", tools=[tool])
    assert check.high is not None


def test_edits_of_the_context_may_leave_out_turns() -> None:
    cleared = {"edits": [{"type": "clear_tool_uses_20250919"}]}
    plain = preflight(claude())
    check = preflight(claude(context_management=cleared))
    assert (check.low, check.high) == (0, plain.high)
    assert "context_management.edits[0]: the API may leave out earlier turns" in check.notes
    summed = {"edits": [{"type": "compact_20260112"}]}
    assert preflight(claude(context_management=summed)).high is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_json_cannot_hold_are_problems(value: float) -> None:
    chat = [{"role": "user", "content": "Hi"}]
    for key in ("max_tokens", "temperature", "n", "mood"):
        check = preflight({"model": "gpt-4o", "messages": chat, key: value})
        (problem,) = [one for one in check.problems if one.path == key]
        assert problem.message.startswith("expected a number that JSON can hold, got ")
        assert problem.severity == "error"
    thinking = {"type": "enabled", "budget_tokens": value}
    check = preflight(model="claude-sonnet-5", messages=chat, max_tokens=2_000, thinking=thinking)
    assert [one.path for one in check.problems] == ["thinking.budget_tokens"]


def test_partial_pictures_are_billed_besides() -> None:
    picture = {"model": "gpt-image-2", "prompt": "A cat", "size": "1024x1024", "quality": "low"}
    none, some = (preflight({**picture, "partial_images": number}) for number in (0, 2))
    assert none.cost_high is not None
    assert some.cost_low == none.cost_low
    assert some.cost_high is None
    assert some.notes[0].startswith("partial_images: ")
