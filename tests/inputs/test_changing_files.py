"""Files that another program truncates, writes over, lengthens or replaces while they are read."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from cli_runs import ELSEWHERE, process
from search import by_profile

import tokenkit
from tokenkit._files import check_unchanged, open_named, read_named
from tokenkit.errors import InputError
from tokenkit.inputs.big_texts import BigTextCount
from tokenkit.inputs.files import count_files
from tokenkit.inputs.sources import opened

ENC = tokenkit.get_encoding("o200k_base")
LINE = b"2026-01-01 some log line with words\n"
TRUNCATED = "the file was truncated while it was read; read it again"
WRITTEN = "was written over while it was read; read it again"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.txt"
    path.write_bytes(LINE * 100_000)
    return path


def later(path: Path) -> None:
    """Give a file another time of its last change, as a later write does."""
    os.utime(path, ns=(0, os.stat(path).st_mtime_ns + 1_000_000))


def test_a_stream_of_a_file_that_is_truncated(log: Path) -> None:
    def read() -> None:
        with opened(str(log)) as (file, _):
            file.read(10)
            os.truncate(log, 4096)
            while file.read(1 << 16):
                pass

    with pytest.raises(InputError, match=TRUNCATED):
        read()


def test_a_file_that_grows_is_read_as_it_was(log: Path) -> None:
    size = log.stat().st_size
    with opened(str(log)) as (file, position):
        data = file.read(10)
        with log.open("ab") as more:
            more.write(LINE)
        data += file.read()
        assert (len(data), position()) == (size, size)
    assert data == LINE * 100_000


@pytest.mark.skipif(sys.platform == "win32", reason="files that are open stay there")
def test_a_file_that_is_replaced_is_read_as_it_was(log: Path) -> None:
    with opened(str(log)) as (file, _):
        data = file.read(10)
        (log.parent / "new").write_bytes(b"new")
        os.replace(log.parent / "new", log)
        assert data + file.read() == LINE * 100_000


@pytest.mark.skipif(sys.platform == "win32", reason="times of open files are late there")
def test_a_file_that_is_written_over(log: Path) -> None:
    def read() -> None:
        with opened(str(log)) as (file, _):
            file.read(10)
            later(log)
            file.read()

    with pytest.raises(InputError, match=WRITTEN):
        read()
    with open_named(log) as opened_log:
        before = os.fstat(opened_log.fileno())
        later(log)
        with pytest.raises(OSError, match=WRITTEN):
            check_unchanged(opened_log.fileno(), before, before.st_size)


@pytest.mark.parametrize("name", ["log.txt", "log.txt.gz"])
def test_a_big_file_that_is_truncated_has_no_count(
    log: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = log.with_name(name)
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(random.Random(1).randbytes(1 << 20).hex().encode()))
    monkeypatch.setattr("tokenkit.inputs.files._BIG_BYTES", 0)
    monkeypatch.setattr("tokenkit.inputs.sources.BUFFER_BYTES", 1 << 12)
    monkeypatch.setattr("tokenkit.inputs.big_texts._READ_BYTES", 1 << 12)
    add = BigTextCount._settled

    def shortened(self: BigTextCount, part: bytes) -> int:
        os.truncate(path, 100)
        return add(self, part)

    monkeypatch.setattr(BigTextCount, "_settled", shortened)
    monkeypatch.setattr("tokenkit.inputs.big_texts.BLOCK_BYTES", 1 << 13)
    (count,) = count_files([path], [ENC])
    assert count.tokens is None
    assert count.error.endswith(TRUNCATED)


def test_a_file_that_was_truncated_and_is_longer_by_now(log: Path) -> None:
    with open_named(log) as opened_log:
        before = os.fstat(opened_log.fileno())
        with log.open("ab") as more:
            more.write(LINE)
        check_unchanged(opened_log.fileno(), before, before.st_size)
        with pytest.raises(OSError, match=TRUNCATED):
            check_unchanged(opened_log.fileno(), before, before.st_size - 1)


@pytest.mark.skipif(sys.platform != "linux", reason="the limit means other things elsewhere")
def test_a_text_that_does_not_fit_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    path.touch()
    os.truncate(path, 1 << 33)
    code = (
        "import resource, sys; from tokenkit.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 32, 1 << 32)); main()"
    )
    words = ("encode", path, "-e", "gpt2", "--max-mb", 10_000)
    done = process(*words, python=("-c", code))
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"expected a text that fits in memory, got 8589934592 bytes" in done.stderr


@pytest.mark.parametrize("most", [10, 1 << 30])
def test_a_file_is_read_up_to_a_limit(log: Path, most: int) -> None:
    if most == 10:
        with pytest.raises(OSError, match="expected at most 10 bytes, got more") as caught:
            read_named(log, most)
        assert caught.value.filename == str(log)
    else:
        assert read_named(log, most) == LINE * 100_000


@contextmanager
def rotated(paths: list[Path], seconds: float) -> Iterator[float]:
    """Truncate files and fill them again, at random, in another process."""
    code = (
        "import os, random, sys, time\n"
        "files = [(path, open(path, 'rb').read()) for path in sys.argv[2:]]\n"
        "end = time.monotonic() + float(sys.argv[1])\n"
        "print(flush=True)\n"
        "while time.monotonic() < end:\n"
        "    for path, data in files:\n"
        "        os.truncate(path, random.choice([0, 5, 4096, len(data) // 2]))\n"
        "    time.sleep(random.random() / 500)\n"
        "    for path, data in files:\n"
        "        with open(path, 'r+b') as file: file.write(data)\n"
        "    time.sleep(random.random() / 50)\n"
    )
    words = [sys.executable, "-c", code, str(seconds), *map(str, paths)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.readline()
        yield time.monotonic() + seconds
    assert running.returncode == 0


READ = f"""
import sys, time
sys.path[:0] = {sys.path!r}
from tokenkit.errors import InputError
from tokenkit.inputs import count_files, count_rows, read_requests, read_text
whole, tokens, seen = int(sys.argv[1]), int(sys.argv[2]), [0, 0]
text, *rows = sys.argv[3:]
begin = time.monotonic()
while time.monotonic() - begin < {by_profile(1.0, 20.0)}:
    (count,) = count_files([text], ["o200k_base"], num_threads=2)
    assert count.error or count.size < whole or count.tokens == (tokens,), count
    seen[bool(count.error)] += 1
    for path in rows:
        for read in (
            lambda: read_text(text),
            lambda: sum(batch.rows for batch in count_rows(path, "text", ["o200k_base"])),
            lambda: read_requests(path),
        ):
            try:
                read()
            except (InputError, OSError):
                seen[1] += 1
