"""Tokens and ids: single tokens, decoding, ids that no token has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tokenkit import Encoding


def test_ids_out_of_range(enc: Encoding) -> None:
    calls: list[Callable[[Any], object]]
    calls = [enc.decode, enc.decode_bytes, enc.decode_tokens_bytes]
    for call in calls:
        with pytest.raises(KeyError):
            call([enc.n_vocab])
        for too_far in (-1, 2**32, 2**80):
            with pytest.raises(OverflowError):
                call([too_far])
        for wrong in (["a"], [1.5], [None]):
            with pytest.raises(TypeError):
                call(wrong)
    with pytest.raises(TypeError):
        enc.decode("12")  # type: ignore[arg-type]


def test_every_token_round_trips(enc: Encoding) -> None:
    for token, rank in enc._mergeable_ranks.items():
        assert enc.decode_single_token_bytes(rank) == token
        assert enc.encode_single_token(token) == rank
    for name, token_id in enc._special_tokens.items():
        assert enc.encode_single_token(name) == token_id
        assert enc.is_special_token(token_id)
    assert len(enc.token_byte_values()) == len(enc._mergeable_ranks)


def test_what_errors_says_is_done(enc: Encoding) -> None:
    """Alone and in a batch, for bytes that are not UTF-8."""
    ids = enc._encode_bytes(b"a\xff")
    for errors, text in (("replace", "a\ufffd"), ("ignore", "a"), ("backslashreplace", r"a\xff")):
        assert enc.decode(ids, errors) == text
        assert enc.decode_batch([ids, []], errors=errors) == [text, ""]
    assert enc.decode(ids) == enc.decode_batch([ids])[0] == "a\ufffd"
    for call in (
        lambda: enc.decode(ids, "strict"),
        lambda: enc.decode_batch([ids], errors="strict"),
    ):
        with pytest.raises(UnicodeDecodeError):
            call()
    assert enc.decode_bytes_batch([ids, []]) == [b"a\xff", b""]
    with pytest.raises(UnicodeDecodeError):
        enc.decode_with_offsets(ids)


def test_offsets_inside_characters(enc: Encoding) -> None:
    """A token that begins inside a character has the index of that character."""
    text = "a\U0001f9ffb"
    ids = enc.encode(text)
    decoded, offsets = enc.decode_with_offsets(ids)
    assert decoded == text
    starts = [int(start) for start, _ in enc.token_spans(text)]
    assert offsets == starts
    assert len(set(starts)) < len(starts)
