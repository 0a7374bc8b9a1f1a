"""Folders with ignore rules: the files that are found are those that git lists."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

from tokenkit.inputs import find_files

from .driver import Driver, expect

__all__ = ["DRIVER"]

_NAMES = ("a", "b", "ab", "a.b", "build", "x[1]", "#a", "!a", "a b", "é", "A", "a-b", "**")
_ATOMS = (
    *("a", "b", "ab", "a.b", "build", "x", "1", "A", "é", " ", "*", "**", "?", "[ab]", "[!a]"),
    *("[a-c]", "[]a]", "[^b]", "\\", "\\*", "\\a", "[", "]", "-", "{a,b}", "#", "!", "[[:alpha:]]"),
    *("[1]", ".", "$", "(", "+", "|", "^"),
)


def _pattern(rng: random.Random) -> str:
    """A line of a `.gitignore`: names of files that are there, and every special character."""
    parts = []
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
        if rng.random() < 0.4:
            parts.append(rng.choice(_NAMES))
        elif rng.random() < 0.2:
            parts.append("**")
        else:
            parts.append("".join(rng.choices(_ATOMS, k=rng.randint(1, 4))))
    line = "/".join(parts)
    line = rng.choice(("", "", "", "/", "!", "!", "!/", "#")) + line
    return line + rng.choice(("", "", "", "/", "/", " ", "\\ ", "\t", "\r", "/**", "/*"))


def _fill(rng: random.Random, folder: Path, depth: int) -> None:
    """Put files, folders and rules into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in rng.sample(_NAMES, rng.randint(1, 4)):
        if depth < 3 and rng.random() < 0.45:
            _fill(rng, folder / name, depth + 1)
        else:
            (folder / name).write_text("x")
    if depth == 0 or rng.random() < 0.3:
        lines = [_pattern(rng) for _ in range(rng.randint(1, 5))]
        (folder / ".gitignore").write_text("\n".join(lines), "utf-8", newline="")


def _rules(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob(".gitignore")}


def attempt(rng: random.Random, folder: Path) -> None:
    root = folder / "tree"
    if not root.exists():
        root.mkdir()
        subprocess.run(["git", "init", "-q", str(root)], check=True)
    for entry in os.scandir(root):
        if entry.name != ".git":
            shutil.rmtree(entry.path) if entry.is_dir() else os.unlink(entry.path)
    _fill(rng, root, 0)
    command = ["git", "-c", "core.excludesFile=", "ls-files", "--others", "--exclude-standard"]
    listed = subprocess.run([*command, "-z"], cwd=root, capture_output=True, check=True).stdout
    wanted = {name for name in os.fsdecode(listed).split("\0") if name}
    found = {os.path.relpath(path, root) for path in find_files([root], hidden=True)}
    expect(
        found == wanted,
        "other files than git lists",
        {"only here": sorted(found - wanted), "only git": sorted(wanted - found)},
        _rules(root),
    )


DRIVER = Driver("ignore_rules", "the files are those that git lists", attempt)
