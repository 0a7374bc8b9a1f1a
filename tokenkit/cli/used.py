"""`tokenkit cost --usage`: prices the usage objects, responses and session logs of files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tokenkit.cli.bills import print_costs, print_sums, say_doubts
from tokenkit.cli.shared.inputs import Complaints
from tokenkit.cli.shared.output import complain
from tokenkit.cli.usage_files import usage_files, usage_values
from tokenkit.errors import InputError, TokenkitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokenkit.costs import Cost

UNKNOWN = "unknown"


def price_usage(names: tuple[str, ...], models: tuple[str, ...], options: dict[str, Any]) -> int:
    """Print the costs of what files hold; return the exit code."""
    run = _Run(models, options)
    for name in names:
        try:
            for file in usage_files([name]):
                run.read(file)
        except InputError as error:
            complain(name, error)
            run.failed = True
    doubts = run.end()
    run.complaints.say()
    by = options["by"]
    if not by and run.of_logs and options["output_format"] == "text":
        by = ("model",)  # nobody reads a bill for each of the many requests of an agent
    if run.costs and by:
        print_sums(run.costs, by, options["output_format"], doubts)
    elif run.costs:
        print_costs([cost for _, cost in run.costs], options["output_format"], doubts)
    else:
        say_doubts(doubts)
        run.failed = run.failed or bool(doubts)
    return 2 if run.failed or run.complaints.number else 0


@dataclass
class _Run:
    """Reads files, prices what they hold, and keeps the costs by day and session."""

    models: tuple[str, ...]
    options: dict[str, Any]
    complaints: Complaints = field(default_factory=Complaints)
    costs: list[tuple[dict[str, str], Cost]] = field(default_factory=list)
    failed: bool = False
    of_logs: bool = False
    providers: dict[str | None, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from tokenkit.shapes import AgentLogs

        self.logs = AgentLogs()

    def read(self, file: str) -> None:
        """Price the usage objects of a file; lines of session logs wait for those of all files."""
        read = False
        try:
            for where, value, problem in usage_values(file, self.options):
                read = True
                if problem:
                    self.complaints.add(file, f"{where}: {problem}")
                elif not self.logs.take(file, where or "the value", value):
                    self._read_value(file, where, value)
            if not read:
                raise InputError("expected usage objects, got none")
        except InputError as error:
            complain(file, error)
            self.failed = True

    def _read_value(self, file: str, where: str, value: Any) -> None:
        from tokenkit.shapes import session_of, usage_records

        for path, record in usage_records(value):
            place = ": ".join(part for part in (where, path) if part) or "the value"
            session = session_of(record) or session_of(value)
            self._price(file, place, record, session)

    def end(self) -> list[str]:
        """Price the requests of session logs, each once; return what is in doubt of them."""
        records = self.logs.records()
        self.of_logs = bool(records)
        for record in records:
            file, _, place = record.where.rpartition(": ")
            self._price(file, place, record.value, record.session)
        return self.logs.doubts

    def _price(self, file: str, place: str, value: Any, session: str | None) -> None:
        try:
            for day, cost in self._costs(value):
                groups = {"day": day, "model": cost.model, "session": session or UNKNOWN}
                self.costs.append((groups, cost))
        except (ValueError, TypeError, TokenkitError) as error:
            self.complaints.add(file, f"{place}: {error}")

    def _costs(self, value: Any) -> Iterator[tuple[str, Cost]]:
        """The day of a response, and its cost with each model, by default its own.

        Reading takes the time, and depends on the model's provider: it is done with that of the
        earlier responses of the same model, and again where that is another one.
        """
        from tokenkit.costs import cost_of_reading
        from tokenkit.models import get_model
        from tokenkit.shapes import read_usage

        if not isinstance(value, dict):
            raise ValueError(f"expected a usage object, got {type(value).__name__}")
        message = value.get("message")
        named = message.get("model") if isinstance(message, dict) else value.get("model")
        named = named if isinstance(named, str) else None
        provider = self.providers.get(named)
        reading = read_usage(value, provider=provider)
        if not self.models and reading.model is None:
            raise ValueError("expected a model, got none; name one with --model gpt-5.4")
        day = UNKNOWN if reading.day is None else reading.day.isoformat()
        tier, at = self.options["tier"], self.options["at"]
        for model in self.models or (reading.model,):
            record = get_model(str(model))
            self.providers[named] = record.provider
            own = reading
            if record.provider != provider:
                own = read_usage(value, provider=record.provider)
            yield day, cost_of_reading(own, record, tier=tier, at=at)
