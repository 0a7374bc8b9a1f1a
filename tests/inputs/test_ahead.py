"""Reading ahead: order, errors, and an end that comes early."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, strategies as st

from tokenkit.inputs.ahead import ahead


@given(st.lists(st.none() | st.integers() | st.text()))
def test_items_come_in_order(items: list[object]) -> None:
    assert list(ahead(iter(items))) == items


def test_an_error_comes_behind_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise KeyError("three")

    numbers = ahead(items())
    assert [next(numbers), next(numbers)] == [1, 2]
    with pytest.raises(KeyError, match="three"):
        next(numbers)


def test_the_next_item_is_made_meanwhile() -> None:
    made = threading.Event()

    def items() -> Iterator[str]:
        yield "first"
        made.set()
        yield "second"

    rest = ahead(items())
    assert next(rest) == "first"
    assert made.wait(30)
    assert list(rest) == ["second"]


def test_an_early_end_stops_the_reader() -> None:
    before = threading.active_count()
    made = 0

    def items() -> Iterator[int]:
        nonlocal made
        while True:
            made += 1
            yield made

    numbers = ahead(items())
    assert [next(numbers), next(numbers)] == [1, 2]
    numbers.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
    assert made <= 5
