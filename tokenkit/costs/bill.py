"""What a request costs, to the last digit: Decimal only, and never a price that is not listed.

Whatever has no listed rate for the model, tier, unit or day becomes an `unpriced` line, and the
total then says that it is partial. Nothing is priced at zero or at another tier's rate instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tokenkit._face import public
from tokenkit.costs.quantities import (
    Number,
    input_parts,
    output_parts,
    picture,
    quantity,
    whole_numbers,
)
from tokenkit.costs.rates import EXACT, TIERS, Rates, money, plain, price_day, tier_name
from tokenkit.models import RATE_UNITS, Model, get_model

__all__ = ["TIERS", "Cost", "CostLine", "cost", "cost_from_usage"]

Image = str | tuple[int, int] | tuple[int, int, str]


@public
@dataclass(frozen=True)
class CostLine:
    """One thing that is paid for: `quantity` of `item`, at `price` USD per `unit`.

    `amount` is USD. An unpriced line has neither price nor amount, and its `reason` says why.
    """

    item: str
    quantity: Decimal
    unit: str
    price: Decimal | None
    amount: Decimal | None
    reason: str = ""


@public
@dataclass(frozen=True)
class Cost:
    """A price made of lines. `total` is USD and covers `lines` only; see `partial`.

    `as_of` is the day whose prices were taken, `verified_on` the day they were last checked.
    """

    model: str
    tier: str
    lines: tuple[CostLine, ...]
    unpriced: tuple[CostLine, ...]
    as_of: date
    verified_on: date | None
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> Decimal:
        """USD of all priced lines; the least it can cost when `partial` is True."""
        total = Decimal(0)
        for line in self.lines:
            total = EXACT.add(total, line.amount or Decimal(0))
        return plain(total)

    @property
    def partial(self) -> bool:
        """Whether something has no listed price, so that the total is too low."""
        return bool(self.unpriced)

    def __str__(self) -> str:
        text = f"{self.total:f} USD"
        if not self.unpriced:
            return text
        missing = "; ".join(
            f"{line.quantity:f} {line.item}: {line.reason}" for line in self.unpriced
        )
        return f"{text} (partial, unpriced: {missing})"


def cost(
    model: str | Model,
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
    video_seconds: Number = 0,
    characters: int = 0,
    web_searches: int = 0,
    training_tokens: int = 0,
    epochs: int = 1,
    training_hours: Number = 0,
    tier: str = "standard",
    at: date | str | None = None,
) -> Cost:
    """What a request (or a training job) costs in USD.

    As in the API's usage objects the parts lie inside their wholes: cached, cache write, audio
    input and image input tokens inside `input_tokens`; reasoning, audio output and image output
    tokens inside `output_tokens`; `cache_write_long_tokens` (the longer cache life) inside
    `cache_write_tokens`; cached audio and image tokens inside `cached_tokens` and their kind.
    A whole left at 0 is the sum of its audio and image parts. Reasoning is billed as output.

    `images` lists pictures as (width, height), (width, height, detail or quality), "WIDTHxHEIGHT",
    "QUALITY/WIDTHxHEIGHT" or mappings with width, height, quality or detail, and count. For an
    image model they are generated pictures, priced by size; for another they are sent along, on
    top of `input_tokens`, as `image_tokens` counts them. `audio_seconds` is speech transcribed or
    made by a model that is priced per minute, `characters` text read aloud, `training_tokens` the
    tokens of the training file.

    `tier` is one of TIERS ("default" and "fast" are taken for "standard" and "priority"). `at` is
    the day whose prices apply, today if left out. A prompt over a model's threshold has all its
    tokens, the reply's too, priced at the rates for long prompts.

    Raises UnknownModelError; ValueError for a part larger than its whole, a negative number, an
    unknown tier or an unreadable date; TypeError for a number of the wrong type.

    >>> print(cost("gpt-4o", input_tokens=1000, cached_tokens=400, output_tokens=500))
    0.007 USD
    >>> print(cost("gpt-4o", input_tokens=1000, tier="flex"))
    0 USD (partial, unpriced: 1000 input: no prices are listed for tier 'flex')
    """
    record = get_model(model)
    counts = whole_numbers(
        input_tokens=input_tokens,
        cached_tokens=cached_tokens,
        cache_write_tokens=cache_write_tokens,
        cache_write_long_tokens=cache_write_long_tokens,
        output_tokens=output_tokens,
        reasoning_tokens=reasoning_tokens,
        audio_input_tokens=audio_input_tokens,
        cached_audio_tokens=cached_audio_tokens,
        audio_output_tokens=audio_output_tokens,
        image_input_tokens=image_input_tokens,
        cached_image_tokens=cached_image_tokens,
        image_output_tokens=image_output_tokens,
        characters=characters,
        web_searches=web_searches,
        training_tokens=training_tokens,
        epochs=epochs,
    )
    if epochs < 1:
        raise ValueError(f"epochs must be at least 1, got {epochs}")
    pictures = [picture(image) for image in images]
    generated = record.kind in ("image", "video")
    sent, assumed = (0, None) if generated else _sent_images(record, pictures)
    parts = input_parts(counts)
    day = price_day(at)
    rates = Rates(record, tier_name(tier, record), day, sum(parts.values()) + (sent or 0))
    bill = _Bill(rates)
    for rate, tokens in (*parts.items(), *output_parts(counts).items()):
        bill.tokens(rate, tokens)
    if generated:
        bill.generated(pictures)
    elif sent is None:
        bill.miss("images", Decimal(len(pictures)), "image", "this model takes no images")
    else:
        bill.tokens("image_input", sent)
    bill.minutes(quantity("audio_seconds", audio_seconds))
    bill.add("video_second", quantity("video_seconds", video_seconds))
    bill.add("characters", Decimal(counts["characters"]))
    bill.add("web_search", Decimal(counts["web_searches"]))
    bill.add("training", Decimal(counts["training_tokens"] * epochs))
    bill.add("training_hour", quantity("training_hours", training_hours))
    notes = [note for note in record.notes if note.startswith(("prices:", "limits:"))]
    notes += [note for note in (rates.note, assumed) if note]
    return Cost(
        model=record.name,
        tier=rates.tier,
        lines=tuple(bill.lines),
        unpriced=tuple(bill.unpriced),
        as_of=day,
        verified_on=record.verified_on,
        notes=tuple(notes),
    )


def cost_from_usage(
    usage: object,
    model: str | Model,
    *,
    tier: str | None = None,
    at: date | str | None = None,
) -> Cost:
    """What a request cost, from the usage object that the API returned (USD).

    Takes the usage of the chat, responses, embeddings, images, realtime and transcription APIs of
    OpenAI and of Anthropic's messages API, as a mapping or an object with attributes, or the whole
    response that holds it. The tier is the response's own service_tier unless `tier` names
    another: a bare usage object does not tell, and is taken as standard. A batch must say so.

    Raises ValueError for an object without known token counts, and whatever `cost` raises.

    >>> usage = {"prompt_tokens": 1000, "completion_tokens": 500,
    ...          "prompt_tokens_details": {"cached_tokens": 400}}
    >>> print(cost_from_usage(usage, "gpt-4o"))
    0.007 USD
    """
    from tokenkit.shapes import read_usage

    record = get_model(model)
    numbers, used_tier = read_usage(usage)
    if record.kind == "image" and "image_output_tokens" not in numbers:
        # The images API says that its output_tokens are those of the picture.
        numbers["image_output_tokens"] = numbers.get("output_tokens", 0)
    return cost(record, tier=tier or used_tier or "standard", at=at, **numbers)


class _Bill:
    """Collects lines: priced ones, and those that no listed rate covers."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self.lines: list[CostLine] = []
        self.unpriced: list[CostLine] = []

    def tokens(self, item: str, tokens: int) -> None:
        """A line of tokens of the prompt or the reply."""
        rate = item
        if item == "reasoning":
            rate = "output"
        elif item.endswith("image_input") and not self.rates.knows("image_input"):
            # Where a vendor lists no rate of their own, image tokens are input tokens.
            rate = "input" if item == "image_input" else "cached_input"
        price, reason = self.rates.price(rate, per_token=True)
        self._line(item, Decimal(tokens), RATE_UNITS[rate], price, reason)

    def add(self, item: str, amount_of: Decimal) -> None:
        """A line of anything else, by the name of its rate."""
        price, reason = self.rates.price(item, per_token=False)
        self._line(item, amount_of, RATE_UNITS[item], price, reason)

    def minutes(self, seconds: Decimal) -> None:
        """A line of audio: priced per minute, measured in seconds."""
        price, reason = self.rates.price("minute", per_token=False)
        unit = RATE_UNITS["minute"]
        if not seconds:
            return
        if price is None:
            self.miss("audio_seconds", seconds, "second", reason)
            return
        # Seconds times price first: a third of a minute has no last digit.
        amount = EXACT.divide(money(seconds, price, unit), Decimal(60))
        minutes = EXACT.divide(seconds, Decimal(60))
        self.lines.append(CostLine("minute", minutes, unit, Decimal(price), amount))

    def generated(self, pictures: list[tuple[int, int, str, int]]) -> None:
        """Lines of pictures that an image model makes, priced by quality and size."""
        for width, height, quality, number in pictures:
            size = f"{quality}/{width}x{height}" if quality else f"{width}x{height}"
            price, reason = self.rates.image_price(size)
            self._line(f"image {size}", Decimal(number), "image", price, reason)

    def miss(self, item: str, quantity: Decimal, unit: str, reason: str) -> None:
        """A line that cannot be priced."""
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
    """Tokens of the pictures of a prompt, None where the model takes none; and what is assumed."""
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
