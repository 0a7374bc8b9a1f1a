"""Estimates for private tokenizers and their calibration."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tokenkit.chat.estimates import (
    FAMILIES,
    KINDS,
    calibrate,
    estimate_tokens,
    family_of,
    kind_of,
    split_kinds,
    tokens_by_kind,
)
from tokenkit.chat.memo import counts_for
from tokenkit.chat.request import request_rule
from tokenkit.models.lookup import get_model
from tokenkit.models.record import Model

PROSE = (
    "The library opens at nine, and people wait in front of it with coffee in their hands. " * 20
)
SAMPLES = {
    "prose": PROSE,
    "latin": "Über den Dächern der Stadt läuft ein Mädchen, süß und müde, größer als früher. ",
    "code": "def f(x):\n    return [y for y in x if y > 3]\n\nclass A(B):\n    x: int = {}\n",
    "data": '{"id": 17, "tags": ["a", "b"], "ok": true, "size": {"w": 3, "h": 4}}\n',
    "han": "今天天气很好，我们去公园散步，然后回家做饭。",
    "kana_hangul": "今日はとても良い天気ですから、公園を散歩してから帰りましょう。",
    "cyrillic": "Сегодня хорошая погода, и мы пойдём гулять в парк.",
    "other": "आज मौसम बहुत अच्छा है और हम पार्क जाएंगे।",
}


@pytest.mark.parametrize(("kind", "text"), SAMPLES.items())
def test_kinds(kind: str, text: str) -> None:
    assert kind_of(text) == kind
    assert kind_of(text * 50) == kind


@given(st.text())
def test_pieces_join_to_the_text(text: str) -> None:
    pieces = split_kinds(text)
    assert "".join(piece for _, piece in pieces) == text
    assert all(kind in KINDS for kind, _ in pieces)


@given(st.lists(st.sampled_from([*SAMPLES.values(), "a", "\n\n", "{"]), max_size=9))
def test_paragraphs_are_counted_by_kind_and_remembered(texts: list[str]) -> None:
    text = "\n\n".join(texts)
    size = counts_for("o200k_base").encoding.count
    pieces = split_kinds(text)
    expected = tuple(sum(size(p) for k, p in pieces if k == kind) for kind in KINDS)
    assert tokens_by_kind(text) == expected
    assert counts_for("o200k_base").numbers_of(text, tokens_by_kind) == expected
    again = counts_for("o200k_base").numbers_of(text, lambda _: pytest.fail("found twice"))
    assert again == expected


@given(st.text(), st.sampled_from(("claude-sonnet-5", "gemini-3.6-flash", "grok-4.7")))
def test_bounds_hold_the_estimate(text: str, model: str) -> None:
    estimate = estimate_tokens(text, model)
    assert estimate.high is not None
    assert 0 <= estimate.low <= estimate.tokens <= estimate.high
    assert not estimate.exact
    assert (estimate.tokens == 0) == (text == "")


def test_exact_where_the_vocabulary_is_here() -> None:
    estimate = estimate_tokens(PROSE, "gpt-4o")
    tokens = counts_for("o200k_base").count(PROSE)
    assert (estimate.low, estimate.tokens, estimate.high) == (tokens, tokens, tokens)
    assert estimate.exact
    assumed = estimate_tokens(PROSE, "gpt-6-sol")
    assert not assumed.exact
    assert assumed.high is not None
    assert assumed.low < assumed.tokens == tokens < assumed.high
    assert "assumed" in assumed.method


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("claude-3-5-sonnet-20241022", "claude"),
        ("claude-opus-4-6", "claude"),
        ("claude-opus-4-7", "claude-4.7"),
        ("claude-sonnet-5", "claude-4.7"),
        ("claude-mythos-preview", "claude-4.7"),
        ("claude-instant-1.2", "claude"),
        ("gemini-3.6-flash", "gemini"),
        ("gemini-4-argon", "gemini"),
        ("gemini-flash-latest", "gemini"),
        ("gemma-3-27b-it", "gemini"),
        ("gemini-1.5-pro-002", "gemini-1"),
        ("gemini-pro", "gemini-1"),
        ("gemma-2-9b-it", "gemini-1"),
        ("amazon.nova-pro-v1:0", "nova"),
        ("grok-4.7", "unknown"),
    ],
)
def test_families(name: str, family: str) -> None:
    assert family_of(name) == family


def test_published_ratios_hold() -> None:
    # The newer Claude tokenizer gives about 30% more tokens than the older one.
    old = estimate_tokens(PROSE, Model(name="claude-opus-4-6", kind="chat")).tokens
    new = estimate_tokens(PROSE, Model(name="claude-opus-4-7", kind="chat")).tokens
    assert 1.2 < new / old < 1.5
    # Other scripts did not change.
    russian = SAMPLES["cyrillic"] * 20
    assert (
        estimate_tokens(russian, Model(name="claude-opus-4-6", kind="chat")).tokens
        == estimate_tokens(russian, Model(name="claude-opus-4-7", kind="chat")).tokens
    )


@pytest.mark.parametrize("text", ["Hi", "word", "{}", "print(x)", "Привет", "你好", "ok " * 30])
@pytest.mark.parametrize(
    "model", ["claude-opus-4-6", "claude-sonnet-5", "gemini-1.5-flash", "grok-4.7"]
)
def test_bounds_of_short_texts_are_two_tokens_wider_than_their_ratios(
    text: str, model: str
) -> None:
    """A token more or less at each end matters in a short text, whatever the ratio."""
    estimate = estimate_tokens(text, model)
    ratios, source = FAMILIES[family_of(get_model(model).name)]
    best, low, high = ratios[KINDS.index(kind_of(text))]
    tokens = counts_for("o200k_base").count(text)
    assert estimate.tokens == max(1, round(tokens * best))
    assert estimate.low == max(1, math.floor(tokens * low - 2))
    assert estimate.high == math.ceil(tokens * high + 2)
    assert estimate.notes == (f"{estimate.method}: {source}",)


# What o200k_base splits, and Gemma's vocabulary holds whole, and the other way round.
@pytest.mark.parametrize("text", ["", "Hi", PROSE, "\t" * 90, "𓀀𓁐𓂀 " * 40, *SAMPLES.values()])
def test_later_gemini_models_count_with_gemma_within_the_ratios_bounds_or_wider(text: str) -> None:
    first = estimate_tokens(text, Model(name="gemini-1.5-pro", kind="chat"))
    later = estimate_tokens(text, "gemini-3.6-flash")
    tokens = counts_for("gemma4").count(text)
    assert (later.tokens, later.exact) == (tokens, False)
    assert first.high is not None
    assert later.low == min(first.low, tokens)
    assert later.high == max(first.high, tokens)
    assert later.method == "counted with gemma4, which is assumed"


def test_calibrations_of_later_gemini_models_scale_the_count_of_gemma() -> None:
    own = calibrate([(PROSE, counts_for("gemma4").count(PROSE) * 2)], "gemini-3.6-flash")
    assert own.ratio == 2
    assert own.estimate("Hi there").tokens == 2 * counts_for("gemma4").count("Hi there")
    assert own.estimate("Hi").method.startswith("gemma4 count times")


@given(st.lists(st.tuples(st.sampled_from(("user", "assistant", "system")), st.text())))
def test_a_chat_of_texts_is_the_sum_of_its_estimates(chat: list[tuple[str, str]]) -> None:
    """The slow twins: messages with a key that says nothing, and each text by itself."""
    model = get_model("claude-sonnet-5")
    rule = request_rule(model, estimate=True)
    messages: list[Any] = [{"role": role, "content": text} for role, text in chat]
    tally = rule.tally(messages)
    assert tally == rule.tally([{**message, "name": None} for message in messages])
    texts = [estimate_tokens(text, model) for _, text in chat]
    assert tally.costs == [4 + text.tokens for text in texts]
    if chat:
        low, high = tally.bounds()
        assert low == sum(text.low for text in texts)
        assert high == sum(8 + (text.high or 0) for text in texts)


def test_nothing_is_estimated_of_nothing() -> None:
    estimate = estimate_tokens("", "claude-sonnet-5")
    assert (estimate.low, estimate.tokens, estimate.high) == (0, 0, 0)


def test_every_family_is_complete() -> None:
    for ratios, source in FAMILIES.values():
        assert len(ratios) == len(KINDS)
        assert source
        for best, low, high in ratios:
            assert 0 < low <= best <= high


def test_calibration_finds_the_ratio() -> None:
    model = "claude-sonnet-5"
    texts = [PROSE[: 200 * n] for n in range(1, 8)]
    records = [(text, round(1.3 * estimate_tokens(text, model).tokens)) for text in texts]
    calibration = calibrate(records, model)
    assert abs(calibration.ratio - 1.3) < 0.01
    assert float(calibration) == calibration.ratio
    assert calibration.records == 7
    estimate = calibration.estimate(PROSE)
    assert abs(estimate.tokens - 1.3 * estimate_tokens(PROSE, model).tokens) < 20
    assert estimate.high is not None
    assert estimate.low < estimate.tokens < estimate.high
    assert estimate.high - estimate.low < 0.15 * estimate.tokens
    assert "7 usage records" in estimate.method
    with pytest.raises(
        ValueError, match=r"calibration: expected one for gemini-3\.6-flash, got one for"
    ):
        estimate_tokens(PROSE, "gemini-3.6-flash", calibration=calibration)
    with pytest.raises(TypeError, match=r"^calibration: expected a Calibration or None, got 1\.3$"):
        estimate_tokens(PROSE, model, calibration=1.3)  # type: ignore[arg-type]


def test_calibration_leaves_out_the_outer_twentieths() -> None:
    model = "claude-sonnet-5"
    estimated = estimate_tokens(PROSE, model).tokens
    usual = [(PROSE, round(1.3 * estimated))] * 38
    calibration = calibrate([*usual, ("word", 90), ("word", 1)], model)
    assert 1.25 < calibration.low < calibration.ratio < calibration.high < 1.4
    few = calibrate([*usual[:17], ("word", 90)], model)  # too few to leave any out
    assert few.high > 20


def test_calibration_takes_usage_objects() -> None:
    records: list[Any] = [
        {"text": PROSE, "input_tokens": 400},
        {"text": PROSE, "usage": {"prompt_tokens": 420, "completion_tokens": 9}},
        [PROSE, 410],
    ]
    assert calibrate(records, "claude-sonnet-5").records == 3
    exact = calibrate([(PROSE, counts_for("o200k_base").count(PROSE))], get_model("gpt-4o"))
    assert exact.ratio == 1.0


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([], "expected at least one record"),
        ([("", 0)], "expected at least one record"),
        ([("x", 3), "y"], r"usage_records\[1\]: expected \(text, tokens\)"),
        ([(3, 3)], r"usage_records\[0\]: the text: expected str, got int"),
        ([("x", -1)], r"usage_records\[0\]: the tokens: expected a whole number from 0, got -1"),
        (
            [{"text": "x"}],
            r"usage_records\[0\]: the tokens: expected a whole number from 0, got None",
        ),
    ],
)
def test_bad_records(records: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        calibrate(records, "claude-sonnet-5")


def test_text_must_be_text() -> None:
    with pytest.raises(TypeError, match="text: expected str, got bytes"):
        estimate_tokens(b"x", "gpt-4o")  # type: ignore[arg-type]
