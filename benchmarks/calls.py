"""Times calls on short texts: ``python -m benchmarks.calls [--corpus DIR] [--rounds N]``.

One process, hot, one thread, processor time. Ids and counts of all roads are compared first. Then
all roads of a row take turns in each round, and each round begins with another: a figure is the
median over the rounds, with the lowest and the highest, and a ratio that of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tokenkit
from benchmarks.__main__ import installed
from benchmarks.chats import SHORT
from benchmarks.corpus import corpora, strings_of
from benchmarks.peers import LIBRARIES, Peer, chained
from benchmarks.schedule import cpu_model
from benchmarks.vocabularies import prepare
from tokenkit._core import simd_level

ENCODING = "o200k_base"
MODEL = "gpt-4o"
PEERS = ("toktok", "tiktoken")
SECONDS = 0.02  # that one road has in one round, at least
Roads = dict[str, Callable[[], object]]


@dataclass(frozen=True)
class Row:
    """One line of the table: roads to the same result, the first of them ours.

    `items` is how many of them one call makes; a time is that of one. `aim` is the most that is
    asked for: of the time of the road `of`, or in nanoseconds where that is None.
    """

    name: str
    roads: Roads
    items: int
    aim: float | None = None
    of: str | None = None


def each(call: Callable[[str], object], texts: Sequence[str]) -> None:
    for text in texts:
        call(text)


def listed(call: Callable[[str], object], texts: Sequence[str]) -> list[Any]:
    return [call(text) for text in texts]


def check(texts: list[str], peers: dict[str, Peer]) -> None:
    """Stop the program unless all roads of all libraries agree about the texts."""
    enc = tokenkit.get_encoding(ENCODING)
    expected = [enc.encode_ordinary.__wrapped__(enc, text) for text in texts]  # type: ignore[attr-defined]
    counts = [len(ids) for ids in expected]
    for name, peer in peers.items():
        made = {
            "list": [list(ids) for ids in listed(peer.encode_list, texts)] == expected,
            "array": [list(ids) for ids in listed(peer.encode_array, texts)] == expected,
            "count": listed(peer.count, texts) == counts,
            "batch": list(peer.batch_ids(peer.encode_batch(texts, 1))) == chained(expected),
            "count_batch": [int(n) for n in peer.count_batch(texts, 1)] == counts,
        }
        if not all(made.values()):
            raise SystemExit(f"{name} differs: {[road for road, same in made.items() if not same]}")
    if not enc.encode_ordinary_batch(texts) == enc.encode_batch(texts, disallowed_special=()):
        raise SystemExit("batches of lists differ")
    if [tokenkit.count(text, MODEL) for text in texts] != counts:
        raise SystemExit("count(text, model) differs")


def rows_of_calls(size: int, texts: list[str], peers: dict[str, Peer]) -> list[Row]:
    """One call for each text."""
    aims = {"count": 0.65, "list": 0.6, "array": 1.0} if size == 20 else {}
    roads: dict[str, Callable[[Peer], Callable[[str], object]]] = {
        "count": lambda peer: peer.count,
        "list": lambda peer: peer.encode_list,
        "array": lambda peer: peer.encode_array,
    }
    return [
        Row(
            f"{name}, {size} bytes",
            {library: partial(each, road(peer), texts) for library, peer in peers.items()},
            len(texts),
            aims.get(name),
            "toktok",
        )
        for name, road in roads.items()
    ]


def rows_of_batches(size: int, texts: list[str]) -> list[Row]:
    """One call for all texts, on one thread; an aim in nanoseconds is for each row."""
    import pyarrow

    enc = tokenkit.get_encoding(ENCODING)
    column = pyarrow.array(texts)
    aim = {20: 60.0, 200: 300.0}.get(size)
    loop = partial(each, enc.count, texts)
    batches: dict[str, tuple[Callable[..., object], object]] = {
        "count_batch": (enc.count_batch, texts),
        "count_arrow": (enc.count_arrow, column),
        "encode_ragged": (enc.encode_ragged, texts),
        "encode_ragged of Arrow": (enc.encode_ragged, column),
    }
    found = [
        Row(
            f"{name}, rows of {size} bytes",
            {"tokenkit": partial(call, rows, num_threads=1), "a loop of count": loop},
            len(texts),
            aim,
        )
        for name, (call, rows) in batches.items()
    ]
    lists: Roads = {
        "tokenkit": partial(enc.encode_ordinary_batch, texts, num_threads=1),
        "a loop": partial(listed, enc.encode_ordinary, texts),
    }
    name = f"encode_ordinary_batch, rows of {size} bytes"
    return [*found, Row(name, lists, len(texts), 1.0, "a loop")]


def rows_by_name(texts: list[str]) -> list[Row]:
    """Calls that name a model."""
    enc = tokenkit.get_encoding(ENCODING)
    meter = tokenkit.ContextMeter(MODEL)
    named: Roads = {
        "tokenkit": partial(each, lambda text: tokenkit.count(text, MODEL), texts),
        "Encoding.count": partial(each, lambda text: enc.count(text), texts),
    }
    calls: dict[str, tuple[Callable[[], object], float]] = {
        "count_messages of 2 messages": (lambda: tokenkit.count_messages(SHORT, MODEL), 6_000),
        "preflight of 2 messages": (
            lambda: tokenkit.preflight(model=MODEL, messages=SHORT),
            40_000,
        ),
        "ContextMeter.add of a short message": (lambda: meter.add(SHORT[1]), 20_000),
    }
    return [
        Row("count(text, model), 20 bytes", named, len(texts), 2.2, "Encoding.count"),
        *(Row(name, {"tokenkit": call}, 1, aim) for name, (call, aim) in calls.items()),
    ]


def quickest(call: Callable[[], object], seconds: float) -> float:
    """The quickest of as many calls as take so many seconds, at least three."""
    times: list[float] = []
    while len(times) < 3 or sum(times) < seconds:
        begin = time.process_time_ns()
        call()
        times.append((time.process_time_ns() - begin) / 1e9)
    return min(times)


def measure(rows: Sequence[Row], rounds: int, seconds: float = SECONDS) -> list[dict[str, Any]]:
    """For each row, the nanoseconds of an item on each road in each round."""
    figures: list[dict[str, Any]] = [{road: [] for road in row.roads} for row in rows]
    for number in range(rounds):
        for row, found in zip(rows, figures, strict=True):
            roads = list(row.roads)
            turn = number % len(roads)
            for road in roads[turn:] + roads[:turn]:
                found[road].append(quickest(row.roads[road], seconds) / row.items * 1e9)
    return figures


def spread(values: Sequence[float], digits: int) -> str:
    median = f"{statistics.median(values):,.{digits}f}"
    return f"{median} ({min(values):,.{digits}f}-{max(values):,.{digits}f})"


def report(row: Row, found: dict[str, list[float]]) -> list[str]:
    """A line for our road, and one for each of the others with the ratio of our time to its."""
    ours, *others = found
    aim = "" if row.aim is None or row.of is not None else f", aim {row.aim:,.0f}"
    lines = [f"{row.name:44} {spread(found[ours], 0)} ns{aim}"]
    for road in others:
        ratios = [a / b for a, b in zip(found[ours], found[road], strict=True)]
        asked = f", aim {row.aim:g}" if row.aim is not None and row.of == road else ""
        lines.append(f"    {spread(ratios, 2)} of {road}: {spread(found[road], 0)} ns{asked}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="folder of *.txt files")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--smoke", action="store_true", help="few texts, one short round")
    options = parser.parse_args()
    libraries = ["tokenkit", *(name for name in installed(None) if name in PEERS)]
    with tempfile.TemporaryDirectory(prefix="tokenkit-benchmarks-") as folder:
        prepare(ENCODING, libraries, Path(folder))
        os.environ["TIKTOKEN_CACHE_DIR"] = folder
        peers = {name: LIBRARIES[name].load(ENCODING, Path(folder)) for name in libraries}
    versions = [f"{name} {version(LIBRARIES[name].distribution)}" for name in libraries[1:]]
    versions.insert(0, f"tokenkit {tokenkit.__version__}, {simd_level()}")
    print(f"{cpu_model()}; {', '.join(versions)}; {options.rounds} rounds")
    number = 20 if options.smoke else 1_000
    for name, (text, _) in corpora(options.corpus, 400_000).items():
        texts = {size: strings_of(text, size)[:number] for size in (20, 200, 500)}
        for group in texts.values():
            check(group, peers)
        rows = [
            *rows_of_calls(20, texts[20], peers),
            *rows_of_calls(500, texts[500], peers),
            *rows_by_name(texts[20]),
            *rows_of_batches(20, texts[20]),
            *rows_of_batches(200, texts[200]),
        ]
        figures = measure(
            rows, 1 if options.smoke else options.rounds, 0 if options.smoke else SECONDS
        )
        print(f"\n{name}")
        for row, found in zip(rows, figures, strict=True):
            print("\n".join(report(row, found)))


if __name__ == "__main__":
    main()
