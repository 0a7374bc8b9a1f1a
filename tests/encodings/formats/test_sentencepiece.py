"""SentencePiece models: what is read, and that every fault is named with its place."""

from __future__ import annotations

import base64
import struct
from pathlib import Path
from typing import Any

import pytest
from tokenizer_files import PIECES, field, sentencepiece_model, write_json

from tokenkit.encodings.formats import TokenizerFile, read_tokenizer
from tokenkit.errors import VocabularyError

UNIGRAM = field(3, 1)
CHARSMAP = struct.pack("<II", 4, 0) + b"x\0"


def read(folder: Path, data: bytes) -> TokenizerFile:
    (folder / "tokenizer.model").write_bytes(data)
    return read_tokenizer(folder / "tokenizer.model")


def fault(folder: Path, data: bytes) -> str:
    with pytest.raises(VocabularyError) as caught:
        read(folder, data)
    assert str(caught.value).startswith(f"{folder / 'tokenizer.model'}: ")
    return str(caught.value).removeprefix(f"{folder / 'tokenizer.model'}: ")


def test_merges_come_from_scores(tmp_path: Path) -> None:
    got = read(tmp_path, sentencepiece_model())
    model = got.spec["model"]
    assert (got.format, model["type"], model["unk_token"]) == ("sentencepiece", "BPE", "<unk>")
    assert (model["fuse_unk"], model["byte_fallback"], model["ignore_merges"]) == (
        True,
        True,
        False,
    )
    assert model["vocab"] == {text: number for number, (text, _, _) in enumerate(PIECES)}
    assert model["merges"] == [["a", "b"], ["▁", "a"]]
    assert got.merges is not None
    assert got.merges.tolist() == [[7, 8], [6, 7]]
    added = {token["content"]: token["special"] for token in got.spec["added_tokens"]}
    assert added == {"<unk>": True, "<s>": True, "</s>": True, "[user]": False}
    assert got.config == {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    assert got.spec["post_processor"] is None
    assert [note[:32] for note in got.notes] == ["SentencePiece puts its space bef"]


def test_a_piece_of_several_splits_has_them_all(tmp_path: Path) -> None:
    pieces = [("<unk>", 0.0, 2), ("aaa", -1.0, 1), ("aa", -2.0, 1), ("a", -3.0, 1)]
    got = read(tmp_path, sentencepiece_model(pieces))
    assert got.merges is not None
    assert got.merges.tolist() == [[2, 3], [3, 2], [3, 3]]
    assert got.spec["model"]["byte_fallback"] is False
    assert got.notes == ()


def test_equal_scores_are_noted_but_for_runs_of_spaces(tmp_path: Path) -> None:
    pieces = [("aa", -1.0, 1), ("ab", -1.0, 1), ("a", -2.0, 1), ("b", -2.0, 1)]
    assert read(tmp_path, sentencepiece_model(pieces)).notes[0].startswith("1 pieces have the")
    pieces = [("▁▁", -1.0, 1), ("▁▁▁", -1.0, 1), ("▁", -1.0, 1)]
    assert read(tmp_path, sentencepiece_model(pieces)).notes == ()


def test_a_model_of_type_unigram(tmp_path: Path) -> None:
    got = read(tmp_path, sentencepiece_model(trainer=UNIGRAM))
    assert (got.spec["model"]["type"], got.spec["model"]["unk_id"]) == ("Unigram", 0)
    assert got.spec["model"]["vocab"][4] == ["ab", -1.0]
    assert got.merges is None
    assert "such as <s>" in got.notes[-1]
    # It is what a model is that does not say its type.
    assert read(tmp_path, sentencepiece_model(trainer=b"")).spec == got.spec


def without_x() -> bytes:
    """A map of characters that takes x away."""
    units = [0] * 0x7C
    units[0] = 1 << 10
    units[1 ^ 0x78] = 2 << 10 | 0x100 | 0x78  # the x, which has a leaf
    units[1 ^ 0x78 ^ 2] = 1 << 31  # the leaf: the text at 0
    return struct.pack(f"<{len(units) + 1}I", 4 * len(units), *units) + b"\0"


def test_pieces_of_the_users_in_unigram(tmp_path: Path) -> None:
    """They are its best pieces, but for those from which the normalizer is kept away."""
    pieces = [*PIECES, ("ax", 0.0, 4)]
    vocab, names = users(tmp_path, pieces, b"")
    assert (vocab[3], vocab[10], names) == (["[user]", -0.1], ["ax", -0.1], [])
    vocab, names = users(tmp_path, pieces, field(2, without_x()))
    assert (vocab[3], vocab[10], names) == (["[user]", -0.1], ["ax", 0.0], ["ax"])
    vocab, _ = users(tmp_path, [*pieces, ("c", 2.0, 1)], b"")
    assert vocab[3] == ["[user]", 2.0 * 6 - 0.1]
    unused = sentencepiece_model([*PIECES, ("c", -1.0, 5)], trainer=UNIGRAM)
    assert "pieces: expected no unused pieces" in fault(tmp_path, unused)


def users(
    folder: Path, pieces: list[tuple[str, float, int]], charsmap: bytes
) -> tuple[list[list[Any]], list[str]]:
    """Give a model's vocabulary, and its added tokens that are not special."""
    made = sentencepiece_model(pieces, trainer=UNIGRAM, normalizer=charsmap + field(4, 0))
    spec = read(folder, made).spec
    added = [token["content"] for token in spec["added_tokens"] if not token["special"]]
    return spec["model"]["vocab"], added


@pytest.mark.parametrize("prefix", [True, False])
@pytest.mark.parametrize("collapse", [True, False])
@pytest.mark.parametrize("charsmap", [b"", CHARSMAP])
def test_what_happens_to_spaces(
    prefix: bool, collapse: bool, charsmap: bytes, tmp_path: Path
) -> None:
    normalizer = field(2, charsmap) + field(3, int(prefix)) + field(4, int(collapse))
    got = read(tmp_path, sentencepiece_model(normalizer=normalizer))
    assert any("clusters of up to five bytes" in note for note in got.notes) == bool(charsmap)
    # The model has a user-defined piece.
    assert any("before each part between" in note for note in got.notes) == prefix
    assert any("off those of each part" in note for note in got.notes) == collapse
    spec = got.spec
    steps = spec["normalizer"].get("normalizers", [spec["normalizer"]])
    made = [step.get("pattern", {}).get("Regex", step["type"]) for step in steps]
    expected = ["Precompiled"] if charsmap else []
    expected += [r"\A +", " {2,}"] if collapse else []
    expected += ["Prepend"] if prefix else []
    expected += ["Replace"]
    expected += [r"▁+\z"] if collapse else []
    assert made == expected
    assert len(spec["decoder"]["decoders"]) == 3 + prefix
    if charsmap:
        assert base64.b64decode(steps[0]["precompiled_charsmap"]) == charsmap


def test_the_config_asks_for_tokens_around_a_text(tmp_path: Path) -> None:
    config = {"add_bos_token": True, "add_eos_token": True, "eos_token": {"content": "[user]"}}
    write_json(tmp_path, config, "tokenizer_config.json")
    post = read(tmp_path, sentencepiece_model()).spec["post_processor"]
    assert [next(iter(piece)) for piece in post["single"]] == [
        "SpecialToken",
        "Sequence",
        "SpecialToken",
    ]
    assert post["special_tokens"]["<s>"]["ids"] == [1]
    assert post["special_tokens"]["[user]"]["ids"] == [3]
    write_json(tmp_path, {"add_bos_token": True, "bos_token": "no"}, "tokenizer_config.json")
    assert "bos_token: expected a piece of the model, got 'no'" in fault(
        tmp_path, sentencepiece_model()
    )


def with_piece(data: bytes) -> bytes:
    return sentencepiece_model(PIECES[:1]) + field(1, data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (sentencepiece_model(more=field(9, 1)), "ModelProto: unknown field 9, which might change"),
        (sentencepiece_model(trainer=field(99, 1)), "TrainerSpec: unknown field 99"),
        (sentencepiece_model(trainer=field(24, 1)), "TrainerSpec.treat_whitespace_as_suffix: exp"),
        (sentencepiece_model(trainer=field(3, 3)), "TrainerSpec.model_type: expected Unigram or"),
        (sentencepiece_model(normalizer=field(7, 1)), "NormalizerSpec: unknown field 7"),
        (sentencepiece_model(normalizer=field(5, 0)), "NormalizerSpec.escape_whitespaces: expect"),
        (sentencepiece_model(normalizer=field(2, b"\xff" * 8)), "NormalizerSpec.precompiled_char"),
        (sentencepiece_model([PIECES[0], PIECES[0]]), "pieces[0]: expected each piece once"),
        (sentencepiece_model([("", 0.0, 1)]), "pieces[0]: expected a text, and at most 2097152"),
        (sentencepiece_model([("a" * 513, 0.0, 1)]), "pieces[0]: expected at most 512 character"),
        (
            sentencepiece_model([("a", 0.0, 1), ("ab", -1.0, 1)]),
            "pieces[1]: expected each of its characters as a piece, too, got 'b'",
        ),
        (sentencepiece_model([("a", 0.0, 7)]), "pieces[0]: expected a text, a score and a kind"),
        (
            sentencepiece_model([("a", float("nan"), 1)]),
            "pieces[0]: expected a text, a score and a kind",
        ),
        (sentencepiece_model([("a", 0.0, 5)]), "pieces: expected no unused pieces"),
        (with_piece(field(1, b"\xff")), "pieces[1]: expected UTF-8, got b'\\xff'"),
        (with_piece(field(4, 1)), "pieces[1]: unknown field 4"),
        (b"\n\x00", "pieces[0]: expected a text, and at most"),
        (b"\n\x05ab", "ModelProto, byte 0: expected 5 more bytes, got 2"),
        (b"\n" + b"\xff" * 9 + b"\x01", "ModelProto, byte 0: expected 18446744073709551615 more"),
        (b"\n" + b"\xff" * 30, "ModelProto, byte 1: expected a number, got one without an end"),
        (b"\n", "ModelProto, byte 1: expected a number, got one without an end"),
        (sentencepiece_model() + b"\x0b", "expected a field, got one of the kind 3"),
        (field(2, b""), "pieces: expected pieces, got none"),
    ],
)
def test_a_fault_is_named_with_its_place(data: bytes, message: str, tmp_path: Path) -> None:
    assert message in fault(tmp_path, data)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    """Wherever it ends, but between two messages: nothing there says that one is missing."""
    whole = sentencepiece_model(PIECES[:3])
    refused = 0
    for size in range(len(whole)):
        try:
            read(tmp_path, whole[:size])
        except VocabularyError:
            refused += 1
    assert refused >= len(whole) - 4
