"""The examples of public classes run.

`pytest --doctest-modules` passes these classes over: their `__module__` is not their file.
"""

from __future__ import annotations

import doctest
import sys
from types import FunctionType

import pytest

import tokenkit

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
CLASSES = [
    value
    for value in (getattr(tokenkit, name) for name in vars(tokenkit)["__all__"])
    if isinstance(value, type)
]


def home(kind: type) -> str:
    """The module of the file that holds a class: that of its methods, else of its own errors."""
    functions = (value for value in vars(kind).values() if isinstance(value, FunctionType))
    modules = {function.__module__ for function in functions} - {"tokenkit"}
    return next((name for name in sorted(modules) if name.startswith("tokenkit.")), "tokenkit")


def examples(kind: type) -> list[doctest.DocTest]:
    module = sys.modules[home(kind)]
    finder = doctest.DocTestFinder(exclude_empty=True)
    return finder.find(kind, f"tokenkit.{kind.__name__}", module=module, globs=vars(module).copy())


CASES = [case for kind in CLASSES for case in examples(kind)]
# Libraries of examples that the extra `test` brings for newer versions of Python only.
FROM_PYTHON = {"pandas": (3, 11)}


def is_for_this_python(case: doctest.DocTest) -> bool:
    source = "".join(example.source for example in case.examples)
    needed = (since for name, since in FROM_PYTHON.items() if f"import {name}" in source)
    return sys.version_info >= max(needed, default=(3, 10))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_example(case: doctest.DocTest) -> None:
    if not is_for_this_python(case):
        pytest.skip("its library is not there for this version of Python")
    assert doctest.DocTestRunner(verbose=False, optionflags=FLAGS).run(case).failed == 0


def test_there_are_examples() -> None:
    """A finder that finds nothing would make the test above pass without looking at anything."""
    names = {case.name for case in CASES}
    for name in ("Encoding.encode", "Chunk", "Budget.for_model", "UnknownModelError"):
        assert f"tokenkit.{name}" in names
