"""Which texts of a pipeline the core may read as they are, alone, in slices or joined."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from chunk_promises import check_promises
from file_tokenizers import BYTE_LEVEL, PREPEND, SIGNS, added, characters, kind, load, spec

import tokenkit
from tokenkit.encodings.steps.decoders import BYTE_CHARACTERS

TILDE = " ".join(BYTE_CHARACTERS[byte] for byte in "\u0303".encode())
LONGER = {"type": "Replace", "pattern": {"String": " b"}, "content": "long"}


def test_text_that_is_changed_at_a_cut_is_not_cut() -> None:
    """The h and the i of the sign that NFKC makes "in" of are one token."""
    engine = kind("nfkc").engine
    assert engine.settled("h, in " * 50) > 0
    assert engine.settled("h\u33cc" * 50) == 0


def test_a_slice_may_begin_with_a_token_that_the_whole_text_has_not(tmp_path: Path) -> None:
    """A normalized token is found behind the space before a text, so only where that stands."""
    steps = {"type": "Sequence", "normalizers": [PREPEND, SIGNS]}
    tokens = added("h", first=269, normalized=True)
    enc = load(characters(normalizer=steps, added_tokens=tokens), tmp_path)
    assert enc.encode("hi") == [256, 257]  # and not " hi"
    assert enc.encode("thi") == [258, 261, 262]  # the space, t and hi
    assert enc.count(enc.truncate("thi", 1, keep="tail")) <= 1
    for text in ("eie iehihihihhthx ii", " xxhhitt xhe", "xxthixeihhiexixhi xhet"):
        for limit in (2, 3, 4):
            chunker = tokenkit.Chunker(encoding=enc, max_tokens=limit)
            check_promises(text, chunker.chunk(text), chunker)


@pytest.mark.parametrize(
    ("normalizer", "prefix", "text"),
    [
        ({"type": "NFC"}, "e", "\u0303" + "x" * 30),  # joined, they are three tokens and not two
        (LONGER, "a ", "b" * 30),
        ({"type": "Sequence", "normalizers": [{"type": "NFC"}, LONGER]}, "a ", "b" * 30),
    ],
)
def test_a_prefix_may_change_the_text_behind_it(
    tmp_path: Path, normalizer: dict[str, Any], prefix: str, text: str
) -> None:
    bytes_ = [BYTE_CHARACTERS[byte] for byte in range(256)]
    steps = {"normalizer": normalizer, "pre_tokenizer": {**BYTE_LEVEL, "use_regex": False}}
    enc = load(spec([TILDE], bytes_, **steps, decoder=BYTE_LEVEL), tmp_path)
    chunker = tokenkit.Chunker(encoding=enc, max_tokens=12, prefix=prefix)
    check_promises(text, chunker.chunk(text), chunker)
