"""Tokenizer files turned into what the core runs: a vocabulary image, and a definition beside it.

A definition is a dict that JSON can hold. What the core can run is recognised by the steps of the
file, never by a name; `Unfit` says why a file is not of a kind, and all others run on `tokenizers`.
"""

from __future__ import annotations

from array import array

import numpy as np

from tokenkit._core import FAMILY_CUSTOM, Core, build_image, build_merges_image
from tokenkit.encodings.compile.byte_tokens import byte_fallback, check_added_bytes, unused_ids
from tokenkit.encodings.compile.families import family_of_signs, scanner_of
from tokenkit.encodings.compile.parts import Unfit, entries_of, flat_splits
from tokenkit.encodings.compile.token_search import search_facts
from tokenkit.encodings.steps.added_tokens import AddedTokens, nothing_left
from tokenkit.encodings.steps.decoders import byte_level, byte_of, decoder_of
from tokenkit.encodings.steps.framing import ids_around
from tokenkit.encodings.steps.normalizers import (
    NOTHING,
    SPACE_SIGN,
    UnknownStep,
    normal_steps,
    normalizer_of,
)
from tokenkit.errors import VocabularyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias

    from tokenkit.encodings.formats import TokenizerFile
    from tokenkit.encodings.steps.normalizers import Normalizer

    Definition: TypeAlias = dict[str, Any]
    Compiled: TypeAlias = tuple[bytes, Definition]


def compile_file(file: TokenizerFile) -> Compiled:
    """Make the image and the definition of a tokenizer file.

    Raises VocabularyError for a file that cannot be used.
    """
    spec = file.spec
    try:
        before, behind = ids_around(spec["post_processor"])
    except UnknownStep as error:
        raise VocabularyError(f"{file.path}: {error} is not supported") from None
    definition: Definition = {
        "added": entries_of(file),
        "decoder": spec["decoder"],
        "before": before,
        "behind": behind,
        # Its table of added tokens is that of the file, once more.
        "config": {k: v for k, v in file.config.items() if k != "added_tokens_decoder"},
        "chat_template": file.chat_template,
        "notes": list(file.notes),
        "source": file.path,
    }
    definition["notes"] += _alike(file)
    reason = ""
    for kind in _kinds(spec):
        try:
            decoder_of(spec["decoder"])
            image, more = kind(file)
        except (Unfit, UnknownStep) as error:
            reason = reason or str(error)
        else:
            facts = {} if "is_plain" in more else _facts(file, more)
            return image, {**definition, **more, **facts}
    if spec["model"]["type"] == "Ranks":  # which `tokenizers` cannot run
        raise VocabularyError(f"{file.path}: the core does not support {reason}")
    note = f"It runs on the package `tokenizers`, as the core does not support {reason}."
    definition["notes"].append(note)
    return b"", {**definition, "kind": "hf", "spec": spec}


def _added(file: TokenizerFile, normalizer: Normalizer) -> AddedTokens:
    return AddedTokens(entries_of(file), normalizer.apply)


def _facts(file: TokenizerFile, kind: Definition) -> Definition:
    """Find out what the engine has to know of added tokens, and the highest id."""
    added = _added(file, normalizer_of(kind["normalizer"]))
    keeps = normalizer_of(kind["keeps"])
    redundant = kind.pop("redundant", ())
    local = keeps.local and not kind["lead"]
    facts = search_facts(added, redundant, local=local, signs=kind["signs"])
    normal = normal_steps(kind["normalizer"])
    gaps = "unknown" in kind
    changed = bool(kind["lead"] or kind["signs"] or gaps)
    always = any(not token.special for token in added.tokens)
    at_once = facts["one_search"] and not (changed or facts["hiding"] or kind.get("guards"))
    of_core = at_once and kind["family"] != FAMILY_CUSTOM and _are_of_core(normal, added)
    model = file.spec["model"]
    vocab = dict(_rank_tokens(model)) if model["type"] == "Ranks" else model["vocab"]
    return {
        "guards": kind.get("guards", []),
        **facts,
        "is_separable": _is_separable(file, kind),
        "is_plain": at_once and not (normal or always),
        "steps_of_core": of_core,
        "max_id": max([*vocab.values(), *(token.id for token in added.tokens)]),
    }


