"""Which pattern family of the core splits texts as a pre-tokenizer of tokenizer.json does.

A pre-tokenizer is recognised by what it does: its steps, their regular expressions in normal form
(`regex_form.py`), and, where a family is right for some vocabularies only, the tokens. The steps
are those of `tokenizers` 0.23; its engine is Oniguruma with the data of Unicode 16.0.0, as ours.
"""

from __future__ import annotations

import re

from tokenkit import _core
from tokenkit._core import FAMILY_CUSTOM, FAMILY_SPACES, FAMILY_WHOLE
from tokenkit.encodings.compile.parts import Unfit
from tokenkit.encodings.compile.regex_form import Choice, UnknownSyntaxError, normal_form
from tokenkit.encodings.formats import known_patterns
from tokenkit.errors import VocabularyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from tokenkit.encodings.formats import TokenizerFile

# What ByteLevel splits at (`tokenizers` 0.23, pre_tokenizers/byte_level.rs).
BYTE_LEVEL = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
# tokenizer.json of DeepSeek V3.
DEEPSEEK = (
    r"\p{N}{1,3}",
    r"[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
)
# The splits of each family, one after the other.
_PATTERNS = {
    _core.FAMILY_GPT2: (BYTE_LEVEL,),
    _core.FAMILY_GPT2_1: (r"\p{N}", BYTE_LEVEL),
    _core.FAMILY_GPT2_RUNS: (r"\p{N}+", BYTE_LEVEL),
    _core.FAMILY_CL100K_1: (known_patterns.QWEN2,),
    _core.FAMILY_CL100K_3: (known_patterns.LLAMA3,),
    _core.FAMILY_MARKS: (known_patterns.QWEN35,),
    _core.FAMILY_O200K: (known_patterns.O200K,),
    _core.FAMILY_TEKKEN: (known_patterns.TEKKEN,),
    _core.FAMILY_KIMI: (known_patterns.KIMI,),
    _core.FAMILY_DEEPSEEK: DEEPSEEK,
}
# No characters are known of which our classes, or foldings of case, differ from those of
# `tokenizers` 0.23.3 (tests/encodings/compile/test_families_open.py asks it about all of them).
unlike_tokenizers: frozenset[str] = frozenset()

# What FAMILY_SPACES cuts: U+0020 behind anything but itself and ">".
_ACROSS_SPACES = re.compile(rb"[^ >] ")


def native_family(
    pre_tokenizer: Mapping[str, Any] | None,
    tokens: Iterable[bytes],
    *,
    whole_pieces: bool = False,
    spaces_replaced: bool = False,
) -> int | None:
    """Find the family that gives the same tokens as this pre-tokenizer of tokenizer.json.

    Args:
        pre_tokenizer: The value of the key `pre_tokenizer`, which `tokenizers` accepts.
        tokens: The bytes of all tokens, as the core has them. They are looked at where the text is
            not split at all.
        whole_pieces: A piece that is a token is that token (`ignore_merges`).
        spaces_replaced: No text has U+0020 any more when it comes here, because a normalizer made
            something else of it; the core does not rewrite it, and takes U+0020 instead.

    Returns:
        One of `_core.FAMILY_*`; None if there is none that does so for every text.

    >>> native_family({"type": "ByteLevel", "add_prefix_space": False}, []) == _core.FAMILY_GPT2
    True
    >>> native_family(None, [b"a", b" a"]) == FAMILY_SPACES
    True
    >>> native_family({"type": "Whitespace"}, []) is None
    True
    """
    try:
        splits = _splits(pre_tokenizer, spaces_replaced=spaces_replaced)
    except (UnknownSyntaxError, _OtherStepError):
        return None
    if not splits:
        # A token that merging does not make is found only if it is the whole text.
        # Between tokens stands what it finds nothing at.
        across = whole_pieces or _ACROSS_SPACES.search(b">".join(tokens))
        return FAMILY_WHOLE if across else FAMILY_SPACES
    return _known().get(tuple(splits))


