"""How many examples a property test takes, by the profile of conftest.py."""

from __future__ import annotations

import os

from hypothesis import settings

LEAST = 3
QUICK = os.environ.get("HYPOTHESIS_PROFILE", "dev") == "dev"


def examples(number: int) -> settings:
    """Take so many examples of a test, or a fifth of them in the profile "dev"."""
    return settings(max_examples=max(LEAST, number // 5) if QUICK else number, deadline=None)
