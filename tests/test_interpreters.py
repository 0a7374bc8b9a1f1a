"""A second interpreter in a process is refused in words."""

from __future__ import annotations

import subprocess
import sys

from cli_runs import ELSEWHERE

# One is isolated, with a GIL of its own from CPython 3.12 on, the other shares the main one's.
# The module that makes them has another name from CPython 3.13 on.
RUN = """
import importlib, sys
try:
    interpreters = importlib.import_module("_interpreters")
    def run(kind, code):
        found = interpreters.create(kind)
        error = interpreters.exec(found, code)
        if error is not None:
            print(error.type.__name__, error.msg)
except ModuleNotFoundError:
    interpreters = importlib.import_module("_xxsubinterpreters")
    def run(kind, code):
        found = interpreters.create(isolated=kind == "isolated")
        try:
            interpreters.run_string(found, code)
        except interpreters.RunFailedError as error:
            print(error)

if sys.argv[1] == "after":
    import tokenkit
    tokenkit.count("hello world", encoding="gpt2")
for kind in ("legacy", "isolated"):
    run(kind, '''
import sys
sys.path[:] = %r
import tokenkit
tokenkit.count("hello world", encoding="gpt2")
''' % (sys.path,))
import tokenkit
print(tokenkit.count("hello world", encoding="gpt2"))
"""


def run(order: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, order],
        env=ELSEWHERE,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


def test_a_second_interpreter_is_refused_in_words() -> None:
    *refusals, counted = run("after").stdout.splitlines()
    assert counted == "2"
    assert len(refusals) == 2
    assert all("ImportError" in line for line in refusals), refusals


def test_the_main_one_may_be_the_second() -> None:
    done = run("before")
    assert done.returncode == 1
    assert "ImportError" in done.stdout  # of the isolated one
    assert done.stderr.splitlines()[-1].startswith("ImportError: ")