def scanner_of(
    file: TokenizerFile, split: Mapping[str, Any], tokens: list[tuple[bytes, int]]
) -> dict[str, Any]:
    """Find the family of a byte-level pre-tokenizer. Raises Unfit.

    A model of tiktoken's kind is defined by its pattern as tiktoken reads it, so any will do.
    Raises VocabularyError for one that is wrong.
    """
    model = file.spec["model"]
    data = [token for token, _ in tokens]
    family = native_family(split, data, whole_pieces=model.get("ignore_merges", False))
    if family is not None:
        return {"family": family}
    first, *rest = split["pretokenizers"]
    if model["type"] != "Ranks" or len(rest) != 1 or "Regex" not in first.get("pattern", {}):
        raise Unfit("this pre-tokenizer")
    from tokenkit.encodings.engines.pattern import check_foreign

    pattern = first["pattern"]["Regex"]
    try:
        check_foreign(pattern, "the pattern")
    except ValueError as error:
        raise VocabularyError(f"{file.path}: {error}") from None
    return {"family": FAMILY_CUSTOM, "pattern": pattern}


def family_of_signs(model: Mapping[str, Any], tokens: list[tuple[bytes, int]]) -> int:
    """Find the family of a text that is not split, or at some of its spaces only."""
    data = [token for token, _ in tokens]
    return native_family(None, data, whole_pieces=model["ignore_merges"]) or FAMILY_WHOLE


class _OtherStepError(Exception):
    """A step that no family has."""


# The regular expressions, in normal form, at whose matches a text is split, one after the other.
def _splits(step: Mapping[str, Any] | None, *, spaces_replaced: bool) -> list[Choice]:
    splits: list[Choice] = []
    in_bytes = False  # ByteLevel writes characters for bytes: later steps see those
    for kind, options in _steps(step):
        if in_bytes:
            raise _OtherStepError
        if kind == "ByteLevel":
            in_bytes = True
            if options.get("add_prefix_space", True) is not False:
                raise _OtherStepError
            if options.get("use_regex", True):
                splits.append(normal_form(BYTE_LEVEL))
        elif kind == "Digits":
            one = options.get("individual_digits", False)
            splits.append(normal_form(r"\p{N}" if one else r"\p{N}+"))
        elif kind == "Split":
            if not (spaces_replaced and _only_spaces(options)):
                splits.append(_split(options))
        else:
            raise _OtherStepError
    return splits


def _steps(step: Mapping[str, Any] | None) -> list[tuple[object, Mapping[str, Any]]]:
    if step is None:
        return []
    if step.get("type") != "Sequence":
        return [(step.get("type"), step)]
    return [each for part in step["pretokenizers"] for each in _steps(part)]


# Texts that no longer have spaces are not split at them.
def _only_spaces(options: Mapping[str, Any]) -> bool:
    return options.get("pattern") in ({"String": " "}, {"Regex": " "}) and not options.get("invert")


def _split(options: Mapping[str, Any]) -> Choice:
    pattern = options["pattern"]
    behavior = options.get("behavior")
    regex = pattern["Regex"] if "Regex" in pattern else re.escape(pattern["String"])
    form = normal_form(regex)
    if behavior == "Isolated":  # what is between matches is a piece, too, so `invert` is idle
        return form
    # All but the matches is removed, which is nothing: these patterns match any text to its end.
    if behavior == "Removed" and options.get("invert") and (form,) in _known():
        return form
    raise _OtherStepError


_forms: dict[tuple[Choice, ...], int] = {}


# The families by their splits; made when first asked for.
def _known() -> dict[tuple[Choice, ...], int]:
    if not _forms:
        _forms.update(
            (tuple(map(normal_form, patterns)), family) for family, patterns in _PATTERNS.items()
        )
    return _forms
