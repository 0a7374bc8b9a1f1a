"""tokenizer.json: what is read, and that every fault is named with its place."""

from __future__ import annotations

import gc
import json
import os
from pathlib import Path
from typing import Any

import pytest
from tokenizer_files import ADDED, BPE, CHARSMAP, SAMPLES, tokenizer_json, write_json

from tokenkit.encodings.formats import TokenizerFile, read_tokenizer
from tokenkit.encodings.formats.contents import MOST_BYTES
from tokenkit.encodings.formats.fields import MOST_ID
from tokenkit.errors import VocabularyError

COMPONENTS = [(key, sample) for key, samples in SAMPLES.items() for sample in samples]


def read(folder: Path, **keys: Any) -> TokenizerFile:
    return read_tokenizer(write_json(folder, tokenizer_json(**keys)))


def fault(folder: Path, **keys: Any) -> str:
    with pytest.raises(VocabularyError) as caught:
        read(folder, **keys)
    message = str(caught.value)
    assert message.startswith(f"{folder / 'tokenizer.json'}: ")
    return message.removeprefix(f"{folder / 'tokenizer.json'}: ")


@pytest.mark.parametrize(("key", "sample"), COMPONENTS)
def test_each_component_is_kept_and_no_key_of_it_is_ignored(
    key: str, sample: dict[str, Any], tmp_path: Path
) -> None:
    assert read(tmp_path, **{key: sample}).spec[key] == sample
    assert fault(tmp_path, **{key: {**sample, "sparse": 1}}).startswith(
        f"{key}: unknown key 'sparse', which might change ids; known here are "
    )
    assert f"{key}.type: expected" in fault(tmp_path, **{key: {**sample, "type": "Other"}})
    for name, value in sample.items():
        wrong = {**sample, name: [[]] if isinstance(value, dict) else {}}
        assert fault(tmp_path, **{key: wrong}).startswith(f"{key}.{name}: expected")


def test_the_whole_is_read(tmp_path: Path) -> None:
    got = read(tmp_path)
    assert got.format == "tokenizer.json"
    assert got.path == str(tmp_path / "tokenizer.json")
    assert got.notes == ()
    assert got.merges is not None
    assert got.merges.tolist() == [[0, 1], [2, 3]]
    assert got.spec["added_tokens"] == [ADDED]
    assert got.spec["model"]["ignore_merges"] is False
    assert (got.config, got.chat_template) == ({}, None)
    again = read(tmp_path)
    assert again.digest == got.digest
    assert read(tmp_path, normalizer={"type": "NFC"}).digest != got.digest


