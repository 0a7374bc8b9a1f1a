"""Numbers of other libraries, and what is not a number."""

from __future__ import annotations

from typing import Any

import pytest

from tokenkit.shapes.canonical import Usage
from tokenkit.shapes.reading import read_usage


def test_numbers_of_other_libraries() -> None:
    numpy = pytest.importorskip("numpy")
    usage = {"prompt_tokens": numpy.int64(10), "completion_tokens": numpy.float64(5.0)}
    assert read_usage(usage).usage == Usage(input_tokens=10, output_tokens=5)
    gap = {"prompt_tokens": numpy.int32(10), "completion_tokens": float("nan")}
    assert read_usage(gap).usage == Usage(input_tokens=10)


@pytest.mark.parametrize("value", ["10", True, [1], {"a": 1}, int, float])
def test_counts_of_a_wrong_type(value: Any) -> None:
    with pytest.raises(TypeError, match="prompt_tokens: expected a whole number, got"):
        read_usage({"prompt_tokens": value})


@pytest.mark.parametrize("value", [-1, 1.5])
def test_counts_of_a_wrong_value(value: Any) -> None:
    with pytest.raises(
        ValueError, match=r"prompt_tokens: expected (a whole number|at least 0), got"
    ):
        read_usage({"prompt_tokens": value})
