"""Links to what the live page shows (`pytest -m browser`)."""

from __future__ import annotations

import json
import random
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
MARKS_AND_IDS = """([marks, ids]) =>
  stage.querySelectorAll("i.w").length === marks && stage.querySelectorAll(".n").length === ids"""
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


def link_of(tab: Any) -> str:
    tab.click("#share")
    tab.locator("#share-note", has_text="The link is").wait_for()
    fragment: str = tab.evaluate("location.hash")
    return fragment


def test_a_link_that_is_followed_on_the_page_shows_what_it_holds(opened: OpenTab) -> None:
    tab = opened()
    enter(tab, "a b\tc\n" * 5)
    plain = link_of(tab)
    tab.click("button[data-state=marks]")
    assert tab.locator("#stage i.w").count() == 15
    for more, marks, ids in (("", 0, 0), ("&ids=1", 0, 20), ("&marks=1", 15, 0), ("", 0, 0)):
        tab.evaluate("fragment => location.hash = fragment", plain + more)
        tab.wait_for_function(MARKS_AND_IDS, arg=[marks, ids])
        assert total(tab) == 20


def test_a_link_that_is_broken_is_said(opened: OpenTab) -> None:
    tab = opened()
    enter(tab, "some text " * 40)
    whole = link_of(tab)
    for broken in (whole[:-5], f"{whole}AAAA", "#text=!!!", f"#text={'A' * 40_000}"):
        again = opened(broken)
        assert again.inner_text("#error") == "The link is broken: its text cannot be read."
        assert again.input_value("#box") == ""
    again.evaluate("fragment => location.hash = fragment", whole)
    again.wait_for_selector(f'#total[data-tokens="{total(tab)}"]')
    assert again.inner_text("#error") == ""
    again.evaluate("location.hash = 'text=!!!&request=!!!'")
    words = "The link is broken: its text and its request cannot be read."
    again.locator("#error", has_text=words).wait_for()
    enter(again, "typed")
    assert again.inner_text("#error") == ""


def test_a_link_holds_the_mark_of_a_files_beginning(opened: OpenTab) -> None:
    tab = opened()
    text = "\ufeffhello world"
    enter(tab, text)
    assert opened(link_of(tab)).input_value("#box") == text


def test_a_link_holds_what_its_page_began_with(browser: Any, opened: OpenTab) -> None:
    with live_server("-m", "gpt-4") as other:
        tab = browser.new_page()
        tab.goto(other.address)
        settled(tab)
        fragment = link_of(tab)
        tab.close()
    again = opened(fragment)
    assert again.input_value("#model") == "gpt-4"


def test_a_link_has_one_limit_for_all_its_texts(opened: OpenTab) -> None:
    draw = random.Random(20)
    words = [" ".join(str(draw.random()) for _ in range(2_000)) for _ in range(2)]
    tab = opened()
    enter(tab, words[0])
    tab.click("#tab-chat")
    tab.fill("#request", words[1])
    settled(tab)
    assert 15_000 < len(link_of(tab)) < 30_000
    note = tab.inner_text("#share-note")
    assert note.endswith("It is too long to hold the request.")
