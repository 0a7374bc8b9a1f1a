"""Times what stands before each request: ``python -m benchmarks.chats [--rounds N]``.

Every round is a fresh process. It loads the registry; fits a chat of 2,000 messages whose texts
were never counted (cold), and the same chat again (warm); counts and checks it; then times the
calls on two short messages, which a program makes before each request. CPU time, lowest and median
of the rounds, beside the aim; `p99` is wall time of one of many threads.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from functools import partial

from benchmarks.sentences import ENGLISH

MESSAGES = 2_000
LIMIT = 100_000
THREADS = 16
TEXT = "Hello, how are you today?"
SHORT = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": TEXT},
]
# Name, unit, and the most that is asked for, on a quiet machine; "x" are ratios within one process.
ROWS: dict[str, tuple[str, float | None]] = {
    "registry": ("ms", None),
    "fit of 2,000 messages, cold": ("ms", 10),
    "fit of 2,000 messages, warm": ("ms", 3),
    "preflight of 2,000 messages, warm": ("ms", 15),
    "count_messages of 2,000 messages, warm": ("ms", None),
    "preflight of 2 messages": ("us", 40),
    "count_messages of 2 messages": ("us", 6),
    "ContextMeter.add of a short message": ("us", 20),
    "count(text, model), by Encoding.count": ("x", 2.2),
    "preflight of 2 KB, p99 of 16 threads by the median of 1": ("x", 3),
    "count of 2 KB, p99 of 16 threads by the median of 1": ("x", 3),
}


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


def timed(call: Callable[[], object]) -> float:
    """One call, in milliseconds of CPU time."""
    begin = time.process_time()
    call()
    return (time.process_time() - begin) * 1000


def short(call: Callable[[], object], calls: int = 50, repeats: int = 200) -> float:
    """One call in microseconds: the quickest of many short loops."""
    begin, best = 0.0, float("inf")
    for _ in range(repeats):
        begin = time.process_time()
        for _ in range(calls):
            call()
        best = min(best, time.process_time() - begin)
    return best / calls * 1e6


def p99_by_median(call: Callable[[], object], calls: int = 2_000) -> float:
    """The 99th percentile of a call's wall time in one of many threads, by the median in one."""

    def times(threads: int) -> list[float]:
        found: list[float] = []

        def work() -> None:
            own = []
            for _ in range(calls):
                begin = time.perf_counter()
                call()
                own.append(time.perf_counter() - begin)
            found.extend(own)

        running = [threading.Thread(target=work) for _ in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        return sorted(found)

    many = times(THREADS)
    return many[len(many) * 99 // 100] / statistics.median(times(1))


def measure(seed: int) -> dict[str, float]:
    """One process's figures, by the names of `ROWS`."""
    import tokenkit
    from tokenkit.models.registry import built_in

    warnings.simplefilter("ignore", tokenkit.RetirementWarning)
    messages = chat(seed)
    enc = tokenkit.get_encoding("o200k_base")
    # First, as records of a user make names slower.
    named = short(partial(tokenkit.count, TEXT, "gpt-4o")) / short(partial(enc.count, TEXT))
    registry = timed(built_in)
    tokenkit.register_model(
        {"name": "measured", "kind": "chat", "encoding": "o200k_base", "context_window": LIMIT}
    )
    tokenkit.fit([{"role": "user", "content": "hello"}], "measured")
    cold = timed(lambda: tokenkit.fit(messages, "measured"))

    def warm(call: Callable[[], object]) -> float:
        return statistics.median(timed(call) for _ in range(9))

    meter = tokenkit.ContextMeter("gpt-4o")
    long = " ".join(ENGLISH * 99)[:2_000]
    values = (
        registry,
        cold,
        warm(lambda: tokenkit.fit(messages, "measured")),
        warm(lambda: tokenkit.preflight(model="gpt-4o", messages=messages)),
        warm(lambda: tokenkit.count_messages(messages, "gpt-4o")),
        short(lambda: tokenkit.preflight(model="gpt-4o", messages=SHORT)),
        short(lambda: tokenkit.count_messages(SHORT, "gpt-4o")),
        short(lambda: meter.add(SHORT[1])),
        named,
        p99_by_median(
            lambda: tokenkit.preflight(
                model="gpt-4o", messages=[SHORT[0], {"role": "user", "content": long}]
            )
        ),
        p99_by_median(lambda: enc.count(long)),
    )
    return dict(zip(ROWS, values, strict=True))


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
    print(f"{'':56} {'best':>8} {'median':>8} {'aim':>6}")
    for name, (unit, aim) in ROWS.items():
        values = [figures[name] for figures in rounds]
        asked = "" if aim is None else f"{aim:g}"
        print(f"{name:56} {min(values):8.1f} {statistics.median(values):8.1f} {asked:>6} {unit}")


if __name__ == "__main__":
    main()
