"""Includes point one way, and csrc knows no Python: computed from the files, none is listed.

Only the order of the folders is written here. A subject is a header and the source files of its
name; inside a folder, subjects may not include each other in a circle.
"""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

CORE = Path(__file__).resolve().parents[1] / "csrc"
# A folder may include those of earlier lines and, as subjects without a circle, itself.
ORDER = [
    "base",
    "text",
    "tokens",
    "scan",
    "bpe",
    "kernels",
    "encode",
    "wordpiece",
    "unigram",
    "chunk",
    "arrow",
    "wasm",
    "tests",
    "fuzz",
]
LEVEL = {folder: level for level, names in enumerate(ORDER) for folder in names.split()}
FILES = sorted(path for path in CORE.rglob("*") if path.suffix in {".hpp", ".cpp", ".inc"})
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def name(path: Path) -> str:
    return path.relative_to(CORE).as_posix()


def included(path: Path) -> set[str]:
    """Return what a file of csrc includes of csrc, as paths from there."""
    return set(INCLUDE.findall(path.read_text(encoding="utf-8")))


def folder(file: str) -> str:
    return file.partition("/")[0]


def subject(file: str) -> str:
    return file.rpartition(".")[0]


def test_every_folder_has_its_level() -> None:
    assert {folder(name(path)) for path in FILES} == set(LEVEL)


def files_of(inside: str) -> list[Path]:
    return [path for path in FILES if folder(name(path)) == inside]


@pytest.mark.parametrize("inside", LEVEL)
def test_includes_are_paths_from_csrc_and_point_downwards(inside: str) -> None:
    for path in files_of(inside):
        mine = folder(name(path))
        for other in included(path):
            assert (CORE / other).is_file(), f"{name(path)} includes {other}, which is not there"
            if folder(other) != mine:
                assert LEVEL[folder(other)] < LEVEL[mine], f"{name(path)} includes {other}"


@pytest.mark.parametrize("inside", LEVEL)
def test_no_circle_inside_a_folder(inside: str) -> None:
    graph: dict[str, set[str]] = {}
    for path in FILES:
        mine = name(path)
        if folder(mine) == inside:
            others = {subject(other) for other in included(path) if folder(other) == inside}
            graph.setdefault(subject(mine), set()).update(others - {subject(mine)})
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("inside", LEVEL)
def test_headers_begin_with_what_they_are_for(inside: str) -> None:
    for path in files_of(inside):
        if path.suffix != ".hpp":
            continue
        first, *_ = path.read_text(encoding="utf-8").splitlines()
        assert re.match(r"// \S", first), f"{name(path)} begins with {first!r}"


@pytest.mark.parametrize("inside", LEVEL)
def test_core_knows_neither_python_nor_numpy(inside: str) -> None:
    for path in files_of(inside):
        text = path.read_text(encoding="utf-8")
        for word in (r"Python\.h", r"\bnumpy\b", r"\bPyObject\b", r"\bPy_\w+"):
            assert not re.search(word, text), f"{name(path)} names {word}"


# Code that asks which pattern family it has belongs behind scan/families.hpp.
@pytest.mark.parametrize("inside", [folder for folder in LEVEL if LEVEL[folder] < LEVEL["tests"]])
def test_no_family_is_named_outside_its_header(inside: str) -> None:
    for path in files_of(inside):
        if folder(name(path)) == "scan" and path.name.startswith(("family", "families")):
            continue
        named = re.findall(r"\bFamily::k(?!Custom\b)\w+", path.read_text(encoding="utf-8"))
        assert not named, f"{name(path)} names {named}; put it behind visit() of scan/families.hpp"
