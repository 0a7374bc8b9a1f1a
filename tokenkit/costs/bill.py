"""The cost of a request, to the last digit: Decimal only, and never a price that is not listed.

Whatever has no listed rate for the model, tier, unit or day becomes an `unpriced` line, and the
total then says that it is partial. Nothing is priced at zero or at another tier's rate instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tokenkit.costs.quantities import input_parts, output_parts, picture
from tokenkit.costs.rates import (
    EXACT,
    TIERS,
    Rates,
    Tier,
    money,
    price_day,
    price_moment,
    tier_name,
)
from tokenkit.costs.results import Cost, CostLine
from tokenkit.models import RATE_UNITS, Model, get_model
from tokenkit.shapes import QUANTITIES, Image, Items, Number, Usage

__all__ = ["TIERS", "cost", "price"]


def cost(
    model: str | Model,
    usage: Usage | None = None,
    *,
    input_tokens: int = 0,
    cached_tokens: int = 0,
    cache_write_tokens: int = 0,
    cache_write_long_tokens: int = 0,
    output_tokens: int = 0,
    reasoning_tokens: int = 0,
    audio_input_tokens: int = 0,
    cached_audio_tokens: int = 0,
    audio_output_tokens: int = 0,
    image_input_tokens: int = 0,
    cached_image_tokens: int = 0,
    image_output_tokens: int = 0,
    images: Iterable[Image | Mapping[str, Any]] = (),
    audio_seconds: Number = 0,
    active_seconds: Number = 0,
    standby_seconds: Number = 0,
    video_seconds: Number = 0,
    characters: int = 0,
    web_searches: int = 0,
    items: Items = (),
    training_tokens: int = 0,
    epochs: int = 1,
    training_hours: Number = 0,
    tier: Tier | str = "standard",
    at: date | str | None = None,
) -> Cost:
    """Price a request (or a training job) in USD.

    Say what it used by name, or hand over a `Usage`, which says what each quantity means: parts
    lie inside their wholes, cached tokens inside `input_tokens`, reasoning inside `output_tokens`.
    Reasoning is billed as output. Pictures in `images` are generated ones, priced by size, for an
    image model; for another they are sent along, on top of `input_tokens`, as `image_tokens`
    counts them.

    `tier` is one of TIERS or a tier of the model's own prices; "default" and "on_demand" are
    "standard", "fast" is "priority". `at` is the day or moment whose prices apply, now if left
    out: some vendors' prices depend on the hour, and a day alone is priced at their list price. A
    prompt over a model's threshold has all its tokens, the reply's too, priced as a long one.

    Raises UnknownModelError; ValueError for a part larger than its whole, a negative number, an
    unknown tier or an unreadable date; TypeError for a number of the wrong type.

    >>> print(cost("gpt-4o", input_tokens=1000, cached_tokens=400, output_tokens=500))
    0.007 USD
    >>> print(cost("gpt-4o", Usage(input_tokens=1000), tier="flex"))
    0 USD (partial, unpriced: 1000 input: no prices are listed for tier 'flex')
    """
    # The names of the parameters are those of Usage; a test holds that none is missing.
    named = {name: value for name, value in locals().items() if name in QUANTITIES}
    record = get_model(model)
    return price(record, _one_usage(usage, named), tier_name(tier, record), at)


def _one_usage(usage: object, named: Mapping[str, Any]) -> Usage:
    """Return the Usage given, or one made of the quantities given by name."""
    if usage is None:
        return Usage(**named)
    if not isinstance(usage, Usage):
        raise TypeError(
            f"usage: expected a tokenkit.Usage, got {type(usage).__name__}; "
            "cost_from_usage reads the usage objects of APIs"
        )
    twice = [name for name, value in named.items() if value is not QUANTITIES[name]]
    if twice:
        raise ValueError(
            f"usage: expected quantities in a Usage or by name, got both; {', '.join(twice)} "
            "can be set with dataclasses.replace(usage, ...)"
        )
    return usage


def price(
    model: Model,
    usage: Usage,
    tier: str,
    at: date | str | None,
    *,
    requests: int | None = 1,
    longer_than: int | None = None,
    region: str | None = None,
) -> Cost:
    """Price a usage at the model's rates of a tier, by the tier's own name, and day.

    `requests` says how many requests the usage is the sum of, None for unknown many: many short
    prompts are not one long prompt. `longer_than` is what each of those prompts is longer than,
    where that is known. `region` is where the vendor ran it, where that has a price of its own.
    """
    moment = price_moment(at)
    pictures = [picture(image) for image in usage.images]
    generated = model.kind in ("image", "video")
    sent, assumed = (0, None) if generated else _sent_images(model, pictures)
    prompt, thinking = usage.input_tokens + (sent or 0), usage.reasoning_tokens > 0
    length = prompt if requests == 1 else 0 if longer_than is None else longer_than + 1
    rates = Rates(model, tier, moment, length, thinking=thinking, region=region)
    bill = _Bill(rates)
    for rate, tokens in (*input_parts(usage).items(), *output_parts(usage).items()):
        bill.tokens(rate, tokens)
    if generated:
        bill.generated(pictures)
    elif sent is None:
        bill.miss("images", Decimal(len(pictures)), "image", "this model takes no images")
    else:
        bill.tokens("image_input", sent)
    bill.other_units(usage)
    if requests != 1 and longer_than is None:
        bill.many_requests(prompt, requests)
    about = {"prices", "limits", *(line.item for line in bill.lines)}
    notes = [note for note in model.notes if note.partition(":")[0] in about]
    notes += [*bill.rates.notes, *bill.notes, *([assumed] if assumed else [])]
    return Cost(
        model=model.name,
        tier=bill.rates.tier,
        lines=tuple(bill.lines),
        unpriced=tuple(bill.unpriced),
        as_of=price_day(moment),
        verified_on=model.verified_on,
        notes=tuple(notes),
    )


class _Bill:
    """Collects lines: priced ones, and those that no listed rate covers."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self.lines: list[CostLine] = []
        self.unpriced: list[CostLine] = []
        self.notes: list[str] = []

    def many_requests(self, prompt: int, requests: int | None) -> None:
        """Note what a sum over many requests hides: which of them were over the threshold."""
        threshold = self.rates.threshold
        if threshold is None or prompt <= threshold:
            return
        if requests is None:
            reason = f"prompts over {threshold} tokens cost more, and a sum does not show them"
            self.miss("long_prompts", Decimal(1), "sum", reason)
        elif prompt > threshold * requests:
            reason = f"some of {requests} prompts are over {threshold} tokens and cost more"
            self.miss("long_prompts", Decimal(requests), "request", reason)
        else:
            self.notes.append(
                f"the sum of {requests} requests: none is taken as over {threshold} tokens"
            )

    def tokens(self, item: str, tokens: int) -> None:
        """Add a line of tokens of the prompt or the reply."""
        rate = item
        if item == "reasoning":
            rate = "output"
        elif item.endswith("image_input") and not self.rates.knows("image_input"):
            # Where a vendor lists no rate of their own, image tokens are input tokens.
            rate = "input" if item == "image_input" else "cached_input"
        price, reason = self.rates.price(rate, per_token=True)
        self._line(item, Decimal(tokens), RATE_UNITS[rate], price, reason)

    def other_units(self, usage: Usage) -> None:
        """Add lines of what is not tokens of the prompt or the reply."""
        self._minutes("audio_seconds", "minute", Decimal(usage.audio_seconds))
        self._minutes("active_seconds", "active_minute", Decimal(usage.active_seconds))
        self._minutes("standby_seconds", "standby_minute", Decimal(usage.standby_seconds))
        self._units("video_second", Decimal(usage.video_seconds))
        self._units("characters", Decimal(usage.characters))
        self._units("web_search", Decimal(usage.web_searches))
        for item, number in dict(usage.items).items():
            self._units(item, Decimal(number))
        self._units("training", Decimal(usage.training_tokens * usage.epochs))
        self._units("training_hour", Decimal(usage.training_hours))

    def _units(self, rate: str, quantity: Decimal) -> None:
        price, reason = self.rates.price(rate, per_token=False)
        self._line(rate, quantity, RATE_UNITS[rate], price, reason)

    def _minutes(self, item: str, rate: str, seconds: Decimal) -> None:
        """Add a line of time: priced per minute, measured in seconds."""
        price, reason = self.rates.price(rate, per_token=False)
        unit = RATE_UNITS[rate]
        if not seconds:
            return
        if price is None:
            self.miss(item, seconds, "second", reason)
            return
        # Seconds times price first: a third of a minute has no last digit.
        amount = EXACT.divide(money(seconds, price, unit), Decimal(60))
        minutes = EXACT.divide(seconds, Decimal(60))
        self.lines.append(CostLine(rate, minutes, unit, Decimal(price), amount))

    def generated(self, pictures: list[tuple[int, int, str, int]]) -> None:
        """Add lines of pictures that an image model makes, priced by quality and size."""
        for width, height, quality, number in pictures:
            size = f"{quality}/{width}x{height}" if quality else f"{width}x{height}"
            price, reason = self.rates.image_price(size)
            self._line(f"image {size}", Decimal(number), "image", price, reason)

    def miss(self, item: str, quantity: Decimal, unit: str, reason: str) -> None:
        """Add a line that cannot be priced."""
        self.unpriced.append(CostLine(item, quantity, unit, None, None, reason))

    def _line(
        self, item: str, quantity: Decimal, unit: str, price: str | None, reason: str
    ) -> None:
        if not quantity:
            return
        if price is None:
            self.miss(item, quantity, unit, reason)
        else:
            amount = money(quantity, price, unit)
            self.lines.append(CostLine(item, quantity, unit, Decimal(price), amount))


def _sent_images(
    model: Model, pictures: list[tuple[int, int, str, int]]
) -> tuple[int | None, str | None]:
    """Return the tokens of a prompt's pictures (None: the model takes none) and what is assumed."""
    if not pictures:
        return 0, None
    inputs = model.modalities.get("input", ())
    if inputs and "image" not in inputs:
        return None, None
    from tokenkit.chat import count_image

    tokens, assumed = 0, None
    for width, height, detail, number in pictures:
        each, assumed = count_image(width, height, model, detail or "auto")
        tokens += number * each
    return tokens, assumed
