"""Fixtures for all tests, and how long hypothesis searches (HYPOTHESIS_PROFILE=thorough)."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import tiktoken
import tiktoken_ext.openai_public  # type: ignore[import-untyped,unused-ignore]
from hypothesis import HealthCheck, settings

import tokenkit

CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("default", max_examples=40, deadline=None, suppress_health_check=CHECKS)
settings.register_profile(
    "thorough", max_examples=3000, deadline=None, suppress_health_check=CHECKS
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def bundled_ranks(url: str, expected_hash: str) -> dict[bytes, int]:
    """Our ranks for a file that tiktoken would download."""
    name = url.rpartition("/")[2]
    sums = Path(tokenkit.__file__).parent.joinpath("data", "SHA256SUMS").read_text("ascii")
    assert f"{expected_hash}  {name}\n" in sums
    return tokenkit.get_encoding(name.removesuffix(".tiktoken"))._mergeable_ranks


def gpt2_ranks(*_: str, **__: str) -> dict[bytes, int]:
    return tokenkit.get_encoding("gpt2")._mergeable_ranks


def tiktoken_definition(name: str) -> dict[str, Any]:
    """What tiktoken would make its encoding of, but for the download."""
    public = tiktoken_ext.openai_public
    with (
        patch.object(public, "load_tiktoken_bpe", bundled_ranks),
        patch.object(public, "data_gym_to_mergeable_bpe_ranks", gpt2_ranks),
    ):
        definition: dict[str, Any] = public.ENCODING_CONSTRUCTORS[name]()
    return definition


@functools.cache
def _tiktoken_encoding(name: str) -> tiktoken.Encoding:
    return tiktoken.Encoding(**tiktoken_definition(name))


@pytest.fixture(scope="session")
def tiktoken_encoding() -> Callable[[str], tiktoken.Encoding]:
    """Gives tiktoken's own Encoding of a name."""
    return _tiktoken_encoding


@pytest.fixture(params=tokenkit.list_encoding_names())
def enc(request: pytest.FixtureRequest) -> tokenkit.Encoding:
    """Each bundled encoding."""
    return tokenkit.get_encoding(request.param)


@pytest.fixture(params=["r50k_base", "cl100k_base", "o200k_base"])
def family(request: pytest.FixtureRequest) -> tokenkit.Encoding:
    """One encoding of each pattern family."""
    return tokenkit.get_encoding(request.param)
