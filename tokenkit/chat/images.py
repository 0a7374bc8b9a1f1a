"""Image tokens by model: tile rules, patch rules, and the rules of other providers.

Sources: OpenAI's "Images and vision" guide (copies of 2026-07 to 2026-09; the 2025 copy for the
1,536-patch models) and the pricing pages of Anthropic and Google (copies of 2026). A rule is
chosen by `Model.image_rule`; each rule's class says what its numbers mean.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from tokenkit._checks import check_choice, check_whole
from tokenkit.errors import TokenkitWarning
from tokenkit.models import Model, get_model

__all__ = ["image_tokens"]

Detail: TypeAlias = Literal["auto", "low", "high", "original"]
DETAILS = ("auto", "low", "high", "original")
PATCH = 32
# OpenAI refuses an image of more patches than this.
MAX_PATCHES = 30_000


class Span(NamedTuple):
    """Tokens of an image, and the least and the most that they may be (None: no upper bound)."""

    tokens: int
    low: int
    high: int | None


@dataclass(frozen=True)
class TileRule:
    """`base` tokens, and `tile` more for each 512 px tile after two reductions.

    The image is fitted into 2048 x 2048, then its short side is brought to at most `short` px.
    Detail "low" costs `base` alone; "original" is the same as "high".
    """

    base: int
    tile: int
    short: int = 768
    long: int = 2048

    def tokens(self, width: int, height: int, detail: str) -> int:
        if detail == "low":
            return self.base
        scale = min(1.0, self.long / max(width, height))
        scale *= min(1.0, self.short / (min(width, height) * scale))
        wide, high = max(1, int(width * scale)), max(1, int(height * scale))
        return self.base + self.tile * math.ceil(wide / 512) * math.ceil(high / 512)

    def of_any_size(self, detail: str) -> Span:
        most = self.tokens(self.long, self.long if self.short > self.long else self.short, detail)
        return Span(most, self.tokens(1, 1, detail), most)


@dataclass(frozen=True)
class Level:
    """One detail level of a patch rule: largest side in px and most patches, None for no limit."""

    pixels: int | None = None
    patches: int | None = None


@dataclass(frozen=True)
class PatchRule:
    """32 px patches times `multiplier`, rounded up, after the limits of the detail's level."""

    multiplier: float
    auto: Level
    low: Level
    high: Level
    original: Level

    def level(self, detail: str) -> Level:
        chosen: Level = getattr(self, detail)
        return chosen

    def tokens(self, width: int, height: int, detail: str) -> int:
        level = self.level(detail)
        if level.pixels is not None and max(width, height) > level.pixels:
            scale = level.pixels / max(width, height)
            width, height = max(1, int(width * scale)), max(1, int(height * scale))
        patches = _patches(width, height)
        if level.patches is not None and patches > level.patches:
            patches = _patches(*_fit_patches(width, height, level.patches))
        return math.ceil(round(min(patches, MAX_PATCHES) * self.multiplier, 6))

    def of_any_size(self, detail: str) -> Span:
        level = self.level(detail)
        patches = MAX_PATCHES if level.patches is None else level.patches
        if level.pixels is not None:
            patches = min(patches, math.ceil(level.pixels / PATCH) ** 2)
        most = math.ceil(round(patches * self.multiplier, 6))
        return Span(most, self.tokens(1, 1, detail), most)


def _patches(width: int, height: int) -> int:
    return math.ceil(width / PATCH) * math.ceil(height / PATCH)


def _fit_patches(width: int, height: int, budget: int) -> tuple[int, int]:
    """Shrink so that whole patches fit the budget (the guide's two-step formula)."""
    scale = math.sqrt(PATCH * PATCH * budget / (width * height))
    wide, high = width * scale / PATCH, height * scale / PATCH
    # An extreme strip has less than one patch on its short side; keep it at one.
    scale *= min(max(1, math.floor(wide)) / wide, max(1, math.floor(high)) / high)
    fitted = max(1, math.floor(width * scale)), max(1, math.floor(height * scale))
    if _patches(*fitted) > budget:
        return (min(fitted[0], budget * PATCH), min(fitted[1], budget * PATCH))
    return fitted


@dataclass(frozen=True)
class ClaudeRule:
    """28 px patches, after fitting the long side and the number of patches into limits."""

    pixels: int
    most: int

    def tokens(self, width: int, height: int, detail: str) -> int:
        scale = min(1.0, self.pixels / max(width, height))
        wide, high = math.ceil(width * scale / 28), math.ceil(height * scale / 28)
        return min(self.most, max(1, wide) * max(1, high))

    def of_any_size(self, detail: str) -> Span:
        return Span(self.most, 1, self.most)


@dataclass(frozen=True)
class GeminiRule:
    """`tile` tokens for each 768 px tile; or one flat number."""

    tile: int
    tiled: bool

    def tokens(self, width: int, height: int, detail: str) -> int:
        if not self.tiled:
            return self.tile
        return self.tile * math.ceil(width / 768) * math.ceil(height / 768)

    def of_any_size(self, detail: str) -> Span:
        # No largest size is published; 3072 px is the largest side that Gemini's guide keeps.
        return Span(self.tokens(3072, 3072, detail), self.tile, None if self.tiled else self.tile)


ImageRule = TileRule | PatchRule | ClaudeRule | GeminiRule


def _even(multiplier: float, level: Level) -> PatchRule:
    return PatchRule(multiplier, level, level, level, level)


