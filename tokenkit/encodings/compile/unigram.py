"""Unigram models of tokenizer.json and of SentencePiece, compiled for the core."""

from __future__ import annotations

from base64 import b64decode

from tokenkit._core import UnigramCore, build_unigram_image
from tokenkit.encodings.compile.parts import Unfit, flat_splits
from tokenkit.encodings.compile.words import words_definition
from tokenkit.encodings.steps.normalizers import SPACE_SIGN, normal_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from tokenkit.encodings.compile.compiler import Compiled
    from tokenkit.encodings.formats import TokenizerFile

    Step: TypeAlias = tuple[int, bytes, bytes]

# Kinds of steps and of leads, by the numbers of csrc/unigram/image.hpp.
_CHARSMAP, _STRIP_LEFT, _STRIP_RIGHT, _REPLACE, _REPLACE_RUN, _PREPEND, _TRIM_LEFT, _TRIM_RIGHT = (
    range(8)
)
_LEADS = ("never", "first", "always")
_FIRST = _LEADS.index("first")
# The regular expressions of transformers' converters and of our reader of `tokenizer.model`.
_PATTERNS = {
    " {2,}": (_REPLACE_RUN, " "),
    r"\A +": (_TRIM_LEFT, " "),
    rf"{SPACE_SIGN}+\z": (_TRIM_RIGHT, SPACE_SIGN),
}


def compile_unigram(file: TokenizerFile) -> Compiled:
    """Make the image and the definition of a Unigram model. Raises Unfit."""
    spec = file.spec
    model = spec["model"]
    if model["unk_id"] is None:
        raise Unfit("a Unigram model without unk_id")
    charsmap, steps = _steps(normal_steps(spec["normalizer"]))
    splits = _splits(flat_splits(spec["pre_tokenizer"]))
    if splits["lead"] == _FIRST and any(map(_drops_the_start, steps)):
        # `tokenizers` puts no sign there, as the text then begins behind its start.
        raise Unfit(
            "a sign before the first word where the normalizer may drop the start of a text"
        )
    parsed = file.format == "tokenizer.json"
    try:
        image = build_unigram_image(
            [
                (token.encode(), as_parsed(score) if parsed else score)
                for token, score in model["vocab"]
            ],
            unknown=model["unk_id"],
            byte_fallback=model["byte_fallback"],
            charsmap=charsmap,
            steps=steps,
            **splits,
        )
    except ValueError as error:
        raise Unfit(f"such a Unigram model: {error}") from None
    ids = {token: number for number, (token, _) in enumerate(model["vocab"])}
    core = UnigramCore(image, {})
    definition = words_definition(file, "unigram", core, ids, local=False)
    definition["max_id"] = max(definition["max_id"], len(model["vocab"]) - 1)
    return image, {**definition, "leads": splits["lead"] == _FIRST}


def as_parsed(score: float) -> float:
    """Return what `tokenizers` reads where a file has this number.

    Its serde_json takes all digits as a whole number, and multiplies that with or divides it by a
    power of ten: of long numbers the last bit may differ from the nearest one. Equal sums of scores
    depend on it.

    >>> as_parsed(-0.1), as_parsed(-3)
    (-0.1, -3.0)
    """
    digits, _, exponent = repr(float(score)).lstrip("-").partition("e")
    whole, _, fraction = digits.partition(".")
    power = int(exponent or 0) - len(fraction)
    value = float(int(whole + fraction))
    while power < -308 and value:
        value /= 1e308
        power += 308
    scale = float(f"1e{min(abs(power), 308)}")
    value = value * scale if power >= 0 else value / scale
    return -value if score < 0 else value


def _steps(steps: list[dict[str, Any]]) -> tuple[bytes, list[Step]]:
    """Give the character map, and the steps as the core takes them."""
    charsmap = b""
    out: list[Step] = []
    for step in steps:
        kind = step["type"]
        if kind == "Precompiled":
            if charsmap:
                raise Unfit("two character maps")
            charsmap = b64decode(step["precompiled_charsmap"])
            out.append((_CHARSMAP, b"", b""))
        elif kind == "Strip":
            out += [(_STRIP_LEFT, b"", b"")] if step["strip_left"] else []
            out += [(_STRIP_RIGHT, b"", b"")] if step["strip_right"] else []
        elif kind == "Replace":
            out.append(_replacement(step["pattern"], step["content"]))
        elif kind == "Prepend":
            out.append((_PREPEND, b"", step["prepend"].encode()))
        else:
            raise Unfit(f"the normalizer {kind} for Unigram")
    return charsmap, out


def _replacement(pattern: dict[str, str], content: str) -> Step:
    if pattern.get("String"):
        return _REPLACE, pattern["String"].encode(), content.encode()
    kind, found = _PATTERNS.get(pattern.get("Regex", ""), (-1, ""))
    if kind < 0 or (kind != _REPLACE_RUN and content):
        raise Unfit(f"the normalizer Replace of {pattern} for Unigram")
    return kind, found.encode(), content.encode()


def _drops_the_start(step: Step) -> bool:
    kind, _, content = step
    return kind in (_STRIP_LEFT, _TRIM_LEFT) or (kind in (_REPLACE, _REPLACE_RUN) and not content)


def _splits(steps: list[dict[str, Any]]) -> dict[str, Any]:
    """Say what the pre-tokenizer does."""
    types = [step["type"] for step in steps]
    if types not in ([], ["WhitespaceSplit"], ["Metaspace"], ["WhitespaceSplit", "Metaspace"]):
        raise Unfit("this pre-tokenizer for Unigram")
    splits = {"at_spaces": "WhitespaceSplit" in types, "sign": b"", "lead": 0, "at_signs": False}
    if "Metaspace" in types:
        sign = steps[-1]
        splits["sign"] = sign["replacement"].encode()
        splits["lead"] = _LEADS.index(sign["prepend_scheme"])
        splits["at_signs"] = sign["split"]
    if splits["at_spaces"] and splits["lead"] == _FIRST:
        raise Unfit("a sign before the first word only, of several")
    return splits
