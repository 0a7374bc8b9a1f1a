"""The live page as a file of its own, opened from a disk with the network off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live_page import ATTACKS, SAMPLE, counts_of, drop, enter, settled, shown, some_texts, total
from plain_chats import plain_chats, some_limits
from watched_tabs import OpenTab, watched_tabs

import tokenkit
from tokenkit.views import live_file
from tokenkit.views.live.chat_answer import chat_answer
from tokenkit.views.tokens import segments

pytestmark = pytest.mark.browser

ENCODING = tokenkit.get_encoding("o200k_base")
FILES = [("one.txt", SAMPLE), ("</script><b>.txt", "\n".join(ATTACKS) + "\r\n")]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with two texts, one of them hostile."""
    path = tmp_path_factory.mktemp("live") / "live page.html"
    path.write_text(live_file(FILES, "o200k_base", model="gpt-4.1"), "utf-8")
    assert path.stat().st_size < 8_000_000
    return path


@pytest.fixture
def opened(browser: Any, page: Path) -> Iterator[OpenTab]:
    """Opens the page offline; at the end nothing may have gone wrong or been asked for."""
    address = page.as_uri()
    with watched_tabs(browser, address, "data:", "blob:") as open_tab:
        yield lambda fragment="", **more: settled(
            open_tab(address + fragment, offline=True, **more)
        )


def test_a_hundred_texts_have_the_numbers_of_the_library(opened: OpenTab) -> None:
    tab = opened()
    assert (tab.input_value("#box"), total(tab)) == (SAMPLE, ENCODING.count(SAMPLE))
    assert shown(tab) == [SAMPLE[one.start : one.end] for one in segments(SAMPLE, ENCODING)]
    texts = [*some_texts(100), *ATTACKS, "", "\x00", "a" * 100_000]
    counts = counts_of(tab, texts)
    assert counts == [ENCODING.count(text) for text in texts]
    enter(tab, "a<|endoftext|>👩")
    tab.check("[data-state=special]")
    settled(tab)
    assert total(tab) == len(ENCODING.encode("a<|endoftext|>👩", allowed_special="all"))
    assert tab.locator("#encoding option").all_inner_texts() == ["o200k_base", "o200k_harmony"]
    tab.click("button[data-state=ids]")
    ids = tab.eval_on_selector_all("#stage .n", "all => all.map(one => Number(one.textContent))")
    assert ids == ENCODING.encode("a<|endoftext|>👩", allowed_special="all")


def test_files_inside_run_nothing(opened: OpenTab) -> None:
    tab = opened()
    tab.locator("#given button").nth(1).click()
    settled(tab)
    assert total(tab) == ENCODING.count(FILES[1][1])
    assert tab.title() == "tokenkit: tokens as you type"
    assert tab.locator("script").count() == 4
    assert tab.locator("main img, #stage svg").count() == 0


def test_chunks_are_those_of_the_library(opened: OpenTab, tmp_path: Path) -> None:
    text = ("# 👩 Title\n\n" + "One sentence here. Another 漢字 one.\n\n" * 8) * 3
    tab = opened("#view=chunks&max=40&overlap=10")
    enter(tab, text)
    chunks = tokenkit.chunk(text, encoding=ENCODING, max_tokens=40, overlap=10)
    with tab.expect_download() as begun:
        tab.click("#download")
    begun.value.save_as(tmp_path / "chunks.jsonl")
    lines = (tmp_path / "chunks.jsonl").read_text("utf-8").split("\n")[:-1]
    assert [
        (row["start"], row["end"], row["text"], row["tokens"], row["overlap"], row["boundary"])
        for row in map(json.loads, lines)
    ] == [(c.start, c.end, c.text, c.tokens, c.overlap, c.boundary) for c in chunks]


def test_plain_chats_are_judged_as_by_preflight(opened: OpenTab) -> None:
    chat = [{"role": "system", "content": "Be short."}, {"role": "user", "content": SAMPLE * 9}]
    tab = opened("#view=chat")
    for model in ("gpt-4.1", "gpt-5.4", "gpt-4o-mini", "gpt-4o-2024-05-13", "gpt-5"):
        for limit in ({}, {"max_tokens": 50}, {"max_completion_tokens": 90_000}):
            request = {"model": model, "messages": chat, **limit}
            check = tokenkit.preflight(request)
            tab.fill("#request", json.dumps(request))
            settled(tab)
            words = tab.inner_text("#chat-summary")
            assert tab.get_attribute("#chat-total", "data-tokens") == str(check.tokens)
            assert f"{check.cost_low:f} to {check.cost_high:f} USD" in words
            assert f"{check.limit_name.replace('_', ' ')} {check.limit:,}" in words
            fits = {True: "It fits:", False: "It does not fit:", None: "It may not fit:"}
            assert fits[check.fits] in words
            warnings = [one.message for one in check.problems if one.severity == "warning"]
            assert [line for line in words.split("\n") if line.startswith("warning: ")] == [
                f"warning: model: {message}" for message in warnings
            ]
            assert check.exact or f"At least {check.low:,}, at most {check.high:,}." in words


