"""Prints costs: for people line by line, as records, or added up by day or model."""

from __future__ import annotations

from typing import Any

from tokenkit.cli.shared.output import print_json, print_records, print_table, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokenkit.costs import Cost


_MOST_NOTES = 20


def print_costs(costs: Sequence[Cost], output_format: str) -> None:
    """Print each cost with its lines, and the sum of several."""
    from tokenkit.costs import total_of

    total, partial = total_of(costs), any(bill.partial for bill in costs)
    if output_format == "json":
        records = [bill.to_dict() for bill in costs]
        print_json({"costs": records, "total": f"{total:f}", "partial": partial})
    elif output_format == "jsonl":
        print_records([bill.to_dict() for bill in costs], output_format)
    elif output_format != "text":
        print_records([line for bill in costs for line in _line_records(bill)], output_format)
    else:
        for bill in costs:
            _print_bill(bill)
        if len(costs) > 1:
            say(f"all together {'at least ' if partial else ''}{total:f} USD")
        _print_notes(costs)


def _print_notes(costs: Sequence[Cost]) -> None:
    """Print what the costs note, each note once."""
    notes = list(dict.fromkeys(f"{bill.model}: {note}" for bill in costs for note in bill.notes))
    for note in notes[:_MOST_NOTES]:
        say(f"note: {note}")
    if len(notes) > _MOST_NOTES:
        say(f"and {len(notes) - _MOST_NOTES} more notes; --format json has them all")


def print_sums(groups: dict[str, list[Cost]], by: str, output_format: str) -> None:
    """Print what each day or model cost together."""
    from tokenkit.costs import total_of

    costs = [bill for bills in groups.values() for bill in bills]
    total, partial = total_of(costs), any(bill.partial for bill in costs)
    records: list[dict[str, Any]] = [
        {
            by: name,
            "responses": len(bills),
            "total": f"{total_of(bills):f}",
            "partial": any(bill.partial for bill in bills),
        }
        for name, bills in sorted(groups.items())
    ]
    if output_format == "json":
        print_json({f"by_{by}": records, "total": f"{total:f}", "partial": partial})
    elif output_format != "text":
        print_records(records, output_format)
    else:
        rows: list[tuple[str, ...]] = [(by, "responses", "USD", "")]
        rows += [
            (
                record[by],
                str(record["responses"]),
                record["total"],
                "partial" if record["partial"] else "",
            )
            for record in records
        ]
        rows.append(("total", str(len(costs)), f"{total:f}", "partial" if partial else ""))
        print_table(rows)


def _print_bill(bill: Cost) -> None:
    say(f"{bill.model}, {bill.tier}, prices of {bill.as_of}")
    rows = [
        (
            f"  {line.item}",
            f"{line.quantity:f}",
            f"{line.price:f} per {line.unit}",
            f"{line.amount:f}",
        )
        for line in bill.lines
    ]
    rows += [(f"  {line.item}", f"{line.quantity:f}", line.reason, "-") for line in bill.unpriced]
    word = "  at least" if bill.partial else "  total"
    print_table([*rows, (word, "", "", f"{bill.total:f} USD")])


def _line_records(bill: Cost) -> list[dict[str, Any]]:
    """The lines of a bill as flat records; a line without a price has no amount but a reason."""
    head = {"model": bill.model, "tier": bill.tier, "as_of": bill.as_of.isoformat()}
    empty = {"unit": None, "price": None, "amount": None}
    priced = [{**head, **line.to_dict(), "reason": None} for line in bill.lines]
    return priced + [{**head, **line.to_dict(), **empty} for line in bill.unpriced]
