"""Small tokenizer files, made by hand."""

from __future__ import annotations

import json
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import tokenkit
from tokenkit.encodings.steps.decoders import BYTE_CHARACTERS

BYTE_LEVEL = {
    "type": "ByteLevel",
    "add_prefix_space": False,
    "trim_offsets": True,
    "use_regex": True,
}
SIGNS = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
PREPEND = {"type": "Prepend", "prepend": "▁"}
SIGN_DECODERS = [
    {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
    {"type": "ByteFallback"},
    {"type": "Fuse"},
]
STRIP = {"type": "Strip", "content": " ", "start": 1, "stop": 0}
MERGES = ["h i", "Ġ hi", "Ċ Ċ", "e r", "Ã ©", "t h", "th er"]
SIGN_MERGES = ["h i", "▁ hi", "▁ ▁", "e r", "t h", "th er", "▁▁ ▁▁"]


def added(*contents: str, first: int, special: bool = False, **flags: bool) -> list[dict[str, Any]]:
    nothing = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return [
        {"id": first + i, "content": content, "special": special, **nothing, **flags}
        for i, content in enumerate(contents)
    ]


def spec(merges: list[str], symbols: list[str], **more: Any) -> dict[str, Any]:
    vocab = {symbol: number for number, symbol in enumerate(symbols)}
    for merge in merges:
        vocab.setdefault(merge.replace(" ", ""), len(vocab))
    model = {"type": "BPE", "vocab": vocab, "merges": merges, **more.pop("model", {})}
    return {"model": model, **more}


def byte_level(**more: Any) -> dict[str, Any]:
    """Bytes are ids; then come 256 hi, 257 " hi", 258 "\\n\\n", 259 er, 260 é, 261 th, 262 ther."""
    return spec(
        MERGES,
        [BYTE_CHARACTERS[byte] for byte in range(256)],
        **{"pre_tokenizer": BYTE_LEVEL, "decoder": BYTE_LEVEL, **more},
    )


def characters(**more: Any) -> dict[str, Any]:
    """Bytes are ids; then 256 h, 257 i, 258 ▁, 259 e, 260 r, 261 t, and the merges from 262 on."""
    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)]
    return spec(
        SIGN_MERGES,
        [*byte_tokens, *"hi▁ert"],
        **{
            "normalizer": SIGNS,
            "decoder": {"type": "Sequence", "decoders": SIGN_DECODERS},
            **more,
            "model": {"byte_fallback": True, "unk_token": None, **more.get("model", {})},
        },
    )


def load(made: dict[str, Any], folder: Path, name: str = "made") -> tokenkit.Encoding:
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(made), "utf-8")
    return tokenkit.load_encoding(path, name=name)


TOOL = added("<tool>", first=265)
KINDS: dict[str, dict[str, Any]] = {
    "plain": byte_level(),
    "nfc": byte_level(normalizer={"type": "NFC"}, added_tokens=TOOL),
    "nfc and runs": byte_level(
        normalizer={"type": "Sequence", "normalizers": [{"type": "NFC"}]},
        added_tokens=[
            *added("<s>", "</s>", first=263, special=True),
            *TOOL,
            *added("  ", "   ", "\n\n", first=266, normalized=True),
        ],
    ),
    "nfkc": byte_level(normalizer={"type": "NFKC"}, added_tokens=TOOL),
    "strip": byte_level(normalizer={"type": "Strip", "strip_left": True, "strip_right": True}),
    "lower": byte_level(normalizer={"type": "Lowercase"}),
    "lead": byte_level(pre_tokenizer={**BYTE_LEVEL, "add_prefix_space": True}),
    "signs": characters(),
    "llama": characters(normalizer={"type": "Sequence", "normalizers": [PREPEND, SIGNS]}),
}


# Those that read no text as the others do.
OTHER_KINDS: dict[str, dict[str, Any]] = {
    "words": {
        "model": {
            "type": "WordPiece",
            "vocab": {"[UNK]": 0, "h": 104, "##i": 105, "hi": 106},
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
    },
    "unigram": {
        "model": {
            "type": "Unigram",
            "unk_id": 0,
            "vocab": [["<unk>", 0.0], *([chr(code), -2.0] for code in range(1, 128)), ["▁", -1.5]],
        },
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"},
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"},
    },
    "on tokenizers": byte_level(
        pre_tokenizer={
            "type": "Sequence",
            "pretokenizers": [{"type": "Punctuation", "behavior": "Contiguous"}, BYTE_LEVEL],
        }
    ),
}


@lru_cache
def kind(name: str) -> tokenkit.Encoding:
    """An encoding of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        return load({**KINDS, **OTHER_KINDS}[name], Path(folder), name)
