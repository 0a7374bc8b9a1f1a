"""Files of folders: ignore rules as git has them, patterns, hidden and binary files."""

from __future__ import annotations

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
def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_text("a")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    (tmp_path / "real" / "round").symlink_to(tmp_path, target_is_directory=True)
    assert list(find_files([tmp_path])) == [str(tmp_path / "real" / "a.txt")]
