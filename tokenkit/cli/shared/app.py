"""The command `tokenkit`: its verbs, each in a module that is loaded when the verb is used."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import contextmanager, suppress

import click
from click.shell_completion import CompletionItem

from tokenkit._version import __version__
from tokenkit.errors import TokenkitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType
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
    "tools": "Count what tools add to every request.",
    "cost": "Price tokens, texts or API responses in USD.",
    "models": "List models, their limits and prices.",
    "show": "Show tokens in colour, in the terminal or on a web page.",
    "serve": "Show tokens as you type, on a page of this machine.",
    "encode": "Encode texts to token ids.",
    "decode": "Decode token ids to text.",
    "verify": "Check counts against a vendor's count endpoint.",
    "cache": "List, check or remove compiled tokenizers.",
    "mcp": "Serve these tools to MCP clients, over stdio.",
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
    and a message, Ctrl-C with 130, and a closed pipe with 141 and no message. What a message quotes
    of the command line or a file controls no terminal.
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
        with _ending_alike(ctx):  # --help writes, too
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with _ending_alike(ctx):
            return super().invoke(ctx)


@contextmanager
def _ending_alike(ctx: click.Context) -> Iterator[None]:
    """End as all verbs do; see `Verbs`."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()  # what cannot be written shows itself here, not after the end
    except click.ClickException as error:
        raise _shown(error) from None
    except TokenkitError as error:
        _output().say(f"tokenkit: {error}", err=True)
        ctx.exit(2)
    except KeyboardInterrupt:
        _output().say("tokenkit: interrupted", err=True)
        ctx.exit(INTERRUPTED)
    except BrokenPipeError:
        _drop_output()
        ctx.exit(CLOSED_PIPE)
    except OSError as error:  # inputs have their own messages: this is an output
        _drop_output()
        name = error.filename or "output"
        _output().complain(name, f"cannot be written: {error.strerror or error}")
        ctx.exit(2)


def _output() -> ModuleType:
    """The module that writes, which is loaded when it is used."""
    return importlib.import_module("tokenkit.cli.shared.output")


def _shown(error: click.ClickException) -> click.ClickException:
    """Make what an error quotes visible, and add the verb that does what an unknown option asks
    for, if there is one."""
    from tokenkit._visible import shown_line

    shown = shown_line(error.message, _output().LONGEST_LINE)
    error.message = shown  # type: ignore[misc]  # no class of click's is made of a message alone
    verb = VERB_FOR_OPTION.get(getattr(error, "option_name", ""))
    if verb is None or not isinstance(error, click.NoSuchOption):
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
