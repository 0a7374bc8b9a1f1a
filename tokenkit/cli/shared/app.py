"""The command `tokenkit`: its verbs, each in a module that is loaded when the verb is used."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress

import click
from click.shell_completion import CompletionItem

from tokenkit._version import __version__
from tokenkit.errors import TokenkitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INTERRUPTED = 130  # 128 and the signal's number, as shells have it
CLOSED_PIPE = 141

# The verb's module in tokenkit.cli holds a command of the same name (`models` in cli/models.py).
VERBS = {
    "count": "Count the tokens of files, folders, rows or requests.",
    "truncate": "Truncate a text to a number of tokens.",
    "chunk": "Split documents into chunks for embedding.",
    "preflight": "Check requests before they are sent.",
    "fit": "Fit a chat into a model's context window.",
    "cost": "Price tokens, texts or API responses in USD.",
    "models": "List models, their limits and prices.",
    "show": "Show tokens in colour, in the terminal or on a web page.",
    "encode": "Encode texts to token ids.",
    "decode": "Decode token ids to text.",
}
EXAMPLES = """\b
Examples:
  tokenkit count README.md -m gpt-5.4
  git diff | tokenkit count -m gpt-5.4
  tokenkit VERB --help
"""


# Options of other programs, and the verbs that do the same here.
VERB_FOR_OPTION = {
    "--encode": "tokenkit encode",
    "--decode": "tokenkit decode",
    "--tokens": "tokenkit encode --tokens",
    "--truncate": "tokenkit truncate -t N",
    "-t": "tokenkit truncate -t N",
    "--list-models": "tokenkit models",
}


class Verbs(click.Group):
    """A group whose commands are imported when they are named, so that each starts fast.

    All verbs end alike: an error of the package, or an output that cannot be written, exits with 2
    and a message, Ctrl-C with 130, and a closed pipe with 141 and no message.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):  # without importing any
            formatter.write_dl(list(VERBS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        options = click.Command.shell_complete(self, ctx, incomplete)
        verbs = [
            CompletionItem(name, help=words)
            for name, words in VERBS.items()
            if name.startswith(incomplete)
        ]
        return verbs + options

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"tokenkit.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in VERBS:
            from tokenkit.errors import nearest

            ctx.fail(f"No such command {args[0]!r}.{nearest(args[0], VERBS)}")
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            raise _with_verb(error) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # a closed pipe shows itself here, not after the end
        except click.NoSuchOption as error:
            raise _with_verb(error) from None
        except TokenkitError as error:
            click.echo(f"tokenkit: {error}", err=True)
            ctx.exit(2)
        except KeyboardInterrupt:
            click.echo("tokenkit: interrupted", err=True)
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            _drop_output()
            ctx.exit(CLOSED_PIPE)
        except OSError as error:  # inputs have their own messages: this is an output
            _drop_output()
            name = "output" if error.filename is None else click.format_filename(error.filename)
            click.echo(f"tokenkit: {name}: cannot be written: {error.strerror or error}", err=True)
            ctx.exit(2)
        return result


def _with_verb(error: click.NoSuchOption) -> click.UsageError:
    """Add the verb that does what an unknown option asks for, if there is one."""
    verb = VERB_FOR_OPTION.get(error.option_name)
    if verb is None:
        return error
    return click.UsageError(
        f"No such option {error.option_name!r}. Did you mean {verb}?", error.ctx
    )


def _drop_output() -> None:
    """Discard all further output, which Python flushes at exit and would complain about."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXAMPLES)
@click.version_option(__version__)
def app() -> None:
    """Count tokens, exactly and offline."""