print(seen)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be truncated there")
def test_no_file_that_is_truncated_ends_the_process(log: Path, tmp_path: Path) -> None:
    table = pyarrow.table({"text": ["hello world " * 20] * 20_000, "more": ["x" * 99] * 20_000})
    paths = [tmp_path / name for name in ("a.arrow", "b.parquet", "c.jsonl", "d.arrows.ipc")]
    with pyarrow.ipc.new_file(paths[0], table.schema) as file:
        file.write_table(table, max_chunksize=1000)
    pyarrow.parquet.write_table(table, paths[1], row_group_size=1000)
    paths[2].write_text((json.dumps({"text": "hello world"}) + "\n") * 50_000)
    with pyarrow.ipc.new_stream(paths[3], table.schema) as file:
        file.write_table(table, max_chunksize=1000)
    log.write_bytes(LINE * 100_000)
    with rotated([log, *paths], by_profile(1.5, 21.0)):
        numbers = (len(LINE) * 100_000, ENC.count(LINE * 100_000))
        words = [sys.executable, "-c", READ, *map(str, (*numbers, log, *paths))]
        done = subprocess.run(words, env=ELSEWHERE, capture_output=True, check=False, timeout=90)
    assert (done.returncode, done.stderr.decode()) == (0, ""), done.stderr.decode()