def _are_of_core(steps: list[dict[str, Any]], added: AddedTokens) -> bool:
    """Return whether the core takes these steps of a normalizer: none, or NFC.

    It looks for all added tokens before it normalizes, so NFC must change no place where one is
    found behind it: neither make such a character nor compose it with what follows.
    """
    if not steps:
        return True
    late = "".join(token.content for token in added.tokens if token.normalized)
    inert = late.isascii() and not any(c.isalpha() or c in "<=>;`" for c in late)
    return steps == [{"type": "NFC"}] and inert


def _is_separable(file: TokenizerFile, kind: Definition) -> bool:
    """Return whether nothing but added tokens reaches over a cut between a letter and a space.

    The steps below look at a character and its marks only. What is around a cut must be kept.
    """
    steps = {step["type"] for step in normal_steps(kind["keeps"])}
    flags = ("single_word", "lstrip", "rstrip")
    plain = not any(entry[flag] for entry in file.spec["added_tokens"] for flag in flags)
    apart = {"NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt"}
    return plain and not kind["lead"] and "known_characters" not in kind and steps <= apart


def _alike(file: TokenizerFile) -> list[str]:
    """Note added tokens that are normalized to one text: `tokenizers` finds any of them.

    Raises VocabularyError for one of which nothing is left, and which takes white space.
    """
    try:
        added = _added(file, normalizer_of(file.spec["normalizer"]))
    except UnknownStep:
        return []
    seen: dict[str, str] = {}
    notes = []
    for token in added.tokens:
        text = added.found_as(token) if token.normalized else ""
        if token.normalized and not text and (token.lstrip or token.rstrip):
            raise VocabularyError(f"{file.path}: {nothing_left(token.content)}")
        if text and seen.setdefault(text, token.content) != token.content:
            notes.append(
                f"The added tokens {seen[text]!r} and {token.content!r} are normalized to one "
                "text: the first one is found, where `tokenizers` finds any of the two."
            )
    return notes


# Byte-level vocabularies


def _byte_level(file: TokenizerFile) -> Compiled:
    """Compile a model whose tokens are written in the byte-level alphabet."""
    spec = file.spec
    split, lead = _without_lead(spec["pre_tokenizer"])
    check_added_bytes(file)
    normalizer = spec["normalizer"]
    normalizer_of(normalizer)  # raises UnknownStep
    tokens, odd = _byte_tokens(spec["model"])
    scanner = scanner_of(file, split, tokens)
    present = {data for data, _ in tokens if len(data) == 1}
    missing = [bytes([byte]) for byte in range(256) if bytes([byte]) not in present]
    gaps: Definition = {}
    if missing:
        gaps = {"missing_bytes": b"".join(missing).decode("latin-1"), **_unknown(file)}
        tokens = tokens + list(zip(missing, unused_ids(file, len(missing)), strict=True))
    return _image(file, tokens, odd), {
        "kind": "bytes",
        "ranks": spec["model"]["type"] == "Ranks",
        **scanner,
        **gaps,
        "normalizer": normalizer,
        "keeps": normalizer,
        "lead": lead,
        "signs": False,
        "odd": odd,
    }


def _without_lead(pre_tokenizer: dict[str, Any] | None) -> tuple[dict[str, Any], str]:
    """Take the space before each section out of a byte-level pre-tokenizer."""
    steps = flat_splits(pre_tokenizer)
    if not steps or steps[-1]["type"] != "ByteLevel":
        raise Unfit("a pre-tokenizer without ByteLevel")
    lead = ""
    if steps[-1]["add_prefix_space"]:
        if len(steps) > 1:
            raise Unfit("a pre-tokenizer that puts a space before pieces")
        lead = "space"
        steps = [{**steps[-1], "add_prefix_space": False}]
    return {"type": "Sequence", "pretokenizers": steps}, lead


def _byte_tokens(model: dict[str, Any]) -> tuple[list[tuple[bytes, int]], dict[int, str]]:
    """Give the tokens as bytes, and those that no text can become."""
    if model["type"] == "Ranks":
        return _rank_tokens(model), {}
    _check_bpe(model)
    tokens, odd = [], {}
    for token, number in model["vocab"].items():
        data = byte_level(token)
        if data is None:
            odd[number] = token
        elif data:
            tokens.append((data, number))
    return tokens, odd


