"""Judges a chunker's output: are promises kept, and where do its chunks end?

Everything is counted again here, with tokenkit, whatever a library says of its chunks.
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import regex

import tokenkit
from benchmarks.chunkers.peers import Part

ENDS = ("blank line", "line", "sentence", "word", "mid-word")
_SENTENCE_END = regex.compile(r"[.!?…。！？؟।॥][\"'”’」』)\]]*$")
# Scripts that put no spaces between words: between two of their letters may be a word's end.
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")


def located(parts: list[Part], source: str) -> list[int]:
    """Where each part begins: where its library says, if it stands there, else the next place
    where it stands, else -1."""
    places, after = [], 0
    for part in parts:
        place = part.start
        if place is None or place < 0 or not source.startswith(part.text, place):
            place = source.find(part.text, after)
        places.append(place)
        after = max(after, place + 1)
    return places


def end_kind(source: str, end: int) -> str:
    """Classify the end at this offset of the text by the white space on both sides of it."""
    before, after = end, end
    while before > 0 and source[before - 1].isspace():
        before -= 1
    while after < len(source) and source[after].isspace():
        after += 1
    lines = regex.sub(r"\r\n?", "\n", source[before:after]).count("\n")
    if lines:
        return "blank line" if lines > 1 else "line"
    if _SENTENCE_END.search(source[max(0, before - 8) : before]):
        return "sentence"
    if before < after or before == 0 or after == len(source):
        return "word"
    left, right = source[end - 1], source[end]
    if left.isalnum() and right.isalnum():
        unspaced = _UNSPACED.match(left) and _UNSPACED.match(right)
        return "word" if unspaced else "mid-word"
    return "mid-word" if regex.match(r"[\p{M}\u200d]", right) else "word"


def joined(parts: list[Part], source: str) -> str:
    """ "yes", or what is missing when the chunks are joined."""
    text = "".join(part.text for part in parts)
    if text == source:
        return "yes"
    return "no white space" if "".join(text.split()) == "".join(source.split()) else "text differs"


def judge(parts: list[Part], source: str, encoding: str, size: int) -> dict[str, Any]:
    """The facts about chunks made without overlap."""
    enc = tokenkit.get_encoding(encoding)
    counts = enc.count_batch([part.text for part in parts]).tolist()
    places = located(parts, source)
    ends = Counter(
        end_kind(source, place + len(part.text))
        for part, place in zip(parts[:-1], places, strict=False)
        if place >= 0
    )
    said = [(part.tokens, count) for part, count in zip(parts, counts, strict=True)]
    replaced = sum(part.text.count("\ufffd") for part in parts) - source.count("\ufffd")
    return {
        "chunks": len(parts),
        "fill": sum(counts) / (len(parts) * size) if parts else 0.0,
        "largest": max(counts, default=0),
        "over": sum(count > size for count in counts),
        "joined": joined(parts, source),
        "wrong_offsets": wrong_offsets(parts, source),
        "wrong_counts": sum(tokens is not None and tokens != count for tokens, count in said),
        "replaced": max(0, replaced),
        "ends": {kind: ends[kind] / max(1, len(parts) - 1) for kind in ENDS},
    }


def wrong_offsets(parts: list[Part], source: str) -> int:
    return sum(
        part.start is None or part.start < 0 or not source.startswith(part.text, part.start)
        for part in parts
    )


def judge_overlap(
    parts: list[Part], source: str, encoding: str, size: int, asked: int
) -> dict[str, Any]:
    """The facts about chunks that repeat tokens: how many, against what was asked for."""
    enc = tokenkit.get_encoding(encoding)
    counts = enc.count_batch([part.text for part in parts]).tolist()
    facts: dict[str, Any] = {
        "chunks": len(parts),
        "over": sum(count > size for count in counts),
        "wrong_offsets": wrong_offsets(parts, source),
    }
    if facts["wrong_offsets"] or len(parts) < 2:
        return facts  # what they share is unknown
    spans = [(part.start or 0, (part.start or 0) + len(part.text)) for part in parts]
    shared = [enc.count(source[start:end]) for (_, end), (start, _) in itertools.pairwise(spans)]
    facts |= {"mean": sum(shared) / len(shared), "most": max(shared)}
    return {**facts, "too_many": sum(count > asked for count in shared)}
