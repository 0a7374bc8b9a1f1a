"""Vocabularies and merges as JSON holds them: checked in bulk, as there are up to a million.

Python code per entry runs only to name the place of a fault.
"""

from __future__ import annotations

from itertools import chain
from operator import add
from typing import Any

import numpy as np
import numpy.typing as npt

from tokenkit._checks import shown
from tokenkit._core import ids_of_merges
from tokenkit.encodings.formats.faults import Fault, unlike
from tokenkit.encodings.formats.fields import MOST_ID, mapping, sequence, token_id


def vocabulary(value: Any, where: str) -> dict[str, int]:
    """Check an object from tokens to ids, in which no two tokens have the same id.

    >>> vocabulary({"a": 0, "b": 1}, "model.vocab")
    {'a': 0, 'b': 1}
    """
    vocab = mapping(value, where)
    if not vocab:
        raise Fault(f"{where}: expected tokens, got none")
    ids = vocab.values()
    if set(map(type, ids)) != {int} or min(ids) < 0 or max(ids) > MOST_ID:
        for token, number in vocab.items():
            token_id(number, f"{where}[{shown(token)}]")
    if len(set(ids)) != len(vocab):
        owners: dict[int, str] = {}
        for token, number in vocab.items():
            if number in owners:
                raise Fault(
                    f"{where}: expected each id once, got {number} for {shown(owners[number])} "
                    f"and for {shown(token)}"
                )
            owners[number] = token
    return vocab


def merge_parts(value: Any, where: str) -> list[str]:
    """List the parts of all merges, two for each, in order: of "a b" or of ["a", "b"].

    As `tokenizers` does, lines that start with "#version" are left out.

    >>> merge_parts(["#version: 0.2", "a b"], "model.merges"), merge_parts([["a", "b"]], "m")
    (['a', 'b'], ['a', 'b'])
    """
    merges = sequence(value, where)
    kinds = set(map(type, merges))
    if kinds == {str}:
        pairs = [line.split(" ") for line in merges if not line.startswith("#version")]
    elif kinds <= {list}:
        pairs = merges
    else:
        first = type(merges[0]) if type(merges[0]) in (str, list) else list
        raise _odd(next(i for i, m in enumerate(merges) if type(m) is not first), merges, where)
    if set(map(len, pairs)) <= {2}:
        parts = list(chain.from_iterable(pairs))
        if set(map(type, parts)) <= {str}:
            return parts
    raise _odd(next(i for i, merge in enumerate(merges) if not _is_pair(merge)), merges, where)


def _is_pair(merge: str | list[Any]) -> bool:
    if isinstance(merge, str):
        return merge.startswith("#version") or merge.count(" ") == 1
    return len(merge) == 2 and all(isinstance(part, str) for part in merge)


def _odd(index: int, merges: list[Any], where: str) -> Fault:
    return unlike(f"{where}[{index}]", "two tokens, written as all the others", merges[index])


def merge_ids(
    parts: list[str], vocab: dict[str, int], prefix: str, where: str
) -> tuple[npt.NDArray[np.uint32], int]:
    """Return the ids of merges, as rows of two in order of priority, and how many came twice.

    Each merge must make a longer token of the vocabulary out of two. `prefix` is the model's
    continuing_subword_prefix, which is cut off the second part. Of two equal merges the last one
    counts, as in `tokenizers`.
    """
    ids = np.zeros(len(parts), np.uint32)
    if prefix or not ids_of_merges(parts, vocab, ids.data):
        ids[:] = _checked_ids(parts, vocab, prefix, where)
    return _last_of_each(ids.reshape(-1, 2))


def _checked_ids(
    parts: list[str], vocab: dict[str, int], prefix: str, where: str
) -> npt.NDArray[np.uint32]:
    """Look up the parts as the core does, and name the place of a fault."""
    firsts, seconds = parts[0::2], parts[1::2]
    if prefix:
        seconds = _without_prefix(seconds, prefix, where)
    try:
        ids = np.fromiter(map(vocab.__getitem__, parts), np.uint32, len(parts))
    except KeyError as error:
        index = parts.index(error.args[0]) // 2
        raise Fault(
            f"{where}[{index}]: expected tokens of the vocabulary, got {shown(error.args[0])}"
        ) from None
    if not all(map(vocab.__contains__, map(add, firsts, seconds))):
        index = next(i for i, made in enumerate(map(add, firsts, seconds)) if made not in vocab)
        raise Fault(
            f"{where}[{index}]: expected a merge whose result is a token of the vocabulary, got "
            f"{shown(firsts[index])} and {shown(seconds[index])}"
        )
    if not (all(firsts) and all(seconds)):
        index = next(i for i in range(len(firsts)) if not (firsts[i] and seconds[i]))
        raise Fault(
            f"{where}[{index}]: expected a merge that makes a longer token, got one that makes "
            f"{shown(firsts[index] + seconds[index])} out of itself"
        )
    return ids


def _without_prefix(seconds: list[str], prefix: str, where: str) -> list[str]:
    # `tokenizers` cuts off as many bytes, whatever they are.
    size = len(prefix.encode())
    out = []
    for index, second in enumerate(seconds):
        data = second.encode()
        if len(data) < size:
            raise unlike(f"{where}[{index}]", f"a second part with the prefix {prefix!r}", second)
        try:
            out.append(data[size:].decode())
        except UnicodeDecodeError:
            raise unlike(
                f"{where}[{index}]", f"a second part with the prefix {prefix!r}", second
            ) from None
    return out


def _last_of_each(pairs: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint32], int]:
    keys = pairs[:, 0].astype(np.uint64) << np.uint64(32) | pairs[:, 1]
    ordered = np.sort(keys)
    twice = int(np.count_nonzero(ordered[1:] == ordered[:-1]))
    if twice:
        _, from_the_end = np.unique(keys[::-1], return_index=True)
        pairs = pairs[np.sort(len(keys) - 1 - from_the_end)]
    return np.ascontiguousarray(pairs), twice
