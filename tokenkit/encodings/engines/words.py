"""WordPiece and Unigram vocabularies: engines on the cores of csrc/wordpiece and csrc/unigram.

A text falls apart into words that do not depend on each other, so nearly all is the core's. Only
chunks are chosen here, by sums of the core's counts.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from tokenkit._core import UnigramCore, WordPieceCore
from tokenkit.encodings.engines.counted import CountedEngine
from tokenkit.encodings.engines.pipeline import PipelineEngine
from tokenkit.encodings.steps.added_tokens import AddedTokens
from tokenkit.encodings.steps.before import Steps
from tokenkit.encodings.steps.decoders import decoder_of
from tokenkit.encodings.steps.normalizers import NOTHING, Normalizer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Any

    import numpy as np
    import numpy.typing as npt
    from typing_extensions import Buffer

    from tokenkit._core import ChunkSettings, SpecialSet, WordsCore
    from tokenkit.encodings.compile.compiler import Definition
    from tokenkit.encodings.engine import Chunks, Engine, Integers, Stream
    from tokenkit.encodings.text import Text

# Members that are the core's own: a function around each would take as long as a short text.
_OF_CORE = (
    *("special_set", "find_special", "encode", "encode_buffer", "encode_prefix", "count"),
    *("within", "settled", "count_batch", "encode_batch", "count_arrow"),
    *("fits_arrow", "encode_arrow", "encode_ragged"),
)


class WordsEngine(CountedEngine):
    """A core whose texts fall apart into words. Special tokens are found in the raw text."""

    def __init__(self, core: WordsCore) -> None:
        self._core = core
        for name in _OF_CORE:
            setattr(self, name, getattr(core, name))

    # For the base class; instances have the core's own.

    def special_set(self, tokens: Collection[str]) -> SpecialSet:
        return self._core.special_set(tokens)

    def find_special(self, text: Text, among: SpecialSet) -> str | None:
        return self._core.find_special(text, among)

    def encode_buffer(self, text: Text, allowed: SpecialSet | None) -> Any:
        return self._core.encode_buffer(text, allowed)

    def token_spans(self, text: Text, ids: Buffer, unit: int) -> Integers:
        """Give where the first ids stand: what a token covers, as `tokenizers` gives it."""
        given = memoryview(ids)
        made, spans = self._core.encode_spans(text, unit)
        if memoryview(made)[: len(given)] != given:
            raise ValueError("ids: expected the first ids of the text, got others")
        places = array("q", bytes(memoryview(spans)))
        return places[: 2 * len(given)]


class WordPieceEngine(WordsEngine):
    """The core of a WordPiece vocabulary, whose counts add up over words."""

    def __init__(self, core: WordPieceCore) -> None:
        super().__init__(core)
        self._counter = core.counter

    def counter(self) -> Stream:
        return self._counter()

    def word_counts(self, text: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Give where the words end that have ids, in characters, and how many ids each has."""
        import numpy as np

        ends, counts = self._core.word_counts(text)
        return np.asarray(ends), np.asarray(counts)

    def placed_counts(self, text: str, places: Sequence[int]) -> Iterator[tuple[int, int]]:
        ends, counts = self._core.word_counts(text)
        return zip(ends.tolist(), counts.tolist(), strict=True)

    def chunk_batch(
        self, texts: Sequence[str], formats: list[int], settings: ChunkSettings, num_threads: int
    ) -> list[Chunks]:
        from tokenkit.encodings.engines.wordpiece_chunks import WordChunking

        return [
            WordChunking(self, text, format, settings).chunks()
            for text, format in zip(texts, formats, strict=True)
        ]


class UnigramEngine(WordsEngine):
    """The core of a Unigram vocabulary.

    A text may be one word, so chunks are those of `SlowChunking`, by where tokens stand.
    """

    most_kept = 1 << 12


