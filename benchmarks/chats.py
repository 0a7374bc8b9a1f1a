"""Times chat fitting: ``python -m benchmarks.chats [--rounds N]``.

Every round is a fresh process that loads the registry, then fits a chat of 2,000 messages whose
texts were never counted (cold), and then the same chat again (warm). CPU time, lowest and median.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import time

from benchmarks.sentences import ENGLISH

MESSAGES = 2_000
LIMIT = 100_000


def chat(seed: int) -> list[dict[str, object]]:
    """A chat of turns and tool calls; nearly all of its texts differ."""
    rng = random.Random(seed)
    words = " ".join(ENGLISH).split()

    def text(least: int, most: int) -> str:
        return " ".join(rng.choices(words, k=rng.randint(least, most)))

    messages: list[dict[str, object]] = [{"role": "system", "content": "You are a helper."}]
    while len(messages) < MESSAGES - 1:
        if rng.random() < 0.35:
            name = f"call_{len(messages)}"
            function = {"name": "search", "arguments": json.dumps({"query": text(3, 5)})}
            call = {"id": name, "type": "function", "function": function}
            messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
            messages.append({"role": "tool", "tool_call_id": name, "content": text(10, 210)})
        else:
            messages.append({"role": "user", "content": text(5, 80)})
            messages.append({"role": "assistant", "content": text(5, 100)})
    messages.append({"role": "user", "content": "And now?"})
    return messages


def measure(seed: int) -> dict[str, float]:
    """One process's figures, in milliseconds of CPU time."""
    import tokenkit
    from tokenkit.models.registry import built_in

    def timed(function: object, *arguments: object) -> float:
        begin = time.process_time()
        function(*arguments)  # type: ignore[operator]
        return (time.process_time() - begin) * 1000

    messages = chat(seed)
    registry = timed(built_in)
    tokenkit.register_model(
        {"name": "measured", "kind": "chat", "encoding": "o200k_base", "context_window": LIMIT}
    )
    tokenkit.fit([{"role": "user", "content": "hello"}], "measured")
    cold = timed(tokenkit.fit, messages, "measured")
    warm = statistics.median(timed(tokenkit.fit, messages, "measured") for _ in range(9))
    tokens = tokenkit.count_messages(messages, "measured").tokens
    return {"registry": registry, "cold": cold, "warm": warm, "tokens": tokens}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        print(json.dumps(measure(options.one)))
        return
    rounds = []
    for seed in range(options.rounds):
        command = [sys.executable, "-m", "benchmarks.chats", "--one", str(seed)]
        rounds.append(json.loads(subprocess.check_output(command)))
    for name in ("registry", "cold", "warm"):
        values = [figures[name] for figures in rounds]
        print(f"{name}: {min(values):.1f} ms at best, {statistics.median(values):.1f} ms median")
    print(f"{MESSAGES} messages, {int(rounds[0]['tokens'])} tokens, fitted into {LIMIT}")


if __name__ == "__main__":
    main()
