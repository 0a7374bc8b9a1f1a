"""Find the ids around a text, as `tokenizers` 0.23.3 puts them there."""

from __future__ import annotations

from typing import Any

import pytest

from tokenkit.encodings.steps.framing import ids_around
from tokenkit.encodings.steps.normalizers import UnknownStep

A: dict[str, Any] = {"Sequence": {"id": "A", "type_id": 0}}
B: dict[str, Any] = {"Sequence": {"id": "B", "type_id": 0}}
X: dict[str, Any] = {"SpecialToken": {"id": "X", "type_id": 0}}
Y: dict[str, Any] = {"SpecialToken": {"id": "Y", "type_id": 0}}
BERT = {"type": "BertProcessing", "sep": ["Y", 2], "cls": ["X", 1]}
ROBERTA = {**BERT, "type": "RobertaProcessing", "trim_offsets": True, "add_prefix_space": True}
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False}


def template(*single: dict[str, Any], pair: tuple[dict[str, Any], ...] = (A, B)) -> dict[str, Any]:
    tokens = {"X": {"id": "X", "ids": [1]}, "Y": {"id": "Y", "ids": [2, 3]}}
    made = {"type": "TemplateProcessing", "single": list(single), "pair": list(pair)}
    return {**made, "special_tokens": tokens}


def steps(*processors: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sequence", "processors": list(processors)}


@pytest.mark.parametrize(
    ("spec", "before", "behind"),
    [
        (None, [], []),
        (steps(), [], []),
        (BERT, [1], [2]),
        (ROBERTA, [1], [2]),
        (template(X, X, A, Y), [1, 1], [2, 3]),
        (steps(BYTE_LEVEL, template(X, A), BYTE_LEVEL), [1], []),
        (steps(steps(template(A)), template(X, A)), [1], []),
        # A template makes a text of each of its pieces, which the next step sees.
        (steps(template(X, A), template(A, Y)), [1], []),
        (steps(template(X, A), template(A, pair=(A, Y, B, Y))), [1, 2, 3], [2, 3]),
        (steps(template(X, A), BERT), [1, 1, 2], [2]),
        (steps(template(X, A, X), ROBERTA), [1, 1, 2, 2], [2, 2, 1, 2]),
        (steps(BERT, template(X, A)), [1, 1], [2]),
    ],
)
def test_ids_around(spec: dict[str, Any] | None, before: list[int], behind: list[int]) -> None:
    assert ids_around(spec) == (before, behind)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (template(A, A), "has the text 2 times"),
        (template(X), "has the text 0 times"),
        (template(X, B), "of a second text"),
        (steps(template(X, A, Y), template(X, A)), "of 3 texts"),
        ({"type": "Other"}, "post-processor Other"),
    ],
)
def test_others_are_refused(spec: dict[str, Any], message: str) -> None:
    with pytest.raises(UnknownStep, match=message):
        ids_around(spec)
