"""tokenizer.json, Hugging Face's format, as `tokenizers` 0.23 reads it."""

from __future__ import annotations

from typing import Any

from tokenkit._checks import shown
from tokenkit.encodings.formats.added_tokens import added_tokens
from tokenkit.encodings.formats.components import (
    DECODER,
    NORMALIZER,
    POST_PROCESSOR,
    PRE_TOKENIZER,
    component,
)
from tokenkit.encodings.formats.faults import Fault, unknown_key, unlike
from tokenkit.encodings.formats.fields import mapping
from tokenkit.encodings.formats.models import model, model_ids
from tokenkit.encodings.formats.sources import HOW_TO_MAKE
from tokenkit.encodings.formats.tokenizer_file import Parsed

_COMPONENTS = {
    "normalizer": NORMALIZER,
    "pre_tokenizer": PRE_TOKENIZER,
    "post_processor": POST_PROCESSOR,
    "decoder": DECODER,
}
_KEYS = ("version", "truncation", "padding", "added_tokens", *_COMPONENTS, "model")
_VERSION = "1.0"


def read_tokenizer_json(content: Any) -> Parsed:
    """Read a parsed tokenizer.json. Raises Fault, which names the place.

    >>> model = {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}
    >>> read = read_tokenizer_json({"model": model})
    >>> read.spec["model"]["ignore_merges"], read.spec["decoder"], read.merges.tolist()
    (False, None, [[0, 1]])
    """
    given = mapping(content, "at the top")
    # A vocab.json may have a token of that name.
    if "model" not in given or (type(given["model"]) is int and not given.keys() <= {*_KEYS}):
        listed = ", ".join(map(shown, [*given][:3])) or "none"
        raise Fault(
            f"at the top: expected the key 'model', as a tokenizer.json has it, got other keys "
            f"({listed}); {HOW_TO_MAKE}"
        )
    for key in given:
        if key not in _KEYS:
            raise unknown_key("", key, _KEYS)
    if given.get("version", _VERSION) != _VERSION:
        raise unlike("version", repr(_VERSION), given["version"])
    made, merges, notes = model(given["model"])
    tokens, token_notes = added_tokens(
        given.get("added_tokens", []), model_ids(made), len(made["vocab"])
    )
    spec: dict[str, Any] = {"version": _VERSION, "added_tokens": tokens}
    for key, kind in _COMPONENTS.items():
        spec[key] = component(kind, given.get(key), key)
    spec["model"] = made
    return Parsed("tokenizer.json", spec, (*_not_applied(given), *notes, *token_notes), merges)


def _not_applied(given: dict[str, Any]) -> list[str]:
    """Check truncation and padding, and say what they would do: they change no ids of a text."""
    notes = []
    truncation = given.get("truncation")
    if truncation is not None:
        most = mapping(truncation, "truncation").get("max_length")
        if type(most) is not int or most < 0:
            raise unlike("truncation.max_length", "a number of tokens", most)
        notes.append(f"The file truncates texts to max_length={most} tokens; that is not applied.")
    padding = given.get("padding")
    if padding is not None:
        strategy = mapping(padding, "padding").get("strategy")
        size = strategy.get("Fixed") if isinstance(strategy, dict) else None
        to = f" to {size} tokens" if type(size) is int else ""
        notes.append(f"The file pads texts{to}; that is not applied.")
    return notes
