"""The data of the npm package are what the tools make of those of the Python package."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tokenkit

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("tool", ["gen_js_data.py", "gen_js_names.py"])
def test_data_are_current(tool: str) -> None:
    """In a process of its own: other tests register models."""
    command = [sys.executable, str(ROOT / "tools" / tool), "--check"]
    environment = {key: value for key, value in os.environ.items() if key != "TOKENKIT_MODELS"}
    result = subprocess.run(
        command, capture_output=True, encoding="utf-8", check=False, env=environment
    )
    assert result.returncode == 0, result.stderr


def test_package_has_the_version_and_the_licences() -> None:
    package = json.loads((ROOT / "js" / "package.json").read_text("utf-8"))
    assert package["version"] == tokenkit.__version__
    assert "dependencies" not in package


@pytest.mark.parametrize("name", ["LICENSE", "LICENSE-APACHE", "NOTICE"])
def test_licences_are_those_of_the_repository(name: str) -> None:
    assert (ROOT / "js" / name).read_bytes() == (ROOT / name).read_bytes()
