"""Session logs of coding agents: each request once, whatever is written twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tokenkit import cost_from_usage
from tokenkit.shapes import AgentLogs, read_usage, session_of

Line = dict[str, Any]


def claude(message: str, output: int, request: str = "r", session: str = "s1", **more: Any) -> Line:
    usage = {"input_tokens": 3, "cache_read_input_tokens": 100, "output_tokens": output}
    body = {"id": message, "model": "claude-opus-5", "role": "assistant", "usage": usage}
    return {
        "type": "assistant",
        "sessionId": session,
        "requestId": f"{message}{request}",
        "timestamp": "2026-11-01T10:00:00.000Z",
        "message": {**body, "content": [{"type": "text", "text": "Hi"}]},
        **more,
    }


def codex(kind: str, time: str = "10:00:00", **payload: Any) -> Line:
    return {"timestamp": f"2026-11-01T{time}.000Z", "type": kind, "payload": payload}


def numbers(tokens: int, output: int) -> Line:
    return {
        "input_tokens": tokens,
        "cached_input_tokens": tokens // 2,
        "output_tokens": output,
        "reasoning_output_tokens": 0,
        "total_tokens": tokens + output,
    }


def counts(steps: Sequence[tuple[int, int]], time: str = "10:00:05") -> list[Line]:
    """Events of responses with so many (input, output) tokens."""
    lines, tokens, output = [], 0, 0
    for step in steps:
        tokens, output = tokens + step[0], output + step[1]
        info = {
            "total_token_usage": numbers(tokens, output),
            "last_token_usage": numbers(*step),
            "model_context_window": 272_000,
        }
        lines.append(codex("event_msg", time, type="token_count", info=info, rate_limits=None))
    return lines


def session(name: str, **meta: Any) -> list[Line]:
    return [
        codex("session_meta", id=name, cwd="/work", cli_version="0.140.0", **meta),
        codex("turn_context", cwd="/work", model="gpt-5.2"),
    ]


def read(files: Mapping[str, Sequence[Line]]) -> AgentLogs:
    logs = AgentLogs()
    for file, lines in files.items():
        for number, line in enumerate(lines, 1):
            assert logs.take(file, f"line {number}", line), line
    return logs


def outputs(logs: AgentLogs) -> list[int]:
    return [read_usage(record.value).usage.output_tokens for record in logs.records()]


def test_the_last_state_of_a_reply_counts() -> None:
    lines = [claude("m1", 1), claude("m1", 9), claude("m1", 9), claude("m2", 5)]
    logs = read({"a": lines})
    assert [record.where for record in logs.records()] == ["a: line 2", "a: line 4"]
    assert outputs(logs) == [9, 5]
    assert logs.doubts == []
    bill = cost_from_usage(logs.records()[0].value)
    # 3 input at 5, 100 cached at 0.5, 9 output at 25 USD per million
    assert (f"{bill.total:f}", bill.partial, bill.notes[1:]) == ("0.00029", False, ())


def test_copies_in_other_sessions_count_once() -> None:
    progress = {
        "type": "progress",
        "sessionId": "s1",
        "data": {"type": "agent_progress", "message": claude("m1", 7, isSidechain=True)},
    }
    files = {
        "a": [claude("m1", 7), claude("m2", 4)],
        "b": [claude("m1", 7, session="s2"), claude("m3", 2, session="s2"), progress],
    }
    logs = read(files)
    assert [(record.session, record.identity[1]) for record in logs.records()] == [
        ("s1", "m1"),
        ("s1", "m2"),
        ("s2", "m3"),
    ]
    assert outputs(read({"c": [progress]})) == [7]
    # One message, two requests: both were paid for.
    assert outputs(read({"a": [claude("m1", 7), claude("m1", 7, "other")]})) == [7, 7]
    # Without an id, each line is a request.
    bare = claude("m1", 7)
    del bare["message"]["id"]
    assert outputs(read({"a": [bare, bare]})) == [7, 7]
    # Without the id of the request, that of the message is enough.
    loose = [{**claude("m1", output), "requestId": None} for output in (7, 8)]
    assert outputs(read({"a": loose})) == [8]


def test_what_claude_code_says_itself_costs_nothing() -> None:
    error = claude("m1", 0, isApiErrorMessage=True)
    error["message"]["model"] = "<synthetic>"
    error["message"]["usage"] = {"input_tokens": 0, "output_tokens": 0}
    logs = read({"a": [error]})
    assert (logs.records(), logs.doubts) == ([], [])
    error["message"]["usage"]["output_tokens"] = 5
    (record,) = read({"a": [error]}).records()
    with pytest.raises(LookupError, match="<synthetic>"):
        cost_from_usage(record.value)


@pytest.mark.parametrize(
    "line",
    [
        {"type": "user", "sessionId": "s", "toolUseResult": {"usage": {"output_tokens": 5}}},
        {"type": "summary", "leafUuid": "u", "summary": "Tides"},
        {"type": "file-history-snapshot", "isSnapshotUpdate": False, "snapshot": {}},
        {"type": "cost-state", "sessionId": "s", "modelUsage": {"m": {"inputTokens": 5}}},
        {"type": "progress", "sessionId": "s", "data": {"type": "hook_progress"}},
        codex("response_item", type="message", role="user", content=[]),
        codex("event_msg", type="token_count", info=None, rate_limits={"primary": {}}),
        codex("event_msg", type="agent_message", message="Done"),
        codex("compacted", message="Earlier ..."),
    ],
)
def test_lines_without_a_request(line: Line) -> None:
    logs = read({"a": [line]})
    assert (logs.records(), logs.doubts) == ([], [])


@pytest.mark.parametrize(
    ("line", "doubt"),
    [
        ({"type": "dream", "sessionId": "s"}, "lines of type 'dream'"),
        (
            {"type": "dream", "sessionId": "s", "usage": {"input_tokens": 5}},
            "lines of type 'dream', with numbers of tokens",
        ),
        (
            {"type": "mode", "sessionId": "s", "usage": {"input_tokens": 5}},
            "lines of type 'mode', with numbers of tokens",
        ),
        (
            {"type": "assistant", "sessionId": "s", "message": {"content": []}},
            "lines of type 'assistant' without usage",
        ),
        ({"type": "assistant", "sessionId": "s"}, "lines of type 'assistant' without usage"),
        (codex("dream"), "lines of type 'dream'"),
        (
            codex("event_msg", type="dream", usage={"input_tokens": 5}),
            "lines of type 'event_msg', 'dream', with numbers of tokens",
        ),
        (
            codex("event_msg", type="token_count", info={"total_token_usage": numbers(5, 1)}),
            "lines of type 'event_msg' with a sum alone",
        ),
    ],
)
def test_what_is_not_known_is_named(line: Line, doubt: str) -> None:
    logs = read({"a": [line, line]})
    assert logs.records() == []
    # The same sum twice is one count.
    times = "" if "sum" in doubt else "2 times "
    assert logs.doubts == [f"a: {times}{doubt}"]


@pytest.mark.parametrize(
    "value",
    [None, 5, "x", [], {}, {"type": 5, "sessionId": "s"}, {"usage": {}}, {"type": "message"}],
)
def test_other_values_are_left_to_others(value: Any) -> None:
    assert not AgentLogs().take("a", "line 1", value)


def test_codex_counts_each_response_once() -> None:
    first, second = counts([(1000, 10), (3000, 20)])
    logs = read({"a": [*session("t1"), first, first, second, second]})
    assert outputs(logs) == [10, 20]
    records = logs.records()
    assert {record.session for record in records} == {"t1"}
    reading = read_usage(records[1].value)
    assert (reading.model, str(reading.day)) == ("gpt-5.2", "2026-11-01")
    assert (reading.usage.input_tokens, reading.usage.cached_tokens) == (3000, 1500)
    assert logs.doubts == []


def test_codex_follows_the_model_tier_and_searches_of_a_turn() -> None:
    first, second = counts([(1000, 10), (3000, 20)])
    search = codex("response_item", type="web_search_call", action={"type": "search"})
    turn = codex("turn_context", model="gpt-5.4", service_tier="priority")
    logs = read({"a": [*session("t1"), search, first, turn, second]})
    one, two = (read_usage(record.value) for record in logs.records())
    assert (one.model, one.tier, one.usage.web_searches) == ("gpt-5.2", None, 1)
    assert (two.model, two.tier, two.usage.web_searches) == ("gpt-5.4", "priority", 0)


def test_codex_without_a_count_between_two_others() -> None:
    first, _, third = counts([(1000, 10), (500, 5), (3000, 20)])
    logs = read({"a": [*session("t1"), first, third]})
    assert outputs(logs) == [10, 20]
    assert logs.doubts == ["a: 505 tokens between two counts, in no event"]


@pytest.mark.parametrize(
    "meta",
    [
        {"forked_from_id": "t1"},
        {"parent_thread_id": "t1"},
        {"source": {"subagent": {"thread_spawn": {"parent_thread_id": "t1"}}}},
    ],
)
@pytest.mark.parametrize("child_first", [True, False])
def test_codex_forks_repeat_their_parents(meta: dict[str, Any], child_first: bool) -> None:
    steps = [(1000, 10), (3000, 20), (4000, 30)]
    parent = [*session("t1"), *counts(steps)]
    own = counts([*steps[:2], (5000, 50)], "11:00:00")
    child = [*session("t2", **meta), *session("t1"), *own]
    grandchild = [*session("t3", forked_from_id="t2"), *counts([*steps[:2], (5000, 50), (6, 7)])]
    files = {"p": parent, "c": child, "g": grandchild}
    logs = read(dict(reversed(files.items())) if child_first else files)
    assert sorted(outputs(logs)) == [7, 10, 20, 30, 50]
    assert logs.doubts == []
    # A copy of a session in another folder, such as an archive, is read once.
    assert sorted(outputs(read({"p": parent, "q": parent}))) == [10, 20, 30]


def test_codex_fork_without_its_parent_is_in_doubt() -> None:
    copies = counts([(1000, 10), (3000, 20)], "10:00:00")
    own = counts([(1000, 10), (3000, 20), (5, 50)], "10:02:00")[-1]
    logs = read({"c": [*session("t2", forked_from_id="t1"), *copies, own]})
    assert outputs(logs) == [50]
    (doubt,) = logs.doubts
    assert doubt.startswith("c: 2 counts, written when the session was forked from t1")


def test_sessions_with_equal_counts_are_two() -> None:
    steps = [(1000, 10), (3000, 20)]
    files = {name: [*session(name), *counts(steps)] for name in ("t1", "t2")}
    nameless = {name: counts(steps) for name in ("x", "y")}
    assert sorted(outputs(read(files))) == [10, 10, 20, 20]
    assert sorted(outputs(read(nameless))) == [10, 10, 20, 20]


def stream(message: str, output: int) -> Line:
    line = claude(message, output)
    line["session_id"], line["uuid"] = line.pop("sessionId"), f"u{message}"
    return line


RESULT = {
    "type": "result",
    "subtype": "success",
    "session_id": "s1",
    "uuid": "u",
    "num_turns": 2,
    "total_cost_usd": 0.1,
    "usage": {"input_tokens": 5, "output_tokens": 30},
    "modelUsage": {
        "claude-opus-5": {
            "inputTokens": 5,
            "outputTokens": 30,
            "cacheReadInputTokens": 100,
            "cacheCreationInputTokens": 20,
            "webSearchRequests": 1,
            "costUSD": 0.1,
            "contextWindow": 1_000_000,
            "maxOutputTokens": 64_000,
        }
    },
}


def test_the_result_of_a_stream_counts_in_place_of_its_replies() -> None:
    replies = [stream("m1", 1), stream("m2", 1)]
    logs = read({"a": [*replies, RESULT, RESULT]})
    (record,) = logs.records()
    reading = read_usage(record.value)
    assert (record.session, reading.model, reading.requests) == ("s1", "claude-opus-5", None)
    used = reading.usage
    assert (used.input_tokens, used.cached_tokens, used.cache_write_tokens) == (125, 100, 20)
    assert (used.output_tokens, used.web_searches) == (30, 1)
    assert (reading.unread, logs.doubts) == ((), [])
    begun = read({"a": replies})
    assert outputs(begun) == [1, 1]
    assert begun.doubts == [
        "a: 2 times replies of a stream without its result: their output may be longer"
    ]
    # The log of the session says more than what was printed of it.
    logged = read({"a": [*replies, RESULT], "log": [claude("m1", 7), claude("m2", 8)]})
    assert outputs(logged) == [7, 8]
    assert logged.doubts == []
    # A result without sums by model names no model.
    bare = {**RESULT, "modelUsage": {}}
    assert [record.value for record in read({"a": [bare]}).records()] == [bare]
    odd = {**RESULT, "modelUsage": {"claude-opus-5[1m]": {"inputTokens": 5, "newTokens": 3}}}
    (record,) = read({"a": [odd]}).records()
    reading = read_usage(record.value)
    assert reading.model == "claude-opus-5"
    assert [item.item for item in reading.unread] == ["usage_report.newTokens"]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=12), st.data())
def test_any_order_and_any_copies(replies: list[tuple[int, int]], data: st.DataObject) -> None:
    lines = [claude(f"m{message}", output) for message, output in replies]
    best: dict[int, int] = {}
    for message, output in replies:
        best[message] = max(best.get(message, 0), output)
    again = data.draw(st.permutations([*lines, *lines]))
    middle = data.draw(st.integers(0, len(again)))
    logs = read({"a": again[:middle], "b": again[middle:]})
    assert sorted(outputs(logs)) == sorted(best.values())


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(1, 4)), max_size=7))
def test_any_tree_of_forks_counts_each_response_once(forks: list[tuple[int, int, int]]) -> None:
    """Each fork is (its parent, how many of its responses are copied, how many are new)."""
    paths: list[list[int]] = [[1, 2, 3]]  # the outputs of each session, copies included
    files = {"0": [*session("0"), *counts([(10, output) for output in paths[0]])]}
    fresh = 3
    for number, (parent, copied, new) in enumerate(forks, 1):
        parent %= number
        begun = paths[parent][:copied]
        own = list(range(fresh + 1, fresh + 1 + new))
        fresh += new
        paths.append([*begun, *own])
        steps = counts([(10, output) for output in paths[-1]], "11:00:00")
        files[str(number)] = [*session(str(number), forked_from_id=str(parent)), *steps]
    logs = read(dict(reversed(files.items())))
    assert sorted(outputs(logs)) == list(range(1, fresh + 1))
    assert logs.doubts == []


VALUES = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["x", [], {}, [5], ["x"]])


def changed(draw: st.DrawFn, value: Any) -> Any:
    """A value with another one somewhere inside."""
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: changed(draw, value[key])}
    if isinstance(value, list) and value and draw(st.booleans()):
        return [changed(draw, value[0]), *value[1:]]
    return draw(VALUES)


@st.composite
def odd_lines(draw: st.DrawFn) -> list[Any]:
    step = counts([(10, 1), (20, 2)])
    progress = {"type": "progress", "sessionId": "s1", "data": {"message": claude("m2", 7)}}
    lines = [claude("m1", 7), progress, stream("m3", 1), RESULT, *session("t1"), *step]
    lines += session("t2", source={"subagent": {"thread_spawn": {"parent_thread_id": "t1"}}})
    return [
        changed(draw, line) if draw(st.booleans()) else line
        for line in draw(st.permutations(lines))
    ]


@given(odd_lines())
def test_any_lines_are_read_or_named(lines: list[Any]) -> None:
    logs = AgentLogs()
    for line in lines:
        logs.take("a", "line", line)
        session_of(line)
    for record in logs.records():
        with suppress(ValueError, TypeError):
            read_usage(record.value)
    assert all(isinstance(doubt, str) for doubt in logs.doubts)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({"session_id": "a"}, "a"),
        ({"metadata": {"session_id": "a"}}, "a"),
        ({"conversation": {"id": "a"}}, "a"),
        ({"attributes": {"session.id": "a"}}, "a"),
        (
            {"attributes": [{"key": "gen_ai.conversation.id", "value": {"stringValue": "a"}}]},
            "a",
        ),
        ({"gen_ai.conversation.id": "a", "trace_id": "b"}, "a"),
        ({"traceId": "b", "attributes": [5, {"key": "x", "value": 5}]}, "b"),
        ({"session_id": None, "metadata": 5}, None),
        ({"conversation": {"id": 5}}, "5"),
        ({"conversation": {"id": [5]}, "session_id": True}, None),
        ([], None),
    ],
)
def test_sessions_of_records(value: Any, name: str | None) -> None:
    assert session_of(value) == name
