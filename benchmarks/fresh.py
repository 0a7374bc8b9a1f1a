"""Fresh processes: one job each, JSON on standard input, the answer on standard output."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.corpus import ROOT

TIMEOUT_SECONDS = 300
# The threads of NumPy's BLAS spin for a while after its import, which looks like work of what is
# measured.
QUIET = {"OPENBLAS_NUM_THREADS": "1"}


def ask(
    module: str,
    job: dict[str, Any],
    environment: Mapping[str, str],
    timeout: float = TIMEOUT_SECONDS,
) -> dict[str, Any]:
    """Return what a new process of `module` answers to the job, or {"error": ...}."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", module],
            input=json.dumps(job),
            cwd=ROOT,
            env={**environment, **QUIET},
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"no answer in {timeout:g} s"}
    if done.returncode != 0:
        return {"error": f"exit {done.returncode}: {done.stderr.strip()[-200:]}"}
    values: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return values


def reply(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """The other side: answers the job of this process."""
    job = json.load(sys.stdin)
    try:
        result = answer(job)
    except BaseException as error:  # a panic in Rust code is not an Exception
        result = {"error": f"{type(error).__name__}: {error}"[:300]}
    # After whatever a library printed.
    print("\n" + json.dumps(result))
