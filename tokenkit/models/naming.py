"""`Resolved`: which model a name means, who serves it, and by which rule that was found."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tokenkit._face import public
from tokenkit.models.record import Model
from tokenkit.shapes import NameReading, readings

__all__ = ["Resolved", "bare_name", "resolve_foreign"]

# Vendors that sell their own models under the name of their cloud.
_OWN_HOSTS = {"amazon": "bedrock"}


@public
@dataclass(frozen=True)
class Resolved:
    """A model found by name: the record, who serves it (`host`), and the rule that found it.

    `host` is the vendor itself unless the name says otherwise. The model of another host has that
    host's prices, or none where they are not known, and says so in its notes.
    """

    model: Model
    host: str
    rule: str


def resolve_foreign(name: str, find: Callable[[str], Model | None]) -> Resolved | None:
    """Resolve a name as providers, clouds and routers write it; None where no rule fits."""
    for reading, model in _found(name, find):
        if reading.vendor in (None, model.provider) or model.provider == "custom":
            return Resolved(
                _as_read(model, reading, name),
                reading.host or model.provider,
                reading.rule,
            )
    return None


def bare_name(name: str) -> str:
    """Return the name without all that rules take off it.

    >>> bare_name("openrouter/openai/gpt-4x:online")
    'gpt-4x'
    """
    taken = [reading for reading in readings(name) if len(reading.name) < len(name)]
    return min((reading.name for reading in taken), key=len, default=name)


def _found(name: str, find: Callable[[str], Model | None]) -> Iterator[tuple[NameReading, Model]]:
    for reading in readings(name):
        model = find(reading.name)
        if model is not None:
            yield reading, model


def _as_read(model: Model, reading: NameReading, name: str) -> Model:
    """Return the model with a note of how its name was read, and with the prices of its host."""
    if reading.host not in (None, model.provider, _OWN_HOSTS.get(model.provider)):
        model = model.on_host(str(reading.host))
    note = f"name: {name!r} is read as {model.name} ({reading.rule})"
    return dataclasses.replace(model, notes=(*model.notes, note))
