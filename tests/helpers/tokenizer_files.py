"""Small tokenizer files of every format, for tests."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

JsonObject = dict[str, Any]

BPE: JsonObject = {
    "type": "BPE",
    "vocab": {"a": 0, "b": 1, "ab": 2, "c": 3, "abc": 4},
    "merges": [["a", "b"], ["ab", "c"]],
}
ADDED: JsonObject = {
    "id": 5,
    "content": "<s>",
    "single_word": False,
    "lstrip": False,
    "rstrip": False,
    "normalized": False,
    "special": True,
}
CHARSMAP = base64.b64encode(struct.pack("<II", 4, 0) + b"x\0").decode()
_BYTE_LEVEL = {
    "type": "ByteLevel",
    "add_prefix_space": False,
    "trim_offsets": True,
    "use_regex": False,
}
_METASPACE = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False}
_REPLACE = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
_SPLIT = {"type": "Split", "pattern": {"Regex": r"\d"}, "behavior": "Removed", "invert": True}
# One of each type that tokenizer.json knows, by the key that holds it.
SAMPLES: dict[str, list[JsonObject]] = {
    "normalizer": [
        {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": False,
            "strip_accents": None,
            "lowercase": True,
        },
        *({"type": name} for name in ("ByteLevel", "Lowercase", "NFC", "NFD", "NFKC", "NFKD")),
        {"type": "Nmt"},
        {"type": "Precompiled", "precompiled_charsmap": CHARSMAP},
        {"type": "Prepend", "prepend": "▁"},
        _REPLACE,
        {"type": "Strip", "strip_left": True, "strip_right": False},
        {"type": "StripAccents"},
        {"type": "Sequence", "normalizers": [{"type": "NFC"}, _REPLACE]},
    ],
    "pre_tokenizer": [
        {"type": "BertPreTokenizer"},
        _BYTE_LEVEL,
        {"type": "CharDelimiterSplit", "delimiter": "-"},
        {"type": "Digits", "individual_digits": True},
        {"type": "FixedLength", "length": 3},
        _METASPACE,
        {"type": "Punctuation", "behavior": "MergedWithNext"},
        _SPLIT,
        *({"type": name} for name in ("UnicodeScripts", "Whitespace", "WhitespaceSplit")),
        {"type": "Sequence", "pretokenizers": [_SPLIT, _BYTE_LEVEL]},
    ],
    "post_processor": [
        {"type": "BertProcessing", "sep": ["b", 1], "cls": ["a", 0]},
        _BYTE_LEVEL,
        {
            "type": "RobertaProcessing",
            "sep": ["b", 1],
            "cls": ["a", 0],
            "trim_offsets": True,
            "add_prefix_space": False,
        },
        {
            "type": "TemplateProcessing",
            "single": [
                {"SpecialToken": {"id": "<s>", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
            ],
            "pair": [
                {"Sequence": {"id": "A", "type_id": 0}},
                {"Sequence": {"id": "B", "type_id": 1}},
            ],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [5], "tokens": ["<s>"]}},
        },
        {"type": "Sequence", "processors": [_BYTE_LEVEL]},
    ],
    "decoder": [
        {"type": "BPEDecoder", "suffix": "</w>"},
        {"type": "ByteFallback"},
        _BYTE_LEVEL,
        {"type": "CTC", "pad_token": "<p>", "word_delimiter_token": "|", "cleanup": True},
        {"type": "Fuse"},
        _METASPACE,
        _REPLACE,
        {"type": "Strip", "content": " ", "start": 1, "stop": 0},
        {"type": "WordPiece", "prefix": "##", "cleanup": False},
        {"type": "Sequence", "decoders": [_REPLACE, {"type": "ByteFallback"}, {"type": "Fuse"}]},
    ],
    "model": [
        {
            **BPE,
            "dropout": None,
            "unk_token": "a",
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": False,
            "ignore_merges": True,
        },
        {
            "type": "WordPiece",
            "unk_token": "a",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {"a": 0, "b": 1, "##b": 2},
        },
        {"type": "WordLevel", "vocab": {"a": 0, "b": 2}, "unk_token": "a"},
        {
            "type": "Unigram",
            "unk_id": 0,
            "byte_fallback": False,
            "vocab": [["a", 0.0], ["b", -1.5], ["c", -2]],
        },
    ],
}


def tokenizer_json(**keys: Any) -> JsonObject:
    """A whole tokenizer.json: the parts given, and a small BPE for the model."""
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [ADDED],
        "normalizer": None,
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": None,
        "model": BPE,
        **keys,
    }


def tekken_json(**keys: Any) -> JsonObject:
    """A tekken.json of all bytes, "ab" and a token that is not used, with 30 special tokens."""
    tokens = [*(bytes([byte]) for byte in range(256)), b"ab", b"abab"]
    return {
        "config": {
            "pattern": r"\w+|\W+",
            "num_vocab_tokens": 258,
            "default_vocab_size": 287,
            "default_num_special_tokens": 30,
            "version": "v3",
        },
        "vocab": [
            {"rank": rank, "token_bytes": base64.b64encode(token).decode(), "token_str": None}
            for rank, token in enumerate(tokens)
        ],
        **keys,
    }


def tiktoken_lines(*tokens: bytes) -> bytes:
    """A `.tiktoken` file: the tokens given, with their places as ranks."""
    lines = (base64.b64encode(token) + b" %d\n" % rank for rank, token in enumerate(tokens))
    return b"".join(lines)


def field(number: int, value: int | float | bytes) -> bytes:
    """A field of a Protocol Buffers message."""
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    return varint(number << 3) + varint(value)


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


# Text, score and kind of the pieces of a small SentencePiece model.
PIECES = [
    ("<unk>", 0.0, 2),
    ("<s>", 0.0, 3),
    ("</s>", 0.0, 3),
    ("[user]", 0.0, 4),
    ("ab", -1.0, 1),
    ("▁a", -2.0, 1),
    ("▁", -3.0, 1),
    ("a", -4.0, 1),
    ("b", -5.0, 1),
    ("<0x41>", 0.0, 6),
]
_OF_BPE = field(3, 2)
_ONLY_PREFIX = field(4, 0)


def sentencepiece_model(
    pieces: list[tuple[str, float, int]] = PIECES,
    *,
    trainer: bytes = _OF_BPE,
    normalizer: bytes = _ONLY_PREFIX,
    more: bytes = b"",
) -> bytes:
    """A SentencePiece model of type BPE with a dummy prefix, whose spaces are not collapsed."""
    listed = (
        field(1, field(1, text.encode()) + field(2, score) + field(3, kind))
        for text, score, kind in pieces
    )
    return b"".join(listed) + field(2, trainer) + field(3, normalizer) + more


def gguf_string(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def gguf_value(value: Any) -> bytes:
    """The type and the bytes of a value: bool, int (32 bits), float, str, bytes, or a list of one
    of them."""
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return struct.pack("<Ii", 5, value) if value < 0 else struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, str):
        return struct.pack("<I", 8) + gguf_string(value)
    if isinstance(value, bytes):
        return struct.pack("<IIQ", 9, 0, len(value)) + value
    if value and isinstance(value[0], str):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(gguf_string, value))
    kind, letter = (6, "f") if value and isinstance(value[0], float) else (5, "i")
    return struct.pack(f"<IIQ{len(value)}{letter}", 9, kind, len(value), *value)


def gguf_file(values: JsonObject, *, version: int = 3, more: bytes = b"") -> bytes:
    """A GGUF file without tensors."""
    entries = b"".join(gguf_string(key) + gguf_value(value) for key, value in values.items())
    return b"GGUF" + struct.pack("<IQQ", version, 0, len(values)) + entries + more


def gguf_values(model: str = "gpt2", **keys: Any) -> JsonObject:
    """The metadata of a small vocabulary of bytes; None leaves a key out."""
    values = {
        "model": model,
        "pre": "llama-bpe",
        "tokens": ["a", "b", "ab", "<s>", "[x]"],
        "token_type": [1, 1, 1, 3, 4],
        "merges": ["a b"],
        "bos_token_id": 3,
        **keys,
    }
    given = {f"tokenizer.ggml.{key}": value for key, value in values.items() if value is not None}
    return {"general.architecture": "test", "general.sizes": [1, 2], **given}


def write_json(folder: Path, content: Any, name: str = "tokenizer.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(content), "utf-8")
    return path
