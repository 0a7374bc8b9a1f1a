"""`tokenkit cache`: the list, clearing and checking of compiled tokenizers."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest
from cli_runs import run

from tokenkit._core import build_image
from tokenkit.encodings.cache.image_cache import find, keep, key_of

IMAGE = build_image([(bytes([byte]), byte) for byte in range(256)])
KEYS = [key_of(name) for name in ("old", "new")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of two tokenizers, the first of which was used a year ago."""
    monkeypatch.setenv("TOKENKIT_CACHE_DIR", str(tmp_path / "cache"))
    for key, name in zip(KEYS, ("old", "n\x1bew"), strict=True):
        keep(key, {}, IMAGE, {"source": f"/models/{name}.json", "name": name, "format": "json"})
    used = (tmp_path / "cache" / f"{KEYS[0]}.tkc").stat().st_mtime - 365 * 24 * 3600
    os.utime(tmp_path / "cache" / f"{KEYS[0]}.tkc", (used, used))
    return tmp_path / "cache"


def damage(folder: Path, number: int, position: int) -> None:
    path = folder / f"{KEYS[number]}.tkc"
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


def test_the_list_has_what_a_person_asks_for(folder: Path) -> None:
    result = run("cache", "list")
    assert result.exit_code == 0
    first, second, total = result.stdout.splitlines()
    year = datetime.fromtimestamp(0, timezone.utc).now().year
    assert first.split() == [
        "n[U+001B]ew",
        "0.3",
        "MB",
        *first.split()[3:5],
        "/models/n[U+001B]ew.json",
    ]
    assert second.split()[0] == "old"
    assert second.split()[3].startswith(str(year - 1))
    assert total == f"2 tokenizers, 0.6 MB, in {folder}"


def test_the_list_as_json(folder: Path) -> None:
    new, old = json.loads(run("cache", "list", "--format", "json").stdout)
    assert (new["name"], new["source"]) == ("n\x1bew", "/models/n\x1bew.json")
    assert (old["key"], old["format"], old["fault"]) == (KEYS[0], "json", None)
    assert old["bytes"] == (folder / f"{KEYS[0]}.tkc").stat().st_size
    assert datetime.fromisoformat(new["used"]) > datetime.fromisoformat(old["used"])


@pytest.mark.parametrize("used", [-1e10, 1e12])
def test_an_absurd_time_is_no_error(folder: Path, used: float) -> None:
    os.utime(folder / f"{KEYS[0]}.tkc", (used, used))
    assert len(json.loads(run("cache", "list", "--format", "json").stdout)) == 2
    assert run("cache", "list").exit_code == 0


def test_an_empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENKIT_CACHE_DIR", str(tmp_path / "none"))
    assert run("cache", "list").stdout == f"0 tokenizers, 0.0 MB, in {tmp_path / 'none'}\n"
    assert json.loads(run("cache", "list", "--format", "json").stdout) == []
    assert (
        run("cache", "verify").stdout
        == f"0 tokenizers, 0.0 MB, in {tmp_path / 'none'}, 0 damaged\n"
    )
    assert run("cache", "clear").stdout == "0 tokenizers removed, 0.0 MB\n"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        ((), []),
        (("--unused", "30"), [KEYS[1]]),
        (("--unused", "400"), KEYS),
        (("old",), [KEYS[1]]),
        (("/models/old.json",), [KEYS[1]]),
        (("old", "--unused", "400"), KEYS),
    ],
)
def test_clearing(folder: Path, arguments: tuple[str, ...], left: list[str]) -> None:
    (folder / "mine.txt").touch()
    (folder / "0.note").touch()
    result = run("cache", "clear", *arguments)
    removed = 2 - len(left)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{removed} tokenizer{'' if removed == 1 else 's'} removed, ")
    kept = {"mine.txt", *(f"{key}.tkc" for key in left)} | ({"0.note"} if arguments else set())
    assert {path.name for path in folder.iterdir()} == kept


def test_clearing_a_name_that_is_not_there(folder: Path) -> None:
    result = run("cache", "clear", "old", "ol")
    assert result.exit_code == 2
    assert "Expected names or sources that `tokenkit cache list` shows, got ol." in result.stderr
    assert find(KEYS[0]) is not None


@pytest.mark.skipif(sys.platform == "win32", reason="needs a folder that stays")
def test_what_cannot_be_removed_is_said(folder: Path) -> None:
    (folder / f"{'0' * 64}.tkc").mkdir()
    result = run("cache", "clear")
    assert result.exit_code == 2
    assert result.stdout.startswith("2 tokenizers removed, ")
    assert "1 tokenizer cannot be removed, or in use" in result.stderr


@pytest.mark.parametrize("position", [40, 300, -1])
def test_a_damaged_file_is_named(folder: Path, position: int) -> None:
    assert run("cache", "verify").exit_code == 0
    damage(folder, 0, position)
    result = run("cache", "verify")
    assert result.exit_code == 2
    assert f"{KEYS[0]}.tkc: its " in result.stderr
    assert result.stdout == f"2 tokenizers, 0.6 MB, in {folder}, 1 damaged\n"
    records = json.loads(run("cache", "verify", "--format", "json").stdout)
    faults = {record["key"]: record["fault"] for record in records}
    assert faults[KEYS[0]].startswith("its ")
    assert faults[KEYS[1]] is None
    shown = run("cache", "list").stdout
    assert ("damaged: its header" in shown) == (position == 40)
    run("cache", "clear")
    assert run("cache", "verify").exit_code == 0
