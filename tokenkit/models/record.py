"""The `Model` record: what it holds, which values are allowed, how it is read and written.

A record is a plain mapping (a JSON object or TOML table); `model_from_record` turns it into a
`Model` and `Model.to_record` back. All checks live in `Model.__post_init__`, so that a record
from the package, from a user's file and one built by hand obey the same rules.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from tokenkit._face import public
from tokenkit.errors import ModelDataError

TYPE_CHECKING = False  # importing typing would take longer than reading the registry
if TYPE_CHECKING:
    from typing import Any, NoReturn

    _Dict = dict[str, Any]
else:
    _Dict = dict

KINDS = (
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
)
WINDOWS = ("shared", "separate")
# The encodings in the package. Written out because reading the registry must not load them.
ENCODINGS = (
    "gpt2",
    "r50k_base",
    "p50k_base",
    "p50k_edit",
    "cl100k_base",
    "o200k_base",
    "o200k_harmony",
)
# Rate name -> what one price buys. "cache_write_long" is the longer cache life a vendor offers
# (12 hours at OpenAI, 1 hour at Anthropic).
RATE_UNITS: Mapping[str, str] = {
    "input": "1M tokens",
    "cached_input": "1M tokens",
    "cache_write": "1M tokens",
    "cache_write_long": "1M tokens",
    "output": "1M tokens",
    "audio_input": "1M tokens",
    "cached_audio_input": "1M tokens",
    "audio_output": "1M tokens",
    "image_input": "1M tokens",
    "cached_image_input": "1M tokens",
    "image_output": "1M tokens",
    "training": "1M tokens",
    "training_hour": "hour",
    "minute": "minute of audio",
    "video_second": "second of video",
    "characters": "1M characters",
    "web_search": "1,000 calls",
}


class FrozenDict(_Dict):
    """A dict that refuses changes: records are shared, so a change would leak to everyone."""

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise TypeError("a model record cannot be changed; use dataclasses.replace or to_record()")

    __setitem__ = __delitem__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse
    __ior__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return (FrozenDict, (dict(self),))


def freeze(value: Any) -> Any:
    """Deep read-only copy of JSON-like data."""
    if isinstance(value, Mapping):
        return FrozenDict({key: freeze(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item) for item in value)
    return value


def thaw(value: Any) -> Any:
    """Deep plain copy (dict, list) of what `freeze` made; sets become sorted lists."""
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [thaw(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


@public
@dataclasses.dataclass(frozen=True, kw_only=True)
class Model:
    """What is known about one model. Numbers are tokens; prices are USD as decimal strings.

    `context_window` is input and output together. `max_input_tokens` and `max_output_tokens` are
    separate vendor caps, None where none is published. `window` is "shared" when prompt and reply
    share the context window, "separate" when the reply has room of its own. `safe_input_tokens`
    is the largest input that every source accepts. `encoding_exact` is True where the encoding is
    stated by the vendor, False where it is assumed, None without a public tokenizer here.
    `prices` maps tier -> rate -> price (`RATE_UNITS` names what a price buys), with the rates of
    long prompts under "long" and prices per generated image under "images"; `price_periods` holds
    what differs at other dates. `sources` says for each number where it comes from.

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
    context_window: int | None = None
    max_input_tokens: int | None = None
    safe_input_tokens: int | None = None
    max_output_tokens: int | None = None
    window: str = "shared"
    modalities: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=FrozenDict)
    supports: frozenset[str] = frozenset()
    prices: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=FrozenDict)
    price_periods: tuple[Mapping[str, Any], ...] = ()
    image_rule: str | None = None
    chat_rule: str | None = None
    retires_on: date | None = None
    retired: bool = False
    replacement: str | None = None
    notes: tuple[str, ...] = ()
    sources: Mapping[str, str] = dataclasses.field(default_factory=FrozenDict)
    verified_on: date | None = None

    def __post_init__(self) -> None:
        set_field = object.__setattr__  # the only way into a frozen dataclass
        for field in ("aliases", "snapshots", "notes"):
            set_field(self, field, _strings(field, getattr(self, field)))
        set_field(self, "supports", frozenset(_strings("supports", self.supports)))
        for field in ("retires_on", "verified_on"):
            set_field(self, field, _day(field, getattr(self, field)))
        _check_words(self)
        _check_limits(self)
        set_field(self, "modalities", freeze(_mapping("modalities", self.modalities)))
        set_field(self, "sources", freeze(_mapping("sources", self.sources)))
        set_field(self, "prices", freeze(_tiers("prices", self.prices)))
        set_field(self, "price_periods", tuple(_periods(self.price_periods)))
        if self.encoding is not None and self.encoding_exact is None:
            set_field(self, "encoding_exact", True)
        if self.safe_input_tokens is None:
            known = [n for n in (self.max_input_tokens, self.context_window) if n is not None]
            set_field(self, "safe_input_tokens", min(known, default=None))
        if self.retires_on is not None and self.retires_on <= date.today():
            set_field(self, "retired", True)

    def to_record(self) -> dict[str, Any]:
        """This model as plain JSON-like data, without the fields that hold their default."""
        record: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value != field.default and value != FrozenDict():
                record[field.name] = thaw(value)
        return record


MODEL_FIELDS = tuple(field.name for field in dataclasses.fields(Model))