def _unknown(file: TokenizerFile) -> Definition:
    """Say what becomes of bytes or characters without a token."""
    model = file.spec["model"]
    if model["type"] == "Ranks":
        raise Unfit("ranks where a byte has no token, so that tiktoken fails at texts with it")
    if model["type"] != "BPE" or model["ignore_merges"]:
        raise Unfit("ignore_merges where bytes or characters have no token")
    if model["byte_fallback"] and any(byte_of(token) is not None for token in model["vocab"]):
        raise Unfit("byte_fallback where bytes of a byte-level vocabulary have no token")
    name = model["unk_token"]
    number = None if name is None else model["vocab"].get(name)
    if name is not None and (number is None or (file.merges == number).any()):
        raise Unfit(f"the unknown token {name!r}, which is missing or merged")
    return {"unknown": number, "fuse_unk": model["fuse_unk"]}


def _rank_tokens(model: dict[str, Any]) -> list[tuple[bytes, int]]:
    return [(data, rank + model["ids"]) for data, rank in model["ranks"]]


def _check_bpe(model: dict[str, Any]) -> None:
    if model["type"] != "BPE":
        raise Unfit(f"the model {model['type']}")
    for option in ("continuing_subword_prefix", "end_of_word_suffix", "dropout"):
        if model[option]:
            raise Unfit(f"the option {option}")


# Vocabularies of characters


def _characters(file: TokenizerFile) -> Compiled:
    """Compile a model of characters with byte tokens, in which U+2581 stands for a space."""
    spec = file.spec
    model = spec["model"]
    if model["type"] != "BPE":
        raise Unfit(f"the model {model['type']}")
    _check_bpe(model)
    keeps, lead = _sign_steps(spec["normalizer"], flat_splits(spec["pre_tokenizer"]))
    normalizer_of(spec["normalizer"])
    gaps: Definition = {}
    if model["byte_fallback"]:
        listed, byte_ids = byte_fallback(file)
    else:
        known = "".join(token for token in model["vocab"] if len(token) == 1)
        gaps = {"known_characters": known.replace(" ", "").replace(SPACE_SIGN, " ")}
        gaps |= _unknown(file)
        listed, byte_ids = list(unused_ids(file, 256)), []
    vocab = model["vocab"]
    odd = {number: token for token, number in vocab.items() if " " in token}
    others = odd.keys() | set(listed)
    tokens = [
        (data, number)
        for data, number in zip(_with_spaces(vocab), vocab.values(), strict=True)
        if data and number not in others
    ]
    # Behind those of characters, which come first where both have the same bytes.
    tokens += [(bytes([byte]), number) for byte, number in enumerate(listed)]
    image = _image(file, tokens, odd, listed)
    family = family_of_signs(model, tokens)
    more: Definition = {
        "kind": "characters",
        "family": family,
        "normalizer": spec["normalizer"],
        "keeps": keeps,
        "lead": lead,
        "signs": True,
        "odd": odd,
        "byte_ids": byte_ids,
        **gaps,
    }
    more["redundant"], more["guards"] = _redundant(file, lead, Core(image, family, {}))
    return image, more


def _sign_steps(
    normalizer: dict[str, Any] | None, splits: list[dict[str, Any]]
) -> tuple[dict[str, Any], str]:
    """Find how spaces become U+2581, and where one is put before a section."""
    steps = normal_steps(normalizer)
    signs = {"type": "Replace", "pattern": {"String": " "}, "content": SPACE_SIGN}
    prepend = {"type": "Prepend", "prepend": SPACE_SIGN}
    if splits and splits[0]["type"] == "Metaspace":
        first = splits[0]
        if len(splits) > 1 or first["split"] or first["replacement"] != SPACE_SIGN:
            raise Unfit("a pre-tokenizer Metaspace that splits")
        lead = {"never": "", "always": "space", "first": "first"}[first["prepend_scheme"]]
    else:
        # No space is left for a split at spaces.
        idle = ({"String": " "}, False)
        if signs not in steps or any(_of_split(split) != idle for split in splits):
            raise Unfit("this pre-tokenizer for a model of characters")
        lead = "always" if prepend in steps else ""
    if signs in steps[:-1]:
        raise Unfit("a normalizer behind the one that makes U+2581 of spaces")
    rest = [step for step in steps if step not in (signs, prepend)]
    if (lead and rest) or steps.count(prepend) > (lead == "always"):
        raise Unfit("a normalizer beside a space before a text")
    if lead == "always" and steps != [prepend, signs]:
        raise Unfit("this order of the normalizer's steps")
    return {"type": "Sequence", "normalizers": rest}, lead


