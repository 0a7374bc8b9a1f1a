"""Compile tokenizer files where a step in the wrong place would change ids.

tests/encodings/engines/test_pipeline_open.py asks `tokenizers` itself about such files.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from file_tokenizers import BYTE_LEVEL, PREPEND, SIGNS, added, byte_level, characters, load

from tokenkit.encodings.compile.compiler import compile_file
from tokenkit.encodings.formats import read_tokenizer


def compiled(made: dict[str, Any], folder: Path) -> dict[str, Any]:
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(made), "utf-8")
    return compile_file(read_tokenizer(path))[1]


def tab() -> dict[str, Any]:
    """A vocabulary of Gemma's kind: the id of the byte token of a tab is that of the tab."""
    made = characters()
    vocab = made["model"]["vocab"]
    vocab["\t"] = vocab.pop("<0x09>")
    return made


def test_a_byte_that_no_character_needs_may_be_without_a_token(tmp_path: Path) -> None:
    enc = load(tab(), tmp_path)
    assert enc.native
    assert enc.encode("\thi\n") == [9, 262, 10]
    assert enc.decode([9, 262, 10]) == "\thi\n"
    assert enc.encode_single_token("\t") == 9
    assert sorted(enc.token_byte_values()).count(b"\t") == 1


@pytest.mark.parametrize("made", [tab(), byte_level(model={"unk_token": None})])
def test_tokens_that_only_the_core_has_are_none(tmp_path: Path, made: dict[str, Any]) -> None:
    vocab = made["model"]["vocab"]
    if "ā" in vocab:
        del vocab["Ā"]  # byte 0; the id of its stand-in is behind all others
    enc = load(made, tmp_path)
    assert enc.native
    assert enc.max_token_value == max(vocab.values())
    assert enc.n_vocab == max(vocab.values()) + 1
    for number in range(enc.n_vocab, enc.n_vocab + 300):
        for decode in (enc.decode, enc.decode_bytes, enc.decode_tokens_bytes):
            with pytest.raises((KeyError, NotImplementedError)):
                decode([number])
        with pytest.raises(KeyError):
            enc.decode([number])
        with pytest.raises(KeyError):
            enc.decode_single_token_bytes(number)
    if "ā" in vocab:
        with pytest.raises(KeyError):
            enc.encode_single_token(b"\0")
        assert b"\0" not in enc.token_byte_values()


def test_ids_of_the_core_alone_are_not_those_of_added_tokens(tmp_path: Path) -> None:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    made = tab()
    size = len(made["model"]["vocab"])
    made["added_tokens"] = [
        {"id": size + n, "content": f"<{n}>", "special": n % 2 == 0, **flags} for n in range(4)
    ]
    enc = load(made, tmp_path)
    assert enc.native
    assert enc.encode("<0>\t<3>", allowed_special="all") == [size, 9, size + 3]
    assert enc.decode([size, size + 1, size + 2, size + 3]) == "<0><1><2><3>"


def test_merges_of_what_no_text_can_become_are_left_out(tmp_path: Path) -> None:
    made = byte_level()
    made["model"]["vocab"] |= {"漢": 263, "h漢": 264}  # of bytes, no character is written so
    made["model"]["merges"] = ["h 漢", *made["model"]["merges"]]
    enc = load(made, tmp_path)
    assert enc.native
    assert enc.encode("hi h漢") == [256, 32, 104, *"漢".encode()]


@pytest.mark.parametrize(
    ("added_runs", "merges", "text", "ids"),
    [
        (["zz", "zzzz"], [], "zzz", [270, 269]),  # merging gives zzz, which is not added
        (["zz", "zzzz"], [], "zzzzz", [272, 269]),
        (["zz", "zzz"], ["z h"], "zzh", [270, 256]),  # merging takes the last z to h
        (["zz", "zzz", "zzzz"], [], "zzzzz", [272, 269]),  # merging gives zz and zzz
    ],
)
def test_added_runs_of_a_character(
    tmp_path: Path, added_runs: list[str], merges: list[str], text: str, ids: list[int]
) -> None:
    """Found wherever they stand, whatever merging would make of the text."""
    made = characters()
    vocab = made["model"]["vocab"]
    vocab |= {"z" * size: 268 + size for size in range(1, 5)}
    vocab |= {merge.replace(" ", ""): 273 for merge in merges}
    made["model"]["merges"] = [*merges, *made["model"]["merges"], "z z", "zz z", "zz zz"]
    made["added_tokens"] = [
        {**entry, "id": vocab[entry["content"]]} for entry in added(*added_runs, first=0)
    ]
    enc = load(made, tmp_path)
    assert enc.native
    assert enc.encode(text) == ids
    assert enc.count(f"{text} {text}") == 2 * len(ids) + 1


