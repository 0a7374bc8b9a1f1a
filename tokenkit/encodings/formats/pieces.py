"""SentencePiece's vocabularies, as `tokenizer.model` and GGUF hold them: pieces with scores.

BPE there merges the pair whose result has the highest score. Of all splits of a piece into two
pieces, each becomes a merge, in order of the piece's score: so the merges give the same ids, but
where two pieces have the same score.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from tokenkit.encodings.formats.byte_level import special_token
from tokenkit.encodings.formats.faults import Fault, unlike
from tokenkit.encodings.formats.vocabularies import merge_ids

SPACE = "\u2581"  # stands for a space in pieces
# What is not as in SentencePiece, and in llama.cpp, which does as that does.
CLUSTERS = (
    "Characters are normalized as `tokenizers` does it, in clusters of up to five bytes: "
    "SentencePiece also composes longer ones, such as Hangul written in parts and kana with marks, "
    "and makes two spaces of \\r\\n, where this makes one."
)
_NAMES_OF_PIECES = (
    "As in `tokenizers`, a text that spells a control, unknown or byte piece, such as <s> or "
    "<0x41>, becomes that piece, which SentencePiece reads as text; and of two ways to cover a "
    "text with equal sums of scores, another one may be taken."
)
_LONGEST_PIECE = 512  # characters; all its splits are tried


class Kind(IntEnum):
    """Kinds of pieces, by the numbers of sentencepiece_model.proto; GGUF has the same ones."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


class Pieces(NamedTuple):
    """A vocabulary: the pieces' texts, scores and kinds, by id."""

    texts: Sequence[str]
    scores: Sequence[float]
    kinds: Sequence[int]


class Spaces(NamedTuple):
    """How white space is treated: a space before the text, and runs of spaces collapsed."""

    prefix: bool
    collapse: bool


def check_pieces(pieces: Pieces, where: str) -> dict[str, int]:
    """Check a vocabulary, and return the ids of its pieces."""
    ids = {text: number for number, text in enumerate(pieces.texts)}
    if len(ids) != len(pieces.texts):
        number = next(i for i, text in enumerate(pieces.texts) if ids[text] != i)
        raise Fault(
            f"{where}[{number}]: expected each piece once, got {pieces.texts[number]!r} again as "
            f"{ids[pieces.texts[number]]}"
        )
    for number, (text, score, kind) in enumerate(zip(*pieces, strict=True)):
        if not text or not math.isfinite(score) or not 1 <= kind <= 6:
            raise unlike(f"{where}[{number}]", "a text, a score and a kind", (text, score, kind))
    if not ids:
        raise Fault(f"{where}: expected pieces, got none")
    return ids


def added_tokens(pieces: Pieces) -> Iterator[dict[str, Any]]:
    """Yield the added tokens of a vocabulary: control pieces are special, users' own are not."""
    for number, (text, kind) in enumerate(zip(pieces.texts, pieces.kinds, strict=True)):
        if kind in (Kind.UNKNOWN, Kind.CONTROL, Kind.USER_DEFINED):
            yield special_token(text, number, special=kind != Kind.USER_DEFINED)


def bpe_model(pieces: Pieces, where: str) -> tuple[dict[str, Any], Any, list[str]]:
    """Make a model of type BPE of pieces with scores, the ids of its merges, and notes."""
    ids = check_pieces(pieces, where)
    normal = {text: number for text, number in ids.items() if pieces.kinds[number] == Kind.NORMAL}
    for text, number in normal.items():
        if len(text) > _LONGEST_PIECE:
            raise unlike(
                f"{where}[{number}]", f"at most {_LONGEST_PIECE} characters", f"{len(text)}"
            )
    if Kind.UNUSED in pieces.kinds:
        raise Fault(f"{where}: expected no unused pieces, which only SentencePiece itself resolves")
    longer = [number for text, number in normal.items() if len(text) > 1]
    _check_characters(pieces, longer, where)
    longer.sort(key=lambda number: -pieces.scores[number])  # of equal ones the first id
    parts: list[str] = []
    id_of = normal.get
    equal = 0
    before = math.inf
    for number in longer:
        text = pieces.texts[number]
        found = [
            (left, right)
            for cut in range(1, len(text))
            if (left := id_of(text[:cut])) is not None and (right := id_of(text[cut:])) is not None
        ]
        # Runs of spaces, which have one score in Llama 2 and others, come out the same.
        equal += bool(found) and pieces.scores[number] == before and set(text) != {SPACE}
        before = pieces.scores[number] if found else before
        for left, right in sorted(found):
            parts += (pieces.texts[left], pieces.texts[right])
    model = _bpe(pieces, ids, parts)
    merges, _ = merge_ids(parts, ids, "", where)
    notes = []
    if equal:
        notes.append(
            f"{equal} pieces have the score of another one: where both could be merged, "
            "SentencePiece takes the first in the text, and this the first in the vocabulary."
        )
    return model, merges, notes


