"""Argument checks: what is taken, and the one form in which the rest is refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import tokenkit
from tokenkit._checks import (
    check_choice,
    check_fraction,
    check_number,
    check_str,
    check_tokens,
    check_whole,
    checked_threads,
    processors,
    shown,
)


class Index:
    def __index__(self) -> int:
        return 7


@pytest.mark.parametrize("value", [7, np.int64(7), np.uint8(7), Index()])
def test_whole_numbers(value: object) -> None:
    number = check_whole("n", value)
    assert (type(number), number) == (int, 7)


@pytest.mark.parametrize(
    "value", [True, False, np.True_, 2.0, np.float64(2), "5", None, b"5", [5], Decimal(5), int]
)
def test_no_whole_numbers(value: object) -> None:
    with pytest.raises(TypeError) as caught:
        check_tokens("limit", value)
    assert str(caught.value) == f"limit: expected a whole number of tokens, got {value!r}"


def test_least() -> None:
    assert check_whole("n", -5, None) == -5
    assert check_whole("n", 0) == 0
    with pytest.raises(ValueError, match=r"^n: expected at least 0, got -1$"):
        check_whole("n", -1)
    with pytest.raises(ValueError, match=r"^side: expected at least 1 pixels, got 0$"):
        check_whole("side", np.int32(0), 1, unit="pixels")


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), Fraction(1, 2), Decimal("0.5")])
def test_numbers(value: object) -> None:
    for check in (check_number, check_fraction):
        number = check("n", value)
        assert (type(number), number) == (float, 0.5)


@pytest.mark.parametrize("value", [True, np.True_, "0.5", None, b"1", [1], 1j])
def test_no_numbers(value: object) -> None:
    for check, kind in ((check_number, "a number"), (check_fraction, "a fraction such as 0.1")):
        with pytest.raises(TypeError) as caught:
            check("n", value)
        assert str(caught.value) == f"n: expected {kind}, got {value!r}"


def test_ranges() -> None:
    assert check_fraction("n", 0) == 0
    assert check_fraction("n", 1, whole=True) == 1
    assert check_number("n", -3) == -3
    assert check_number("n", float("inf"), 0) == float("inf")
    for value in (-0.1, 1, float("inf"), -float("inf")):
        with pytest.raises(ValueError, match="fraction of at least 0 and below 1, got"):
            check_fraction("n", value)
    with pytest.raises(ValueError, match=r"at least 0 and at most 1, got 1\.5"):
        check_fraction("n", 1.5, whole=True)
    with pytest.raises(ValueError, match="n: expected a number, got nan"):
        check_number("n", float("nan"))
    with pytest.raises(ValueError, match=r"n: expected at least 0.5, got 0"):
        check_number("n", 0, 0.5)


def test_choices() -> None:
    assert check_choice("keep", "b", ("a", "b")) == "b"
    for value in ("c", None, 1, ["a"], b"a"):
        with pytest.raises(ValueError, match="keep: expected 'a' or 'b', got ") as caught:
            check_choice("keep", value, ("a", "b"))  # type: ignore[type-var]
        assert str(caught.value).endswith(repr(value))
    with pytest.raises(ValueError, match="x: expected 'a', 'b' or 'c', got 'd'"):
        check_choice("x", "d", {"a": 1, "b": 2, "c": 3})
    with pytest.raises(ValueError, match="x: expected 'a', got 'd'"):
        check_choice("x", "d", ["a"])


def test_strings() -> None:
    assert check_str("text", "a") == "a"
    with pytest.raises(TypeError, match="text: expected str, got bytes"):
        check_str("text", b"secret")


def test_long_values_are_shown_by_their_type() -> None:
    assert shown("a" * 58) == repr("a" * 58)
    assert shown("a" * 59) == "a str"


def test_threads() -> None:
    assert checked_threads(None) == processors() >= 1
    assert checked_threads(10**9) == max(64, processors())
    with pytest.raises(ValueError, match="num_threads: expected at least 1, got 0"):
        checked_threads(0)
    with pytest.raises(TypeError, match="num_threads: expected a whole number, got '2'"):
        checked_threads("2")  # type: ignore[arg-type]


def test_where_encodings_use_them() -> None:
    enc = tokenkit.get_encoding("o200k_base")
    assert enc.within("hello world", np.int64(2)) == 2  # type: ignore[arg-type]
    assert enc.within("hello world", -1) is None
    assert enc.truncate("one two three", np.int64(2)) == "one two"  # type: ignore[arg-type]
    for value in ("5", 2.0, True, None):
        with pytest.raises(TypeError, match="limit: expected a whole number of tokens, got"):
            enc.within("hello", value)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="max_tokens: expected a whole number of tokens, got"):
            enc.truncate("hello", value)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="max_tokens: expected at least 0 tokens, got -1"):
        enc.truncate("hello", -1)
    with pytest.raises(ValueError, match="keep: expected 'head', 'tail' or 'ends', got 'middle'"):
        enc.truncate("hello", 1, keep="middle")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unit: expected 'char', 'byte' or 'utf16', got 'word'"):
        enc.token_spans("hello", unit="word")  # type: ignore[arg-type]


N = np.int64(40)
ENC = tokenkit.get_encoding("o200k_base")
CALLS: dict[str, Callable[[Any], object]] = {
    "Budget": lambda n: tokenkit.Budget.for_model("gpt-4o", max_output=n),
    "Chunker": lambda n: tokenkit.Chunker(encoding="o200k_base", max_tokens=n).max_tokens,
    "Model": lambda n: tokenkit.Model(name="m", kind="chat", context_window=n).context_window,
    "calibrate": lambda n: tokenkit.calibrate([("word " * 40, n)] * 2, "claude-opus-5"),
    "compare": lambda n: [row.cost_low for row in tokenkit.compare(n, ["gpt-4o"])],
    "cost": lambda n: tokenkit.cost("gpt-4o", input_tokens=n, output_tokens=n).total,
    "fit": lambda n: (
        tokenkit.fit([{"role": "user", "content": "x"}], "gpt-4o", max_output=n).tokens
    ),
    "image_tokens": lambda n: tokenkit.image_tokens(n, n, "gpt-4o"),
    "is_special_token": ENC.is_special_token,
    "pack": lambda n: len(tokenkit.pack([n, n], "text-embedding-3-small", max_tokens=n)),
    "truncate": lambda n: ENC.truncate("word " * 99, n),
    "within": lambda n: ENC.within("word " * 99, n),
}


@pytest.mark.parametrize("name", CALLS)
def test_integers_of_numpy_are_whole_numbers(name: str) -> None:
    call = CALLS[name]
    assert call(N) == call(int(N))