def test_what_may_be_missing_has_its_default(tmp_path: Path) -> None:
    path = write_json(tmp_path, {"model": {**BPE, "fuse_unk": None, "dropout": 0.0}})
    spec = read_tokenizer(path).spec
    assert spec["added_tokens"] == []
    assert {spec[key] for key in ("normalizer", "pre_tokenizer", "decoder")} == {None}
    assert (spec["model"]["fuse_unk"], spec["model"]["dropout"]) == (False, None)
    spec = read(
        tmp_path,
        normalizer={**SAMPLES["normalizer"][0], "type": "Bert"},
        pre_tokenizer={"type": "Metaspace", "replacement": "_", "add_prefix_space": True},
        decoder={"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True},
    ).spec
    assert spec["normalizer"] == SAMPLES["normalizer"][0]
    assert spec["pre_tokenizer"] == {
        "type": "Metaspace",
        "replacement": "_",
        "prepend_scheme": "always",
        "split": True,
    }
    assert spec["decoder"]["use_regex"] is True


@pytest.mark.parametrize("index", range(4))
def test_a_model_of_2020_does_not_say_its_type(index: int, tmp_path: Path) -> None:
    model = SAMPLES["model"][index]
    untyped = {key: value for key, value in model.items() if key != "type"}
    assert read(tmp_path, model=untyped).spec["model"] == model


@pytest.mark.parametrize("merges", [["#version: 0.2", "a b", "ab c"], [["a", "b"], ["ab", "c"]]])
def test_both_spellings_of_merges(merges: Any, tmp_path: Path) -> None:
    got = read(tmp_path, model={**BPE, "merges": merges}).merges
    assert got is not None
    assert got.tolist() == [[0, 1], [2, 3]]
    assert str(got.dtype) == "uint32"
    assert got.flags.c_contiguous


def test_of_two_equal_merges_the_last_counts(tmp_path: Path) -> None:
    model = {**BPE, "merges": [["a", "b"], ["ab", "c"], ["a", "b"]]}
    got = read(tmp_path, model=model)
    assert got.merges is not None
    assert got.merges.tolist() == [[2, 3], [0, 1]]
    assert got.notes == ("1 merges came before, too; the last place of each counts.",)


def test_the_prefix_of_a_subword_is_not_part_of_the_result(tmp_path: Path) -> None:
    model = {
        **BPE,
        "continuing_subword_prefix": "##",
        "vocab": {"a": 0, "##b": 1, "ab": 2},
        "merges": [["a", "##b"]],
    }
    got = read(tmp_path, model=model)
    assert got.merges is not None
    assert got.merges.tolist() == [[0, 1]]
    bad = {**model, "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}
    assert fault(tmp_path, model=bad).startswith("model.merges[0]: expected a second part with the")


def test_added_tokens_have_the_ids_that_tokenizers_gives(tmp_path: Path) -> None:
    tokens = [
        {**ADDED, "id": 9, "content": "<x>"},
        {**ADDED, "id": 9, "content": "ab"},
        {**ADDED, "id": 0, "content": ""},
        {**ADDED, "id": 6, "content": "<y>"},
        {**ADDED, "id": 5, "content": "<x>", "lstrip": True},
    ]
    got = read(tmp_path, added_tokens=tokens)
    listed = {token["content"]: token["id"] for token in got.spec["added_tokens"]}
    assert listed == {"<x>": 5, "ab": 2, "<y>": 6}
    assert got.spec["added_tokens"][0]["lstrip"] is True
    assert [note.partition(", as")[0] for note in got.notes] == [
        "The added token '<x>' has the id 5",
        "The added token 'ab' has the id 2",
    ]


def test_of_a_text_that_unigram_has_twice_the_last_id_counts(tmp_path: Path) -> None:
    model = {"type": "Unigram", "vocab": [["a", 0.0], ["b", -1.0], ["a", -2.0]]}
    tokens = [{**ADDED, "content": "a"}, {**ADDED, "content": "<x>"}]
    got = read(tmp_path, model=model, added_tokens=tokens)
    assert [token["id"] for token in got.spec["added_tokens"]] == [2, 3]


def test_truncation_and_padding_are_noted_and_not_applied(tmp_path: Path) -> None:
    truncation = {
        "direction": "Right",
        "max_length": 128,
        "strategy": "LongestFirst",
        "stride": 0,
    }
    got = read(tmp_path, truncation=truncation, padding={"strategy": {"Fixed": 128}})
    assert got.notes == (
        "The file truncates texts to max_length=128 tokens; that is not applied.",
        "The file pads texts to 128 tokens; that is not applied.",
    )
    assert got.spec.keys().isdisjoint({"truncation", "padding"})
    assert "truncation.max_length" in fault(tmp_path, truncation={"max_length": "128"})


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"sparse": 1}, "at the top: unknown key 'sparse'"),
    ({"version": "2.0"}, "version: expected '1.0', got '2.0'"),
    ({"model": None}, "model: expected an object, got None"),
    ({"model": {"type": []}}, "model.type: expected one of BPE, "),
    ({"model": {"vocab": []}}, "model.vocab: expected tokens, got none"),
    ({"model": {}}, "model: expected the key 'type'"),
    ({"model": {**BPE, "vocab": {}}}, "model.vocab: expected tokens, got none"),
    (
        {"model": {**BPE, "vocab": {"a": 0, "b": 0}}},
        "model.vocab: expected each id once, got 0 for 'a' and for 'b'",
    ),
    ({"model": {**BPE, "vocab": {"a": -1}}}, "model.vocab['a']: expected an id from 0 to"),
    ({"model": {**BPE, "vocab": {"a": 0, "b": MOST_ID + 1}}}, "model.vocab['b']: expected an id"),
    ({"model": {**BPE, "vocab": {"a": 1.0}}}, "model.vocab['a']: expected an id from 0 to"),
    ({"model": {**BPE, "vocab": {"a": True}}}, "model.vocab['a']: expected an id from 0 to"),
    ({"model": {**BPE, "merges": ["ab"]}}, "model.merges[0]: expected two tokens"),
    ({"model": {**BPE, "merges": ["#version", "a b", "a  b"]}}, "model.merges[2]: expected two"),
    ({"model": {**BPE, "merges": ["a b", ["ab", "c"]]}}, "model.merges[1]: expected two tokens"),
    ({"model": {**BPE, "merges": [0]}}, "model.merges[0]: expected two tokens"),
    ({"model": {**BPE, "merges": [["a", "b"], ["a"]]}}, "model.merges[1]: expected two tokens"),
    ({"model": {**BPE, "merges": [["a", "b"], ["a", 1]]}}, "model.merges[1]: expected two tokens"),
    (
        {"model": {**BPE, "merges": ["a b", "ab x"]}},
        "model.merges[1]: expected tokens of the vocabulary, got 'x'",
    ),
    (
        {"model": {**BPE, "merges": ["a b", "c a"]}},
        "model.merges[1]: expected a merge whose result is a token of the vocabulary, got 'c'",
    ),
    (
        {"model": {**BPE, "vocab": {"": 0, "a": 1}, "merges": ["a "]}},
        "model.merges[0]: expected a merge that makes a longer token",
    ),
    ({"model": {**BPE, "dropout": 0.1}}, "model.dropout: expected no dropout"),
    (
        {"model": {"type": "Unigram", "unk_id": 1, "vocab": [["a", 0.0]]}},
        "model.unk_id: expected an id below 1, got 1",
    ),
    (
        {"model": {"type": "Unigram", "vocab": [["a", 0.0], ["b", None]]}},
        "model.vocab[1]: expected a token and its score",
    ),
    ({"added_tokens": [ADDED, {**ADDED, "id": -1}]}, "added_tokens[1].id: expected an id"),
    ({"added_tokens": [{"content": "x"}]}, "added_tokens[0]: expected the key 'id'"),
    (
        {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "NFX"}]}},
        "normalizer.normalizers[1].type: expected a type of `tokenizers` 0.23 (Bert, ",
    ),
    ({"normalizer": {"type": "Sequence", "normalizers": [None]}}, "normalizer.normalizers[0]: exp"),
    (
        {"normalizer": {"type": "Precompiled", "precompiled_charsmap": CHARSMAP[:8]}},
        "normalizer.precompiled_charsmap: expected a trie",
    ),
    (
        {"normalizer": {"type": "Precompiled", "precompiled_charsmap": "=!"}},
        "normalizer.precompiled_charsmap: expected a string in base64",
    ),
    (
        {"pre_tokenizer": {"type": "Metaspace", "replacement": "_", "add_prefix_space": False}},
        "pre_tokenizer: expected add_prefix_space true or",
    ),
    (
        {"post_processor": {**SAMPLES["post_processor"][3], "special_tokens": {}}},
        "post_processor.single[0].SpecialToken.id: expected one of special_tokens, got '<s>'",
    ),
    (
        {"post_processor": {**SAMPLES["post_processor"][3], "single": []}},
        "post_processor.single: expected the sequence A once, got no",
    ),
]


