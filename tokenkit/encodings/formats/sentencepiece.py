"""`tokenizer.model`, SentencePiece's format, with models of type BPE and Unigram.

The message is `ModelProto` of its `src/sentencepiece_model.proto` (release 0.2). Reference is what
`sentencepiece` itself encodes; the places where the spec differs are in docs/tokenizers.md.
"""

from __future__ import annotations

import re
import struct
from base64 import b64encode
from typing import Any

from tokenkit._checks import shown
from tokenkit.encodings.formats.charsmap import Charsmap, check_charsmap
from tokenkit.encodings.formats.faults import Fault, unlike
from tokenkit.encodings.formats.pieces import (
    CLUSTERS,
    SPACE,
    Kind,
    Pieces,
    Spaces,
    bpe_model,
    pieces_spec,
    template,
    unigram_model,
    unigram_notes,
)
from tokenkit.encodings.formats.protobuf import fields
from tokenkit.encodings.formats.tokenizer_file import Parsed

_MOST_PIECES = 1 << 21  # the biggest known model has 0.9 million
_PIECES, _TRAINER, _NORMALIZER, _SELF_TEST, _DENORMALIZER = 1, 2, 3, 4, 5
_UNIGRAM, _BPE = 1, 2
_MODEL_TYPES = {_UNIGRAM: "Unigram", _BPE: "BPE", 3: "word", 4: "char"}
# Fields of TrainerSpec. All but these say how the pieces were found, or repeat what the pieces say.
_MODEL_TYPE, _SUFFIX_SPACE = 3, 24
_OF_TRAINING = frozenset([*range(1, 8), *range(10, 27), *range(30, 37), *range(40, 56)])
# Fields of NormalizerSpec; the first and the last say how the map was made.
_NAME, _CHARSMAP, _PREFIX, _COLLAPSE, _ESCAPE, _RULES = 1, 2, 3, 4, 5, 6


def read_sentencepiece(data: bytes, config: dict[str, Any]) -> Parsed:
    """Read a SentencePiece model. Raises Fault, which names the place.

    The library puts no tokens around a text unless it is asked to; `add_bos_token` and
    `add_eos_token` of tokenizer_config.json ask.
    """
    texts: list[str] = []
    scores: list[float] = []
    kinds: list[int] = []
    trainer = normalizer = memoryview(b"")
    for number, value in fields(memoryview(data), "ModelProto"):
        if number == _PIECES:
            text, score, kind = _piece(value, f"pieces[{len(texts)}]")
            texts.append(text)
            scores.append(score)
            kinds.append(kind)
            if not text or len(texts) > _MOST_PIECES:
                # Also so that a small file cannot become millions of objects.
                raise Fault(
                    f"pieces[{len(texts) - 1}]: expected a text, and at most {_MOST_PIECES} pieces"
                )
        elif number == _TRAINER and isinstance(value, memoryview):
            trainer = value
        elif number == _NORMALIZER and isinstance(value, memoryview):
            normalizer = value
        elif number not in (_SELF_TEST, _DENORMALIZER):
            raise Fault(f"ModelProto: unknown field {number}, which might change ids")
    pieces = Pieces(texts, scores, kinds)
    model_type = _trainer(trainer)
    charsmap, spaces = _normalizer(normalizer)
    named = _named(pieces)
    notes = _spaced(pieces)
    merges = None
    if model_type == _BPE:
        model, merges, more = bpe_model(pieces, "pieces")
        notes += more if charsmap is None else [*more, CLUSTERS]
    else:
        pieces = _of_unigram(pieces, charsmap)
        model = unigram_model(pieces, "pieces")
        notes += unigram_notes(has_charsmap=charsmap is not None)
    if Kind.USER_DEFINED in pieces.kinds:
        notes += _at_ends(spaces)
    encoded = None if charsmap is None else b64encode(charsmap).decode()
    spec = pieces_spec(model, pieces, spaces, encoded, _around(named, texts, config))
    notes += _find_users(spec, charsmap is None and not (spaces.prefix or spaces.collapse))
    return Parsed("sentencepiece", spec, tuple(notes), merges, named)


def _of_unigram(pieces: Pieces, charsmap: bytes | None) -> Pieces:
    """Make user-defined pieces what they are to SentencePiece: pieces with the best score.

    Those that the normalizer would change, from which SentencePiece protects them, stay added
    tokens.
    """
    if Kind.UNUSED in pieces.kinds:
        raise Fault("pieces: expected no unused pieces, which only SentencePiece itself avoids")
    kinds, scores = list(pieces.kinds), list(pieces.scores)
    best = max((s for s, kind in zip(scores, kinds, strict=True) if kind == Kind.NORMAL), default=0)
    normalizer = None if charsmap is None else Charsmap(charsmap)
    for number, text in enumerate(pieces.texts):
        if kinds[number] == Kind.USER_DEFINED and (normalizer is None or normalizer.keeps(text)):
            kinds[number] = Kind.NORMAL
            scores[number] = max(best, 0.0) * len(text.encode()) - 0.1
    return Pieces(pieces.texts, scores, kinds)


def _at_ends(spaces: Spaces) -> list[str]:
    """Say what is done at both ends of each part between user-defined pieces."""
    parts = "each part between the user-defined pieces, too."
    notes = []
    if spaces.prefix:
        notes.append(
            f"SentencePiece puts its space before the whole text alone, and this before {parts}"
        )
    if spaces.collapse:
        notes.append(
            "SentencePiece takes spaces off the ends of the whole text alone, and this off those "
            f"of {parts}"
        )
    return notes


