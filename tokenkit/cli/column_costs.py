"""`tokenkit cost --field/--column`: the cost of the rows of data sets, by model and tier."""

from __future__ import annotations

from tokenkit.cli.shared.app import INTERRUPTED
from tokenkit.cli.shared.datasets import bytes_of, found_files, kind_for
from tokenkit.cli.shared.inputs import Skipped
from tokenkit.cli.shared.options import chosen_columns
from tokenkit.cli.shared.output import print_records, print_table, say
from tokenkit.cli.shared.progress import row_progress
from tokenkit.cli.shared.row_counts import RowCounter
from tokenkit.inputs import Distribution, file_parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from tokenkit.costs import Cost

__all__ = ["price_columns"]

FAILED = 2


def price_columns(
    paths: Sequence[str], models: tuple[str, ...], output_tokens: int, options: dict[str, Any]
) -> int:
    """Print the cost of all rows in each model and tier; return the exit code."""
    columns = chosen_columns(models, ())
    for model in models:  # a tier or a day that is wrong is an error before anything is counted
        list(_bills(Distribution(), model, 0, options))
    skipped = Skipped()
    files = found_files(paths, options, skipped)
    parts = file_parts(files, lambda path: kind_for(path, options))
    counter = RowCounter(columns, options)
    code = 0
    try:
        with row_progress(bytes_of(parts)) as seen:
            counter.count(parts, seen)
    except KeyboardInterrupt:
        say("tokenkit: interrupted; this is the cost of what was counted", err=True)
        code = INTERRUPTED
    records = [
        _record(model, spread, bill)
        for model, spread in zip(models, counter.spreads, strict=True)
        for bill in _bills(spread, model, output_tokens, options)
    ]
    _show(records, options["output_format"])
    skipped.say()
    counter.complaints.say()
    return code or (FAILED if counter.failed else 0)


def _bills(
    spread: Distribution, model: str, output_tokens: int, options: dict[str, Any]
) -> Iterator[Cost]:
    """The cost of all rows, each a request of its own: in the tier that is asked for, else in all
    that the model's prices list on that day."""
    from tokenkit.costs import price_moment
    from tokenkit.models import get_model

    record = get_model(model)
    listed = record.prices_on(price_moment(options["at"]))
    reply = output_tokens if record.writes_reply else 0
    tiers = [options["tier"]] if options["tier"] else dict.fromkeys(("standard", *listed))
    for tier in tiers:
        yield spread.cost(model, tier, options["at"], output_tokens=reply)


def _record(model: str, spread: Distribution, bill: Cost) -> dict[str, Any]:
    return {
        "model": model,
        "tier": bill.tier,
        "rows": spread.rows,
        "missing": spread.missing,
        "tokens": spread.tokens,
        "cost_usd": f"{bill.total:f}",
        "partial": bill.partial,
        "as_of": bill.as_of.isoformat(),
    }


def _show(records: list[dict[str, Any]], form: str) -> None:
    if form != "text":
        print_records(records, form)
        return
    table: list[tuple[str, ...]] = [("model", "tier", "rows", "tokens", "USD", "prices of", "")]
    for record in records:
        usd = f"{record['cost_usd']}{'+' if record['partial'] else ''}"
        remark = "partial: not all has a listed price" if record["partial"] else ""
        cells = (record["model"], record["tier"], record["rows"], record["tokens"], usd)
        table.append((*map(str, cells), record["as_of"], remark))
    print_table(table)
