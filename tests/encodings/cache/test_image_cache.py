"""The cache of compiled tokenizers: whole or not there, and never a reason for an error."""

from __future__ import annotations

import json
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tokenkit._core import IMAGE_VERSION, build_image
from tokenkit._writing import is_part
from tokenkit.encodings.cache import image_cache
from tokenkit.encodings.cache.cached_files import cached_tokenizers, check_cached, clear_cache
from tokenkit.encodings.cache.image_cache import cache_folder, cached, find, keep, key_of
from tokenkit.encodings.cache.image_file import (
    HEADER_BYTES,
    Damaged,
    definition_text,
    from_columns,
)
from tokenkit.encodings.encoding import Encoding
from tokenkit.encodings.patterns import family_of

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
KEY = key_of("a tokenizer")
TOKENS = [(bytes([byte]), byte) for byte in range(256)] + [(b"ab", 256), (b"abab", 257)]
DEFINITION = {"pattern": r"\w+|\W+", "special": {"<|ü\ud800|>": 258}, "sizes": [1, 2]}
IMAGE = build_image(TOKENS)
LABEL = {"source": "/a/tokenizer.json", "name": "a", "format": "tokenizer.json"}


@pytest.fixture(params=["cache", "Zwischenspeicher-\U0001f4e6 ü"])
def folder(request: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the cache, which is not there yet, and in which no part may be left."""
    path = tmp_path / request.param / "deeper"
    monkeypatch.setenv("TOKENKIT_CACHE_DIR", str(path))
    yield path
    if path.is_dir():
        assert not [name for name in os.listdir(path) if is_part(name)]


class Compiler:
    """Builds the tokenizer, and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> tuple[dict[str, Any], bytes]:
        self.calls += 1
        return DEFINITION, IMAGE


def entry(folder: Path) -> Path:
    return folder / f"{KEY}.tkc"


def works(found: tuple[dict[str, Any], Any]) -> bool:
    definition, image = found
    enc = Encoding._from_image(
        "a", definition["pattern"], image, family_of(definition["pattern"], {}), {}
    )
    return definition == DEFINITION and enc.encode_ordinary("abab ab") == [257, 32, 256]


def test_a_tokenizer_is_built_once(folder: Path) -> None:
    build = Compiler()
    assert find(KEY) is None
    for _ in range(3):
        found = cached(KEY, build, LABEL)
        assert works(found)
        assert isinstance(found[1], memoryview)
        assert found[1].readonly
    assert build.calls == 1
    assert os.listdir(folder) == [f"{KEY}.tkc"]
    assert cached(key_of("another"), build)[0] == DEFINITION
    assert build.calls == 2


def test_a_first_use_gives_what_later_ones_give(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build() -> tuple[dict[str, Any], bytes]:
        return {"pair": (1, 2), "by_id": {7: "seven"}}, IMAGE

    first, second = cached(KEY, build)[0], cached(KEY, build)[0]
    monkeypatch.setattr(image_cache, "cache_folder", lambda: None)
    in_memory = cached(KEY, build)[0]
    assert first == second == in_memory == {"pair": [1, 2], "by_id": {"7": "seven"}}


def test_errors_of_the_builder_reach_the_caller(folder: Path) -> None:
    def build() -> tuple[dict[str, Any], bytes]:
        raise ValueError("a bad tokenizer")

    with pytest.raises(ValueError, match="a bad tokenizer"):
        cached(KEY, build)
    assert not folder.exists()


def test_a_key_depends_on_all_that_compiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {key_of("a"), key_of("b")}
    for name, value in (("__version__", "0.0.0"), ("RULES_VERSION", 0), ("IMAGE_VERSION", 0)):
        with monkeypatch.context() as other:
            other.setattr(image_cache, name, value)
            keys.add(key_of("a"))
    with monkeypatch.context() as other:  # another copy of the code, one byte longer
        home = tmp_path / "encodings"
        ours = Path(image_cache.__file__)
        shutil.copytree(ours.parents[1], home, ignore=lambda *_: ["__pycache__"])
        other.setattr(image_cache, "__file__", str(home / "cache" / ours.name))
        assert key_of("a") in keys
        with open(home / "formats" / "readers.py", "a") as file:
            file.write("#")
        keys.add(key_of("a"))
        shutil.rmtree(home)
        keys.add(key_of("a"))
    assert len(keys) == 7
    assert int.from_bytes(IMAGE[8:12], "little") == IMAGE_VERSION


# Files that are damaged, or not ours


@pytest.mark.parametrize("seed", range(4))
def test_no_flipped_bit_is_believed(folder: Path, seed: int) -> None:
    cached(KEY, Compiler())
    whole = entry(folder).read_bytes()
    rng = random.Random(seed)
    # Some of the header, of the definition, of the image's header, and anywhere.
    ends = (56, HEADER_BYTES, HEADER_BYTES + 60, HEADER_BYTES + 700, len(whole))
    for end in ends * 6:
        position = rng.randrange(end)
        damaged = bytearray(whole)
        damaged[position] ^= 1 << rng.randrange(8)
        entry(folder).write_bytes(damaged)
        assert find(KEY) is None
    build = Compiler()
    assert works(cached(KEY, build))
    assert works(cached(KEY, build))
    assert build.calls == 1


@pytest.mark.parametrize("size", [0, 7, 50, HEADER_BYTES - 1, HEADER_BYTES, 400, -1])
def test_a_truncated_file_is_made_again(folder: Path, size: int) -> None:
    cached(KEY, Compiler())
    whole = entry(folder).read_bytes()
    entry(folder).write_bytes(whole[:size])
    assert find(KEY) is None
    build = Compiler()
    assert works(cached(KEY, build))
    assert entry(folder).read_bytes() == whole
    entry(folder).write_bytes(whole + b"\0")
    assert find(KEY) is None
    (listed,) = cached_tokenizers()
    assert listed.fault == f"expected {len(whole)} bytes, got {len(whole) + 1}"


def test_a_file_under_another_name_is_not_believed(folder: Path) -> None:
    other = key_of("other")
    keep(other, {"pattern": "x"}, IMAGE)
    shutil.copy(folder / f"{other}.tkc", entry(folder))
    assert find(KEY) is None
    assert works(cached(KEY, Compiler()))


def test_another_layout_is_made_again(folder: Path) -> None:
    cached(KEY, Compiler())
    data = bytearray(entry(folder).read_bytes())
    data[7] += 1
    entry(folder).write_bytes(data)
    (listed,) = cached_tokenizers()
    assert listed.fault == "expected a file that starts with TKCACHE2"
    assert works(cached(KEY, Compiler()))


@posix
@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "writable", "foreign"])
def test_what_is_not_ours_is_not_read(folder: Path, tmp_path: Path, kind: str) -> None:
    cached(KEY, Compiler())
    path, whole = entry(folder), entry(folder).read_bytes()
    if kind == "writable":
        path.chmod(0o646)
    elif kind == "foreign":
        if os.geteuid() != 0:
            pytest.skip("only root can give a file away")
        os.chown(path, 12345, -1)
    else:
        path.unlink()
        if kind == "link":
            (tmp_path / "target").write_bytes(whole)
            path.symlink_to(tmp_path / "target")
        elif kind == "fifo":
            os.mkfifo(path)
        else:
            path.mkdir()
    assert find(KEY) is None
    (listed,) = cached_tokenizers()
    assert listed.fault
    assert check_cached(listed)
    build = Compiler()
    assert works(cached(KEY, build))
    assert works(cached(KEY, build))
    assert build.calls == (2 if kind == "folder" else 1)
    if kind == "link":
        assert (tmp_path / "target").read_bytes() == whole
        assert not path.is_symlink()


