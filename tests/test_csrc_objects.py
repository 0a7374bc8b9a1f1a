"""Look at what the compiler makes of the core: prefetches that are there, small stack frames."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OBJECTS = ROOT / "build" / "objects"
LARGEST_FRAME = 16 << 10  # bytes; a thread of musl has 128 KB in all

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def objects() -> Path:
    subprocess.run(["make", "-s", "-j2", "objects"], cwd=ROOT, check=True)
    return OBJECTS


def prefetches(path: Path) -> int:
    """Count the instructions of an object that only prefetch."""
    listed = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", path], capture_output=True, text=True, check=True
    )
    return len(re.findall(r"\t(?:prefetch|prfm)", listed.stdout))


# GCC deletes calls of functions that only prefetch, unless base/bytes.hpp says that they do more.
def test_no_prefetch_is_deleted(objects: Path) -> None:
    # Where blocks are loaded, and a bucket and a token of each new piece: for ids, and for counts.
    assert prefetches(objects / "encode" / "encoder.o") >= 6


def test_stack_frames_are_small(objects: Path) -> None:
    frames = [
        (int(size), name)
        for path in objects.rglob("*.su")
        for name, size, _ in (line.rsplit("\t", 2) for line in path.read_text().splitlines())
    ]
    assert len(frames) > 500
    assert [frame for frame in frames if frame[0] > LARGEST_FRAME] == []
