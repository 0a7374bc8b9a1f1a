"""A tokenizer file that was compiled is known again, and one that changed never gives old ids."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tokenkit._core import build_image
from tokenkit.encodings.cache import compiled as compiled_module, image_cache, source_notes
from tokenkit.encodings.cache.compiled import compiled
from tokenkit.encodings.cache.source_notes import is_settled
from tokenkit.encodings.formats.contents import digest_of, read_contents

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no notes are written there")
IMAGE = build_image([(bytes([byte]), byte) for byte in range(256)])


class Compiler:
    """Compiles a file to its own content, and counts how often that is done."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = str(path)
        self.built = self.read = 0
        monkeypatch.setattr(compiled_module, "read_contents", self._read)

    def _read(self, path: str) -> object:
        self.read += 1
        return read_contents(path)

    def build(
        self, contents: Mapping[str, bytes], digest: str
    ) -> tuple[dict[str, str], dict[str, Any], bytes]:
        self.built += 1
        assert digest == digest_of(self.path, contents)
        definition = {name: data.decode() for name, data in contents.items()}
        return {"source": self.path}, definition, IMAGE

    def __call__(self) -> dict[str, Any]:
        found = compiled(self.path, self.build)
        assert found is not None
        assert bytes(found[1]) == IMAGE
        return found[0]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOKENKIT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(source_notes, "_LONGEST_TICK", 0)
    path = tmp_path / "größe 🗜" / "tokenizer.json"
    path.parent.mkdir()
    path.write_bytes(b"one")
    return path


def write_as_before(path: Path, data: bytes) -> None:
    """Write a file in place, and give it the time of writing that it had."""
    status = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_file_is_read_and_compiled_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = Compiler(file, monkeypatch)
    for _ in range(3):
        assert load() == {"": "one"}
    assert (load.built, load.read) == (1, 1)
    # A copy is read, but not compiled.
    copy = file.with_name("copy.json")
    copy.write_bytes(b"one")
    other = Compiler(copy, monkeypatch)
    for _ in range(3):
        assert other() == {"": "one"}
    assert (other.built, other.read) == (0, 1)


@pytest.mark.parametrize(
    "how", ["in place", "renamed", "link", "beside", "removed beside", "folder"]
)
def test_a_file_that_changed_is_compiled_again(
    file: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    beside = file.with_name("tokenizer_config.json")
    if how == "link":
        target = file.rename(file.with_name("first"))
        file.symlink_to(target)
    if how == "removed beside":
        beside.write_bytes(b"{}")
    load = Compiler(file, monkeypatch)
    before = load()
    assert load() == before
    assert (load.built, load.read) == (1, 1)
    status = file.stat()
    if how == "in place":
        write_as_before(file, b"two")
    elif how in ("renamed", "link"):
        other = file.with_name("other")
        other.write_bytes(b"two")
        os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
        if how == "link":
            file.unlink()
            file.symlink_to(other)
        else:
            other.rename(file)
    elif how == "folder":
        file.parent.rename(file.parent.with_name("away"))
        file.parent.mkdir()
        file.write_bytes(b"two")
    elif how == "beside":
        beside.write_bytes(b"{}")
    else:
        beside.unlink()
    after = load()
    assert after == {
        name: path.read_text("utf-8")
        for name, path in (("", file), (beside.name, beside))
        if path.exists()
    }
    assert after != before
    assert load() == after
    assert load.built == 2


def test_each_of_many_writes_shows(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within one tick of the clock, too, as a file that is as young is not noted."""
    monkeypatch.undo()
    monkeypatch.setenv("TOKENKIT_CACHE_DIR", str(file.parent / "cache"))
    load = Compiler(file, monkeypatch)
    for number in range(60):
        text = f"{number % 7:03}"
        write_as_before(file, text.encode())
        assert load() == {"": text}
    assert load.built == 7
    assert load.read == 60


def test_a_file_that_changes_while_it_is_compiled(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Compiler(file, monkeypatch)
    build = load.build

    def build_while_it_changes(
        contents: Mapping[str, bytes], digest: str
    ) -> tuple[dict[str, str], dict[str, Any], bytes]:
        write_as_before(file, b"two")
        return build(contents, digest)

    monkeypatch.setattr(load, "build", build_while_it_changes)
    assert load() == {"": "one"}
    assert load() == {"": "two"}
    write_as_before(file, b"one")
    assert load() == {"": "one"}
    assert load.built == 2


def test_what_was_cleared_is_made_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = Compiler(file, monkeypatch)
    load()
    for path in (file.parent.with_name("cache")).glob("*.tkc"):
        path.unlink()
    assert load() == load() == {"": "one"}
    assert load.built == 2


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"digest": 7}',
        b"[" * 60_000,
        b"\xff",
        b'{"digest": "x", "files": 1}',
    ],
)
def test_a_damaged_note_is_written_again(
    file: Path, monkeypatch: pytest.MonkeyPatch, note: bytes
) -> None:
    load = Compiler(file, monkeypatch)
    load()
    (path,) = file.parent.with_name("cache").glob("*.note")
    whole = path.read_bytes()
    path.write_bytes(note)
    assert load() == load() == {"": "one"}
    assert (load.built, load.read) == (1, 2)
    assert path.read_bytes() == whole
    path.chmod(0o666)  # somebody else may have written it
    load()
    assert load.read == 3


def test_a_file_that_cannot_be_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = Compiler(file, monkeypatch)
    load()
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(OSError, match="regular file"):
        load()
    file.unlink()
    with pytest.raises(FileNotFoundError):
        load()


def test_what_has_no_image_is_not_kept(file: Path) -> None:
    assert compiled(str(file), lambda contents, digest: None) is None
    assert not file.parent.with_name("cache").exists()


def test_without_a_cache(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_cache, "cache_folder", lambda: None)
    monkeypatch.setattr(source_notes, "cache_folder", lambda: None)
    load = Compiler(file, monkeypatch)
    assert load() == load() == {"": "one"}
    assert load.built == 2


@pytest.mark.parametrize(
    ("changed_ns", "read_ns", "expected"),
    [
        (1_000_000_123, 1_100_000_124, True),
        (1_000_000_123, 1_100_000_123, False),  # within what may be one tick
        (1_000_000_123, 1_000_000_000, False),  # a clock that was set back
        (1_000_000_000, 9_000_000_000, False),  # a file system of whole seconds
        (1_007_000_000, 9_000_000_000, False),
    ],
)
def test_young_files_are_not_noted(changed_ns: int, read_ns: int, expected: bool) -> None:
    status = cast("os.stat_result", SimpleNamespace(st_ctime_ns=changed_ns))
    assert is_settled(status, read_ns) is expected
