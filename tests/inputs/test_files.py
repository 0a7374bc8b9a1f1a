"""Counts of files in groups."""

from __future__ import annotations

from pathlib import Path

from tokenkit.inputs.files import count_files


def test_one_bad_file_in_a_group(tree: Path) -> None:
    (tree / "a.bad").write_bytes(b"ab\xff")
    found = {Path(one.name).name: one for one in count_files([tree], ["o200k_base"])}
    assert found["a.bad"].error == "expected UTF-8 text, got invalid UTF-8 at byte 2"
    assert found["a.txt"].tokens == (2,)
