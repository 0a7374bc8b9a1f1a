"""The slow twin of Unigram: what the package `tokenizers` does, step after step, in Python.

Character maps are dicts here; `charsmap` makes SentencePiece's form of them. Clusters are those of
the module `regex`, so it may be asked about characters that all versions of Unicode join alike.
"""

from __future__ import annotations

import random
import re
import struct
from base64 import b64encode
from typing import Any

import regex

SIGN = "▁"
CHARACTERS = (
    "aaaaabbc    ..\n\r\t\x00\x85éöＡ中国ﷺ𝔸\u0301\u0308\u0605\u200d\u0903\u3000▁",
    ["\r\n", "<unk>", "<0x41>", "e\u0301"],
)
MAP = {
    "\n": " ",
    "\t": " ",
    "\r": " ",
    "e\u0301": "é",
    "a\u0308": "ä",
    "Ａ": "A",
    "ﷺ": "صلى الله",
    "\u3000": " ",
    "\u200d": "",
    "\u0605": " ",
    "𝔸": "A",
    "ö": "o ",
    "c": "",
}
TOKENS = [
    *("▁", "a", "b", "▁a", "▁b", "aa", "ab", "ba", "aaa", "aab", "é", "中国", "中", "A", "▁▁"),
    *("▁ab", "\u0301", ".", "a.", "▁.", "صلى", "o", "xx", "<unk>a"),
]


def random_text(rng: random.Random, most: int) -> str:
    singles, others = CHARACTERS
    return "".join(rng.choice([*singles, *others]) for _ in range(rng.randrange(most)))


def charsmap(pairs: dict[str, str]) -> bytes:
    """Write a map as SentencePiece does: a double array, and texts that end in NUL.

    Each node has 256 units of its own, which wastes room and needs no search for it.
    """
    nodes: list[dict[int, int]] = [{}]
    texts, leaves = b"", {}
    for key, value in pairs.items():
        node = 0
        for byte in key.encode():
            if byte not in nodes[node]:
                nodes[node][byte] = len(nodes)
                nodes.append({})
            node = nodes[node][byte]
        leaves[node] = len(texts)
        texts += value.encode() + b"\0"
    units = [0] * (256 * (len(nodes) + 1))
    waiting = [(0, 0)]
    for place, node in waiting:
        base = 256 * (node + 1) | place & 255
        units[place] |= (place ^ base) >> 8 << 10 | 1 << 9
        if node in leaves:
            units[place] |= 1 << 8
            units[base] = leaves[node] | 1 << 31
        for byte, child in nodes[node].items():
            units[base ^ byte] |= byte
            waiting.append((base ^ byte, child))
    trie = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(trie)) + trie + texts


