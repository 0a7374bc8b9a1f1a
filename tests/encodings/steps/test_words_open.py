"""Which characters make a word, beside an added token that must not touch one."""

from __future__ import annotations

from pathlib import Path

import pytest
from file_tokenizers import added, byte_level
from open_oracle import load

from tokenkit.encodings.steps.added_tokens import _later_words

pytestmark = pytest.mark.open


def test_words_are_those_of_unicode_16(tmp_path: Path) -> None:
    """Characters that came later are none; those beside them are what they were."""
    tokens = added("<t>", first=263, single_word=True)
    enc, oracle = load(byte_level(added_tokens=tokens), tmp_path)
    edges = {end + step for end in _later_words() for step in (-1, 0)}
    for code in [*sorted(edges), 0x41, 0x5F, 0x2D, 0x200D, 0x301, 0x663, 0x4E00]:
        for text in (f"{chr(code)}<t>", f"<t>{chr(code)}"):
            assert enc.encode_ordinary(text) == oracle.ids(text), hex(code)