class SectionedWords(PipelineEngine):
    """Words with added tokens that are always found, or are looked for in normalized text.

    What is between the latter was normalized then, and is not normalized a second time.
    """

    def __init__(
        self,
        inner: WordsEngine,
        steps: Steps,
        facts: Definition,
        first: WordsEngine,
        later: WordsEngine,
    ) -> None:
        """Make an engine; `first` and `later` read the first section of a text, and others."""
        super().__init__(inner, steps, facts)
        self._first = first
        self._later = later

    def _section_reader(self, first: bool) -> WordsEngine:
        return self._first if first else self._later


def engine_of_words(image: Buffer, definition: Definition) -> tuple[Engine, WordTokens]:
    """Make the engine of what a compiler of words gave, and what its ids stand for."""
    ids = {entry[0]: entry[1] for entry in definition["added"]} | definition["aliases"]
    engines = _unigram_engines if definition["kind"] == "unigram" else _wordpiece_engines
    normalized = definition["normalized"]
    core, inner, first, later = engines(image, ids, normalized, definition)
    normalizer = NOTHING
    if normalized:
        local = definition["kind"] == "words"
        normalizer = Normalizer(
            core.normalized, lambda text: core.normalized(text) == text, local=local
        )
    added = AddedTokens(definition["added"], normalizer.apply)
    steps = Steps(normalizer, normalizer, added, "", False)
    plain = definition["is_plain"]
    engine = inner if plain else SectionedWords(inner, steps, definition, first, later)
    return engine, WordTokens(core, definition, added)


def _wordpiece_engines(
    image: Buffer, ids: dict[str, int], normalized: bool, definition: Definition
) -> tuple[WordsCore, WordsEngine, WordsEngine, WordsEngine]:
    """Make the core, its engine, and the engines for the first section and for others."""
    core = WordPieceCore(image, ids)
    inner = WordPieceEngine(core)
    section = WordPieceEngine(WordPieceCore(image, {}, True)) if normalized else inner
    return core, inner, section, section


def _unigram_engines(
    image: Buffer, ids: dict[str, int], normalized: bool, definition: Definition
) -> tuple[WordsCore, WordsEngine, WordsEngine, WordsEngine]:
    core = UnigramCore(image, ids)
    inner = UnigramEngine(core)
    first = UnigramEngine(UnigramCore(image, {}, True)) if normalized else inner
    if not definition["leads"]:
        return core, inner, first, first
    return core, inner, first, UnigramEngine(UnigramCore(image, {}, normalized, True))


class WordTokens:
    """Tokens of words, which the decoder joins."""

    def __init__(self, core: WordsCore, definition: Definition, added: AddedTokens) -> None:
        self._core = core
        self._decoder = decoder_of(definition["decoder"])
        # What the decoder sees.
        self._added = {token.id: added.found_as(token) for token in added.tokens}
        self._ids = {token.content.encode(): token.id for token in added.tokens}
        self.max_id: int = definition["max_id"]

    def decode(self, ids: Sequence[int], errors: str) -> str:
        if errors != "replace":
            raise NotImplementedError(
                f"errors={errors!r}: the decoder of this tokenizer gives text, no bytes"
            )
        return "".join(self._decoder([self.bytes_of(number).decode() for number in ids]))

    def bytes_of(self, token: int) -> bytes:
        """Give a token as the file writes it, with the prefix of one that goes on in a word."""
        if token in self._added:
            return self._added[token].encode()
        return self._core.token_bytes(token)

    def joined(self, ids: Sequence[int]) -> bytes:
        raise NotImplementedError(
            "bytes of ids: this tokenizer changes white space, and maybe case and accents; use "
            "`decode` for a text like the one before, or `token_spans` of the text itself"
        )

    def id_of(self, token: bytes) -> int | None:
        found = self._core.token_id(token)
        return self._ids.get(token) if found is None else found

    def all_bytes(self) -> list[tuple[bytes, int]]:
        return self._core.token_list()
