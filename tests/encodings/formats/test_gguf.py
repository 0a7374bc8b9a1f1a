"""GGUF files: what is read of their metadata, and that every fault is named with its place."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any

import pytest
from tokenizer_files import CHARSMAP, PIECES, gguf_file, gguf_string, gguf_value, gguf_values

from tokenkit.encodings.formats import TokenizerFile, read_tokenizer
from tokenkit.encodings.formats.contents import MOST_METADATA_BYTES
from tokenkit.encodings.formats.gguf_pre import PRE
from tokenkit.encodings.formats.known_patterns import LLAMA3
from tokenkit.errors import VocabularyError


def read(folder: Path, data: bytes) -> TokenizerFile:
    (folder / "model.gguf").write_bytes(data)
    return read_tokenizer(folder)


def fault(folder: Path, data: bytes) -> str:
    with pytest.raises(VocabularyError) as caught:
        read(folder, data)
    assert str(caught.value).startswith(f"{folder / 'model.gguf'}: ")
    return str(caught.value).removeprefix(f"{folder / 'model.gguf'}: ")


def scored(model: str, **keys: Any) -> dict[str, Any]:
    texts, scores, kinds = (list(column) for column in zip(*PIECES, strict=True))
    values = {"tokens": texts, "scores": scores, "token_type": kinds, "bos_token_id": 1}
    return gguf_values(model, **{**values, "pre": "default", "merges": None, **keys})


def single(got: TokenizerFile) -> list[str]:
    """List the tokens around a text, and the text."""
    template = got.spec["post_processor"]
    pieces = [] if template is None else template["single"]
    return [next(iter(piece.values()))["id"] for piece in pieces]


def test_a_vocabulary_of_bytes(tmp_path: Path) -> None:
    values = {**gguf_values(), "tokenizer.chat_template": "{{ x }}"}
    got = read(tmp_path, gguf_file(values, more=b"weights"))
    assert (got.format, got.notes, got.chat_template) == ("gguf", (), "{{ x }}")
    model = got.spec["model"]
    values = {**values, "tokenizer.chat_template.rag": "r", "tokenizer.chat_templates": ["rag"]}
    named = read(tmp_path, gguf_file(values, more=b"weights"))
    assert named.chat_template == {"default": "{{ x }}", "rag": "r"}
    assert (model["type"], model["ignore_merges"], model["byte_fallback"]) == ("BPE", True, False)
    assert model["vocab"] == {"a": 0, "b": 1, "ab": 2, "<s>": 3, "[x]": 4}
    assert got.merges is not None
    assert got.merges.tolist() == [[0, 1]]
    steps = got.spec["pre_tokenizer"]["pretokenizers"]
    assert [steps[0]["pattern"]["Regex"], steps[1]["type"]] == [LLAMA3, "ByteLevel"]
    added = {token["content"]: token["special"] for token in got.spec["added_tokens"]}
    assert added == {"<s>": True, "[x]": False}
    assert (single(got), got.config) == (["<s>", "A"], {"bos_token": "<s>"})


def test_each_name_of_splits_ends_with_bytes(tmp_path: Path) -> None:
    assert len(PRE) > 60
    for name in PRE:
        spec = read(tmp_path, gguf_file(gguf_values(pre=name))).spec
        steps = spec["pre_tokenizer"]["pretokenizers"]
        assert [step["type"] == "ByteLevel" for step in steps] == [False] * (len(steps) - 1) + [
            True
        ]
        assert spec["model"]["ignore_merges"] == PRE[name].ignore_merges


def test_a_file_without_a_name_of_splits_is_noted(tmp_path: Path) -> None:
    for name in (None, "default"):
        got = read(tmp_path, gguf_file(gguf_values(pre=name)))
        assert "The file does not say how texts are split" in got.notes[0]
        assert single(got) == []
    assert "texts to NFC first" in read(tmp_path, gguf_file(gguf_values(pre="qwen2"))).notes[0]


def test_the_file_says_what_is_around_a_text(tmp_path: Path) -> None:
    off = read(tmp_path, gguf_file(gguf_values(add_bos_token=False)))
    assert off.spec["post_processor"] is None
    both = gguf_values(add_eos_token=True, eos_token_id=4)
    assert single(read(tmp_path, gguf_file(both))) == ["<s>", "A", "[x]"]
    message = fault(tmp_path, gguf_file(gguf_values(add_eos_token=True)))
    assert message == "tokenizer.ggml.add_eos_token: expected tokenizer.ggml.eos_token_id, too"


def test_a_separator_stands_between_two_texts_only(tmp_path: Path) -> None:
    got = read(tmp_path, gguf_file(gguf_values(add_sep_token=True, seperator_token_id=4)))
    assert single(got) == ["<s>", "A"]
    assert got.config["sep_token"] == "[x]"


def test_keys_that_ollama_adds_change_nothing(tmp_path: Path) -> None:
    keys: dict[str, Any] = {
        "eos_token_ids": [3, 4],
        "add_padding_token": False,
        "add_unknown_token": True,
    }
    plain = read(tmp_path, gguf_file(gguf_values()))
    got = read(tmp_path, gguf_file(gguf_values(**keys)))
    assert (got.spec, got.config) == (plain.spec, plain.config)


def test_merges_are_split_at_the_first_space_behind_a_character(tmp_path: Path) -> None:
    values = gguf_values("gemma4", tokens=["a", " ", " a"], token_type=None, merges=["  a"])
    got = read(tmp_path, gguf_file({**values, "tokenizer.ggml.bos_token_id": 0}))
    assert got.spec["model"]["merges"] == [[" ", "a"]]


def test_gemma(tmp_path: Path) -> None:
    values = gguf_values("gemma4", add_bos_token=False, unknown_token_id=4, pre=None)
    got = read(tmp_path, gguf_file(values))
    model = got.spec["model"]
    assert (model["byte_fallback"], model["fuse_unk"], model["unk_token"]) == (True, True, "[x]")
    assert got.spec["normalizer"]["content"] == "▁"
    assert (got.spec["pre_tokenizer"], single(got)) == (None, ["<s>", "A"])


def test_pieces_with_scores(tmp_path: Path) -> None:
    got = read(tmp_path, gguf_file(scored("llama")))
    assert got.merges is not None
    assert got.merges.tolist() == [[7, 8], [6, 7]]
    steps = got.spec["normalizer"]["normalizers"]
    assert [step["type"] for step in steps] == ["Prepend", "Replace"]
    assert (single(got), got.spec["model"]["unk_token"]) == (["<s>", "A"], "<unk>")
    without = read(tmp_path, gguf_file(scored("llama", add_space_prefix=False)))
    assert without.spec["normalizer"]["type"] == "Replace"


def test_pieces_of_the_users_with_the_sign_for_a_space_are_merged(tmp_path: Path) -> None:
    """llama.cpp looks for them before spaces become U+2581, and merges what they are then."""
    texts, scores, kinds = (list(column) for column in zip(*PIECES, strict=True))
    more = {"tokens": [*texts, "▁▁"], "scores": [*scores, -0.5], "token_type": [*kinds, 4]}
    got = read(tmp_path, gguf_file(scored("llama", **more, add_space_prefix=False)))
    assert got.merges is not None
    assert got.merges.tolist() == [[6, 6], [7, 8], [6, 7]]
    assert [t["content"] for t in got.spec["added_tokens"] if not t["special"]] == ["[user]", "▁▁"]


def test_pieces_of_unigram(tmp_path: Path) -> None:
    charsmap = struct.pack("<II", 4, 0) + b"x\0"
    values = scored("t5", precompiled_charsmap=charsmap, eos_token_id=2)
    got = read(tmp_path, gguf_file({**values, "tokenizer.ggml.remove_extra_whitespaces": True}))
    assert (got.spec["model"]["type"], got.merges) == ("Unigram", None)
    assert got.spec["normalizer"]["normalizers"][0]["precompiled_charsmap"] == CHARSMAP
    assert single(got) == ["A", "</s>"]
    clusters, names, in_bytes = got.notes
    assert "clusters of up to five bytes" in clusters
    assert "spells a control, unknown or byte piece" in names
    assert "llama.cpp makes the unknown piece of them" in in_bytes


def test_words(tmp_path: Path) -> None:
    """GGUF marks the start of a word, BERT's file its rest."""
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "▁hello", "world", "▁!"]
    values = gguf_values(
        "bert",
        tokens=tokens,
        token_type=[3, 3, 3, 3, 1, 1, 1],
        merges=None,
        bos_token_id=None,
        cls_token_id=2,
        seperator_token_id=3,
        unknown_token_id=1,
    )
    got = read(tmp_path, gguf_file(values))
    assert list(got.spec["model"]["vocab"]) == [*tokens[:4], "hello", "##world", "!"]
    assert got.spec["model"]["unk_token"] == "[UNK]"
    assert single(got) == ["[CLS]", "A", "[SEP]"]
    normalizer = got.spec["normalizer"]
    assert (normalizer["lowercase"], normalizer["strip_accents"]) == (True, True)
    values["tokenizer.ggml.normalizer.lowercase"] = False
    normalizer = read(tmp_path, gguf_file(values)).spec["normalizer"]
    assert (normalizer["lowercase"], normalizer["strip_accents"]) == (False, False)
    assert len(got.spec["added_tokens"]) == 4


