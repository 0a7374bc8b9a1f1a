"""Specs of vocabularies of bytes, with a pattern that splits: tekken.json, `.tiktoken`, GGUF."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_BYTE_LEVEL = {
    "type": "ByteLevel",
    "add_prefix_space": False,
    "trim_offsets": False,
    "use_regex": False,
}


def split(pattern: str, *, drop: bool = False) -> dict[str, Any]:
    """Make the step that splits a text at each match; with `drop`, other text is dropped.

    >>> split("a")["behavior"], split("a", drop=True)["behavior"]
    ('Isolated', 'Removed')
    """
    return {
        "type": "Split",
        "pattern": {"Regex": pattern},
        "behavior": "Removed" if drop else "Isolated",
        "invert": drop,
    }


def byte_level_spec(
    model: dict[str, Any],
    splits: list[dict[str, Any]],
    added_tokens: Iterable[dict[str, Any]],
    *,
    normalizer: dict[str, Any] | None = None,
    post_processor: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Make the spec of a model of bytes: splits first, then each byte is a character.

    The last split may be a ByteLevel, which does the second, too.
    """
    if not splits or splits[-1]["type"] != "ByteLevel":
        splits = [*splits, dict(_BYTE_LEVEL)]
    return {
        "version": "1.0",
        "added_tokens": list(added_tokens),
        "normalizer": normalizer,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": splits},
        "post_processor": post_processor,
        "decoder": dict(_BYTE_LEVEL),
        "model": model,
    }


def special_token(content: str, number: int, *, special: bool = True) -> dict[str, Any]:
    """Make an added token that is matched as it is, before anything else."""
    return {
        "id": number,
        "content": content,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": special,
    }
