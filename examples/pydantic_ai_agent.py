"""An agent of pydantic-ai that counts before each request, on this machine, and stays in budget.

Takes OPENAI_API_KEY, and OPENAI_BASE_URL for another server. Needs `pydantic-ai-slim[openai]`.
"""

from pydantic_ai import Agent, UsageLimitExceeded, UsageLimits

from tokenkit import CostTracker
from tokenkit.integrations.pydantic_ai import guard

spent = CostTracker()
model = guard("openai-chat:gpt-5.4-mini", on_overflow="fit", max_usd="0.50", tracker=spent)
agent = Agent(
    model,
    instructions="You keep a lighthouse. Answer in one sentence.",
    model_settings={"max_tokens": 2_000},
)


@agent.tool_plain
def read_log(day: str) -> str:
    """Return the log of a day, which may be very long."""
    return f"log of {day}\n" + "12:00 all is well\n" * 100_000


def main() -> None:
    first = agent.run_sync("What happened on Monday?")
    print(first.output)
    print(f"{len(spent.costs)} replies, {spent.total} USD")
    # OpenAI has no endpoint that counts: the guard counts instead, before anything is sent.
    limits = UsageLimits(count_tokens_before_request=True, input_tokens_limit=10_000)
    try:
        agent.run_sync("Again?", message_history=first.all_messages(), usage_limits=limits)
    except UsageLimitExceeded as error:
        print(error)


if __name__ == "__main__":
    main()
