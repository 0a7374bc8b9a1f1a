"""The local server that stands for all APIs, and one loop for the async runs of a file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from fake_api import FakeApi, fake_api


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    """The server, where clients look for one that is not named."""
    with fake_api() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
        for vendor in ("OPENAI", "ANTHROPIC", "GOOGLE"):
            monkeypatch.setenv(f"{vendor}_API_KEY", "none")
        yield server


@pytest.fixture(autouse=True, scope="module")
def loop() -> Iterator[None]:
    """The loop of `waiting.wait`: async clients keep connections between runs, which are its."""
    made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    yield
    asyncio.set_event_loop(None)
    made.close()
