"""The command `tokenkit`: its verbs, each in a module that is loaded when the verb is used."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress

import click

from tokenkit._version import __version__
from tokenkit.errors import TokenkitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INTERRUPTED = 130  # 128 and the signal's number, as shells have it
CLOSED_PIPE = 141

# The verb's module in tokenkit.cli holds a command of the same name (`models` in cli/models.py).
VERBS = ("count", "truncate", "chunk", "fit", "cost", "models", "show", "encode", "decode")


class Verbs(click.Group):
    """A group whose commands are imported when they are named, so that each starts fast.

    It also gives every verb the same ends: an error of the package, and an output that cannot be
    written, exits with 2 and a message, Ctrl-C with 130, and a reader that closes the pipe ends the
    command without a word.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

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

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # a closed pipe shows itself here, not after the end
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


def _drop_output() -> None:
    """Python flushes once more at exit, and would complain."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def app() -> None:
    """Count tokens, exactly and offline."""
