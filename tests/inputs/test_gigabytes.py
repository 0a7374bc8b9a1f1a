"""A gigabyte of anything takes less than 300 MB in every road of the command line, or is refused.

The inputs are hostile: one row, no line end, an open quote, tiny values, packed a thousandfold.
Half a billion rows of one character take half an hour. So an input ends after SECONDS at the
latest, and then memory must have stopped to grow long before.
"""

from __future__ import annotations

import gzip
import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_runs import ELSEWHERE

pytestmark = [
    pytest.mark.gigabytes,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

MOST_MB = 300
GIGABYTE = 1 << 30
SECONDS = 90.0
MOST_GROWTH_MB = 10  # in the second half of the time, where an input was cut short
E = ("-e", "o200k_base")
M = ("-m", "gpt-5.4")
ROWS = ("count", "-", *E)
# Each verb with the input that it reads from a pipe: what comes first, and what is repeated.
ROADS: dict[str, tuple[tuple[str, ...], bytes, bytes]] = {
    "count, one letter": (ROWS, b"", b"a"),
    "count, spaces after a line end": (ROWS, b"\n", b" "),
    "count, letters beyond ASCII": (ROWS, b"", "字".encode()),
    "count, sentences": (ROWS, b"", b"A line of text, and more. "),
    "lines, one row": ((*ROWS, "--field", "t"), b'{"t": "', b"a"),
    "lines, one row of wide characters": ((*ROWS, "--field", "t"), b'{"t": "', "😀a".encode()),
    "lines, one row of lists": ((*ROWS, "--field", "t"), b'{"t": "a", "x": [', b"[],"),
    "lines, tiny rows": ((*ROWS, "--field", "t"), b"", b"1\n"),
    "lines, blank": ((*ROWS, "--field", "t"), b'{"t": "a"}', b"\n"),
    "document, one row": ((*ROWS, "--field", "t", "--as", "json"), b'[{"t": "', b"a"),
    "document, tiny rows": ((*ROWS, "--field", "t", "--as", "json"), b"[", b"[],"),
    "document, a list in a list": ((*ROWS, "--field", "t", "--as", "json"), b'[{"t": [', b"{},"),
    "csv, an open quote": ((*ROWS, "--column", "t"), b't\n"', b"a\n"),
    "csv, one line": ((*ROWS, "--column", "t"), b"t\n", b"a"),
    "csv, a wide line": ((*ROWS, "--column", "t"), "t\n😀".encode(), b"a"),
    "csv, many columns": ((*ROWS, "--column", "t"), b"t", b",t"),
    "csv, tiny rows": ((*ROWS, "--column", "t"), b"t\n", b"a\n"),
    "chats, one row": (("count", "-", *M, "--chat", "m"), b'{"m": "', b"a"),
    "chats, lists": (("count", "-", *M, "--chat", "m"), b"", b'{"m": [[],[],[],[],[],[]]}\n'),
    "requests, one line": (("count", "-", "--requests"), b'{"custom_id": "', b"a"),
    "requests, tiny lines": (("count", "-", "--requests"), b"", b"1\n"),
    "encode": (("encode", *E), b"", b"a b"),
    "encode --tokens": (("encode", *E, "--tokens"), b"", b"a b"),
    "encode --format json": (("encode", *E, "--format", "json"), b"", b"a b"),
    "decode": (("decode", *E), b"", b"1 "),
    "decode, one number": (("decode", *E), b"", b"1"),
    "decode --bytes": (("decode", *E, "--bytes"), b"", b"200\n"),
    "truncate": (("truncate", *E, "-t", "10"), b"", b"a b"),
    "chunk": (("chunk", *E, "-n", "100"), b"", b"a b\n"),
    "cost": (("cost", "-", *M), b"", b"a b"),
    "cost --usage": (("cost", "--usage", "-", *M), b"", b'{"prompt_tokens": 1}\n'),
    "fit": (("fit", *M), b"[", b'{"role": "user", "content": "a"},'),
    "show": (("show", *E), b"", b"a b"),
}


def gigabyte(first: bytes, repeated: bytes) -> Iterator[bytes]:
    block = repeated * ((1 << 20) // len(repeated))
    return itertools.chain([first], itertools.repeat(block, GIGABYTE // len(block)))


def peak_of(words: tuple[str, ...], data: Iterator[bytes]) -> tuple[int, float, bytes]:
    """Return the exit code, the most anonymous memory in MB, and what was said."""
    begin, cut = time.monotonic(), threading.Event()
    peaks = {"first half": 0.0, "second half": 0.0}
    with subprocess.Popen(
        [sys.executable, "-m", "tokenkit", *words],
        env=ELSEWHERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as running:
        said: list[bytes] = []
        threads = [
            threading.Thread(target=feed, args=(running, data, begin + SECONDS, cut)),
            threading.Thread(target=lambda: said.append(running.stderr.read())),  # type: ignore[union-attr]
        ]
        for thread in threads:
            thread.start()
        while running.poll() is None:
            half = "first half" if time.monotonic() < begin + SECONDS / 2 else "second half"
            lines = Path(f"/proc/{running.pid}/status").read_text().splitlines()
            found = [int(line.split()[1]) / 1000 for line in lines if line.startswith("RssAnon")]
            peaks[half] = max(peaks[half], *found, 0)
            threading.Event().wait(0.02)
        for thread in threads:
            thread.join()
    if time.monotonic() > begin + 5:
        assert max(peaks.values()) > 10  # or it was not measured
    if cut.is_set():
        assert peaks["second half"] < peaks["first half"] + MOST_GROWTH_MB
    return running.returncode, max(peaks.values()), said[0]


def feed(
    running: subprocess.Popen[bytes], data: Iterator[bytes], end: float, cut: threading.Event
) -> None:
    """Write the input, up to a point in time; say whether that cut it short."""
    assert running.stdin is not None
    try:
        with running.stdin:
            for part in data:
                if time.monotonic() > end:
                    cut.set()
                    break
                running.stdin.write(part)
    except BrokenPipeError:
        pass  # it has seen enough


@pytest.mark.parametrize("road", ROADS)
def test_a_pipe(road: str) -> None:
    words, first, repeated = ROADS[road]
    code, peak, said = peak_of(words, gigabyte(first, repeated))
    assert b"Traceback" not in said, said[-2000:]
    assert code in (0, 1, 2)
    assert code != 2 or b"expected" in said or b"invalid" in said, said[-2000:]
    assert peak < MOST_MB


@pytest.mark.parametrize(
    ("name", "first", "words"),
    [
        ("text.txt.gz", b"", E),
        ("rows.jsonl.gz", b'{"t": "', (*E, "--field", "t")),
        ("rows.csv.gz", b't\n"', (*E, "--column", "t")),
        ("rows.json.gz", b'[{"t": "', (*E, "--field", "t")),
    ],
)
def test_a_packed_bomb(name: str, first: bytes, words: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / name
    part = gzip.compress(b"a" * (1 << 20))
    with path.open("wb") as file:
        file.write(gzip.compress(first))
        for _ in range(2048):
            file.write(part)
    code, peak, said = peak_of(("count", str(path), *words), iter(()))
    assert b"Traceback" not in said
    assert code == (0 if name.startswith("text") else 2)
    assert peak < MOST_MB
