"""Tabs of a browser in which nothing may go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

OpenTab = Callable[..., Any]
# The browser itself writes down each answer that says what is wrong with a question.
EXPECTED = "(Bad Request)"


@contextmanager
def watched_tabs(browser: Any, *sources: str) -> Iterator[OpenTab]:
    """Give a function that opens an address, with options of the browser's context.

    At the end nothing may have been said in the console, nothing thrown, no dialog opened, and
    nothing asked for but addresses that begin with one of `sources`.
    """
    troubles: list[str] = []
    contexts: list[Any] = []

    def refuse(dialog: Any) -> None:
        troubles.append("a dialog")
        dialog.dismiss()

    def note(words: str, harmless: bool) -> None:
        if not harmless:
            troubles.append(words)

    def open_tab(address: str, **more: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **more})
        contexts.append(context)
        context.set_default_timeout(10_000)
        tab = context.new_page()
        tab.on("console", lambda message: note(message.text, EXPECTED in message.text))
        tab.on("pageerror", lambda error: note(str(error), False))
        tab.on("dialog", refuse)
        tab.on("request", lambda request: note(request.url, request.url.startswith(sources)))
        tab.goto(address)
        return tab

    yield open_tab
    for context in contexts:
        context.close()
    assert troubles == []
