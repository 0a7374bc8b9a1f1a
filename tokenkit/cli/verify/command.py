"""`tokenkit verify`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click

from tokenkit._visible import plural
from tokenkit.cli.shared.inputs import TextReader, read_json_values
from tokenkit.cli.shared.options import (
    PATH,
    format_option,
    model_option,
    no_model,
    number_option,
    text_options,
    usage_errors,
)
from tokenkit.cli.shared.output import (
    as_json,
    complain,
    print_records,
    print_table,
    refuse_overwriting,
    say,
    shown_name,
)
from tokenkit.cli.shared.tokenizers import model_for, tokenizer_option
from tokenkit.cli.verify.vendors import (
    CountRequest,
    Vendor,
    checked_url,
    key_of,
    vendor_of,
)
from tokenkit.errors import InputError
from tokenkit.inputs import STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokenkit.fitting import Preflight

EXAMPLES = """\b
Examples:
  tokenkit verify -m gpt-5.4 prompt.md
  tokenkit verify -m claude-sonnet-5 texts/*.txt --send --save vectors.jsonl
  tokenkit verify -m claude-sonnet-5 --requests requests.jsonl --send
"""


@dataclass(frozen=True)
class Compared:
    """A request with our count, and the vendor's if it was asked."""

    request: CountRequest
    ours: Preflight
    theirs: int | None = None

    @property
    def within(self) -> bool | None:
        """Whether their number is within our bounds; None if there is none."""
        if self.theirs is None:
            return None
        high = self.ours.high
        return self.ours.low <= self.theirs and (high is None or self.theirs <= high)

    def record(self) -> dict[str, Any]:
        """Return the row as data."""
        record: dict[str, Any] = {
            "request": self.request.name,
            "tokens": self.ours.tokens,
            "low": self.ours.low,
            "high": self.ours.high,
            "exact": self.ours.exact,
        }
        if self.theirs is None:
            return record
        difference = self.theirs - self.ours.tokens
        return {**record, "theirs": self.theirs, "difference": difference, "within": self.within}


@click.command(epilog=EXAMPLES)
@click.argument("files", nargs=-1, type=PATH, metavar="[FILE|-]...")
@model_option("Count for this model, of OpenAI, Anthropic or Google.")
@tokenizer_option
@click.option(
    "--requests",
    "as_requests",
    is_flag=True,
    help="Read the files as requests in JSON, one or one per line. Default: each is a text, sent "
    "as one message.",
)
@click.option("--send", is_flag=True, help="Send the requests. Without it nothing is sent.")
@click.option(
    "--base-url", metavar="URL", help="Send them to this address, as the vendor's SDK takes it."
)
@number_option("--timeout", least=1, default=30, help="Limit the wait for an answer to N seconds.")
@click.option(
    "--save",
    type=PATH,
    metavar="FILE",
    help="Write the texts and the vendor's numbers as JSON lines, which `calibrate` reads.",
)
@text_options
@format_option("text", "json", "jsonl", "csv", "tsv")
@click.pass_context
def verify(context: click.Context, /, files: tuple[str, ...], **options: Any) -> None:
    """Check our counts against the vendor's count endpoint, with a key of your own.

    The key is taken from OPENAI_API_KEY, ANTHROPIC_API_KEY, or GOOGLE_API_KEY or GEMINI_API_KEY.
    Nothing is sent without --send: then the requests and the host are listed. The exit code is 1 if
    a number of the vendor is outside our bounds.
    """
    if not options["model"]:
        raise no_model()
    with usage_errors(ValueError):
        vendor, model = vendor_of(options["model"])
        model_for(model, options["encoding"])
        base = checked_url(options["base_url"]) if options["base_url"] else None
        variable, key = key_of(vendor)
    if options["save"]:
        if not options["send"]:
            raise click.UsageError("--save writes what the vendor answers; give --send, too.")
        refuse_overwriting("--save", options["save"], files or (STDIN,))
    rows, failed = _counted(files or (STDIN,), vendor, model, options)
    url = vendor.url(base, model)
    if options["send"]:
        if rows and not key:
            raise click.UsageError(f"Expected a key in the variable {variable}, got none.")
        rows, refused = _asked(rows, vendor, url, key, options["timeout"])
        failed = failed or refused
        if options["save"]:
            _save(options["save"], model, rows)
    _print(rows, options["output_format"])
    if not options["send"]:
        state = "set" if key else "not set"
        number = f"{len(rows)} {plural(len(rows), 'request')}"
        say(
            f"tokenkit: nothing was sent; --send would post {number} to {url}, with the key in "
            f"{variable} ({state})",
            err=True,
        )
    if failed:
        context.exit(2)
    context.exit(int(any(row.within is False for row in rows)))


def _counted(
    files: Sequence[str], vendor: Vendor, model: str, options: dict[str, Any]
) -> tuple[list[Compared], bool]:
    """Read and count the requests of all files; return them, and whether one failed."""
    from tokenkit.fitting import preflight

    reader = TextReader(options)
    rows: list[Compared] = []
    for name in files:
        try:
            for request in _requests(name, vendor, model, reader, options):
                if request.left_out:
                    keys = ", ".join(request.left_out)
                    complain(request.name, f"the endpoint does not take, and gets no: {keys}")
                rows.append(Compared(request, preflight(request.counted, api=vendor.api)))
        except InputError as error:
            reader.complain(name, error)
    return rows, reader.failed


def _requests(
    name: str, vendor: Vendor, model: str, reader: TextReader, options: dict[str, Any]
) -> list[CountRequest]:
    if not options["as_requests"]:
        text = reader.text(name)
        if not text:
            raise InputError("expected a text, got an empty file")
        return [vendor.text_request(name, text, model)]
    found = []
    for line, value in read_json_values(name, options):
        try:
            found.append(vendor.read_request(f"{name}:{line}", value, model))
        except InputError as error:
            raise InputError(f"line {line}: {error}") from None
    return found


def _asked(
    rows: Sequence[Compared], vendor: Vendor, url: str, key: str, seconds: int
) -> tuple[list[Compared], bool]:
    """Ask the vendor for all; return the rows that got a number, and whether one did not."""
    from tokenkit.cli.verify.sending import EndpointError, asked_tokens

    answered: list[Compared] = []
    for index, row in enumerate(rows):
        try:
            theirs = asked_tokens(
                url, row.request.sent, vendor.headers(key), vendor.answer, seconds
            )
        except EndpointError as error:
            complain(row.request.name, f"{url}: {error}")
            if error.ends and index + 1 < len(rows):
                say(f"tokenkit: not sent: {len(rows) - index - 1} more", err=True)
                break
        else:
            answered.append(Compared(row.request, row.ours, theirs))
    return answered, len(answered) < len(rows)


def _save(path: str, model: str, rows: Sequence[Compared]) -> None:
    from datetime import date

    from tokenkit._writing import whole_text

    with whole_text(path) as file:
        for row in rows:
            vector = {
                "model": model,
                **row.request.source,
                "input_tokens": row.theirs,
                "counted_on": date.today().isoformat(),
            }
            file.write(f"{as_json(vector)}\n")


def _print(rows: Sequence[Compared], form: str) -> None:
    records = [row.record() for row in rows]
    if form != "text":
        print_records(records, form)
        return
    if not rows:
        return
    asked = rows[0].theirs is not None
    head = ("theirs", "difference", "within bounds") if asked else ()
    table: list[tuple[str, ...]] = [("request", "ours", "bounds", *head)]
    for row, record in zip(rows, records, strict=True):
        high = "no upper bound" if row.ours.high is None else str(row.ours.high)
        bounds = "exact" if row.ours.exact else f"{row.ours.low} to {high}"
        theirs: tuple[str, ...] = ()
        if asked:
            verdict = "yes" if row.within else "no"
            theirs = (str(row.theirs), f"{record['difference']:+d}", verdict)
        table.append((shown_name(row.request.name), str(row.ours.tokens), bounds, *theirs))
    print_table(table)
