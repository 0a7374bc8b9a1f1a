"""Every promise of `fit`, on random tool-using chats."""

from __future__ import annotations

import copy
import dataclasses
from itertools import pairwise
from typing import Any

import pytest
from chat_strategies import agent_loop, chats, random_chat
from hypothesis import assume, given, reject, strategies as st
from search import examples

from tokenkit.chat.counting import count_messages
from tokenkit.costs.bill import cost
from tokenkit.errors import ContextOverflowError
from tokenkit.fitting.fitter import fit
from tokenkit.fitting.result import Fit
from tokenkit.fitting.shrink import LEAST, MARKER
from tokenkit.models.lookup import get_model
from tokenkit.models.record import Model

TOOLS = [{"type": "function", "function": {"name": "search", "description": "Find things."}}]
STRATEGIES = ("recent", "middle_out", "priority")
SYSTEM = ("system", "developer")


def model(limit: int, **fields: Any) -> Model:
    """A model whose fit limit is `limit` with max_output="auto" and min_output=0."""
    return Model(
        name="small", kind="chat", encoding="o200k_base", context_window=max(1, limit), **fields
    )


def total(messages: Any, **options: Any) -> int:
    return count_messages(messages, "gpt-4o", **options).tokens


def fitted(chat: list[Any], share: float, **options: Any) -> tuple[Fit, int]:
    """Fit into a share of the chat's own size; another example where that cannot be."""
    limit = int(total(chat, tools=options.get("tools")) * share)
    try:
        return fit(chat, model(limit), min_output=0, **options), limit
    except ContextOverflowError:
        reject()


def kept_indexes(result: Fit, chat: list[Any]) -> list[int]:
    dropped = {loss.index for loss in result.dropped}
    return [index for index in range(len(chat)) if index not in dropped]


def check_groups(messages: list[Any]) -> None:
    """No result without its call, no call without results but at the end."""
    open_ids: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            assert message["tool_call_id"] in open_ids
            open_ids.remove(message["tool_call_id"])
            continue
        assert not open_ids
        open_ids = [call["id"] for call in message.get("tool_calls") or ()]


shares = st.sampled_from((0.05, 0.15, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0, 1.5))
options = st.fixed_dictionaries(
    {"strategy": st.sampled_from(STRATEGIES)},
    optional={
        "tools": st.just(TOOLS),
        "shrink_results": st.booleans(),
        "hysteresis": st.sampled_from((0.0, 0.1, 0.4)),
        "protect": st.sampled_from(
            (("system", "first_user", "last_user"), ("system",), ("last_user",), ())
        ),
    },
)


@examples(1000)
@given(chats(), shares, options)
def test_promises(chat: list[Any], share: float, chosen: dict[str, Any]) -> None:
    before = copy.deepcopy(chat)
    result, limit = fitted(chat, share, **chosen)
    assert chat == before, "the input was changed"
    again, _ = fitted(copy.deepcopy(chat), share, **chosen)
    assert again == result, "not deterministic"
    count = total(result.messages, tools=chosen.get("tools"))
    assert result.tokens == count <= result.limit == limit
    assert result.headroom == limit - count
    check_groups(result.messages)
    indexes = kept_indexes(result, chat)
    assert len(indexes) == len(result.messages)
    shortened = {cut.index for cut in result.truncated}
    for index, message in zip(indexes, result.messages, strict=True):
        if index in shortened:
            assert {**message, "content": None} == {**chat[index], "content": None}
            assert message["content"] != chat[index]["content"]
        else:
            assert message is chat[index]
    if total(chat, tools=chosen.get("tools")) <= limit:
        assert result.messages == chat
        assert not result.dropped
        assert not result.truncated


IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}


