"""tekken.json, Mistral's format, as `mistral-common` 1.13 reads it (its `tekken.py`).

A vocabulary of bytes in order of rank, of which the first `default_vocab_size` less
`default_num_special_tokens` count; ids are ranks behind the special tokens. What is not in the
list of special tokens is filled up with <SPECIAL_20> and so on.

`mistral-common` never reads a special token out of a text; here that is the caller's choice, as
for all encodings. It puts tokens around a text only where it is asked to, so there is no template.
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

from tokenkit.encodings.formats.byte_level import byte_level_spec, special_token, split
from tokenkit.encodings.formats.faults import Fault, unlike
from tokenkit.encodings.formats.fields import Field, checked, flag, sequence, text, whole
from tokenkit.encodings.formats.known_patterns import COVER_ALL
from tokenkit.encodings.formats.tokenizer_file import Parsed

# What files up to version v7 have without saying so (`DEPRECATED_SPECIAL_TOKENS` there).
_OLD_SPECIAL_TOKENS = [
    "<unk>",
    "<s>",
    "</s>",
    "[INST]",
    "[/INST]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
    "[TOOL_CALLS]",
    "[IMG]",
    "<pad>",
    "[IMG_BREAK]",
    "[IMG_END]",
    "[PREFIX]",
    "[MIDDLE]",
    "[SUFFIX]",
    "[SYSTEM_PROMPT]",
    "[/SYSTEM_PROMPT]",
    "[TOOL_CONTENT]",
]
_LAST_OLD_VERSION = 7
_BYTES = 256
_MOST_SPECIAL_TOKENS = 1 << 16  # real files have 1000


def _anything(value: Any, where: str) -> Any:
    return value


_TOP = {
    "config": Field(_anything),
    "vocab": Field(sequence),
    "special_tokens": Field(_anything, None),
}
_HARMLESS = {
    "version": "the number of the file's layout",
    "type": "always the same word",
    "image": "sizes of images, not of text",
    "multimodal": "the older name of image",
    "audio": "sizes of audio, not of text",
    "model_settings_builder": "builds a part of a chat, not of a text",
}
_CONFIG = {
    "pattern": Field(text),
    "default_vocab_size": Field(whole),
    "default_num_special_tokens": Field(whole),
    "version": Field(text),
}
_HARMLESS_CONFIG = {"num_vocab_tokens": "the length of vocab, which may be more than is used"}
_ENTRY = {"rank", "token_bytes", "token_str"}
_SPECIAL = {"rank": Field(whole), "token_str": Field(text), "is_control": Field(flag, True)}


def read_tekken(content: Any) -> Parsed:
    """Read a parsed tekken.json. Raises Fault, which names the place."""
    given = checked(content, "", _TOP, _HARMLESS)
    config = checked(given["config"], "config", _CONFIG, _HARMLESS_CONFIG)
    number = re.fullmatch(r"v(\d{1,4})(m\d)?", config["version"])
    if not number:
        raise unlike("config.version", "a version such as v3", config["version"])
    specials = config["default_num_special_tokens"]
    if specials > _MOST_SPECIAL_TOKENS:
        raise unlike(
            "config.default_num_special_tokens", f"at most {_MOST_SPECIAL_TOKENS}", specials
        )
    size = config["default_vocab_size"] - specials
    if not _BYTES <= size <= len(given["vocab"]):
        raise unlike(
            "config.default_vocab_size",
            f"from {_BYTES} to {len(given['vocab'])} tokens beside {specials} special ones",
            size,
        )
    names = _special_tokens(given["special_tokens"], specials, int(number[1]))
    model = {"type": "Ranks", "ranks": _ranks(given["vocab"][:size]), "ids": specials}
    pattern = config["pattern"]
    spec = byte_level_spec(
        model,
        [split(pattern, drop=pattern not in COVER_ALL)],
        (special_token(name, index) for index, name in enumerate(names)),
    )
    named = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    return Parsed(
        "tekken.json", spec, config={key: name for key, name in named.items() if name in names}
    )


def _ranks(vocab: list[Any]) -> list[tuple[bytes, int]]:
    tokens: dict[bytes, int] = {}
    for rank, entry in enumerate(vocab):
        where = f"vocab[{rank}]"
        if not isinstance(entry, dict) or entry.keys() != _ENTRY:
            raise unlike(where, "rank, token_bytes and token_str", entry)
        if type(entry["rank"]) is not int or entry["rank"] != rank:
            raise unlike(f"{where}.rank", str(rank), entry["rank"])
        try:
            token = b64decode(entry["token_bytes"], validate=True)
        except (TypeError, ValueError):
            raise unlike(f"{where}.token_bytes", "base64", entry["token_bytes"]) from None
        if rank < _BYTES and token != bytes([rank]):
            raise unlike(f"{where}.token_bytes", f"the byte {rank}", token)
        if not token or token in tokens:
            raise unlike(f"{where}.token_bytes", "each token once, and none empty", token)
        tokens[token] = rank
    return list(tokens.items())


def _special_tokens(value: Any, number: int, version: int) -> list[str]:
    """List the special tokens by id."""
    if value is None:
        if version > _LAST_OLD_VERSION:
            raise Fault(
                f"special_tokens: expected a list in a file of version v{version}, got none"
            )
        names = list(_OLD_SPECIAL_TOKENS)
    else:
        names = []
        for index, entry in enumerate(sequence(value, "special_tokens")):
            token = checked(entry, f"special_tokens[{index}]", _SPECIAL)
            if token["rank"] != index:
                raise unlike(f"special_tokens[{index}].rank", str(index), token["rank"])
            names.append(token["token_str"])
    if len(names) > number:
        raise unlike("special_tokens", f"at most {number}", len(names))
    names += [f"<SPECIAL_{index}>" for index in range(len(names), number)]
    if len(set(names)) != len(names) or "" in names:
        raise Fault("special_tokens: expected each once, and none empty")
    return names
