"""The documentation runs: Python blocks, `tokenkit` command lines; generated parts are current.

A Python block runs in a namespace of its own. What a ``print(...)  # result`` line shows after the
hash must be what it prints; ``>>>`` examples are doctests.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import headline  # noqa: E402
import public_names  # noqa: E402
import update_docs  # noqa: E402
from site_offline import outside  # noqa: E402

import tokenkit  # noqa: E402
from tokenkit.cli.shared.app import VERBS  # noqa: E402

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"^(?:\s*print\(.*)?\)  # (.*)$")  # also the last line of a long print


def blocks(language: str) -> dict[str, str]:
    """The fenced blocks in this language, by file and line."""
    found = {}
    for path in update_docs.documents():
        text = path.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            if match[1] == language:
                line = text.count("\n", 0, match.start()) + 1
                found[f"{path.name}:{line}"] = match[2]
    return found


PYTHON_BLOCKS = blocks("python")
IMPORT = r"^(?:>>> )?(?:from|import) "
# What a block needs beside the extra `test`, by the marker; the first that is found counts.
NEEDED = {
    "engines": re.compile(
        IMPORT + r"(?:tokenkit\.integrations\.)?(?:daft|dask|datasets|duckdb|pyspark|ray|spark)\b",
        re.MULTILINE,
    ),
    "open": re.compile("chat_template="),
    "frameworks": re.compile(
        IMPORT + r"(?:chonkie|langchain|llama_index|sem|tokenkit\.integrations"
        r"(?!\.(?:pandas|polars|pyarrow|sqlite)\b))",
        re.MULTILINE,
    ),
}
# The lines of shell blocks that call tokenkit; setting up is for .ci/run to try. Each takes a new
# process, so only those of the README run by default.
COMMAND_LINES = [
    pytest.param(line, marks=() if place.startswith("README.md:") else pytest.mark.slow, id=line)
    for place, block in blocks("sh").items()
    for line in block.splitlines()
    if re.match(r"(.*\| *)?tokenkit ", line)
]


def python_blocks() -> list[Any]:
    """The blocks as parameters; those of frameworks and engines have their marker."""
    return [
        pytest.param(code, id=name, marks=marks_of(code)) for name, code in PYTHON_BLOCKS.items()
    ]


def marks_of(code: str) -> list[pytest.MarkDecorator]:
    found = [getattr(pytest.mark, name) for name, pattern in NEEDED.items() if pattern.search(code)]
    marks = found[:1]
    if re.search(IMPORT + "pandas", code, re.MULTILINE):
        old = sys.version_info < (3, 11)
        marks.append(pytest.mark.skipif(old, reason="pandas 3 needs Python 3.11"))
    return marks


@pytest.mark.parametrize("code", python_blocks())
def test_python_block(code: str) -> None:
    if ">>> " in code:
        case = doctest.DocTestParser().get_doctest(code, {}, "block", None, None)
        assert doctest.DocTestRunner(verbose=False).run(case).failed == 0
        return
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, "block", "exec"), {"__name__": "block"})
    shown = [match[1] for line in code.splitlines() if (match := SHOWN.match(line))]
    if shown:
        assert output.getvalue().splitlines() == shown


@pytest.mark.skipif(sys.platform == "win32", reason="the lines are written for a POSIX shell")
@pytest.mark.parametrize("line", COMMAND_LINES)
def test_command_line(line: str) -> None:
    scripts = Path(sys.executable).parent
    result = subprocess.run(
        ["sh", "-c", line],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip()


@pytest.mark.parametrize("path", update_docs.documents(), ids=lambda path: str(path.name))
def test_generated_parts_are_current(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == update_docs.updated(text), "run `make docs`"


def test_documents_hold_examples() -> None:
    # An empty list of parameters would make the tests above pass without looking at anything.
    assert len(PYTHON_BLOCKS) >= 5
    assert len(COMMAND_LINES) >= 3
    helped = {
        match[2]
        for path in update_docs.documents()
        for match in update_docs.BLOCK.finditer(path.read_text(encoding="utf-8"))
        if match[1] == "help"
    }
    assert {f"tokenkit {verb}" for verb in VERBS} <= helped
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert "<!-- help: tokenkit -->" in page
    for verb in VERBS:
        assert re.search(rf"^  {verb} +\w", page, re.MULTILINE)


def test_every_public_name_is_on_one_page() -> None:
    page = (ROOT / "docs" / "names.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"#tokenkit\.(\w+)\)", page))
    assert listed == {name for name in public_names.TOP if not name.startswith("__")}


def test_every_error_is_explained() -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    assert set(tokenkit.errors.__all__) - explained == {"TokenkitError", "TokenkitWarning"}


def test_every_page_is_in_the_navigation() -> None:
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in update_docs.documents()[1:]}
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert pages == set(re.findall(r": ([\w/-]+\.md)$", settings, re.MULTILINE))


def test_readme_is_short() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(readme.splitlines()) <= 160
    assert readme.count("<!-- headline -->") == 1


def test_headline_is_the_mean_speed_over_all_texts() -> None:
    tables = "".join(
        f"### {title}\n\n| | a | b |\n|---|---:|---:|\n"
        + "".join(f"| {name} | 100 (90-110) | 50.0 *inexact* |\n" for name in headline.LIBRARIES)
        + "\n"
        for title in headline.COLUMNS.values()
    )
    versions = "".join(f", {name} 1.2.3" for name in headline.LIBRARIES)
    intro = f"Measured on 2026-01-31 with `x`: Python 3.11.7; y 1{versions}. Medians (here 7).\n\n"
    lines = headline.headline(f"{intro}## o200k_base\n\n{tables}").splitlines()
    assert lines[2] == "| tokenkit 1.2.3 | 67 | 67 | 67 |"  # 2 / (1 / 100 + 1 / 50)
    assert "2026-01-31" in lines[-1]
    with pytest.raises(SystemExit, match="expected a table"):
        headline.headline(intro)


@pytest.mark.parametrize(
    ("html", "count"),
    [
        ('<script src="assets/a.js"></script><a href="https://example.org/">x</a>', 0),
        ('<script defer src="https://example.org/a.js"></script>', 1),
        ("<link rel=stylesheet href=//example.org/a.css><style>@import url(//example.org)", 2),
        ('<style>@import "https://example.org/a.css"', 1),
        ('<script>/** @import { A } from "./types.d.ts" */ // a remark', 0),
        ('<img alt="" src="http://example.org/a.png">', 1),
    ],
)
def test_what_a_page_loads_from_the_network_is_found(html: str, count: int) -> None:
    assert len(outside(html)) == count


def test_setup_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [line for line in text.splitlines() if line.startswith("python3 -m venv ")]
    assert len(commands) == 2
    assert commands[0].endswith("tokenkit count README.md --model gpt-5.4")
    assert commands[1].endswith("pytest")


def test_links_lead_to_files() -> None:
    for path in [*update_docs.documents(), ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_tests_that_a_page_names_are_there() -> None:
    named = re.findall(
        r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs/security.md").read_text("utf-8")
    )
    assert len(named) > 30
    for path, name in named:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert f"def {name or 'test_'}" in text, f"docs/security.md names {path}::{name}"
