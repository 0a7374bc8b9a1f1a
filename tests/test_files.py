"""Files that users name: how much of them is read, and what is refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tokenkit._files import read_named, read_with_status, special_kind


@pytest.fixture
def ten_bytes(tmp_path: Path) -> Path:
    path = tmp_path / "ten.txt"
    path.write_bytes(b"0123456789")
    return path


@pytest.mark.parametrize("most", [10, 11])
def test_a_file_may_have_as_many_bytes_as_are_allowed(ten_bytes: Path, most: int) -> None:
    assert read_named(ten_bytes, most) == b"0123456789"


def test_one_more_is_refused_unless_the_start_is_enough(ten_bytes: Path) -> None:
    with pytest.raises(OSError, match="expected at most 9 bytes, got more") as caught:
        read_named(ten_bytes, 9)
    assert caught.value.filename == str(ten_bytes)
    start, status = read_with_status(ten_bytes, 9, only_start=True)
    assert (start, status.st_size) == (b"012345678", 10)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"folder|directory|denied") as caught:
        read_named(tmp_path, 10)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_a_pipe_is_read_unless_a_regular_file_is_asked_for(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    try:
        os.write(writing, b"0123")
        os.close(writing)
        assert read_named(f"/dev/fd/{reading}", 10) == b"0123"
    finally:
        os.close(reading)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert special_kind(os.stat(pipe).st_mode) == "pipe"
    with pytest.raises(OSError, match="expected a regular file, got a pipe"):
        read_named(pipe, 10, only_regular=True)
