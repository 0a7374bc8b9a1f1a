"""Tokenizer files of others as encodings."""

from __future__ import annotations

import os
from array import array

from tokenkit._core import (
    FAMILY_CUSTOM,
    FAMILY_SPACES,
    FAMILY_WHOLE,
    LEAD_ALWAYS,
    LEAD_UNLESS_SPACE,
    MOST_ADDED_BYTES,
    Core,
)
from tokenkit._face import public
from tokenkit.encodings.cache.compiled import compiled
from tokenkit.encodings.encoding import Encoding
from tokenkit.encodings.engine import NativeEngine, engine_for
from tokenkit.encodings.engines.pipeline import PipelineEngine
from tokenkit.encodings.engines.stepped import SteppedEngine
from tokenkit.encodings.file_encoding import FileEncoding
from tokenkit.encodings.formats.sources import find_in_cache, find_source
from tokenkit.encodings.settings import check_settings
from tokenkit.encodings.steps.added_tokens import AddedTokens
from tokenkit.encodings.steps.before import Steps
from tokenkit.encodings.steps.normalizers import normalizer_of
from tokenkit.encodings.steps.token_text import CoreTokens, HfTokens
from tokenkit.errors import VocabularyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Buffer

    from tokenkit.encodings.cache.compiled import Built
    from tokenkit.encodings.compile.compiler import Definition
    from tokenkit.encodings.engine import Engine
    from tokenkit.encodings.steps.missing import Gaps
    from tokenkit.encodings.steps.token_text import TokenTexts


@public
def load_encoding(source: str | os.PathLike[str], *, name: str | None = None) -> Encoding:
    """Load the tokenizer of another model: a file, a folder, or a Hub id in the local cache.

    Formats are tokenizer.json and those that docs/tokenizers.md lists; nothing is ever downloaded.
    `name` is the encoding's name, by default that of the source. Ids are exactly those that
    `tokenizers` 0.23 gives without the tokens that its template puts around a text, which are
    `.overhead`. What the core cannot run needs the extra `hf` (`.native` is False then).

    Raises VocabularyError, a ValueError, that names the file and the place of what is wrong there;
    OSError if it cannot be read; ModuleNotFoundError that names the extra.

    >>> import json, os, tempfile, tokenkit
    >>> split = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    >>> from tokenkit.encodings.steps.decoders import BYTE_CHARACTERS
    >>> vocab = {sign: byte for byte, sign in BYTE_CHARACTERS.items()} | {"hi": 256}
    >>> model = {"type": "BPE", "vocab": vocab, "merges": ["h i"]}
    >>> path = os.path.join(tempfile.mkdtemp(), "tokenizer.json")
    >>> with open(path, "w") as file:
    ...     json.dump({"model": model, "pre_tokenizer": split, "decoder": split}, file)
    >>> enc = tokenkit.load_encoding(path, name="hi")
    >>> enc.encode("hi!"), enc.count("hi!"), enc.native
    ([256, 33], 2, True)
    """
    path = find_source(source)
    name = name or _name_of(source)
    return encoding_of_compiled(name, *_compiled(path, name))


def load_repository(hub_id: str) -> Encoding:
    """Load the tokenizer of a repository in the local cache; no path of this name is looked at."""
    return encoding_of_compiled(hub_id, *_compiled(find_in_cache(hub_id), hub_id))


def _compiled(path: str, name: str) -> tuple[Buffer, Definition]:
    """Compile a file, or find in the cache what it was compiled to."""
    made: list[tuple[Buffer, Definition]] = []

    def build(contents: Mapping[str, bytes], digest: str) -> Built | None:
        from tokenkit.encodings.compile.compiler import compile_file
        from tokenkit.encodings.formats import tokenizer_of

        file = tokenizer_of(path, contents, digest)
        image, definition = compile_file(file)
        made.append((image, definition))
        if definition["kind"] == "hf":
            return None  # nothing is compiled
        label = {"source": os.path.abspath(path), "name": name, "format": file.format}
        return label, definition, image

    found = compiled(path, build)
    if found is None:
        return made[0]
    definition, image = found
    return image, {**definition, "source": path}


