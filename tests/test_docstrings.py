"""Every public function and class has a docstring with an example, which runs as a doctest."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from public_names import INTEGRATIONS, SUBJECTS, by_kind, face

# An error has its example where it is raised.
FOLDERS = [folder for folder in SUBJECTS if folder != "errors"]


def functions() -> Iterator[tuple[str, object]]:
    for folder in FOLDERS:
        for name in by_kind(folder)[0]:
            yield f"{folder}.{name}", getattr(face(folder), name)
    for module in INTEGRATIONS:
        adapter = face(f"integrations.{module}")
        for name in adapter.__all__:
            if inspect.isfunction(getattr(adapter, name)):
                yield f"integrations.{module}.{name}", getattr(adapter, name)


def methods() -> Iterator[tuple[str, object]]:
    for folder in FOLDERS:
        for name in by_kind(folder)[1]:
            for method, value in inspect.getmembers(getattr(face(folder), name)):
                own = (getattr(value, "__module__", "") or "").startswith("tokenkit")
                if inspect.isfunction(inspect.unwrap(value)) and own and not method.startswith("_"):
                    yield f"{folder}.{name}.{method}", value


@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, value in functions()])
def test_every_function_has_an_example(value: object) -> None:
    assert ">>> " in (inspect.getdoc(value) or "")


@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, value in methods()])
def test_every_method_is_described(value: object) -> None:
    assert inspect.getdoc(value)


def test_there_are_functions_and_methods() -> None:
    assert len(list(functions())) > 40
    assert len(list(methods())) > 40
