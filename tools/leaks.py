"""Call every road many times and watch the memory: what grows with the calls is a leak.

    python -m tools.leaks [--calls N] [ROAD...]

Each road is called N times (default: 100,000, fewer where one call is slow) in ten equal parts,
errors included. A road leaks if the process holds more memory, more Python blocks or more objects
after the last part than after the fifth, by more than a tenth of a byte, block or object a call.
The exit status is 1 if one leaks. Needs /proc, so Linux.
"""

from __future__ import annotations

import argparse
import copy
import gc
import os
import pickle
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

import tokenkit
from tokenkit.views import Part, html_page

__all__: list[str] = []

PARTS = 10
TRIES = 3  # of a road that seems to leak
SECONDS = 10.0  # that one road may take: then fewer calls are made, and it is said
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096

ENCODING = tokenkit.get_encoding("o200k_base")
TEXT = "The library opens at nine. 図書館は九時に開きます。\n\nDas Haus schließt, it's six!\n" * 3
TEXTS = [TEXT, "", "a", TEXT[:50]]
IDS = ENCODING.encode_ordinary(TEXT)
COLUMN = pa.array([*TEXTS, None], pa.string())
DICTIONARY = COLUMN.dictionary_encode()
CHAT = [{"role": "user", "content": TEXT}, {"role": "assistant", "content": "It is noon."}]
USAGE = {"prompt_tokens": 1000, "completion_tokens": 500, "x_unknown": 1}
RANKS = {bytes([byte]): byte for byte in range(256)}


def _counter() -> None:
    counter = ENCODING.counter()
    for at in range(0, len(TEXT), 40):
        counter.update(TEXT[at : at + 40])
        counter.total  # noqa: B018  # asked for its work
    counter.copy().update("more")


def _own_encoding() -> None:
    own = tokenkit.Encoding(
        "own", pat_str=ENCODING._pat_str, mergeable_ranks=RANKS, special_tokens={"<|end|>": 300}
    )
    own.encode(TEXT, allowed_special="all")


def _refused(call: Callable[[], object]) -> Callable[[], object]:
    """A call that must end in an error."""

    def road() -> None:
        try:
            call()
        except (ValueError, TypeError, KeyError, OverflowError):
            return
        raise AssertionError("expected an error, got a result")

    return road


def _chunk_stream() -> None:
    chunker = tokenkit.Chunker(encoding=ENCODING, max_tokens=20)
    list(chunker.iter_chunks(TEXT[at : at + 30] for at in range(0, len(TEXT), 30)))


def _fit() -> None:
    with suppress(tokenkit.ContextOverflowError):
        tokenkit.fit(CHAT, "gpt-4", max_output=8000)


CHUNKER = tokenkit.Chunker(encoding=ENCODING, max_tokens=16, overlap=3)
BAD_COLUMN = pa.array([b"ok", b"\xff\xfe"], pa.binary())