@pytest.mark.parametrize(("keys", "message"), FAULTS)
def test_a_fault_is_named_with_its_place(
    keys: dict[str, Any], message: str, tmp_path: Path
) -> None:
    assert fault(tmp_path, **keys).startswith(message)


def nested(depth: int) -> Any:
    value: Any = {"type": "NFC"}
    for _ in range(depth):
        value = {"type": "Sequence", "normalizers": [value]}
    return value


def test_sequences_may_be_nested_but_not_without_end(tmp_path: Path) -> None:
    assert read(tmp_path, normalizer=nested(16)).spec["normalizer"] == nested(16)
    assert "at most 16 sequences in sequences" in fault(tmp_path, normalizer=nested(17))


CONTENTS = [
    (b"", "expected a tokenizer file of a known format, got an empty file"),
    (b'{"a":\n1 2}', "expected JSON, got a fault at line 2, column 3: Expecting ',' delimiter"),
    (b'{"<s>": 0, "model": 1}', "at the top: expected the key 'model', as a tokenizer.json has"),
    (b'{"pat_str": ""}', "at the top: expected the key 'model', as a tokenizer.json has it, got "),
    (b"{}", "at the top: expected the key 'model', as a tokenizer.json has it, got other keys (n"),
    (b'{"model": 1}', "model: expected an object, got 1"),
    (b"hello", "expected JSON, got"),
    (b'{"model": {"type"', "expected JSON, got"),
    (b'{"a": 1,\n "a": 2}', "expected each key of an object once, got 'a' twice"),
    (b'{"model": {"type": "\xff"}}', "expected UTF-8, got the byte 20: invalid start byte"),
    (b'{"a": NaN}', "expected a number, got NaN"),
    (b'{"a": ' + b"9" * 5000 + b"}", "expected JSON, got a number of too many digits"),
    (b'{"a": ' + b"[" * 100_000, "expected JSON, got"),
    (b'{"a": "\\ud800"}', "expected text, got a lone surrogate"),
    (b"{" + b"[" * (4 << 20), "expected at most 4194304 lists and objects, got more"),
]


@pytest.mark.parametrize(("content", "message"), CONTENTS)
def test_bytes_that_are_no_tokenizer(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(VocabularyError) as caught:
        read_tokenizer(path)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert gc.isenabled()


def test_a_file_that_is_too_big_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(b"{")
    os.truncate(path, 1 << 30)
    with pytest.raises(VocabularyError, match=f"expected at most {MOST_BYTES} bytes, got 1073741"):
        read_tokenizer(path)


def test_escaped_pairs_of_surrogates_are_text(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text('{"model": {"vocab": {"\\ud83d\\ude00": 0}, "merges": []}}')
    assert list(read_tokenizer(path).spec["model"]["vocab"]) == ["\U0001f600"]


def test_a_truncated_file_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    whole = json.dumps(tokenizer_json()).encode()
    path = tmp_path / "tokenizer.json"
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        with pytest.raises(VocabularyError):
            read_tokenizer(path)
