"""Links to what the live page shows (`pytest -m browser`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from live_page import drop, enter, settled, total
from live_server import LiveServer, live_server
from watched_tabs import OpenTab

import tokenkit

pytestmark = pytest.mark.browser

ENCODING = tokenkit.get_encoding("o200k_base")
TEXT = "a\u202eb\x00<script>\n漢字 👩‍👩‍👧 مرحبا <|endoftext|>\n" * 9
REQUEST = json.dumps([{"role": "user", "content": "old " * 30}, {"role": "user", "content": "é"}])
CHOSEN = {
    "model": "azure/gpt-4o",
    "encoding": "o200k_harmony",
    "special": "1",
    "marks": "1",
    "ids": "1",
    "other": "o200k_base",
    "reserve": "77",
    "find": "gpt-4.1",
    "limit": "12",
    "max": "33",
    "overlap": "3",
    "format": "markdown",
    "strategy": "greedy",
    "tightness": "0.8",
}
NO_CLIPBOARD = """() => {
  document.execCommand = () => false;
  Clipboard.prototype.writeText = () => Promise.reject(new Error("no"));
}"""
# Each control with its state.
CONTROLS = """() => Object.fromEntries([...document.querySelectorAll("[data-state]")].map((one) => [
  `${one.dataset.state} ${one.type}`,
  one.type === "checkbox"
    ? one.checked
    : one.type === "button"
      ? one.getAttribute("aria-pressed")
      : one.value,
]))"""


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with live_server() as running:
        yield running


@pytest.fixture
def opened(opened_in_each_home: OpenTab) -> OpenTab:
    return opened_in_each_home


def choose_all(tab: Any) -> None:
    """Choose something in each control, as a reader does."""
    for name, value in CHOSEN.items():
        for view in ("tokens", "window", "chat", "chunks"):
            control = tab.locator(f"[data-state={name}]:visible").last
            if control.count():
                break
            tab.click(f"#tab-{view}")
        kind = control.evaluate("one => one.type")
        if kind in ("checkbox", "button"):
            control.click()
        elif kind == "select-one":
            control.select_option(value)
        else:
            control.fill(value)
            control.press("Tab")


def test_each_control_comes_back(opened: OpenTab) -> None:
    tab = opened()
    tab.fill("#box", TEXT)
    tab.click("#tab-chat")
    tab.fill("#request", REQUEST)
    choose_all(tab)
    settled(tab)
    for view in ("tokens", "window", "chat", "chunks"):
        tab.click(f"#tab-{view}")
        settled(tab)
        tab.click("#share")
        tab.locator("#share-note", has_text="The link is").wait_for()
        again = opened(tab.evaluate("location.hash"))
        controls = again.evaluate(CONTROLS)
        assert controls == tab.evaluate(CONTROLS)
        assert {name: controls[f"{name} {kind}"] for name, kind in KINDS.items()} == {
            **CHOSEN,
            "special": True,
            "marks": "true",
            "ids": "true",
        }
        assert again.is_disabled("button[data-state=ids]")  # beside a second encoding
        assert again.input_value("#box") == TEXT
        assert again.input_value("#request") == REQUEST
        words = tab.inner_text("main").replace(tab.inner_text("#share-note"), "")
        assert again.inner_text("main").split() == words.split()


KINDS = dict.fromkeys(CHOSEN, "select-one") | {
    "model": "text",
    "special": "checkbox",
    "marks": "button",
    "ids": "button",
    "reserve": "number",
    "find": "search",
    "limit": "number",
    "max": "number",
    "overlap": "number",
    "tightness": "range",
}


def test_what_is_said_of_a_link_is_true(opened: OpenTab) -> None:
    tab = opened()
    note = tab.locator("#share-note")
    changes: list[Callable[[], Any]] = [
        lambda: tab.fill("#box", "another text"),
        lambda: tab.click("button[data-state=ids]"),
        lambda: tab.click("#tab-chat"),
        lambda: tab.fill("#request", REQUEST),
    ]
    for change in changes:
        tab.click("#share")
        tab.locator("#share-note", has_text="The link is").wait_for()
        change()
        assert note.text_content() == ""
        settled(tab)
    # Where nothing lets it into the clipboard, the page does not say that it is there.
    tab.evaluate(NO_CLIPBOARD)
    tab.click("#share")
    tab.locator("#share-note", has_text="The link is in the address.").wait_for()
    assert tab.evaluate("document.activeElement.id") == "share"
    tab.fill("input[type=number][data-state=limit]", "99")
    settled(tab)
    tab.click("#copy-fit")
    tab.locator("#chat-status", has_text="let nothing into the clipboard").wait_for()


def test_special_tokens_are_those_of_the_tokens_alone(opened: OpenTab) -> None:
    tab = opened("#special=1")
    text = "a<|endoftext|>b"
    enter(tab, text)
    tokens = ENCODING.count(text)
    for view, expected in (("tokens", 3), ("window", tokens), ("chunks", tokens), ("tokens", 3)):
        tab.click(f"#tab-{view}")
        settled(tab)
        assert total(tab) == expected
        if view == "window":
            assert f"{tokens} tokens. The text alone" in tab.inner_text("#window-card")


def test_a_filter_may_find_no_model(opened: OpenTab) -> None:
    tab = opened("#view=window&find=(none")
    settled(tab)
    assert tab.inner_text("#error") == ""
    assert tab.locator("#models-body tr").count() == 0
    assert tab.inner_text("#models-more") == "no other model has such a name or provider"
    assert tab.locator("#left").count() == 1


def test_the_focus_stays_in_the_table_of_models(opened: OpenTab) -> None:
    tab = opened("#view=window&find=gpt-4.1")
    settled(tab)
    row = tab.locator("#models-body button").nth(1)
    name = row.get_attribute("data-model")
    row.focus()
    tab.fill("#reserve", "5")
    row.focus()
    settled(tab)
    assert tab.evaluate("document.activeElement.dataset.model") == name
    tab.keyboard.press("Enter")
    settled(tab)
    assert tab.input_value("#model") == name
    assert tab.evaluate("document.activeElement.getAttribute('aria-label')") == "Other models"
    tab.keyboard.press("Tab")
    assert tab.evaluate("Boolean(document.activeElement.dataset.model)")


def test_names_hold_no_hidden_characters(opened: OpenTab) -> None:
    tab = opened("#view=window&model=ft:gpt-4.1:a\u202eb")
    drop(tab, "fi\u202ele.txt", "some text")
    words = tab.inner_text("main")
    assert words.count("[RLO]") >= 2
    assert "\u202e" not in words
    tab.fill("#model", "no\u202ene")
    tab.keyboard.press("Enter")
    settled(tab)
    assert "\u202e" not in tab.inner_text("main")
    tab.click("#tab-tokens")
    drop(tab, "lo\u202eng.txt", "word " * 40_001)
    assert "\u202e" not in tab.input_value("#box")


def test_what_is_said_of_the_model_belongs_to_the_view(opened: OpenTab) -> None:
    tab = opened("#model=azure/gpt-4o&encoding=o200k_harmony")
    note = tab.locator("#model-note")
    words = "gpt-4o uses o200k_base; the tokens are those of o200k_harmony."
    assert words in note.inner_text()
    tab.click("#tab-chat")
    assert words not in note.inner_text()
    assert "azure/gpt-4o is read as gpt-4o" in note.inner_text()
    tab.click("#tab-chunks")  # where no model is chosen
    assert not note.is_visible()
