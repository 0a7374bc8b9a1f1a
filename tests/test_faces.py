"""Faces: the table of a folder's names is what type checkers see, and every name is there."""

from __future__ import annotations

import ast
import importlib
import pickle
import pickletools
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import tokenkit

PACKAGE = Path(tokenkit.__file__).parent
FOLDERS = ["encodings", "models", "shapes", "chat", "costs"]
FOLDERS += ["fitting", "chunking", "inputs", "views"]


def face(name: str) -> ModuleType:
    return importlib.import_module(f"tokenkit.{name}" if name else "tokenkit")


def path_of(name: str) -> Path:
    return PACKAGE / name / "__init__.py"


def seen_by_type_checkers(name: str) -> dict[str, set[str]]:
    """Submodule -> names, from the imports under `if TYPE_CHECKING`."""
    prefix = f"tokenkit.{name}".rstrip(".")
    seen: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(path_of(name).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(prefix):
            for alias in node.names:
                if alias.name == "lazy_face":
                    continue
                assert alias.asname == alias.name, f"{alias.name} is not exported again"
                home = (node.module or "")[len(prefix) :].lstrip(".")
                seen.setdefault(home, set()).add(alias.name)
    return seen


def table(name: str) -> tuple[dict[str, set[str]], set[str]]:
    """The same from the call of `lazy_face`, and the submodules that it lists."""
    for node in ast.walk(ast.parse(path_of(name).read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "lazy_face":
            options = {word.arg: ast.literal_eval(word.value) for word in node.keywords}
            homes: dict[str, set[str]] = {}
            for part in (ast.literal_eval(node.args[1]), options.get("internal", {})):
                for home, names in part.items():
                    homes.setdefault(home, set()).update(names.split())
            return homes, set(options.get("modules", "").split())
    raise AssertionError(f"{name} has no table")


@pytest.mark.parametrize("name", ["", *FOLDERS])
def test_no_file_has_the_name_of_what_a_face_gives(name: str) -> None:
    """Importing such a file would put the module in the place of the function."""
    homes, modules = table(name)
    given = {export for exports in homes.values() for export in exports} - modules
    files = {path.stem for path in path_of(name).parent.glob("*.py")}
    assert not given & files


@pytest.mark.parametrize("name", ["", *FOLDERS])
def test_type_checkers_see_the_table(name: str) -> None:
    homes, modules = table(name)
    seen = seen_by_type_checkers(name)
    assert seen.pop("", set()) == modules
    assert seen == homes


@pytest.mark.parametrize("name", ["", *FOLDERS])
def test_every_name_is_there_and_where_the_table_says(name: str) -> None:
    homes, modules = table(name)
    module = face(name)
    for home, names in homes.items():
        inner = importlib.import_module(f"{module.__name__}.{home}")
        for word in names:
            assert getattr(module, word) is getattr(inner, word)
    for word in modules:
        assert isinstance(getattr(module, word), ModuleType)
    with pytest.raises(AttributeError, match="no_such_name"):
        module.no_such_name  # noqa: B018


@pytest.mark.parametrize("name", ["", *FOLDERS])
def test_no_name_is_a_file_of_the_folder(name: str) -> None:
    """Importing that file would put the module in the name's place."""
    homes, modules = table(name)
    files = {path.stem for path in path_of(name).parent.iterdir()}
    assert not files.intersection(*[set().union(*homes.values())]) - modules


def test_a_star_import_brings_no_modules() -> None:
    names: dict[str, object] = {}
    exec("from tokenkit import *", names)
    assert not [key for key, value in names.items() if isinstance(value, ModuleType)]
    assert set(face("").__all__) <= names.keys()
    assert set(face("").__all__) <= set(dir(tokenkit))


def test_the_package_offers_only_what_a_folder_offers() -> None:
    offered = {word for name in FOLDERS for word in face(name).__all__}
    errors = {word for word in vars(tokenkit.errors) if word.endswith(("Error", "Warning"))}
    assert set(face("").__all__) <= offered | errors | {"__version__"}


def public_classes() -> list[type]:
    values = (getattr(tokenkit, name) for name in vars(tokenkit)["__all__"])
    return [value for value in values if isinstance(value, type)]


@pytest.mark.parametrize("kind", public_classes())
def test_public_classes_name_the_package(kind: type) -> None:
    assert kind.__module__ == "tokenkit"
    assert pickle.loads(pickle.dumps(kind)) is kind


def test_tracebacks_name_the_package() -> None:
    with pytest.raises(tokenkit.UnknownEncodingError) as caught:
        tokenkit.get_encoding("o200k")
    last = traceback.format_exception_only(caught.type, caught.value)[0]
    assert last.startswith("tokenkit.UnknownEncodingError: Unknown encoding")


MESSAGES = [{"role": "user", "content": "hello " * 9}, {"role": "user", "content": "bye"}]
INSTANCES: dict[str, Callable[[], object]] = {
    "Batch": lambda: next(iter(tokenkit.pack(["hi"], "text-embedding-3-small"))),
    "Budget": lambda: tokenkit.Budget.for_model("gpt-5.4", max_output=9),
    "Chunk": lambda: tokenkit.chunk("hello world", encoding="o200k_base", max_tokens=1)[0],
    "Cost": lambda: tokenkit.cost("gpt-5.4", input_tokens=9),
    "Fit": lambda: tokenkit.fit(MESSAGES, "gpt-5.4", max_output=9),
    "MessageCount": lambda: tokenkit.count_messages(MESSAGES, "gpt-5.4"),
    "Model": lambda: tokenkit.get_model("gpt-5.4"),
    "ModelComparison": lambda: tokenkit.compare("hi", ["gpt-5.4"])[0],
    "TokenEstimate": lambda: tokenkit.estimate_tokens("hi", "claude-sonnet-4-5"),
}


@pytest.mark.parametrize("name", INSTANCES)
def test_instances_survive_pickling(name: str) -> None:
    value = INSTANCES[name]()
    assert type(value) is getattr(tokenkit, name)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        data = pickle.dumps(value, protocol)
        assert pickle.loads(data) == value
        # Faces alone are named, as files may move; protocol 2 and 3 write "module name".
        words = [str(word).partition(" ")[0] for _, word, _ in pickletools.genops(data) if word]
        assert {word for word in words if word.startswith("tokenkit.")} <= {"tokenkit.models"}
