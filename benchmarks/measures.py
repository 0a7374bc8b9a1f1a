"""The measurements, in a process of its own for each figure.

Figures of one thread are CPU time of the process, as a machine's other work does not show in it;
figures of batches, where threads help each other, are wall time. All are in seconds.
"""

from __future__ import annotations

import gc
import hashlib
import time
from collections.abc import Callable
from typing import Any

from benchmarks.corpus import strings_of
from benchmarks.peers import Peer

Clock = Callable[[], float]
Figures = dict[str, float]

WARM_UP = "hello world"  # loads what a library leaves for the first call
HOT_SECONDS = 0.2
BATCH_BYTES = 200
SHORT_BYTES = (20, 500)


def timed(call: Callable[[], object], clock: Clock) -> float:
    """The time of one call, and of freeing what it returns."""
    begin = clock()
    call()
    return clock() - begin


def best_of_many(call: Callable[[], object], clock: Clock) -> float:
    """The quickest of the calls made in HOT_SECONDS, at least three."""
    times = [timed(call, clock) for _ in range(3)]
    while sum(times) < HOT_SECONDS:
        times.append(timed(call, clock))
    return min(times)


def passes(call: Callable[[Any], object], first: Any, second: Any, clock: Clock) -> Figures:
    """First text with cold caches, second text with warm ones, and the second text again."""
    gc.disable()
    return {
        "first": timed(lambda: call(first), clock),
        "fresh": timed(lambda: call(second), clock),
        "hot": best_of_many(lambda: call(second), clock),
    }


def encode(peer: Peer, first: str, second: str, _: int) -> Figures:
    peer.encode_array(WARM_UP)
    return passes(peer.encode_array, first, second, time.process_time)


def to_list(peer: Peer, first: str, second: str, _: int) -> Figures:
    peer.encode_list(WARM_UP)
    return passes(peer.encode_list, first, second, time.process_time)


def count(peer: Peer, first: str, second: str, _: int) -> Figures:
    peer.count(WARM_UP)
    return passes(peer.count, first, second, time.process_time)


def hostile(peer: Peer, text: str, _: str, __: int) -> Figures:
    """One run that is hard on a tokenizer, met once."""
    peer.encode_array(WARM_UP)
    gc.disable()
    return {"encode": timed(lambda: peer.encode_array(text), time.process_time)}


def short(peer: Peer, first: str, second: str, _: int) -> Figures:
    """Time of one call on a short string, its words being known already."""
    gc.disable()
    figures = {}
    for size in SHORT_BYTES:
        texts = strings_of(second, size)[:1000]
        for name, call in (("count", peer.count), ("list", peer.encode_list)):
            figures[f"{name}, {size} bytes"] = best_of_many(
                lambda call=call, texts=texts: call_each(call, texts),  # type: ignore[misc]
                time.process_time,
            ) / len(texts)
    return figures


def call_each(call: Callable[[str], object], texts: list[str]) -> None:
    for text in texts:
        call(text)


def count_batch(peer: Peer, first: str, second: str, threads: int) -> Figures:
    return batch_passes(lambda texts: peer.count_batch(texts, threads), first, second)


def encode_batch(peer: Peer, first: str, second: str, threads: int) -> Figures:
    return batch_passes(lambda texts: peer.encode_batch(texts, threads), first, second)


def count_one(peer: Peer, first: str, second: str, threads: int) -> Figures:
    """A batch that is one big text: threads help only who can cut it."""
    peer.count_batch([WARM_UP] * threads, threads)
    return passes(lambda text: peer.count_batch([text], threads), first, second, time.perf_counter)


def batch_passes(call: Callable[[list[str]], object], first: str, second: str) -> Figures:
    call([WARM_UP] * 100)
    batches = strings_of(first, BATCH_BYTES), strings_of(second, BATCH_BYTES)
    return passes(call, *batches, time.perf_counter)


# Name of a measure's task -> how it is taken: (peer, first text, second text, threads) -> figures.
TASKS: dict[str, Callable[[Peer, str, str, int], Figures]] = {
    "encode": encode,
    "list": to_list,
    "count": count,
    "short": short,
    "hostile": hostile,
    "count_batch": count_batch,
    "encode_batch": encode_batch,
    "count_one": count_one,
}


def digests(peer: Peer, text: str) -> dict[str, str]:
    """A hash of the ids, or of the counts, that each road gives for a text."""
    parts = strings_of(text, BATCH_BYTES)
    batch_counts = [int(number) for number in peer.count_batch(parts, 1)]
    return {
        "array": digest(peer.encode_array(text)),
        "list": digest(peer.encode_list(text)),
        "count": str(peer.count(text)),
        "encode_batch": digest(peer.batch_ids(peer.encode_batch(parts, 1))),
        "count_batch": digest(batch_counts),
    }


def digest(ids: Any) -> str:
    import numpy as np

    array = np.asarray(ids).astype("<u4")
    return f"{len(array)} ids, {hashlib.sha256(array.tobytes()).hexdigest()[:16]}"
