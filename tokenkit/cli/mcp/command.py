"""`tokenkit mcp`."""

from __future__ import annotations

import sys

import click

from tokenkit.cli.shared.options import number_option
from tokenkit.cli.shared.output import say

EXAMPLES = """\b
Examples:
  tokenkit mcp
  tokenkit mcp --max-mb 64
"""


@click.command(epilog=EXAMPLES)
@number_option("--max-mb", least=1, default=16, help="Limit the arguments of one call to N MB.")
@click.pass_context
def mcp(context: click.Context, /, max_mb: int) -> None:
    """Serve the tools count, preflight, fit, chunk, cost and others to MCP clients, over stdio.

    MCP is the Model Context Protocol, by which assistants and editors find tools: name this command
    in the configuration of yours. The tools take texts, never files, and send nothing. Needs the
    extra `mcp`.
    """
    from tokenkit.cli.mcp.server import serve

    if sys.stdin.isatty():
        say("tokenkit: waiting for an MCP client on standard input; Ctrl-D ends", err=True)
    try:
        serve(max_mb=max_mb)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in ("mcp", "mcp_types", "anyio"):
            raise
        say(
            f"tokenkit: mcp needs the package {package}, which comes with the extra `mcp`; in a "
            "checkout of tokenkit: pip install '.[cli,mcp]'",
            err=True,
        )
        context.exit(2)
