"""The page in a real browser: the system's Chromium, driven by playwright (`pytest -m browser`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from watched_tabs import OpenTab, watched_tabs

import tokenkit
from tokenkit.views.figures import window_use
from tokenkit.views.html_parts import character_data
from tokenkit.views.page import html_page as make_page
from tokenkit.views.parts import Part, chunk_parts, fit_parts
from tokenkit.views.tokens import segments

pytestmark = pytest.mark.browser

ENCODING = tokenkit.get_encoding("o200k_base")
OTHER = tokenkit.get_encoding("cl100k_base")
ATTACKS = [
    "</script><script>document.title='attacked'</script>",
    "<img src=x onerror=\"document.title='attacked'\">",
    "'\"><svg onload=\"document.title='attacked'\">",
    "<!--<script>\u2028document.title='attacked'//\u2029",
    "{{data}} ${document.title='attacked'} `",
]
SAMPLE = "The quick brown fox.\n\tnaïve 漢 👩 end\n"


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[OpenTab]:
    """Opens a page of these parts; at the end nothing may have gone wrong or been asked for."""
    path = tmp_path / "page.html"
    with watched_tabs(browser, path.as_uri()) as open_tab:

        def open_page(
            parts: list[Part], *encodings: tokenkit.Encoding, options: Any = None, **more: Any
        ) -> Any:
            words = {"title": "A title", **(options or {})}
            path.write_bytes(make_page(parts, encodings or (ENCODING,), **words).encode())
            tab = open_tab(path.as_uri(), **more)
            tab.wait_for_selector(".page[data-ready]")
            tab.wait_for_selector(".t")
            return tab

        yield open_page


def shown_tokens(tab: Any) -> list[str]:
    texts: list[str] = tab.eval_on_selector_all(".t", "all => all.map(one => one.textContent)")
    return texts


def test_tokens_are_those_of_the_library(opened: OpenTab) -> None:
    tab = opened([Part(SAMPLE)])
    expected = [SAMPLE[one.start : one.end] for one in segments(SAMPLE, ENCODING)]
    assert shown_tokens(tab) == expected
    tab.keyboard.press("i")
    tab.wait_for_selector("#side .n")
    ids = tab.eval_on_selector_all("#side .n", "all => all.map(one => Number(one.textContent))")
    assert ids == ENCODING.encode_ordinary(SAMPLE)


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_runs_nothing(opened: OpenTab, attack: str) -> None:
    options = {"title": attack, "subtitle": attack}
    tab = opened([Part(attack, title=attack, notes=(attack,)), Part(attack)], options=options)
    tab.wait_for_timeout(100)
    assert tab.title().startswith(attack[:6].replace("\u2028", "[LSEP]"))
    assert tab.locator("img").count() == 0
    assert tab.locator("script").count() == 2
    assert tab.locator("main svg").count() == 0


def test_the_policy_stops_what_would_get_through(browser: Any, tmp_path: Path) -> None:
    """Had a text ended the data all the same, its script would not run."""
    html = make_page([Part("text")], [ENCODING], title="t")
    broken = html.replace("<main>", "<main><script>document.title='attacked'</script>", 1)
    broken = broken.replace("<main>", "<main><b onclick=\"document.title='attacked'\">x</b>", 1)
    assert broken != html
    (tmp_path / "broken.html").write_text(broken, "utf-8")
    tab = browser.new_page()
    tab.goto((tmp_path / "broken.html").as_uri())
    tab.wait_for_selector(".page[data-ready]")
    tab.click("main > b")
    assert tab.title() == "t"
    tab.close()


def test_the_plot_of_a_report_is_drawn(browser: Any, tmp_path: Path) -> None:
    table = pyarrow.table({"text": ["word " * n for n in (1, 1, 9, 9_000)]})
    report = tokenkit.token_report(table, "text", "text-embedding-3-small")
    (tmp_path / "report.html").write_text(report.to_html(title=ATTACKS[0]), "utf-8")
    tab = browser.new_page()
    troubles: list[str] = []
    tab.on("console", lambda message: troubles.append(message.text))
    tab.goto((tmp_path / "report.html").as_uri())
    boxes = [bar.bounding_box() for bar in tab.locator("figure rect").all()]
    assert len(boxes) == len(report.histogram)
    heights = [box["height"] for box in boxes if box is not None]
    assert max(heights) == pytest.approx(2 * heights[-1], rel=0.05)
    over, under = (
        tab.eval_on_selector(f"figure rect.{name}", "bar => getComputedStyle(bar).fill")
        for name in ("f-over", "f-prompt")
    )
    assert over != under  # the style is there: its policy lets it in
    assert (tab.title(), troubles) == (ATTACKS[0], [])
    tab.close()


def test_hidden_characters_are_seen(opened: OpenTab) -> None:
    tab = opened([Part("a\x00b \u202ec\u202c \u200b \u2028 \ud800 \x1b[31m")])
    pills = tab.eval_on_selector_all(".c", "all => all.map(one => one.textContent)")
    assert pills == ["U+0000", "RLO", "PDF", "ZWSP", "LSEP", "U+D800", "U+001B"]
    text = tab.inner_text("#text")
    assert not set(text) & set("\x00\u202e\u202c\u200b\u2028\x1b")


def test_pointing_links_text_and_ids(opened: OpenTab) -> None:
    tab = opened([Part(SAMPLE)])
    tab.click("#ids")
    tab.locator(".t", has_text="漢").hover()
    lit = tab.eval_on_selector_all(".on", "all => all.map(one => one.textContent)")
    cut = next(one for one in segments(SAMPLE, ENCODING) if "漢" in SAMPLE[one.start : one.end])
    assert lit == [SAMPLE[cut.start : cut.end], *(str(token.id) for token in cut.tokens)]
    told = tab.inner_text("#inspector")
    for token in cut.tokens:
        assert str(token.id) in told
        assert token.data.hex(" ") in told
    assert f"characters {cut.start}–{cut.end}" in told
    assert f"bytes {cut.tokens[0].byte_start}–{cut.tokens[-1].byte_end}" in told
    # and from the ids to the text
    tab.locator("#side .n").nth(1).hover()
    lit = tab.eval_on_selector_all(".on", "all => all.map(one => one.textContent)")
    assert lit == [" quick", str(ENCODING.encode_ordinary(SAMPLE)[1])]


def test_keys(opened: OpenTab) -> None:
    tab = opened([Part("one two"), Part(""), Part("three four", title="second")])

    def told() -> str:
        text: str = tab.inner_text("#inspector").split("\n")[0]
        return text.split('"')[1]

    tab.click("#marks")  # the arrows work wherever the focus is, but in the search
    tab.keyboard.press("ArrowRight")
    assert told() == "one"
    tab.keyboard.press("ArrowRight")
    assert told() == " two"
    tab.click("#marks")
    tab.focus("#find")
    tab.keyboard.press("ArrowLeft")
    assert told() == " two"
    for _ in range(10):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.id") == "text":
            break
    seen = []
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowLeft", "End", "Home"):
        tab.keyboard.press(key)
        seen.append(told())
    assert seen == ["one", " two", "three", " two", " four", "one"]
    tab.keyboard.press("n")
    assert told() == "three"
    tab.keyboard.press("p")
    assert told() == "one"
    tab.keyboard.press("w")
    assert tab.get_attribute("#marks", "aria-pressed") == "true"
    assert tab.locator("i.w").count() == 2
    tab.keyboard.press("?")
    assert tab.locator("dialog").is_visible()
    tab.keyboard.press("Escape")
    assert not tab.locator("dialog").is_visible()


def test_each_character_without_ink_has_its_mark(opened: OpenTab) -> None:
    marks = {one: mark for one, (mark, _) in character_data()["marks"].items()}
    tab = opened([Part("a".join(marks))])
    tab.click("#marks")
    shown = tab.eval_on_selector_all("i.w", "all => all.map(i => [i.textContent, i.dataset.m])")
    assert dict(shown) == marks
    assert "".join(shown_tokens(tab)) == "a".join(marks)
    # A mark is a part of its token: who points at it points at the token.
    for mark in ("↵", "→", "+", "◌"):
        tab.mouse.move(0, 0)
        box = tab.locator(f'i.w[data-m="{mark}"] >> nth=0').bounding_box()
        tab.mouse.move(box["x"] + 3, box["y"] + box["height"] / 2)
        assert tab.locator(".t.on", has=tab.locator(f'i.w[data-m="{mark}"]')).count() == 1


def test_each_line_has_its_direction(opened: OpenTab) -> None:
    lines = ["שלום עולם, זהו טקסט.", "The quick brown fox.", "مرحبا بالعالم", "end."]
    text = "\n".join(lines)
    starts = [one.start for one in segments(text, ENCODING)]
    for encodings in ([ENCODING], [ENCODING, OTHER]):
        tab = opened([Part(text)], *encodings)
        cells = [one.bounding_box() for one in tab.locator(".cell").all()]
        assert [cell["x"] for cell in cells] == sorted(cell["x"] for cell in cells)
        for line in lines:
            index = starts.index(text.index(line))
            tokens = tab.locator(".cell >> nth=0").locator(".t")
            first, second = (tokens.nth(index + n).bounding_box() for n in range(2))
            if line.isascii():
                assert first["x"] == cells[0]["x"] < second["x"]
            else:
                right = cells[0]["x"] + cells[0]["width"]
                assert first["x"] + first["width"] == pytest.approx(right, abs=1)
                assert second["x"] < first["x"]


def test_search(opened: OpenTab) -> None:
    text = "A cat. " * 300 + "\n" + "A dog (or DOG).\n" * 2
    tab = opened([Part(text)])
    tab.keyboard.press("/")
    tab.keyboard.type("dog")
    found = tab.locator("#found")
    found.filter(has_text="1 of 4").wait_for()
    assert tab.locator(".m").count() == 4
    assert tab.locator(".now").inner_text().strip() == "dog"
    tab.keyboard.press("Enter")
    found.filter(has_text="2 of 4").wait_for()
    tab.keyboard.press("Shift+Enter")
    tab.keyboard.press("Shift+Enter")
    found.filter(has_text="4 of 4").wait_for()
    tab.fill("#find", "A dog")
    tab.keyboard.press("Enter")  # at once, before the search has begun by itself
    assert found.inner_text() == "1 of 2"
    tab.keyboard.press("Enter")
    assert found.inner_text() == "2 of 2"
    tab.fill("#find", "(or")
    found.filter(has_text="1 of 2").wait_for()
    tab.fill("#find", "#" + str(ENCODING.encode_ordinary(" cat")[0]))
    found.filter(has_text="1 of 300").wait_for()
    tab.fill("#find", "[")
    found.filter(has_text="not found").wait_for()
    tab.keyboard.press("Escape")
    assert tab.input_value("#find") == ""
    assert tab.locator(".m").count() == 0


def test_two_encodings_stand_side_by_side(opened: OpenTab) -> None:
    text = "unbelievable naïve 안녕하세요\n" * 200
    tab = opened([Part(text)], ENCODING, OTHER)
    assert tab.inner_text(".names").split() == ["o200k_base", "cl100k_base"]
    tab.locator(".row .cell:nth-child(2) .t").first.hover()
    assert tab.locator(".row .cell:nth-child(1) .on").count() >= 1
    assert "cl100k_base" in tab.inner_text("#inspector")
    heights = tab.eval_on_selector_all(".cell", "all => all.map(one => one.clientHeight)")
    assert all(a == b for a, b in zip(heights[::2], heights[1::2], strict=True))


def test_chunks_and_fits(opened: OpenTab) -> None:
    text = "One sentence here. " * 60
    chunks = tokenkit.chunk(text, max_tokens=40, overlap=10, encoding=ENCODING)
    tab = opened(chunk_parts(chunks, limit=40))
    assert tab.locator(".part.chunk").count() == len(chunks)
    repeated = tab.locator(".part").nth(1).locator(".rep").all_inner_texts()
    assert "".join(repeated) == text[chunks[1].start : chunks[0].end]
    assert f"{chunks[0].tokens} of 40 tokens" in tab.inner_text(".head >> nth=0")
    price = tokenkit.cost("text-embedding-3-small", input_tokens=sum(c.tokens for c in chunks))
    tab = opened(chunk_parts(chunks, limit=40), options={"price": price})
    names = tab.locator("#chunks dt").all_inner_texts()
    rows = dict(zip(names, tab.locator("#chunks dd").all_inner_texts(), strict=True))
    assert rows["limit"] == "40 tokens"
    assert rows["all together"] == f"{sum(chunk.tokens for chunk in chunks):,} tokens"
    assert rows["repeated from the chunk before"] == f"{sum(c.overlap for c in chunks)} tokens"
    assert rows["price"] == f"{price.total:f} USD"

    chat = [
        {"role": "system", "content": "Be short."},
        {"role": "assistant", "content": "old " * 9_000},
        {"role": "user", "content": "And now?"},
    ]
    fitted = tokenkit.fit(chat, "gpt-4", max_output=1_000)
    use = window_use("gpt-4", fitted.tokens, max_output=fitted.max_output)
    tab = opened(fit_parts(chat, fitted), options={"use": use})
    assert tab.locator(".pill").all_inner_texts() == ["kept", "dropped", "kept"]
    assert "1,000" in tab.locator(".legend").inner_text()


FRAME = """(html) => { const frame = document.createElement("iframe"); frame.height = 700;
frame.width = 900; SANDBOX; frame.srcdoc = html; document.body.append(frame) }"""
# As a notebook shows HTML: in an element of its own document, with its scripts made again.
ELEMENT = """(html) => { for (const name of ["one", "two"]) {
const cell = document.createElement("div"); cell.id = name; document.body.append(cell);
cell.innerHTML = html; for (const old of [...cell.querySelectorAll("script")]) {
const made = document.createElement("script"); made.textContent = old.textContent;
for (const each of old.attributes) made.setAttribute(each.name, each.value);
old.replaceWith(made) } } }"""


@pytest.mark.parametrize(
    ("host", "cells"),
    [
        (FRAME.replace("SANDBOX", "0"), 1),
        (FRAME.replace("SANDBOX", "frame.sandbox = 'allow-scripts'"), 1),
        (ELEMENT, 2),
    ],
)
def test_a_notebook_shows_the_page(browser: Any, host: str, cells: int) -> None:
    """In a frame, and twice in the notebook's own document, which goes on as before."""
    html = make_page([Part(SAMPLE)], (ENCODING,), title="t")
    tab = browser.new_page(viewport={"width": 1200, "height": 1_600})
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.set_content("<!doctype html><body><h1>Notebook</h1><input id='code'></body>")
    before = tab.evaluate("getComputedStyle(document.body).font + document.body.clientWidth")
    tab.evaluate(host, html)
    count = len(list(segments(SAMPLE, ENCODING)))
    shown = [tab, *tab.frames[1:]]
    for frame in shown[-1:]:
        frame.wait_for_selector(".page[data-ready]")
        frame.wait_for_selector(".t")
        frame.wait_for_timeout(200)
        assert frame.locator(".t").count() == cells * count
    assert (
        tab.evaluate("getComputedStyle(document.body).font + document.body.clientWidth") == before
    )
    tab.type("#code", "win?")
    assert tab.input_value("#code") == "win?"
    assert shown[-1].locator(".with-marks, .with-ids, dialog[open]").count() == 0
    assert errors == []
    tab.close()


