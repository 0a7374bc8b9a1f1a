"""Ids whose text may still grow, and bytes that end inside a character.

The rules are tiktoken's (`CoreBPE::_encode_unstable_native` and `_encode_bytes` of its release
0.14.0): pieces at the end of a text may change when more text comes, so the ids of the last piece,
and of white space before it, are unstable.
"""

from __future__ import annotations

from bisect import bisect_left

from tokenkit.encodings.special import split_special

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tokenkit._core import Core
    from tokenkit.encodings.engine import Engine


def encode_bytes(core: Core, engine: Engine, data: bytes) -> list[int]:
    """Encode bytes that need not be UTF-8; those that follow the valid ones are one piece."""
    try:
        return engine.encode(data.decode(), None)
    except UnicodeDecodeError as error:
        valid = error.start
    ids = engine.encode(data[:valid], None)
    cut = _first_unstable(core, ids, engine.last_piece(data[:valid].decode()))
    rest = core.decode_bytes(ids[cut:]) + data[valid:]
    return ids[:cut] + core.encode_piece(rest)


def encode_with_unstable(
    core: Core, engine: Engine, text: str, names: Collection[str], sorted_tokens: Sequence[bytes]
) -> tuple[list[int], list[list[int]]]:
    """Encode repaired text to its stable ids, and the sequences of ids that may follow them.

    `names` are the special tokens that are allowed, `sorted_tokens` all mergeable tokens.
    """
    ids = engine.encode(text, engine.special_set(names) if names else None)
    last = ""
    for ordinary, _ in split_special(text, names):
        last = ordinary
    piece = engine.last_piece(last)
    if not piece:
        return ids, []
    cut = _first_unstable(core, ids, piece)
    unstable = core.decode_bytes(ids[cut:])
    completions = dict.fromkeys(_completions(core, engine, unstable, sorted_tokens))
    return ids[:cut], [list(completion) for completion in completions]


def _first_unstable(core: Core, ids: list[int], last_piece: bytes) -> int:
    """Find the first unstable id; white space before a last piece of white space is unstable."""
    size = len(core.encode_piece(last_piece))

    def is_space(token: int) -> bool:
        return not core.token_bytes(token).strip(b" \n\t")

    cut = len(ids) - size
    if size and is_space(ids[cut]):
        while cut > 0 and is_space(ids[cut - 1]):
            cut -= 1
    return cut


def _starting_with(sorted_tokens: Sequence[bytes], prefix: bytes) -> Iterator[bytes]:
    for index in range(bisect_left(sorted_tokens, prefix), len(sorted_tokens)):
        if not sorted_tokens[index].startswith(prefix):
            return
        yield sorted_tokens[index]


def _completions(
    core: Core, engine: Engine, unstable: bytes, sorted_tokens: Sequence[bytes]
) -> Iterator[tuple[int, ...]]:
    """Yield all ways in which tokens may cover the unstable bytes, by trying every token."""
    for token in _starting_with(sorted_tokens, unstable):
        yield tuple(core.encode_piece(token))

    for i in range(1, len(unstable)):
        for token in _starting_with(sorted_tokens, unstable[i:]):
            possible = unstable[:i] + token
            try:
                ids = engine.encode(possible.decode(), None)
            except UnicodeDecodeError:
                ids = core.encode_piece(possible)
            covered = 0
            for n, token_id in enumerate(ids, 1):
                covered += len(core.token_bytes(token_id))
                if covered >= len(unstable):
                    ids = ids[:n]
                    break
            yield tuple(ids)

    # The last character may be cut off by a later one: "\n\n" is one piece, but two before "0".
    start = len(unstable) - 1
    while start > 0 and 0x80 <= unstable[start] < 0xC0:
        start -= 1
    last = unstable[start:].decode("utf-8", "replace")
    if start > 0 and last.isspace() and last not in "\x1c\x1d\x1e\x1f":
        yield tuple(core.encode_piece(unstable[:start]) + core.encode_piece(unstable[start:]))
