"""`tokenkit fit`."""

from __future__ import annotations

from typing import Any

import click

from tokenkit._checks import shown
from tokenkit.cli.shared.inputs import exit_on_errors, read_chat, read_json
from tokenkit.cli.shared.kinds import Choice, Number
from tokenkit.cli.shared.options import (
    PATH,
    choice_option,
    format_option,
    max_output_option,
    model_option,
    no_model,
    number_option,
    text_encoding_option,
)
from tokenkit.cli.shared.output import as_json, print_painted, shown_name, write_text
from tokenkit.cli.shared.tokenizers import model_for, tokenizer_option, window_option
from tokenkit.errors import InputError
from tokenkit.inputs import STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.fitting import Fit

EXAMPLES = """\b
Examples:
  tokenkit fit chat.json -m gpt-5.4 > fitted.json
  tokenkit fit request.json --max-output 4000 --strategy middle_out
  tokenkit fit chat.json -m gpt-4 --no-shrink-results --format jsonl
  tokenkit fit chat.json -e qwen/tokenizer.json --context-window 32768 --max-output 1024
"""
_PROTECTED: tuple[Any, ...] = ("system", "first_user", "last_user")


@click.command(epilog=EXAMPLES)
@click.argument("file", default=STDIN, type=PATH, metavar="[FILE|-]")
@model_option("Fit for this model. Default: the one that the request names.")
@tokenizer_option
@window_option
@max_output_option(
    "Reserve N tokens for the reply; auto: all that is left, up to the model's limit.",
    default="auto",
)
@number_option(
    "--min-output", default=256, help="With auto: leave at least N tokens for the reply."
)
@number_option("--reasoning-reserve", default=0, help="Reserve N more tokens for reasoning.")
@click.option(
    "--safety",
    type=Number(0, 1, max_open=True),
    default=0.0,
    metavar="SHARE",
    help="Keep this share of the limit free, such as 0.05.",
)
@click.option(
    "--protect",
    type=Choice(_PROTECTED),
    multiple=True,
    help="Keep these messages as long as possible. Repeat for more. Default: all three.",
)
@choice_option(
    "--strategy",
    choices=("recent", "middle_out", "api"),
    help="Drop the oldest messages first, those in the middle, or what the responses API drops.",
)
@click.option(
    "--shrink-results/--no-shrink-results",
    default=True,
    show_default=True,
    help="Shorten long tool results before messages are dropped.",
)
@click.option("--tools", type=PATH, metavar="FILE", help="Count the tools in this JSON list, too.")
@text_encoding_option
@click.option("-q", "--quiet", is_flag=True, help="Print no report on standard error.")
@format_option("json", "jsonl", help="Print the chat as one JSON value, or a message per line.")
@click.pass_context
def fit(context: click.Context, /, file: str, **options: Any) -> None:
    """Fit a chat into a model's context window, together with the reply.

    The input is JSON: a list of messages in OpenAI's chat format, a message per line, or a request
    that holds the list. The output is the same, fitted; a request also gets the number of tokens
    for the reply. A report on standard error lists the messages that were dropped or shortened. The
    exit code is 1 if the messages that must stay do not fit; nothing is printed then.
    """
    with exit_on_errors(context, file):
        messages, request = read_chat(file, options)
        fitted = fitted_chat(messages, request, options)
        if options["output_format"] == "jsonl":
            lines = [_written(message) for message in fitted.messages]
        else:
            lines = [_written(fitted_request(request, fitted) if request else fitted.messages, 2)]
    if not options["quiet"]:
        print_painted(fitted.report(), err=True)
    for line in lines:
        write_text(line + "\n")


def _written(value: Any, indent: int | None = None) -> str:
    try:
        return as_json(value, indent=indent, ascii=False, allow_nan=False)
    except ValueError:
        raise InputError(
            "expected numbers that JSON can hold, got NaN, Infinity or one as large as 1e999; "
            "write null or another number"
        ) from None


def fitted_chat(messages: list[Any], request: dict[str, Any], options: dict[str, Any]) -> Fit:
    """Fit a chat as the options say. Raises as `tokenkit.fit` and `read_json` do."""
    from tokenkit.fitting import fit as fit_messages

    model = options["model"]
    if not (model or options["context_window"]):  # -e goes with the request's model
        model = request.get("model")
    if not isinstance(model, str | None):
        raise no_model()
    model = model_for(model, options["encoding"], options["context_window"])
    if model is None:
        raise no_model()
    tools = _tools(options) if options["tools"] else request.get("tools")
    return fit_messages(
        messages,
        model,
        max_output=options["max_output"],
        min_output=options["min_output"],
        tools=tools,
        reasoning_reserve=options["reasoning_reserve"],
        safety=options["safety"],
        protect=options["protect"] or _PROTECTED,
        strategy=options["strategy"],
        shrink_results=options["shrink_results"],
    )


def _tools(options: dict[str, Any]) -> Any:
    name = options["tools"]
    try:
        tools = read_json(name, options)
        if not isinstance(tools, list):
            raise InputError(f"expected a list, got {shown(tools)}")
        return tools
    except InputError as error:
        raise InputError(f"its tools in {shown_name(name)}: {error}") from None


def fitted_request(request: dict[str, Any], fitted: Fit) -> dict[str, Any]:
    """The request with the messages that stay, and with the reply's number of tokens under the
    name that it used, else the newer of the two."""
    name = "max_tokens" if "max_tokens" in request else "max_completion_tokens"
    changed = {**request, "messages": fitted.messages}
    if fitted.max_output is not None:
        changed[name] = fitted.max_output
    return changed