_SMALL = Level(512)
_HIGH = Level(2048, 2500)
_WIDE = Level(2048, 6144)
_ORIGINAL = Level(6000, 10_000)
_UNCAPPED = Level(65_535)

RULES: dict[str, ImageRule] = {
    "tile:gpt-4o": TileRule(85, 170),
    "tile:gpt-4o-mini": TileRule(2833, 5667),
    "tile:o1": TileRule(75, 150),
    "tile:gpt-5": TileRule(70, 140),
    "tile:computer-use": TileRule(65, 129),
    "tile:gpt-image-1": TileRule(65, 129, short=512),
    "patch:gpt-4.1-mini": _even(1.62, _WIDE),
    "patch:gpt-4.1-nano": _even(2.46, Level(patches=1536)),
    "patch:o4-mini": _even(1.72, Level(patches=1536)),
    "patch:gpt-5-mini": _even(1.2, Level(patches=1536)),
    "patch:gpt-5-nano": _even(1.5, Level(patches=1536)),
    "patch:gpt-5.2": _even(1.2, _WIDE),
    # The low level of 5.4 is larger than its high level in the only source (LiteLLM 1.109.1).
    "patch:gpt-5.4": PatchRule(1.2, _HIGH, _WIDE, _HIGH, _ORIGINAL),
    "patch:gpt-5.5": PatchRule(1.2, _ORIGINAL, _SMALL, _HIGH, _ORIGINAL),
    "patch:gpt-5.6": PatchRule(1.2, _UNCAPPED, _SMALL, _HIGH, _UNCAPPED),
    "patch:gpt-6-astra": PatchRule(1.2, _UNCAPPED, _SMALL, Level(patches=2500), _UNCAPPED),
    "claude:1568": ClaudeRule(1568, 1568),
    "claude:2576": ClaudeRule(2576, 4784),
    "gemini:2": GeminiRule(258, tiled=True),
    "gemini:3": GeminiRule(1100, tiled=False),
}
_NEWEST = "patch:gpt-6-astra"


def rule_for(model: Model) -> tuple[ImageRule, str | None]:
    """Give the image rule of a model, and a note where the rule is assumed.

    Raises ValueError if the model is known to take no images.
    """
    if model.image_rule is not None:
        if model.image_rule not in RULES:
            known = ", ".join(sorted(RULES))
            raise ValueError(
                f"image_rule of {model.name}: expected one of {known}, got {model.image_rule!r}"
            )
        return RULES[model.image_rule], None
    inputs = model.modalities.get("input", ())
    if inputs and "image" not in inputs:
        kinds = ", ".join(inputs)
        raise ValueError(f"model: expected one that takes images, got {model.name} ({kinds})")
    assumed = "tile:gpt-4o" if model.provider == "custom" else _NEWEST
    return RULES[assumed], f"no image rule is published for {model.name}: counted as {assumed}"


def image_tokens(width: int, height: int, model: str | Model, *, detail: Detail = "auto") -> int:
    """Count the input tokens of an image of `width` x `height` pixels; `detail` is OpenAI's level.

    Raises UnknownModelError, TypeError for sizes that are not whole numbers, and ValueError for
    sizes below 1, an unknown detail, or a model that takes no images. Where a model's rule is not
    published, a TokenkitWarning says which one was assumed. Rules: OpenAI's images and vision
    guide; measured counts differ by at most one token (rounding of the resize).

    >>> image_tokens(1024, 1024, "gpt-4o")
    765
    >>> image_tokens(4096, 8192, "gpt-4o", detail="low")
    85
    >>> image_tokens(2048, 2048, "gpt-5.4", detail="high")
    3000
    """
    tokens, assumed = count_image(width, height, get_model(model), detail)
    if assumed is not None:
        warnings.warn(assumed, TokenkitWarning, stacklevel=2)
    return tokens


def count_image(width: int, height: int, model: Model, detail: str) -> tuple[int, str | None]:
    """Give what `image_tokens` gives, and a note where the rule is assumed."""
    width = check_whole("width", width, 1, unit="pixels")
    height = check_whole("height", height, 1, unit="pixels")
    check_choice("detail", detail, DETAILS)
    rule, assumed = rule_for(model)
    return rule.tokens(width, height, detail), assumed


def image_span(size: tuple[int, int] | None, model: Model, detail: str) -> tuple[Span, str | None]:
    """Count an image of a known or unknown (width, height), and give a note on an assumed rule.

    Where the rule is assumed, the bounds are those of all rules of OpenAI's models; for a model of
    another provider there is no upper bound. Raises ValueError as `rule_for` does.
    """
    rule, assumed = rule_for(model)
    chosen = _span(rule, size, detail)
    if assumed is None:
        return chosen, None
    if model.provider != "openai":
        return Span(chosen.tokens, 0, None), assumed
    spans = [_span(other, size, detail) for other in RULES.values() if _is_of_openai(other)]
    high = max(span.high for span in spans if span.high is not None)
    return Span(chosen.tokens, min(span.low for span in spans), high), assumed


def _span(rule: ImageRule, size: tuple[int, int] | None, detail: str) -> Span:
    if size is None:
        return rule.of_any_size(detail)
    tokens = rule.tokens(*size, detail)
    return Span(tokens, tokens, tokens)


def _is_of_openai(rule: ImageRule) -> bool:
    return isinstance(rule, TileRule | PatchRule)
