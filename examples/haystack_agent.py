"""An agent of Haystack that compacts its chat by exact tokens, and whose requests are checked.

Takes OPENAI_API_KEY, and OPENAI_BASE_URL for another server. `pip install haystack-ai`.
"""

from typing import Annotated

from haystack.components.agents import Agent
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.hooks.compaction import CompactionHook, SlidingWindowCompactor
from haystack.tools import tool

from tokenkit import CostTracker, get_model
from tokenkit.integrations.haystack import token_counter
from tokenkit.integrations.openai import guard

MODEL = "gpt-5.4-mini"


@tool
def read_log(day: Annotated[str, "The day, such as Monday"]) -> str:
    """Return the log of a day, which may be very long."""
    return f"log of {day}\n" + "12:00 all is well\n" * 900


def main() -> None:
    counter = token_counter(MODEL)
    hook = CompactionHook(
        SlidingWindowCompactor(),
        context_window=get_model(MODEL).context_window or 0,
        compact_at=0.5,
        compact_to=0.3,
        token_counter=counter,
    )
    generator = OpenAIChatGenerator(model=MODEL, generation_kwargs={"max_completion_tokens": 500})
    generator.warm_up()
    spent = CostTracker()
    guard(generator.client, on_overflow="fit", max_usd="0.50", tracker=spent)
    agent = Agent(chat_generator=generator, tools=[read_log], hooks={"before_llm": [hook]})
    chat = [ChatMessage.from_system("You keep a lighthouse. Answer in one sentence.")]
    for question in ("What happened on Monday?", "And on Tuesday?", "Who was there?"):
        chat = agent.run(messages=[*chat, ChatMessage.from_user(question)])["messages"]
        print(chat[-1].text, counter.measure(chat, [read_log]).tokens)
    print(f"{len(spent.costs)} replies, {spent.total} USD")


if __name__ == "__main__":
    main()
