"""A ReAct agent of DSPy: what is too long is never sent, and DSPy drops old steps instead.

Takes OPENAI_API_KEY, and OPENAI_BASE_URL for another server. `pip install dspy`.
"""

import os

import dspy

from tokenkit import CostTracker
from tokenkit.integrations.dspy import callback, guard


def read_log(day: str) -> str:
    """Return the log of a day, which may be very long."""
    return f"log of {day}\n" + "12:00 all is well\n" * 25_000


def main() -> None:
    spent = CostTracker()
    lm = dspy.LM("openai/gpt-5.4-mini", api_base=os.environ.get("OPENAI_BASE_URL"))
    dspy.configure(lm=guard(lm, max_usd="0.80"), callbacks=[callback(spent)])
    keeper = dspy.ReAct("question -> answer", tools=[read_log])
    print(keeper(question="What happened on Monday and on Tuesday?").answer)
    print(f"{len(spent.costs)} replies, {spent.total} USD")


if __name__ == "__main__":
    main()