@examples(200)
@given(
    chats(turns=5),
    st.sampled_from((0.3, 0.7, 0.95)),
    st.sampled_from(("gpt-4o", "gpt-5", "gpt-6-sol", "gpt-oss-20b")),
    st.sampled_from((None, TOOLS)),
    st.booleans(),
)
def test_a_fit_is_the_count_of_its_messages(
    chat: list[Any], share: float, name: str, tools: Any, with_image: bool
) -> None:
    """Tokens, bounds and notes: none is left of what was dropped."""
    if with_image and name != "gpt-oss-20b":
        chat = [*chat, {"role": "user", "content": [IMAGE]}]
        chat.insert(1, {"role": "user", "content": [IMAGE, IMAGE]})
    try:
        check_groups(chat)
    except AssertionError:
        reject()  # the image fell between a call and its result
    whole = count_messages(chat, name, tools=tools).tokens
    record = get_model(name)
    same = ("name", "kind", "provider", "encoding", "encoding_exact", "chat_rule", "image_rule")
    fields: dict[str, Any] = {field: getattr(record, field) for field in same}
    small = Model(**fields, context_window=int(whole * share))
    result = fit(chat, small, tools=tools, min_output=0, on_overflow="return")
    assume(result.dropped or result.truncated)
    count = count_messages(result.messages, name, tools=tools)
    for field in ("tokens", "low", "high", "exact", "notes"):
        assert getattr(result, field) == getattr(count, field), field


@examples(600)
@given(chats(), shares, st.sampled_from(STRATEGIES), st.sampled_from((0.0, 0.25)))
def test_keeps_what_must_stay(chat: list[Any], share: float, strategy: str, steady: float) -> None:
    result, _ = fitted(chat, share, strategy=strategy, hysteresis=steady)
    kept = set(kept_indexes(result, chat))
    users = [index for index, message in enumerate(chat) if message["role"] == "user"]
    systems = [index for index, message in enumerate(chat) if message["role"] in SYSTEM]
    assert kept.issuperset(systems)
    assert users[-1] in kept
    assert len(chat) - 1 in kept
    roles = [message["role"] for message in result.messages if message["role"] not in SYSTEM]
    start = next(message["role"] for message in chat if message["role"] not in SYSTEM)
    assert roles[0] in ("user", start)


@examples(600)
@given(chats(), shares)
def test_recent_drops_the_oldest(chat: list[Any], share: float) -> None:
    result, _ = fitted(chat, share)
    assume(result.dropped)
    newest_dropped = max(loss.index for loss in result.dropped)
    users = [index for index, message in enumerate(chat) if message["role"] == "user"]
    for index in kept_indexes(result, chat):
        if index < newest_dropped:
            assert chat[index]["role"] in SYSTEM or index in (users[0], users[-1])


def test_first_user_is_dropped_only_without_room() -> None:
    dropped = 0
    for seed in range(150):
        chat = random_chat(seed)
        first = next(message for message in chat if message["role"] == "user")
        must = fit(chat, model(1), min_output=0, on_overflow="return")
        if first in must.messages:
            continue  # it is the last one, too
        with_first = must.tokens + total([first]) - 3
        assert fit(chat, model(with_first), min_output=0).messages[0:2].count(first) == 1
        less = fit(chat, model(with_first - 1), min_output=0)
        assert first not in less.messages
        dropped += 1
    assert dropped > 100


@examples(400)
@given(chats(), st.sampled_from(STRATEGIES))
def test_overflow_only_when_the_rest_cannot_fit(chat: list[Any], strategy: Any) -> None:
    must = fit(chat, model(1), min_output=0, on_overflow="return", strategy=strategy)
    assert must.headroom < 0
    check_groups(must.messages)
    needed = must.tokens
    result = fit(chat, model(needed), min_output=0, strategy=strategy)
    assert result.tokens <= needed
    with pytest.raises(ContextOverflowError) as caught:
        fit(chat, model(needed - 1), min_output=0, strategy=strategy)
    assert (caught.value.needed, caught.value.available) == (needed, needed - 1)
    assert caught.value.limit_name == "context_window"


