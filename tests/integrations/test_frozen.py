"""A real program of one file, frozen by PyInstaller, far from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import tokenkit
from tokenkit.encodings.known import BUNDLED
from tokenkit.integrations.pyinstaller import hook_folders
from tokenkit.views import live_file

pytestmark = pytest.mark.frozen

# What the environment of the tests holds and the program does not need: with it, the build takes
# minutes.
UNUSED = ("PIL", "orjson", "pandas", "polars", "pyarrow", "pygments")
PROGRAM = """
import sys
import tokenkit
from tokenkit.encodings.known import BUNDLED
from tokenkit.views import Part, html_page

assert getattr(sys, "frozen", False)
if len(sys.argv) > 1:
    from tokenkit.cli import main

    main()
encoding = tokenkit.get_encoding("o200k_base")
print(tokenkit.count("hello world", "gpt-5.4"))
print([tokenkit.get_encoding(name).count("hello") for name in BUNDLED])
print(tokenkit.get_model("gpt-5.2").context_window)
print(tokenkit.count_messages([{"role": "user", "content": "x"}], "gpt-5.2").tokens)
print(len(tokenkit.chunk("a b c. " * 50, max_tokens=20, encoding="cl100k_base")))
print(tokenkit.cost("gpt-5.2", input_tokens=1000).total)
print(len(html_page([Part("hello")], [encoding], title="t")) > 10_000)
"""


def run(*command: object, folder: Path) -> str:
    result = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def test_a_program_of_one_file_runs(tmp_path: Path) -> None:
    hooks = [
        point.load() for point in entry_points(group="pyinstaller40") if point.name == "hook-dirs"
    ]
    assert hook_folders in hooks, "expected tokenkit's entry point; install the checkout once more"
    (tmp_path / "app.py").write_text(PROGRAM)
    options = [f"--exclude-module={name}" for name in UNUSED]
    # PyInstaller does not follow the import hook of an editable install.
    options.append(f"--paths={Path(tokenkit.__file__).parents[1]}")
    build = ("-m", "PyInstaller", "--onefile", "--log-level=ERROR", *options, "app.py")
    run(sys.executable, *build, folder=tmp_path)
    away = tmp_path / "away"
    away.mkdir()
    (away / "a.txt").write_text("hello world")
    app = tmp_path / "dist" / ("app.exe" if os.name == "nt" else "app")
    lines = run(app, folder=away).splitlines()
    encodings = list(BUNDLED)
    assert lines == [
        str(tokenkit.count("hello world", "gpt-5.4")),
        str([tokenkit.get_encoding(name).count("hello") for name in encodings]),
        str(tokenkit.get_model("gpt-5.2").context_window),
        str(tokenkit.count_messages([{"role": "user", "content": "x"}], "gpt-5.2").tokens),
        str(len(tokenkit.chunk("a b c. " * 50, max_tokens=20, encoding="cl100k_base"))),
        str(tokenkit.cost("gpt-5.2", input_tokens=1000).total),
        "True",
    ]
    # The page that counts by itself holds the core in WebAssembly and its JavaScript.
    run(app, "show", "a.txt", "-m", "gpt-5.4", "--live", "--html", "live.html", folder=away)
    page = live_file([("a.txt", "hello world")], "o200k_base", model="gpt-5.4")
    assert (away / "live.html").read_text("utf-8") == page
    assert run(app, "count", "a.txt", "-e", "gpt2", folder=away) == "2\n"
