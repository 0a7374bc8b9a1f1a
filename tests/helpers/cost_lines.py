"""Responses to be priced in the shell, and the tables that it prints."""

from __future__ import annotations

import csv

__all__ = ["response", "table"]


def response(model: str, day: int, tokens: int) -> dict[str, object]:
    """A response of so many input tokens, made on a day since 1970."""
    return {"model": model, "created": day * 86_400, "usage": {"prompt_tokens": tokens}}


def table(text: str, form: str) -> list[dict[str, str]]:
    """The rows of CSV or TSV."""
    return list(csv.DictReader(text.splitlines(), delimiter="," if form == "csv" else "\t"))