ROADS: dict[str, Callable[[], object]] = {
    "encode": lambda: ENCODING.encode(TEXT + "<|endoftext|>", allowed_special="all"),
    "encode_ordinary": lambda: ENCODING.encode_ordinary(TEXT),
    "encode_to_numpy": lambda: ENCODING.encode_to_numpy(TEXT),
    "encode_batch": lambda: ENCODING.encode_batch(TEXTS, num_threads=1),
    "encode_ragged": lambda: ENCODING.encode_ragged(TEXTS, num_threads=1),
    "ragged to Arrow": lambda: pa.array(ENCODING.encode_ragged(TEXTS, num_threads=1)),
    "encode_with_unstable": lambda: ENCODING.encode_with_unstable("hello fanta"),
    "encode_single_token": lambda: ENCODING.encode_single_token("hello"),
    "decode": lambda: ENCODING.decode(IDS),
    "decode_bytes": lambda: ENCODING.decode_bytes(IDS),
    "decode_with_offsets": lambda: ENCODING.decode_with_offsets(IDS),
    "decode_batch": lambda: ENCODING.decode_batch([IDS, IDS[:3]]),
    "count": lambda: ENCODING.count(TEXT),
    "count of bytes": lambda: ENCODING.count(TEXT.encode()),
    "count_batch": lambda: ENCODING.count_batch(TEXTS, num_threads=1),
    "count_batch, threads": lambda: ENCODING.count_batch(TEXTS, num_threads=2),
    "count_arrow": lambda: ENCODING.count_arrow(COLUMN, num_threads=1),
    "count_arrow, dictionary": lambda: ENCODING.count_arrow(DICTIONARY, num_threads=1),
    "count_arrow to Arrow": lambda: pa.array(ENCODING.count_arrow(COLUMN, num_threads=1)),
    "encode_arrow to Arrow": lambda: pa.array(ENCODING.encode_arrow(COLUMN, num_threads=1)),
    "fits_arrow, stream": lambda: pa.chunked_array(ENCODING.fits_arrow(COLUMN, 3, num_threads=1)),
    "truncate_arrow": lambda: ENCODING.truncate_arrow(
        BAD_COLUMN, 3, marker="...", errors="null", num_threads=1
    ),
    "within": lambda: ENCODING.within(TEXT, 10),
    "truncate": lambda: ENCODING.truncate(TEXT, 10, keep="ends", marker="..."),
    "token_spans": lambda: ENCODING.token_spans(TEXT, unit="utf16"),
    "token_byte_values": lambda: ENCODING.token_byte_values() if _now_and_then() else None,
    "counter": _counter,
    "own encoding": _own_encoding,
    "pickle": lambda: pickle.loads(pickle.dumps(ENCODING)),
    "copy": lambda: copy.copy(ENCODING),
    "chunk": lambda: CHUNKER.chunk(TEXT),
    "chunk_batch": lambda: CHUNKER.chunk_batch(TEXTS, num_threads=1),
    "chunk_arrow to Arrow": lambda: pa.table(
        CHUNKER.chunk_arrow(COLUMN, ids=DICTIONARY, num_threads=1)
    ),
    "chunk_arrow, not read": lambda: CHUNKER.chunk_arrow(COLUMN, num_threads=1),
    "chunk_arrow_lists": lambda: pa.array(
        CHUNKER.chunk_arrow_lists(BAD_COLUMN, errors="null", num_threads=1)
    ),
    "iter_chunks": _chunk_stream,
    "count_messages": lambda: tokenkit.count_messages(CHAT, "gpt-4o"),
    "fit": _fit,
    "cost": lambda: tokenkit.cost("gpt-4o", input_tokens=1000, output_tokens=10),
    "cost_from_usage": lambda: tokenkit.cost_from_usage(USAGE, "gpt-4o"),
    "page": lambda: html_page([Part("hello")], [ENCODING], title="a"),
    "refused: special token": _refused(lambda: ENCODING.encode("<|endoftext|>")),
    "refused: id": _refused(lambda: ENCODING.decode([10**7])),
    "refused: bytes": _refused(lambda: ENCODING.count(b"ab\xff")),
    "refused: column": _refused(lambda: ENCODING.count_arrow(BAD_COLUMN, num_threads=1)),
    "refused: ids": _refused(lambda: CHUNKER.chunk_arrow(COLUMN, ids=BAD_COLUMN[:1])),
    "refused: batch": _refused(lambda: ENCODING.encode_ragged(["a", b"\xff"], num_threads=2)),
    "refused: text": _refused(lambda: ENCODING.count(1)),  # type: ignore[arg-type]
}
_calls = 0


def _now_and_then() -> bool:
    """True once in a thousand calls."""
    global _calls
    _calls += 1
    return _calls % 1000 == 0


@dataclass(frozen=True)
class Held:
    """Holds what a process has: bytes of memory, blocks of Python's allocator, tracked objects."""

    memory: int
    blocks: int
    objects: int

    @classmethod
    def now(cls) -> Held:
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return cls(pages * PAGE, sys.getallocatedblocks(), len(gc.get_objects()))


def growth(road: Callable[[], object], calls: int) -> tuple[Held, Held, int]:
    """Measure what is held after half of the calls and after all; say how many there were, too."""
    end = time.monotonic() + SECONDS
    part = max(1, calls // PARTS)
    done, held = 0, []
    for number in range(PARTS):
        for made in range(1, part + 1):
            road()
            if number == 0 and time.monotonic() > end - SECONDS * (PARTS - 1) / PARTS:
                part = made  # so that all parts take as long as this one
                break
        done += part
        if number in (PARTS // 2 - 1, PARTS - 1):
            held.append(Held.now())
    return held[0], held[1], done


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.leaks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("roads", nargs="*", metavar="ROAD", help=f"of: {'; '.join(ROADS)}")
    parser.add_argument("--calls", type=int, default=100_000)
    options = parser.parse_args(arguments)
    leaking, total = 0, 0
    for name in options.roads or ROADS:
        # Memory that the allocator keeps grows once; a leak grows each time.
        for _ in range(TRIES):
            before, after, done = growth(ROADS[name], options.calls)
            total += done
            half = done / 2
            # A page more or less is not a leak: the allocator keeps what it may need again.
            memory = max(0, after.memory - before.memory - 64 * PAGE) / half
            blocks = max(0, after.blocks - before.blocks - 100) / half
            objects = max(0, after.objects - before.objects - 100) / half
            leaks = memory > 0.1 or blocks > 0.1 or objects > 0.1
            if not leaks:
                break
        leaking += leaks
        print(
            f"{name:26} {done:7} calls, more a call: {memory:.2f} bytes, {blocks:.3f} blocks, "
            f"{objects:.3f} objects{'  LEAKS' if leaks else ''}",
            flush=True,
        )
    print(f"leaks: {total} calls of {len(options.roads or ROADS)} roads, {leaking} roads leak")
    return 1 if leaking else 0


if __name__ == "__main__":
    sys.exit(main())
