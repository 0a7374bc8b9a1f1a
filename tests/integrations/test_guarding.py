"""`Guard.track` with replies that cannot be added up: they are paid for, and the caller's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tokenkit import CostTracker
from tokenkit.errors import TokenkitWarning
from tokenkit.integrations.guarding import Guard, watched_stream

USAGE = {"prompt_tokens": 10, "completion_tokens": 5}


def guard(tracker: CostTracker) -> Guard:
    return Guard.of("raise", None, 256, tracker)


def reply(model: str, usage: Any) -> Any:
    return SimpleNamespace(model=model, usage=usage)


@pytest.mark.parametrize("usage", [USAGE, {"prompt_tokens": 10, "cached_tokens": True}])
def test_a_reply_that_cannot_be_priced_comes_back_with_a_warning(usage: Any) -> None:
    tracker = CostTracker()
    given = reply("a-model-of-nobody" if usage is USAGE else "gpt-4o", usage)
    with pytest.warns(TokenkitWarning, match="not in the tracker: .*(a-model-of-nobody|True)"):
        assert guard(tracker).track(given) is given
    with pytest.warns(TokenkitWarning, match="not in the tracker"):
        assert list(watched_stream(iter([given]), tracker)) == [given]
    assert tracker.costs == ()


@pytest.mark.parametrize("api", ["chat.completions", "responses", "messages", "embeddings"])
def test_a_reply_without_usage_is_no_silent_zero(api: str) -> None:
    tracker = CostTracker()
    with pytest.warns(TokenkitWarning, match="not in the tracker: it reports no usage"):
        guard(tracker).track(reply("gpt-4o", None), api)
    with pytest.warns(TokenkitWarning, match="needs stream_options="):
        list(watched_stream(iter([reply("gpt-4o", None)]), tracker))


@pytest.mark.filterwarnings("error")
def test_other_replies_have_no_usage_to_report() -> None:
    tracker = CostTracker()
    for api in (None, "moderations", "audio.speech", "images"):
        guard(tracker).track(reply("gpt-6-sol", None), api)
    guard(tracker).track(reply("gpt-6-sol", USAGE), "chat.completions")
    assert len(tracker.costs) == 1
