"""`plain`: what becomes of values that say no keys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tokenkit.shapes.sdk_objects import plain


class Whole:
    def __index__(self) -> int:
        return 7


@pytest.mark.parametrize(("value", "number"), [(np.int64(5), 5), (np.uint8(9), 9), (Whole(), 7)])
def test_a_whole_number_of_any_library_becomes_an_int(value: Any, number: int) -> None:
    made = plain({"limit": [value]})["limit"][0]
    assert (type(made), made) == (int, number)


@pytest.mark.parametrize("value", [object(), b"bytes", 2.5, {1, 2}, np.arange(3), int])
def test_what_has_no_keys_and_is_no_whole_number_stays(value: Any) -> None:
    assert plain({"content": value})["content"] is value
