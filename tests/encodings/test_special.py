"""Which special tokens become ids, which are refused, and which are ordinary text."""

from __future__ import annotations

from typing import Any

import oracle
import pytest
import strategies
from hypothesis import given, strategies as st

import tokenkit
from tokenkit import Encoding, SpecialTokenError

END = "<|endoftext|>"
MIDDLE = "<|fim_middle|>"
BYTES = {bytes([i]): i for i in range(256)}


@pytest.fixture(params=["native", "pattern"])
def own(request: pytest.FixtureRequest) -> Encoding:
    """An encoding with awkward special tokens, on the core's pattern and on one of its own."""
    pattern = tokenkit.get_encoding("cl100k_base")._pat_str
    names = ["<|a|>", "<|a|>b", "aa", "é", "\U0001f600", ".*", "a"]
    return Encoding(
        "own",
        pat_str=pattern if request.param == "native" else r"\w+|\W",
        mergeable_ranks=BYTES,
        special_tokens={name: 1000 + i for i, name in enumerate(names)},
    )


def test_default_refuses_all() -> None:
    enc = tokenkit.get_encoding("cl100k_base")
    for call in (enc.encode, enc.encode_to_numpy, enc.encode_with_unstable):
        with pytest.raises(SpecialTokenError, match="endoftext") as caught:
            call(f"a {END}")
        assert "allowed_special={'<|endoftext|>'}" in str(caught.value)
        assert "disallowed_special=()" in str(caught.value)
    with pytest.raises(SpecialTokenError):
        enc.encode_batch(["a", END])


def test_allowed_and_disallowed() -> None:
    enc = tokenkit.get_encoding("cl100k_base")
    text = f"{END}{MIDDLE}"
    assert enc.encode(text, allowed_special="all") == [100257, 100259]
    ordinary = enc.encode_ordinary(text)
    assert enc.encode(text, disallowed_special=()) == ordinary
    assert enc.encode(text, allowed_special={"unknown"}, disallowed_special=()) == ordinary
    one = enc.encode(text, allowed_special={END}, disallowed_special=())
    assert one == [100257, *enc.encode_ordinary(MIDDLE)]
    with pytest.raises(SpecialTokenError, match="fim_middle"):
        enc.encode(text, allowed_special={END})
    with pytest.raises(SpecialTokenError, match="endoftext"):
        # What is refused by name is refused even if it is allowed.
        enc.encode(text, allowed_special="all", disallowed_special=[END])
    assert enc.encode(text, allowed_special={END: 1}.keys() | {MIDDLE}) == [100257, 100259]
    assert enc.encode(text, allowed_special={END: 1, MIDDLE: 2}.keys()) == [100257, 100259]


def test_any_text_can_be_refused() -> None:
    enc = tokenkit.get_encoding("cl100k_base")
    with pytest.raises(SpecialTokenError, match="secret"):
        enc.encode("a secret", disallowed_special={"secret"})
    with pytest.raises(SpecialTokenError, match="secret"):
        enc.encode_to_numpy(b"a secret", disallowed_special={"secret"})
    assert enc.encode("a sec", disallowed_special={"secret"}) == enc.encode("a sec")


@pytest.mark.parametrize("nothing", [None, False, 0, "", (), [], set(), {}])
def test_any_false_value_refuses_nothing(nothing: Any) -> None:
    """As in tiktoken 0.14, of which batches and the rest take as much."""
    enc = tokenkit.get_encoding("cl100k_base")
    ids = enc.encode_ordinary(END)
    assert enc.encode(END, disallowed_special=nothing) == ids
    assert enc.encode_batch([END], disallowed_special=nothing) == [ids]
    assert enc.encode_to_numpy(END, disallowed_special=nothing).tolist() == ids
    enc.encode_with_unstable(END, disallowed_special=nothing)
    assert enc.encode(END, allowed_special={END}, disallowed_special=nothing) == [100257]


