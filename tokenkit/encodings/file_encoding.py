"""`Encoding` of a tokenizer file: what differs from tiktoken's kind."""

from __future__ import annotations

from tokenkit.encodings.encoding import Encoding
from tokenkit.encodings.text import utf8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from typing_extensions import Buffer

    from tokenkit.encodings.compile.compiler import Definition
    from tokenkit.encodings.engine import Engine
    from tokenkit.encodings.steps.token_text import TokenTexts

_CONTINUATION_BYTES = bytes(range(0x80, 0xC0))


class FileEncoding(Encoding):
    """An encoding that `load_encoding` makes. It is an `Encoding` for everybody else."""

    def __init__(
        self,
        name: str,
        image: Buffer,
        definition: Definition,
        engine: Engine,
        texts: TokenTexts,
        restore: Callable[[str, Any, Buffer], Encoding],
    ) -> None:
        """Make an encoding; `restore` makes it again of what `travel.packed` gives."""
        self.name = name
        self.max_token_value = texts.max_id
        self._image = image
        self._definition = definition
        self._texts = texts
        self._restore = restore
        self._loader = None
        self._special_tokens = {
            content: number for content, number, special, *_ in definition["added"] if special
        }
        self._special_token_values = set(self._special_tokens.values())
        self._sorted_tokens = None
        self._serve(engine)
        # What counting a chat needs of the file.
        self._file_facts = {key: definition[key] for key in ("config", "chat_template")}

    @property
    def native(self) -> bool:
        return bool(self._definition["kind"] != "hf")

    @property
    def overhead(self) -> int:
        return len(self._definition["before"]) + len(self._definition["behind"])

    @property
    def source(self) -> str | None:
        source: str = self._definition["source"]
        return source

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(self._definition["notes"])

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        if self._loader is not None:  # one that is known by its name
            return self._loader, (self.name,)
        from tokenkit.encodings.travel import packed

        definition = self.name, self._definition
        return self._restore, packed(self, definition, self._image, int(protocol))

    def _fingerprint(self) -> str:
        from hashlib import sha256
        from json import dumps

        # Not where the file lies, which changes no id.
        steps = {key: value for key, value in self._definition.items() if key != "source"}
        digest = sha256(dumps(steps, sort_keys=True).encode())
        digest.update(self._image)
        return digest.hexdigest()

    # Ids to text

    def decode(self, tokens: Sequence[int], errors: str = "replace") -> str:
        return self._texts.decode(tokens, errors)

    def decode_bytes(self, tokens: Sequence[int]) -> bytes:
        return self._texts.joined(tokens)

    def decode_single_token_bytes(self, token: int) -> bytes:
        return self._texts.bytes_of(token)

    def decode_tokens_bytes(self, tokens: Sequence[int]) -> list[bytes]:
        return list(map(self._texts.bytes_of, tokens))

    def decode_bytes_batch(
        self, batch: Sequence[Sequence[int]], *, num_threads: int = 8
    ) -> list[bytes]:
        return [self.decode_bytes(tokens) for tokens in batch]

    def decode_with_offsets(self, tokens: Sequence[int]) -> tuple[str, list[int]]:
        self._texts.joined(tokens)  # raises where bytes of tokens are not those of the text
        return super().decode_with_offsets(tokens)

    # Single tokens

    def encode_single_token(self, text_or_bytes: str | bytes) -> int:
        token = text_or_bytes if isinstance(text_or_bytes, bytes) else utf8(text_or_bytes)
        found = self._texts.id_of(token)
        if found is None:
            raise KeyError(token)
        return found

    def token_byte_values(self) -> list[bytes]:
        if self._sorted_tokens is None:
            self._sorted_tokens = sorted(token for token, _ in self._texts.all_bytes())
        return list(self._sorted_tokens)

    @property
    def _mergeable_ranks(self) -> dict[bytes, int]:
        return dict(self._texts.all_bytes())

    # Members that need a core of tiktoken's kind

    def encode_with_unstable(self, text: str, **more: Any) -> tuple[list[int], list[list[int]]]:
        raise NotImplementedError(_UNSTABLE)

    def _encode_bytes(self, text: bytes) -> list[int]:
        raise NotImplementedError(_UNSTABLE)

    def _encode_single_piece(self, text_or_bytes: str | bytes) -> list[int]:
        raise NotImplementedError(_UNSTABLE)


_UNSTABLE = (
    "unstable ids: they are defined for tiktoken's kind of encodings only; encode the text again "
    "when more of it is there"
)
