"""Post-processors of tokenizer.json: the ids that they put around one text."""

from __future__ import annotations

from tokenkit.encodings.steps.normalizers import UnknownStep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def ids_around(spec: dict[str, Any] | None) -> tuple[list[int], list[int]]:
    """Find the ids before and behind one text. Raises UnknownStep.

    >>> ids_around({"type": "BertProcessing", "cls": ["[CLS]", 101], "sep": ["[SEP]", 102]})
    ([101], [102])
    """
    if spec is None:
        return [], []
    kind = spec.get("type")
    if kind == "ByteLevel":
        return [], []  # it moves offsets only
    if kind in ("BertProcessing", "RobertaProcessing"):
        return [spec["cls"][1]], [spec["sep"][1]]
    if kind == "TemplateProcessing":
        return _around_template(spec)
    if kind == "Sequence":
        before: list[int] = []
        behind: list[int] = []
        for inner in spec["processors"]:
            first, last = ids_around(inner)
            before, behind = first + before, behind + last
        return before, behind
    raise UnknownStep(f"post-processor {kind}")


def _around_template(spec: dict[str, Any]) -> tuple[list[int], list[int]]:
    sides: tuple[list[int], list[int]] = [], []
    texts = 0
    for piece in spec["single"]:
        if "Sequence" in piece:
            texts += 1
            if piece["Sequence"]["id"] != "A":
                raise UnknownStep("post-processor TemplateProcessing of a second text")
        else:
            ids = spec["special_tokens"][piece["SpecialToken"]["id"]]["ids"]
            sides[min(texts, 1)].extend(ids)
    if texts != 1:
        raise UnknownStep(f"post-processor TemplateProcessing that has the text {texts} times")
    return sides
