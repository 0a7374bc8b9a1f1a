"""An agent on LiteLLM whose requests are checked before they are sent, and priced afterwards.

Takes OPENAI_API_KEY, and OPENAI_BASE_URL for another server. `pip install litellm`.
"""

import asyncio
import json

import litellm

from tokenkit import CostTracker
from tokenkit.integrations.litellm import budget_logger, custom_tokenizer

MODEL = "openai/gpt-5.4-mini"
TOOL = {
    "type": "function",
    "function": {
        "name": "read_log",
        "description": "Return the log of a day",
        "parameters": {"type": "object", "properties": {"day": {"type": "string"}}},
    },
}


def read_log(day: str) -> str:
    return f"log of {day}\n" + "12:00 all is well\n" * 100_000


async def main() -> None:
    spent = CostTracker()
    litellm.callbacks = [budget_logger(on_overflow="fit", max_usd="0.50", tracker=spent)]
    tokenizer = custom_tokenizer("gpt-5.4-mini")
    chat = [{"role": "user", "content": "What happened on Monday?"}]
    while True:
        reply = await litellm.acompletion(
            model=MODEL, messages=chat, tools=[TOOL], max_completion_tokens=2_000
        )
        message = reply.choices[0].message
        if not message.tool_calls:
            break
        chat.append(message.model_dump(exclude_none=True))
        for call in message.tool_calls:
            result = read_log(**json.loads(call.function.arguments))
            print(
                "tokens of the log:", litellm.token_counter(text=result, custom_tokenizer=tokenizer)
            )
            chat.append({"role": "tool", "tool_call_id": call.id, "content": result})
    print(message.content)
    await asyncio.sleep(1)  # LiteLLM calls its callbacks later
    print(f"{len(spent.costs)} replies, {spent.total} USD")


if __name__ == "__main__":
    asyncio.run(main())
