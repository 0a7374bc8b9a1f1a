"""Post-processors of tokenizer.json: the ids that they put around one text."""

from __future__ import annotations

from tokenkit.encodings.steps.normalizers import UnknownStep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    # Ids, with None where the text is.
    Part: TypeAlias = list[int | None]


def ids_around(spec: dict[str, Any] | None) -> tuple[list[int], list[int]]:
    """Find the ids before and behind one text. Raises UnknownStep.

    >>> ids_around({"type": "BertProcessing", "cls": ["[CLS]", 101], "sep": ["[SEP]", 102]})
    ([101], [102])
    """
    flat = [number for part in _processed(spec, [[None]]) for number in part]
    if flat.count(None) != 1:
        raise UnknownStep(
            f"a post-processor TemplateProcessing that has the text {flat.count(None)} times"
        )
    text = flat.index(None)
    return _ids(flat[:text]), _ids(flat[text + 1 :])


def _ids(part: Part) -> list[int]:
    return [number for number in part if number is not None]


def _processed(spec: dict[str, Any] | None, parts: list[Part]) -> list[Part]:
    """Process parts as `tokenizers` 0.23 does: each step takes all that the one before made.

    So behind a template, which makes a part of each of its pieces, a step sees several texts
    (`process_encodings` in its `processors/*.rs`).
    """
    kind = None if spec is None else spec.get("type")
    if spec is None or kind == "ByteLevel":  # which moves offsets only
        return parts
    if kind == "Sequence":
        for inner in spec["processors"]:
            parts = _processed(inner, parts)
        return parts
    if kind in ("BertProcessing", "RobertaProcessing"):
        sep = spec["sep"][1]
        again = [sep] if kind == "RobertaProcessing" else []
        return [
            [*(again if index else [spec["cls"][1]]), *part, sep]
            for index, part in enumerate(parts)
        ]
    if kind == "TemplateProcessing":
        return _templated(spec, parts)
    raise UnknownStep(f"the post-processor {kind}")


def _templated(spec: dict[str, Any], parts: list[Part]) -> list[Part]:
    if len(parts) > 2:
        raise UnknownStep(f"a post-processor TemplateProcessing of {len(parts)} texts")
    made: list[Part] = []
    for piece in spec["single" if len(parts) == 1 else "pair"]:
        if "SpecialToken" in piece:
            made.append(list(spec["special_tokens"][piece["SpecialToken"]["id"]]["ids"]))
        elif piece["Sequence"]["id"] == "A":
            made.append(parts[0])
        elif len(parts) == 2:
            made.append(parts[1])
        else:
            raise UnknownStep("a post-processor TemplateProcessing of a second text")
    return made
