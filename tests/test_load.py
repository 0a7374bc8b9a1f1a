"""Vocabulary files: good ones, and where bad ones are bad."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
import tiktoken.load

import tokenkit
from tokenkit import VocabularyError
from tokenkit.load import data_gym_to_mergeable_bpe_ranks, dump_tiktoken_bpe, load_tiktoken_bpe

URL = "https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken"


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8", newline="\n")
    return str(path)


def test_round_trip(tmp_path: Path) -> None:
    ranks = tokenkit.get_encoding("p50k_base")._mergeable_ranks
    path = tmp_path / "p50k_base.tiktoken"
    dump_tiktoken_bpe(ranks, str(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    # The hash that tiktoken publishes: the file is the one that it downloads.
    assert digest == "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069"
    assert load_tiktoken_bpe(str(path), digest) == ranks
    assert load_tiktoken_bpe(path) == ranks  # type: ignore[arg-type]
    assert tiktoken.load.load_tiktoken_bpe(str(path)) == ranks


def test_line_ends_and_empty_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "v", "YQ== 0\r\n\r\nYg== 1")
    assert load_tiktoken_bpe(path) == {b"a": 0, b"b": 1}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Y!== 1", "expected a token in base64"),
        ("Yg 1", "expected a token in base64"),
        ("Yg==", "expected a token in base64"),
        ("Yg== 1 2", "expected a token in base64"),
        ("Yg== one", "expected a token in base64"),
        ("Yg== -1", "expected a token and a rank from 0"),
        ("YQ== 1", "expected each token once, got b'a' of line 1"),
        ("Yg== 0", "expected each rank once, got 0 of line 1"),
        ("\x00\x01\x02", "expected a token in base64"),
        ("é 1", "expected a token in base64"),
    ],
)
def test_corrupted_line(tmp_path: Path, line: str, problem: str) -> None:
    path = write(tmp_path / "v.tiktoken", f"YQ== 0\n\n{line}\nYw== 2\n")
    with pytest.raises(VocabularyError, match=problem) as caught:
        load_tiktoken_bpe(path)
    assert f"{path}, line 3" in str(caught.value)


def test_empty_file(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="expected tokens, got an empty file"):
        load_tiktoken_bpe(write(tmp_path / "v", "\n"))


def test_hash(tmp_path: Path) -> None:
    path = write(tmp_path / "v", "YQ== 0\n")
    with pytest.raises(VocabularyError, match=re.escape(path) + ": expected the SHA-256 abc, got "):
        load_tiktoken_bpe(path, "abc")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_tiktoken_bpe(str(tmp_path / "none"))


def test_urls_are_refused() -> None:
    for call in (
        lambda: load_tiktoken_bpe(URL),
        lambda: dump_tiktoken_bpe({b"a": 0}, "s3://bucket/file"),
        lambda: data_gym_to_mergeable_bpe_ranks(URL, URL),
    ):
        with pytest.raises(ValueError, match="expected a local file, got the URL"):
            call()


def stand_ins() -> dict[int, str]:
    """GPT-2's printable stand-ins for bytes, as its release defines them."""
    shown = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in shown]
    return {byte: chr(byte) for byte in shown} | {b: chr(256 + i) for i, b in enumerate(others)}


def gpt2_files(folder: Path) -> tuple[str, str]:
    """vocab.bpe and encoder.json as GPT-2 has them, made from the bundled ranks."""
    ranks = tokenkit.get_encoding("gpt2")._mergeable_ranks
    shown = stand_ins()
    merges = []
    for token, rank in ranks.items():
        if rank < 256:
            continue
        parts = [token[i : i + 1] for i in range(len(token))]
        while len(parts) > 2:
            pairs = [ranks.get(a + b, rank) for a, b in pairwise(parts)]
            i = pairs.index(min(pairs))
            parts[i : i + 2] = [parts[i] + parts[i + 1]]
        merges.append(" ".join("".join(shown[byte] for byte in part) for part in parts))
    encoder = {"".join(shown[byte] for byte in token): rank for token, rank in ranks.items()}
    encoder["<|endoftext|>"] = 50256
    return (
        write(folder / "vocab.bpe", "\n".join(["#version: 0.2", *merges, ""])),
        write(folder / "encoder.json", json.dumps(encoder)),
    )


@pytest.mark.slow
def test_gpt2_files(tmp_path: Path) -> None:
    merges, encoder = gpt2_files(tmp_path)
    # The hash of vocab.bpe that tiktoken publishes: the file is GPT-2's own.
    digest = "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5"
    ranks = data_gym_to_mergeable_bpe_ranks(merges, encoder, digest)
    assert ranks == tokenkit.get_encoding("gpt2")._mergeable_ranks
    assert ranks == tiktoken.load.data_gym_to_mergeable_bpe_ranks(merges, encoder)
    assert data_gym_to_mergeable_bpe_ranks(merges, encoder, clobber_one_byte_tokens=True) == ranks


def test_clobbered_bytes(tmp_path: Path) -> None:
    shown = stand_ins()
    ids = {bytes([byte]): byte for byte in shown} | {b"ab": 256}
    text = json.dumps({"".join(shown[b] for b in token): i for token, i in ids.items()})
    encoder = write(tmp_path / "encoder.json", text)
    merges = write(tmp_path / "vocab.bpe", "#version\na b\n")
    assert data_gym_to_mergeable_bpe_ranks(merges, encoder, clobber_one_byte_tokens=True) == ids
    with pytest.raises(VocabularyError, match="expected one rank for"):
        data_gym_to_mergeable_bpe_ranks(merges, encoder)


@pytest.mark.parametrize(
    ("merges", "problem"),
    [("#v\na b\na\n", "line 3"), ("#v\na b c\n", "line 2"), ("#v\na b\na b\n", "line 3")],
)
def test_bad_merges(tmp_path: Path, merges: str, problem: str) -> None:
    with pytest.raises(VocabularyError, match=problem):
        data_gym_to_mergeable_bpe_ranks(
            write(tmp_path / "vocab.bpe", merges), write(tmp_path / "encoder.json", "{}")
        )


@pytest.mark.parametrize("encoder", ["", "[]", "{", '{"a": "x"}', '{"\u4e00": 1}'])
def test_bad_encoder(tmp_path: Path, encoder: str) -> None:
    with pytest.raises(VocabularyError, match=r"encoder\.json"):
        data_gym_to_mergeable_bpe_ranks(
            write(tmp_path / "vocab.bpe", "#v\n"), write(tmp_path / "encoder.json", encoder)
        )


def test_loaded_ranks_make_an_encoding(tmp_path: Path) -> None:
    known = tokenkit.get_encoding("cl100k_base")
    lines = "".join(
        f"{base64.b64encode(token).decode()} {rank}\n"
        for token, rank in known._mergeable_ranks.items()
    )
    ranks = load_tiktoken_bpe(write(tmp_path / "v", lines))
    enc = tokenkit.Encoding(
        "im", pat_str=known._pat_str, mergeable_ranks=ranks, special_tokens={"<|im|>": 100300}
    )
    text = "Hello, wörld! 漢字 "
    assert enc.encode(text) == known.encode(text)
    assert enc.encode("<|im|>", allowed_special="all") == [100300]
