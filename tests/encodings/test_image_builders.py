"""Images of vocabularies whose ids are not ranks, against BPE as the definition says it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from tokenkit._core import FAMILY_CUSTOM, Core, build_image, build_merges_image

ALPHABETS = ("abc d", "ab\u00e9\u6f22\u5b57\u6f23\U0001f642\U0001f643")


def numbers(values: Iterable[int]) -> array[int]:
    return array("I", values)


def naive_merge(ids: list[int], merges: dict[tuple[int, int], tuple[int, int]]) -> list[int]:
    """BPE: `merges` gives the rank and the result of each pair."""
    while True:
        pairs = enumerate(pairwise(ids))
        best = min(((merges[pair][0], i) for i, pair in pairs if pair in merges), default=None)
        if best is None:
            return ids
        i = best[1]
        ids = [*ids[:i], merges[ids[i], ids[i + 1]][1], *ids[i + 2 :]]


class RandomVocabulary:
    """Tokens, ids and merges at random, with and without characters and byte tokens."""

    def __init__(self, rng: Random, number: int) -> None:
        self.characters = number % 3 != 0
        self.alphabet = ALPHABETS[self.characters]
        strings = set(rng.sample(self.alphabet, rng.randint(1, len(self.alphabet))))
        for _ in range(rng.randint(0, 25)):
            strings.add(rng.choice(sorted(strings)) + rng.choice(sorted(strings)))
        # Most of these are never reached.
        strings |= {"".join(rng.choices(self.alphabet, k=rng.randint(2, 6))) for _ in range(3)}
        texts = sorted(strings)
        rng.shuffle(texts)
        count = len(texts) + (256 if number % 3 == 2 else 0)
        ids = rng.sample(range(rng.choice([count, 2000])), count)
        self.ids = dict(zip(texts, ids, strict=False))
        self.byte_ids = ids[len(texts) :]
        self.whole_pieces = rng.random() < 0.5
        tokens = [(text.encode(), token) for text, token in self.ids.items()]
        tokens += [(bytes([byte]), token) for byte, token in enumerate(self.byte_ids)]
        rng.shuffle(tokens)
        self.tokens = tokens
        merges = [(a, b) for a in texts for b in texts if a + b in self.ids and rng.random() < 0.8]
        rng.shuffle(merges)
        merges += rng.choices(merges, k=rng.randint(0, 3)) if merges else []
        self.merges = {
            (self.ids[a], self.ids[b]): (rank, self.ids[a + b])
            for rank, (a, b) in enumerate(merges)
        }
        image = build_merges_image(
            tokens,
            numbers(self.ids[part] for pair in merges for part in pair),
            whole_pieces=self.whole_pieces,
            characters=self.characters,
            byte_ids=numbers(self.byte_ids) if self.byte_ids else None,
        )
        self.core = Core(image, FAMILY_CUSTOM, {"<special>": 5000})
        self.core.verify()

    def encode(self, text: str) -> list[int] | None:
        """The ids of a piece; None if it has a character without any."""
        if self.whole_pieces and text in self.ids:
            return [self.ids[text]]
        start = []
        for character in text:
            if character in self.ids:
                start.append(self.ids[character])
            elif self.byte_ids:
                start += [self.byte_ids[byte] for byte in character.encode()]
            else:
                return None
        return naive_merge(start, self.merges)


def check_piece(vocabulary: RandomVocabulary, text: str) -> None:
    core, data = vocabulary.core, text.encode()
    ends = array("q", [len(data)])
    want = vocabulary.encode(text)
    if want is None:
        for call in (core.encode_pieces, core.count_pieces):
            with pytest.raises(ValueError, match="which this vocabulary has no token for"):
                call(data, ends)
        return
    assert core.encode_piece(data) == want
    assert memoryview(core.encode_pieces(data, ends)).tolist() == want
    assert core.count_pieces(data, ends) == len(want)
    assert core.decode_bytes(want) == data
    spans: list[Any] = memoryview(core.token_spans(text, want, 1)).tolist()
    assert spans[-1][1] == len(data)


def check_tokens(vocabulary: RandomVocabulary) -> None:
    core = vocabulary.core
    ids = [token for _, token in vocabulary.tokens]
    assert core.token_list() == sorted(vocabulary.tokens, key=lambda item: item[1])
    assert core.n_ranks == len(ids)
    assert core.max_rank == max(ids)
    for token, token_id in vocabulary.tokens:
        assert core.token_bytes(token_id) == token
        # A byte token comes after a character of the same byte.
        text = token.decode("utf-8", "replace")
        assert core.token_id(token) == vocabulary.ids.get(text, token_id)
    for hole in {*range(max(ids) + 3)} - {*ids}:
        with pytest.raises(KeyError):
            core.token_bytes(hole)
    assert core.token_id(b"no token") is None
    assert core.token_bytes(5000) == b"<special>"


def test_random_merge_lists() -> None:
    """Merges of what is never reached, equal pairs, results made before their parts."""
    rng = Random(18)
    for number in range(90):
        vocabulary = RandomVocabulary(rng, number)
        check_tokens(vocabulary)
        for _ in range(25):
            size = rng.choice([1, 2, 3, 5, 8, 20, 100, 300])
            check_piece(vocabulary, "".join(rng.choices(vocabulary.alphabet, k=size)))
        for text in vocabulary.ids:
            check_piece(vocabulary, text)


def test_long_tokens() -> None:
    """Tokens that are too long for the quadratic merge, each twice the one before."""
    tokens = [(b"a" * 2**k, 3000 - 7 * k) for k in range(12)]
    merges = [3000 - 7 * k for k in range(11) for _ in range(2)]
    core = Core(build_merges_image(tokens, numbers(merges), whole_pieces=False), FAMILY_CUSTOM, {})
    assert core.encode_piece(b"a" * (2**11 + 2**10 + 1)) == [3000 - 77, 3000 - 70, 3000]


def test_public_ids() -> None:
    """Ids in any order, with holes; ids in the order of ranks need no map."""
    rng = Random(19)
    tokens = [(b"a", 0), (b"b", 1), (b"ab", 5), (b"ba", 6), (b"aba", 7), (b"abab", 9)]
    texts = ["".join(rng.choices("ab", k=size)).encode() for size in range(1, 40)]
    plain = Core(build_image(tokens), FAMILY_CUSTOM, {})
    for ids in ([7, 1, 900, 3, 2, 0], [3, 4, 10, 20, 30, 90], [4, 3, 10, 20, 30, 90]):
        public = {rank: token for (_, rank), token in zip(tokens, ids, strict=True)}
        image = build_image(tokens, numbers(ids))
        core = Core(image, FAMILY_CUSTOM, {})
        assert core.token_list() == sorted(
            ((token, public[rank]) for token, rank in tokens), key=lambda item: item[1]
        )
        for text in texts:
            want = [public[rank] for rank in plain.encode_piece(text)]
            assert core.encode_piece(text) == want
            assert core.decode_bytes(want) == text
    with pytest.raises(ValueError, match="holds byte 0x63"):
        core.encode_piece(b"abc")


def test_ids_in_order_make_the_image_of_ranks() -> None:
    tokens = [(b"a", 10), (b"b", 11), (b"ab", 17), (b"aba", 18)]
    merges = numbers([10, 11, 17, 10])
    assert build_merges_image(tokens, merges, whole_pieces=True) == build_image(tokens)
    shifted = [(token, rank - 10) for token, rank in tokens]
    assert build_image(shifted, numbers([10, 11, 17, 18])) == build_image(tokens)


def test_whole_pieces() -> None:
    """A token that is not reached is found as a whole piece, or decoded alone."""
    tokens = [(b"a", 0), (b"b", 1), (b"ab", 2), (b"abb", 3)]
    for whole_pieces, ids in ((True, [3]), (False, [2, 1])):
        image = build_merges_image(tokens, numbers([0, 1]), whole_pieces=whole_pieces)
        core = Core(image, FAMILY_CUSTOM, {})
        assert core.encode_piece(b"abb") == ids
        assert core.encode_piece(b"abbabb") == [2, 1, 2, 1]
        assert core.token_id(b"abb") == 3
        assert core.decode_bytes([3]) == b"abb"


BYTES = [(bytes([byte]), byte) for byte in range(256)]


@pytest.mark.parametrize(
    ("tokens", "merges", "options", "message"),
    [
        ([], [], {}, "the vocabulary has no tokens"),
        ([(b"", 3)], [], {}, "the token with id 3 is empty"),
        ([(b"a", 3), (b"b", 3)], [], {}, r"id 3 is given twice, to b'\\x61' and b'\\x62'"),
        ([(b"a", 2**31)], [], {}, r"id 2147483648 of token b'\\x61' is too large"),
        ([(b"a", 1)], [1], {}, "expected pairs of ids, got 1 numbers"),
        ([(b"a", 1)], [1, 5], {}, r"merge 0 \(1, 5\): no token has the id 5"),
        ([(b"a", 1)], [1, 1], {}, r"merge 0 \(1, 1\): .* of the joined bytes, got b'\\x61\\x61'"),
        ([(b"a", 1)], [], {"byte_ids": numbers([1])}, "expected 256 byte tokens, got 1"),
        (BYTES, [], {"byte_ids": numbers(range(256))}, "and characters to start from"),
        (
            [*BYTES[1:], (b"ab", 0)],
            [],
            {"characters": True, "byte_ids": numbers(range(256))},
            r"expected a token b'\\x00' with the id of its byte token, 0, got b'\\x61\\x62'",
        ),
        (
            [*BYTES, (b"a", 300), (b"ab", 301)],
            [300, 98],
            {"characters": True, "byte_ids": numbers(range(256))},
            r"merge 0 \(300, 98\): 98 is the token of a byte, which nothing merges",
        ),
    ],
)
def test_unusable_lists(
    tokens: list[tuple[bytes, int]], merges: list[int], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        build_merges_image(tokens, numbers(merges), whole_pieces=False, **options)


def test_unusable_public_ids() -> None:
    tokens = [(b"a", 0), (b"b", 1)]
    for ids, message in (
        ([1], "expected an id for each of 2 tokens, got 1"),
        ([1, 1], r"id 1 is given twice, to b'\\x61' and b'\\x62'"),
        ([1, 2**32 - 1], "is too large"),
    ):
        with pytest.raises(ValueError, match=message):
            build_image(tokens, numbers(ids))
