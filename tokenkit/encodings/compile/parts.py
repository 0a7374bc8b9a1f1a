"""Steps that the compilers of all kinds of tokenizer files share."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tokenkit.encodings.formats import TokenizerFile

_ENTRY = ("content", "id", "special", "normalized", "single_word", "lstrip", "rstrip")


class Unfit(Exception):
    """A file is not of a kind that the core runs; the message names the option."""


def entries_of(file: TokenizerFile) -> list[list[Any]]:
    """List the added tokens of a file, each as the arguments of `AddedToken`."""
    return [[entry[flag] for flag in _ENTRY] for entry in file.spec["added_tokens"]]


def flat_splits(pre_tokenizer: dict[str, Any] | None) -> list[dict[str, Any]]:
    """List the steps of a pre-tokenizer, those of sequences one by one."""
    if pre_tokenizer is None:
        return []
    if pre_tokenizer["type"] == "Sequence":
        return [step for inner in pre_tokenizer["pretokenizers"] for step in flat_splits(inner)]
    return [pre_tokenizer]
