"""How much a test tries, by the profile of conftest.py: "dev", the default, tries least."""

from __future__ import annotations

import os
from typing import TypeVar

from hypothesis import settings

T = TypeVar("T")
LEAST = 3
QUICK = os.environ.get("HYPOTHESIS_PROFILE", "dev") == "dev"


def examples(number: int) -> settings:
    """Take so many examples of a test, or an eighth of them in the profile "dev"."""
    return settings(max_examples=max(LEAST, number // 8) if QUICK else number, deadline=None)


def by_profile(quick: T, whole: T) -> T:
    """Give `quick` in the profile "dev", and `whole` in all others."""
    return quick if QUICK else whole
