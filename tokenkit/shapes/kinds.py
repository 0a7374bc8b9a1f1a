"""Cached tokens of which the usage does not say whether they were text, audio or pictures."""

from __future__ import annotations

from tokenkit.shapes.notebook import Notebook

__all__ = ["spread_cached"]


def spread_cached(book: Notebook, numbers: dict[str, int]) -> None:
    """Share cached tokens among text, audio and pictures where their kinds are not given.

    A cache holds the beginning of a prompt, and that is where instructions stand: text is taken to
    be cached first, then audio, then pictures. A note says so.
    """
    cached = numbers["cached_tokens"]
    audio, image = numbers["audio_input_tokens"], numbers["image_input_tokens"]
    if not cached or not audio + image:
        return
    if book.has("cached_audio") or book.has("cached_image") or book.has("cached_text"):
        return
    text = numbers["input_tokens"] - audio - image - numbers["cache_write_tokens"]
    left = max(cached - max(text, 0), 0)
    numbers["cached_audio_tokens"] = min(left, audio)
    numbers["cached_image_tokens"] = min(left - numbers["cached_audio_tokens"], image)
    book.notes.append(
        f"the kinds of the {cached} cached tokens are not given: text is taken as cached first, "
        f"then audio ({numbers['cached_audio_tokens']}), then pictures "
        f"({numbers['cached_image_tokens']})"
    )
