"""Names of encodings, and paths where a person gives them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tokenizer_files import tokenizer_json, write_json

import tokenkit
from tokenkit import Chunker, TokenkitError, UnknownEncodingError
from tokenkit.encodings import ENCODINGS, encoding_names, named_encoding
from tokenkit.integrations.columns import encoding_named


def test_names_are_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    own = tokenkit.Encoding("own", pat_str=r".", mergeable_ranks={b"a": 0}, special_tokens={})
    monkeypatch.setitem(ENCODINGS, "own/one", own)
    assert named_encoding("own/one") is own
    for name in ("gpt2", "gemma4"):
        assert named_encoding(name) is tokenkit.get_encoding(name)
    assert {"own/one", "gpt2", "gemma4"} < set(encoding_names())
    with pytest.raises(UnknownEncodingError, match=r"'own/onee'|own/onee"):
        named_encoding("own/onee")


def test_names_in_data_are_no_paths(tmp_path: Path) -> None:
    """A name that comes from a column, a request or a program's input opens no file."""
    write_json(tmp_path, tokenizer_json())
    for path in (str(tmp_path), str(tmp_path / "tokenizer.json")):
        for use in (
            lambda path=path: tokenkit.get_encoding(path),
            lambda path=path: tokenkit.count("a", encoding=path),
            lambda path=path: tokenkit.truncate("a", 1, encoding=path),
            lambda path=path: Chunker(encoding=path, max_tokens=5),
            lambda path=path: encoding_named(path),
        ):
            with pytest.raises(TokenkitError, match=r"^Unknown"):
                use()
