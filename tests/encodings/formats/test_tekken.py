"""tekken.json: what is read, and that every fault is named with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tokenizer_files import tekken_json, write_json

from tokenkit.encodings.formats import TokenizerFile, read_tokenizer
from tokenkit.encodings.formats.known_patterns import TEKKEN
from tokenkit.errors import VocabularyError


def read(folder: Path, content: Any) -> TokenizerFile:
    return read_tokenizer(write_json(folder, content, "tekken.json"))


def with_config(**keys: Any) -> dict[str, Any]:
    content = tekken_json()
    content["config"] |= keys
    return content


def with_entry(index: int, **keys: Any) -> dict[str, Any]:
    content = tekken_json()
    content["vocab"][index] |= keys
    return content


def test_the_whole_is_read(tmp_path: Path) -> None:
    got = read(tmp_path, tekken_json(image={"image_patch_size": 16}))
    assert (got.format, got.merges, got.notes) == ("tekken.json", None, ())
    model = got.spec["model"]
    assert (model["type"], model["ids"], len(model["ranks"])) == ("Ranks", 30, 257)
    assert model["ranks"][65] == (b"A", 65)
    assert model["ranks"][-1] == (b"ab", 256)
    assert [step["type"] for step in got.spec["pre_tokenizer"]["pretokenizers"]] == [
        "Split",
        "ByteLevel",
    ]
    listed = {token["id"]: token["content"] for token in got.spec["added_tokens"]}
    assert (listed[1], listed[19], listed[20], listed[29], len(listed)) == (
        "<s>",
        "[TOOL_CONTENT]",
        "<SPECIAL_20>",
        "<SPECIAL_29>",
        30,
    )
    assert all(token["special"] for token in got.spec["added_tokens"])
    assert got.config["bos_token"] == "<s>"
    assert got.spec["post_processor"] is None


def test_special_tokens_of_the_file(tmp_path: Path) -> None:
    tokens = [{"rank": 0, "token_str": "<u>", "is_control": True}, {"rank": 1, "token_str": "<s>"}]
    got = read(tmp_path, {**with_config(version="v11"), "special_tokens": tokens})
    names = [token["content"] for token in got.spec["added_tokens"]]
    assert names[:3] == ["<u>", "<s>", "<SPECIAL_2>"]
    assert got.config == {"bos_token": "<s>"}


@pytest.mark.parametrize(("pattern", "behavior"), [(TEKKEN, "Isolated"), ("a", "Removed")])
def test_text_that_a_pattern_does_not_match_is_dropped(
    pattern: str, behavior: str, tmp_path: Path
) -> None:
    """As tiktoken does; a pattern that matches everything needs nothing of that."""
    step = read(tmp_path, with_config(pattern=pattern)).spec["pre_tokenizer"]["pretokenizers"][0]
    assert step == {
        "type": "Split",
        "pattern": {"Regex": pattern},
        "behavior": behavior,
        "invert": behavior == "Removed",
    }


SPECIAL = {"rank": 0, "token_str": "<s>", "is_control": True}
FAULTS: list[tuple[dict[str, Any], str]] = [
    (tekken_json(sparse=1), "at the top: unknown key 'sparse'"),
    (with_config(sparse=1), "config: unknown key 'sparse'"),
    ({"config": {}}, "at the top: expected the key 'vocab'"),
    (with_config(version="3"), "config.version: expected a version such as v3, got '3'"),
    (with_config(version="v11"), "special_tokens: expected a list in a file of version v11"),
    (with_config(default_vocab_size=9999), "config.default_vocab_size: expected from 256 to 258"),
    (with_config(default_vocab_size=285), "config.default_vocab_size: expected from 256 to 258"),
    (with_config(default_num_special_tokens=1 << 40), "config.default_num_special_tokens: expect"),
    (with_config(default_num_special_tokens=-1), "config.default_num_special_tokens: expected a w"),
    (with_config(default_num_special_tokens=9, default_vocab_size=266), "special_tokens: expected"),
    (with_config(pattern=None), "config.pattern: expected a string, got None"),
    (with_entry(3, rank=4), "vocab[3].rank: expected 3, got 4"),
    (with_entry(1, rank=True), "vocab[1].rank: expected 1, got True"),
    (with_entry(3, token_bytes="AA=="), "vocab[3].token_bytes: expected the byte 3"),
    (with_entry(256, token_bytes="QQ=="), "vocab[256].token_bytes: expected each token once"),
    (with_entry(256, token_bytes=""), "vocab[256].token_bytes: expected each token once, and none"),
    (with_entry(256, token_bytes="Q"), "vocab[256].token_bytes: expected base64, got 'Q'"),
    (with_entry(256, token_bytes="é"), "vocab[256].token_bytes: expected base64, got 'é'"),
    (with_entry(256, token_bytes=3), "vocab[256].token_bytes: expected base64, got 3"),
    (with_entry(256, other=3), "vocab[256]: expected rank, token_bytes and token_str"),
    (tekken_json(special_tokens=[SPECIAL] * 2), "special_tokens[1].rank: expected 1, got 0"),
    (
        tekken_json(special_tokens=[SPECIAL, {**SPECIAL, "rank": 1}]),
        "special_tokens: expected each once",
    ),
    (tekken_json(special_tokens=[{**SPECIAL, "x": 1}]), "special_tokens[0]: unknown key 'x'"),
    (tekken_json(special_tokens={}), "special_tokens: expected a list"),
]


@pytest.mark.parametrize(("content", "message"), FAULTS)
def test_a_fault_is_named_with_its_place(
    content: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(VocabularyError) as caught:
        read(tmp_path, content)
    assert str(caught.value).startswith(f"{tmp_path / 'tekken.json'}: {message}")
