"""Runs coroutines on the loop of the fixture `loop`, for tests that are not async."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


def wait(awaitable: Coroutine[Any, Any, Any]) -> Any:
    """Return what a coroutine returns."""
    return asyncio.get_event_loop().run_until_complete(awaitable)
