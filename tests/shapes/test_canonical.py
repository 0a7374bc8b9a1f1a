"""Usage: wholes that hold their parts, whole numbers, one repr."""

import dataclasses
import pickle
from decimal import Decimal
from typing import Any

import pytest
from cost_strategies import quantities
from hypothesis import given

from tokenkit.models.record import RATE_UNITS
from tokenkit.shapes.canonical import ITEMS, Usage


def test_a_whole_left_out_is_the_sum_of_its_parts() -> None:
    usage = Usage(audio_input_tokens=8, image_input_tokens=2, image_output_tokens=5)
    assert (usage.input_tokens, usage.output_tokens) == (10, 5)


def test_repr_shows_what_was_used() -> None:
    usage = Usage(input_tokens=5, audio_seconds=9.5, epochs=1, images=["64x64"])
    assert repr(usage) == ("Usage(input_tokens=5, images=('64x64',), audio_seconds=Decimal('9.5'))")
    assert repr(Usage()) == "Usage()"


@given(quantities())
def test_repr_and_pickle_come_back(used: dict[str, Any]) -> None:
    usage = Usage(**used)
    assert eval(repr(usage), {"Usage": Usage, "Decimal": Decimal}) == usage
    assert pickle.loads(pickle.dumps(usage)) == usage
    assert dataclasses.replace(usage) == usage


@pytest.mark.parametrize("value", [1.0, "1", None, True, [1]])
def test_counts_are_whole_numbers(value: Any) -> None:
    with pytest.raises(TypeError, match="output_tokens: expected a whole number, got"):
        Usage(output_tokens=value)


@pytest.mark.parametrize("value", ["1", None, True, b"1"])
def test_amounts_are_numbers(value: Any) -> None:
    with pytest.raises(TypeError, match="training_hours: expected a number, got"):
        Usage(training_hours=value)


def test_items_are_kept_as_pairs_in_one_order() -> None:
    usage = Usage(items={"page": 3, "file_search": 1, "song": 0})
    assert usage.items == (("file_search", 1), ("page", 3))
    assert Usage(items=[("page", 1), ("page", 2), ("file_search", 1)]) == usage
    with pytest.raises(ValueError, match="items: expected names out of file_search, x_search, "):
        Usage(items={"input": 1})
    with pytest.raises(TypeError, match="items: page: expected a whole number, got 1\\.5"):
        Usage(items={"page": 1.5})  # type: ignore[arg-type]
    assert set(ITEMS) < set(RATE_UNITS)


def test_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Usage().input_tokens = 5  # type: ignore[misc]
