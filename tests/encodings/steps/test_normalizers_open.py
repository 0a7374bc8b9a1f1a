"""Normalizers against those of `tokenizers`, character by character and in runs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from tokenizers import Tokenizer, models

from tokenkit.encodings.steps.normalizers import normalizer_of

pytestmark = pytest.mark.open

FORMS = [{"type": form} for form in ("NFC", "NFD", "NFKC", "NFKD")]
STEPS: list[dict[str, Any]] = [
    *FORMS,
    {"type": "Lowercase"},
    {"type": "StripAccents"},
    {"type": "Nmt"},
    {"type": "Strip", "strip_left": True, "strip_right": True},
    {"type": "Strip", "strip_left": False, "strip_right": True},
    {"type": "Prepend", "prepend": "▁"},
    {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
    {"type": "Replace", "pattern": {"String": "ab"}, "content": ""},
]
CHARACTERS = [chr(c) for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
# Letters, marks of many classes, old and new ones, Hangul, spaces, ligatures, final sigmas.
HARD = st.text(
    alphabet="aAeE\u0301\u0323\u0334\u0345\u05b0\u0345\u1dfa\u1ab0\u1abf\u0897가각\u1100\u1161\u11a8"
    "ﬁΣσ\u212b\u00c5\u0958\u0915\u093c \t\u3000\u200b\u2581İſ\U00011935\U00011930\U0001611e"
    "\U00016120\U000105d2\u0307ab\x00",
    max_size=12,
)


def theirs(spec: dict[str, Any]) -> Any:
    bare = json.loads(Tokenizer(models.BPE()).to_str())
    return Tokenizer.from_str(json.dumps({**bare, "normalizer": spec})).normalizer


# Each has its neighbours to be composed with, and one of ASCII.
RUNS = ["a".join(CHARACTERS[i : i + 4096]) for i in range(0, len(CHARACTERS), 4096)]


@pytest.mark.parametrize("spec", STEPS, ids=lambda spec: "-".join(map(str, spec.values())))
def test_every_character(spec: dict[str, Any]) -> None:
    ours, other = normalizer_of(spec), theirs(spec)
    for run in RUNS:
        changed = other.normalize_str(run)
        assert ours.apply(run) == changed
        assert not ours.keeps(run) or changed == run


@pytest.mark.parametrize("mark", ["\u0334", "\u0323", "\u0345"])
def test_the_order_of_every_mark(mark: str) -> None:
    ours, other = normalizer_of(FORMS[0]), theirs(FORMS[0])
    for i in range(0, len(CHARACTERS), 4096):
        run = "".join(f"a{c}{mark}{c}" for c in CHARACTERS[i : i + 4096])
        assert ours.apply(run) == other.normalize_str(run)


@given(
    steps=st.lists(st.sampled_from(STEPS), max_size=3),
    text=HARD,
    ends=st.tuples(st.integers(0, 12), st.integers(0, 12)),
)
def test_sequences(steps: list[dict[str, Any]], text: str, ends: tuple[int, int]) -> None:
    spec = {"type": "Sequence", "normalizers": steps}
    ours, other = normalizer_of(spec), theirs(spec)
    assert ours.apply(text) == other.normalize_str(text)
    if ours.keeps(text):
        assert ours.apply(text) == text
        if ours.local:
            part = text[min(ends) : max(ends)]
            assert ours.keeps(part)
            assert ours.apply(part) == part


def test_committed_tables_are_up_to_date() -> None:
    generator = Path(__file__).resolve().parents[3] / "tools" / "gen_normal_tables.py"
    command = [sys.executable, str(generator), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
