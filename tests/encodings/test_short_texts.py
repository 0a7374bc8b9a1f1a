"""Methods that the core answers for short texts, against the slow ones that say what they mean."""

from __future__ import annotations

import gc
import inspect
import pickle
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import strategies
from file_tokenizers import kind
from hypothesis import given, strategies as st

import tokenkit

QUICK = ["count", "within", "encode_ordinary", "encode", "encode_to_numpy"]
SHORT = 1024  # bytes: what the core answers has less


class Named(str):
    """A subclass of str is a str."""


def result(call: Callable[..., Any], *arguments: Any, **options: Any) -> object:
    """Give what a call returns, with all that tells it from other values; or its exception."""
    try:
        value = call(*arguments, **options)
    except Exception as error:
        return type(error), str(error)
    if isinstance(value, np.ndarray):
        return value.dtype, value.shape, value.flags.writeable, value.tolist()
    return type(value), value


def check(enc: tokenkit.Encoding, name: str, *arguments: Any, **options: Any) -> None:
    quick = getattr(type(enc), name)
    expected = result(quick.__wrapped__, enc, *arguments, **options)
    assert result(getattr(enc, name), *arguments, **options) == expected


def check_all(enc: tokenkit.Encoding, text: Any) -> None:
    for name in QUICK:
        if name != "within":
            check(enc, name, text)
    specials: Any
    for specials in ("all", set(enc.special_tokens_set), (), [], None):
        check(enc, "encode", text, disallowed_special=specials)
        check(enc, "encode_to_numpy", text, disallowed_special=specials)
    allowed: Any
    for allowed in ("all", set(enc.special_tokens_set), set(), frozenset()):
        for name in ("count", "encode", "encode_to_numpy"):
            check(enc, name, text, allowed_special=allowed)
    for limit in (0, 1, 7, SHORT, -1, 2**62, 2**63, 2**70, -(2**70), True, np.int32(3), 1.5, None):
        check(enc, "within", text, limit)


@pytest.mark.parametrize("name", strategies.NAMES)
@given(data=st.data())
def test_quick_methods_do_as_the_slow_ones(name: str, data: st.DataObject) -> None:
    check_all(tokenkit.get_encoding(name), data.draw(strategies.texts(name)))


@pytest.mark.parametrize("name", strategies.FAMILIES)
@pytest.mark.parametrize("character", ["a", " ", "é", "漢", "🙂", "\n", "\udfff"])
def test_around_the_longest_short_text(name: str, character: str) -> None:
    size = max(1, len(character.encode("utf-8", "replace")))
    for length in (0, 1, SHORT // size - 1, SHORT // size, SHORT // size + 1, SHORT, SHORT + 1):
        check_all(tokenkit.get_encoding(name), character * length)
        check_all(tokenkit.get_encoding(name), "".join(map(chr, range(length))))


@pytest.mark.parametrize(
    "text",
    [
        *(b"hello", bytearray(b"hi"), memoryview(b"hi"), b"\xff", Named("hello"), Named("\ud800")),
        *(None, 5, [], np.array(["hi"]), np.frombuffer(b"hi", np.uint8)),
    ],
)
def test_what_is_no_str(text: object) -> None:
    check_all(tokenkit.get_encoding("cl100k_base"), text)


@pytest.mark.parametrize(
    "name", ["plain", "nfc", "lower", "lead", "signs", "llama", "words", "unigram"]
)
@given(text=st.text(alphabet="hiterTHÉ\xe9e\u0301 \n<>▁x", max_size=20))
def test_tokenizers_of_others(name: str, text: str) -> None:
    check_all(kind(name), text)


@given(text=st.text(alphabet="abc<|> ", max_size=9))
def test_encodings_of_ones_own(text: str) -> None:
    for pattern in (r"\w+|\W+", tokenkit.get_encoding("gpt2")._pat_str):
        for letters in (b"ab", bytes(range(256))):
            ranks = {bytes([byte]): rank for rank, byte in enumerate(letters)}
            specials = {"<|": 300, "c": 301}
            enc = tokenkit.Encoding(
                "own", pat_str=pattern, mergeable_ranks=ranks, special_tokens=specials
            )
            check_all(enc, text)


CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}),
    (("a", 1, 2, 3), {}),
    (("a",), {"text": "b"}),
    (("a",), {"other": 1}),
    ((), {"text": "hello", "limit": 3}),
    ((), {"text": "hello"}),
    (("hello",), {"allowed_special": "some"}),
    (("hello",), {"allowed_special": 5}),
    (("hello",), {"disallowed_special": 5}),
    (("hello",), {"disallowed_special": "other"}),
    (("hello",), {"disallowed_special": ""}),
    (("al<|endoftext|>l",), {"disallowed_special": "all"}),
    (("al<|endoftext|>l",), {"disallowed_special": "".join(("a", "ll"))}),
]


