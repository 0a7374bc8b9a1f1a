"""`tokenkit tools`."""

from __future__ import annotations

from typing import Any

import click

from tokenkit._visible import plural
from tokenkit.cli.shared.inputs import exit_on_errors, read_json
from tokenkit.cli.shared.kinds import WholeNumber
from tokenkit.cli.shared.options import (
    PATH,
    format_option,
    model_option,
    no_model,
    number_option,
    text_encoding_option,
)
from tokenkit.cli.shared.output import print_json, print_records, print_table, say
from tokenkit.cli.shared.tokenizers import models_for, tokenizer_option
from tokenkit.inputs import STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokenkit.chat import CountPart
    from tokenkit.costs import ToolCosts

EXAMPLES = """\b
Examples:
  tokenkit tools tools.json -m gpt-5.4
  tokenkit tools github.json files.json -m gpt-5.4 -m claude-sonnet-5 --turns 1000
  tokenkit tools mcp.json -m gpt-5.4 --max-tokens 2000
  tokenkit tools mcp.json -e qwen/tokenizer.json
"""


@click.command(epilog=EXAMPLES)
@click.argument("files", nargs=-1, type=PATH, metavar="[FILE|-]...")
@model_option("Count for this model. Repeat for more.", multiple=True)
@tokenizer_option
@number_option("--turns", default=1_000, help="Price N requests that carry the tools.")
@click.option(
    "--max-tokens",
    type=WholeNumber(min=0),
    metavar="N",
    help="Exit with 1 if the tools of a model have more than N tokens in all.",
)
@text_encoding_option
@format_option("text", "json", "jsonl", "csv", "tsv")
@click.pass_context
def tools(context: click.Context, /, files: tuple[str, ...], **options: Any) -> None:
    """Count what tools add to every request: per tool, per server, per model, and in USD.

    The input is JSON: a result of MCP's tools/list, lists of several servers by their names, tools
    of OpenAI, Anthropic or Gemini, or a request that holds them. The largest tools come first.
    """
    from tokenkit.costs import tool_costs
    from tokenkit.shapes import tool_lists

    models = models_for(options["model"], options["encoding"])
    if not models:
        raise no_model()
    counted: list[tuple[str, ToolCosts]] = []
    for name in files or (STDIN,):
        with exit_on_errors(context, name):
            value = read_json(name, options)
            for server, held in tool_lists(value):
                counted += [
                    (server or name, tool_costs(held, model, turns=options["turns"]))
                    for model in models
                ]
    _print(counted, options)
    sums: dict[str, int] = {}
    for _, costs in counted:
        sums[costs.model] = sums.get(costs.model, 0) + costs.tokens
    most = options["max_tokens"]
    context.exit(int(most is not None and any(total > most for total in sums.values())))


def _print(counted: Sequence[tuple[str, ToolCosts]], options: dict[str, Any]) -> None:
    records = [
        {
            "server": server,
            "model": costs.model,
            "tool": part.where.partition(" ")[2] if part.kind == "tool" else None,
            "tokens": part.tokens,
        }
        for server, costs in counted
        for part in costs.parts
    ]
    form = options["output_format"]
    if form == "json":
        print_json([_record(server, costs) for server, costs in counted])
    elif form != "text":
        print_records(records, form)
    else:
        _print_tables(counted)


def _record(server: str, costs: ToolCosts) -> dict[str, Any]:
    names = "model tokens low high exact turns"
    return {
        "server": server,
        **{name: getattr(costs, name) for name in names.split()},
        "usd": None if costs.cost.partial else f"{costs.cost.total:f}",
        "tools": [
            {"tool": part.where.partition(" ")[2], "index": part.index, "tokens": part.tokens}
            for part in costs.parts
            if part.kind == "tool"
        ],
        "notes": list(costs.notes),
    }


def _print_tables(counted: Sequence[tuple[str, ToolCosts]]) -> None:
    for server, costs in counted:
        price = "no price is listed" if costs.cost.partial else f"{costs.cost.total:f} USD"
        about = "" if costs.exact else "about "
        tokens = f"{about}{costs.tokens} {plural(costs.tokens, 'token')}"
        turns = f"{costs.turns} {plural(costs.turns, 'request')}"
        say(f"{server}, {costs.model}: {tokens}, {price} for {turns}")
        rows = [(f"  {_name(part)}", str(part.tokens)) for part in costs.parts]
        if rows:
            print_table(rows)


def _name(part: CountPart) -> str:
    return part.where.partition(" ")[2] or "around all tools"
