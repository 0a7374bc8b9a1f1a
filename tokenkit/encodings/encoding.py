"""`Encoding`: a named vocabulary with its pattern and its special tokens.

Members that tiktoken's Encoding has keep its names, signatures and results (release 0.14.0).
"""

from __future__ import annotations

from tokenkit._checks import check_str, check_whole, checked_threads
from tokenkit._core import (
    build_image,
    quick_encode,
    quick_encode_ordinary,
    quick_encode_to_numpy,
)
from tokenkit._face import later, public
from tokenkit.encodings.known import BUNDLED, ENCODINGS
from tokenkit.encodings.measures import Measures
from tokenkit.encodings.patterns import family_of
from tokenkit.encodings.settings import new_core
from tokenkit.encodings.special import NOTHING
from tokenkit.encodings.text import Text, all_str, repaired
from tokenkit.encodings.vocabulary import Vocabulary
from tokenkit.errors import VocabularyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Set as AbstractSet
    from typing import Any, Literal

    import numpy as np
    import numpy.typing as npt
    from typing_extensions import Buffer
else:
    later(globals(), Literal="typing:Literal", np="numpy", npt="numpy.typing")
    later(globals(), Collection="collections.abc:Collection", AbstractSet="collections.abc:Set")
    later(globals(), Callable="collections.abc:Callable")