def _name_of(source: str | os.PathLike[str]) -> str:
    """Name an encoding after its folder, or its file if that has a name of its own."""
    path = os.path.normpath(os.fspath(source))
    folder, base = os.path.split(path)
    generic = base.startswith("tokenizer") or base in ("tekken.json", "")
    return os.path.basename(os.path.abspath(folder)) if generic else base


def encoding_of_compiled(name: str, image: Buffer, definition: Definition) -> Encoding:
    """Make an encoding of what `compile_file` gave."""
    check_settings()
    make = {"hf": _hf, "words": _on_words, "unigram": _on_words}.get(definition["kind"], _on_core)
    engine, texts = make(image, definition)
    return FileEncoding(name, image, definition, engine, texts, restored)


def restored(digest: str, definition: tuple[str, Definition], image: Buffer) -> Encoding:
    """Make an encoding of what a pickle holds, or a twin of an equal one that is here."""
    from tokenkit.encodings.travel import known, remember, twin_of

    found = known(digest, definition, image)
    if found is not None:
        return twin_of(found)
    name, compiled = definition
    made = encoding_of_compiled(name, bytes(image), compiled)
    remember(digest, made)
    return made


def _on_core(image: Buffer, definition: Definition) -> tuple[Engine, TokenTexts]:
    normalizer = normalizer_of(definition["normalizer"])
    added = AddedTokens(definition["added"], normalizer.apply)
    ids = {entry[0]: entry[1] for entry in definition["added"]} | definition["aliases"]
    core = Core(image, definition["family"], ids)
    pattern = definition.get("pattern", "")
    engine = engine_for(core, definition["family"], pattern, ids, is_foreign=True)
    if not definition["is_plain"]:
        keeps = normalizer_of(definition["keeps"])
        steps = Steps(normalizer, keeps, added, definition["lead"], definition["signs"])
        gaps = _gaps(core, definition, engine)
        reader = _reader(image, definition, ids, gaps)
        if definition["steps_of_core"]:
            engine = SteppedEngine(core, engine, steps, definition, reader)
        else:
            engine = PipelineEngine(engine, steps, definition, gaps, reader)
    return engine, CoreTokens(core, definition, added)


def _reader(
    image: Buffer, definition: Definition, ids: dict[str, int], gaps: Gaps | None
) -> Engine | None:
    """Make the core that puts a space before texts, or finds added tokens; None if none can."""
    lead, found = definition["lead"], definition["found"]
    if lead:
        unsplit = definition["family"] in (FAMILY_SPACES, FAMILY_WHOLE)
        known = unsplit and not (gaps and gaps.has(" "))
        number = LEAD_ALWAYS if lead == "always" else LEAD_UNLESS_SPACE
        return NativeEngine(Core(image, definition["family"], {}, number)) if known else None
    short = max(map(len, map(str.encode, found)), default=0) <= MOST_ADDED_BYTES
    if not (found and short and definition["one_search"]) or definition["family"] == FAMILY_CUSTOM:
        return None
    names = {name: ids[name] for name in found}
    return NativeEngine(Core(image, definition["family"], names, added=found))


def _gaps(core: Core, definition: Definition, engine: Engine) -> Gaps | None:
    if "missing_bytes" in definition:
        from tokenkit.encodings.steps.missing import MissingBytes

        return MissingBytes(
            core,
            definition["missing_bytes"],
            definition["unknown"],
            fuses=definition["fuse_unk"],
            splits=definition["family"] not in (FAMILY_SPACES, FAMILY_WHOLE),
        )
    if "known_characters" in definition:
        from tokenkit.encodings.steps.missing import MissingCharacters

        def encode(text: str) -> array[int]:
            return array("I", engine.encode(text, None))

        return MissingCharacters(
            definition["known_characters"], encode, definition["unknown"], definition["fuse_unk"]
        )
    return None


def _on_words(image: Buffer, definition: Definition) -> tuple[Engine, TokenTexts]:
    from tokenkit.encodings.engines.words import engine_of_words

    return engine_of_words(image, definition)


def _hf(image: Buffer, definition: Definition) -> tuple[Engine, TokenTexts]:
    from tokenkit.encodings.engines.huggingface import HfEngine

    try:
        engine = HfEngine(definition["spec"])
    except VocabularyError as error:
        raise VocabularyError(f"{definition['source']}: {error}") from None
    return engine, HfTokens(engine)