# Where nothing can be kept


@pytest.mark.parametrize("place", ["file", "below a file", "nowhere", "no home"])
def test_without_a_folder_it_works_from_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    places = {"file": tmp_path / "file", "below a file": tmp_path / "file" / "x"}
    monkeypatch.setenv("TOKENKIT_CACHE_DIR", str(places.get(place, "/proc/no such place")))
    if place == "no home":
        monkeypatch.delenv("TOKENKIT_CACHE_DIR")
        monkeypatch.setattr(os.path, "expanduser", lambda path: path)
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        monkeypatch.delenv("LOCALAPPDATA", raising=False)
        assert cache_folder() is None
    build = Compiler()
    assert works(cached(KEY, build))
    assert works(cached(KEY, build))
    assert build.calls == 2
    assert cached_tokenizers() == []
    assert clear_cache() == (0, 0, 0)
    assert (tmp_path / "file").read_bytes() == b"mine"


PREAMBLE = f"""
import json, os, resource, sys  # all that is needed, for users who may not read Python
from tokenkit._core import build_image
from tokenkit.encodings import mapping
from tokenkit.encodings.cache.image_cache import cached, find
key = {KEY!r}
def build():
    print("built")
    return {{"a": 1}}, build_image([(bytes([byte]), byte) for byte in range(256)])
"""


