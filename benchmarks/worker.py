"""One job in a fresh process: a JSON object on standard input, its answer on standard output."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.fresh import reply
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


if __name__ == "__main__":
    reply(answer)
