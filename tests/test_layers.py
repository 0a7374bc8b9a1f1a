"""Arrows point one way: _core.pyx -> folders in one order -> cli, integrations.

Only the order of the folders is written here. Everything else is computed from the imports: what a
folder holds, which files it needs, that no circle is inside a folder, and that a folder is used
through its face.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "tokenkit"
# Each line may import what earlier lines hold; files at the top of the package name no folder but
# as shims of tiktoken's import paths (after the folders).
ORDER = [
    "_version _locks _hub_cache",
    "_face _core",
    "errors",
    "_checks _files _visible _vocabularies _writing",
    "_strict_json",
    "_notebook",
    "shapes",
    "models",
    "encodings",
    "chat",
    "costs",
    "fitting",
    "chunking",
    "inputs",
    "views",
    "core registry model load __init__",
    "integrations cli",
    "__main__",
]
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names.split()}
COMMAND_LINE = ("click", "rich")


def module_name(path: Path) -> str:
    """Dotted, without the package: `chat.images`; a face has its folder's name."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
FACES = {name for name, path in MODULES.items() if path.name == "__init__.py"}


def room(name: str) -> str:
    """The folder at the top of the package, or the file there, that a module belongs to."""
    return name.partition(".")[0]


@cache
def nodes_of(name: str) -> list[ast.AST]:
    """All nodes of a module, the module itself first."""
    return list(ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))))


def of_the_type_checker(nodes: list[ast.AST]) -> set[ast.AST]:
    return {
        node
        for block in nodes
        if isinstance(block, ast.If)
        and isinstance(block.test, ast.Name)
        and block.test.id == "TYPE_CHECKING"
        for statement in block.body
        for node in ast.walk(statement)
    }


def named(node: ast.AST) -> Iterator[tuple[str, str]]:
    """(module, name) of what an import statement imports; the name is "" for a whole module."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, "") for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"a relative import: {ast.unparse(node)}"
        yield from ((node.module or "", alias.name) for alias in node.names)


@cache
def imported(name: str, *, types: bool = False) -> frozenset[str]:
    """The package's modules that a module imports, wherever the import stands.

    Those for the type checker count only with `types`, and a face's own table does not count.
    """
    typing_only = of_the_type_checker(nodes_of(name))
    modules = set()
    for node in nodes_of(name):
        if node in typing_only and (not types or name in FACES):
            continue
        for module, what in named(node):
            if module.partition(".")[0] != "tokenkit":
                continue
            inner = module.removeprefix("tokenkit").removeprefix(".")
            whole = f"{inner}.{what}".strip(".")
            modules.add(whole if whole in MODULES or whole == "_core" else inner or "__init__")
    return frozenset(modules - {name})


def modules_of(which: str) -> list[str]:
    return [name for name in MODULES if room(name) == which]


def test_every_room_has_its_level() -> None:
    assert {room(name) for name in MODULES} | {"_core"} == set(LEVEL)


@pytest.mark.parametrize("which", sorted(LEVEL.keys() - {"_core"}))
def test_imports_point_downwards(which: str) -> None:
    for name in modules_of(which):
        for other in imported(name):
            assert other in MODULES or other == "_core", (
                f"{name} imports {other}, which is not there"
            )
            if room(other) != room(name):
                assert LEVEL[room(other)] < LEVEL[room(name)], f"{name} imports {other}"


@pytest.mark.parametrize("which", sorted(LEVEL.keys() - {"_core"}))
def test_types_point_downwards_too(which: str) -> None:
    for name in modules_of(which):
        for other in imported(name, types=True) - imported(name):
            if room(other) != room(name):
                assert LEVEL[room(other)] <= LEVEL[room(name)], f"{name} names the types of {other}"


@pytest.mark.parametrize("which", sorted(LEVEL.keys() - {"_core"}))
def test_other_folders_are_used_through_their_faces(which: str) -> None:
    for name in modules_of(which):
        for other in imported(name, types=True):
            if room(other) != room(name):
                assert "." not in other, f"{name} imports {other}, not from tokenkit.{room(other)}"


@pytest.mark.parametrize("folder", sorted(FACES - {"__init__"}))
def test_no_circle_inside_a_folder(folder: str) -> None:
    inside = {name for name in MODULES if name.startswith(f"{folder}.")}
    graph = {name: imported(name) & inside for name in inside}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' -> '.join(error.args[1])}")
    for name in inside:
        assert folder not in imported(name), f"{name} imports the face of its own folder"


def test_inside_a_folder_no_name_is_underscored() -> None:
    for name in MODULES:
        parts = name.split(".")
        assert not [part for part in parts[1:] if part.startswith("_")], name


def test_the_seam_imports_no_python_module() -> None:
    files = [PACKAGE / "_core.pyx", *(PACKAGE / "_seam").glob("*.pxi")]
    assert len(files) > 4
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    imports = re.findall(r"^\s*(?:from|import)\s+(\S+)", text, re.MULTILINE)
    assert not [name for name in imports if name.startswith(("tokenkit", "."))]


def test_only_the_command_line_imports_its_libraries() -> None:
    for name in MODULES:
        tree = nodes_of(name)[0]
        assert isinstance(tree, ast.Module)
        tops = {module.partition(".")[0] for node in tree.body for module, _ in named(node)}
        if tops.intersection(COMMAND_LINE):
            assert room(name) == "cli", name


def test_validation_does_not_assert() -> None:
    for name in MODULES:
        assert not [node for node in nodes_of(name) if isinstance(node, ast.Assert)], name
