"""The `Model` record: what it holds, which values are allowed, how it is read and written.

A record is a plain mapping (a JSON object or TOML table); `model_from_record` turns it into a
`Model` and `Model.to_record` back. All checks run in `Model.__post_init__`, so that a record
from the package, from a user's file and one built by hand obey the same rules.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, get_args

from tokenkit._checks import shown
from tokenkit._face import public
from tokenkit._vocabularies import at_hand
from tokenkit.errors import ModelDataError
from tokenkit.models.fields import (
    check_plain,
    day,
    fail,
    flag,
    mapping,
    one_of,
    strings,
    text,
    whole_number,
)
from tokenkit.models.frozen import FrozenDict, freeze, thaw
from tokenkit.models.hosts import as_sold_by, checked_hosts, checked_retirements, leaving_as
from tokenkit.models.hours import checked_hours, in_hours
from tokenkit.models.price_fields import RATE_UNITS, checked_periods, checked_regions, checked_tiers

__all__ = [
    "KINDS",
    "MODEL_FIELDS",
    "RATE_UNITS",
    "WINDOWS",
    "FrozenDict",
    "Kind",
    "Model",
    "model_from_record",
    "without_derived",
]

Kind = Literal[
    "chat",
    "reasoning",
    "completion",
    "embedding",
    "moderation",
    "audio",
    "speech",
    "transcription",
    "realtime",
    "image",
    "video",
    "rerank",
    "ocr",
    "music",
]
KINDS: tuple[str, ...] = get_args(Kind)
_TAKE_MESSAGES = ("chat", "reasoning", "audio", "realtime")
_WITHOUT_REPLY = ("embedding", "moderation", "rerank", "ocr")
WINDOWS = ("shared", "separate")
_TOKEN_LIMITS = (
    "context_window",
    "max_input_tokens",
    "safe_input_tokens",
    "max_output_tokens",
    "max_example_tokens",
    "min_cacheable_tokens",
)


@public
@dataclasses.dataclass(frozen=True, kw_only=True)
class Model:
    """The facts about one model. Numbers are tokens; prices are USD as decimal strings.

    `context_window` is input and output together. `max_input_tokens` and `max_output_tokens` are
    separate vendor caps, None where none is published. `window` is "shared" when prompt and reply
    share the context window, "separate" when the reply has room of its own. `safe_input_tokens`
    is the largest input that every source accepts. `inputs_per_request` and `tokens_per_request`
    limit one request of an embeddings API, `max_example_tokens` one example of a training file;
    a prompt below `min_cacheable_tokens` is never cached.
    `encoding_exact` is True where the encoding is stated by the vendor, False where it is assumed,
    None without a public tokenizer here. `vocabulary` names what the vendor publishes for the
    model: a vocabulary of the extra `vocabularies`, or a repository whose tokenizer may lie in the
    local cache of Hugging Face. Where it is at hand and no encoding is given, it is the encoding.
    `chat_template` is the Jinja template that writes the
    model's chats, None that of its encoding's file, "" none.

    `prices` maps tier -> rate -> price (`RATE_UNITS` names what a price buys), with the rates of
    long prompts under "long" (one step, or a list of several) and prices per generated image under
    "images". `price_periods` holds what differs at other dates, `price_hours` at other times of the
    day, `price_regions` the factor of a region; `prices_on(when)` gives the prices of a moment.
    `hosts` maps another host's name to the names, prices and dates that it has for this model,
    `retirements` lists days that differ by snapshot or host, and the model that answers afterwards.
    `sources` names for each number where it comes from.

    Raises ModelDataError for a field of the wrong type or out of range.

    >>> model = Model(name="my-model", kind="chat", encoding="o200k_base", context_window=32000)
    >>> model.safe_input_tokens, model.max_output_tokens
    (32000, None)
    """

    name: str
    kind: str
    provider: str = "custom"
    aliases: tuple[str, ...] = ()
    snapshots: tuple[str, ...] = ()
    encoding: str | None = None
    encoding_exact: bool | None = None
    vocabulary: str | None = None
    context_window: int | None = None
    max_input_tokens: int | None = None
    safe_input_tokens: int | None = None
    max_output_tokens: int | None = None
    inputs_per_request: int | None = None
    tokens_per_request: int | None = None
    max_example_tokens: int | None = None
    min_cacheable_tokens: int | None = None
    window: str = "shared"
    modalities: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=FrozenDict)
    supports: frozenset[str] = frozenset()
    prices: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=FrozenDict)
    price_periods: tuple[Mapping[str, Any], ...] = ()
    price_hours: Mapping[str, Any] = dataclasses.field(default_factory=FrozenDict)
    price_regions: Mapping[str, str] = dataclasses.field(default_factory=FrozenDict)
    hosts: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=FrozenDict)
    image_rule: str | None = None
    chat_rule: str | None = None
    chat_template: str | None = None
    retires_on: date | None = None
    retired: bool = False
    replacement: str | None = None
    retirements: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    sources: Mapping[str, str] = dataclasses.field(default_factory=FrozenDict)
    verified_on: date | None = None

    def __post_init__(self) -> None:
        set_field = object.__setattr__  # the only way into a frozen dataclass
        for field in ("aliases", "snapshots", "notes"):
            set_field(self, field, strings(field, getattr(self, field)))
        set_field(self, "supports", frozenset(strings("supports", self.supports)))
        for field in ("retires_on", "verified_on"):
            set_field(self, field, day(field, getattr(self, field)))
        _check_words(self)
        _check_limits(self)
        modalities = mapping("modalities", self.modalities).items()
        set_field(
            self,
            "modalities",
            FrozenDict({way: strings(f"modalities.{way}", kinds) for way, kinds in modalities}),
        )
        for field, source in mapping("sources", self.sources).items():
            text(f"sources.{field}", source)
        set_field(self, "sources", freeze(self.sources))
        set_field(self, "prices", freeze(checked_tiers("prices", self.prices)))
        set_field(self, "price_periods", tuple(checked_periods(self.price_periods)))
        set_field(self, "price_hours", checked_hours(self.price_hours))
        set_field(self, "price_regions", checked_regions(self.price_regions))
        set_field(self, "hosts", checked_hosts(self.hosts))
        set_field(self, "retirements", checked_retirements(self.retirements))
        if self.encoding is None and self.vocabulary is not None and at_hand(self.vocabulary):
            set_field(self, "encoding", self.vocabulary)
        if self.encoding is not None and self.encoding_exact is None:
            set_field(self, "encoding_exact", True)
        if self.safe_input_tokens is None:
            known = [n for n in (self.max_input_tokens, self.context_window) if n is not None]
            set_field(self, "safe_input_tokens", min(known, default=None))

    @property
    def takes_messages(self) -> bool:
        """Whether the model's API takes a chat: messages with roles.

        >>> Model(name="m", kind="embedding").takes_messages
        False
        """
        return self.kind in _TAKE_MESSAGES

    @property
    def writes_reply(self) -> bool:
        """Whether the model answers with tokens of its own: embeddings and rankings are none.

        >>> Model(name="m", kind="chat").writes_reply
        True
        """
        return self.kind not in _WITHOUT_REPLY

    def prices_on(self, when: date | datetime | None = None) -> Mapping[str, Mapping[str, Any]]:
        """Return the prices (tier -> rate -> USD) of a day or moment, now where none is given.

        A day alone does not say which hours are meant: it gets the prices of `price_hours`, which
        are the list prices. A moment without a time zone is taken as local time.

        >>> model = Model(name="m", kind="chat", prices={"standard": {"input": 1}}, price_periods=[
        ...     {"from": "2027-01-01", "prices": {"standard": {"input": 2}}}])
        >>> [model.prices_on(date(year, 6, 1))["standard"]["input"] for year in (2026, 2027)]
        ['1', '2']
        """
        moment = datetime.now().astimezone() if when is None else when
        day = moment.date() if isinstance(moment, datetime) else moment
        prices: Mapping[str, Mapping[str, Any]]
        for period in self.price_periods:
            first, last = period["from"], period["to"]
            if (first is None or first <= day) and (last is None or day <= last):
                prices = period["prices"]
                return prices
        hours = self.price_hours
        if hours and isinstance(moment, datetime) and not in_hours(hours, moment):
            prices = hours["otherwise"]
            return prices
        return self.prices

    def on_host(self, host: str) -> Model:
        """Return this model as another host sells it: that host's prices and days, if known.

        Where nothing is known of the host's prices the result has none, and a note says so.

        >>> model = Model(name="m", kind="chat", prices={"standard": {"input": 1}})
        >>> model.on_host("bedrock").prices, model.on_host("bedrock").notes
        ({}, ('prices: those of the host bedrock are not known',))
        """
        return as_sold_by(self, host)

    def as_snapshot(self, name: str) -> Model:
        """Return this model with the retirement day of one of its snapshots, if it has its own.

        >>> model = Model(name="m", kind="chat", snapshots=["m-1"],
        ...               retirements=[{"snapshot": "m-1", "on": "2026-01-01"}])
        >>> model.retires_on, str(model.as_snapshot("m-1").retires_on)
        (None, '2026-01-01')
        """
        return leaving_as(self, snapshot=name)

    def to_record(self) -> dict[str, Any]:
        """Return this model as plain JSON-like data, without fields that hold their default.

        An encoding that is there because the model's vocabulary is at hand is not in it: the data
        may be read where it is not.

        >>> Model(name="m", kind="chat", context_window=100).to_record()["context_window"]
        100
        """
        record: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value != field.default and value != FrozenDict():
                record[field.name] = thaw(value)
        if self.encoding == self.vocabulary and self.encoding_exact:
            record = {key: record[key] for key in record if not key.startswith("encoding")}
        return record


class _Retired:
    """Stands for the field `retired`: stated in the record, or the day of retirement has come.

    Asked each time, so that a process which runs over midnight does not keep yesterday's answer.
    """

    def __get__(self, model: Model | None, _owner: type[Model]) -> bool:
        if model is None:
            return False
        stated: bool = model.__dict__["retired"]
        return stated or (model.retires_on is not None and model.retires_on <= date.today())

    def __set__(self, model: Model, value: bool) -> None:
        model.__dict__["retired"] = value


Model.retired = _Retired()  # type: ignore[assignment]
MODEL_FIELDS = tuple(field.name for field in dataclasses.fields(Model))


def model_from_record(record: object, where: str) -> Model:
    """Build a Model from a mapping.

    Raises ModelDataError that begins with `where` and the model's name.

    >>> model_from_record({"name": "m", "kind": "chat"}, "here").provider
    'custom'
    """
    if not isinstance(record, Mapping):
        raise ModelDataError(
            f"{where}: expected a table of fields for a model, got {shown(record)}"
        )
    name = record.get("name")
    place = f"{where}: model {shown(name)}" if isinstance(name, str) else where
    for field in ("name", "kind"):
        if field not in record:
            raise ModelDataError(f"{place}: field '{field}' is missing")
    unknown = [key for key in record if key not in MODEL_FIELDS]
    if unknown:
        raise ModelDataError(
            f"{place}: unknown field {shown(unknown[0])}; known fields: {', '.join(MODEL_FIELDS)}"
        )
    try:
        check_plain("", record)
        return Model(**record)
    except ModelDataError as error:
        raise ModelDataError(f"{place}: {error}") from None


def without_derived(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without the fields that follow from others, which may be about to change.

    >>> without_derived({"retires_on": "2026-01-01", "retired": True})
    {'retires_on': '2026-01-01'}
    """
    stated = dict(record)
    if "retires_on" in stated:
        stated.pop("retired", None)
    limits = [stated[name] for name in ("max_input_tokens", "context_window") if name in stated]
    if stated.get("safe_input_tokens") == min(limits, default=None):
        stated.pop("safe_input_tokens", None)
    return stated


