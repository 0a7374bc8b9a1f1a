"""The half of an encoding that knows tokens and ids, and nothing of splitting text."""

from __future__ import annotations

from tokenkit._checks import check_items, check_whole, checked_threads
from tokenkit._core import ShortTexts
from tokenkit._face import later
from tokenkit.encodings.text import utf8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokenkit._core import Core
else:
    later(globals(), Sequence="collections.abc:Sequence")

_CONTINUATION_BYTES = bytes(range(0x80, 0xC0))


class Vocabulary(ShortTexts):
    """Tokens and their ids: decoding, single tokens, special tokens. Base of `Encoding`.

    `ranks` may be None: then they are read from the core when they are first asked for.
    """

    def __init__(
        self, name: str, core: Core, special_tokens: dict[str, int], ranks: dict[bytes, int] | None
    ) -> None:
        self.name = name
        self.max_token_value = max(core.max_rank, max(special_tokens.values(), default=0))
        self._core = core
        self._ranks = ranks
        self._sorted_tokens: list[bytes] | None = None
        self._special_tokens = special_tokens
        self._special_token_values = set(special_tokens.values())

    # Ids to text

    def decode_bytes(self, tokens: Sequence[int]) -> bytes:
        """Decode ids to bytes.

        Raises KeyError for an id that no token has, OverflowError for one out of range.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").decode_bytes([24912, 2375])
        b'hello world'
        """
        return self._core.decode_bytes(tokens)

    def decode(self, tokens: Sequence[int], errors: str = "replace") -> str:
        """Decode ids to text; bytes that are not UTF-8 are treated as `errors` says.

        Raises as `decode_bytes` does, and UnicodeDecodeError with `errors="strict"`.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").decode([24912, 2375])
        'hello world'
        """
        return self._core.decode_bytes(tokens).decode("utf-8", errors)

    def decode_single_token_bytes(self, token: int) -> bytes:
        """Decode one id, mergeable or special, to bytes. Raises as `decode_bytes` does.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").decode_single_token_bytes(24912)
        b'hello'
        """
        return self._core.token_bytes(token)

    def decode_tokens_bytes(self, tokens: Sequence[int]) -> list[bytes]:
        """Decode each id to bytes. Raises as `decode_bytes` does.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").decode_tokens_bytes([24912, 2375])
        [b'hello', b' world']
        """
        token_bytes = self._core.token_bytes
        return [token_bytes(token) for token in tokens]

    def decode_with_offsets(self, tokens: Sequence[int]) -> tuple[str, list[int]]:
        """Decode ids to text, and find the character at which each begins.

        A token that begins inside a character has that character's index. Raises as
        `decode_bytes` does, and UnicodeDecodeError if the bytes are not UTF-8.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").decode_with_offsets([24912, 2375])
        ('hello world', [0, 5])
        """
        parts = self.decode_tokens_bytes(tokens)
        offsets = []
        characters = 0
        for part in parts:
            offsets.append(max(0, characters - (part[0] in _CONTINUATION_BYTES)))
            characters += len(part.translate(None, _CONTINUATION_BYTES))
        return b"".join(parts).decode(), offsets

    def decode_batch(
        self, batch: Sequence[Sequence[int]], *, errors: str = "replace", num_threads: int = 8
    ) -> list[str]:
        """Decode each list of ids as `decode` does. `num_threads` is only checked.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").decode_batch([[24912, 2375], [3686]])
        ['hello world', 'hi']
        """
        checked_threads(num_threads)
        batch = check_items("batch", batch, "lists of ids")
        return [self.decode(tokens, errors) for tokens in batch]

    def decode_bytes_batch(
        self, batch: Sequence[Sequence[int]], *, num_threads: int = 8
    ) -> list[bytes]:
        """Decode each list of ids as `decode_bytes` does. `num_threads` is only checked.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").decode_bytes_batch([[24912, 2375], [3686]])
        [b'hello world', b'hi']
        """
        checked_threads(num_threads)
        batch = check_items("batch", batch, "lists of ids")
        return [self._core.decode_bytes(tokens) for tokens in batch]

    # Single tokens

    def encode_single_token(self, text_or_bytes: str | bytes) -> int:
        """Find the id of one token, mergeable or special. Raises KeyError if there is none.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").encode_single_token("hello")
        24912
        """
        token = _token_bytes(text_or_bytes)
        token_id = self._core.token_id(token)
        if token_id is None:
            token_id = self._special_tokens.get(token.decode("utf-8", "surrogateescape"))
        if token_id is None:
            raise KeyError(token)
        return token_id

    def _encode_single_piece(self, text_or_bytes: str | bytes) -> list[int]:
        """Encode text as one piece, without the pattern."""
        return self._core.encode_piece(_token_bytes(text_or_bytes))

    def token_byte_values(self) -> list[bytes]:
        """List the bytes of all mergeable tokens, sorted.

        >>> import tokenkit
        >>> tokenkit.get_encoding("gpt2").token_byte_values()[-1]
        b'\xff'
        """
        if self._sorted_tokens is None:
            self._sorted_tokens = sorted(token for token, _ in self._core.token_list())
        return list(self._sorted_tokens)

    @property
    def eot_token(self) -> int:
        """The id of `<|endoftext|>`. Raises KeyError if there is none."""
        return self._special_tokens["<|endoftext|>"]

    @property
    def special_tokens_set(self) -> set[str]:
        """The special tokens."""
        return set(self._special_tokens)

    def is_special_token(self, token: int) -> bool:
        """Return whether an id is that of a special token.

        >>> import tokenkit
        >>> enc = tokenkit.get_encoding("gpt2")
        >>> enc.is_special_token(enc.eot_token), enc.is_special_token(0)
        (True, False)
        """
        return check_whole("token", token, None) in self._special_token_values

    @property
    def n_vocab(self) -> int:
        """The highest id plus one; ids below it may be unused."""
        return self.max_token_value + 1

    @property
    def _mergeable_ranks(self) -> dict[bytes, int]:
        # Made when first asked for: it takes more time and memory than all the rest.
        if self._ranks is None:
            self._ranks = dict(self._core.token_list())
        return self._ranks


def _token_bytes(text_or_bytes: str | bytes) -> bytes:
    if isinstance(text_or_bytes, str):
        return utf8(text_or_bytes)
    if not isinstance(text_or_bytes, bytes):
        raise TypeError(f"text_or_bytes: expected str or bytes, got {type(text_or_bytes).__name__}")
    return text_or_bytes