def _of_split(split: dict[str, Any]) -> tuple[Any, Any]:
    return split.get("pattern"), split.get("invert")


def _with_spaces(tokens: Iterable[str]) -> list[bytes]:
    """Write tokens as the core has them, with spaces for U+2581; all at once, as they are many."""
    joined = "\udcff".join(tokens).replace(SPACE_SIGN, " ")
    return joined.encode("utf-8", "surrogateescape").split(b"\xff")


def _redundant(file: TokenizerFile, lead: str, core: Core) -> tuple[list[str], list[str]]:
    """Find added tokens that the core makes of the same text by itself, and where it does not.

    These are runs of a character that no other token of the vocabulary holds: they are merged apart
    from all else, by theorem 3 of csrc/README.md. A run longer than the longest token is a guard:
    it need not be divided as added tokens divide it. Those with U+2581 need no search. Where a
    space is put before sections, none is: what follows such a token is a section.
    """
    added = [token for token in _added(file, NOTHING).tokens if not token.special]
    redundant = [token.content for token in added if SPACE_SIGN in token.content]
    runs: dict[str, dict[int, int]] = {}
    for token in added if not lead else ():
        size = len(token.content)
        if token.is_plain and not token.normalized and token.content == token.content[0] * size:
            runs.setdefault(token.content[0], {})[size] = token.id
    guards = []
    vocab = file.spec["model"]["vocab"]
    joined = "".join(vocab) if runs else ""
    for character, ids in runs.items():
        data = character.encode()
        longest = max(ids)
        if character == SPACE_SIGN or not _is_in_runs_only(character, vocab, joined):
            continue
        alone = all(core.encode_piece(data * size) == [number] for size, number in ids.items())
        if alone and all(size in ids for size in range(2, longest + 1)):
            redundant += [character * size for size in ids]
            guards.append(character * (longest + 1))
    return redundant, guards


def _is_in_runs_only(character: str, vocab: dict[str, int], joined: str) -> bool:
    """Return whether each token that holds a character is a run of it; `joined` are all tokens."""
    begun = [token for token in vocab if token[:1] == character]
    in_runs = sum(len(token) for token in begun if token == character * len(token))
    return joined.count(character) == in_runs


def _words(file: TokenizerFile) -> Compiled:
    """Compile a WordPiece model."""
    from tokenkit.encodings.compile.wordpiece import compile_words

    return compile_words(file)


def _unigram(file: TokenizerFile) -> Compiled:
    """Compile a Unigram model."""
    from tokenkit.encodings.compile.unigram import compile_unigram

    return compile_unigram(file)


# Images and families


def _image(
    file: TokenizerFile,
    tokens: list[tuple[bytes, int]],
    odd: dict[int, str],
    byte_ids: list[int] | None = None,
) -> bytes:
    model = file.spec["model"]
    try:
        if file.merges is None:
            return build_image(tokens)
        merges = file.merges
        if odd:
            merges = merges[~np.isin(merges, list(odd)).any(axis=1)]
        return build_merges_image(
            tokens,
            array("I", merges.astype(np.uint32).tobytes()),
            whole_pieces=model["ignore_merges"],
            characters=byte_ids is not None,
            byte_ids=None if byte_ids is None else array("I", byte_ids),
        )
    except ValueError as error:
        raise VocabularyError(f"{file.path}: {error}") from None


def _kinds(spec: dict[str, Any]) -> list[Callable[[TokenizerFile], Compiled]]:
    """List what a file may be compiled to, first the kind whose reason is given if none fits."""
    of_words = {"WordPiece": _words, "Unigram": _unigram}.get(spec["model"]["type"])
    if of_words:
        return [of_words]
    steps = flat_splits(spec["pre_tokenizer"])
    in_bytes = bool(steps) and steps[-1]["type"] == "ByteLevel"
    return [_byte_level, _characters] if in_bytes else [_characters, _byte_level]
