"""One job of ``benchmarks.open`` in a fresh process."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from typing import Any

from benchmarks.fresh import reply
from benchmarks.measures import WARM_UP, digest, passes
from benchmarks.open_peers import LOADERS


def answer(job: dict[str, Any]) -> dict[str, Any]:
    import numpy  # noqa: F401  # some libraries import it in their first call, others before

    load = LOADERS[job["library"]][1]
    begin = time.process_time()
    peer = load(job["file"])
    loaded = time.process_time() - begin
    if job["task"] == "digests":
        texts = [Path(path).read_bytes().decode() for path in job["texts"]] + job["probes"]
        return {"ids": [digest(peer.ids(text)) for text in texts]}
    first, second = (Path(path).read_bytes().decode() for path in job["texts"])
    peer.encode(WARM_UP)
    gc.collect()
    road = peer.count if job["task"] == "count" else peer.encode
    return {"load": loaded, **passes(road, first, second, time.process_time)}


if __name__ == "__main__":
    reply(answer)
