"""The model registry: limits, encodings, prices and retirement dates, by name.

Names are resolved in this order; the first hit wins and nothing is ever guessed silently:

1. exact: the name of a record, users' records before built-in ones;
2. alias, then snapshot, of a record;
3. `ft:BASE:ORG:...`: the record `ft:BASE` if there is one, else BASE without its prices, because
   fine-tuned models have rates of their own;
4. date: NAME-DATE (-YYYY-MM-DD, -YYYYMMDD or -MMDD) is an unlisted snapshot of NAME;
5. the ways in which vendors, clouds and routers write names, by the rules of shapes/names.py;
6. documented prefix: any other name that begins with one, such as gpt-4o-, yields a record that
   knows its encoding and nothing else.

What 3 to 6 assumed is said in `Model.notes`. The registry is read on first use, not on import.
Users lay their own records over it with `register_model`, `load_models` or a file (or several,
separated as in PATH) named by the environment variable TOKENKIT_MODELS.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any, Protocol

from tokenkit.models.naming import Resolved
from tokenkit.models.record import KINDS, RATE_UNITS, Kind, Model, without_derived
from tokenkit.models.registry import RETIREMENT_NOTICE_DAYS, current_registry


class EncodingLike(Protocol):
    """An `Encoding`, as far as the registry has to do with it."""

    @property
    def name(self) -> str: ...

    def enlist(self) -> str:
        """Make it known by its name, which is returned."""
        ...


__all__ = [
    "KINDS",
    "RATE_UNITS",
    "RETIREMENT_NOTICE_DAYS",
    "Model",
    "Resolved",
    "get_model",
    "list_models",
    "load_models",
    "register_model",
    "resolve_model",
    "resolve_quietly",
]


def get_model(name: str | Model) -> Model:
    """Return the record for a model's name, alias, snapshot, fine-tuned name or known prefix.

    A Model is returned as it is. A model that is shut down, or will be within
    RETIREMENT_NOTICE_DAYS days, issues one RetirementWarning per name and process.

    Raises UnknownModelError (a KeyError) naming the nearest known names, and ModelDataError when
    a file of TOKENKIT_MODELS is wrong.

    >>> model = get_model("text-embedding-3-small")
    >>> model.context_window, model.safe_input_tokens, model.encoding
    (8192, 8191, 'cl100k_base')
    """
    return resolve_model(name).model


def resolve_model(name: str | Model) -> Resolved:
    """Resolve a model's name as vendors, clouds and routers write it.

    `model` is what `get_model` returns, `host` who serves it and `rule` how the name was read.
    Names of the registry come first; then prefixes of vendors (`openai/`, `anthropic:`), of other
    hosts (`azure/`, `bedrock/`, `vertex_ai/`, `openrouter/`, `groq/` ...), Bedrock's ids and ARNs,
    Vertex AI's `@20250929` and `publishers/`, `models/`, OpenRouter's `:online`, blanks, capitals.
    A model on another host has the prices that the registry lists for that host, else none.

    Raises UnknownModelError naming the nearest known names.

    >>> resolved = resolve_model("azure/gpt-4o")
    >>> resolved.model.name, resolved.host, resolved.rule
    ('gpt-4o', 'azure', 'azure/ names the host azure')
    >>> resolve_model("openai/gpt-4o").model.prices == get_model("gpt-4o").prices
    True
    """
    resolved = resolve_quietly(name)
    if isinstance(name, str):
        current_registry().warn_retirement(name, resolved.model)
    return resolved


def resolve_quietly(name: str | Model) -> Resolved:
    """Resolve a name as `resolve_model` does, without a warning where the model is retired."""
    if isinstance(name, Model):
        return Resolved(name, name.provider, "a Model")
    return current_registry().resolve_name(name)


def list_models(
    *, provider: str | None = None, kind: Kind | str | None = None, include_retired: bool = False
) -> list[Model]:
    """List the models by provider and name; retired ones only if asked for.

    Raises ValueError for a provider or kind that no record has.

    >>> [model.name for model in list_models(provider="openai", kind="embedding")][:2]
    ['text-embedding-3-large', 'text-embedding-3-small']
    """
    models = current_registry().models()
    for label, wanted in (("provider", provider), ("kind", kind)):
        known = sorted({getattr(model, label) for model in models})
        if wanted is not None and wanted not in known:
            raise ValueError(f"{label}: expected one of {', '.join(known)}, got {wanted!r}")
    return [
        model
        for model in models
        if (provider is None or model.provider == provider)
        and (kind is None or model.kind == kind)
        and (include_retired or not model.retired)
    ]


def register_model(
    model: str | Model | Mapping[str, Any],
    *,
    encoding: EncodingLike | str | None = None,
    chat_template: str | None = None,
    **fields: Any,
) -> Model:
    """Add a model to this process's registry, or replace the one of that name, and return it.

    `name`, `kind`, `encoding` and `context_window` suffice; leave `encoding` out for a model whose
    tokenizer is not known here. `encoding` is the name of a bundled encoding, or that under which
    you put an `Encoding` of your own into `tokenkit.registry.ENCODINGS`; it is looked up when the
    model is used. An `Encoding` itself is put there. `chat_template` is the Jinja template that
    writes the model's chats; without one it is that of the encoding's file, if that has one, and
    with "" none. Fields may be given by name, beside the model's name: its `kind` is then "chat"
    unless it is one of them.

    Raises ModelDataError naming the wrong field, and ValueError for an `Encoding` of your own that
    has the name of a bundled one.

    >>> model = register_model({"name": "our-model", "kind": "chat",
    ...                         "encoding": "o200k_base", "context_window": 32_000})
    >>> get_model("our-model").context_window
    32000
    >>> register_model("our-chat", encoding="o200k_base", context_window=8_000,
    ...                chat_template="{{ messages[0].content }}").kind
    'chat'
    """
    record: Any = model
    if isinstance(model, str):
        record = {"kind": "chat", "name": model}
    if isinstance(record, Model):
        record = without_derived(record.to_record()) if fields else record.to_record()
    if isinstance(record, Mapping):
        record = {**record, **fields}
        if encoding is not None:
            record["encoding"] = encoding
        if chat_template is not None:
            record["chat_template"] = chat_template
        if hasattr(record.get("encoding"), "enlist"):
            record["encoding"] = record["encoding"].enlist()
    return current_registry().register(record, "register_model")


def load_models(path: str | PathLike[str]) -> list[Model]:
    """Lay the records of a JSON or TOML file over the registry and return them.

    The file holds `models`: a list of tables, or a table of tables keyed by name. Either all of
    its records are taken or none. Raises OSError if it cannot be read and ModelDataError, naming
    file, model and field, if it is wrong.

    >>> import json, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "models.json")
    >>> ours = {"kind": "chat", "encoding": "o200k_base", "context_window": 8_192}
    >>> _ = path.write_text(json.dumps({"models": {"our-small-model": ours}}))
    >>> [model.name for model in load_models(path)]
    ['our-small-model']
    """
    return current_registry().load(path)