def _spaced(pieces: Pieces) -> list[str]:
    """Note the user-defined pieces that have U+0020: it is U+2581 where they are looked for."""
    return [
        f"The user-defined piece {shown(text)} has a space, so it is found in no text: "
        "SentencePiece looks for it where spaces are U+2581. There it keeps a run of spaces, which "
        "is collapsed here if the model collapses any."
        for text, kind in zip(pieces.texts, pieces.kinds, strict=True)
        if kind == Kind.USER_DEFINED and " " in text
    ]


def _find_users(spec: dict[str, Any], only_signs: bool) -> list[str]:
    """Look for user-defined pieces as SentencePiece does: where spaces are U+2581.

    For those that have U+2581, the normalizer must do nothing else (`only_signs`), as it is applied
    to them, too.
    """
    found = [
        token for token in spec["added_tokens"] if token["special"] or " " not in token["content"]
    ]
    spec["added_tokens"] = found
    users = [token for token in found if not token["special"]]
    signed = [token["content"] for token in users if SPACE in token["content"]]
    if only_signs and signed:
        for token in users:  # all, as of two that overlap the first one is found
            token["normalized"] = True
        return []
    return [
        f"The user-defined piece {shown(text)} is found where a text has U+2581 itself: "
        "SentencePiece finds it where spaces are, too."
        for text in signed
    ]


_USUAL_PIECE = re.compile(rb"\n([\0-\x7f])(.*)\x15(....)(?:\x18([\0-\x7f]))?", re.DOTALL)
_FLOAT = struct.Struct("<f")


def _piece(value: Any, where: str) -> tuple[str, float, int]:
    """Read a piece: text, score and kind."""
    text, score, kind = "", 0.0, int(Kind.NORMAL)
    if not isinstance(value, memoryview):
        raise unlike(where, "a piece", value)
    # As SentencePiece writes it. There are up to a million, and field by field it takes longer.
    usual = _USUAL_PIECE.fullmatch(value)
    if usual and len(usual[2]) == usual[1][0]:
        try:
            return usual[2].decode(), _FLOAT.unpack(usual[3])[0], usual[4][0] if usual[4] else kind
        except UnicodeDecodeError:
            pass  # named below
    for number, inner in fields(value, where):
        if number == 1 and isinstance(inner, memoryview):
            try:
                text = bytes(inner).decode()
            except UnicodeDecodeError as error:
                got = bytes(inner[:40])
                raise Fault(f"{where}: expected UTF-8, got {got!r}: {error.reason}") from None
        elif number == 2 and isinstance(inner, float):
            score = inner
        elif number == 3 and isinstance(inner, int):
            kind = inner
        else:
            raise Fault(f"{where}: unknown field {number}, which might change ids")
    return text, score, kind


def _trainer(data: memoryview) -> int:
    """Read the type of the model."""
    model_type: Any = _UNIGRAM
    for number, value in fields(data, "TrainerSpec"):
        if number == _MODEL_TYPE:
            model_type = value
        elif number == _SUFFIX_SPACE and value:
            raise Fault("TrainerSpec.treat_whitespace_as_suffix: expected false, got true")
        elif number not in _OF_TRAINING:
            raise Fault(f"TrainerSpec: unknown field {number}, which might change ids")
    if model_type not in (_UNIGRAM, _BPE):
        got = _MODEL_TYPES.get(model_type, model_type)
        raise unlike("TrainerSpec.model_type", "Unigram or BPE", got)
    return int(model_type)


def _normalizer(data: memoryview) -> tuple[bytes | None, Spaces]:
    charsmap = None
    flags = {_PREFIX: True, _COLLAPSE: True, _ESCAPE: True}
    for number, value in fields(data, "NormalizerSpec"):
        if number in flags and isinstance(value, int):
            flags[number] = bool(value)
        elif number == _CHARSMAP and isinstance(value, memoryview):
            if value:
                charsmap = bytes(value)
                check_charsmap(charsmap, "NormalizerSpec.precompiled_charsmap")
        elif number not in (_NAME, _RULES):
            raise Fault(f"NormalizerSpec: unknown field {number}, which might change ids")
    if not flags[_ESCAPE]:
        raise Fault("NormalizerSpec.escape_whitespaces: expected true, got false")
    return charsmap, Spaces(prefix=flags[_PREFIX], collapse=flags[_COLLAPSE])


def _named(pieces: Pieces) -> dict[str, Any]:
    """Name the usual tokens, if they are there."""
    usual = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    kinds = dict(zip(pieces.texts, pieces.kinds, strict=True))
    named = {key: text for key, text in usual.items() if kinds.get(text) == Kind.CONTROL}
    if Kind.UNKNOWN in pieces.kinds:
        named["unk_token"] = pieces.texts[list(pieces.kinds).index(Kind.UNKNOWN)]
    return named


def _around(named: dict[str, Any], texts: list[str], config: dict[str, Any]) -> Any:
    def asked(name: str) -> list[tuple[str, int]]:
        if config.get(f"add_{name}_token") is not True:
            return []
        token = config.get(f"{name}_token", named.get(f"{name}_token"))
        token = token.get("content") if isinstance(token, dict) else token
        if token not in texts:
            raise unlike(f"tokenizer_config.json: {name}_token", "a piece of the model", token)
        return [(token, texts.index(token))]

    return template(asked("bos"), asked("eos"))
