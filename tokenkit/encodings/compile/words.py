"""The part of compiling that WordPiece and Unigram share: the search for added tokens."""

from __future__ import annotations

from tokenkit.encodings.compile.parts import entries_of
from tokenkit.encodings.compile.token_search import search_facts
from tokenkit.encodings.steps.added_tokens import AddedTokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tokenkit._core import WordsCore
    from tokenkit.encodings.formats import TokenizerFile

_NORMALIZED = 3  # of the arguments of AddedToken


def words_definition(
    file: TokenizerFile, kind: str, core: WordsCore, ids: Mapping[str, int], *, local: bool
) -> dict[str, Any]:
    """Say of a model with these tokens what its engine has to know.

    `local` says that parts of a text that the normalizer keeps are kept, too.
    """
    entries = entries_of(file)
    normalized = any(entry[_NORMALIZED] for entry in entries)
    added = AddedTokens(entries, core.normalized if normalized else str)
    facts = search_facts(added, (), local=local or not normalized, signs=False)
    always = any(not token.special for token in added.tokens)
    return {
        "kind": kind,
        "guards": [],
        "normalized": normalized,
        **facts,
        "is_separable": False,  # a token that is normalized may reach over any cut
        "is_plain": facts["one_search"] and not (normalized or always or facts["hiding"]),
        "max_id": max([*ids.values(), *(token.id for token in added.tokens)]),
    }
