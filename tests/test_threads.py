"""24 threads at once, on shared objects, over every public road: right, or refused in words.

What looks for data races (`make tsan`) may run this file, too.
"""

from __future__ import annotations

import copy
import pickle
import random
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow
import pytest
from own_patterns import make
from search import by_profile

import tokenkit
from tokenkit.encodings import ENCODINGS
from tokenkit.encodings.known import BUNDLED

THREADS = 24
TEXT = "# Hours\n\nThe library opens at nine. 図書館は九時に開きます。 <|endoftext|>\n\n" * 12
LONG = "a" * 1500 + TEXT * 3
TEXTS = [TEXT[:n] for n in range(0, len(TEXT), 150)] + [LONG]
CHAT = [
    {"role": "system", "content": "Be short."},
    {"role": "user", "content": TEXT},
    {"role": "assistant", "content": "Yes."},
    {"role": "user", "content": "Why?"},
]
OWN_MODEL = {
    "name": "threads-model", "kind": "chat", "encoding": "o200k_base", "context_window": 4000,
    "aliases": ["threads-alias"],
}  # fmt: skip


def at_once(work: Callable[[int], object], number: int = THREADS) -> None:
    """Do work(k) on `number` threads that start together; raise the first error."""
    barrier = threading.Barrier(number)
    errors: list[BaseException] = []

    def run(k: int) -> None:
        try:
            barrier.wait()
            work(k)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def refused(call: Callable[[], object]) -> str:
    try:
        call()
    except tokenkit.TokenkitError as error:
        return str(error)
    raise AssertionError("expected an error")


def roads_of_encodings(enc: tokenkit.Encoding) -> dict[str, Callable[[], Any]]:
    ids = enc.encode_ordinary(TEXT)
    column = pyarrow.array([*TEXTS, None])
    array: Any = np.array(ids, np.uint32)
    return {
        "encode": lambda: enc.encode(TEXT, allowed_special="all"),
        "disallowed": lambda: refused(lambda: enc.encode(TEXT)),
        "encode_ordinary": lambda: enc.encode_ordinary(LONG),
        "encode_to_numpy": lambda: enc.encode_to_numpy(TEXT, disallowed_special=()).tolist(),
        "encode_batch": lambda: enc.encode_batch(TEXTS, disallowed_special=(), num_threads=4),
        "encode_ragged": lambda: enc.encode_ragged(TEXTS).ids.tolist(),
        "unstable": lambda: enc.encode_with_unstable("hello fan"),
        "count": lambda: [enc.count(text) for text in TEXTS],
        "count_bytes": lambda: enc.count(LONG.encode()),
        "count_batch": lambda: enc.count_batch(TEXTS, num_threads=4).tolist(),
        "count_arrow": lambda: enc.count_arrow(column).to_pylist(),
        "encode_arrow": lambda: enc.encode_arrow(column).to_pylist(),
        "fits_arrow": lambda: enc.fits_arrow(column, 9, num_threads=3).to_pylist(),
        "truncate_arrow": lambda: enc.truncate_arrow(column, 9, num_threads=3).to_pylist(),
        "within": lambda: [enc.within(text, 300) for text in TEXTS],
        "truncate": lambda: [enc.truncate(TEXT, 50, keep=k) for k in ("head", "tail", "ends")],
        "token_spans": lambda: np.asarray(enc.token_spans(TEXT)).tolist(),
        "decode": lambda: enc.decode(ids),
        "decode_bytes": lambda: enc.decode_bytes(array),
        "offsets": lambda: enc.decode_with_offsets(ids),
        "tokens": lambda: len(enc.token_byte_values()),
        "ranks": lambda: len(enc._mergeable_ranks),
        "special": lambda: sorted(enc.special_tokens_set),
        "counter": lambda: counted(enc),
        "pickle": lambda: pickle.loads(pickle.dumps(enc)).count(TEXT),
    }


def counted(enc: tokenkit.Encoding) -> tuple[int, int]:
    counter = enc.counter()
    for k in range(0, len(LONG), 700):
        counter.update(LONG[k : k + 700])
    return counter.total, copy.copy(counter).total


def roads_of_the_rest() -> dict[str, Callable[[], Any]]:
    chunker = tokenkit.Chunker(encoding="o200k_base", max_tokens=60, overlap=10)
    prompt = tokenkit.Prompt("gpt-4o").system("Be short.").section("notes", TEXTS, flex=1).user("?")
    budget = tokenkit.Budget.for_model("gpt-4o", max_output=100)
    column = pyarrow.array([*TEXTS, None])
    usage = {"model": "gpt-4o", "usage": {"prompt_tokens": 1000, "completion_tokens": 10}}
    return {
        "get_encoding": lambda: [tokenkit.get_encoding(name).name for name in BUNDLED],
        "verbs": lambda: (tokenkit.count(TEXT, "gpt-4"), tokenkit.truncate(TEXT, 9, "gpt-4")),
        "estimate": lambda: tokenkit.estimate_tokens(TEXT, "claude-sonnet-5").tokens,
        "count_messages": lambda: tokenkit.count_messages(CHAT, "gpt-4o"),
        "fit": lambda: tokenkit.fit(CHAT, "gpt-4", max_output=7900).messages,
        "prompt": lambda: prompt.render(max_output=1000).messages,
        "budget": lambda: (budget.input_limit, budget.max_output),
        "chunk": lambda: chunker.chunk(LONG),
        "chunk_batch": lambda: chunker.chunk_batch(TEXTS, num_threads=4),
        "chunk_arrow": lambda: chunker.chunk_arrow(column, num_threads=3).to_pylist(),
        "chunk_arrow_lists": lambda: chunker.chunk_arrow_lists(column).to_pylist(),
        "iter_chunks": lambda: [c.text for c in chunker.iter_chunks(iter(TEXTS))],
        "pack": lambda: len(list(tokenkit.pack([5000] * 200, "text-embedding-3-small"))),
        "models": lambda: len([m for m in tokenkit.list_models() if m.provider == "openai"]),
        "resolve": lambda: tokenkit.resolve_model("openai/gpt-4o-2024-08-06").model.name,
        "own model": lambda: tokenkit.register_model(OWN_MODEL).name,
        "unknown": lambda: refused(lambda: tokenkit.get_model("gpt-4oo")).partition("\n")[0],
        "cost": lambda: tokenkit.cost("gpt-4o", input_tokens=1000).total,
        "usage": lambda: tokenkit.cost_from_usage(usage).total,
        "compare": lambda: [row.tokens for row in tokenkit.compare(TEXT, ["gpt-4o", "gpt-4"])],
    }