@public
class Encoding(Measures):
    """A named vocabulary, with the pattern that splits text into pieces and its special tokens.

    Immutable once made; threads may share it, and methods that scan text release the GIL.
    `get_encoding` gives the bundled ones. `engine` is for the package's own folders.

    >>> import tokenkit
    >>> enc = tokenkit.get_encoding("o200k_base")
    >>> enc.name, enc.n_vocab, enc.decode(enc.encode("hello world"))
    ('o200k_base', 200019, 'hello world')
    """

    def __init__(
        self,
        name: str,
        *,
        pat_str: str,
        mergeable_ranks: dict[bytes, int],
        special_tokens: dict[str, int],
        explicit_n_vocab: int | None = None,
    ):
        """Make an encoding of your own.

        `pat_str`, a regular expression, splits text into pieces; text that it does not match is
        dropped. `mergeable_ranks` are the ids of tokens; lower ids are merged first.
        `explicit_n_vocab`, if given, must be the number of tokens of both kinds, without gaps.

        Raises VocabularyError on unusable ranks, ValueError on a bad pattern or special token,
        TypeError for an id that is not a whole number, OverflowError for one out of 32 bits.

        >>> ranks = {bytes([i]): i for i in range(256)} | {b"ab": 256}
        >>> enc = Encoding("ab", pat_str=r"\\w+|\\W+", mergeable_ranks=ranks, special_tokens={})
        >>> enc.encode("abba")
        [256, 98, 97]
        """
        for token, number in special_tokens.items():
            check_str("special_tokens", token)
            if not token:
                raise ValueError("special_tokens: expected non-empty strings, got ''")
            check_whole("special_tokens", number, None)
        for rank in mergeable_ranks.values():
            check_whole("mergeable_ranks", rank, None)
        try:
            image = build_image(list(mergeable_ranks.items()))
        except ValueError as error:
            raise VocabularyError(f"encoding {name!r}: {error}") from None
        family = family_of(pat_str, mergeable_ranks)
        core = new_core(image, family, special_tokens)
        super().__init__(name, core, special_tokens, mergeable_ranks)
        self._loader: Callable[[str], Encoding] | None = None
        self._image: Buffer = image
        self._family = family
        self._set_up(pat_str, family)
        if explicit_n_vocab:
            size = len(mergeable_ranks) + len(special_tokens)
            if not size == self.n_vocab == explicit_n_vocab:
                raise VocabularyError(
                    f"encoding {name!r}: expected explicit_n_vocab={explicit_n_vocab} tokens, no "
                    f"gaps, got {size} and the highest id {self.max_token_value}"
                )

    @classmethod
    def _from_image(
        cls,
        name: str,
        pat_str: str,
        image: Buffer,
        family: int,
        special_tokens: dict[str, int],
        loader: Callable[[str], Encoding] | None = None,
    ) -> Encoding:
        """Make an encoding of a ready vocabulary image; `loader(name)` gives it again."""
        self = cls.__new__(cls)
        core = new_core(image, family, special_tokens)
        Vocabulary.__init__(self, name, core, special_tokens, None)
        self._loader = loader
        self._image, self._family = image, family
        self._set_up(pat_str, family)
        return self

    def enlist(self) -> str:
        """Make this encoding known by its name, as `get_encoding` finds it; return the name.

        Raises ValueError if a bundled encoding has this name.

        >>> import tokenkit
        >>> tokenkit.get_encoding("gpt2").enlist()
        'gpt2'
        """
        if self._loader is None:
            if self.name in BUNDLED:
                raise ValueError(
                    f"encoding: expected a name that no bundled encoding has, got {self.name!r}"
                )
            ENCODINGS[self.name] = self
        return self.name

    def __repr__(self) -> str:
        return f"<Encoding {self.name!r}>"

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        # Bundled encodings are pickled by name, others by value: a ready image.
        if self._loader is not None:
            return self._loader, (self.name,)
        from tokenkit.encodings.travel import packed

        definition = self.name, self._pat_str, self._family, self._special_tokens
        return type(self)._restored, packed(self, definition, self._image, int(protocol))

    @classmethod
    def _restored(
        cls, digest: str, definition: tuple[str, str, int, dict[str, int]], image: Buffer
    ) -> Encoding:
        """Make an encoding of what a pickle holds, or a twin of an equal one that is here."""
        from tokenkit.encodings.travel import known, remember, twin_of

        found = known(digest, definition, image)
        if found is not None:
            return twin_of(found)
        name, pat_str, family, special_tokens = definition
        # Memory of others may be written to, and start anywhere; bytes are not copied again.
        made = cls._from_image(name, pat_str, bytes(image), family, special_tokens)
        remember(digest, made)
        return made

    # What it is

    @property
    def native(self) -> bool:
        """Whether the core does the work; else the package `tokenizers` does, which is slower.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").native
        True
        """
        return True

    @property
    def overhead(self) -> int:
        """The number of tokens that the tokenizer's own template puts around one text.

        They are in no count and in no list of ids; budgets and limits of chunks reserve them.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").overhead
        0
        """
        return 0

    @property
    def source(self) -> str | None:
        """The path of the file that `load_encoding` read, None for an encoding of another origin.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").source is None
        True
        """
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what `load_encoding` does not apply, or does in another way.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").notes
        ()
        """
        return ()

    def _fingerprint(self) -> str:
        """Return the SHA-256 in hex of the pattern, the tokens and the special tokens."""
        from hashlib import sha256

        digest = sha256(self._pat_str.encode())
        for tokens in (self._mergeable_ranks.items(), self._special_tokens.items()):
            lines = [f"{token!r} {number}\n" for token, number in tokens]
            digest.update("".join(sorted(lines)).encode())
        return digest.hexdigest()

    # Encoding

    @quick_encode_ordinary
    def encode_ordinary(self, text: str) -> list[int]:
        """Encode a text; special tokens are ordinary text. Raises TypeError unless text is str.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").encode_ordinary("hello world")
        [24912, 2375]
        """
        if not isinstance(text, str):
            check_str("text", text)
        return self._encode(text, None)

    @quick_encode
    def encode(
        self,
        text: str,
        *,
        allowed_special: Literal["all"] | AbstractSet[str] = NOTHING,
        disallowed_special: Literal["all"] | Collection[str] = "all",
    ) -> list[int]:
        """Encode a text: return its ids.

        Special tokens in `allowed_special` become their ids. Those in `disallowed_special` ("all":
        all that are not allowed) raise SpecialTokenError, a ValueError, so that text from outside
        cannot smuggle them in; with `disallowed_special=()` they are ordinary text. Raises
        TypeError unless text is str and the others are "all" or sets of str.

        >>> import tokenkit
        >>> enc = tokenkit.get_encoding("o200k_base")
        >>> enc.encode("hello<|endoftext|>", allowed_special={"<|endoftext|>"})
        [24912, 199999]
        """
        if not isinstance(text, str):
            check_str("text", text)
        return self._encode(text, self._admit(text, allowed_special, disallowed_special))

    if TYPE_CHECKING:

        def encode_to_numpy(
            self,
            text: Text,
            *,
            allowed_special: Literal["all"] | AbstractSet[str] = NOTHING,
            disallowed_special: Literal["all"] | Collection[str] = "all",
        ) -> npt.NDArray[np.uint32]: ...

    else:
        # At run time the annotation is tiktoken's, as code may compare signatures.
        @quick_encode_to_numpy
        def encode_to_numpy(
            self,
            text: str,
            *,
            allowed_special: Literal["all"] | AbstractSet[str] = NOTHING,
            disallowed_special: Literal["all"] | Collection[str] = "all",
        ) -> npt.NDArray[np.uint32]:
            """Encode a text, as `encode` does, to a read-only uint32 array.

            Text may also be bytes or a buffer that holds UTF-8.

            >>> import tokenkit
            >>> tokenkit.get_encoding("o200k_base").encode_to_numpy("hello world").tolist()
            [24912, 2375]
            """
            import numpy as np

            allowed = self._admit(text, allowed_special, disallowed_special)
            ids = self.engine.encode_buffer(text, allowed)
            return np.frombuffer(memoryview(ids), dtype=np.uint32)

    def encode_ordinary_batch(self, text: list[str], *, num_threads: int = 8) -> list[list[int]]:
        """Encode each text as `encode_ordinary` does, on threads.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").encode_ordinary_batch(["hello world", "hi"])
        [[24912, 2375], [3686]]
        """
        return self._batch(all_str(text), None, num_threads)

    def encode_batch(
        self,
        text: list[str],
        *,
        num_threads: int = 8,
        allowed_special: Literal["all"] | AbstractSet[str] = NOTHING,
        disallowed_special: Literal["all"] | Collection[str] = "all",
    ) -> list[list[int]]:
        """Encode each text as `encode` does, on threads.

        >>> import tokenkit
        >>> tokenkit.get_encoding("o200k_base").encode_batch(["hello world", "hi"])
        [[24912, 2375], [3686]]
        """
        texts = all_str(text)
        allowed = self._policy.admit_all(texts, allowed_special, disallowed_special)
        return self._batch(texts, allowed, num_threads)

    def _batch(self, texts: list[str], allowed: Any, num_threads: int) -> list[list[int]]:
        ids, offsets = self.engine.encode_batch(texts, allowed, checked_threads(num_threads))
        return self.engine.id_lists(ids, offsets)

    def encode_with_unstable(
        self,
        text: str,
        *,
        allowed_special: Literal["all"] | AbstractSet[str] = NOTHING,
        disallowed_special: Literal["all"] | Collection[str] = "all",
    ) -> tuple[list[int], list[list[int]]]:
        """Encode the start of a text: ids that stay whatever follows, and what may come after them.

        The second is a list of all sequences of ids that may cover the rest of this text. Raises as
        `encode` does.

        >>> import tokenkit
        >>> stable, completions = tokenkit.get_encoding("gpt2").encode_with_unstable("hello fan")
        >>> stable, [4336] in completions
        ([31373], True)
        """
        from tokenkit.encodings.unstable import encode_with_unstable

        check_str("text", text)
        self._admit(text, allowed_special, disallowed_special)
        names = self._special_tokens if allowed_special == "all" else allowed_special
        known = {name for name in names if name in self._special_tokens}
        return encode_with_unstable(
            self._core, self.engine, repaired(text), known, self.token_byte_values()
        )

    # Underscored members of tiktoken's that other packages lean on

    def _encode_only_native_bpe(self, text: str) -> list[int]:
        return self.encode_ordinary(text)

    def _encode_bytes(self, text: bytes) -> list[int]:
        """Encode bytes that need not be UTF-8."""
        from tokenkit.encodings.unstable import encode_bytes

        if not isinstance(text, bytes):
            raise TypeError(f"text: expected bytes, got {type(text).__name__}")
        return encode_bytes(self._core, self.engine, text)
