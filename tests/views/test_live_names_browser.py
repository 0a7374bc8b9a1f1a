"""The live page reads names of models as the library does (`pytest -m browser`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from live_page import SAMPLE, enter, settled, total
from live_server import LiveServer, live_server
from model_names import some_names
from watched_tabs import OpenTab, watched_tabs

import tokenkit
from tokenkit.models import resolve_quietly
from tokenkit.views.live.core_files import read_with_core
from tokenkit.views.live.script import joined_script

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with live_server() as running:
        yield running


def test_names_are_read_as_by_the_library(opened: OpenTab) -> None:
    tab = opened()
    script = joined_script("models.js", read_with_core) + joined_script("money.js")
    names = [*some_names(), "bedrock/claude-sonnet-4-5", "vertex_ai/gemini-2.5-pro"]
    answers = tab.evaluate(
        f"""(names) => {{ {script}
          return names.map((name) => {{
            const model = module_models.modelOf(name);
            if (model === undefined) return null;
            const {{ encoding = null, window = null, retired = false, ends = null }} = model;
            const {{ usd }} = module_money.costOf(model, 1000, model.replies ? 10 : 0);
            return [model.name, encoding, window, retired, ends, usd];
          }});
        }}""",
        names,
    )
    assert answers == [read_by_the_library(name) for name in names]
    assert sum(answer is not None for answer in answers) > 300


def read_by_the_library(name: str) -> list[Any] | None:
    try:
        model = resolve_quietly(name).model
    except tokenkit.UnknownModelError:
        return None
    if not model.takes_messages and model.kind not in ("completion", "embedding"):
        return None
    output = 10 if model.writes_reply else 0
    cost = tokenkit.cost(model, input_tokens=1000, output_tokens=output)
    usd = None if cost.partial else f"{cost.total:f}"
    ends = None if model.retires_on is None else model.retires_on.isoformat()
    return [model.name, model.encoding, model.context_window, model.retired, ends, usd]


def test_a_host_that_a_record_of_ones_own_lists_has_its_price(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = {
        "name": "naming-own",
        "kind": "chat",
        "encoding": "cl100k_base",
        "context_window": 9000,
        "prices": {"standard": {"input": "1"}},
        "hosts": {
            "azure": {"prices": {"standard": {"input": "7"}}},
            "bedrock": {"names": ["own.naming-v9"], "prices": {"standard": {"input": "8"}}},
        },
    }
    (tmp_path / "models.json").write_text(json.dumps({"models": [record]}))
    monkeypatch.setenv("TOKENKIT_MODELS", str(tmp_path / "models.json"))
    prices = {"naming-own": 1, "azure/naming-own": 7, "own.naming-v9": 8, "groq/naming-own": None}
    with live_server() as running, watched_tabs(browser, running.address) as open_tab:
        tab = settled(open_tab(f"{running.address}#view=window"))
        enter(tab, "word " * 1000)
        for name, price in prices.items():
            tab.fill("#model", name)
            tab.keyboard.press("Enter")
            settled(tab)
            words = tab.inner_text("#window-card")
            assert words.startswith("naming-own")
            tokens = tokenkit.get_encoding("cl100k_base").count("word " * 1000)
            usd = None if price is None else f"{Decimal(tokens * price).scaleb(-6):f}"
            cost = "no prices are listed" if usd is None else f"at least {usd} USD"
            assert f"Cost: {cost}" in words


def test_a_text_that_a_tokenizer_changes_is_counted(opened: OpenTab) -> None:
    tab = opened("#encoding=gemma3")
    why = "gemma3 changes this text first: its tokens stand at no place in it."
    encoding = tokenkit.get_encoding("gemma3")
    for text, words in (("a b", ""), ("a\u2581b", why), ("a c", "")):
        enter(tab, text)
        assert total(tab) == encoding.count(text)
        assert tab.inner_text("#differing") == words
        assert tab.inner_text("#error") == ""
        assert (tab.locator("#stage .t").count() == 0) is bool(words)
    tab.select_option("#other", "o200k_base")
    enter(tab, "a\u2581b")
    assert tab.inner_text("#differing") == why


def test_a_model_of_another_host_has_not_the_price_of_its_vendor(opened: OpenTab) -> None:
    tab = opened("#view=window")
    tab.fill("#model", "azure/gpt-4")
    tab.keyboard.press("Enter")
    settled(tab)
    assert tab.inner_text("#model-note").startswith(
        "azure/gpt-4 is read as gpt-4: azure/ names the host azure. "
        "Prices: those of the host azure are not known."
    )
    assert tab.input_value("#encoding") == "cl100k_base"
    assert "Cost: no prices are listed." in tab.inner_text("#window-card")
    tokens = tokenkit.count(SAMPLE, "gpt-4")
    enter(tab, SAMPLE)
    tab.locator("#window-card", has_text=f"{tokens} tokens. The text alone").wait_for()
    tab.fill("#model", "openai/gpt-4")
    settled(tab)
    cost = tokenkit.cost("gpt-4", input_tokens=tokens).total
    assert f"Cost: {cost:f} USD for the prompt alone" in tab.inner_text("#window-card")
    tab.fill("#model", "openai/dall-e-3")
    tab.keyboard.press("Enter")
    assert tab.inner_text("#model-note") == "dall-e-3 takes no texts."
