"""A child that is forked while other threads work ends, and gives the same numbers.

What a thread of the parent held at the fork nobody releases in the child. So a fork waits for what
we make once and for what is being imported; an object that was half changed is refused in words.
"""

from __future__ import annotations

import importlib
import os
import queue
import re
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cli_runs import ELSEWHERE
from forked import child, ended, ends_well
from own_patterns import make
from search import by_profile

import tokenkit
from tokenkit._core import StateLock
from tokenkit._locks import shared_lock
from tokenkit.encodings import ENCODINGS
from tokenkit.encodings.known import BUNDLED
from tokenkit.inputs.ahead import ahead

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")

PACKAGE = Path(tokenkit.__file__).parent
CSRC = Path(__file__).resolve().parents[1] / "csrc"
TEXT = "The library opens at nine. 図書館は九時に開きます。 " * 100


@contextmanager
def running(work: Callable[[], object], number: int = 1) -> Iterator[None]:
    """Do `work` again and again on threads of their own."""
    stop = threading.Event()

    def repeat() -> None:
        while not stop.is_set():
            work()

    threads = [threading.Thread(target=repeat) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


# What we own


def locks_of(value: object, seen: dict[int, object]) -> Iterator[object]:
    """Yield the locks, pools and threads that something of ours holds on to."""
    kinds = (
        type(threading.Lock()), type(threading.RLock()), threading.Condition, threading.Event,
        threading.Semaphore, threading.Barrier, threading.Thread, queue.Queue, Executor, StateLock,
    )  # fmt: skip
    if value is None or isinstance(value, str | bytes | int | float) or id(value) in seen:
        return
    seen[id(value)] = value
    if isinstance(value, kinds):
        yield value
    elif isinstance(value, dict):
        for item in list(value.values()):
            yield from locks_of(item, seen)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in list(value):
            yield from locks_of(item, seen)
    elif (getattr(value, "__module__", None) or type(value).__module__).startswith("tokenkit"):
        yield from locks_of(dict(getattr(value, "__dict__", ())), seen)
        yield from locks_of(getattr(value, "__closure__", None), seen)
    elif isinstance(value, types.CellType):
        yield from locks_of(value.cell_contents, seen)
    elif type(value).__module__ == "functools":  # a cached_property before CPython 3.12
        yield from locks_of(getattr(value, "__dict__", None), seen)


def test_one_lock_outlives_a_call() -> None:
    tokenkit.count_messages([{"role": "user", "content": "hi"}], "gpt-4o")
    seen: dict[int, object] = {}
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        if "integrations" in name or name.endswith("__main__"):
            continue  # they bring the modules of other libraries
        module = importlib.import_module(name.removesuffix(".__init__"))
        for lock in locks_of(vars(module), seen):
            found[id(lock)] = (name, lock)
    assert [lock for _, lock in found.values()] == [shared_lock]


def test_what_csrc_makes_once_has_no_guard() -> None:
    """A static object that is not a constant has a lock of its own, which a fork may leave held."""
    statics = re.compile(r"^ +static (?!constexpr|constinit)([\w:<>*& ]+ \w+)(?: = |\{)", re.M)
    found = [
        (path.name, match[1])
        for path in sorted(CSRC.rglob("*.?pp"))
        if "tests" not in path.parts and "fuzz" not in path.parts
        for match in statics.finditer(path.read_text("utf-8"))
    ]
    allowed = ("std::atomic<", "const char*")  # initialized by constants
    assert found
    assert not [entry for entry in found if not entry[1].startswith(allowed)]


# What a fork waits for


def test_a_fork_waits_for_the_shared_lock() -> None:
    held = threading.Event()

    def hold() -> None:
        with shared_lock:
            held.set()
            time.sleep(0.1)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()

    def work() -> None:
        assert shared_lock.acquire(timeout=5)
        shared_lock.release()

    assert ends_well(work)
    thread.join()
    assert shared_lock.acquire(timeout=5)
    shared_lock.release()


def test_a_fork_by_the_thread_that_holds_it() -> None:
    """As in a signal handler that comes while an encoding loads."""
    with shared_lock:
        assert ends_well(shared_lock.release)
    with pytest.raises(RuntimeError):
        shared_lock.release()


def test_a_fork_waits_for_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(0.3)\nDONE = True\n")
    monkeypatch.setattr(tokenkit, "__path__", [*tokenkit.__path__, str(tmp_path)])

    def load() -> None:
        assert importlib.import_module("tokenkit.slow_to_import").DONE

    thread = threading.Thread(target=load)
    thread.start()
    time.sleep(0.1)
    try:
        assert ends_well(load)
    finally:
        thread.join()
        del sys.modules["tokenkit.slow_to_import"]


def test_while_another_thread_loads_encodings() -> None:
    def load() -> None:
        for name in BUNDLED:
            assert tokenkit.get_encoding(name).count("hello world") == 2

    for k in range(20):
        ENCODINGS.clear()
        thread = threading.Thread(target=load)
        thread.start()
        time.sleep(0.0005 * k)
        assert ends_well(load)
        thread.join()


COLD = """
import os, signal, sys, threading, time, warnings
warnings.simplefilter("ignore")
import tokenkit

def work():
    assert tokenkit.count("hello world", "gpt-4o") == 2
    chat = [{"role": "user", "content": "hello world"}]
    assert tokenkit.count_messages(chat, "gpt-4o").tokens == 9
    assert tokenkit.get_encoding("cl100k_base").count_batch(["hello world"]).tolist() == [2]
    assert tokenkit.chunk("hello world", encoding="gpt2", max_tokens=1)[0].tokens == 1

thread = threading.Thread(target=work)
thread.start()
children = []
while thread.is_alive() and len(children) < 200:
    pid = os.fork()
    if pid == 0:
        signal.alarm(60)
        work()
        os._exit(0)
    children.append(os.waitpid(pid, 0)[1])
    time.sleep(0.001)
assert set(children) == {0}, children
"""


def test_while_another_thread_uses_it_for_the_first_time() -> None:
    for _ in range(by_profile(1, 10)):
        subprocess.run([sys.executable, "-c", COLD], env=ELSEWHERE, check=True, timeout=300)


# What is refused in the child


def test_an_object_in_use_is_refused_in_the_child() -> None:
    lock = StateLock()
    held, forked = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            forked.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()

    def work() -> None:
        for _ in range(2):
            with (
                pytest.raises(RuntimeError, match="in use by another thread when the process"),
                lock,
            ):
                pass

    pid = child(work)
    forked.set()
    assert ended(pid) == 0
    thread.join()
    with lock:  # the parent's is as it was
        pass
    assert ends_well(lambda: lock.__enter__())


@pytest.mark.parametrize("encoding", ["o200k_base", "own"])
def test_a_counter_in_use_is_right_or_refused(encoding: str) -> None:
    enc = make(r"\w+|\W+") if encoding == "own" else tokenkit.get_encoding(encoding)
    part = TEXT * (1 if encoding == "own" else 100)
    counter = enc.counter()
    counter.update(part)
    shared = [counter]

    def use() -> None:
        shared[0] = fresh = enc.counter()
        fresh.update(part)
        assert fresh.total == expected

    expected = enc.count(part)

    def work() -> None:
        try:
            total = shared[0].total
        except RuntimeError:  # it was in use
            total = 0
        assert total in (0, expected)
        own = enc.counter()
        own.update(part)
        assert own.total == expected

    with running(use):
        assert all(ends_well(work) for _ in range(5))


def test_reading_ahead_ends_in_the_child() -> None:
    numbers = ahead(iter(range(1_000_000)))
    assert next(numbers) == 0

    def work() -> None:
        with pytest.raises(RuntimeError, match="forked"):
            next(numbers)

    assert ends_well(work)
    assert next(numbers) == 1
    numbers.close()  # type: ignore[attr-defined]


# All at once


def all_roads() -> list[Any]:
    """Some numbers from every road that shares something between threads."""
    enc = tokenkit.get_encoding("o200k_base")
    chat = [{"role": "user", "content": TEXT}, {"role": "assistant", "content": f"{time.time()}"}]
    counter = enc.counter()
    counter.update(TEXT)
    chunker = tokenkit.Chunker(encoding=enc, max_tokens=50)
    return [
        enc.count(TEXT),
        len(enc.encode(TEXT)),
        enc.count_batch([TEXT] * 20, num_threads=4).tolist(),
        counter.total,
        sum(chunk.tokens for chunk in chunker.chunk(TEXT)),
        len(list(chunker.iter_chunks([TEXT]))),
        tokenkit.count_messages(chat[:1], "gpt-4o").tokens,
        tokenkit.count_messages(chat, "gpt-4o").exact,
        tokenkit.get_model("gpt-4o").name,
        tokenkit.Prompt("gpt-4o").user("Why?").render().tokens,
    ]


@pytest.mark.parametrize("forks", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_while_24_threads_count(forks: int) -> None:
    expected = all_roads()

    def work() -> None:
        assert all_roads() == expected

    def use() -> None:
        ENCODINGS.clear()
        work()

    with running(use, 24):
        children = []
        for _ in range(forks):
            children.append(child(work))
            if len(children) == 4:
                assert {ended(pid) for pid in children} <= {0}
                children.clear()
        assert {ended(pid) for pid in children} <= {0}


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_pools_while_24_threads_count(method: str) -> None:
    import multiprocessing

    enc = tokenkit.get_encoding("cl100k_base")
    texts = [TEXT[:n] for n in range(0, len(TEXT), 50)]
    expected = enc.count_batch(texts).tolist()
    with running(lambda: all_roads(), 24), multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(enc.count, texts) == expected
