"""The report on a corpus: the texts of a column, wherever it lies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from tokenkit._checks import check_tokens
from tokenkit.chunking import PackedRequests, packed_requests
from tokenkit.costs import Cost
from tokenkit.encodings import Encoding, encoding_of
from tokenkit.fitting import Budget
from tokenkit.inputs import Distribution, OnInvalid, checked_bins, column_spread
from tokenkit.models import Model, get_model
from tokenkit.views.report_result import TokenReport

__all__ = ["report_of", "token_report"]

# These tiers are in each report, also where a model lists no prices for them.
TIERS = ("standard", "batch")


def token_report(
    data: Any,
    column: str,
    model: str | Model | None = None,
    *,
    encoding: str | Encoding | None = None,
    limit: int | None = None,
    bins: Sequence[int] | None = None,
    inputs_per_request: int | None = None,
    tokens_per_request: int | None = None,
    at: date | str | None = None,
    errors: OnInvalid = "raise",
    num_threads: int | None = None,
) -> TokenReport:
    """Report the tokens of a column of texts: sums, spread, limit, cost, embedding requests.

    `data` is a frame of Polars (also lazy) or pandas; a table, record batch, reader or data set of
    PyArrow; a relation of DuckDB; a frame of Spark, Dask or Daft; a data set of Ray or of Hugging
    Face's `datasets`; any table that offers Arrow's C stream; or the path of a data file, of a
    folder of these, or a pattern such as "data/*.parquet". Frames of Spark, Dask and Ray are
    counted by their workers. The numbers are the same for each of them, and memory does not grow
    with the rows.

    `limit` is the most tokens that a row should have, by default the model's own for an input.
    `bins` are the largest counts of the histogram's groups, by default powers of two.
    `inputs_per_request` and `tokens_per_request` limit an embedding request, by default as the
    model's API does. `at` is the day of the prices, as in `cost`. With `errors="null"`, rows that
    are not UTF-8 are counted as `invalid`. `num_threads` is for this process only.

    Raises ValueError unless exactly one of model and encoding is given, for a row that is not UTF-8
    (naming column and row, from 0; in a cluster the row of its part) and for numbers out of range;
    InputError for a column that is not there and for files that cannot be read; TypeError for a
    column without texts and for other data; what `encoding_for_model` and `get_encoding` raise.

    >>> import pyarrow, tokenkit
    >>> table = pyarrow.table({"text": ["hello world", "hi", None]})
    >>> print(tokenkit.token_report(table, "text", "text-embedding-3-small", at="2026-11-29"))
    text (text-embedding-3-small, cl100k_base): rows 2, nulls 1, invalid 0
    tokens 3, min 1, median 1, p95 2, max 2
    rows over 8191 tokens (safe_input_tokens): 0
    standard: 0.00000006 USD
    batch: 0.00000003 USD
    embedding requests: 1 (in any order 1 to 1; rows left out: 0 empty, 0 too long)
    """
    chosen = encoding_of(model, encoding)
    settings: dict[str, Any] = {"limit": limit, "bins": bins, "at": at}
    settings |= {"inputs_per_request": inputs_per_request, "tokens_per_request": tokens_per_request}
    # Before the data are read: what is wrong with the settings shows at once.
    report_of(Distribution(), column, model, chosen, **settings)
    spread = column_spread(data, column, chosen, errors=errors, num_threads=num_threads)
    return report_of(spread, column, model, chosen, **settings)


def report_of(
    spread: Distribution,
    column: str,
    model: str | Model | None,
    encoding: Encoding,
    *,
    limit: int | None = None,
    bins: Sequence[int] | None = None,
    inputs_per_request: int | None = None,
    tokens_per_request: int | None = None,
    at: date | str | None = None,
    notes: tuple[str, ...] = (),
) -> TokenReport:
    """Make the report of rows that were counted; see `token_report`. `notes` say why the counts are
    not exact, if they are not."""
    record = None if model is None else get_model(model)
    limit_name = None
    if limit is not None:
        limit, limit_name = check_tokens("limit", limit), "limit"
    elif record is not None:
        limit, limit_name = _own_limit(record)
    notes += _notes(record)
    requests, reason = _requests(spread, record, inputs_per_request, tokens_per_request)
    return TokenReport(
        column=column,
        encoding=encoding.name,
        model=None if record is None else record.name,
        distribution=spread,
        exact=not notes,
        limit=limit,
        limit_name=limit_name,
        costs={} if record is None else _costs(spread, record, at),
        requests=requests,
        notes=(*notes, *reason),
        bins=None if bins is None else tuple(checked_bins(bins)),
    )


def _own_limit(record: Model) -> tuple[int | None, str | None]:
    """Give the most tokens of a model's input and the limit's name, None where none is known."""
    try:
        budget = Budget.for_model(record)
    except ValueError:  # none is published
        return None, None
    return budget.input_limit, budget.limit_name


def _notes(record: Model | None) -> tuple[str, ...]:
    if record is None or record.encoding_exact:
        return ()
    return (f"the encoding of {record.name} is assumed to be {record.encoding}",)


def _costs(spread: Distribution, record: Model, at: date | str | None) -> dict[str, Cost]:
    tiers = dict.fromkeys((*TIERS, *record.prices))
    return {tier: spread.cost(record, tier, at) for tier in tiers}


def _requests(
    spread: Distribution, record: Model | None, inputs: int | None, tokens: int | None
) -> tuple[PackedRequests | None, tuple[str, ...]]:
    """Count embedding requests; None, and why, where the limits of a request are not known."""
    asked = inputs is not None or tokens is not None
    if not asked and (record is None or record.kind != "embedding"):
        return None, ()
    try:
        limits = {"inputs_per_request": inputs, "tokens_per_request": tokens}
        return packed_requests(spread.counts, record, **limits), ()
    except ValueError as error:
        if asked:
            raise
        return None, (str(error),)
