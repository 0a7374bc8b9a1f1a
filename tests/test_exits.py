"""How a process ends, or is interrupted, while the core works."""

from __future__ import annotations

import subprocess
import sys

import pytest
from cli_runs import ELSEWHERE
from search import by_profile

DAEMONS = """
import threading, time, tokenkit
enc = tokenkit.get_encoding("o200k_base")
text = "The library opens at nine. 図書館は九時に開きます。 " * 2000
data = bytearray(text.encode())
chunker = tokenkit.Chunker(encoding=enc, max_tokens=50)
counter = enc.counter()
roads = [
    lambda: enc.count(text), lambda: enc.count(data), lambda: enc.encode_to_numpy(bytes(data)),
    lambda: enc.count_batch([memoryview(data)] * 3, num_threads=2), lambda: enc.encode(text),
    lambda: counter.update(memoryview(bytes(data))), lambda: chunker.chunk(text[:9000]),
]
def repeat(road):
    while True:
        road()
for road in roads:
    threading.Thread(target=repeat, args=(road,), daemon=True).start()
time.sleep(0.2)
print("at the end")
"""

AT_EXIT = """
import atexit, tokenkit
class Late:
    enc = tokenkit.get_encoding("gpt2")
    def __del__(self):
        print(self.enc.count("hello world" * 1000) > 1000)
kept = Late()
atexit.register(lambda: print(tokenkit.count("hello world", "gpt-4o")))
"""

INTERRUPTED = """
import _thread, threading, tokenkit
enc = tokenkit.get_encoding("o200k_base")
text = "The library opens at nine. 図書館は九時に開きます。 " * 100_000
expected = enc.count(text)
counter = enc.counter()
for road in (lambda: enc.count(text), lambda: counter.update(text)):
    timer = threading.Timer(0.01, _thread.interrupt_main)
    timer.start()
    try:
        while True:
            road()
            counter = enc.counter() if counter.total else counter
    except KeyboardInterrupt:
        print("interrupted", enc.count(text) == expected)
counter = enc.counter()
counter.update(text)
print(counter.total == expected)
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=ELSEWHERE,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


@pytest.mark.parametrize("k", range(by_profile(3, 30)))
def test_daemon_threads_may_count_when_the_process_ends(k: int) -> None:
    done = run(DAEMONS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "at the end\n", "")


def test_counting_while_the_interpreter_ends() -> None:
    done = run(AT_EXIT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "2\nTrue\n"


def test_an_interrupt_comes_after_the_call_and_breaks_nothing() -> None:
    done = run(INTERRUPTED)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "interrupted True\ninterrupted True\nTrue\n"
