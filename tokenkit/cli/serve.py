"""`tokenkit serve`."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

import click

from tokenkit.cli.shared.inputs import TextReader
from tokenkit.cli.shared.kinds import WholeNumber
from tokenkit.cli.shared.options import PATH, model_option, text_options
from tokenkit.cli.shared.output import say, shown_name

EXAMPLES = """\b
Examples:
  tokenkit serve
  tokenkit serve README.md -m gpt-5.4 --open
"""
LOOPBACK = "127.0.0.1"
PACKAGES = ("starlette", "uvicorn")
# What one text takes while it is counted: its bytes, its characters, and its tokens' places.
TIMES = 4


@click.command(epilog=EXAMPLES)
@click.argument("files", nargs=-1, type=PATH, metavar="[FILES...]")
@model_option("Show this model first. Default: gpt-5.4.")
@click.option(
    "--port",
    type=WholeNumber(0, 65_535),
    default=8_640,
    show_default=True,
    metavar="N",
    help="Listen at this port; 0: at one that is free.",
)
@click.option("--open", "open_page", is_flag=True, help="Open the page in your browser.")
@text_options
@click.pass_context
def serve(context: click.Context, /, files: tuple[str, ...], **options: Any) -> None:
    """Serve a page that shows tokens as you type, with windows, prices, chats and chunks.

    The server listens on this machine alone, answers its own page alone, and sends nothing
    elsewhere. Files are read once. Ctrl-C ends it. Needs the extra `web`.
    """
    reader = TextReader(options, times=TIMES, together=True)
    texts = [(shown_name(name), text) for name in files if (text := reader.read(name)) is not None]
    if reader.failed:
        context.exit(2)
    try:
        import uvicorn

        _serve(uvicorn, texts, options)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in PACKAGES:
            raise
        say(
            f"tokenkit: serve needs the package {package}, which comes with the extra `web`; in a "
            "checkout of tokenkit: pip install '.[cli,web]'",
            err=True,
        )
        context.exit(2)


def _serve(uvicorn: Any, texts: list[tuple[str, str]], options: dict[str, Any]) -> None:
    import warnings

    from tokenkit.errors import RetirementWarning
    from tokenkit.views import live_app

    warnings.simplefilter("ignore", RetirementWarning)  # the page says it
    listener = _listener(options["port"])
    with listener:
        port = listener.getsockname()[1]
        most_mb = max(1, options["max_mb"] // TIMES)
        app = live_app(port, texts, model=options["model"], most_mb=most_mb)
        address = f"http://{LOOPBACK}:{port}/"
        say(f"tokenkit: {address} (Ctrl-C ends)", err=True)
        if options["open_page"]:
            click.launch(address)
        config = uvicorn.Config(
            app,
            access_log=False,
            lifespan="off",
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        with contextlib.suppress(KeyboardInterrupt):  # the way in which one ends a server
            uvicorn.Server(config).run(sockets=[listener])
        say("tokenkit: ended", err=True)


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise click.UsageError(
            f"Port {port} of {LOOPBACK}: {error.strerror or error}; name another with --port, or 0 "
            "for one that is free."
        ) from None