def test_the_text_begins_on_the_first_screen_of_a_phone(opened: OpenTab) -> None:
    use = window_use("gpt-5.4", 30_000, max_output=4_000)
    assert use.beyond
    options = {"use": use, "title": "a-long-name-of-a-file" * 9, "subtitle": "o200k_base, for x"}
    for height in (640, 844):
        size = {"width": 380, "height": height}
        tab = opened([Part(SAMPLE * 40)], options=options, viewport=size)
        box = tab.locator(".t").first.bounding_box()
        inspector = tab.locator("#inspector").bounding_box()
        assert box["y"] + 3 * box["height"] < inspector["y"]
        assert "out of reach of prompt and reply" in tab.locator(".legend").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 380])
def test_readable_everywhere(opened: OpenTab, scheme: str, width: int) -> None:
    use = window_use("gpt-4o", 30_000, max_output=4_000)
    tab = opened(
        [Part(SAMPLE + "x" * 500)],
        options={"use": use, "title": "long-name" * 30},
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
    )
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # Contrast as WCAG 2.2 has it: 4.5 for text, on each hue and on the page itself.
    worst = tab.evaluate(
        """() => {
          const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
          const light = (c) => {
            const [r, g, b] = c.match(/[\\d.]+/g).map(Number);
            return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
          };
          const ratio = (a, b) => {
            const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
            return (x + 0.05) / (y + 0.05);
          };
          const style = (one) => getComputedStyle(one);
          const all = [...document.querySelectorAll(".t")].map(
            (one) => ratio(style(one).color, style(one).backgroundColor));
          for (const one of document.querySelectorAll(".quiet, .sub, .brand, dt, #found"))
            all.push(ratio(style(one).color, style(document.documentElement).backgroundColor));
          return Math.min(...all);
        }"""
    )
    assert worst >= 4.5


