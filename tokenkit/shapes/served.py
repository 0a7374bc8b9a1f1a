"""Who served a request, in which tier and when, as the response says it."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timezone

from tokenkit.shapes.notebook import Notebook

__all__ = ["host_of", "moment_of", "served_tier"]

# How others call a tier. Sources: openai 3.57.0, anthropic 2.14.0, google-genai 3.6.1, botocore
# 1.44.8, xai-sdk 1.21.0 and Groq's documentation.
_TIERS = {
    "default": "standard",
    "standard": "standard",
    "on_demand": "standard",
    "on_demand_priority": "priority",
    "on_demand_flex": "flex",
    "on_demand_offpeak": "offpeak",
    "service_tier_default": "standard",
    "service_tier_priority": "priority",
    "service_tier_standard": "standard",
    "service_tier_flex": "flex",
}
_UNKNOWN_TIERS = ("auto", "traffic_type_unspecified", "service_tier_unspecified")


def served_tier(book: Notebook, provider: str | None) -> str | None:
    tier = book.words.get("tier")
    if tier is not None:
        tier = tier.lower()
        if tier in _UNKNOWN_TIERS:
            book.notes.append(
                f"the response says {tier!r} and not which tier served it: standard rates are taken"
            )
            tier = "standard"
        tier = _TIERS.get(tier, tier)
    speed = book.words.get("speed", "standard")
    if speed != "standard":
        return speed if tier in (None, "standard") else f"{tier}+{speed}"
    if book.words.get("latency", "standard") != "standard":
        return "optimized"
    return tier


def host_of(book: Notebook) -> str | None:
    if "host" in book.words:
        return book.words["host"]
    return "openrouter" if "charged" in book.amounts and "served_by" in book.words else None


# Sums over a bucket of time, where the hour of its start says nothing of the requests.
_SUMS = ("export", "report")


def moment_of(book: Notebook) -> date | datetime | None:
    """Return when the response was made, in UTC; a day alone where no hour is given."""
    moment = _moment(book.words.get("created"))
    if isinstance(moment, datetime) and any(word in n for n in book.shapes for word in _SUMS):
        return moment.date()
    return moment


def _moment(created: str | None) -> date | datetime | None:
    if created is None:
        return None
    try:
        if len(created) == 10:
            return date.fromisoformat(created)
        return _in_utc(datetime.fromisoformat(_six_digits(created.replace("Z", "+00:00"))))
    except (ValueError, OverflowError):  # in UTC, the first and the last day may not be in reach
        pass
    try:
        seconds = float(created)
        if not math.isfinite(seconds):
            return None
        while seconds > 1e11:  # milli-, micro- and nanoseconds
            seconds /= 1000
        return datetime.fromtimestamp(seconds, timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc)


def _six_digits(text: str) -> str:
    """Cut a fraction of a second to the six digits that Python reads; Go and Rust write nine."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text)
