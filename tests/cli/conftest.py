"""Fixtures for the tests of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from file_trees import TREE, write_files


@pytest.fixture(autouse=True)
def no_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """No encoding of the environment is the default."""
    monkeypatch.delenv("TOKENKIT_ENCODING", raising=False)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `tree` with files and ignore rules, in the current folder."""
    folder = tmp_path / "tree"
    write_files(folder, TREE)
    monkeypatch.chdir(tmp_path)
    return folder
