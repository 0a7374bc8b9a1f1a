"""Messages that frameworks themselves make are read as their plain forms are."""

from __future__ import annotations

import pytest

from tokenkit import as_messages, count_messages

pytestmark = pytest.mark.clients


def test_pydantic_ai() -> None:
    from pydantic_ai.messages import (
        ModelRequest,
        ModelResponse,
        SystemPromptPart,
        TextPart,
        ToolCallPart,
        ToolReturnPart,
        UserPromptPart,
    )

    chat = [
        ModelRequest(parts=[SystemPromptPart("Be brief."), UserPromptPart("What time is it?")]),
        ModelResponse(
            parts=[TextPart("Let me look."), ToolCallPart("now", {"tz": "UTC"}, tool_call_id="a")]
        ),
        ModelRequest(parts=[ToolReturnPart("now", "noon", tool_call_id="a")]),
    ]
    read = as_messages(chat)
    assert [message["role"] for message in read] == ["system", "user", "assistant", "tool"]
    count = count_messages(chat, "gpt-4o")
    assert count.tokens == count_messages(read, "gpt-4o").tokens
    assert count.high is not None


def test_openai_and_anthropic() -> None:
    from anthropic.types import Message
    from fake_api import CHAT, MESSAGE
    from openai.types.chat import ChatCompletion

    reply = ChatCompletion.model_validate(CHAT).choices[0].message
    assert as_messages([reply])[0]["content"] == "Hi"
    assert count_messages([reply], "gpt-4o").exact
    own = Message.model_validate(MESSAGE)
    (read,) = as_messages([{"role": own.role, "content": own.content}])
    assert read["content"][0]["text"] == "Hi"
