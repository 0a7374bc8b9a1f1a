"""One chunker on one text in a fresh process: a JSON object in, its answer out."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from typing import Any

from benchmarks.chunkers.peers import CHUNKERS, COUNT
from benchmarks.fresh import reply
from benchmarks.measures import WARM_UP


def resident(peak: bool) -> int | None:
    """Bytes of resident memory now, or at their peak since `forget_peak`; None if not told."""
    wanted = "VmHWM" if peak else "VmRSS"
    try:
        with open("/proc/self/status") as lines:
            return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(wanted))
    except OSError:
        return None


def forget_peak() -> bool:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def answer(job: dict[str, Any]) -> dict[str, Any]:
    import numpy  # noqa: F401  (some load it in their first call, and its time is not theirs)

    encoding, size = job["encoding"], job["chunk_size"]
    cutter = CHUNKERS[job["chunker"]].load(encoding, size, job["overlap"])
    source = Path(job["text"]).read_bytes().decode("utf-8")
    if job["overlap"]:
        from benchmarks.chunkers.quality import judge_overlap

        return judge_overlap(cutter.parts(source), source, encoding, size, job["overlap"])
    cutter.chunk(WARM_UP)
    gc.disable()
    told = forget_peak()
    before = resident(peak=False)
    begin = time.process_time()
    result = cutter.chunk(source)
    seconds = time.process_time() - begin
    peak = resident(peak=True)
    del result
    found: dict[str, Any] = {"seconds": seconds}
    if told and before is not None and peak is not None:
        found["memory"] = peak - before
    if job["judge"] and job["chunker"] != COUNT:
        from benchmarks.chunkers.quality import judge

        found["quality"] = judge(cutter.parts(source), source, encoding, size)
    return found


if __name__ == "__main__":
    reply(answer)