def test_a_megabyte_stays_usable(opened: OpenTab) -> None:
    """Few elements at any time, wherever one is; and the text is whole."""
    words = "The quick brown fox jumps over the lazy dog; 漢字 and 👩 too.\n"
    text = words * (1_000_000 // len(words)) + "the very end"
    tab = opened([Part(text)])
    assert tab.locator(".t").count() < 20_000
    assert len(tab.evaluate("document.getElementById('text').textContent")) >= len(text)
    tab.focus("#text")
    tab.keyboard.press("End")
    assert '" end"' in tab.inner_text("#inspector")
    tab.wait_for_timeout(300)
    assert tab.locator(".t").count() < 20_000
    assert tab.evaluate("scrollY + innerHeight > document.documentElement.scrollHeight - 1000")
    tab.fill("#find", "very")
    tab.locator("#found").filter(has_text="1 of 1").wait_for()
    tab.keyboard.press("i")
    tab.fill("#find", "fox")
    tab.locator("#found").filter(has_text=f"1 of {text.count('fox'):,}").wait_for()


def test_one_endless_line(opened: OpenTab) -> None:
    text = "漢字word" * 50_000
    tab = opened([Part(text)])
    assert tab.locator(".t").count() < 20_000
    assert len(tab.evaluate("document.getElementById('text').textContent")) == len(text)


def test_an_empty_text(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_text(make_page([Part("")], [ENCODING], title="t"), "utf-8")
    tab = browser.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto((tmp_path / "empty.html").as_uri())
    tab.wait_for_selector(".page[data-ready]")
    tab.focus("#text")
    for key in ("ArrowRight", "End", "n", "i", "w"):
        tab.keyboard.press(key)
    assert errors == []
    tab.close()
