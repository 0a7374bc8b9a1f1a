"""compare: fits, tokens and the range of costs, model by model."""

import base64
import dataclasses
from decimal import Decimal
from typing import Any

import pytest
from sounds import recording

from tokenkit import count_messages
from tokenkit.chat.estimates import estimate_tokens
from tokenkit.costs.bill import cost
from tokenkit.costs.comparison import ModelComparison, compare
from tokenkit.models.lookup import get_model

TEXT = "The quick brown fox jumps over the lazy dog."


def test_rows_come_in_the_order_given() -> None:
    rows = compare(1000, ["gpt-5.2", "gpt-4o", "gpt-5.2"], expected_output=100)
    assert [row.model for row in rows] == ["gpt-5.2", "gpt-4o", "gpt-5.2"]
    assert rows[0] == rows[2]


@pytest.mark.parametrize(
    ("model", "tokens", "output", "fits", "reason"),
    [
        ("gpt-4", 8000, (0, 192), True, ""),
        ("gpt-4", 8000, (0, 193), False, "8193 tokens exceed context_window 8192"),
        ("gpt-5.2", 272_001, 0, False, "272001 tokens exceed max_input_tokens 272000"),
        ("gpt-4o", 10, (0, 16_385), False, "16385 tokens of reply exceed max_output_tokens 16384"),
        ("gpt-5.1-mini", 10, 0, None, "no limits are published"),
        ("text-embedding-3-small", 8191, 0, True, ""),
        ("text-embedding-3-small", 8192, 0, False, "8192 tokens exceed safe_input_tokens 8191"),
        ("gemini-2.5-flash-preview-tts", 8192, 16_384, True, ""),
    ],
)
def test_fits(model: Any, tokens: int, output: Any, fits: bool | None, reason: str) -> None:
    row = compare(tokens, [model], expected_output=output)[0]
    assert (row.fits, row.reason) == (fits, reason)


def test_costs_range_over_the_replies() -> None:
    row = compare(1_000_000, ["gpt-4.1"], expected_output=(0, 10_000))[0]
    assert (row.cost_low, row.cost_high) == (Decimal("2"), Decimal("2.08"))
    assert not row.partial
    assert row.tokens == 1_000_000


def test_each_text_is_a_request_of_its_own() -> None:
    row = compare([200_000, 200_000], ["gpt-5.5"], expected_output=(0, 0))[0]
    assert row.tokens == 400_000
    assert row.cost_low == Decimal("2")  # neither is over the threshold of long prompts
    assert len(row.details) == 2
    assert compare([5, 9000], ["gpt-4"])[0].fits is False


def test_embeddings_have_no_reply() -> None:
    row = compare(8000, ["text-embedding-3-small"], expected_output=(100, 200))[0]
    assert row.fits
    assert not row.partial
    assert row.cost_low == row.cost_high == Decimal("0.00016")


def test_unlisted_tiers_make_the_row_partial() -> None:
    row = compare(1000, ["gpt-4o"], tier="flex")[0]
    assert row.partial
    assert row.cost_low == 0


def test_dated_prices() -> None:
    assert compare(1_000_000, ["o3"], at="2025-05-01")[0].cost_low == 10


def test_texts_are_counted_in_the_models_own_vocabulary() -> None:
    rows = compare(TEXT, ["gpt-4o", "gpt-4", "gpt-6-sol"])
    assert [(row.tokens, row.exact) for row in rows] == [(10, True), (10, True), (10, False)]
    assert compare([TEXT, TEXT], ["gpt-4o"])[0].tokens == 20


def test_chats_are_counted_with_their_framing() -> None:
    row = compare([{"role": "user", "content": TEXT}], ["gpt-4o"])[0]
    assert row.tokens == 17
    assert row.exact


def test_private_tokenizers_are_estimated() -> None:
    row = compare(TEXT * 50, ["claude-opus-5-5"], expected_output=(10, 20))[0]
    assert not row.exact
    assert row.high is not None
    assert row.cost_high is not None
    assert row.low <= row.tokens <= row.high
    assert row.low < row.high
    assert row.cost_low < row.cost_high
    chat = compare([{"role": "user", "content": TEXT * 50}], ["claude-opus-5-5"])[0]
    assert not chat.exact
    assert chat.high is not None
    assert chat.low < chat.high


def test_chats_are_estimated_with_calls_and_images() -> None:
    said: list[dict[str, Any]] = [{"role": "user", "content": "hello"}]
    function = {"name": "search", "arguments": '{"q": "rain in April"}'}
    called: list[dict[str, Any]] = [
        *said,
        {"role": "assistant", "tool_calls": [{"id": "a", "function": function}]},
    ]
    image = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    seen: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "text", "text": "hello"}, image]}
    ]
    plain, call, picture = (compare(chat, ["claude-opus-5-5"])[0] for chat in (said, called, seen))
    assert plain.low < call.low
    assert plain.high is not None
    assert call.high is not None
    assert picture.high is not None
    text = estimate_tokens('search {"q": "rain in April"}', "claude-opus-5-5")
    assert text.high is not None
    assert call.high == plain.high + text.high + 2 * 8  # the message's frame, and the call's
    assert call.tokens == plain.tokens + text.tokens + 2 * 4
    assert picture.low == plain.low
    assert picture.high > plain.high + 1_000
    with pytest.raises(ValueError, match=r"messages\[0\].role: expected .*, got 'bot'"):
        compare([{"role": "bot", "content": "x"}], ["claude-opus-5-5"])


