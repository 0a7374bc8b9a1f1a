"""WordPiece models of tokenizer.json, compiled for the core."""

from __future__ import annotations

from tokenkit._core import WordPieceCore, build_wordpiece_image
from tokenkit.encodings.compile.parts import Unfit, flat_splits
from tokenkit.encodings.compile.words import words_definition
from tokenkit.encodings.steps.normalizers import normal_steps
from tokenkit.errors import VocabularyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tokenkit.encodings.compile.compiler import Compiled
    from tokenkit.encodings.formats import TokenizerFile

_STEPS = ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase")


def compile_words(file: TokenizerFile) -> Compiled:
    """Make the image and the definition of a WordPiece model. Raises Unfit."""
    spec = file.spec
    model = spec["model"]
    if model["unk_token"] not in model["vocab"]:
        raise Unfit("WordPiece without its unk_token")
    options = _options(normal_steps(spec["normalizer"]))
    try:
        image = build_wordpiece_image(
            [(token.encode(), number) for token, number in model["vocab"].items()],
            prefix=model["continuing_subword_prefix"].encode(),
            unknown=model["unk_token"].encode(),
            max_chars=model["max_input_chars_per_word"],
            split_punctuation=_splits_punctuation(spec["pre_tokenizer"]),
            **options,
        )
    except ValueError as error:
        raise VocabularyError(f"{file.path}: {error}") from None
    core = WordPieceCore(image, {})
    return image, words_definition(file, "words", core, model["vocab"], local=True)


def _options(steps: list[dict[str, Any]]) -> dict[str, bool]:
    """Give what the normalizer does, in the terms of BertNormalizer."""
    if not steps:
        return dict.fromkeys(_STEPS, False)
    step = steps[0]
    if len(steps) == 1 and step["type"] == "Lowercase":
        return {**dict.fromkeys(_STEPS, False), "lowercase": True}
    if len(steps) > 1 or step["type"] != "BertNormalizer":
        raise Unfit(f"the normalizer {'Sequence' if len(steps) > 1 else step['type']} for words")
    options = {name: step[name] for name in _STEPS}
    if options["strip_accents"] is None:
        options["strip_accents"] = options["lowercase"]
    return options


def _splits_punctuation(pre_tokenizer: dict[str, Any] | None) -> bool:
    """Return whether punctuation stands by itself; white space always separates words."""
    steps = flat_splits(pre_tokenizer)
    types = [step["type"] for step in steps]
    if types == ["BertPreTokenizer"]:
        return True
    if types == ["WhitespaceSplit"]:
        return False
    if types == ["WhitespaceSplit", "Punctuation"] and steps[1]["behavior"] == "Isolated":
        return True
    raise Unfit("this pre-tokenizer for words")
