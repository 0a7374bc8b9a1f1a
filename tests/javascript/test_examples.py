"""Examples for JavaScript run, and print what they show behind `//`; types are what is there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from npm_commands import ROOT, run

pytestmark = pytest.mark.javascript

FENCE = re.compile(r"^```js\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"^(?:\s*console\.log\(.*\); // |// )(.*)$", re.MULTILINE)
FILES = ("js/README.md", "docs/javascript.md")
BLOCKS = {
    f"{file}:{number}": block
    for file in FILES
    for number, block in enumerate(FENCE.findall((ROOT / file).read_text("utf-8")))
}


@pytest.mark.parametrize("name", BLOCKS)
def test_block_prints_what_it_shows(name: str, project: Path) -> None:
    script = project / (re.sub(r"\W+", "_", name) + ".mjs")
    script.write_text(BLOCKS[name], "utf-8")
    shown = SHOWN.findall(BLOCKS[name])
    assert shown
    assert run("node", script, folder=project).splitlines() == shown


@pytest.mark.parametrize("script", ["errors.mjs", "sources.mjs"])
def test_script_passes(script: str, project: Path) -> None:
    shutil.copy(Path(__file__).parent / script, project)
    assert "checks passed" in run("node", project / script, folder=project)


def test_types_are_those_of_the_module(project: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    pinned = re.search(r"^TYPESCRIPT := (\S+)$", makefile, re.MULTILINE)
    assert pinned is not None
    run("npm", "install", "--silent", "--no-audit", "--no-fund", pinned[1], folder=project)
    shutil.copy(Path(__file__).parent / "types.ts", project)
    words = ("--noEmit", "--strict", "--target", "es2022", "--module", "nodenext")
    run("npx", "tsc", *words, "--lib", "es2022,dom", "types.ts", folder=project)
    exported = "import * as all from 'tokenkit'; console.log(Object.keys(all).join(' '))"
    names = run("node", "--input-type=module", "-e", exported, folder=project).split()
    types = (ROOT / "js" / "tokenkit.d.ts").read_text("utf-8")
    declared = re.findall(r"^export (?:function|class) (\w+)", types, re.MULTILINE)
    assert sorted(names) == sorted(declared)