def test_weights_are_not_read(tmp_path: Path) -> None:
    """A file of a terabyte, nearly all of it a hole."""
    data = gguf_file(gguf_values())
    got = read(tmp_path, data)
    os.truncate(tmp_path / "model.gguf", 1 << 40)
    assert read_tokenizer(tmp_path).spec == got.spec
    assert MOST_METADATA_BYTES < 1 << 26


def header(count: int, more: bytes) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, 0, count) + more


KEY = gguf_string("tokenizer.ggml.tokens")
HUGE = (1 << 63) - 1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"GGUF", "byte 4: expected 4 more bytes of metadata, got 0"),
        (gguf_file({}, version=1), "the version of GGUF: expected 2 or 3, little-endian, got 1"),
        (gguf_file({}, version=3 << 24), "the version of GGUF: expected 2 or 3"),
        (header(HUGE, b""), "the number of keys: expected at most 65536"),
        (header(1, struct.pack("<Q", HUGE)), "byte 24: the size of a key: expected at most 65535"),
        (header(1, gguf_string("é")[:-1] + b"a"), "byte 24: expected a key in UTF-8"),
        (header(1, KEY + struct.pack("<IQ", 8, HUGE)), f"expected {HUGE} more bytes of metadata"),
        (header(1, KEY + struct.pack("<IIQ", 9, 8, HUGE)), "more bytes of metadata, got 0"),
        (header(1, KEY + struct.pack("<IIQ", 9, 5, HUGE)), "the size of an array: expected at mos"),
        (header(1, KEY + struct.pack("<IIQQQ", 9, 8, 2, HUGE, 0)), "expected 2 strings, got fewer"),
        (
            header(1, KEY + struct.pack("<IIQQ", 9, 8, 1, 5) + b"ab"),
            "expected 1 strings, got fewer",
        ),
        (
            header(1, KEY + struct.pack("<IIQ", 9, 9, 1)),
            "type of an array's values: expected no",
        ),
        (header(1, KEY + struct.pack("<I", 13)), "the type of a value: expected 0 to 12, got 13"),
        (
            header(1, KEY + struct.pack("<IQ", 8, 1) + b"\xff"),
            "tokenizer.ggml.tokens: expected UT",
        ),
        (header(2, (KEY + gguf_value("a")) * 2), "expected each key once, got 'tokenizer.ggml.tok"),
        (gguf_file({"tokenizer.ggml.sparse": 1}), "the metadata: unknown key 'tokenizer.ggml.spar"),
        (gguf_file({"tokenizer.other": 1}), "the metadata: unknown key 'tokenizer.other'"),
        (gguf_file(gguf_values("rwkv")), "tokenizer.ggml.model: expected one of bert, gemma4, gpt"),
        (gguf_file({}), "tokenizer.ggml.model: expected one of bert"),
        (gguf_file(gguf_values(pre="other")), "tokenizer.ggml.pre: expected one of a.x-4.0"),
        (gguf_file(gguf_values(pre=1)), "tokenizer.ggml.pre: expected a value of type str, got 1"),
        (gguf_file(gguf_values(tokens=[1] * 5)), "tokenizer.ggml.tokens: expected a list of str"),
        (gguf_file(gguf_values(tokens=None)), "tokenizer.ggml.bos_token_id: expected the id of a"),
        (gguf_file(gguf_values(token_type=[1])), "tokenizer.ggml.token_type: expected 5 values of"),
        (gguf_file(gguf_values(token_type=[1] * 4 + [9])), "tokenizer.ggml.tokens[4]: expected a"),
        (gguf_file(gguf_values(scores=[1] * 5)), "tokenizer.ggml.scores: expected 5 values of typ"),
        (gguf_file(gguf_values(tokens=["a"] * 5)), "tokenizer.ggml.tokens[0]: expected each piece"),
        (gguf_file(gguf_values(bos_token_id=5)), "tokenizer.ggml.bos_token_id: expected the id of"),
        (gguf_file(gguf_values(merges=None)), "tokenizer.ggml.merges: expected a list of strings"),
        (gguf_file(gguf_values(merges=["ab"])), "tokenizer.ggml.merges[0]: expected two tokens"),
        (gguf_file(gguf_values(merges=["a c"])), "tokenizer.ggml.merges[0]: expected tokens of"),
        (gguf_file(gguf_values(merges=["b a"])), "tokenizer.ggml.merges[0]: expected a merge whos"),
        (gguf_file(gguf_values(add_space_prefix=True)), "tokenizer.ggml.add_space_prefix: expecte"),
    ],
)
def test_a_fault_is_named_with_its_place(data: bytes, message: str, tmp_path: Path) -> None:
    assert message in fault(tmp_path, data)


def test_a_truncated_file_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    whole = gguf_file(gguf_values())
    for size in range(len(whole)):
        fault(tmp_path, whole[:size])