class UnigramTwin:
    """A Unigram model of a tokenizer.json, with the map of its normalizer."""

    def __init__(self, spec: dict[str, Any], pairs: dict[str, str]) -> None:
        self.spec = spec
        self.pairs = pairs
        model = spec["model"]
        self.scores = [score for _, score in model["vocab"]]
        self.ids = {token: number for number, (token, _) in enumerate(model["vocab"])}
        self.unknown = model["unk_id"]

    def normalized(self, text: str) -> str:
        steps = self.spec["normalizer"]["normalizers"] if self.spec["normalizer"] else []
        for step in steps:
            text = self._step(step, text)
        return text

    def _step(self, step: dict[str, Any], text: str) -> str:
        kind = step["type"]
        if kind == "Precompiled":
            return "".join(map(self._mapped, regex.findall(r"\X", text)))
        if kind == "Strip":
            text = regex.sub(r"\A\p{White_Space}+", "", text) if step["strip_left"] else text
            return regex.sub(r"\p{White_Space}+\z", "", text) if step["strip_right"] else text
        if kind == "Prepend":
            return step["prepend"] + text if text else text
        pattern = step["pattern"]
        if "String" in pattern:
            return text.replace(pattern["String"], step["content"])
        return regex.sub(pattern["Regex"], step["content"], text)

    def _mapped(self, cluster: str) -> str:
        if len(cluster.encode()) < 6 and (found := self._found(cluster)) is not None:
            return found
        found_all = [(char, self._found(char)) for char in cluster]
        return "".join(char if found is None else found for char, found in found_all)

    def _found(self, text: str) -> str | None:
        """Return what the shortest string that the text begins with becomes."""
        for size in range(1, len(text) + 1):
            if text[:size] in self.pairs:
                return self.pairs[text[:size]]
        return None

    def pieces(self, text: str) -> list[str]:
        parts = [text] if text else []
        first = True
        for step in self.spec["pre_tokenizer"]["pretokenizers"]:
            if step["type"] == "WhitespaceSplit":
                parts = regex.findall(r"\P{White_Space}+", text)
                continue
            sign, scheme = step["replacement"], step["prepend_scheme"]
            signed: list[str] = []
            for part in parts:
                part = part.replace(" ", sign)
                if (scheme == "always" or (scheme == "first" and first)) and part[0] != sign:
                    part = sign + part
                signed += re.findall(f"{sign}?[^{sign}]*", part) if step["split"] else [part]
            parts = [part for part in signed if part]
        return parts

    def piece_ids(self, piece: str) -> list[int]:
        """Cover a piece by the tokens with the highest sum."""
        lowest = min(self.scores) - 10
        best: list[tuple[float, int, int]] = [(0.0, 0, 0)] + [(0.0, -1, 0)] * len(piece)
        longest = max(map(len, self.ids))
        for start in range(len(piece)):
            known = False
            for end in range(start + 1, min(len(piece), start + longest) + 1):
                number = self.ids.get(piece[start:end])
                if number is None:
                    if known or end > start + 1:
                        continue
                    number = self.unknown
                    score = lowest
                else:
                    score = self.scores[number]
                known = known or end == start + 1
                total = score + best[start][0]
                if best[end][1] < 0 or total > best[end][0]:
                    best[end] = (total, start, number)
        way: list[tuple[int, str]] = []
        end = len(piece)
        while end:
            _, start, number = best[end]
            way.append((number, piece[start:end]))
            end = start
        ids, run = [], ""
        for number, part in way[::-1]:
            if number == self.unknown:
                run += part
                continue
            ids += self._unknown_ids(run)
            run = ""
            ids.append(number)
        return ids + self._unknown_ids(run)

    def _unknown_ids(self, run: str) -> list[int]:
        if not run:
            return []
        if run in self.ids:
            return [self.ids[run]]
        names = [f"<0x{byte:02X}>" for byte in run.encode()]
        if self.spec["model"]["byte_fallback"] and all(name in self.ids for name in names):
            return [self.ids[name] for name in names]
        return [self.unknown]

    def encode(self, text: str) -> list[int]:
        return [
            number
            for piece in self.pieces(self.normalized(text))
            for number in self.piece_ids(piece)
        ]


def random_twin(rng: random.Random, *, scheme: str | None = None) -> UnigramTwin:
    """Make a model with steps, splits and scores of all kinds; sums of scores are often equal."""
    pairs = {key: MAP[key] for key in rng.sample(list(MAP), rng.randrange(len(MAP)))}
    steps: list[dict[str, Any]] = []
    if pairs:
        found = b64encode(charsmap(pairs)).decode()
        steps.append({"type": "Precompiled", "precompiled_charsmap": found})
    first = scheme == "first"
    if rng.random() < 0.4:
        left = rng.random() < 0.5 and not first
        steps.append({"type": "Strip", "strip_left": left, "strip_right": rng.random() < 0.5})
    if rng.random() < 0.5:
        pattern = {"Regex": " {2,}"}
        steps.append({"type": "Replace", "pattern": pattern, "content": rng.choice([" ", SIGN])})
    if rng.random() < 0.2:
        steps.append({"type": "Replace", "pattern": {"String": "aa"}, "content": "b "})
    spaces = rng.random() < 0.4 and not first
    splits: list[dict[str, Any]] = [{"type": "WhitespaceSplit"}] if spaces else []
    if first or rng.random() < 0.9:
        splits.append(
            {
                "type": "Metaspace",
                "replacement": SIGN,
                "prepend_scheme": scheme or rng.choice(["always", "never"]),
                "split": rng.random() < 0.8,
            }
        )
    tokens = ["<unk>", *rng.sample(TOKENS, rng.randrange(len(TOKENS)))]
    tokens += [text for _ in range(8) if (text := random_text(rng, 4))]
    byte_fallback = rng.random() < 0.3
    tokens += [f"<0x{byte:02X}>" for byte in range(256 if byte_fallback else 0) if byte != 0xA9]
    kind = rng.randrange(3)

    def score() -> float:
        if kind == 0:
            return -float(rng.randrange(4))
        return rng.uniform(-9, 9) if kind == 1 else round(rng.uniform(-3, 0), 1)

    model = {
        "type": "Unigram",
        "unk_id": 0 if rng.random() < 0.8 else rng.randrange(len(tokens)),
        "byte_fallback": byte_fallback,
        "vocab": [[token, score()] for token in tokens],
    }
    spec: dict[str, Any] = {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": steps} if steps else None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": splits},
        "post_processor": None,
        "decoder": {"type": "Metaspace", "replacement": SIGN, "prepend_scheme": "always"},
        "model": model,
    }
    return UnigramTwin(spec, pairs)
