"""Checks of messages: each error names the part that is wrong, what was expected and what came."""

from __future__ import annotations

from typing import Any

import pytest

import tokenkit
from tokenkit.chat.checks import check_calls, only_call
from tokenkit.chat.counting import count_messages


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def calling(*calls: Any) -> list[Any]:
    return [{"role": "assistant", "tool_calls": list(calls)}]


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-oss-20b"])
@pytest.mark.parametrize(
    ("chat", "error", "message"),
    [
        ("hi", TypeError, "^messages: expected a list of dicts, got str"),
        ({"role": "user"}, TypeError, "^messages: expected a list of dicts, got dict"),
        (3, TypeError, "^messages: expected a list of dicts, got int"),
        (["hi"], TypeError, r"^messages\[0\]: expected a dict, got str"),
        ([{"content": "x"}], ValueError, r"^messages\[0\].role: expected one of .*, got none"),
        ([{"role": "bot", "content": "x"}], ValueError, r"messages\[0\].role: .*, got 'bot'"),
        ([{"role": ["user"], "content": "x"}], ValueError, r"messages\[0\].role: .*'user'"),
        ([user(3)], ValueError, r"messages\[0\].content: expected str, a list of .*, got int"),
        ([user("x"), user(["x"])], ValueError, r"messages\[1\].content\[0\]: expected a dict"),
        (
            [user([{"type": "text"}])],
            ValueError,
            r"content\[0\].text: expected str, got NoneType",
        ),
        ([user([{"type": 3}])], ValueError, r"content\[0\].type: expected text, .*got 3"),
        ([{**user("x"), "name": 3}], ValueError, r"messages\[0\].name: expected str, got int"),
        ([{"role": "assistant", "tool_calls": "x"}], ValueError, "tool_calls: expected a list"),
        (calling("x"), ValueError, r"tool_calls\[0\]: expected a dict, got str"),
        (
            calling({"function": {"name": "f", "arguments": 3}}),
            ValueError,
            r"messages\[0\].tool_calls\[0\].function.arguments: expected str of JSON, got int",
        ),
        (calling({"function": {}}), ValueError, r"tool_calls\[0\].function.name: expected str"),
        (
            [{"role": "assistant", "function_call": "f"}],
            ValueError,
            r"messages\[0\].function_call: expected a dict, got str",
        ),
        ([{"role": "function", "content": "x"}], ValueError, r"messages\[0\]"),
        (
            [user([{"type": "file", "file": {"file_data": "data:x;base64,@"}}])],
            ValueError,
            r"content\[0\].file.file_data: expected base64 in the data URL",
        ),
        ([user([{"type": "file"}])], ValueError, r"content\[0\].file: expected one of file_data"),
        (
            [user([{"type": "file", "file": 3}])],
            ValueError,
            r"\[0\].file: expected a dict, got int",
        ),
        ([user([{"type": "input_audio"}])], ValueError, r"\[0\].input_audio: expected a dict with"),
        (
            [user([{"type": "input_audio", "input_audio": {"data": "@"}}])],
            ValueError,
            r"input_audio.data: expected base64, got",
        ),
    ],
)
def test_bad_messages(chat: Any, error: type[Exception], message: str, model: str) -> None:
    with pytest.raises(error, match=message):
        count_messages(chat, model)


def test_one_call_is_checked_as_several_are() -> None:
    call = {"id": "a", "function": {"name": "f", "arguments": "{}"}}
    assert only_call([call]) == check_calls(0, [call]) == [("a", "f", "{}")]
    odd_calls: list[Any] = [
        [call, call],
        (call,),
        [{"custom": {"name": "f"}}],
        [{}],
        None,
    ]
    for odd in odd_calls:
        assert only_call(odd) is None
    custom = {"id": "b", "custom": {"name": "f", "input": "SELECT 1"}}
    assert check_calls(0, [call, custom])[1] == ("b", "f", "SELECT 1")


CALL = {"type": "function", "function": {"name": "add", "arguments": "{}"}}


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-oss-120b"])
@pytest.mark.parametrize("call_id", [[], {}, [1], ({},)])
@pytest.mark.parametrize(
    "message",
    [
        lambda call_id: {"role": "assistant", "tool_calls": [{**CALL, "id": call_id}]},
        lambda call_id: {"role": "assistant", "tool_calls": [{**CALL, "id": call_id}] * 2},
        lambda call_id: {"role": "tool", "tool_call_id": call_id, "content": "4"},
        lambda call_id: {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": call_id, "content": "4"}],
        },
    ],
    ids=["call", "calls", "result", "part"],
)
def test_an_id_that_cannot_be_looked_up_is_named(model: str, call_id: Any, message: Any) -> None:
    chat = [message(call_id)]
    expected = r"^messages\[0\]: expected str as the id of a call, got (list|dict|tuple)"
    with pytest.raises(ValueError, match=expected):
        tokenkit.count_messages(chat, model)
    with pytest.raises(ValueError, match=expected):
        tokenkit.fit(chat, model, max_input=1_000)
    assert tokenkit.preflight({"model": model, "messages": chat}).problems
