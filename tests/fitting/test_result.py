"""A fit is the count of its messages; its report and its cost."""

from __future__ import annotations

import base64
import dataclasses
from typing import Any

from chat_strategies import agent_loop, chats
from fitted_chats import TOOLS, check_groups, fitted
from hypothesis import assume, given, reject, strategies as st
from search import examples
from sounds import recording

from tokenkit.chat.counting import count_messages
from tokenkit.costs.bill import cost
from tokenkit.fitting.fitter import fit
from tokenkit.models.lookup import get_model
from tokenkit.models.record import Model

IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}


@examples(200)
@given(
    chats(turns=5),
    st.sampled_from((0.3, 0.7, 0.95)),
    st.sampled_from(("gpt-4o", "gpt-5", "gpt-6-sol", "gpt-oss-20b")),
    st.sampled_from((None, TOOLS)),
    st.booleans(),
)
def test_a_fit_is_the_count_of_its_messages(
    chat: list[Any], share: float, name: str, tools: Any, with_image: bool
) -> None:
    """Tokens, bounds and notes: none is left of what was dropped."""
    if with_image and name != "gpt-oss-20b":
        chat = [*chat, {"role": "user", "content": [IMAGE]}]
        chat.insert(1, {"role": "user", "content": [IMAGE, IMAGE]})
    try:
        check_groups(chat)
    except AssertionError:
        reject()  # the image fell between a call and its result
    whole = count_messages(chat, name, tools=tools).tokens
    record = get_model(name)
    same = ("name", "kind", "provider", "encoding", "encoding_exact", "chat_rule", "image_rule")
    fields: dict[str, Any] = {field: getattr(record, field) for field in same}
    small = Model(**fields, context_window=int(whole * share))
    result = fit(chat, small, tools=tools, min_output=0, on_overflow="return")
    assume(result.dropped or result.truncated)
    count = count_messages(result.messages, name, tools=tools)
    for field in ("tokens", "low", "high", "exact", "notes"):
        assert getattr(result, field) == getattr(count, field), field


def test_report_says_what_went() -> None:
    result, _ = fitted(agent_loop(4), 0.3)
    report = result.report()
    for dropped in result.dropped:
        assert f"dropped messages[{dropped.index}]" in report
    for cut in result.truncated:
        assert f"shortened messages[{cut.index}]" in report
    assert "the upper bound" in report


def test_report_says_whether_the_upper_bound_fits() -> None:
    result, _ = fitted(agent_loop(4), 0.3)
    for high, words in [
        (result.limit, "is within the limit"),
        (result.limit + 1, "would exceed the limit"),
        (None, "without an upper bound: it may exceed the limit"),
    ]:
        assert words in dataclasses.replace(result, exact=False, high=high).report()


def test_cost_is_of_input_and_full_reply() -> None:
    result = fit([{"role": "user", "content": "hi"}], "gpt-4o", max_output=1_000)
    own = cost("gpt-4o", input_tokens=result.tokens, output_tokens=1_000)
    assert result.cost.total == own.total > 0


def test_sound_in_a_fitted_chat_has_the_rates_of_sound() -> None:
    data = base64.b64encode(recording(60)).decode()
    heard = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    result = fit([{"role": "user", "content": [heard]}], "gpt-audio", max_output=10)
    true = cost("gpt-audio", input_tokens=result.tokens, audio_input_tokens=600, output_tokens=10)
    assert result.cost.total == true.total
    searched = fit([{"role": "user", "content": "Hi"}], "gpt-5-search-api", max_output=10)
    fee = cost("gpt-5-search-api", web_searches=1).total
    assert searched.cost.total > fee > 0
