"""Prints costs: for people line by line, as records, or added up by day, model or session."""

from __future__ import annotations

from typing import Any

from tokenkit.cli.shared.output import print_json, print_records, print_table, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tokenkit.costs import Cost


_MOST_NOTES = 20


def print_costs(costs: Sequence[Cost], output_format: str, doubts: Sequence[str] = ()) -> None:
    """Print each cost with its lines, and the sum of several; `doubts` are not in them."""
    from tokenkit.costs import total_of

    total, partial = total_of(costs), bool(doubts) or any(bill.partial for bill in costs)
    if output_format == "json":
        records = [bill.to_dict() for bill in costs]
        more = {"doubts": list(doubts)} if doubts else {}
        print_json({"costs": records, "total": f"{total:f}", "partial": partial, **more})
        return
    if output_format == "jsonl":
        print_records([bill.to_dict() for bill in costs], output_format)
    elif output_format != "text":
        print_records([line for bill in costs for line in _line_records(bill)], output_format)
    else:
        for bill in costs:
            _print_bill(bill)
        if len(costs) > 1 or doubts:
            say(f"all together {'at least ' if partial else ''}{total:f} USD")
        _print_notes(costs)
    say_doubts(doubts)


def say_doubts(doubts: Sequence[str]) -> None:
    """Say on standard error what sums do not hold."""
    for doubt in doubts[:_MOST_NOTES]:
        say(f"tokenkit: not read, so the total is partial: {doubt}", err=True)
    if len(doubts) > _MOST_NOTES:
        rest = len(doubts) - _MOST_NOTES
        say(f"tokenkit: and {rest} more; --format json has them all", err=True)


def _print_notes(costs: Sequence[Cost], *, err: bool = False) -> None:
    """Print what the costs note, each note once."""
    notes = list(dict.fromkeys(f"{bill.model}: {note}" for bill in costs for note in bill.notes))
    for note in notes[:_MOST_NOTES]:
        say(f"note: {note}", err=err)
    if len(notes) > _MOST_NOTES:
        more = f"and {len(notes) - _MOST_NOTES} more notes; --format json has them all"
        say(more if not err else f"and {len(notes) - _MOST_NOTES} more notes", err=err)


def print_sums(
    costs: Sequence[tuple[Mapping[str, str], Cost]],
    by: Sequence[str],
    output_format: str,
    doubts: Sequence[str] = (),
) -> None:
    """Print what each day, model, session, or each of several together, cost in all.

    Notes of costs that are partial go to standard error, and so do `doubts`.
    """
    from tokenkit.costs import total_of

    by = list(dict.fromkeys(by))
    groups: dict[tuple[str, ...], list[Cost]] = {}
    for names, bill in costs:
        groups.setdefault(tuple(names[name] for name in by), []).append(bill)
    bills = [bill for _, bill in costs]
    total, partial = total_of(bills), bool(doubts) or any(bill.partial for bill in bills)
    records: list[dict[str, Any]] = [
        {
            **dict(zip(by, group, strict=True)),
            "responses": len(members),
            "total": f"{total_of(members):f}",
            "partial": any(bill.partial for bill in members),
        }
        for group, members in sorted(groups.items())
    ]
    if output_format == "json":
        more = {"doubts": list(doubts)} if doubts else {}
        key = f"by_{'_'.join(by)}"
        print_json({key: records, "total": f"{total:f}", "partial": partial, **more})
    elif output_format != "text":
        print_records(records, output_format)
    else:
        _print_sums(records, by, ("total", str(len(bills)), f"{total:f}", partial))
    _print_notes([bill for bill in bills if bill.partial], err=True)
    if output_format != "json":
        say_doubts(doubts)


def _print_sums(
    records: Sequence[Mapping[str, Any]], by: Sequence[str], last: tuple[str, str, str, bool]
) -> None:
    """Print the table of sums for people, and its last line."""
    rows: list[tuple[str, ...]] = [(*by, "responses", "USD", "")]
    for record in records:
        names = tuple(record[name] for name in by)
        partial = "partial" if record["partial"] else ""
        rows.append((*names, str(record["responses"]), record["total"], partial))
    name, responses, total, partial_total = last
    blanks = [""] * (len(by) - 1)
    rows.append((name, *blanks, responses, total, "partial" if partial_total else ""))
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
