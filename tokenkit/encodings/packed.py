"""Packed tokenizers: a tokenizer.json in a twentieth of its size, for packages that carry some.

Of each token that merging reaches, a packed file holds where the token is split last, and in which
order the tokens are merged; csrc/README.md says why no other pair of a list of merges can ever be
merged. Several tokenizers may share a vocabulary. `tools/pack_tokenizer.py` writes the files.

A file is compressed by LZMA. It begins with a line of JSON: `specs`, by name, what a tokenizer.json
has beside tokens and merges, and `tokens` and `merges`, their numbers. Then come little-endian
arrays: the ids, ascending, as differences (uint32); for each token the length in characters of its
left part, 0 if no merge makes it (uint16); the places of the tokens that merges make, in order of
priority, as differences (int32); at last the tokens in UTF-8, joined by 0xFF.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import numpy as np

from tokenkit._core import ids_of_merges
from tokenkit.encodings.formats import TokenizerFile
from tokenkit.errors import VocabularyError

_MOST_BYTES = 64 << 20  # of an unpacked file
_SEPARATOR = b"\xff"  # which UTF-8 has nowhere


def pack(
    specs: Mapping[str, Mapping[str, Any]],
    vocab: Mapping[str, int],
    splits: Sequence[tuple[int, int]],
) -> bytes:
    """Pack tokens, and of those that merges make, in order of priority, (id, left characters).

    `specs` are those of `TokenizerFile`, by name; their models are of type BPE.

    >>> spec = {"model": {"type": "BPE", "vocab": {}, "merges": []}}
    >>> data = pack({"ab": spec}, {"a": 0, "b": 1, "ab": 2}, [(2, 1)])
    >>> unpack(data, "ab", "an example").merges.tolist()
    [[0, 1]]
    """
    import lzma

    tokens = {token_id: token for token, token_id in vocab.items()}
    ids = sorted(tokens)
    place = {token_id: index for index, token_id in enumerate(ids)}
    order = np.array([place[token_id] for token_id, _ in splits], np.int32)
    lengths = np.zeros(len(ids), "<u2")
    lengths[order] = [length for _, length in splits]
    bare = {
        name: {**spec, "model": {**spec["model"], "vocab": None, "merges": None}}
        for name, spec in specs.items()
    }
    head = {"specs": bare, "tokens": len(ids), "merges": len(splits)}
    parts = [
        json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode() + b"\n",
        np.diff(np.array(ids, np.int64), prepend=0).astype("<u4").tobytes(),
        lengths.tobytes(),
        np.diff(order, prepend=np.int32(0)).astype("<i4").tobytes(),
        _SEPARATOR.join(tokens[token_id].encode() for token_id in ids),
    ]
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "pb": 0}]
    return lzma.compress(b"".join(parts), lzma.FORMAT_XZ, filters=filters)


def unpack(data: bytes, name: str, path: str) -> TokenizerFile:
    """Read the tokenizer `name` of a packed file. Its merges are those that can happen.

    Raises VocabularyError, which begins with `path`, if the data is damaged.
    """
    try:
        spec, merges = _unpacked(data, name)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise VocabularyError(f"{path}: expected a packed tokenizer, got {error}") from None
    digest = sha256(name.encode() + b"\0" + data).hexdigest()
    return TokenizerFile(spec=spec, path=path, format="tkp", digest=digest, merges=merges)


def _unpacked(data: bytes, name: str) -> tuple[dict[str, Any], np.ndarray[Any, Any]]:
    plain = _decompressed(data)
    start = plain.index(b"\n") + 1
    head = json.loads(plain[:start])
    count, merges = int(head["tokens"]), int(head["merges"])
    ids = np.cumsum(np.frombuffer(plain, "<u4", count, start).astype(np.int64))
    lengths = np.frombuffer(plain, "<u2", count, start + 4 * count)
    order = np.cumsum(np.frombuffer(plain, "<i4", merges, start + 6 * count))
    tokens = plain[start + 6 * count + 4 * merges :].decode("utf-8", "surrogateescape")
    texts = tokens.split(_SEPARATOR.decode("utf-8", "surrogateescape"))
    if len(texts) != count:
        raise ValueError(f"{len(texts)} tokens where {count} were announced")
    vocab = dict(zip(texts, ids.tolist(), strict=True))
    made = list(map(texts.__getitem__, order.tolist()))
    splits = lengths[order].tolist()
    parts = [""] * (2 * merges)
    parts[0::2] = [token[:length] for token, length in zip(made, splits, strict=True)]
    parts[1::2] = [token[length:] for token, length in zip(made, splits, strict=True)]
    pairs = np.empty((merges, 2), np.uint32)
    if not ids_of_merges(parts, vocab, pairs.reshape(-1).data):
        raise ValueError("a merge of what are no tokens")
    spec = head["specs"][name]
    spec["model"] = {**spec["model"], "vocab": vocab, "merges": []}
    return spec, pairs


def _decompressed(data: bytes) -> bytes:
    import lzma

    unpacker = lzma.LZMADecompressor()
    try:
        plain = unpacker.decompress(data, _MOST_BYTES)
    except lzma.LZMAError as error:
        raise ValueError(str(error)) from None
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("a file that is cut or goes on")
    return plain