def without(made: dict[str, Any], *tokens: str) -> dict[str, Any]:
    for token in tokens:
        del made["model"]["vocab"][token]
    return made


def merged_byte_token() -> dict[str, Any]:
    made = characters()
    made["model"]["vocab"] |= {"<0x4": 300, "1>": 301, "<": 302}
    made["model"]["merges"] = [*made["model"]["merges"], "<0x4 1>"]
    return made


def merging_byte_token() -> dict[str, Any]:
    made = characters()
    made["model"]["vocab"]["<0x41>h"] = 300
    made["model"]["merges"] = [*made["model"]["merges"], "<0x41> h"]
    return made


def lacking_a_byte(**model: Any) -> dict[str, Any]:
    """A byte-level file without the space, and with a byte token."""
    made = without(byte_level(model=model), "Ġ", "Ġhi")
    made["model"]["merges"] = ["h i", "e r", "t h", "th er"]
    made["model"]["vocab"]["<0xC4>"] = 300
    return made


X = {"type": "Replace", "pattern": {"String": "a"}, "content": " "}
NO_SPACES = {
    "type": "Split",
    "pattern": {"String": " "},
    "behavior": "Removed",
    "invert": True,
}
REGEX = {"type": "Replace", "pattern": {"Regex": "a+"}, "content": "b"}


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (without(characters(), "<0x41>"), "byte_fallback without tokens for all bytes"),
        (without(characters(), "<0xE2>"), "byte_fallback without tokens for all bytes"),
        (without(characters(), "▁", "▁hi", "▁▁", "▁▁▁▁"), None),
        (characters(model={"ignore_merges": True}), "ignore_merges and byte_fallback together"),
        (byte_level(added_tokens=added("é", first=233)), "the added token 'é', which the vocab"),
        (characters(added_tokens=added("<0x41>", first=65)), "byte tokens that are added tokens"),
        (merging_byte_token(), "merges of byte tokens"),
        (merged_byte_token(), "merges into byte tokens"),
        (characters(decoder=REGEX), "the decoder Replace"),
        (byte_level(decoder=REGEX), "the decoder Replace"),
        (without(byte_level(model={"unk_token": "h"}), "Ā"), "the unknown token 'h', which is"),
        (characters(normalizer={"type": "Sequence", "normalizers": [SIGNS, X]}), "a normalizer"),
        (
            characters(
                normalizer={"type": "Sequence", "normalizers": [SIGNS, {"type": "NFKC"}]},
                pre_tokenizer={"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never"},
            ),
            "a pre-tokenizer Metaspace that splits",
        ),
        (lacking_a_byte(byte_fallback=True), "byte_fallback where bytes of a byte-level"),
        (characters(pre_tokenizer=NO_SPACES), "this pre-tokenizer for a model of characters"),
        (
            characters(normalizer={"type": "Sequence", "normalizers": [SIGNS, PREPEND]}),
            "a normalizer behind",
        ),
        (byte_level(pre_tokenizer={"type": "Whitespace"}), "this pre-tokenizer"),
        (
            byte_level(
                pre_tokenizer={
                    "type": "Sequence",
                    "pretokenizers": [{"type": "Whitespace"}, BYTE_LEVEL],
                }
            ),
            "this pre-tokenizer",
        ),
    ],
)
def test_what_the_core_does_not_support_is_named(
    tmp_path: Path, made: dict[str, Any], reason: str | None
) -> None:
    if reason is None:
        made["model"]["merges"] = ["h i", "e r", "t h", "th er"]
        reason = "byte_fallback for U\\+2581"
    definition = compiled(made, tmp_path)
    assert definition["kind"] == "hf"
    (note,) = definition["notes"]
    wanted = f"It runs on the package `tokenizers`, as the core does not support {reason}"
    assert note.startswith(wanted.replace("\\", ""))
