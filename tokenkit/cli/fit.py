"""`tokenkit fit`, and the options of a fit."""

from __future__ import annotations

import json
from typing import Any

import click

from tokenkit.cli.shared.inputs import complain, read_chat, read_json
from tokenkit.cli.shared.options import PATH, complete_model
from tokenkit.errors import ContextOverflowError, InputError, TokenkitError
from tokenkit.inputs import STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from tokenkit.fitting import Fit

    Function = TypeVar("Function", bound=Callable[..., Any])

OVER = 1  # the exit code of what does not fit
EXAMPLES = """\b
Examples:
  tokenkit fit chat.json -m gpt-5.4 > fitted.json
  tokenkit fit request.json --max-output 4000 --strategy middle_out
  tokenkit fit chat.json -m gpt-4 --shrink none --format jsonl
"""


def max_output_value(value: str) -> str | int:
    """ "auto" or a number of tokens, for click."""
    if value == "auto":
        return value
    if not value.isdecimal() or not int(value):
        raise click.BadParameter(f"{value!r} is neither auto nor a number of tokens above 0.")
    return int(value)


def fit_options(function: Function) -> Function:
    """Adds what `tokenkit.fit` can be told, but for the model and the reply."""
    for option in reversed(
        (
            click.option(
                "--min-output",
                type=click.IntRange(min=0),
                default=256,
                show_default=True,
                metavar="N",
                help="With auto: the least that the reply may have.",
            ),
            click.option(
                "--reasoning-reserve",
                type=click.IntRange(min=0),
                default=0,
                metavar="N",
                help="Tokens kept free besides, for reasoning.",
            ),
            click.option(
                "--safety",
                type=click.FloatRange(0, 1, max_open=True),
                default=0.0,
                metavar="SHARE",
                help="Share of the limit kept free, such as 0.05.",
            ),
            click.option(
                "--protect",
                type=click.Choice(["system", "first_user", "last_user"]),
                multiple=True,
                help="What stays as long as it can; repeat it. Default: all three.",
            ),
            click.option(
                "--strategy",
                type=click.Choice(["recent", "middle_out"]),
                default="recent",
                show_default=True,
                help="What goes first: the oldest, or the middle.",
            ),
            click.option(
                "--shrink",
                type=click.Choice(["tool_results", "none"]),
                default="tool_results",
                show_default=True,
                help="What may be shortened.",
            ),
            click.option("--tools", type=PATH, metavar="FILE", help="A JSON list of tools."),
        )
    ):
        function = option(function)
    return function


@click.command(epilog=EXAMPLES)
@click.argument("file", default=STDIN, type=PATH, metavar="[FILE|-]")
@click.option(
    "-m",
    "--model",
    metavar="NAME",
    shell_complete=complete_model,
    help="For this model; default: the one that the request names.",
)
@click.option(
    "--max-output",
    type=max_output_value,
    default="auto",
    show_default=True,
    metavar="auto|N",
    help="Tokens for the reply; auto: what is left.",
)
@fit_options
@click.option("-q", "--quiet", is_flag=True, help="No report on standard error.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["json", "jsonl"]),
    default="json",
    show_default=True,
    help="The chat as one value, or a message per line.",
)
@click.pass_context
def fit(context: click.Context, /, file: str, **options: Any) -> None:
    """Make a chat fit a model's window together with the reply.

    The input is JSON: a list of messages in OpenAI's chat format, or a request that holds it. The
    same comes out, fitted; a request also gets the number of tokens for the reply. What was
    dropped and shortened is reported on standard error. The exit code is 1 if what must stay does
    not fit; nothing is printed then.
    """
    try:
        messages, request = read_chat(file)
        fitted = fitted_chat(messages, request, options)
    except InputError as error:
        complain(file, error)
        context.exit(2)
    except ContextOverflowError as error:
        complain(file, error)
        context.exit(OVER)
    except (ValueError, TypeError, TokenkitError) as error:
        complain(file, error)
        context.exit(2)
    if not options["quiet"]:
        click.echo(fitted.report(), err=True)
    if options["output_format"] == "jsonl":
        for message in fitted.messages:
            click.echo(json.dumps(message, ensure_ascii=False))
        return
    chat: Any = fitted_request(request, fitted) if request else fitted.messages
    click.echo(json.dumps(chat, ensure_ascii=False, indent=2))


def fitted_chat(messages: list[Any], request: dict[str, Any], options: dict[str, Any]) -> Fit:
    """The chat fitted as the options say. Raises as `tokenkit.fit` and `read_json` do."""
    from tokenkit.fitting import fit as fit_messages

    model = options["model"] or request.get("model")
    if not isinstance(model, str):
        raise click.UsageError("For which model? Name one with --model gpt-5.4.")
    tools = _tools(options["tools"]) if options["tools"] else request.get("tools")
    return fit_messages(
        messages,
        model,
        max_output=options["max_output"],
        min_output=options["min_output"],
        tools=tools,
        reasoning_reserve=options["reasoning_reserve"],
        safety=options["safety"],
        protect=options["protect"] or ("system", "first_user", "last_user"),
        strategy=options["strategy"],
        shrink_results=options["shrink"] == "tool_results",
    )


def _tools(name: str) -> Any:
    try:
        return read_json(name)
    except InputError as error:
        raise InputError(f"its tools in {click.format_filename(name)}: {error}") from None


def fitted_request(request: dict[str, Any], fitted: Fit) -> dict[str, Any]:
    """The request with the messages that stay, and with the reply's number of tokens under the
    name that it used, else the newer of the two."""
    name = "max_tokens" if "max_tokens" in request else "max_completion_tokens"
    changed = {**request, "messages": fitted.messages}
    if fitted.max_output is not None:
        changed[name] = fitted.max_output
    return changed
