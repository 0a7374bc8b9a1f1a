"""Many lists of ids in one array."""

from __future__ import annotations

import numpy as np
import pytest

import tokenkit


def test_ragged() -> None:
    enc = tokenkit.get_encoding("o200k_base")
    texts = ["hello world", "", "hi"]
    ragged = enc.encode_ragged(texts)
    assert ragged.ids.dtype == np.uint32
    assert ragged.offsets.dtype == np.int64
    assert [row.tolist() for row in ragged] == [enc.encode(text) for text in texts]
    assert ragged[-1].tolist() == enc.encode("hi")
    assert np.shares_memory(ragged[0], ragged.ids)
    for index in (3, -4):
        with pytest.raises(IndexError):
            ragged[index]
    assert len(enc.encode_ragged([])) == 0