@pytest.mark.parametrize(("arguments", "options"), CALLS)
@pytest.mark.parametrize("name", QUICK)
def test_other_calls(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    enc = tokenkit.get_encoding("gpt2")
    quick = getattr(tokenkit.Encoding, name)
    expected = result(quick.__wrapped__, enc, *arguments, **options)
    given_ = result(quick, enc, *arguments, **options)
    if isinstance(expected, tuple) and expected[0] is TypeError and "()" in str(expected[1]):
        assert isinstance(given_, tuple)  # a call that does not fit: Python's own words
        assert given_[0] is TypeError
    else:
        assert given_ == expected


@pytest.mark.parametrize("name", QUICK)
def test_they_look_like_functions(name: str) -> None:
    quick = getattr(tokenkit.Encoding, name)
    assert inspect.signature(quick) == inspect.signature(quick.__wrapped__)
    assert quick.__doc__ == quick.__wrapped__.__doc__
    assert (quick.__name__, quick.__module__) == (name, "tokenkit.encodings." + _file(name))
    enc = tokenkit.get_encoding("gpt2")
    method = pickle.loads(pickle.dumps(getattr(enc, name)))
    assert method.__self__ is enc
    with pytest.raises(TypeError):
        quick("no encoding", "hello", 1)


def _file(name: str) -> str:
    return "measures" if name in ("count", "within") else "encoding"


@pytest.mark.parametrize(
    "arguments",
    [
        *(("hello",), ("hello", "gpt-4o"), ("hello", "gpt-4o", "x"), ("hello", None), ()),
        *((b"\xff", "gpt-4"), (None, "gpt-4"), ("hello", Named("gpt-4")), ("hello", [])),
        *(("hello", "no model"), ("hello", "claude-sonnet-4-5"), ("hello", "gemini-3.5-flash")),
    ],
)
@pytest.mark.parametrize("options", [{}, {"encoding": "gpt2"}, {"encoding": 5}])
def test_count_by_name(arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    slow = tokenkit.count.__wrapped__  # type: ignore[attr-defined]
    for _ in range(2):  # the second time, the name is known
        expected = result(slow, *arguments, **options)
        found = result(tokenkit.count, *arguments, **options)
        assert found == expected or "positional argument" in str(expected)
    assert pickle.loads(pickle.dumps(tokenkit.count)) is tokenkit.count
    assert inspect.signature(tokenkit.count) == inspect.signature(slow)


def test_the_core_answers_short_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the slow methods would be compared with themselves."""
    enc = tokenkit.get_encoding("gpt2")
    for name in ("_count", "_encode", "_admit", "engine"):
        monkeypatch.setattr(enc, name, None)
    for text in ("hello <world>", "漢字 é"):
        ids = enc.encode(text)
        assert enc.encode_ordinary(text) == enc.encode(text, disallowed_special=()) == ids
        assert enc.encode_to_numpy(text).tolist() == ids
        assert enc.count(text) == enc.within(text, SHORT) == len(ids)
    for name in QUICK:
        arguments = ("x" * SHORT, 1) if name == "within" else ("x" * SHORT,)
        with pytest.raises((TypeError, AttributeError), match="None"):
            getattr(enc, name)(*arguments)


def test_overridden_methods_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    class Own(tokenkit.Encoding):
        def count(self, text: Any, *, allowed_special: Any = ()) -> int:
            return super().count(text, allowed_special=allowed_special) + 1000

    own = Own("own", pat_str=".", mergeable_ranks={b"a": 0}, special_tokens={})
    assert own.count("aa") == 1002
    monkeypatch.setitem(tokenkit.registry.ENCODINGS, "o200k_base", own)
    assert tokenkit.count("aa", "gpt-4o") == 1002


def test_code_that_runs_while_a_list_is_made() -> None:
    """The garbage collector may call any code; it gets ids of its own."""
    enc = tokenkit.get_encoding("cl100k_base")
    text, other = "one two three four five six", "".join(map(chr, range(0x4E00, 0x4E40)))
    expected, other_ids = enc.encode_ordinary(text), enc.encode_ordinary(other)
    ran = 0

    def encode_other(_phase: str, _info: dict[str, int]) -> None:
        nonlocal ran
        ran += 1
        assert enc.encode(other) == other_ids

    kept: list[list[int]] = []
    before = gc.get_threshold()
    gc.callbacks.append(encode_other)
    try:
        gc.set_threshold(1)
        for _ in range(50):
            kept += [
                enc.encode(text),
                enc.encode_ordinary(text),
                enc.encode_to_numpy(text).tolist(),
            ]
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(encode_other)
    assert ran
    assert kept == [expected] * 150


def test_threads_get_ids_of_their_own() -> None:
    enc = tokenkit.get_encoding("o200k_base")
    texts = ["".join(map(chr, range(start, start + 90))) for start in (32, 0x430, 0x4E00, 0xAC00)]
    expected = [enc.encode_ordinary.__wrapped__(enc, text) for text in texts]  # type: ignore[attr-defined]
    wrong: list[str] = []

    def work(text: str, ids: list[int]) -> None:
        for _ in range(300):
            if not enc.encode(text) == enc.encode_to_numpy(text).tolist() == ids:
                wrong.append(text)

    running = [
        threading.Thread(target=work, args=pair) for pair in zip(texts, expected, strict=True)
    ]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert not wrong
