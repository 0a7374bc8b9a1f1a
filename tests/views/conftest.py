"""The live page in its two homes, for the tests of each. A module has a `server` of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live_page import settled
from live_server import LiveServer
from watched_tabs import OpenTab, watched_tabs

from tokenkit.views import live_file


@pytest.fixture
def opened(browser: Any, server: LiveServer) -> Iterator[OpenTab]:
    """Opens the page; at the end nothing may have gone wrong or been asked of others."""
    with watched_tabs(browser, server.address) as open_tab:
        yield lambda fragment="", **more: settled(open_tab(server.address + fragment, **more))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a page that needs no server."""
    path: Path = tmp_path_factory.mktemp("live") / "page.html"
    path.write_text(live_file([], "o200k_base"), "utf-8")
    return path.as_uri()


@pytest.fixture(params=["server", "file"])
def opened_in_each_home(
    request: Any, browser: Any, server: LiveServer, file: str
) -> Iterator[OpenTab]:
    """Opens the page in each of its homes; nothing may go wrong unseen."""
    address = server.address if request.param == "server" else file
    with watched_tabs(browser, address, "data:", "blob:") as open_tab:
        yield lambda fragment="", **more: settled(open_tab(address + fragment, **more))