@pytest.mark.parametrize("kind", ["o200k_base", "cl100k_base", "gpt2", "own", "the rest"])
def test_all_roads_on_shared_objects(kind: str) -> None:
    if kind == "the rest":
        tokenkit.register_model(OWN_MODEL)
        roads = roads_of_the_rest()
    else:
        roads = roads_of_encodings(
            make(r"\w+|\W+") if kind == "own" else tokenkit.get_encoding(kind)
        )
    if kind == "own":
        del roads["disallowed"]  # it knows other special tokens
    expected = {name: road() for name, road in roads.items()}

    def work(k: int) -> None:
        order = random.Random(k)
        for _ in range(by_profile(1, 20)):
            for name in order.sample(sorted(roads), len(roads)):
                assert roads[name]() == expected[name], name

    at_once(work)


def test_all_load_one_encoding_once() -> None:
    for name in BUNDLED:
        ENCODINGS.pop(name, None)
        got = [tokenkit.get_encoding("gpt2")] * THREADS

        def work(k: int, name: str = name, got: list[tokenkit.Encoding] = got) -> None:
            got[k] = tokenkit.get_encoding(name)

        at_once(work)
        assert {id(enc) for enc in got} == {id(tokenkit.get_encoding(name))}


@pytest.mark.parametrize("encoding", ["o200k_base", "own"])
def test_a_shared_counter(encoding: str) -> None:
    enc = make(r"\w+|\W+") if encoding == "own" else tokenkit.get_encoding(encoding)
    counter = enc.counter()
    rounds = by_profile(5, 50)

    def work(k: int) -> None:
        for _ in range(rounds):
            counter.update("hello world ")
            assert copy.copy(counter).total <= counter.total

    at_once(work)
    assert counter.total == enc.count("hello world " * THREADS * rounds)


def test_a_shared_meter() -> None:
    meter = tokenkit.ContextMeter("gpt-4o")
    empty = meter.tokens
    added = [0] * THREADS

    def work(k: int) -> None:
        for n in range(5):
            added[k] += meter.add({"role": "user", "content": f"hello world {k} {n}"})
            assert copy.copy(meter).tokens <= meter.tokens

    at_once(work)
    assert meter.tokens == empty + sum(added) == meter.tally().total
    assert len(meter) == 5 * THREADS


def test_a_shared_tracker() -> None:
    tracker = tokenkit.CostTracker()
    models = ("gpt-4o", "gpt-4o-mini", "gpt-4.1")

    def work(k: int) -> None:
        for model in models:
            tracker.add({"model": model, "usage": {"prompt_tokens": 1000}})
            assert sum(tracker.by_model.values()) <= tracker.total

    at_once(work)
    one = sum(tokenkit.cost(model, input_tokens=1000).total for model in models)
    assert tracker.total == one * THREADS
    assert isinstance(tracker.total, Decimal)


def test_a_shared_stream_of_chunks() -> None:
    """A generator serves one thread at a time; what it gives is the same, none twice."""
    chunker = tokenkit.Chunker(encoding="gpt2", max_tokens=10)
    chunks = chunker.iter_chunks(iter(TEXTS))
    got: list[tokenkit.Chunk] = []
    busy: list[str] = []

    def work(k: int) -> None:
        while True:
            try:
                got.append(next(chunks))
            except StopIteration:
                return
            except ValueError as error:
                busy.append(str(error))

    at_once(work)
    assert sorted(got, key=lambda c: c.index) == list(chunker.iter_chunks(iter(TEXTS)))
    assert set(busy) <= {"generator already executing"}


def test_models_are_registered_while_others_look_them_up() -> None:
    names = [f"threads-model-{k}" for k in range(THREADS)]

    def work(k: int) -> None:
        tokenkit.register_model({**OWN_MODEL, "name": names[k], "aliases": [f"{names[k]}-alias"]})
        assert tokenkit.get_model(f"{names[k]}-alias").name == names[k]
        for _ in range(3):
            assert "gpt-4o" in refused(lambda: tokenkit.get_model("gpt-4oo"))
            tokenkit.list_models(provider="openai")

    at_once(work)
    for name in names:
        assert tokenkit.get_model(name).name == name