@pytest.mark.parametrize("protect", [(), ("last_user",), ("system", "first_user", "last_user")])
@pytest.mark.parametrize("name", ["gpt-4o", "gpt-oss-20b"])
def test_every_limit_that_holds_what_must_stay_is_met(name: str, protect: Any) -> None:
    """Dropping the system message that carries the tools makes the rest larger, and so does
    dropping the answer after which earlier analysis is no longer sent: no limit may fail by it."""
    chat: list[dict[str, Any]] = [
        {"role": "system", "content": "You are kind."},
        {"role": "user", "content": "Why is the sky blue?"},
        {
            "role": "assistant",
            "content": "Wait.",
            "reasoning_content": "Light scatters.",
        },
        {"role": "user", "content": "Yes?"},
        {"role": "assistant", "content": "It scatters.", "reasoning_content": "That is enough."},
        {"role": "user", "content": "Thank you."},
    ]
    record = get_model(name)

    def small(limit: int) -> Model:
        return Model(
            name="m", kind="chat", encoding=record.encoding, chat_rule=record.chat_rule,
            context_window=limit,
        )  # fmt: skip

    options: dict[str, Any] = {"tools": TOOLS, "protect": protect, "min_output": 0}
    least = fit(chat, small(1), on_overflow="return", **options).tokens
    whole = count_messages(chat, name, tools=TOOLS).tokens
    assert whole - least > 20
    for limit in range(least, whole + 1):
        result = fit(chat, small(limit), **options)
        assert result.tokens == count_messages(result.messages, name, tools=TOOLS).tokens <= limit


def test_results_become_bare_markers_before_it_overflows() -> None:
    chat = agent_loop(1, steps=1)
    chat[3]["content"] = "row of a table " * 2_000
    bare = [*chat[:3], {**chat[3], "content": MARKER}]
    least = total(bare)
    assert fit(chat, model(least), min_output=0).messages == bare
    with pytest.raises(ContextOverflowError):
        fit(chat, model(least - total(chat[1:2]) + 2), min_output=0)  # room for no user message
    result = fit(chat, model(least + LEAST), min_output=0)
    assert MARKER in result.messages[3]["content"] != MARKER


def test_results_of_several_text_parts_shrink_to_one() -> None:
    chat = agent_loop(1, steps=1)
    parts = [{"type": "text", "text": f"{i} row of a table " * 400} for i in range(3)]
    chat[3]["content"] = parts
    for name in ("gpt-4o", "gpt-oss-20b"):
        whole = count_messages(chat, name).tokens
        record = get_model(name)
        small = Model(
            name="small",
            kind="chat",
            encoding=record.encoding,
            chat_rule=record.chat_rule,
            context_window=whole // 4,
        )
        result = fit(chat, small, min_output=0)
        (part,) = result.messages[3]["content"]
        assert part["text"].startswith("0 row of a table")
        assert part["text"].endswith("2 row of a table ")
        assert result.tokens == count_messages(result.messages, name).tokens
        assert result.headroom <= 8
    assert chat[3]["content"] is parts


def test_shrinks_before_it_drops() -> None:
    chat = agent_loop(1, steps=3)
    chat[3]["content"] = "row of a table " * 2_000
    result, _ = fitted(chat, 0.5)
    assert not result.dropped
    assert [cut.index for cut in result.truncated] == [3]
    text = result.messages[3]["content"]
    assert MARKER in text
    assert text.startswith("row of a table")
    assert text.endswith("row of a table ")
    assert result.headroom <= 8


def test_without_shrinking_keeps_results_whole() -> None:
    chat = agent_loop(2)
    result, _ = fitted(chat, 0.4, shrink_results=False)
    assert result.dropped
    assert not result.truncated


