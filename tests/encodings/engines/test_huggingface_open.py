"""Tokenizers that run on `tokenizers`: the same members, by the table of docs/tokenizers.md."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import pytest
from file_tokenizers import added, byte_level, characters, load
from hostile_texts import hostile_texts
from open_oracle import Oracle, check

import tokenkit

pytestmark = pytest.mark.open

# A space before pieces is what the core has no form for.
ODD = byte_level(
    pre_tokenizer={
        "type": "Sequence",
        "pretokenizers": [
            {"type": "Punctuation", "behavior": "Isolated"},
            {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True},
        ],
    },
    added_tokens=[*added("<s>", "</s>", first=263, special=True), *added("<t>", first=265)],
)


def made(folder: Path) -> tokenkit.Encoding:
    enc = load(ODD, folder, "odd")
    assert not enc.native
    assert any("`tokenizers`" in note for note in enc.notes)
    return enc


def test_every_road(tmp_path: Path) -> None:
    enc = made(tmp_path)
    check(enc, Oracle((tmp_path / "tokenizer.json").read_text("utf-8")), hostile_texts()[::9])
    chunks = tokenkit.Chunker(encoding=enc, max_tokens=30).chunk("One, two; three. " * 40)
    assert [chunk.tokens for chunk in chunks] == [enc.count(chunk.text) for chunk in chunks]
    assert max(chunk.tokens for chunk in chunks) <= 30
    assert enc.count(enc.truncate("One, two; three.", 6)) <= 6
    other = pickle.loads(pickle.dumps(enc))
    assert other.encode("hi, hi <t>") == enc.encode("hi, hi <t>")


def test_some_special_tokens_may_be_allowed(tmp_path: Path) -> None:
    enc = made(tmp_path)
    ids = enc.encode("<s>hi</s>", allowed_special={"<s>"}, disallowed_special=())
    assert ids[0] == 263
    assert 264 not in ids
    with pytest.raises(tokenkit.errors.SpecialTokenError, match="</s>"):
        enc.encode("<s>hi</s>", allowed_special={"<s>"})


def test_members_that_need_bytes_are_refused(tmp_path: Path) -> None:
    enc = made(tmp_path)
    for member in ("decode_bytes", "decode_with_offsets", "decode_tokens_bytes"):
        with pytest.raises(NotImplementedError, match="runs on `tokenizers`"):
            getattr(enc, member)([104])
    with pytest.raises(NotImplementedError, match="runs on `tokenizers`"):
        enc.decode_single_token_bytes(104)
    with pytest.raises(KeyError):
        enc.decode([100_000])
    assert enc.token_spans("hi, hi").tolist()[0] == [0, 2]
    assert len(enc.token_spans("é, hi", unit="byte")) == enc.count("é, hi")


@pytest.mark.parametrize("mark", ["continuing_subword_prefix", "end_of_word_suffix"])
def test_spans_of_marked_tokens_are_refused(tmp_path: Path, mark: str) -> None:
    """There `tokenizers` has byte tokens for the mark, and places behind the end of the text."""
    enc = load(characters(model={mark: "$", "merges": []}), tmp_path)
    oracle = Oracle((tmp_path / "tokenizer.json").read_text("utf-8"))
    assert oracle.ordinary.encode("ab cd", add_special_tokens=False).offsets[-1][1] > 5
    assert not enc.native
    with pytest.raises(NotImplementedError, match="a prefix or a suffix"):
        enc.token_spans("ab cd")
    for keep in ("head", "tail", "ends"):
        assert len(oracle.ids(enc.truncate("ab cd " * 9, 9, keep=keep))) <= 9
    chunks = tokenkit.Chunker(encoding=enc, max_tokens=9).chunk("ab cd. Ef gh. " * 9)
    assert max(len(oracle.ids(chunk.text)) for chunk in chunks) <= 9


def test_without_the_package_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules: dict[str, Any] = sys.modules
    monkeypatch.setitem(modules, "tokenizers", None)
    with pytest.raises(ModuleNotFoundError, match=r"tokenkit-bpe\[hf\]"):
        load(ODD, tmp_path)


def test_a_panic_of_tokenizers_is_an_error(tmp_path: Path) -> None:
    """It takes more off a token than there is; a panic is a BaseException."""
    strip = {"type": "Strip", "content": "h", "start": 1, "stop": 1}
    replace = {"type": "Replace", "pattern": {"Regex": "^i$"}, "content": ""}
    enc = load(
        byte_level(decoder={"type": "Sequence", "decoders": [replace, strip]}), tmp_path, "odd"
    )
    assert not enc.native
    assert enc.decode(enc.encode("er")) == "er"
    with pytest.raises(tokenkit.VocabularyError, match="`tokenizers` failed"):
        enc.decode(enc.encode("h"))


def test_what_tokenizers_refuses_is_named_with_the_file(tmp_path: Path) -> None:
    split = {"type": "Split", "pattern": {"Regex": "("}, "behavior": "Isolated", "invert": False}
    with pytest.raises(tokenkit.VocabularyError, match=r"tokenizer.json: `tokenizers` refuses"):
        load(byte_level(pre_tokenizer=split), tmp_path)


def test_added_tokens_of_which_nothing_is_left_are_refused(tmp_path: Path) -> None:
    """`tokenizers` looks for them without an end in a text such as xx."""
    strip = {"type": "Strip", "strip_left": True, "strip_right": True}
    tokens = added("  ", "xy", first=263, normalized=True)
    with pytest.raises(
        tokenkit.VocabularyError, match=r"tokenizer.json: added_tokens: expected that"
    ):
        load({**ODD, "normalizer": strip, "added_tokens": tokens}, tmp_path)
    enc = load({**ODD, "normalizer": strip, "added_tokens": tokens[1:]}, tmp_path)
    assert enc.count("xx") == 3