def model_from_record(record: object, where: str) -> Model:
    """Build a Model from a mapping; every error starts with `where` and the model's name."""
    if not isinstance(record, Mapping):
        raise ModelDataError(f"{where}: a model record must be a table of fields, got {record!r}")
    name = record.get("name")
    place = f"{where}: model {name!r}" if isinstance(name, str) else where
    for field in ("name", "kind"):
        if field not in record:
            raise ModelDataError(f"{place}: field '{field}' is missing")
    unknown = [key for key in record if key not in MODEL_FIELDS]
    if unknown:
        raise ModelDataError(
            f"{place}: unknown field {unknown[0]!r}; known fields: {', '.join(MODEL_FIELDS)}"
        )
    try:
        return Model(**record)
    except ModelDataError as error:
        raise ModelDataError(f"{place}: {error}") from None


def _fail(field: str, expected: str, value: object) -> NoReturn:
    raise ModelDataError(f"field '{field}': expected {expected}, got {value!r}")


def _strings(field: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        _fail(field, "a list of strings", value)
    items = tuple(value)
    for item in items:
        if not isinstance(item, str) or not item:
            _fail(field, "a list of non-empty strings", item)
    return items


def _day(field: str, value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        _fail(field, "a date such as 2026-11-22", value)


def _mapping(field: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        _fail(field, "a table", value)
    return value


def _check_words(model: Model) -> None:
    for field in ("name", "kind", "provider", "window"):
        value = getattr(model, field)
        if not isinstance(value, str) or not value.strip():
            _fail(field, "a non-empty string", value)
    for field in ("encoding", "image_rule", "chat_rule", "replacement"):
        value = getattr(model, field)
        if value is not None and not isinstance(value, str):
            _fail(field, "a string", value)
    if model.kind not in KINDS:
        _fail("kind", "one of " + ", ".join(KINDS), model.kind)
    if model.window not in WINDOWS:
        _fail("window", "one of " + ", ".join(WINDOWS), model.window)
    if model.encoding is not None and model.encoding not in ENCODINGS:
        _fail("encoding", "one of " + ", ".join(ENCODINGS), model.encoding)
    if model.encoding is None and model.encoding_exact is not None:
        _fail("encoding_exact", "nothing where no encoding is given", model.encoding_exact)
    for field in ("retired", "encoding_exact"):
        value = getattr(model, field)
        if value is not None and not isinstance(value, bool):
            _fail(field, "true or false", value)


def _check_limits(model: Model) -> None:
    for field in ("context_window", "max_input_tokens", "safe_input_tokens", "max_output_tokens"):
        value = getattr(model, field)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
            _fail(field, "a whole number of tokens above 0", value)
        inside = field != "max_output_tokens" or model.window == "shared"
        if inside and model.context_window is not None and value > model.context_window:
            _fail(field, f"at most the context window of {model.context_window}", value)


def _tiers(field: str, value: object) -> dict[str, Any]:
    tiers = _mapping(field, value)
    return {tier: _rates(f"{field}.{tier}", rates) for tier, rates in tiers.items()}


def _rates(field: str, value: object) -> dict[str, Any]:
    rates: dict[str, Any] = {}
    for rate, price in _mapping(field, value).items():
        place = f"{field}.{rate}"
        if rate == "long" and not field.endswith(".long"):
            rates[rate] = _rates(place, price)
            if "above" not in rates[rate]:
                _fail(f"{place}.above", "the number of prompt tokens where it begins", None)
        elif rate == "above" and field.endswith(".long"):
            if isinstance(price, bool) or not isinstance(price, int) or price <= 0:
                _fail(place, "a whole number of tokens above 0", price)
            rates[rate] = price
        elif rate == "images":
            images = _mapping(place, price)
            rates[rate] = {size: _price(f"{place}.{size}", usd) for size, usd in images.items()}
        elif rate in RATE_UNITS:
            rates[rate] = _price(place, price)
        else:
            _fail(place, "a rate out of " + ", ".join(RATE_UNITS), rate)
    return rates


_PLAIN_PRICE = re.compile(r"\d+(\.\d+)?")


def _price(field: str, value: object) -> str:
    """The price as a decimal string; a float is taken by its shortest digits (0.1 is "0.1")."""
    if isinstance(value, str) and _PLAIN_PRICE.fullmatch(value):
        return value
    from decimal import Decimal, InvalidOperation

    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        _fail(field, "a price in USD", value)
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        _fail(field, "a price in USD", value)
    if not amount.is_finite() or amount < 0:
        _fail(field, "a price of 0 USD or more", value)
    return format(amount, "f")


def _periods(value: object) -> Iterable[FrozenDict]:
    if isinstance(value, (str, Mapping)) or not isinstance(value, Iterable):
        _fail("price_periods", "a list of tables", value)
    for index, period in enumerate(value):
        field = f"price_periods[{index}]"
        known = {"from", "to", "prices"}
        if not isinstance(period, Mapping) or "prices" not in period or set(period) - known:
            _fail(field, "a table with prices and from, to or both", period)
        if "from" not in period and "to" not in period:
            _fail(field, "a table with from, to or both", period)
        days = {key: _day(f"{field}.{key}", period.get(key)) for key in ("from", "to")}
        first, last = days["from"], days["to"]
        if first is not None and last is not None and first > last:
            _fail(f"{field}.to", f"a day on or after {first}", last)
        yield FrozenDict({**days, "prices": freeze(_tiers(f"{field}.prices", period["prices"]))})
