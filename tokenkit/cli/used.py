"""`tokenkit cost --usage`: prices the usage objects and responses of a file."""

from __future__ import annotations

import json
from typing import Any

from tokenkit._checks import json_fault
from tokenkit.cli.bills import print_costs, print_sums
from tokenkit.cli.shared.inputs import Complaints, TextReader
from tokenkit.cli.shared.output import complain
from tokenkit.errors import InputError, TokenkitError
from tokenkit.inputs import check_json_memory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokenkit.costs import Cost

_BYTE_ORDER_MARK = "\ufeff"


def price_usage(name: str, models: tuple[str, ...], options: dict[str, Any]) -> int:
    """Print the costs of the usage objects of a file; return the exit code."""
    complaints = Complaints()
    costs: list[tuple[str, Cost]] = []
    try:
        reader = TextReader(options, times=4)
        text = reader.text(name)
        check_json_memory(text, reader.most, "JSON")
        for where, value, problem in _usage_objects(text):
            try:
                if problem:
                    raise ValueError(problem)
                costs += _costs_of_usage(value, models, options)
            except (ValueError, TypeError, TokenkitError) as error:
                complaints.add(name, f"{where}: {error}")
        if not costs and not complaints.number:
            raise InputError("expected usage objects, got none")
    except InputError as error:
        complain(name, error)
        return 2
    complaints.say()
    if costs and options["by"]:
        groups: dict[str, list[Cost]] = {}
        for day, cost in costs:
            groups.setdefault(day if options["by"] == "day" else cost.model, []).append(cost)
        print_sums(groups, options["by"], options["output_format"])
    elif costs:
        print_costs([cost for _, cost in costs], options["output_format"])
    return 2 if complaints.number else 0


def _costs_of_usage(
    value: Any, models: tuple[str, ...], options: dict[str, Any]
) -> list[tuple[str, Cost]]:
    """The day of a response, and its cost with each model, by default its own."""
    from tokenkit.costs import cost_from_usage
    from tokenkit.shapes import read_usage

    if not isinstance(value, dict):
        raise ValueError(f"expected a usage object, got {type(value).__name__}")
    reading = read_usage(value)
    if not models and reading.model is None:
        raise ValueError("expected a model, got none; name one with --model gpt-5.4")
    day = "unknown" if reading.day is None else reading.day.isoformat()
    return [
        (day, cost_from_usage(value, model, tier=options["tier"], at=options["at"]))
        for model in models or (None,)
    ]


def _usage_objects(text: str) -> Iterator[tuple[str, Any, str]]:
    """Give (where, value, "") for each usage object of a JSON value, or of a value per line; for
    an invalid line (where, None, the error)."""
    from tokenkit.shapes import usage_records

    text = text.removeprefix(_BYTE_ORDER_MARK)
    try:
        whole = json.loads(text)
    except RecursionError as error:
        raise InputError(f"invalid JSON: {json_fault(error)}") from None
    except ValueError:
        # Not splitlines: JSON's strings may hold what Unicode calls the end of a line.
        for number, line in enumerate(text.split("\n"), 1):
            bare = line.strip().removeprefix(_BYTE_ORDER_MARK)
            if not bare:
                continue
            try:
                value = json.loads(bare)
            except (RecursionError, ValueError) as error:
                column = f" at column {error.colno}" if hasattr(error, "colno") else ""
                problem = f"invalid JSON{column}: {json_fault(error)}"
                yield f"line {number}", None, problem
                continue
            for path, record in usage_records(value):
                yield f"line {number}: {path}" if path else f"line {number}", record, ""
        return
    if isinstance(whole, list):
        for number, item in enumerate(whole, 1):
            for path, record in usage_records(item):
                yield f"item {number}: {path}" if path else f"item {number}", record, ""
    else:
        for path, record in usage_records(whole):
            yield path or "the value", record, ""
