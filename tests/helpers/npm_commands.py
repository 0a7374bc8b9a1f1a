"""Commands of Node and npm, for tests of the npm package."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str | Path, folder: Path) -> str:
    """Run a command in a folder; return what it prints. Fails with its errors."""
    result = subprocess.run(
        words, cwd=folder, capture_output=True, encoding="utf-8", check=False, timeout=600
    )
    assert result.returncode == 0, f"{words}:\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}"
    return result.stdout
