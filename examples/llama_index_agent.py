"""An agent of LlamaIndex whose memory and callbacks count exactly, and whose requests are checked.

Takes OPENAI_API_KEY, and OPENAI_BASE_URL for another server. `pip install llama-index-core openai`.
The class `Chat` is all that the agent needs of a model; those of llama_index.llms do it as well.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from llama_index.core import Settings, set_global_tokenizer
from llama_index.core.agent.workflow import ReActAgent
from llama_index.core.callbacks import CallbackManager
from llama_index.core.llms import (
    ChatMessage,
    ChatResponse,
    CompletionResponse,
    CustomLLM,
    LLMMetadata,
)
from llama_index.core.memory import Memory
from openai import OpenAI

from tokenkit import CostTracker, as_messages, get_model
from tokenkit.integrations.llama_index import token_counting_handler, tokenizer
from tokenkit.integrations.openai import guard

MODEL = "gpt-5.4-mini"
SPENT = CostTracker()


class Chat(CustomLLM):
    """Chat completions of OpenAI, each request checked before it is sent."""

    client: Any

    @property
    def metadata(self) -> LLMMetadata:
        window = get_model(MODEL).context_window or 0
        return LLMMetadata(context_window=window, model_name=MODEL, is_chat_model=True)

    def chat(self, messages: Sequence[ChatMessage], **_: Any) -> ChatResponse:
        reply = self.client.chat.completions.create(
            model=MODEL, messages=as_messages(messages), max_completion_tokens=500
        )
        text = reply.choices[0].message.content
        return ChatResponse(message=ChatMessage(role="assistant", content=text), raw=reply)

    def complete(self, prompt: str, **_: Any) -> CompletionResponse:
        return CompletionResponse(
            text=str(self.chat([ChatMessage(content=prompt)]).message.content)
        )

    def stream_complete(self, prompt: str, **options: Any) -> Any:
        yield self.complete(prompt, **options)


def read_log(day: str) -> str:
    """Return the log of a day."""
    return f"log of {day}\n" + "12:00 all is well\n" * 20


async def main() -> None:
    counted = token_counting_handler(MODEL)
    Settings.callback_manager = CallbackManager([counted])
    set_global_tokenizer(tokenizer(MODEL))
    client = guard(OpenAI(), on_overflow="fit", max_usd="0.50", tracker=SPENT)
    agent = ReActAgent(tools=[read_log], llm=Chat(client=client), streaming=False)
    memory = Memory.from_defaults(session_id="keeper", token_limit=40_000)
    for question in ("What happened on Monday?", "And who was there?"):
        print(await agent.run(question, memory=memory))
    print(f"{counted.total_llm_token_count} tokens in {len(counted.llm_token_counts)} calls")
    print(f"{len(SPENT.costs)} replies, {SPENT.total} USD")


if __name__ == "__main__":
    asyncio.run(main())
