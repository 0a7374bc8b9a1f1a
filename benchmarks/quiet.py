"""Measures how busy other processes kept the machine: only a quiet run is published."""

from __future__ import annotations

import os
from typing import Any

# The share of all processors that other processes may have used during a published run.
LIMIT = 0.05
BUSY = ("user", "nice", "system", "irq", "softirq", "steal")


class Watch:
    """Watches the machine from now on. Needs psutil; without it, `others` gives None."""

    def __init__(self) -> None:
        self._begin = _seconds()

    def others(self) -> float | None:
        """The share of the machine that other processes used, from 0 to 1."""
        end = _seconds()
        if self._begin is None or end is None:
            return None
        busy, own, total = (after - before for before, after in zip(self._begin, end, strict=True))
        return max(0.0, busy - own) / total if total > 0 else 0.0


def _seconds() -> tuple[float, float, float] | None:
    """Processor seconds: busy, by this process and its finished children, and in all."""
    try:
        import psutil
    except ImportError:
        return None
    times: Any = psutil.cpu_times()
    busy = sum(getattr(times, name, 0.0) for name in BUSY)
    own = os.times()
    mine = own.user + own.system + own.children_user + own.children_system
    return busy, mine, busy + times.idle + getattr(times, "iowait", 0.0)


def check(about: dict[str, Any]) -> None:
    """Stop the program unless this run may be published."""
    if about["rounds"] < 5:
        raise SystemExit(f"not published: expected 5 rounds or more, got {about['rounds']}")
    others = about.get("others")
    if others is None:
        raise SystemExit("not published: how busy the machine was is not known; install psutil")
    if others > LIMIT:
        raise SystemExit(
            f"not published: other processes used {others:.0%} of the machine; "
            f"run it again when they use {LIMIT:.0%} or less"
        )
