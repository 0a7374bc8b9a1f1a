"""Totals of requests: sums, bounds, notes, prices."""

from __future__ import annotations

from decimal import Decimal

import tokenkit
from tokenkit.inputs import batch_report
from tokenkit.inputs.batch_report import RequestTotal

PRICE = tokenkit.cost("gpt-4o", input_tokens=1_000)
UNPRICED = tokenkit.cost("gpt-4o", input_tokens=1_000, tier="flex")


def empty() -> RequestTotal:
    return RequestTotal(tokens=0, low=0, high=0, exact=True, model="gpt-4o")


def test_a_total_adds_up() -> None:
    count = tokenkit.TokenCount(10, 8, 12, False, ("estimated",))
    total = empty().plus(count, PRICE, reply=5).plus(count, PRICE, reply=7, trained=3)
    assert (total.tokens, total.low, total.high, total.exact) == (20, 16, 24, False)
    assert (total.requests, total.max_output, total.training_tokens) == (2, 12, 3)
    assert (total.cost, total.partial, total.notes) == (2 * PRICE.total, False, ("estimated",))


def test_what_is_unbounded_or_unpriced_stays_so() -> None:
    exact = tokenkit.TokenCount(10, 10, 10, True)
    total = empty().plus(tokenkit.TokenCount(5, 3, None, False), UNPRICED).plus(exact, PRICE)
    assert (total.tokens, total.low, total.high, total.exact) == (15, 13, None, False)
    assert (total.partial, total.cost) == (True, PRICE.total)
    assert (empty().cost, empty().partial, empty().exact) == (Decimal(0), False, True)


def test_notes_are_bounded() -> None:
    total = empty()
    for number in range(batch_report.MAX_NOTES + 5):
        note = f"line {number}: unknown"
        total = total.plus(tokenkit.TokenCount(1, 1, 2, False, (note,)), PRICE)
    assert len(total.notes) == batch_report.MAX_NOTES
    assert (total.notes[0], total.requests) == ("line 0: unknown", batch_report.MAX_NOTES + 5)
