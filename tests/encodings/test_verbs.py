"""The one-line verbs."""

from __future__ import annotations

import pytest

import tokenkit


def test_count_by_model_or_encoding() -> None:
    assert tokenkit.count("hello world", "gpt-5.4") == 2
    assert tokenkit.count("hello world", encoding="gpt2") == 2
    assert tokenkit.count(b"hello world", encoding=tokenkit.get_encoding("gpt2")) == 2
    with pytest.raises(ValueError, match="expected a model or an encoding, got neither"):
        tokenkit.count("hello")
    with pytest.raises(ValueError, match="expected a model or an encoding, got both"):
        tokenkit.count("hello", "gpt-4", encoding="gpt2")
    with pytest.raises(tokenkit.UnknownEncodingError, match="Did you mean o200k_base"):
        tokenkit.count("hello", encoding="o200k")
    with pytest.raises(TypeError, match="encoding: expected a name or an Encoding, got int"):
        tokenkit.count("hello", encoding=5)  # type: ignore[arg-type]