def in_process(code: str, folder: str | os.PathLike[str], **more: str) -> str:
    """Return what a process of its own prints."""
    environment = os.environ | {"TOKENKIT_CACHE_DIR": str(folder), "PYTHONUTF8": "1"} | more
    done = subprocess.run(
        [sys.executable, "-c", PREAMBLE + code],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@posix
def test_a_full_disk_leaves_nothing(folder: Path) -> None:
    code = """
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
assert cached(key, build)[0] == {"a": 1} and find(key) is None
"""
    assert in_process(code, folder) == "built\n"
    assert os.listdir(folder) == []


@posix
def test_a_folder_that_is_only_read_is_used() -> None:
    """As in the image of a container, which root has filled and another user runs."""
    # Folders of pytest, and others of root's, are closed to other users.
    is_root = sys.platform != "win32" and os.geteuid() == 0
    folder = tempfile.mkdtemp(dir="/tmp" if is_root else None)
    try:
        os.chmod(folder, 0o755)
        assert in_process("cached(key, build)", folder) == "built\n"
        os.chmod(folder, 0o555)
        code = """
if os.geteuid() == 0: os.seteuid(65534)
cached(key, build)
cached("0" * 64, build)
"""
        assert in_process(code, folder) == "built\n"
        assert os.listdir(folder) == [f"{KEY}.tkc"]
    finally:
        os.chmod(folder, 0o755)
        shutil.rmtree(folder)


def test_processes_that_race_leave_one_whole_file(folder: Path) -> None:
    folder.mkdir(parents=True)
    code = (
        PREAMBLE.replace("resource, ", "")
        + """
sys.stdin.readline()
for _ in range(40):
    definition, image = cached(key, build)
    assert definition == {"a": 1} and len(image) > 300_000
    if os.environ["PART"] == "1":
        for name in os.listdir(os.environ["TOKENKIT_CACHE_DIR"]):
            if name.endswith(".tkc"):
                try: os.remove(os.path.join(os.environ["TOKENKIT_CACHE_DIR"], name))
                except OSError: pass
assert bytes(image[:7]) == b"TKVOCAB"
"""
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=os.environ | {"PART": str(part)},
        )
        for part in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in processes:
        assert process.communicate()[1] == b""
        assert process.returncode == 0
    if find(KEY) is not None:
        assert check_cached(cached_tokenizers()[0]) == ""


# What is kept, and for how long


def test_what_was_used_the_longest_ago_is_removed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [key_of(str(number)) for number in range(4)]
    for age, key in enumerate(keys[:3]):
        keep(key, {}, IMAGE)
        os.utime(folder / f"{key}.tkc", (1e9 - age, 1e9 - age))
    assert find(keys[2]) is not None  # the oldest one, which is used once more
    (folder / "mine.txt").write_bytes(b"mine" * 1000)
    size = (folder / f"{keys[0]}.tkc").stat().st_size
    monkeypatch.setattr(image_cache, "MOST_BYTES", 2 * size)
    keep(keys[3], {}, IMAGE)
    assert set(os.listdir(folder)) == {
        "mine.txt",
        f"{keys[2]}.tkc",
        f"{keys[3]}.tkc",
    }
    monkeypatch.setattr(image_cache, "MOST_BYTES", 1)
    keep(keys[0], {}, IMAGE)
    assert find(keys[0]) is not None, "the newest stays, however large"
    assert find(keys[3]) is None


def test_parts_of_killed_processes_are_removed(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, age in (("young", 60), ("old", 2 * 24 * 3600)):
        path = folder / f".tokenkit-1-{name}.part"
        path.write_bytes(b"half")
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    keep(KEY, {}, IMAGE)
    assert sorted(os.listdir(folder)) == [".tokenkit-1-young.part", f"{KEY}.tkc"]
    (folder / ".tokenkit-1-young.part").unlink()


def test_the_list_and_clearing(folder: Path) -> None:
    found = cached(KEY, Compiler(), LABEL)
    other = key_of("other")
    keep(other, {}, IMAGE, {"source": "x" * 100_000})
    os.utime(folder / f"{other}.tkc", (1e9, 1e9))
    (folder / "mine.txt").touch()
    first, second = cached_tokenizers()
    assert (first.key, first.source, first.name) == (KEY, "/a/tokenizer.json", "a")
    assert (first.bytes, first.fault) == (entry(folder).stat().st_size, "")
    assert (second.key, second.source, second.used) == (other, "", 1e9)
    assert clear_cache(lambda tokenizer: tokenizer.used < 2e9 and not tokenizer.name)[0] == 1
    assert [tokenizer.key for tokenizer in cached_tokenizers()] == [KEY]
    if sys.platform != "win32":  # there a file that is mapped stays
        assert clear_cache() == (1, first.bytes, 0)
        assert os.listdir(folder) == ["mine.txt"]
    assert works(found), "a tokenizer that is in use stays whole"


@pytest.mark.parametrize(
    ("system", "variables", "expected"),
    [
        ("linux", {"TOKENKIT_CACHE_DIR": "/x"}, "/x"),
        ("linux", {"TOKENKIT_CACHE_DIR": "", "XDG_CACHE_HOME": "/c"}, "/c/tokenkit"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "/home/me/.cache/tokenkit"),
        ("linux", {"TOKENKIT_CACHE_DIR": "~/y"}, "/home/me/y"),
        ("darwin", {"XDG_CACHE_HOME": "/c"}, "/home/me/Library/Caches/tokenkit"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/tokenkit"),
        ("win32", {}, "/home/me/AppData/Local/tokenkit"),
    ],
)
@posix
def test_the_folder(
    monkeypatch: pytest.MonkeyPatch, system: str, variables: dict[str, str], expected: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    for name in ("TOKENKIT_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == expected


@posix
def test_only_its_user_may_write_a_file(folder: Path) -> None:
    before = os.umask(0)
    try:
        cached(KEY, Compiler())
    finally:
        os.umask(before)
    assert stat.S_IMODE(entry(folder).stat().st_mode) == 0o644
    assert find(KEY) is not None


@pytest.mark.parametrize(
    "definition",
    [
        {},
        {"added": [["<a>", 1, True], ["<b>", 2, True]], "found": ["<a>"], "lead": ""},
        {"one": [["<a>", 1]], "none": [], "empty": [[], []], "odd": [[1], [1, 2]], "pair": (1, 2)},
        {"mixed": [[1, True], [True, 1], [1.0, None]], "texts": ["ab", "cd"], "rows": [(0, [7])]},
    ],
)
def test_a_definition_is_read_as_it_was(definition: dict[str, Any]) -> None:
    read = from_columns(json.loads(definition_text(definition)))
    assert _written(read) == _written(definition)


def _written(definition: dict[str, Any]) -> str:
    return json.dumps(definition, sort_keys=True)


@pytest.mark.parametrize(
    "written",
    ["{}", '{"rest": {}}', '{"rest": {}, "tables": {"a": 1}}', '{"rest": [], "tables": {"a": []}}']
    + ['{"rest": {}, "tables": {"a": [3, [[1, 2], [1]]]}}'],
)
def test_a_damaged_definition(written: str) -> None:
    with pytest.raises(Damaged, match="definition is damaged"):
        from_columns(json.loads(written))