def test_agent_loop_keeps_the_task() -> None:
    chat = agent_loop(3)
    result, limit = fitted(chat, 0.5)
    assert [message["role"] for message in result.messages[:3]] == ["system", "user", "assistant"]
    assert result.messages[1] is chat[1]
    assert result.tokens >= 0.97 * limit


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_mean_fill(strategy: Any) -> None:
    fills = []
    for seed in range(40):
        chat = agent_loop(seed) if seed % 6 == 5 else random_chat(seed, turns=20)
        for share in (0.9, 0.7, 0.5, 0.3, 0.15):
            limit = int(total(chat) * share)
            result = fit(chat, model(limit), min_output=0, strategy=strategy, on_overflow="return")
            if result.headroom >= 0:
                fills.append(result.tokens / limit)
    assert len(fills) > 180
    assert sum(fills) / len(fills) >= 0.97


def test_middle_out_drops_one_run_of_the_middle() -> None:
    chat = [
        {"role": "user" if i % 2 == 0 else "assistant", "content": f"{i} " + "word " * 20}
        for i in range(21)
    ]
    result, _ = fitted(chat, 0.5, strategy="middle_out")
    dropped = [loss.index for loss in result.dropped]
    assert dropped == list(range(dropped[0], dropped[-1] + 1))
    assert dropped[0] > 2
    assert dropped[-1] < 18


def test_priority_keeps_the_highest() -> None:
    chat = [{"role": "user", "content": f"{i} " + "word " * 20} for i in range(10)]
    values = [0, 0, 9, 0, 0, 8, 0, 0, 0, 0]
    result, _ = fitted(chat, 0.45, strategy="priority", priorities=values)
    kept = kept_indexes(result, chat)
    assert {0, 2, 5, 9} <= set(kept)
    by_function, _ = fitted(
        chat, 0.45, strategy="priority", priorities=lambda m: values[int(m["content"][0])]
    )
    assert by_function == result


def test_hysteresis_keeps_the_cut_in_place() -> None:
    roles = ("user", "assistant")
    chat = [{"role": roles[i % 2], "content": f"{i} " + "word " * (i % 17)} for i in range(300)]
    limit = total(chat) // 3

    def cuts(steady: float) -> int:
        """How often the oldest kept message changes while the chat grows turn by turn."""
        starts = [
            fit(
                chat[:end], model(limit), min_output=0, hysteresis=steady, protect=("last_user",)
            ).messages[0]["content"]
            for end in range(1, len(chat), 2)
        ]
        return sum(a != b for a, b in pairwise(starts))

    assert cuts(0.0) > 60
    assert cuts(0.3) < 10


def test_hysteresis_keeps_a_prefix() -> None:
    chat = random_chat(12, turns=60)
    limit = total(chat) // 3
    same = 0
    last: list[Any] = []
    ends = [i for i, message in enumerate(chat) if message["role"] == "user"][5:]
    for end in ends:
        result = fit(chat[: end + 1], model(limit), min_output=0, hysteresis=0.3)
        same += result.messages[: len(last)] == last
        last = result.messages
    assert same >= 0.75 * len(ends)


def test_auto_output_gives_what_is_left() -> None:
    chat = [{"role": "user", "content": "word " * 50}]
    used = total(chat)
    assert fit(chat, model(1_000)).max_output == 1_000 - used
    assert fit(chat, model(1_000, max_output_tokens=100)).max_output == 100
    assert fit(chat, "gpt-4o").max_output == 16_384
    assert fit(chat, model(1_000), max_output=200).max_output == 200
    assert fit(chat, model(1_000), max_output=200).limit == 800
    separate = model(1_000, window="separate", max_output_tokens=700)
    assert fit(chat, separate).limit == 1_000
    assert fit(chat, separate).max_output == 700


