"""tiktoken's own encodings, made of our ranks instead of a download."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any
from unittest.mock import patch

import tiktoken
import tiktoken_ext.openai_public  # type: ignore[import-untyped,unused-ignore]

import tokenkit


def bundled_ranks(url: str, expected_hash: str) -> dict[bytes, int]:
    """Our ranks for a file that tiktoken would download."""
    name = url.rpartition("/")[2]
    sums = Path(tokenkit.__file__).parent.joinpath("data", "SHA256SUMS").read_text("ascii")
    assert f"{expected_hash}  {name}\n" in sums
    return tokenkit.get_encoding(name.removesuffix(".tiktoken"))._mergeable_ranks


def gpt2_ranks(*_: str, **__: str) -> dict[bytes, int]:
    return tokenkit.get_encoding("gpt2")._mergeable_ranks


def tiktoken_definition(name: str) -> dict[str, Any]:
    """Return what tiktoken makes its encoding of, without the download."""
    public = tiktoken_ext.openai_public
    with (
        patch.object(public, "load_tiktoken_bpe", bundled_ranks),
        patch.object(public, "data_gym_to_mergeable_bpe_ranks", gpt2_ranks),
    ):
        definition: dict[str, Any] = public.ENCODING_CONSTRUCTORS[name]()
    return definition


@functools.cache
def tiktoken_twin(name: str) -> tiktoken.Encoding:
    return tiktoken.Encoding(**tiktoken_definition(name))
