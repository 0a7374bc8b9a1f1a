"""Folders of files with ignore rules."""

from __future__ import annotations

from pathlib import Path


def write_files(folder: Path, files: dict[str, str]) -> None:
    """Write files, given by their names within a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


TREE = {
    ".gitignore": "*.log\nbuild/\n/top.txt\n!keep.log\n",
    "a.txt": "hello world",
    "top.txt": "no",
    "keep.log": "kept",
    "x.log": "no",
    "build/out.txt": "no",
    "sub/top.txt": "yes",
    "sub/.gitignore": "*.tmp\n!x.log\ndeep/\n",
    "sub/x.log": "again wanted",
    "sub/y.tmp": "no",
    "sub/deep/z.txt": "no",
    "other/y.tmp": "yes",
    "other/sub/build/q.txt": "no",
    "b in.txt": "space",
}
