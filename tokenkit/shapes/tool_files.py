"""`tool_lists`: files that hold tools, as lists of tools by the server that offers them.

Sources: the Model Context Protocol's `tools/list` result (schema 2025-11-25) and its JSON-RPC
envelope; requests to OpenAI, Anthropic and Gemini, whose `tools` are read by `read_tools`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tokenkit._checks import shown

__all__ = ["tool_lists"]

_SERVERS = ("mcpServers", "servers", "mcp_servers")


def tool_lists(value: Any, server: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Yield (server, tools) for each list of tools in a JSON value.

    It is a list of tools; an object with `tools`, such as a request or a result of `tools/list`,
    also in its envelope; or objects of either kind by the name of their server. Raises ValueError
    for a value of another kind.

    >>> list(tool_lists({"mcpServers": {"files": {"tools": [{"name": "read"}]}}}))
    [('files', [{'name': 'read'}])]
    """
    if isinstance(value, list):
        yield server, value
        return
    if not isinstance(value, Mapping):
        raise ValueError(f"expected a list of tools, or an object with `tools`, got {shown(value)}")
    if isinstance(value.get("result"), Mapping):
        value = value["result"]
    if isinstance(value.get("tools"), list):
        yield server, value["tools"]
        return
    config = value.get("config")
    if isinstance(config, Mapping) and isinstance(config.get("tools"), list):  # google-genai's
        yield server, config["tools"]
        return
    held = next((value[key] for key in _SERVERS if isinstance(value.get(key), Mapping)), value)
    lists = [
        found
        for name, item in held.items()
        if isinstance(item, (list, Mapping))
        for found in _inner(item, str(name))
    ]
    if not lists and "tools" in value:
        raise ValueError(f"tools: expected a list, got {shown(value['tools'])}")
    if not lists:
        keys = ", ".join(map(str, value)) or "no keys"
        raise ValueError(f"expected a list of tools, or an object with `tools`, got {keys}")
    yield from lists


def _inner(item: Any, name: str) -> list[tuple[str, list[Any]]]:
    """Return the tools of one server; none for one whose tools are not saved."""
    if isinstance(item, Mapping) and not isinstance(item.get("tools"), list):
        result = item.get("result")
        if not (isinstance(result, Mapping) and isinstance(result.get("tools"), list)):
            return []
    if isinstance(item, list) and not all(isinstance(tool, Mapping) for tool in item):
        return []
    return list(tool_lists(item, name))
