"""Texts that are counted in parts: big files, streams, interruptions."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from cli_runs import ELSEWHERE, process
from hypothesis import example, given, strategies as st
from search import by_profile

import tokenkit
from tokenkit.errors import Interrupted
from tokenkit.inputs import big_texts as _big_texts, files, sources as _sources
from tokenkit.inputs.files import count_files

ENC = tokenkit.get_encoding("o200k_base")
CUSTOM = tokenkit.Encoding(
    "letters",
    pat_str=r"\w+|\s+|[^\w\s]+",
    mergeable_ranks={bytes([i]): i for i in range(256)} | {b"ab": 256},
    special_tokens={},
)


DATA = st.binary(max_size=40) | st.text(max_size=60).map(
    lambda text: text.encode("utf-8", "replace")
)


@pytest.mark.parametrize("road", ["stream", "file"])
@given(
    data=st.lists(DATA | st.sampled_from([b"word ", b"don't ", "漢字。".encode()]), max_size=8).map(
        b"".join
    ),
    block=st.integers(1, 40),
    read=st.integers(1, 40),
    engines=st.sampled_from([(ENC,), (ENC, CUSTOM), (CUSTOM,)]),
)
@example(data=b"\xc2\xc0", block=1, read=1, engines=(CUSTOM,))
def test_parts_count_as_whole_texts(
    road: str, data: bytes, block: int, read: int, engines: tuple[tokenkit.Encoding, ...]
) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(_big_texts, "BLOCK_BYTES", block)
        patch.setattr(_big_texts, "_READ_BYTES", read)
        patch.setattr(files, "_BIG_BYTES", 0)
        patch.setattr(_sources, "_standard_input", lambda: Stdin(data))
        path = Path(folder, "text")
        path.write_bytes(data)
        (count,) = count_files(["-" if road == "stream" else path], engines)
    if b"\0" in data:
        # What comes first is said: a zero byte, or what is not UTF-8.
        assert count.error.startswith(
            ("expected UTF-8 text, got a zero byte at byte ", "expected UTF-8 text, got invalid")
        )
        return
    try:
        expected: object = (tuple(engine.count(data) for engine in engines), len(data), "")
    except ValueError as error:
        expected = (None, count.size, f"expected UTF-8 text, got {error}")
    assert (count.tokens, count.size, count.error.partition(";")[0]) == expected


class Stdin:
    """A standard input without a file behind it."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __enter__(self) -> Stdin:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def readinto(self, buffer: memoryview) -> int:
        size = min(len(buffer), len(self.data))
        buffer[:size] = self.data[:size]
        self.data = self.data[size:]
        return size


@pytest.mark.skipif(sys.platform == "win32", reason="resource is not on Windows")
def test_a_pipe_is_not_held_in_memory() -> None:
    megabytes = 60
    line = b"The quick brown fox jumps over the lazy dog.\n\n"
    code = (
        "import resource, sys; from tokenkit.cli import main\n"
        "try: main()\n"
        "finally:\n"
        "    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "    print(peak // (2**20 if sys.platform == 'darwin' else 2**10))"
    )
    small = process("count", "-e", "o200k_base", python=("-c", code), data=line)
    big = subprocess.Popen(
        [sys.executable, "-c", code, "count", "-", "-e", "o200k_base"],
        env=ELSEWHERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert big.stdin is not None
    assert big.stdout is not None
    for _ in range(megabytes):
        big.stdin.write(line * (2**20 // len(line)))
    big.stdin.close()
    number, peak = big.stdout.read().split()
    big.stdout.close()
    assert big.wait() == 0
    assert int(number) == megabytes * (2**20 // len(line)) * ENC.count(line)
    assert int(peak) - int(small.stdout.split()[1]) < megabytes // 2


def unread(pipe: BinaryIO) -> int:
    """Return how many bytes a pipe holds that nobody has read."""
    import fcntl
    import termios

    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize(
    "text",
    by_profile(["one two th", "漢字" * 4], ["one two three ", "one two th", "one 漢", "漢字" * 4]),
)
def test_an_interrupted_pipe_is_counted_so_far(text: str) -> None:
    data = text.encode()[: -1 if text.endswith("字") else None]
    read, write = os.pipe()
    with (
        open(read, "rb") as reader,
        open(write, "wb", buffering=0) as writer,
        subprocess.Popen(
            [sys.executable, "-m", "tokenkit", "count", "-e", "o200k_base"],
            env=ELSEWHERE,
            stdin=reader,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as running,
    ):
        writer.write(data)
        while unread(reader):
            time.sleep(0.02)
        time.sleep(0.3)  # until it waits for more
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    whole = data.decode(errors="ignore")
    assert running.returncode == 130
    assert out.split() == [str(ENC.count(whole)).encode()]
    assert (
        f"interrupted; this is the count of its first {len(whole.encode())} bytes".encode() in err
    )


def test_an_interrupted_file_is_counted_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "big.txt"
    path.write_text("one two three " * 100)
    monkeypatch.setattr(files, "_BIG_BYTES", 0)
    monkeypatch.setattr(_big_texts, "BLOCK_BYTES", 100)
    monkeypatch.setattr(_big_texts, "_READ_BYTES", 100)
    take, calls = _big_texts.BigTextCount._take, []

    def third_time(*words: Any) -> None:
        calls.append(words)
        if len(calls) == 3:
            raise KeyboardInterrupt
        take(*words)

    monkeypatch.setattr(_big_texts.BigTextCount, "_take", third_time)
    with pytest.raises(Interrupted) as caught:
        list(count_files([path], [ENC]))
    interrupted = caught.value
    assert (interrupted.name, 0 < interrupted.size < 400) == (str(path), True)
    assert interrupted.tokens == (ENC.count(path.read_bytes()[: interrupted.size]),)
