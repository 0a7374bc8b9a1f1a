"""The live page says what is wrong, with nothing older beside it (`pytest -m browser`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from live_page import SAMPLE, enter, settled, total
from live_server import LiveServer, live_server
from watched_tabs import OpenTab

import tokenkit

pytestmark = pytest.mark.browser

ENCODING = tokenkit.get_encoding("o200k_base")
USER = {"role": "user", "content": "Hello"}
# Drops files on an element, and says whether the page took them: else the browser leaves it.
DROP = """([place, ...given]) => {
  const files = new DataTransfer();
  for (const [name, content] of given) {
    const words = typeof content === "string" ? content : Uint8Array.from(content);
    files.items.add(new File([words], name));
  }
  const options = { dataTransfer: files, bubbles: true, cancelable: true };
  return !document.querySelector(place).dispatchEvent(new DragEvent("drop", options));
}"""


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    """A server that takes little."""
    with live_server("--max-mb", "1") as running:
        yield running


@pytest.fixture
def opened(opened_in_each_home: OpenTab) -> OpenTab:
    return opened_in_each_home


def test_a_request_that_is_wrong_leaves_no_older_numbers(opened: OpenTab) -> None:
    tab = opened("#view=chat&limit=9")
    for wrong in ("[{]", "5", '{"messages": []}]', "[" * 3000 + "]" * 3000):
        tab.fill("#request", json.dumps([USER]))
        tab.wait_for_selector("#chat-total")
        tab.fill("#request", wrong)
        tab.locator("#error", has_text="expected").wait_for()
        settled(tab)
        assert tab.locator("#chat-total, #chat-parts li").count() == 0
        assert tab.is_disabled("#copy-fit")
    tab.fill("#request", "")
    settled(tab)
    assert tab.inner_text("#error") == ""


def test_requests_that_are_wrong_in_one_field_are_named(opened: OpenTab) -> None:
    tab = opened("#view=chat&limit=9")
    for key, value in (("max_tokens", -1), ("max_tokens", "50"), ("max_completion_tokens", 1.5)):
        request = {"model": "gpt-4.1", "messages": [USER], key: value}
        check = tokenkit.preflight(request)
        tab.fill("#request", json.dumps(request))
        words = f"error: {key}: expected a whole number of at least 1, got "
        tab.locator("#chat-summary .over", has_text=words).wait_for()
        assert "reply up to" not in tab.inner_text("#chat-summary")
        assert f"{check.cost_low:f} to {check.cost_high:f} USD" in tab.inner_text("#chat-summary")
    tab.fill("#request", json.dumps({"model": "gpt-4.1", "messages": None}))
    settled(tab)
    assert "essages" in tab.inner_text("#error") + tab.inner_text("#chat-summary")
    assert "an option" not in tab.inner_text("#error")


def test_numbers_that_are_none_are_named(opened: OpenTab) -> None:
    tab = opened("#view=window&reserve=1.5")
    wrong = "expected a whole number of tokens, got"
    assert tab.inner_text("#error") == f"reserved for the reply: {wrong} 1.5"
    assert tab.locator("#left").count() == 0
    for typed in ("-5", "1e20"):
        tab.evaluate(f"location.hash = 'view=window&reserve={typed}'")
        tab.locator("#error", has_text=f"{wrong} {typed}").wait_for()
    tab.fill("#reserve", "1e3")
    tab.wait_for_selector("#left")
    settled(tab)
    assert tab.inner_text("#error") == ""
    assert "reserved for the reply 1,000" in tab.inner_text("#window-card")
    tab.click("#tab-chunks")
    enter(tab, SAMPLE * 9)
    tab.fill("[data-state=max]", "1e1")
    settled(tab)
    chunks = tokenkit.chunk(SAMPLE * 9, encoding=ENCODING, max_tokens=10)
    assert tab.get_attribute("#chunk-summary", "data-chunks") == str(len(chunks))
    for typed in ("", "2.5", "-3"):
        tab.fill("[data-state=max]", typed)
        tab.locator("#error", has_text=f"at most: {wrong} {typed or 'none'}").wait_for()
        settled(tab)
        assert tab.get_attribute("#chunk-summary", "data-chunks") == "0"
        assert tab.is_disabled("#download")
    tab.click("#tab-chat")
    tab.fill("#request", json.dumps([USER]))
    tab.evaluate("location.hash = 'view=chat&limit=0.5'")
    tab.locator("#error", has_text=f"fit into: {wrong} 0.5").wait_for()


def test_what_is_wrong_with_chunks_stays_said_while_tokens_are_counted(opened: OpenTab) -> None:
    tab = opened("#view=chunks&max=20&overlap=30")
    enter(tab, SAMPLE * 9)
    enter(tab, SAMPLE * 8)
    assert "overlap: expected" in tab.inner_text("#error")
    assert tab.get_attribute("#chunk-summary", "data-chunks") == "0"
    assert total(tab) == ENCODING.count(SAMPLE * 8)
    tab.click("#tab-tokens")
    settled(tab)
    assert tab.inner_text("#error") == ""
    tab.click("#tab-chunks")
    settled(tab)
    assert "overlap: expected" in tab.inner_text("#error")


def test_faults_hold_no_hidden_characters(opened: OpenTab) -> None:
    tab = opened("#view=chat")
    for request in (
        {"model": "a\u202eb", "messages": [USER]},
        [{"role": "us\u202eer", "content": "a"}],
    ):
        tab.fill("#request", json.dumps(request, ensure_ascii=False))
        settled(tab)
        words = tab.inner_text("#chat-summary") + tab.inner_text("#error")
        assert "RLO" in words or "\\u202e" in words
        assert "\u202e" not in words


def test_a_request_is_dropped_as_a_file(opened: OpenTab) -> None:
    tab = opened("#view=chat&model=gpt-4.1")
    tokens = tokenkit.count_messages([USER], "gpt-4.1").tokens
    tab.evaluate(DROP, ["#request", ["request.json", "\ufeff" + json.dumps([USER])]])
    tab.wait_for_selector(f'#chat-total[data-tokens="{tokens}"]')
    tab.fill("#request", "\ufeff" + json.dumps([USER, USER]))  # pasted from such a file
    tokens = tokenkit.count_messages([USER, USER], "gpt-4.1").tokens
    tab.wait_for_selector(f'#chat-total[data-tokens="{tokens}"]')


def test_files_that_are_no_request_are_refused(opened: OpenTab) -> None:
    tab = opened("#view=chat")
    request = json.dumps([{"role": "user", "content": "é"}], ensure_ascii=False)
    tab.evaluate(DROP, ["#request", ["latin.json", list(request.encode("latin-1"))]])
    tab.locator("#error", has_text="latin.json is not text in UTF-8 (34 bytes)").wait_for()
    assert tab.input_value("#request") == ""
    tab.evaluate(DROP, ["#request", ["one.json", request], ["two.json", request]])
    tab.locator("#error", has_text="expected one request, got 2 files").wait_for()
    tab.evaluate(DROP, ["#request", ["one.json", request]])
    tab.wait_for_selector("#chat-total")
    assert tab.inner_text("#error") == ""


def test_files_are_taken_beside_the_page_too(opened: OpenTab) -> None:
    tab = opened(viewport={"width": 1900, "height": 900})
    assert tab.evaluate("document.elementFromPoint(20, 300) === document.body")
    assert tab.evaluate(DROP, ["body", ["words.txt", "hello world"]])
    tab.wait_for_selector('#total[data-tokens="2"]')


def test_a_text_too_long_to_edit_has_its_number_of_characters(opened: OpenTab) -> None:
    tab = opened()
    tab.evaluate(DROP, ["body", ["faces.txt", "👩" * 110_000]])
    words = "faces.txt: 110,000 characters, too long"
    tab.wait_for_function("words => box.value.startsWith(words)", arg=words)
    settled(tab)


def test_a_text_that_is_too_long_for_the_server_has_no_number(
    browser: Any, server: LiveServer
) -> None:
    tab = browser.new_page()
    tab.goto(server.address)
    settled(tab)
    enter(tab, SAMPLE)
    assert total(tab) > 0
    tab.evaluate(
        """words => {
          const files = new DataTransfer();
          files.items.add(new File([words], "long.txt"));
          const options = { dataTransfer: files, bubbles: true, cancelable: true };
          document.querySelector("#box").dispatchEvent(new DragEvent("drop", options));
        }""",
        "word " * 300_000,
    )
    tab.locator("#error", has_text="expected at most 1 MB of text").wait_for()
    settled(tab)
    assert tab.inner_text("#total") == "–"
    assert tab.locator("#stage .t, #figures dt").count() == 0
    tab.click("button[data-state=ids]")
    tab.click("#clear")
    settled(tab)
    assert (total(tab), tab.inner_text("#error")) == (0, "")
    tab.close()
