"""One job in a fresh process: a JSON object on standard input, its answer on standard output."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.measures import TASKS, digests
from benchmarks.peers import LIBRARIES


def read(path: str) -> str:
    """A text as it is: no line ending is changed."""
    return Path(path).read_bytes().decode("utf-8")


def answer(job: dict[str, Any]) -> dict[str, Any]:
    import numpy  # noqa: F401  # some libraries import it in their first call, others before

    peer = LIBRARIES[job["library"]].load(job["encoding"], Path(job["vocabularies"]))
    if job["task"] == "digests":
        return {path: digests(peer, read(path)) for path in job["texts"]}
    if job["task"] == "probes":
        return {"ids": [[int(token) for token in peer.encode_list(t)] for t in job["texts"]]}
    first, second = (read(path) for path in job["texts"])
    return dict(TASKS[job["task"]](peer, first, second, job["threads"]))


def main() -> None:
    job = json.load(sys.stdin)
    try:
        result = answer(job)
    except BaseException as error:  # a panic in Rust code is no Exception
        result = {"error": f"{type(error).__name__}: {error}"[:300]}
    # After whatever a library printed.
    print("\n" + json.dumps(result))


if __name__ == "__main__":
    main()
