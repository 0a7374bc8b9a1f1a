"""Texts of many megabytes: shared out among threads, mapped from files, without holding the GIL."""

from __future__ import annotations

import mmap
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tokenkit import Encoding

KILO = 1 << 10
UNIT = "The quick brown fox — 漢字かな交じり文, don't! 12345\n  \t x = {'a': [1, 2]}\r\n\r\n🙂 "
# Threads share a text where a word or number is followed by a space or a symbol. These have no
# such place, or only one.
WITHOUT_PLACE = {
    "letters": "a" * (700 * KILO),
    "spaces": " " * (700 * KILO),
    "newlines": "\r\n" * (350 * KILO),
    "symbols": "!-" * (350 * KILO),
    "digits": "7" * (700 * KILO),
    "words without spaces": "Ab\u0301" * (250 * KILO),
    "apostrophes": "a'" * (350 * KILO),
    "wide spaces": "a\u3000" * (200 * KILO),
    "one place": "a" * (600 * KILO) + " " + "b" * (600 * KILO),
}


@pytest.mark.parametrize("text", WITHOUT_PLACE.values(), ids=WITHOUT_PLACE.keys())
def test_no_place_to_cut(family: Encoding, text: str) -> None:
    ids = family.encode_ordinary(text)
    for form in (text, text.encode()):
        assert family.count_batch([form], num_threads=3).tolist() == [len(ids)]
        assert family.encode_ragged([form], num_threads=3).ids.tolist() == ids


def test_parts_have_the_ids_of_the_whole(enc: Encoding) -> None:
    text = UNIT * (20_000)
    ids = enc.encode_ordinary(text)
    for threads in (1, 2, 5):
        ragged = enc.encode_ragged(["a", text, "", text[:999]], num_threads=threads)
        assert ragged[1].tolist() == ids
        assert ragged[3].tolist() == enc.encode_ordinary(text[:999])
        assert ragged.offsets.tolist() == [
            0, 1, 1 + len(ids), 1 + len(ids), 1 + len(ids) + len(ragged[3])
        ]  # fmt: skip
        assert enc.count_batch([text], num_threads=threads).tolist() == [len(ids)]
        assert enc.encode_ordinary_batch([text], num_threads=threads) == [ids]


def test_special_tokens_are_not_cut(enc: Encoding) -> None:
    text = "word<|endoftext|>" * 60_000
    found = enc.encode_batch([text], num_threads=3, allowed_special="all")
    assert found == [enc.encode(text, allowed_special="all")]


@pytest.mark.parametrize("bad", [b"\xff", b"\xe6\xbc", b"\x80", b"\xed\xa0\x80", b"\xf8\x88\x88"])
def test_invalid_utf8_in_parts(family: Encoding, bad: bytes) -> None:
    good = ("漢字 and words " * 60_000).encode()
    for start in (0, 256 * KILO - 1, 256 * KILO, 256 * KILO + 2, len(good) - 700):
        at = good.index(b" ", start)
        text = good[:at] + bad + good[at:]
        for threads in (1, 3):
            with pytest.raises(ValueError, match=f"item 1: invalid UTF-8 at byte {at}$"):
                family.count_batch(["a", text, text], num_threads=threads)
            with pytest.raises(ValueError, match=f"item 1: invalid UTF-8 at byte {at}$"):
                family.encode_ragged([b"a", text], num_threads=threads)


def test_mapped_file(family: Encoding, tmp_path: Path) -> None:
    path = tmp_path / "text"
    text = UNIT * 30_000
    path.write_bytes(text.encode())
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        expected = family.count(text)
        assert family.count(mapped) == expected
        assert family.count_batch([mapped, mapped], num_threads=2).tolist() == [expected] * 2
        half = memoryview(mapped)[: len(UNIT.encode()) * 1000]
        assert family.count(half) == family.count(UNIT * 1000)
        half.release()  # else the file could not be closed


@pytest.mark.skipif(sys.platform != "linux", reason="the limit counts mapped files elsewhere")
def test_mapped_file_is_not_copied(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes((UNIT * 1_000_000).encode()[: 64 << 20])
    code = f"""
import mmap, re, resource
from pathlib import Path
import tokenkit
enc = tokenkit.get_encoding("o200k_base")
enc.count_batch(["a " * 400_000] * 2, num_threads=2)
used = int(re.search(r"VmData:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) << 10
limit = used + (40 << 20)
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
with open({str(path)!r}, "rb") as file:
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    text = memoryview(mapped)[: mapped.rfind(b" ")]
    try:
        bytes(text)
        raise SystemExit("the limit does not hold")
    except MemoryError:
        pass
    assert enc.count(text) == enc.count_batch([text], num_threads=2)[0] > 1_000_000
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=100)


def test_the_gil_is_let_go(family: Encoding) -> None:
    data = (UNIT * 60_000).encode()
    ticks = 0
    done = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.0005)

    for call in (
        lambda: family.count(data),
        lambda: family.count_batch([data], num_threads=1),
        lambda: family.encode_ragged([data], num_threads=2),
        lambda: family.encode_to_numpy(data),
    ):
        done.clear()
        ticks = 0
        thread = threading.Thread(target=tick)
        thread.start()
        while ticks == 0:
            time.sleep(0.001)
        before = ticks
        call()
        seen = ticks - before
        done.set()
        thread.join()
        assert seen >= 2
