"""The slow twin of BPE with a list of merges, as `tokenizers` defines it: pair after pair."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise

from tokenkit.encodings.steps.decoders import BYTE_CHARACTERS


@dataclass
class MergesTwin:
    """Tokens with their ids, and pairs of tokens, the one to merge first in front.

    A text is one piece: U+2581 stands for a space, or with `byte_level` a character for each byte.
    """

    vocab: dict[str, int]
    merges: list[tuple[str, str]]
    ignore_merges: bool = False
    byte_level: bool = False

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text."""
        piece = self.written(text)
        if not piece:
            return []
        if self.ignore_merges and piece in self.vocab:
            return [self.vocab[piece]]
        return [number for token in self.merged(list(piece)) for number in self.ids_of(token)]

    def written(self, text: str) -> str:
        """Return a text as the tokens are written."""
        if self.byte_level:
            return "".join(BYTE_CHARACTERS[byte] for byte in text.encode())
        return text.replace(" ", "▁")

    def merged(self, tokens: list[str]) -> list[str]:
        """Merge the pair that is first in the list, the leftmost of equals, until none is left."""
        places: dict[tuple[str, str], int] = {}
        for place, pair in enumerate(self.merges):
            places[pair] = place  # of one that comes twice, the last counts
        while True:
            found = [
                (places[pair], index)
                for index, pair in enumerate(pairwise(tokens))
                if pair in places and all(token in self.vocab for token in pair)
            ]
            if not found:
                return tokens
            _, index = min(found)
            tokens[index : index + 2] = ["".join(tokens[index : index + 2])]

    def ids_of(self, token: str) -> list[int]:
        """Return the id of a token; of a character that is none, those of its bytes."""
        if token in self.vocab:
            return [self.vocab[token]]
        return [self.vocab[f"<0x{byte:02X}>"] for byte in token.encode()]


def random_merges(rng: random.Random, *, byte_level: bool) -> MergesTwin:
    """Make a vocabulary of strings of few characters, with most ways to join two of them."""
    # With characters and bytes, `ignore_merges` does something else.
    twin = MergesTwin({}, [], byte_level and rng.random() < 0.5, byte_level)
    if byte_level:
        strings = list(BYTE_CHARACTERS.values())
        alphabet = [twin.written(character)[-1] for character in "aab é"]
    else:
        strings = [f"<0x{byte:02X}>" for byte in range(256)]
        alphabet = list("aab▁é漢")
        strings += sorted(set(alphabet) - ({"é"} if rng.random() < 0.5 else set()))
    known = [part for part in alphabet if part in strings]
    for _ in range(rng.randrange(40)):
        known.append(rng.choice(known) + rng.choice(known))
    # Some that no merge makes: found only as a whole piece.
    known += ["".join(rng.choices(alphabet, k=rng.randint(2, 5))) for _ in range(rng.randrange(4))]
    strings += sorted(set(known) - set(strings))
    numbers = list(range(len(strings)))
    rng.shuffle(numbers)
    twin.vocab = dict(zip(strings, numbers, strict=True))
    twin.merges = [
        (token[:cut], token[cut:])
        for token in strings
        for cut in range(1, len(token))
        if token in known and token[:cut] in twin.vocab and token[cut:] in twin.vocab
    ]
    twin.merges = [pair for pair in twin.merges if rng.random() < 0.9]
    rng.shuffle(twin.merges)
    return twin
