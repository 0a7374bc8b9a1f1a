"""`tokenkit mcp`: the command, the server that it runs, and the server's tools."""

from tokenkit.cli.mcp.command import mcp as mcp
