"""Outputs are whole or not there, whatever is in their place and whatever goes wrong."""

from __future__ import annotations

import errno
import os
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tokenkit._writing import WholeFile, is_part, whole_text

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder, in which no part may be left."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert not [name for _, _, names in os.walk(tmp_path) for name in names if is_part(name)]


def write(path: str, data: bytes = b"new") -> None:
    with WholeFile(path) as out:
        out.file.write(data)


def mode_of(path: str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.mark.parametrize("before", [None, b"old"])
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), SystemExit(1), ValueError("x"), OSError(errno.ENOSPC, "full")]
)
def test_an_error_leaves_what_was_there(before: bytes | None, error: BaseException) -> None:
    if before is not None:
        Path("a").write_bytes(before)

    def fail() -> None:
        with WholeFile("a") as out:
            out.file.write(b"half" * 100_000)
            assert Path("a").exists() == (before is not None)
            raise error

    with pytest.raises(type(error)) as caught:
        fail()
    assert (Path("a").read_bytes() if Path("a").exists() else None) == before
    if isinstance(caught.value, OSError):
        assert caught.value.filename == "a"


def test_text_is_whole_or_not_there() -> None:
    with whole_text("a") as file:
        file.write("x\r\n漢\n" * 9)
        assert not Path("a").exists()
    assert Path("a").read_bytes() == "x\r\n漢\n".encode() * 9
    with pytest.raises(UnicodeEncodeError), whole_text("a") as file:
        file.write("y" * 9_000 + "\ud800")
    assert Path("a").read_bytes() == "x\r\n漢\n".encode() * 9


@posix
@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_permissions(mask: int) -> None:
    before = os.umask(mask)
    try:
        write("a")
        assert mode_of("a") == 0o666 & ~mask
        for mode in (0o640, 0o777, 0o600):
            os.chmod("a", mode)
            write("a")
            assert mode_of("a") == mode
    finally:
        os.umask(before)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="needs root")
def test_the_owner_stays() -> None:
    Path("a").write_bytes(b"old")
    os.chown("a", 1234, 5678)
    os.chmod("a", 0o4640)
    write("a")
    status = os.stat("a")
    assert (status.st_uid, status.st_gid, mode_of("a")) == (1234, 5678, 0o4640)


@posix
def test_an_owner_who_cannot_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is written as it is, then, and stays that owner's."""

    def refused(*_arguments: object) -> None:
        raise PermissionError(errno.EPERM, "refused")

    Path("a").write_bytes(b"old")
    number = os.stat("a").st_ino
    monkeypatch.setattr(os, "chmod", refused)
    write("a")
    assert (os.stat("a").st_ino, Path("a").read_bytes()) == (number, b"new")


@posix
def test_links_stay() -> None:
    os.mkdir("deep")
    Path("deep/old").write_bytes(b"old")
    os.symlink("old", "deep/near")
    os.symlink("deep/near", "far")
    os.symlink("deep/none", "dangling")
    os.symlink("round", "round")
    write("far")
    write("dangling")
    assert Path("deep/old").read_bytes() == Path("deep/none").read_bytes() == b"new"
    assert all(map(os.path.islink, ("far", "deep/near", "dangling")))
    with pytest.raises(OSError, match="round") as caught:
        write("round")
    assert caught.value.errno == errno.ELOOP


@posix
@pytest.mark.parametrize("spooled", [False, True])
def test_pipes_and_devices_are_written_as_they_are(spooled: bool) -> None:
    os.mkfifo("fifo")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(Path("fifo").read_bytes()))
    reader.start()
    with WholeFile("fifo", spooled=spooled) as out:
        out.file.write(b"new")
        assert not spooled or out.file.seek(0) == 0
    reader.join(20)
    assert read == [b"new"]
    with WholeFile(os.devnull, spooled=spooled) as out:
        out.file.write(b"new")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_device_is_an_error_that_names_it() -> None:
    os.symlink("/dev/full", "a")
    with pytest.raises(OSError, match="No space left on device: 'a'"):
        write("a", b"x" * 100_000)
    with pytest.raises(OSError, match="No space left on device: 'a'"):
        write("a")


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="needs /dev/fd")
def test_an_open_file_by_number_goes_on_where_it_is() -> None:
    with open("a", "wb", buffering=0) as file:
        file.write(b"before ")
        os.symlink(f"/dev/fd/{file.fileno()}", "link")
        write("link")
        file.write(b" after")
    assert Path("a").read_bytes() == b"before new after"


@posix
def test_what_cannot_be_written_is_named() -> None:
    os.mkdir("folder")
    for path, kind in (
        ("none/a", FileNotFoundError),
        ("folder", IsADirectoryError),
        ("a" * 300, OSError),
    ):
        with pytest.raises(kind) as caught:
            WholeFile(path)
        assert caught.value.filename == path


@posix
@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_folder_that_takes_no_file(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in it can still be written, as it is."""
    Path("a").write_bytes(b"old")

    def refused(*_arguments: object) -> int:
        raise OSError(number, "refused")

    monkeypatch.setattr(os, "open", refused)
    write("a")
    assert Path("a").read_bytes() == b"new"
    with pytest.raises(OSError, match="refused: 'b'"):
        write("b")


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV])
def test_a_file_that_is_a_mount_of_its_own(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a").write_bytes(b"old" * 9)

    def refused(*_arguments: object) -> None:
        raise OSError(number, "busy")

    monkeypatch.setattr(os, "replace", refused)
    write("a")
    assert Path("a").read_bytes() == b"new"


def test_a_failing_replacement_leaves_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a").write_bytes(b"old")

    def refused(*_arguments: object) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(OSError, match="broken: 'a'"):
        write("a")
    assert Path("a").read_bytes() == b"old"