def test_plain_chats_are_fitted_as_by_the_server(opened: OpenTab) -> None:
    tab = opened("#view=chat", permissions=["clipboard-read", "clipboard-write"])
    models = ("gpt-4.1", "gpt-5.4", "gpt-4o-2024-08-06", "o3")
    for number, chat in enumerate(plain_chats(40, "page")):
        model = models[number % len(models)]
        request: Any = {"model": model, "messages": chat, "seed": 7, "stream": True}
        if number % 5 == 0:
            request, model = chat, "gpt-4.1"  # that of the page
        tokens = tokenkit.count_messages(chat, model).tokens
        limits = some_limits(tokens, str(number))
        limit = limits[number % len(limits)]
        fit = chat_answer(json.dumps(request), model, limit)["fit"]
        tab.fill("#request", json.dumps(request))
        tab.fill("input[type=number][data-state=limit]", str(limit))
        settled(tab)
        over = f"; {fit['over']:,} over: all that is left must stay" if fit["over"] else ""
        words = f"fit: {fit['tokens']:,} token{'s' * (fit['tokens'] != 1)} of {limit:,}{over}"
        assert tab.inner_text(".fit-line") == words
        assert tab.locator(".pill").all_inner_texts() == [one["status"] for one in fit["messages"]]
        reasons = tab.locator("#chat-parts .pill + .note").all_inner_texts()
        assert reasons == [one["reason"] for one in fit["messages"] if "reason" in one]
        tab.click("#copy-fit")
        tab.locator("#chat-status", has_text="clipboard").wait_for()
        assert tab.evaluate("navigator.clipboard.readText()") == fit["request"]


def test_what_cannot_be_fitted_is_named(opened: OpenTab) -> None:
    tab = opened("#view=chat&limit=9")
    user = {"role": "user", "content": "Hi"}
    for request, words in (
        ({"model": "gpt-5.1-mini", "messages": [user]}, "fit: model: expected one with"),
        ({"messages": [user], "seed": 2**63}, "fit: seed: expected a number of at most 15 digits"),
    ):
        tab.fill("#request", json.dumps(request))
        tab.locator("#chat-summary .over", has_text=words).wait_for()
        assert tab.is_disabled("#copy-fit")


def test_other_names_of_models(opened: OpenTab) -> None:
    tab = opened()
    tab.fill("#model", "claude-sonnet-4-20250514")
    note = "claude-sonnet-4-20250514 is another name of claude-sonnet-4-0."
    assert tab.inner_text("#model-note").startswith(note)
    tab.click("#tab-window")
    tab.locator("#window-card h2", has_text="claude-sonnet-4-0").wait_for()
    tab.fill("#find", "claude-sonnet-4-0")
    settled(tab)
    assert tab.locator("#models-body tr").count() == 0  # it is the one that is chosen


def test_chats_for_models_of_other_hosts(opened: OpenTab) -> None:
    tab = opened("#view=chat")
    chat = [{"role": "user", "content": "Hello, how are you?"}]
    for model in ("openai/gpt-4o", "azure/eu/gpt-4o", "gpt-4o-2031-01-30", "ft:gpt-4.1:acme::x"):
        check = tokenkit.preflight({"model": model, "messages": chat})
        tab.fill("#request", json.dumps({"model": model, "messages": chat}))
        tab.locator("#chat-summary", has_text=f"{check.model}, chat.completions").wait_for()
        settled(tab)
        words = tab.inner_text("#chat-summary")
        assert tab.get_attribute("#chat-total", "data-tokens") == str(check.tokens)
        assert ("USD" in words) is (check.cost_low is not None)
        assert check.cost_low is None or f"{check.cost_low:f} to" in words


def test_what_it_cannot_count_is_named(opened: OpenTab) -> None:
    tab = opened("#view=chat")
    tools = [{"type": "function", "function": {"name": "f"}}]
    user = {"role": "user", "content": "Hi"}
    image = {"type": "image_url", "image_url": {"url": "https://example.test/a.png"}}
    for request, words in (
        ({"messages": [user], "tools": tools}, "tools: not counted by this page"),
        ([{"role": "user", "content": [image]}], 'expected "text"'),
        ({"model": "gpt-4", "messages": [user]}, "cl100k_base: this page holds o200k_base"),
        ({"model": "claude-sonnet-5", "messages": [user]}, "claude-sonnet-5"),
        ({"contents": []}, "expected a list of messages"),
    ):
        tab.fill("#request", json.dumps(request))
        tab.locator("#error", has_text=words).wait_for()
    assert "`tokenkit serve` also takes tools" in tab.inner_text("#lacks")
    tab.click("#tab-window")
    tab.fill("#find", "text-embedding-3")
    tab.locator("#models-body", has_text="cl100k_base, which is not in this page").wait_for()
    tab.fill("#find", "claude-sonnet-5")
    tab.locator("#models-body", has_text="its tokenizer is not in this page").first.wait_for()
    settled(tab)
    use = tokenkit.views.window_use("gpt-4.1", ENCODING.count(SAMPLE), max_output=1_000)
    assert tab.get_attribute("#left", "data-tokens") == str(use.free)
    assert "as of 20" in tab.inner_text("#home")


def test_five_megabytes(opened: OpenTab) -> None:
    tab = opened()
    text = "The quick brown fox; 漢字 and 👩 too.\n" * 120_000
    assert len(text.encode()) > 5_000_000
    drop(tab, "big.txt", text)
    assert total(tab) == ENCODING.count(text)
    assert tab.locator("#stage .t").count() < 5_000
    assert tab.evaluate("box.readOnly")


def test_a_link_from_a_disk(opened: OpenTab) -> None:
    tab = opened()
    enter(tab, "shared 👩")
    tab.click("#share")
    tab.locator("#share-note", has_text="The link is").wait_for()
    again = opened(tab.evaluate("location.hash"))
    assert again.input_value("#box") == "shared 👩"


def test_models_that_the_page_counts_for_come_first(opened: OpenTab) -> None:
    tab = opened("#view=window&model=claude-sonnet-5")
    settled(tab)
    rows = tab.locator("#models-body tr")
    assert rows.count() == 40
    assert rows.filter(has_text="not in this page").count() == 0
    assert rows.filter(has_text="is assumed").count() == 0