@pytest.mark.parametrize("argument", ["allowed_special", "disallowed_special"])
@pytest.mark.parametrize("value", [5, [[]], [{"a": 1}], {5}, [None]])
def test_wrong_values_are_named(argument: str, value: Any) -> None:
    enc = tokenkit.get_encoding("cl100k_base")
    with pytest.raises(TypeError, match=rf"^{argument}: expected "):
        enc.encode(END, **{argument: value})
    if argument == "allowed_special":
        with pytest.raises(TypeError, match=r"^allowed_special: expected "):
            enc.count(END, allowed_special=value)


def test_sets_that_change_are_read_anew() -> None:
    enc = tokenkit.get_encoding("cl100k_base")
    allowed = {MIDDLE}
    assert enc.encode(END, allowed_special=allowed, disallowed_special=()) != [100257]
    allowed.add(END)
    assert enc.encode(END, allowed_special=allowed) == [100257]
    enc.special_tokens_set.clear()
    assert enc.encode(END, allowed_special="all") == [100257]


def test_many_different_sets() -> None:
    enc = tokenkit.get_encoding("o200k_harmony")
    for name in sorted(enc.special_tokens_set)[:200]:
        assert enc.encode(name, allowed_special={name}) == [enc._special_tokens[name]]
        assert enc.count(name, allowed_special=[name]) == 1


def test_counting_never_refuses() -> None:
    enc = tokenkit.get_encoding("cl100k_base")
    assert enc.count(END) == len(enc.encode_ordinary(END)) == enc.within(END, 100)
    assert enc.count(END, allowed_special="all") == 1
    assert enc.count(END.encode(), allowed_special=(END,)) == 1
    with pytest.raises(TypeError, match="allowed_special"):
        enc.count(END, allowed_special=END)
    with pytest.raises(TypeError):
        enc.count(END, allowed_special=[5])  # type: ignore[list-item]


def test_longest_token_wins(own: Encoding) -> None:
    def ids(text: str, *allowed: str) -> list[int]:
        return own.encode(text, allowed_special=set(allowed), disallowed_special=())

    assert ids("<|a|>b", "<|a|>", "<|a|>b") == [1001]
    assert ids("<|a|>b", "<|a|>") == [1000, ord("b")]
    assert ids("aaa", "aa", "a") == [1002, 1006]
    assert ids("aaa", "a") == [1006] * 3
    assert ids("xéx", "é") == [ord("x"), 1003, ord("x")]
    assert ids("\ud83d\ude00", "\U0001f600") == [1004]
    assert ids("a.*", ".*") == [ord("a"), 1005]
    assert own.decode([1001, 1003]) == "<|a|>bé"


def test_overlapping_ids() -> None:
    # A special token may have the id of an ordinary one, which then is what the id decodes to.
    enc = Encoding("own", pat_str=".", mergeable_ranks={b"a": 0}, special_tokens={"<s>": 0})
    assert enc.encode("a<s>", allowed_special="all") == [0, 0]
    assert enc.decode([0]) == "a"


@given(data=st.data())
def test_special_tokens_cut_the_text(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["p50k_edit", "cl100k_base", "o200k_harmony"]))
    enc = tokenkit.get_encoding(name)
    names = sorted(enc.special_tokens_set)[:6]
    allowed = data.draw(st.sets(st.sampled_from(names)))
    parts = data.draw(st.lists(st.one_of(strategies.texts(name), st.sampled_from(names))))
    text = oracle.joined("".join(parts))
    expected = []
    start = 0
    while start < len(text):
        found = [(at, token) for token in allowed if (at := text.find(token, start)) >= 0]
        at, token = min(found, default=(len(text), ""))
        expected += oracle.encode(enc, text[start:at])
        expected += [enc._special_tokens[token]] if token else []
        start = at + len(token)
    assert enc.encode(text, allowed_special=allowed, disallowed_special=()) == expected
    assert enc.count(text, allowed_special=allowed) == len(expected)
