"""Files of folders: ignore rules as git has them, patterns, hidden and binary files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_runs import run
from file_trees import TREE, write_files

from tokenkit.inputs.find import find_files


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("TOKENKIT_ENCODING", raising=False)
    folder = tmp_path / "tree"
    write_files(folder, TREE)
    monkeypatch.chdir(tmp_path)
    return folder


def test_gitignore_as_git_does_it(tree: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    outside = [Path(name).relative_to(tree).as_posix() for name in find_files([tree])]
    subprocess.run(["git", "init", "-q", str(tree)], check=True)
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard", "-z"],
        cwd=tree,
        capture_output=True,
        check=True,
    ).stdout.decode()
    expected = sorted(
        name for name in listed.split("\0") if name and not Path(name).name.startswith(".")
    )
    assert sorted(outside) == expected
    assert "sub/x.log" in expected
    assert "top.txt" not in expected
    inside = [Path(name).relative_to(tree).as_posix() for name in find_files([tree / "sub"])]
    assert sorted(inside) == [name for name in expected if name.startswith("sub/")]


GITIGNORES = [
    {".gitignore": "node_modules\n!packages\n"},
    {".gitignore": "/packages/*\n!/packages/x/\nbuild/\n!*/\n"},
    {".gitignore": "*.js\n", "packages/.gitignore": "!*/\n!x/build/\n"},
    {".gitignore": "*\n!*/\n!*.md\n"},
    {".gitignore": "/*\n!/packages\npackages/**\n!packages/x\n!packages/x/**\n"},
    {".gitignore": "/*\n!packages/**\n"},
    {".gitignore": "packages/**/\n"},
    {".gitignore": "!\na\\\n\\\n!!x\na.md\n"},
    {".gitignore": "\ufeffa.md\r\nbuild/\r\n"},
    {".gitignore": "b.js\x0ca.md\n"},
]


@pytest.mark.parametrize("rules", GITIGNORES)
def test_gitignore_patterns_mean_what_git_takes_them_for(
    tmp_path: Path, rules: dict[str, str]
) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folders = ["", "packages/", "packages/x/", "packages/x/build/", "packages/x/node_modules/"]
    write_files(
        tmp_path, {f"{folder}{name}": "x" for folder in folders for name in ("a.md", "b.js")}
    )
    write_files(tmp_path, rules)
    names = {Path(path).relative_to(tmp_path).as_posix() for path in find_files([tmp_path])}
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert names == {name for name in listed if not name.endswith(".gitignore")}


def test_rules_of_folders_above_hold_in_a_work_tree_only(tree: Path) -> None:
    assert [Path(path).name for path in find_files([tree / "build"])] == ["out.txt"]
    (tree / "sub" / ".gitignore").unlink()
    assert {Path(path).name for path in find_files([tree / "sub"])} >= {"x.log"}
    (tree / ".git").mkdir()
    assert "x.log" not in {Path(path).name for path in find_files([tree / "sub"])}


def test_include_exclude_hidden_binary(tree: Path) -> None:
    write_files(tree, {".secret": "s", "bin.txt": "a\0b"})
    skipped: list[tuple[str, str]] = []
    paths = find_files(
        [tree],
        include=["*.txt"],
        exclude=["sub/"],
        skipped=lambda path, reason: skipped.append((Path(path).name, reason)),
    )
    assert [Path(path).name for path in paths] == ["a.txt", "b in.txt"]
    assert ("bin.txt", "binary") in skipped
    assert (".secret", "hidden") in skipped
    result = run("count", "tree", "-e", "o200k_base")
    assert "skipped as binary: " in result.stderr
    assert "skipped as hidden: " in result.stderr
    assert result.exit_code == 0
    assert ".secret" in run("count", "tree", "-e", "o200k_base", "--hidden").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_to_folders_are_said_or_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_text("a")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    (tmp_path / "real" / "round").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "lost").symlink_to("nowhere")
    (tmp_path / "file").symlink_to(tmp_path / "real" / "a.txt")
    os.mkfifo(tmp_path / "pipe")

    def names(follow_links: bool = False) -> tuple[list[str], set[tuple[str, str]]]:
        skipped = set()
        paths = find_files(
            [tmp_path],
            skipped=lambda path, why: skipped.add((os.path.relpath(path, tmp_path), why)),
            follow_links=follow_links,
        )
        return [os.path.relpath(path, tmp_path) for path in paths], skipped

    common = {("lost", "dangling link"), ("pipe", "device, pipe or socket")}
    links = {("link", "link to a folder"), ("real/round", "link to a folder")}
    around = "link to a folder around it"
    assert names() == (["file", "real/a.txt"], common | links)
    assert names(follow_links=True) == (
        ["file", "link/a.txt", "real/a.txt"],
        common | {("link/round", around), ("real/round", around)},
    )
    result = run("count", tmp_path, "-e", "gpt2")
    assert "skipped as link to a folder: " in result.stderr
    assert "; --follow-links searches it" in result.stderr
    followed = run("count", tmp_path, "-e", "gpt2", "--follow-links").stdout
    assert f"{tmp_path / 'link' / 'a.txt'}" in followed


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_patterns_of_folders_match_no_links(tmp_path: Path) -> None:
    """As in git; those that are followed are taken as the folders that they lead to."""
    write_files(tmp_path, {".gitignore": "link/\n", "real/a.txt": "a"})
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)

    def names(follow_links: bool) -> tuple[list[str], set[str]]:
        skipped: set[str] = set()
        paths = find_files(
            [tmp_path],
            skipped=lambda path, _reason: skipped.add(Path(path).name),
            follow_links=follow_links,
        )
        return [Path(path).relative_to(tmp_path).as_posix() for path in paths], skipped

    assert names(follow_links=False) == (["real/a.txt"], {".gitignore", "link"})
    assert names(follow_links=True) == (["real/a.txt"], {".gitignore"})


def test_global_excludes_hold_in_work_trees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    config, home, tree = tmp_path / "config", tmp_path / "home", tmp_path / "tree"
    write_files(home, {"git/ignore": "*.md\n", "own": "*.log\n"})
    write_files(tree, {"a.md": "a", "b.log": "b", "c.txt": "c", ".gitignore": "!c.log\n"})
    config.write_text("")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))

    def names() -> set[str]:
        return {Path(path).name for path in find_files([tree])}

    assert names() == {"a.md", "b.log", "c.txt"}
    subprocess.run(["git", "init", "-q", str(tree)], check=True)
    assert names() == {"b.log", "c.txt"}
    config.write_text(f"[core]\n\texcludesFile = {home.as_posix()}/own\n")
    assert names() == {"a.md", "c.txt"}
    write_files(tree, {"c.log": "c"})  # a nearer rule wins
    assert names() == {"a.md", "c.log", "c.txt"}
    monkeypatch.setenv("PATH", "")  # without git, its default file holds
    assert names() == {"b.log", "c.log", "c.txt"}


def test_ignore_files_go_before_those_of_git(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            ".ignore": "*.txt\n!keep.log\n",
            ".gitignore": "*.log\n",
            "a.txt": "a",
            "keep.log": "k",
            "sub/.ignore": "!b.txt\n",
            "sub/.gitignore": "keep.log\n",
            "sub/b.txt": "b",
            "sub/keep.log": "k",
            "sub/x.log": "x",
        },
    )
    names = [Path(path).relative_to(tmp_path).as_posix() for path in find_files([tmp_path])]
    assert names == ["keep.log", "sub/b.txt", "sub/keep.log"]
    assert len(list(find_files([tmp_path], gitignore=False))) == 5


def test_no_library_warns(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    write_files(tmp_path, {".gitignore": "br[[]1].txt\n", "br[1].txt": "no", "br1.txt": "yes"})
    found = [Path(path).name for path in find_files([tmp_path], exclude=["x[[]1].md"])]
    assert found == ["br1.txt"]
    assert not recwarn.list
