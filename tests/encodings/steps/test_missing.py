"""Byte-level vocabularies that lack bytes, behind a pre-tokenizer that splits nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from file_tokenizers import BYTE_LEVEL, load, spec

UNSPLIT = {**BYTE_LEVEL, "use_regex": False}


def made(unk: str | None, *, fuses: bool = False) -> dict[str, Any]:
    model = {"unk_token": unk, "fuse_unk": fuses}
    return spec(["a b"], ["a", "b", "?"], pre_tokenizer=UNSPLIT, decoder=BYTE_LEVEL, model=model)


def test_tokens_reach_over_a_dropped_space(tmp_path: Path) -> None:
    """No token holds a space, so the core cuts there; but there is none any more."""
    enc = load(made(None), tmp_path)
    assert enc.native
    assert enc.encode("a b") == [3]
    assert enc.encode("ba bc a") == [1, 3, 0]


@pytest.mark.parametrize(("fuses", "number"), [(True, 1), (False, 3)])
def test_a_run_of_unknown_bytes_reaches_over_a_space(
    tmp_path: Path, fuses: bool, number: int
) -> None:
    enc = load(made("?", fuses=fuses), tmp_path)
    assert enc.encode("a\x00 \x00b") == [0, *[2] * number, 1]
