"""Reads the registry data once, builds `Model` objects when asked for, resolves names.

Raw records stay plain dicts until somebody wants them: parsing the file costs a few milliseconds,
checking and freezing all of it would cost several times that.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from tokenkit._checks import shown
from tokenkit._locks import shared_lock
from tokenkit._vocabularies import no_tokenizer
from tokenkit.errors import ModelDataError, RetirementWarning, UnknownModelError, nearest
from tokenkit.models.naming import Resolved, bare_name, resolve_foreign
from tokenkit.models.overlay import read_records
from tokenkit.models.record import FrozenDict, Model, model_from_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PACKAGE = os.path.dirname(os.path.dirname(__file__))
DATA_PATH = os.path.join(_PACKAGE, "data", "models.json")
RETIREMENT_NOTICE_DAYS = 90
_NOTICE = timedelta(days=RETIREMENT_NOTICE_DAYS)
MOST_REMEMBERED = 1000  # names that one registry has resolved

# -2024-08-06, -20241022 and -0613 (month and day): how OpenAI and Anthropic date their snapshots.
_DATED = re.compile(
    r"(.+)-(?:20\d\d-[01]\d-[0-3]\d|20\d\d[01]\d[0-3]\d|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))",
    re.ASCII | re.DOTALL,
)


class Registry:
    """Built-in records with the user's records laid over them. Safe to share between threads."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._verified_on = data["verified_on"]
        self._sources: Mapping[str, Mapping[str, str]] = data["sources"]
        self._prefixes: Mapping[str, Mapping[str, Any]] = data["prefixes"]
        self._raw: dict[str, Mapping[str, Any]] = {r["name"]: r for r in data["models"]}
        self._built: dict[str, Model] = {}
        self._user: dict[str, Model] = {}
        # Other names -> record name. Users' names shadow built-in ones of every sort.
        self._user_names: dict[str, str] = {}
        self._other_names: dict[str, str] = {}
        for field in ("snapshots", "aliases"):  # aliases last: they win
            for name, record in self._raw.items():
                for other in record.get(field, ()):
                    self._other_names[other] = name
        self._warned: set[str] = set()
        # Names that were resolved. Registering replaces the dict, so that what another thread is
        # about to remember of the records before goes into the old one.
        self._resolved: dict[str, Resolved] = {}

    @property
    def has_user_models(self) -> bool:
        """Whether a record of the user lies over the built-in ones."""
        return bool(self._user)

    def models(self) -> list[Model]:
        """Return all records by provider and name, users' in place of built-in ones."""
        names = [*self._user, *(name for name in self._raw if name not in self._user)]
        models = [model for name in names if (model := self.find(name)) is not None]
        return sorted(models, key=lambda model: (model.provider, model.name))

    def resolve(self, name: str) -> Model:
        """Return the record for `name`. Raises UnknownModelError with the nearest names."""
        return self.resolve_name(name).model

    def resolve_name(self, name: str) -> Resolved:
        """Return the record for `name`, its host and the rule. Raises UnknownModelError."""
        if not isinstance(name, str):
            raise TypeError(f"model: expected a name or a Model, got {type(name).__name__}")
        remembered = self._resolved
        resolved = remembered.get(name)
        if resolved is None:
            resolved = self._resolve(name)
            if len(remembered) >= MOST_REMEMBERED:
                remembered.clear()
            remembered[name] = resolved
        return resolved

    def _resolve(self, name: str) -> Resolved:
        for rule, by_rule in (
            ("exact", self.find),
            ("fine-tuned", self._fine_tuned),
            ("dated snapshot", self._dated),
        ):
            model = by_rule(name)
            if model is not None:
                return Resolved(model, model.provider, rule)
        # Only now: a foreign name may begin with a documented prefix, too.
        foreign = resolve_foreign(name, self._by_name) or self._on_host(name)
        if foreign is not None:
            return foreign
        model = self._prefixed(name)
        if model is not None:
            return Resolved(model, model.provider, "documented prefix")
        foreign = resolve_foreign(name, self._prefixed)
        if foreign is None:
            raise UnknownModelError(self._unknown(name))
        return foreign

    def _by_name(self, name: str) -> Model | None:
        """The record of a name in any letters, of a fine-tuned or a dated one."""
        model = self.find(name) or self._fine_tuned(name) or self._dated(name)
        if model is None and name == name.lower():
            folded = {known.lower(): known for known in self._names()}
            model = self.find(folded[name]) if name in folded else None
        return model

    def _on_host(self, name: str) -> Resolved | None:
        """The record that lists this name as that of another host."""
        for model in self.models():
            for host, offer in model.hosts.items():
                if name in offer.get("names", ()):
                    return Resolved(model.on_host(host), host, f"its name on the host {host}")
        return None

    def encoding_name_for(self, name: str) -> str:
        """Return the encoding's name. Raises NoTokenizerError where the tokenizer is private."""
        model = self.resolve(name)
        if model.encoding is None:
            raise no_tokenizer(model, name)
        return model.encoding

    def has_vocabulary(self, name: str) -> bool:
        """Say whether a record names this vocabulary, or the repository of this id."""
        of_users = (model.vocabulary for model in list(self._user.values()))
        return name in of_users or any(raw.get("vocabulary") == name for raw in self._raw.values())

    def warn_retirement(self, name: str, model: Model) -> None:
        """Issue a RetirementWarning once per name if the model is retired or soon will be."""
        if name in self._warned:
            return
        leaves = model.retires_on
        if not (model.retired or (leaves is not None and leaves <= date.today() + _NOTICE)):
            return
        self._warned.add(name)
        state = "was shut down" if model.retired else "will be shut down"
        when = f" on {model.retires_on}" if model.retires_on else ""
        advice = f"; its vendor suggests {model.replacement}" if model.replacement else ""
        answers = [
            item["answered_by"] for item in model.retirements if set(item) == {"on", "answered_by"}
        ]
        if answers:
            advice = f"; {answers[0]} answers from then on, at its price"
        message = f"model {name!r} {state}{when}{advice}"
        warnings.warn(message, RetirementWarning, stacklevel=_levels_to_the_caller())

    def register(self, model: Model | Mapping[str, Any], where: str) -> Model:
        """Add or replace one record of the user's layer."""
        if isinstance(model, Model):
            model = model.to_record()
        return self._add([model_from_record(model, where)], where)[0]

    def load(self, path: str | os.PathLike[str]) -> list[Model]:
        """Add all records of a file to the user's layer, or none of them."""
        where = os.fspath(path)
        return self._add([model_from_record(r, where) for r in read_records(path)], where)

    def _add(self, models: list[Model], where: str) -> list[Model]:
        # A snapshot may have a record of its own; an alias may not be another record's name.
        seen: dict[str, str] = {}
        for model in models:
            if model.name in seen:
                raise ModelDataError(
                    f"{where}: expected each model once, got {shown(model.name)} twice"
                )
            seen[model.name] = model.name
        for model in models:
            for name in (*model.aliases, *(n for n in model.snapshots if n not in seen)):
                if seen.setdefault(name, model.name) != model.name:
                    raise ModelDataError(
                        f"{where}: {shown(name)} names both {shown(seen[name])} and "
                        f"{shown(model.name)}"
                    )
        with shared_lock:
            for model in models:
                self._user[model.name] = model
                self._user_names.pop(model.name, None)
                self._user_names.update(
                    (other, model.name)
                    for other in (*model.snapshots, *model.aliases)
                    if other not in self._user
                )
            self._resolved = {}
        by_name = sys.modules.get("tokenkit.encodings.by_model")
        if by_name is not None:
            by_name.forget_names()
        return models

    def find(self, name: str) -> Model | None:
        """Return the record of that name, alias or snapshot; nothing is assumed."""
        known = self._user.get(name)
        if known is None and (owner := self._user_names.get(name)) is not None:
            known = self._user[owner].as_snapshot(name)
        if known is not None:
            return known
        if name not in self._raw:
            other = self._other_names.get(name)
            model = None if other is None else self.find(other)
            return model and model.as_snapshot(name)
        if name not in self._built:
            self._built[name] = self._build(self._raw[name])
        return self._built[name]

    def _build(self, raw: Mapping[str, Any]) -> Model:
        record = {"verified_on": self._verified_on, **raw}
        record["sources"] = {
            field: self._sources[key]["title"] for field, key in raw.get("sources", {}).items()
        }
        return model_from_record(record, os.path.basename(DATA_PATH))

    def _fine_tuned(self, name: str) -> Model | None:
        """ft:BASE:ORG:NAME:ID, or BASE:ft-ORG-... as the first fine-tuned models were called."""
        if name.startswith("ft:"):
            base_name = name[3:].split(":", 1)[0]
        elif ":ft-" in name:
            base_name = name.split(":ft-", 1)[0]
        else:
            return None
        own = self.find(f"ft:{base_name}")
        if own is not None:
            return own
        base = self.find(base_name) or self._dated(base_name) or self._prefixed(base_name)
        if base is None:
            return None
        note = f"fine-tuned from {base_name}: its limits; the rates of fine-tuned models differ"
        return dataclasses.replace(
            base,
            name=name,
            aliases=(),
            snapshots=(),
            prices=FrozenDict(),
            price_periods=(),
            price_hours=FrozenDict(),
            hosts=FrozenDict(),
            notes=(*base.notes, note),
        )

    def _dated(self, name: str) -> Model | None:
        """NAME-DATE where NAME is known: taken as a snapshot of NAME that is not listed."""
        match = _DATED.fullmatch(name)
        base = self.find(match[1]) if match else None
        if base is None:
            return None
        note = f"{name} is not listed: limits and prices are those of {base.name}"
        return dataclasses.replace(
            base, name=name, aliases=(), snapshots=(), notes=(*base.notes, note)
        )

    def _prefixed(self, name: str) -> Model | None:
        """A name that begins with a documented prefix: only its encoding is known."""
        fitting = [prefix for prefix in self._prefixes if name.startswith(prefix)]
        if not fitting:
            return None
        prefix = max(fitting, key=len)
        note = f"{name} is not listed: only its encoding is known, by the prefix {prefix!r}"
        return Model(name=name, provider="openai", notes=(note,), **self._prefixes[prefix])

    def prefixed_models(self) -> dict[str, Model]:
        """Map each documented prefix to what is known of a model whose name begins with it."""
        return {prefix: model for prefix in self._prefixes if (model := self._prefixed(prefix))}

    def _names(self) -> Iterator[str]:
        for names in (self._user, self._user_names, self._raw, self._other_names):
            yield from list(names)  # another thread may add to it

    def _unknown(self, name: str) -> str:
        return (
            f"Unknown model {name!r}.{nearest(bare_name(name), self._names())}{_deployment(name)} "
            "To count by its encoding, name that (encoding=..., or -e in the shell); "
            "register_model adds a model."
        )


