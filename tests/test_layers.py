"""Arrows point one way: csrc -> _core.pyx -> tokenkit/*.py -> cli."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "tokenkit"
# Each module may import those of earlier lines.
ORDER = [
    ["_version", "_core", "errors"],
    ["_sources"],
    ["_rows"],
    ["_model", "_overlay", "_price_lists", "_cost_input"],
    ["_tally", "_tool_text", "_image_size", "_groups", "_allot"],
    ["_registry", "_rates", "_usage"],
    ["models"],
    ["_text", "_patterns", "_counter", "_ragged", "_arrow"],
    ["_engine", "_chunk_stream"],
    ["_special"],
    ["_pattern_engine", "_vocabulary", "_slow_chunks"],
    ["_truncate", "_unstable"],
    ["encoding"],
    ["load", "encodings"],
    ["core", "registry", "model"],
    ["_verbs", "_counts", "images", "refresh"],
    ["_parts"],
    ["_chat_rule"],
    ["_harmony"],
    ["chat", "estimates", "_shrink"],
    ["budget", "costs", "_selection"],
    ["chunking", "comparison", "fitting", "packing"],
    ["prompt"],
    ["_big_texts"],
    ["files", "views"],
    ["datafiles", "html", "requests"],
    ["__init__"],
    ["integrations.__init__"],
    ["integrations.chonkie", "integrations.langchain"],
    ["integrations.llama_index", "integrations.semchunk"],
    ["cli.app", "cli.inputs", "cli.options", "cli.progress"],
    ["cli.rowfiles"],
    ["cli.chunk", "cli.cost", "cli.decode", "cli.encode", "cli.fit", "cli.truncate"],
    ["cli.counted", "cli.models", "cli.paint"],
    ["cli.requests", "cli.rows"],
    ["cli.count", "cli.show"],
    ["cli.__init__"],
    ["__main__"],
]
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imported(path: Path) -> set[str]:
    """The package's modules that a file imports, wherever the import stands; those only for the
    type checker do not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If)
        and isinstance(block.test, ast.Name)
        and block.test.id == "TYPE_CHECKING"
        for statement in block.body
        for node in ast.walk(statement)
    }
    found = set()
    for node in ast.walk(tree):
        if node in typing_only:
            continue
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports by a relative name"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            names += [node.module or ""]
        for name in names:
            if name == "tokenkit":
                found.add("__init__")
            elif name.startswith("tokenkit."):
                inner = name.removeprefix("tokenkit.")
                found |= {key for key in LEVEL if inner in (key, key.removesuffix(".__init__"))}
    return found


def test_order_is_complete() -> None:
    assert set(MODULES) | {"_core"} == set(LEVEL)


@pytest.mark.parametrize("name", MODULES)
def test_python_imports_downwards(name: str) -> None:
    # A command line module may import the package as a whole.
    for other in imported(MODULES[name]) - {name}:
        assert LEVEL[other] < LEVEL[name], f"{name} imports {other}"


def test_core_knows_neither_python_nor_numpy() -> None:
    sources = [
        path for ending in ("hpp", "cpp", "inc") for path in (ROOT / "csrc").rglob(f"*.{ending}")
    ]
    assert len(sources) > 20
    for path in sources:
        text = path.read_text(encoding="utf-8")
        for word in (r"Python\.h", r"\bnumpy\b", r"\bPyObject\b", r"\bPy_\w+"):
            assert not re.search(word, text), f"{path.name} names {word}"


def test_the_seam_imports_no_python_module() -> None:
    files = [PACKAGE / "_core.pyx", *(PACKAGE / "_seam").glob("*.pxi")]
    assert len(files) > 4
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    imports = re.findall(r"^\s*(?:from|import)\s+(\S+)", text, re.MULTILINE)
    assert not [name for name in imports if name.startswith(("tokenkit", "."))]


def test_only_the_command_line_imports_its_libraries() -> None:
    for name, path in MODULES.items():
        text = path.read_text(encoding="utf-8")
        if re.search(r"^\s*(import|from) (click|rich)\b", text, re.MULTILINE):
            assert name.startswith("cli."), name


def test_validation_does_not_assert() -> None:
    for path in MODULES.values():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Assert)], path.name
