"""The added tokens of tokenizer.json, and the ids that `tokenizers` gives them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tokenkit._checks import shown
from tokenkit.encodings.formats.fields import Field, checked, flag, sequence, text, token_id

_ADDED_TOKEN = {
    "id": Field(token_id),
    "content": Field(text),
    "single_word": Field(flag),
    "lstrip": Field(flag),
    "rstrip": Field(flag),
    "normalized": Field(flag),
    "special": Field(flag),
}


def added_tokens(
    value: Any, ids: Mapping[str, int], size: int
) -> tuple[list[dict[str, Any]], list[str]]:
    """Check added tokens; return those that count, with the ids that they have, and notes.

    `ids` are those of the model's tokens, `size` is their number. `tokenizers` 0.23 does not look
    at the id in the file: a token of the model keeps its id, every other gets the next free one
    behind the model's number of tokens (`add_tokens` in its `src/tokenizer/added_vocabulary.rs`).
    It skips empty ones, and of two with the same text the last one counts.
    """
    listed = [
        checked(token, f"added_tokens[{index}]", _ADDED_TOKEN)
        for index, token in enumerate(sequence(value, "added_tokens"))
    ]
    out: dict[str, dict[str, Any]] = {}
    notes = []
    behind = size
    for token in listed:
        content, stated = token["content"], token["id"]
        if not content:
            continue
        if content in out:
            token["id"] = out[content]["id"]
        elif content in ids:
            token["id"] = ids[content]
        else:
            token["id"], behind = behind, behind + 1
        if token["id"] != stated:
            notes.append((content, token["id"], stated))
        out[content] = token
    return list(out.values()), _described(notes)


def _described(notes: Collection[tuple[str, int, int]]) -> list[str]:
    return [
        f"The added token {shown(content)} has the id {number}, as `tokenizers` gives it, and not "
        f"{stated}, as the file says."
        for content, number, stated in notes
    ]