def _deployment(name: str) -> str:
    """A hint for names that users give to their deployments."""
    if not name.strip().lower().startswith("azure"):
        return ""
    return " A deployment has a name of your own: give the name of its model."


def _levels_to_the_caller() -> int:
    """The stacklevel, for our caller, of the first frame outside this package."""
    frame = sys._getframe(1)
    level = 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
        level += 1
    return level


_registry: Registry | None = None


def current_registry() -> Registry:
    """Return the registry of this process, read on first use together with TOKENKIT_MODELS."""
    global _registry
    if _registry is None:
        fresh = new_registry()  # not under the lock: a file of the user's may take its time
        with shared_lock:
            if _registry is None:
                _registry = fresh
    return _registry


def built_in() -> Registry:
    """Make a registry of the package's records alone."""
    # The loader reads from a zip file too, where the package has no directory.
    loader = __spec__.loader
    return Registry(json.loads(loader.get_data(DATA_PATH)))  # type: ignore[union-attr]


def new_registry() -> Registry:
    """Make a registry from the package's data and the files of TOKENKIT_MODELS."""
    fresh = built_in()
    for path in filter(None, os.environ.get("TOKENKIT_MODELS", "").split(os.pathsep)):
        try:
            fresh.load(path)
        except OSError as error:
            why = error.strerror or error
            raise ModelDataError(f"TOKENKIT_MODELS: cannot read {path}: {why}") from error
    return fresh
