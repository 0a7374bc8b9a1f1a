"""tokenkit's tools for programs that speak MCP, the Model Context Protocol: `tokenkit mcp`.

Made with the official SDK, the package `mcp`, of its version 2.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING, Any

from tokenkit._checks import check_whole
from tokenkit._version import __version__
from tokenkit._visible import shown_line
from tokenkit.cli.mcp.schemas import check_arguments, check_size
from tokenkit.cli.mcp.tools import SERVED
from tokenkit.errors import TokenkitError, nearest

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

__all__ = ["serve", "server"]

INSTRUCTIONS = (
    "Count tokens, check requests against limits and prices, fit chats, split and shorten texts, "
    "for hundreds of models, on this machine. Nothing is sent anywhere, and no file is read. "
    "Numbers with exact=false are estimates with bounds."
)
_LONGEST_ERROR = 2_000  # characters
_CALLS_AT_ONCE = 4


def server(*, max_mb: int = 16) -> Server[Any]:
    """Make the MCP server whose tools are count, preflight, fit, chunk, cost and others.

    `max_mb` limits the arguments of one call: a byte for each character, eight for each value. It
    is a server of the SDK's `mcp.server.lowlevel`, to run over the transport of your choice;
    `serve` is the one over stdio.

    Raises ImportError without the package `mcp`, and ValueError or TypeError for `max_mb`.

    >>> server(max_mb=4).name                                               # doctest: +SKIP
    'tokenkit'
    """
    check_whole("max_mb", max_mb, 1)
    import mcp_types as types
    from anyio import CapacityLimiter, to_thread
    from mcp.server.lowlevel import Server

    limiter: list[CapacityLimiter] = []  # is made inside the event loop

    async def list_tools(_context: Any, _params: Any) -> types.ListToolsResult:
        hints = types.ToolAnnotations(
            read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        )
        tools = [
            types.Tool(
                name=tool.name,
                title=tool.title,
                description=tool.description,
                input_schema={**tool.takes, "additionalProperties": False},
                output_schema=tool.gives,
                annotations=hints,
            )
            for tool in SERVED.values()
        ]
        return types.ListToolsResult(tools=tools)

    async def call_tool(_context: Any, params: Any) -> types.CallToolResult:
        if not limiter:
            limiter.append(CapacityLimiter(_CALLS_AT_ONCE))
        error, answer = await to_thread.run_sync(
            called, params.name, params.arguments or {}, max_mb, limiter=limiter[0]
        )
        if error:
            content: Any = [types.TextContent(type="text", text=error)]
            return types.CallToolResult(content=content, is_error=True)
        content = [types.TextContent(type="text", text=json.dumps(answer, ensure_ascii=False))]
        return types.CallToolResult(content=content, structured_content=answer)

    made: Server[Any] = Server(
        "tokenkit",
        version=__version__,
        title="tokenkit",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    return made


def called(name: str, arguments: dict[str, Any], max_mb: int) -> tuple[str, dict[str, Any]]:
    """Call a tool; return what is wrong, empty if nothing is, and the answer.

    >>> called("count", {"text": "hello world", "model": "gpt-4o"}, 16)[1]["tokens"]
    2
    >>> called("count", {"text": 5}, 16)[0]
    'count: text: expected a string, got 5'
    """
    tool = SERVED.get(name)
    if tool is None:
        return shown_line(f"no tool is named {name!r}.{nearest(name, SERVED)}", _LONGEST_ERROR), {}
    try:
        check_size(arguments, max_mb)
        return "", tool.call(**check_arguments(tool.takes, arguments))
    except (TokenkitError, TypeError, ValueError) as error:
        return shown_line(f"{name}: {error}", _LONGEST_ERROR), {}
    except RecursionError:
        return f"{name}: the arguments are nested too deep", {}
    except Exception as error:  # one of our own: the client gets its name, the log all of it
        traceback.print_exc(file=sys.stderr)
        return f"{name}: failed by an error of tokenkit itself ({type(error).__name__})", {}


def serve(*, max_mb: int = 16) -> None:
    """Serve the tools over standard input and output, until the input ends.

    Standard output holds the protocol alone. `max_mb` and the errors are those of `server`; where
    the client stops reading, OSError is raised. A signal ends the process at once: the SDK's
    thread that reads would wait for another line, and there is nothing to save.

    >>> serve()                                                             # doctest: +SKIP
    """
    made = server(max_mb=max_mb)
    import anyio
    from mcp.server.stdio import stdio_server

    async def run() -> None:
        _end_by_signals()
        async with stdio_server() as (reading, writing):
            await made.run(reading, writing, made.create_initialization_options())

    try:
        anyio.run(run)
    except Exception as error:
        inner: Any = error
        while getattr(inner, "exceptions", ()):  # groups of errors, as tasks raise them
            inner = inner.exceptions[0]
        if not isinstance(inner, OSError):
            raise
        raise inner from None


def _end_by_signals() -> None:
    """Let signals end the process, also one that comes just before the event loop waits.

    A handler of Python runs where the main thread executes Python. One that the loop was asked to
    call makes signals wake the loop, and stays so when it is replaced by one that need not wait
    for the loop. On Windows signals wake the loop anyway.
    """
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        number = getattr(signal, name, None)
        if number is None or signal.getsignal(number) is signal.SIG_IGN:
            continue
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, _end, number, None)
        signal.signal(number, _end)


def _end(number: int, _frame: object) -> None:
    if number == signal.SIGINT:
        os.write(2, b"tokenkit: interrupted\n")
    os._exit(128 + number)
