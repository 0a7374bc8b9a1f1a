"""Writes tokenkit's bundled vocabularies in the formats that other libraries read.

So every library loads from a local file and the same vocabulary, with no network.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from pathlib import Path

# Where tiktoken expects the file; in its cache, a file has the SHA-1 of its address as name.
TIKTOKEN_ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"

# The patterns for the tokenizers library. Its regex engine reads `{1,3}+` as a repetition of a
# repetition, so cl100k_base stands here as tiktoken first published it.
TOKENIZERS_PATTERN = {
    "cl100k_base": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "o200k_base": r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}
GPT2_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def tiktoken_file(encoding: str, folder: Path) -> Path:
    return folder / f"{encoding}.tiktoken"


def tokenizers_file(encoding: str, folder: Path) -> Path:
    return folder / f"{encoding}.json"


def prepare(encoding: str, libraries: list[str], folder: Path) -> None:
    """Write what these libraries need into the folder; files that are there already stay."""
    folder.mkdir(parents=True, exist_ok=True)
    ranks_file = tiktoken_file(encoding, folder)
    if not ranks_file.exists():
        import tokenkit

        ranks = tokenkit.get_encoding(encoding)._mergeable_ranks
        lines = [
            base64.b64encode(token) + b" %d\n" % rank
            for token, rank in sorted(ranks.items(), key=lambda item: item[1])
        ]
        ranks_file.write_bytes(b"".join(lines))
    address = TIKTOKEN_ADDRESS.format(encoding)
    cached = folder / hashlib.sha1(address.encode()).hexdigest()
    if not cached.exists():
        shutil.copyfile(ranks_file, cached)
    if "tokenizers" in libraries and not tokenizers_file(encoding, folder).exists():
        ranks = read_ranks(ranks_file)
        document = tokenizers_document(ranks, TOKENIZERS_PATTERN.get(encoding, GPT2_PATTERN))
        tokenizers_file(encoding, folder).write_text(json.dumps(document), encoding="utf-8")


def read_ranks(path: Path) -> dict[bytes, int]:
    pairs = (line.split() for line in path.read_bytes().splitlines())
    return {base64.b64decode(token): int(rank) for token, rank in pairs}


def tokenizers_document(ranks: dict[bytes, int], pattern: str) -> dict[str, object]:
    """A tokenizer.json: the same ranks as a list of merges, over a printable byte alphabet."""
    letters = byte_letters()
    spelled = {token: "".join(letters[byte] for byte in token) for token in ranks}
    merges = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        parts = parts_below(token, ranks, rank)
        # A token that its own merges cannot reach is still found as a whole piece.
        if len(parts) == 2:
            merges.append([spelled[part] for part in parts])
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    split = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated"}
    return {
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [split | {"invert": False}, byte_level | {"use_regex": False}],
        },
        "decoder": byte_level | {"use_regex": False},
        "model": {
            "type": "BPE",
            "ignore_merges": True,
            "vocab": {spelled[token]: rank for token, rank in ranks.items()},
            "merges": merges,
        },
    }


def parts_below(token: bytes, ranks: dict[bytes, int], limit: int) -> list[bytes]:
    """The token as it stands before the merge that makes it: merged with ranks below limit."""
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 1:
        rank, place = min(
            (ranks.get(parts[i] + parts[i + 1], limit), i) for i in range(len(parts) - 1)
        )
        if rank >= limit:
            break
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    return parts


def byte_letters() -> list[str]:
    """The printable stand-in for each byte, as in GPT-2: bytes that print stand for themselves,
    the others for the characters from U+0100 on."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]