@examples(100)
@given(chats(turns=4), st.integers(1, 3_000), st.integers(0, 500), st.integers(0, 500))
def test_reply_always_has_its_room(
    chat: list[Any], window: int, least: int, reasoning: int
) -> None:
    small = model(window, max_output_tokens=max(1, window // 3))
    try:
        result = fit(chat, small, min_output=least, reasoning_reserve=reasoning)
    except ContextOverflowError:
        reject()
    assert result.max_output is not None
    assert result.tokens + result.max_output <= window
    assert result.max_output >= min(least + reasoning, window // 3)


def test_safety_keeps_a_share_free() -> None:
    chat = random_chat(5)
    limit = total(chat)
    assert fit(chat, model(limit), min_output=0, safety=0.1).limit == int(limit * 0.9)


def test_report_says_what_went() -> None:
    result, _ = fitted(agent_loop(4), 0.3)
    report = result.report()
    for dropped in result.dropped:
        assert f"dropped messages[{dropped.index}]" in report
    for cut in result.truncated:
        assert f"shortened messages[{cut.index}]" in report
    assert "the upper bound" in report


def test_report_says_whether_the_upper_bound_fits() -> None:
    result, _ = fitted(agent_loop(4), 0.3)
    for high, words in [
        (result.limit, "is within the limit"),
        (result.limit + 1, "would exceed the limit"),
        (None, "without an upper bound: it may exceed the limit"),
    ]:
        assert words in dataclasses.replace(result, exact=False, high=high).report()


def test_cost_is_of_input_and_full_reply() -> None:
    result = fit([{"role": "user", "content": "hi"}], "gpt-4o", max_output=1_000)
    own = cost("gpt-4o", input_tokens=result.tokens, output_tokens=1_000)
    assert result.cost.total == own.total > 0


def test_function_role_counts_as_tool() -> None:
    chat: list[dict[str, Any]] = [
        {"role": "user", "content": "hi " * 50},
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "text " * 400},
        {"role": "user", "content": "and?"},
    ]
    result, _ = fitted(chat, 0.5)
    assert [cut.index for cut in result.truncated] == [2]
    with pytest.raises(ValueError, match=r"messages\[0\]: expected the call of this tool result"):
        fit(chat[2:], "gpt-4o")


CALL = {
    "role": "assistant",
    "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": ""}}],
}


@pytest.mark.parametrize(
    ("chat", "message"),
    [
        (
            [{"role": "tool", "tool_call_id": "a", "content": ""}],
            r"messages\[0\]: expected the call 'a' of this tool result",
        ),
        (
            [CALL, {"role": "tool", "tool_call_id": "b", "content": ""}],
            r"messages\[1\]: expected the call 'b' of this tool result",
        ),
        (
            [CALL, {"role": "user", "content": "x"}],
            r"messages\[0\]: expected a result of the tool call 'a'",
        ),
    ],
)
def test_orphans_raise(chat: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit(chat, "gpt-4o")


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ({"strategy": "oldest"}, ValueError, "strategy: expected 'recent', 'middle_out' or"),
        ({"on_overflow": "cut"}, ValueError, "on_overflow: expected 'raise' or 'return'"),
        ({"protect": ("users",)}, ValueError, r"protect\[0\]: expected 'system', 'first_user' or"),
        ({"protect": "system"}, TypeError, "protect: expected a list of names"),
        ({"protect": None}, TypeError, "protect: expected a list of names"),
        ({"max_output": "most"}, ValueError, "max_output: expected 'auto', None or a number"),
        ({"max_output": 0}, ValueError, "max_output: expected at least 1"),
        ({"min_output": -1}, ValueError, "min_output: expected at least 0"),
        ({"reasoning_reserve": 1.5}, TypeError, "reasoning_reserve: expected a whole number"),
        ({"safety": 1.0}, ValueError, "safety: expected a fraction of at least 0 and below 1"),
        ({"hysteresis": -0.1}, ValueError, "hysteresis: expected a fraction"),
        ({"priorities": [1]}, ValueError, "priorities: expected None with strategy='recent'"),
        (
            {"strategy": "priority", "priorities": [1, 2]},
            ValueError,
            "a number for each of 1 messages, got 2",
        ),
        ({"strategy": "priority", "priorities": ["x"]}, TypeError, r"priorities\[0\]"),
    ],
)
def test_bad_options(bad: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        fit([{"role": "user", "content": "hi"}], "gpt-4o", **bad)