def test_an_estimate_on_both_sides_of_the_limit_is_no_answer() -> None:
    text = TEXT * 50
    row = compare(text, ["claude-opus-5-5"])[0]
    model = dataclasses.replace(
        get_model("claude-opus-5-5"),
        context_window=row.tokens,
        safe_input_tokens=None,
        max_output_tokens=None,
    )
    narrow = compare(text, [model])[0]
    assert narrow.fits is None
    assert "may exceed context_window" in narrow.reason
    assert row.high is not None
    for short, fits in ((0, True), (1, None)):  # of the room for the text and a reply
        window = dataclasses.replace(model, context_window=row.high + 100 - short)
        assert compare(text, [window], expected_output=100)[0].fits is fits


@pytest.mark.parametrize(
    "inputs", [None, 5.0, True, b"bytes", [1, None], [{"role": "user"}, "text"]]
)
def test_inputs_of_a_wrong_type(inputs: Any) -> None:
    with pytest.raises(TypeError, match="inputs: expected a text"):
        compare(inputs, ["gpt-4o"])


def test_models_are_a_list() -> None:
    for one in ("gpt-4o", get_model("gpt-4o")):
        with pytest.raises(TypeError, match=r"models: expected a list .* give \['gpt-4o'\]"):
            compare(10, one)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="models: expected a list of models, got int"):
        compare(10, 5)  # type: ignore[arg-type]


def test_estimated_chats_have_the_bounds_of_their_images_and_files() -> None:
    def row(part: dict[str, Any]) -> ModelComparison:
        chat = [{"role": "user", "content": [part]}]
        return compare(chat, ["claude-opus-4-1"])[0]

    image = row({"type": "image_url", "image_url": {"url": "https://x.org/a.png"}})
    assert image.high is not None
    assert image.low <= 1
    assert image.high >= 1568
    assert any("size unknown" in note for note in image.notes)
    file = row({"type": "file", "file": {"file_id": "file-1"}})
    assert (file.high, file.cost_high, file.exact) == (None, None, False)


@pytest.mark.parametrize("output", [(5, 4), (-1, 2), -1])
def test_wrong_outputs(output: Any) -> None:
    with pytest.raises(
        ValueError,
        match=r"expected_output: expected (low <= high, got \(5, 4\)|at least 0, got -1)",
    ):
        compare(10, ["gpt-4o"], expected_output=output)


@pytest.mark.parametrize("output", [(1,), "few", (1.5, 2), None])
def test_outputs_of_a_wrong_type(output: Any) -> None:
    with pytest.raises(TypeError):
        compare(10, ["gpt-4o"], expected_output=output)


def test_counts_of_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    counts = numpy.array([200_000, 200_000])
    assert compare(counts, ["gpt-5.5"]) == compare([200_000, 200_000], ["gpt-5.5"])
    assert compare(list(counts), ["gpt-5.5"]) == compare(counts, ["gpt-5.5"])
    assert compare(counts.sum(), ["gpt-5.5"], expected_output=counts.max()) == compare(
        400_000, ["gpt-5.5"], expected_output=200_000
    )


def test_negative_counts() -> None:
    with pytest.raises(ValueError, match="inputs: expected at least 0, got -1"):
        compare(-1, ["gpt-4o"])


def test_each_message_of_an_estimated_chat_has_a_frame_of_0_to_8_tokens() -> None:
    text = estimate_tokens(TEXT, "claude-sonnet-5")
    for number in (1, 3):
        chat = [{"role": "user", "content": TEXT}] * number
        row = compare(chat, ["claude-sonnet-5"])[0]
        assert text.high is not None
        assert row.low == number * text.low
        assert row.tokens == number * (text.tokens + 4)
        assert row.high == number * (text.high + 8)


def test_the_longest_reply_is_all_thoughts_where_these_cost_more() -> None:
    (row,) = compare(1_000, ["qwen3-8b"], expected_output=(100, 500))
    words = cost("qwen3-8b", input_tokens=1_000, output_tokens=100)
    thoughts = cost("qwen3-8b", input_tokens=1_000, output_tokens=500, reasoning_tokens=500)
    assert (row.cost_low, row.cost_high) == (words.total, thoughts.total)
    assert thoughts.total > cost("qwen3-8b", input_tokens=1_000, output_tokens=500).total


def test_sound_and_pictures_have_their_own_rates() -> None:
    data = base64.b64encode(recording(60)).decode()
    heard = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    said: list[dict[str, Any]] = [{"role": "user", "content": [heard]}]
    (row,) = compare(said, ["gpt-audio"], expected_output=10)
    sound = sum(part.tokens for part in count_messages(said, "gpt-audio").parts[1:2])
    assert sound == 600
    true = cost("gpt-audio", input_tokens=row.tokens, audio_input_tokens=sound, output_tokens=10)
    assert row.cost_high is not None
    assert row.cost_low <= true.total <= row.cost_high < 2 * true.total
    estimated = compare(said, ["gemini-2.5-flash"])[0]
    assert estimated.high is not None
    text = cost("gemini-2.5-flash", input_tokens=estimated.high)
    assert estimated.cost_high is not None
    assert estimated.cost_high > 2 * text.total


def test_a_search_that_each_request_is_has_its_fee() -> None:
    (row,) = compare(1_000, ["gpt-4o-search-preview"])
    assert row.cost_low == cost("gpt-4o-search-preview", input_tokens=1_000, web_searches=1).total
    for inputs in (1_000, "Hi", [{"role": "user", "content": "Hi"}]):
        (row,) = compare(inputs, ["gpt-5-search-api"])
        assert (row.high, row.cost_high, row.exact, row.fits) == (None, None, False, None)
