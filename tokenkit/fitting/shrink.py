"""Shrinking tool results to a share of a budget: both ends stay, a marker stands for the middle.

`level` answers how far: the largest number of tokens that every result may have so that all fit
(results that are smaller stay whole). `Shrinker` makes the shorter messages and remembers them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from tokenkit._core import text_digest
from tokenkit.chat import ChatTally, Memo, Rule, joined

__all__ = ["MARKER", "Shrinker", "level"]

MARKER = "\n[... cut ...]\n"
# A result keeps this many tokens of text while anything else can go.
LEAST = 32


def level(sizes: Sequence[int], room: int) -> int:
    """Give the largest n for which the sum of min(size, n) is at most `room`; 0 below 0.

    >>> level([10, 200, 300], 250)
    120
    """
    left = max(0, room)
    ordered = sorted(sizes)
    for position, size in enumerate(ordered):
        share = left // (len(ordered) - position)
        if size > share:
            return share
        left -= size
    return ordered[-1] if ordered else 0


class Shrinker:
    """Sizes and shorter versions of a chat's tool results. Nothing of the input is changed."""

    def __init__(self, messages: Sequence[Mapping[str, Any]], tally: ChatTally, rule: Rule) -> None:
        self.messages = messages
        self.tally = tally
        self.rule = rule
        # Tokens of each shrinkable result's text, as the rule counts them.
        self.sizes: dict[int, int] = {}
        known = tally.result_texts
        for index, (_, parallel) in tally.results.items():
            if index in known:
                if known[index]:
                    self.sizes[index] = known[index]
                continue
            texts = result_texts(messages[index])
            if any(texts):
                self.sizes[index] = rule.result_tokens(texts, parallel)
        # Whether a result may lose all but the marker, for want of anything else that can go.
        self.bare = False
        self._marker = {
            parallel: rule.result_tokens([MARKER], parallel) for parallel in (False, True)
        }

    def least(self, index: int) -> int:
        """Give the tokens of text that the result at `index` keeps in any case."""
        return self._marker[self.tally.results[index][1]] if self.bare else LEAST

    def savings(self, tokens: int) -> dict[int, int]:
        """Give the tokens that each result loses if none may have more than `tokens`: none for
        those that are not listed."""
        if not self.bare:  # the same for all
            floor = max(tokens, LEAST)
            return {index: size - floor for index, size in self.sizes.items() if size > floor}
        floors = {index: max(tokens, self.least(index)) for index in self.sizes}
        return {i: size - floors[i] for i, size in self.sizes.items() if size > floors[i]}

    def shrink(self, index: int, tokens: int) -> tuple[Mapping[str, Any], int]:
        """Give (message, its tokens) with at most `tokens` of result text, or its least."""
        message, size = self.messages[index], self.sizes[index]
        full = self.tally.costs[index]
        tokens = max(tokens, self.least(index))
        if size <= tokens:
            return message, full
        parallel = self.tally.results[index][1]
        shorter = self._shorten("\n".join(result_texts(message)), tokens, parallel)
        used = self.rule.result_tokens([shorter], parallel)
        return with_result_text(message, shorter), full - size + used

    def _shorten(self, text: str, tokens: int, parallel: bool) -> str:
        encoding = self.rule.counts.encoding
        source = joined(encoding.name, str(tokens), str(parallel), text)
        digest = text_digest(source, _KEY)
        known = _kept_ends.known.get(digest)
        if known is not None:
            return text[: known[0]] + MARKER + text[len(text) - known[1] :]
        goal, shorter = tokens, MARKER
        marker_tokens = self.rule.counts.count(MARKER)
        while goal > marker_tokens:
            shorter = str(encoding.truncate(text, goal, keep="ends", marker=MARKER))
            used = self.rule.result_tokens([shorter], parallel)
            if used <= tokens:
                break
            # Escaping makes the text of a parallel result longer than its plain tokens.
            goal, shorter = min(goal - 1, goal * tokens // used), MARKER
        ends = _ends(text, shorter)
        if ends is not None:
            _kept_ends.keep([(digest, ends)])
        return shorter


# Digest of a text and what it was shortened to -> the characters kept at its start and its end.
_kept_ends: Memo[bytes, tuple[int, int]] = Memo(max_entries=8192)
_KEY = os.urandom(16)


def _ends(text: str, shorter: str) -> tuple[int, int] | None:
    """Give (start, end), the characters of `text` around the marker of `shorter`."""
    start = shorter.find(MARKER)
    while start >= 0:
        end = len(shorter) - start - len(MARKER)
        if text[:start] + MARKER + text[len(text) - end :] == shorter:
            return start, end
        start = shorter.find(MARKER, start + 1)
    return None


def result_texts(message: Mapping[str, Any]) -> list[str]:
    """Give the texts of a tool result that can be shrunk: a string, or parts that are all text."""
    content = message.get("content")
    if isinstance(content, str):
        return [content]
    if not isinstance(content, (list, tuple)):
        return []
    texts = [part["text"] for part in content if part.get("type") == "text"]
    return texts if len(texts) == len(content) else []


def with_result_text(message: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Copy the message with another text, in one part where there were parts."""
    content: object = text
    if not isinstance(message.get("content"), str):
        content = [{**message["content"][0], "text": text}]
    return {**message, "content": content}
