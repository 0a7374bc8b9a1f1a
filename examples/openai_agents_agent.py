"""An agent of OpenAI's Agents SDK whose chat is fitted, and whose run may not cost too much.

Takes OPENAI_API_KEY, and OPENAI_BASE_URL for another server. `pip install openai-agents`.
"""

import asyncio

from agents import Agent, ModelSettings, RunConfig, Runner, SQLiteSession, function_tool

from tokenkit import CostTracker
from tokenkit.integrations.agents import input_filter, run_hooks


@function_tool
def read_log(day: str) -> str:
    """Return the log of a day, which may be very long."""
    return f"log of {day}\n" + "12:00 all is well\n" * 100_000


async def main() -> None:
    agent = Agent(
        name="Keeper",
        instructions="You keep a lighthouse. Answer in one sentence.",
        model="gpt-5.4-mini",
        model_settings=ModelSettings(max_tokens=2_000),
        tools=[read_log],
    )
    spent = CostTracker()
    hooks = run_hooks(spent, max_usd="0.50")  # no request once the run has cost so much
    session = SQLiteSession("lighthouse")  # keeps all; only what is sent is shortened
    config = RunConfig(
        call_model_input_filter=input_filter(on_fit=lambda fitted: print(fitted.report())),
        tracing_disabled=True,
    )
    for question in ("What happened on Monday?", "And who was there?"):
        result = await Runner.run(agent, question, session=session, run_config=config, hooks=hooks)
        print(result.final_output)
    print(f"{len(spent.costs)} replies, {spent.total} USD")


if __name__ == "__main__":
    asyncio.run(main())
