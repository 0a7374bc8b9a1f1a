"""Facts about added tokens that are found when a file is compiled."""

from __future__ import annotations

from hypothesis import given, strategies as st

from tokenkit.encodings.compile.token_search import may_overlap

PARTS = st.lists(
    st.text(alphabet="<>ab", min_size=1, max_size=4) | st.sampled_from(["<a>", "<b>", "<ab>"]),
    max_size=5,
)


def overlaps(one: str, other: str) -> bool:
    """Whether one string may stand where the other does in part: not only at its very place."""
    text = f"\0{other}\0"
    for start in range(1 - len(one), len(other)):
        places = [(k, one[k - start]) for k in range(start, start + len(one))]
        inside = [(k, c) for k, c in places if 0 <= k < len(other)]
        same = start == 0 and len(one) == len(other)
        if inside and not same and all(text[k + 1] == c for k, c in inside):
            return True
    return False


@given(some=PARTS, others=PARTS)
def test_overlaps_are_those_of_every_pair(some: list[str], others: list[str]) -> None:
    wanted = {one for one in some if any(overlaps(one, other) for other in others)}
    assert may_overlap(some, others) == wanted