def _check_characters(pieces: Pieces, longer: list[int], where: str) -> None:
    """Refuse a piece with a character that is none: SentencePiece merges it with its neighbours.

    A user-defined one is merged with nothing there, either.
    """
    single = {
        text
        for text, kind in zip(pieces.texts, pieces.kinds, strict=True)
        if kind in (Kind.NORMAL, Kind.USER_DEFINED)
    }
    if set().union(*(pieces.texts[number] for number in longer)) <= single:
        return
    for number in longer:
        for character in pieces.texts[number]:
            if character not in single:
                raise unlike(
                    f"{where}[{number}]", "each of its characters as a piece, too", character
                )


def _bpe(pieces: Pieces, ids: dict[str, int], parts: list[str]) -> dict[str, Any]:
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": unknown_piece(pieces),
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": True,
        "byte_fallback": Kind.BYTE in pieces.kinds,
        "ignore_merges": False,
        "vocab": ids,
        "merges": [list(pair) for pair in zip(parts[0::2], parts[1::2], strict=True)],
    }


def unigram_model(pieces: Pieces, where: str) -> dict[str, Any]:
    """Make a model of type Unigram of pieces with scores."""
    check_pieces(pieces, where)
    unknown = unknown_piece(pieces)
    return {
        "type": "Unigram",
        "unk_id": None if unknown is None else pieces.texts.index(unknown),
        "byte_fallback": Kind.BYTE in pieces.kinds,
        "vocab": [list(pair) for pair in zip(pieces.texts, pieces.scores, strict=True)],
    }


def unigram_notes(*, has_charsmap: bool) -> list[str]:
    """Say what a model of type Unigram does otherwise than SentencePiece."""
    return [CLUSTERS, _NAMES_OF_PIECES] if has_charsmap else [_NAMES_OF_PIECES]


def unknown_piece(pieces: Pieces) -> str | None:
    """Return the piece for unknown text; None if there is none."""
    kinds = list(pieces.kinds)
    return pieces.texts[kinds.index(Kind.UNKNOWN)] if Kind.UNKNOWN in kinds else None


def pieces_spec(
    model: dict[str, Any],
    pieces: Pieces,
    spaces: Spaces,
    charsmap: str | None,
    post_processor: dict[str, Any] | None,
) -> dict[str, Any]:
    """Make the spec of a SentencePiece model: what it does to a text, and how it is decoded."""
    steps: list[dict[str, Any]] = []
    if charsmap:
        steps.append({"type": "Precompiled", "precompiled_charsmap": charsmap})
    if spaces.collapse:
        steps.append(_replace("Regex", r"\A +", ""))
        steps.append(_replace("Regex", " {2,}", " "))
    if spaces.prefix:
        steps.append({"type": "Prepend", "prepend": SPACE})
    steps.append(_replace("String", " ", SPACE))
    if spaces.collapse:
        # Behind the text it also drops the character that stands for a space.
        steps.append(_replace("Regex", rf"{SPACE}+\z", ""))
    decoders = [_replace("String", SPACE, " "), {"type": "ByteFallback"}, {"type": "Fuse"}]
    if spaces.prefix:
        decoders.append({"type": "Strip", "content": " ", "start": 1, "stop": 0})
    return {
        "version": "1.0",
        "added_tokens": list(added_tokens(pieces)),
        "normalizer": steps[0] if len(steps) == 1 else {"type": "Sequence", "normalizers": steps},
        "pre_tokenizer": None,
        "post_processor": post_processor,
        "decoder": {"type": "Sequence", "decoders": decoders},
        "model": model,
    }


def _replace(kind: str, pattern: str, content: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": {kind: pattern}, "content": content}


def template(tokens: Sequence[tuple[str, int]], behind: Sequence[tuple[str, int]]) -> Any:
    """Make the post-processor that puts tokens before and behind a text; None for none.

    >>> template([("<s>", 1)], [])["special_tokens"]
    {'<s>': {'id': '<s>', 'ids': [1], 'tokens': ['<s>']}}
    """
    if not (tokens or behind):
        return None

    def special(name: str, type_id: int) -> dict[str, Any]:
        return {"SpecialToken": {"id": name, "type_id": type_id}}

    def around(text: str, type_id: int) -> list[dict[str, Any]]:
        return [
            *(special(name, type_id) for name, _ in tokens),
            {"Sequence": {"id": text, "type_id": type_id}},
            *(special(name, type_id) for name, _ in behind),
        ]

    return {
        "type": "TemplateProcessing",
        "single": around("A", 0),
        "pair": around("A", 0) + around("B", 1),
        "special_tokens": {
            name: {"id": name, "ids": [number], "tokens": [name]}
            for name, number in (*tokens, *behind)
        },
    }
