"""Ids to text: what the tokens of a tokenizer file stand for."""

from __future__ import annotations

from collections.abc import Sequence

from tokenkit._locks import made_once
from tokenkit.encodings.steps.decoders import byte_level, decoder_of, decoder_steps, in_byte_level
from tokenkit.encodings.steps.normalizers import SPACE_SIGN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from tokenkit._core import Core
    from tokenkit.encodings.compile.compiler import Definition
    from tokenkit.encodings.engines.huggingface import HfEngine
    from tokenkit.encodings.steps.added_tokens import AddedTokens

    class TokenTexts(Protocol):
        """Decodes ids. KeyError is for an id that no token has."""

        max_id: int

        def decode(self, ids: Sequence[int], errors: str) -> str:
            """The text of ids, as `tokenizers` decodes them, with special tokens."""

        def bytes_of(self, token: int) -> bytes:
            """The bytes of one id. Raises NotImplementedError where tokens have none."""

        def joined(self, ids: Sequence[int]) -> bytes:
            """The bytes of ids. Raises NotImplementedError where they are not those of tokens."""

        def id_of(self, token: bytes) -> int | None:
            """The id of a token, by its bytes; None if there is none."""

        def all_bytes(self) -> list[tuple[bytes, int]]:
            """The bytes of all tokens that text can become, with their ids."""


class CoreTokens:
    """Tokens of the core, and what the decoder of the file makes of them."""

    def __init__(self, core: Core, definition: Definition, added: AddedTokens) -> None:
        self.max_id: int = definition["max_id"]
        self._core = core
        self._definition = definition
        self._added = added
        self._is_bytes = definition["kind"] == "bytes"
        decoder = definition["decoder"]
        steps = decoder_steps(decoder) if decoder else []
        # The bytes of characters are other ones than those of tokens that are written in bytes.
        self._joins_bytes = self._is_bytes and [step["type"] for step in steps] == ["ByteLevel"]
        # Where tokens are bytes with ranks, nothing is written in the byte-level alphabet.
        self._bytes_of_odd = str.encode if definition.get("ranks") else _byte_level_bytes
        self._decoder = decoder_of(decoder)
        listed = enumerate(definition.get("byte_ids", ()))  # None for a byte without a token
        self._byte_ids = {number: byte for byte, number in listed if number is not None}
        # The core has tokens that the file lacks, with ids behind all others.
        lacks = "missing_bytes" in definition or "known_characters" in definition
        self._has_spares = lacks or None in definition.get("byte_ids", ())

    @made_once
    def _odd(self) -> dict[int, str]:
        """Tokens that the decoder sees as other strings than the core's bytes say."""
        odd = {int(number): token for number, token in self._definition["odd"].items()}
        for token in self._added.tokens:
            odd[token.id] = self._added.found_as(token)  # that is what the decoder sees
        if self._joins_bytes:
            return {number: token for number, token in odd.items() if self._differs(number, token)}
        return odd

    def _differs(self, number: int, token: str) -> bool:
        try:
            return self._core.token_bytes(number) != self._bytes_of_odd(token)
        except KeyError:
            return True

    def _check_spares(self, ids: Sequence[int]) -> None:
        """Raise KeyError for an id that only the core has."""
        if self._has_spares and (last := max(ids, default=0)) > self.max_id:
            raise KeyError(last)

    def decode(self, ids: Sequence[int], errors: str) -> str:
        self._check_spares(ids)
        if self._joins_bytes:
            return self.joined(ids).decode("utf-8", errors)
        if errors != "replace":
            raise NotImplementedError(
                f"errors={errors!r}: the decoder of this tokenizer gives text, no bytes; it puts "
                'U+FFFD for what is not UTF-8, as errors="replace" does'
            )
        return "".join(self._decoder([self._string(number) for number in ids]))

    def _string(self, token: int) -> str:
        """Give a token as the file writes it."""
        if token in self._odd:
            return self._odd[token]
        if token in self._byte_ids:
            return f"<0x{self._byte_ids[token]:02X}>"
        data = self._core.token_bytes(token)
        return in_byte_level(data) if self._is_bytes else data.decode().replace(" ", SPACE_SIGN)

    def bytes_of(self, token: int) -> bytes:
        self._check_spares([token])
        if token in self._odd:
            odd = self._odd[token]
            return self._bytes_of_odd(odd) if self._joins_bytes else odd.encode()
        return self._core.token_bytes(token)

    def joined(self, ids: Sequence[int]) -> bytes:
        if not self._joins_bytes:
            raise NotImplementedError(
                "bytes of ids: the decoder of this tokenizer gives text that depends on the ids "
                "beside it; use `decode`, or `decode_single_token_bytes` for each id"
            )
        self._check_spares(ids)
        if self._odd and not self._odd.keys().isdisjoint(ids):
            return b"".join(map(self.bytes_of, ids))
        return self._core.decode_bytes(ids)

    def id_of(self, token: bytes) -> int | None:
        found = self._core.token_id(token)
        if found is None or (self._has_spares and found > self.max_id):
            content = token.decode("utf-8", "replace")
            return next((t.id for t in self._added.tokens if t.content == content), None)
        return found

    def all_bytes(self) -> list[tuple[bytes, int]]:
        tokens = self._core.token_list()
        if self._has_spares:
            return [(token, number) for token, number in tokens if number <= self.max_id]
        return tokens


def _byte_level_bytes(token: str) -> bytes:
    data = byte_level(token)
    return token.encode() if data is None else data


class HfTokens:
    """Tokens of `tokenizers`: strings, whose bytes only its decoder knows."""

    def __init__(self, engine: HfEngine) -> None:
        self._engine = engine
        self._ids = engine.tokens
        self._known = frozenset(engine.tokens.values())
        self.max_id = max(self._known, default=0)

    def decode(self, ids: Sequence[int], errors: str) -> str:
        if errors != "replace":
            raise NotImplementedError(
                f"errors={errors!r}: this tokenizer runs on `tokenizers`, which puts U+FFFD for "
                'what is not UTF-8, as errors="replace" does'
            )
        ids = list(ids)
        for number in ids:
            if number not in self._known:
                raise KeyError(number)
        return self._engine.decode(ids)

    def bytes_of(self, token: int) -> bytes:
        raise NotImplementedError(_NO_BYTES)

    def joined(self, ids: Sequence[int]) -> bytes:
        raise NotImplementedError(_NO_BYTES)

    def id_of(self, token: bytes) -> int | None:
        return self._ids.get(token.decode("utf-8", "replace"))

    def all_bytes(self) -> list[tuple[bytes, int]]:
        raise NotImplementedError(_NO_BYTES)


_NO_BYTES = "bytes of ids: this tokenizer runs on `tokenizers`, which gives text only; use `decode`"
