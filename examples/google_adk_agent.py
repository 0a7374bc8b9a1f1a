"""An agent of google-adk whose requests are checked before they are sent, and priced.

Takes GOOGLE_API_KEY, and GOOGLE_GEMINI_BASE_URL for another server. `pip install google-adk`.
"""

import asyncio

from google.adk.agents import LlmAgent
from google.adk.runners import InMemoryRunner
from google.genai import types

from tokenkit import CostTracker
from tokenkit.integrations.google_adk import after_model_callback, before_model_callback

spent = CostTracker()


def read_log(day: str) -> str:
    """Return the log of a day, which may be very long."""
    return f"log of {day}\n" + "12:00 all is well\n" * 80_000


async def main() -> None:
    agent = LlmAgent(
        name="keeper",
        model="gemini-3.5-flash",
        instruction="You keep a lighthouse. Answer in one sentence.",
        tools=[read_log],
        generate_content_config=types.GenerateContentConfig(max_output_tokens=2_000),
        before_model_callback=before_model_callback(on_overflow="fit", max_usd="2"),
        after_model_callback=after_model_callback(spent),
    )
    runner = InMemoryRunner(agent=agent)
    for question in ("What happened on Monday?", "And on Tuesday?"):
        for event in await runner.run_debug(question, quiet=True):
            if event.is_final_response() and event.content:
                print(event.content.parts[0].text)
    print(f"{len(spent.costs)} replies, {spent.total} USD")


if __name__ == "__main__":
    asyncio.run(main())
