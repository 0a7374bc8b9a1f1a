"""One shape of a number of tokens, wherever one is given."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Any

import pytest
from hypothesis import given, strategies as st

import tokenkit
from tokenkit import TokenCount
from tokenkit.chat import add_counts
from tokenkit.inputs import count_requests

CHAT = [{"role": "user", "content": "How far is the moon?"}]
TRAINING = b'{"messages": [{"role": "assistant", "content": "Hello!"}]}'


def every_kind_of_count() -> list[TokenCount]:
    return [
        tokenkit.count_messages(CHAT, "gpt-4o"),
        tokenkit.count_messages(CHAT, "gpt-5.4"),
        tokenkit.estimate_tokens("How far is the moon?", "gpt-4o"),
        tokenkit.estimate_tokens("How far is the moon?", "claude-sonnet-5"),
        tokenkit.fit(CHAT, "gpt-4o"),
        tokenkit.fit(CHAT, "o3"),
        *tokenkit.compare(CHAT, ["gpt-4o", "claude-sonnet-5"]),
        *count_requests([TRAINING], model="gpt-4o").totals.values(),
    ]


@pytest.mark.parametrize("count", every_kind_of_count(), ids=lambda count: type(count).__name__)
def test_every_count_has_the_same_shape(count: TokenCount) -> None:
    assert isinstance(count, TokenCount)
    assert int(count) == count.tokens
    assert count.high is not None
    assert count.low <= count.tokens <= count.high
    assert not count.exact or count.low == count.tokens == count.high
    assert count.exact or count.notes
    assert pickle.loads(pickle.dumps(count)) == count
    with pytest.raises(dataclasses.FrozenInstanceError):
        count.tokens = 1  # type: ignore[misc]


NUMBERS = st.integers(0, 1000)
COUNTS = st.builds(
    TokenCount,
    NUMBERS,
    NUMBERS,
    st.none() | NUMBERS,
    st.booleans(),
    st.lists(st.sampled_from("abc"), max_size=3).map(tuple),
)


@given(st.lists(COUNTS, max_size=6))
def test_counts_add_up(counts: list[TokenCount]) -> None:
    total = add_counts(counts)
    assert total.tokens == sum(count.tokens for count in counts)
    assert total.low == sum(count.low for count in counts)
    highs = [count.high for count in counts]
    assert total.high == (None if None in highs else sum(high or 0 for high in highs))
    assert total.exact == all(count.exact for count in counts)
    notes: Any = [note for count in counts for note in count.notes]
    assert total.notes == tuple(dict.fromkeys(notes))


def test_an_unbounded_count_is_never_said_to_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    from tokenkit.costs import comparison

    unbounded = TokenCount(10, 5, None, False, ("a file of unknown length",))
    monkeypatch.setattr(comparison, "_count_request", lambda *_: unbounded)
    row = tokenkit.compare("x", ["gpt-4o"])[0]
    assert (row.fits, row.low, row.high, row.cost_high) == (None, 5, None, None)
    assert row.cost_low == tokenkit.cost("gpt-4o", input_tokens=5).total
    assert "no upper bound" in row.reason
    assert row.notes == unbounded.notes
    fitted = dataclasses.replace(tokenkit.fit(CHAT, "gpt-4o"), high=None, exact=False)
    assert "may exceed the limit" in fitted.report()
