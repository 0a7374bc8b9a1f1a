"""Requests over a limit: which error they raise."""

from __future__ import annotations

import pytest

from tokenkit import ContextOverflowError, preflight


@pytest.mark.parametrize(("reply", "available"), [(8_190, 2), (8_192, 0), (90_000, 0)])
def test_no_less_than_nothing_is_available(reply: int, available: int) -> None:
    chat = [{"role": "user", "content": "Hello"}]
    check = preflight(model="gpt-4", messages=chat, max_tokens=reply)
    with pytest.raises(ContextOverflowError) as caught:
        check.raise_if_over()
    assert (caught.value.needed, caught.value.available) == (check.low, available)
    assert check.headroom == 8_192 - reply - check.tokens
