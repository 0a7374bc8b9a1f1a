"""How the core's own search finds added tokens: what is known of it when a file is compiled."""

from __future__ import annotations

from itertools import filterfalse

from tokenkit.encodings.steps.normalizers import SPACE_SIGN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any

    from tokenkit.encodings.steps.added_tokens import AddedTokens


def search_facts(
    added: AddedTokens, redundant: Collection[str], *, local: bool, signs: bool
) -> dict[str, Any]:
    """Say what an engine has to know to let the core find added tokens.

    `aliases` are the ids of tokens by what stands for them in a normalized text, as the core reads
    it (with `signs`, a space for U+2581), where that is another string. `found` are the strings of
    tokens that are always found; what the core reads of a text without them is one section.
    `redundant` ones need no search. `hiding` are the special tokens that hide others where they are
    text. With `one_search`, one search for all tokens in a text that the normalizer keeps finds
    what the two of `AddedTokens` do; it must be `local` for that.
    """
    as_text = {token.content: added.found_as(token) for token in added.tokens}
    if signs:
        behind = [token.content for token in added.tokens if token.normalized]
        as_text |= {content: as_text[content].replace(SPACE_SIGN, " ") for content in behind}
    special = {token.content for token in added.tokens if token.special}
    first = {token.content for token in added.tokens if not token.normalized}
    second = as_text.keys() - first
    at_once = (
        local
        and all(token.is_plain for token in added.tokens)
        and all(as_text[content] == content for content in second)
        and not (first and second and may_overlap(first, second))
    )
    ids = {token.content: token.id for token in added.tokens}
    return {
        "aliases": {
            text: ids[content] for content, text in as_text.items() if text and text not in ids
        },
        "found": sorted({as_text[c] for c in as_text if c not in special} - {"", *redundant}),
        "hiding": sorted(may_overlap(special, as_text)),
        "one_search": at_once,
    }


def may_overlap(some: Iterable[str], others: Iterable[str]) -> set[str]:
    """Find those of some strings that can stand where another one of the others does in part.

    >>> sorted(may_overlap(["<a>", "b>", "<c>"], ["<a>", "<a>d", "e<a", "xb>x"]))
    ['<a>', 'b>']
    """
    # Most are tags, which cannot overlap; looking at each part of thousands would take long.
    some, others = set(some), set(others)
    tags = set(filter(_is_tag, some))
    return _overlapping(some - tags, others) | _overlapping(tags, set(filterfalse(_is_tag, others)))


def _is_tag(text: str) -> bool:
    """Return whether `<` and `>` stand at the ends of a string, and nowhere inside."""
    ends = text.startswith("<") and text.endswith(">")
    return ends and text.count("<") == text.count(">") == 1


def _overlapping(some: set[str], others: set[str]) -> set[str]:
    if not some or not others:
        return set()
    inside: set[str] = set()
    heads: set[str] = set()
    tails: set[str] = set()
    for other in others:
        inside.update(_parts(other))
        heads.update(other[:end] for end in range(1, len(other)))
        tails.update(other[start:] for start in range(1, len(other)))
    return {
        one
        for one in some
        if one in inside
        or any(one[start:] in heads for start in range(1, len(one)))
        or any(one[:end] in tails for end in range(1, len(one)))
        or not others.isdisjoint(_parts(one))
    }


def _parts(text: str) -> list[str]:
    """List the slices of a string that are shorter than it."""
    size = len(text)
    return [
        text[start : start + length]
        for length in range(1, size)
        for start in range(size - length + 1)
    ]
