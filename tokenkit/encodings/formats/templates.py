"""TemplateProcessing: the tokens that a file puts around a text."""

from __future__ import annotations

from typing import Any

from tokenkit.encodings.formats.faults import Fault, unlike
from tokenkit.encodings.formats.fields import (
    Field,
    checked,
    mapping,
    one_of,
    sequence,
    text,
    token_id,
    whole,
)

_SEQUENCE = {"id": Field(one_of("A", "B")), "type_id": Field(whole)}
_SPECIAL = {"id": Field(text), "type_id": Field(whole)}


def _pieces(value: Any, where: str) -> list[dict[str, Any]]:
    out = []
    for index, piece in enumerate(sequence(value, where)):
        here = f"{where}[{index}]"
        given = mapping(piece, here)
        if given.keys() not in ({"Sequence"}, {"SpecialToken"}):
            raise unlike(here, '{"Sequence": ...} or {"SpecialToken": ...}', piece)
        ((name, inner),) = given.items()
        fields = _SEQUENCE if name == "Sequence" else _SPECIAL
        out.append({name: checked(inner, f"{here}.{name}", fields)})
    return out


def _ids(value: Any, where: str) -> list[int]:
    return [token_id(item, f"{where}[{i}]") for i, item in enumerate(sequence(value, where))]


def _texts(value: Any, where: str) -> list[str]:
    return [text(item, f"{where}[{i}]") for i, item in enumerate(sequence(value, where))]


_TOKEN = {"id": Field(text), "ids": Field(_ids), "tokens": Field(_texts)}


def _special_tokens(value: Any, where: str) -> dict[str, dict[str, Any]]:
    out = {}
    for name, inner in mapping(value, where).items():
        here = f"{where}.{name}"
        token = checked(inner, here, _TOKEN)
        if token["id"] != name:
            raise unlike(f"{here}.id", repr(name), token["id"])
        if len(token["ids"]) != len(token["tokens"]):
            raise unlike(f"{here}.tokens", f"{len(token['ids'])} tokens", len(token["tokens"]))
        out[name] = token
    return out


TEMPLATE = {
    "single": Field(_pieces),
    "pair": Field(_pieces),
    "special_tokens": Field(_special_tokens),
}


def check_template(template: dict[str, Any], where: str) -> None:
    """Check that a template holds one text, and names special tokens that it has."""
    for key in ("single", "pair"):
        for index, piece in enumerate(template[key]):
            name = piece.get("SpecialToken", {}).get("id")
            if name is not None and name not in template["special_tokens"]:
                raise unlike(
                    f"{where}.{key}[{index}].SpecialToken.id", "one of special_tokens", name
                )
    texts = [piece["Sequence"]["id"] for piece in template["single"] if "Sequence" in piece]
    if texts != ["A"]:
        raise Fault(f"{where}.single: expected the sequence A once, got {', '.join(texts) or 'no'}")
