"""The components of tokenizer.json: normalizers, pre-tokenizers, post-processors and decoders.

The tables below are what `tokenizers` 0.23 reads (its `src/normalizers`, `pre_tokenizers`,
`processors` and `decoders`, commit 3ba8ad0061a885baf052bbb7bbd22857e73e0c4e): for each type its
keys, how a value is checked, and the default if the key may be missing. `tokenizers` ignores other
keys; here they are faults.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tokenkit.encodings.formats.charsmap import charsmap
from tokenkit.encodings.formats.faults import Fault, unlike
from tokenkit.encodings.formats.fields import (
    Field,
    character,
    checked,
    flag,
    mapping,
    one_of,
    or_null,
    pattern,
    sequence,
    text,
    token_and_id,
    whole,
)
from tokenkit.encodings.formats.templates import TEMPLATE, check_template

_MOST_NESTED = 16  # sequences in sequences; real files have two


class Kind(NamedTuple):
    """One kind of component: its types, and the key under which a sequence holds others."""

    types: Mapping[str, Mapping[str, Field]]
    inner: str


_BEHAVIOR = one_of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")
_REPLACE = {"pattern": Field(pattern), "content": Field(text)}
_BYTE_LEVEL = {
    "add_prefix_space": Field(flag),
    "trim_offsets": Field(flag),
    "use_regex": Field(flag, True),
}
# What its fields mean together is checked by `_metaspace`.
_METASPACE = {
    "replacement": Field(character),
    "prepend_scheme": Field(one_of("first", "never", "always"), "always"),
    "split": Field(or_null(flag), None),
    "add_prefix_space": Field(or_null(flag), None),
    "str_rep": Field(or_null(text), None),
}
_BERT_NORMALIZER = {
    "clean_text": Field(flag),
    "handle_chinese_chars": Field(flag),
    "strip_accents": Field(or_null(flag), None),
    "lowercase": Field(flag),
}
_NOTHING: Mapping[str, Field] = {}

NORMALIZER = Kind(
    {
        "BertNormalizer": _BERT_NORMALIZER,
        "Bert": _BERT_NORMALIZER,  # another name of the same
        "ByteLevel": _NOTHING,
        "Lowercase": _NOTHING,
        "NFC": _NOTHING,
        "NFD": _NOTHING,
        "NFKC": _NOTHING,
        "NFKD": _NOTHING,
        "Nmt": _NOTHING,
        "Precompiled": {"precompiled_charsmap": Field(charsmap)},
        "Prepend": {"prepend": Field(text)},
        "Replace": _REPLACE,
        "Strip": {"strip_left": Field(flag), "strip_right": Field(flag)},
        "StripAccents": _NOTHING,
    },
    "normalizers",
)
PRE_TOKENIZER = Kind(
    {
        "BertPreTokenizer": _NOTHING,
        "ByteLevel": _BYTE_LEVEL,
        "CharDelimiterSplit": {"delimiter": Field(character)},
        "Digits": {"individual_digits": Field(flag)},
        "FixedLength": {"length": Field(whole, 5)},
        "Metaspace": _METASPACE,
        "Punctuation": {"behavior": Field(_BEHAVIOR, "Isolated")},
        "Split": {"pattern": Field(pattern), "behavior": Field(_BEHAVIOR), "invert": Field(flag)},
        "UnicodeScripts": _NOTHING,
        "Whitespace": _NOTHING,
        "WhitespaceSplit": _NOTHING,
    },
    "pretokenizers",
)
DECODER = Kind(
    {
        "BPEDecoder": {"suffix": Field(text)},
        "ByteFallback": _NOTHING,
        "ByteLevel": _BYTE_LEVEL,
        "CTC": {
            "pad_token": Field(text),
            "word_delimiter_token": Field(text),
            "cleanup": Field(flag),
        },
        "Fuse": _NOTHING,
        "Metaspace": _METASPACE,
        "Replace": _REPLACE,
        "Strip": {"content": Field(character), "start": Field(whole), "stop": Field(whole)},
        "WordPiece": {"prefix": Field(text), "cleanup": Field(flag)},
    },
    "decoders",
)
# `tokenizers` looks at the keys of a post-processor, not at its type; as unknown keys are faults,
# both say the same.
POST_PROCESSOR = Kind(
    {
        "BertProcessing": {"sep": Field(token_and_id), "cls": Field(token_and_id)},
        "ByteLevel": _BYTE_LEVEL,
        "RobertaProcessing": {
            "sep": Field(token_and_id),
            "cls": Field(token_and_id),
            "trim_offsets": Field(flag),
            "add_prefix_space": Field(flag),
        },
        "TemplateProcessing": TEMPLATE,
    },
    "processors",
)


def component(kind: Kind, value: Any, where: str, depth: int = 0) -> dict[str, Any] | None:
    """Check a component, null for none; return it with its defaults filled in.

    >>> component(PRE_TOKENIZER, {"type": "Punctuation"}, "pre_tokenizer")
    {'type': 'Punctuation', 'behavior': 'Isolated'}
    """
    if value is None and not depth:
        return None
    given = mapping(value, where)
    name = given.get("type")
    rest = {key: inner for key, inner in given.items() if key != "type"}
    if name == "Sequence":
        if depth == _MOST_NESTED:
            raise Fault(f"{where}: expected at most {_MOST_NESTED} sequences in sequences")
        found = checked(rest, where, {kind.inner: Field(sequence)})[kind.inner]
        parts = (
            component(kind, part, f"{where}.{kind.inner}[{index}]", depth + 1)
            for index, part in enumerate(found)
        )
        return {"type": name, kind.inner: list(parts)}
    fields = kind.types.get(name) if isinstance(name, str) else None
    if fields is None:
        known = ", ".join(sorted([*kind.types, "Sequence"]))
        raise unlike(f"{where}.type", f"a type of `tokenizers` 0.23 ({known})", name)
    out = checked(rest, where, fields)
    if name == "Metaspace":
        _metaspace(out, where)
    elif name == "TemplateProcessing":
        check_template(out, where)
    return {"type": "BertNormalizer" if name == "Bert" else name, **out}


def _metaspace(out: dict[str, Any], where: str) -> None:
    """Replace the older keys of a Metaspace by the newer ones."""
    if out.pop("add_prefix_space") is False and out["prepend_scheme"] != "never":
        raise Fault(
            f"{where}: expected add_prefix_space true or the prepend_scheme never, got "
            f"add_prefix_space false and the prepend_scheme {out['prepend_scheme']}; `tokenizers` "
            "0.23 does not read that either"
        )
    del out["str_rep"]  # the replacement, once more
    out["split"] = out["split"] is not False
