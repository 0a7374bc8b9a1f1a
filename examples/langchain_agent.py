"""An agent of LangChain that stays within its model's window and a price, and says what it cost.

pip install '.[frameworks]'
OPENAI_API_KEY=... python examples/langchain_agent.py "What is the weather in Bergen?"
"""

from __future__ import annotations

import sys

from langchain.agents import create_agent
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

from tokenkit import CostTracker
from tokenkit.integrations.langchain import budget_middleware, compaction_middleware, count_offline


@tool
def weather(city: str) -> str:
    """Return the weather in a city."""
    return f"It rains in {city}. " * 200


def main(question: str) -> None:
    spent = CostTracker()
    model = count_offline(ChatOpenAI(model="gpt-5.4-mini", max_tokens=2_000))
    print("tokens of the question:", model.get_num_tokens_from_messages([HumanMessage(question)]))
    agent = create_agent(
        model,
        tools=[weather],
        system_prompt="Answer in one sentence.",
        middleware=[
            compaction_middleware(at=0.8, to=0.5),
            budget_middleware(on_overflow="fit", max_usd="0.05", tracker=spent),
        ],
    )
    result = agent.invoke({"messages": [HumanMessage(question)]})
    print(result["messages"][-1].text)
    print(f"spent: {spent.total} USD")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "What is the weather in Bergen?")