def _check_words(model: Model) -> None:
    for field in ("name", "kind", "provider", "window"):
        text(field, getattr(model, field))
    # Whether there is an encoding of this name shows when it is used: users have their own.
    names = ("encoding", "vocabulary", "image_rule", "chat_rule", "chat_template", "replacement")
    for field in names:
        value = getattr(model, field)
        if value is not None and not isinstance(value, str):
            fail(field, "a string", value)
    one_of("kind", model.kind, KINDS)
    one_of("window", model.window, WINDOWS)
    if model.vocabulary is not None:
        text("vocabulary", model.vocabulary)
    if model.encoding is not None:
        text("encoding", model.encoding)
    elif model.encoding_exact is not None:
        fail("encoding_exact", "nothing where no encoding is given", model.encoding_exact)
    flag("retired", model.__dict__["retired"])
    flag("encoding_exact", model.encoding_exact)


def _check_limits(model: Model) -> None:
    for field in _TOKEN_LIMITS:
        value = getattr(model, field)
        if value is None:
            continue
        whole_number(field, value)
        inside = field != "max_output_tokens" or model.window == "shared"
        if inside and model.context_window is not None and value > model.context_window:
            fail(field, f"at most the context window of {model.context_window}", value)
    for field, of_what in (("inputs_per_request", "inputs"), ("tokens_per_request", "tokens")):
        value = getattr(model, field)
        if value is not None:
            whole_number(field, value, of_what)
