"""How many requests of an embeddings API take a corpus, of which only the counts are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tokenkit._checks import check_tokens
from tokenkit.chunking.packing import check_embedding, item_limit
from tokenkit.fitting import request_limits
from tokenkit.models import Model, get_model

__all__ = ["PackedRequests", "packed_requests"]


@dataclass(frozen=True)
class PackedRequests:
    """The number of requests of an embeddings API that take all rows of a corpus.

    `requests` is what `pack` needs for the rows sorted by their counts, the largest first, so it
    depends on no order and on no partition. `low` is the least that any packing needs, and `high`
    the most that `pack` needs for any order of the rows. A request takes `inputs_per_request`
    inputs and `tokens_per_request` tokens. `rows` are those that are packed; `empty` ones, and
    those that are `too_long` for an input (over `max_input_tokens`, None: no limit but the
    request's), are left out, as the API refuses them.
    """

    requests: int
    low: int
    high: int
    rows: int
    empty: int
    too_long: int
    inputs_per_request: int
    tokens_per_request: int
    max_input_tokens: int | None

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as JSON-like data."""
        return dict(vars(self))


def packed_requests(
    rows_by_tokens: Mapping[int, int],
    model: str | Model | None,
    *,
    inputs_per_request: int | None = None,
    tokens_per_request: int | None = None,
) -> PackedRequests:
    """Count the requests that take rows of known counts: number of tokens -> number of rows.

    `inputs_per_request` and `tokens_per_request` are `max_inputs` and `max_tokens` of `pack`, by
    default the model's. Raises ValueError for a model that makes no embeddings, and where a limit
    is neither known nor given; UnknownModelError.

    >>> packed = packed_requests({8_000: 40, 10: 5_000, 0: 3}, "text-embedding-3-small")
    >>> packed.requests, packed.low, packed.high, packed.empty
    (4, 3, 4, 3)
    """
    record = None if model is None else get_model(model)
    if record is not None:
        check_embedding(record)
    longest = None if record is None else item_limit(record)[0]
    known = {} if record is None else request_limits(record)
    inputs = _limit("inputs_per_request", inputs_per_request, known.get("max_inputs"))
    tokens = _limit("tokens_per_request", tokens_per_request, known.get("max_tokens"))
    most = tokens if longest is None else min(longest, tokens)
    packed = {size: rows for size, rows in rows_by_tokens.items() if 0 < size <= most and rows}
    number, total = sum(packed.values()), sum(size * rows for size, rows in packed.items())
    return PackedRequests(
        requests=_by_size(packed, inputs, tokens),
        low=max(-(-number // inputs), -(-total // tokens)),
        high=_most(packed, inputs, tokens),
        rows=number,
        empty=rows_by_tokens.get(0, 0),
        too_long=sum(rows for size, rows in rows_by_tokens.items() if size > most),
        inputs_per_request=inputs,
        tokens_per_request=tokens,
        max_input_tokens=longest,
    )


def _limit(name: str, given: int | None, known: int | None) -> int:
    if given is not None:
        return check_tokens(name, given, 1)
    if known is None:
        raise ValueError(
            f"{name}: expected a number, as the limits of this embeddings API are not known here; "
            "give inputs_per_request and tokens_per_request"
        )
    return known


def _by_size(packed: Mapping[int, int], max_inputs: int, max_tokens: int) -> int:
    """Count the batches of `pack` for the rows in falling order of their sizes."""
    batches = inputs = tokens = 0  # of the batch that is open: inputs and tokens
    for size in sorted(packed, reverse=True):
        rows = packed[size]
        fitting = min(rows, max_inputs - inputs, (max_tokens - tokens) // size) if inputs else 0
        inputs, tokens, rows = inputs + fitting, tokens + fitting * size, rows - fitting
        if rows:
            each = min(max_inputs, max_tokens // size)
            batches += -(-rows // each)
            inputs = rows % each or each
            tokens = inputs * size
    return batches


def _most(packed: Mapping[int, int], max_inputs: int, max_tokens: int) -> int:
    """Give the most batches that `pack` makes, whatever the order.

    All batches but the last are full of inputs, or have more than `max_tokens` less the largest
    size. Those that are full of inputs take the fewest tokens from the others if they hold the
    smallest rows: as many of these are taken as cost less than a batch of the other kind.
    """
    if not packed:
        return 0
    least = max_tokens - max(packed) + 1
    left = sum(size * rows for size, rows in packed.items())
    full = inputs = tokens = 0
    for size in sorted(packed):
        rows = packed[size]
        filling = min(rows, max_inputs - inputs)
        inputs, tokens, rows = inputs + filling, tokens + filling * size, rows - filling
        if inputs < max_inputs:
            continue
        more, rest = divmod(rows, max_inputs)
        groups = [(1, tokens), (more, max_inputs * size)]
        for number, each in groups:
            if each < least:
                full, left = full + number, left - number * each
        inputs, tokens = rest, rest * size
    return min(sum(packed.values()), full + left // least + 1)
