"""The live page in a real browser, at home on a local server (`pytest -m browser`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from live_page import ATTACKS, SAMPLE, counts_of, drop, enter, settled, shown, some_texts, total
from live_server import LiveServer, live_server
from watched_tabs import OpenTab

import tokenkit
from tokenkit.views.figures import text_figures, window_use
from tokenkit.views.html_parts import character_data
from tokenkit.views.live.core_files import read_with_core
from tokenkit.views.live.model_facts import model_facts
from tokenkit.views.live.script import joined_script
from tokenkit.views.tokens import Segment, segments

pytestmark = pytest.mark.browser

ENCODING = tokenkit.get_encoding("o200k_base")
OTHER = tokenkit.get_encoding("cl100k_base")
# The number of the first line that is seen whole in the stage.
LINE_AT_TOP = """() => {
  const edge = stage.getBoundingClientRect().top;
  const below = [...stage.querySelectorAll(".t:not(.n)")]
    .map((one) => ({ top: one.getBoundingClientRect().top, words: one.textContent.trim() }))
    .filter(({ top, words }) => top >= edge && /^\\d+$/.test(words));
  return below.reduce((first, one) => (one.top < first.top ? one : first)).words;
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with two files."""
    folder = tmp_path_factory.mktemp("texts")
    (folder / "one.txt").write_bytes(SAMPLE.encode())
    (folder / "two.txt").write_bytes(b"windows\r\nlines\r\n")
    with live_server(str(folder / "one.txt"), str(folder / "two.txt")) as running:
        yield running


def test_a_hundred_texts_have_the_numbers_of_the_library(opened: OpenTab) -> None:
    tab = opened()
    texts = some_texts(100)
    counts = counts_of(tab, texts)
    assert counts == [ENCODING.count(text) for text in texts]
    text = texts[-1]
    sizes = text_figures([text], ENCODING)
    figures = dict(
        zip(
            tab.locator("#figures dt").all_inner_texts(),
            tab.locator("#figures dd").all_inner_texts(),
            strict=True,
        )
    )
    assert figures["characters"] == f"{sizes.characters:,}"
    assert (figures["bytes"], figures["words"]) == (f"{sizes.bytes:,}", f"{sizes.words:,}")
    assert figures["lines"] == f"{sizes.lines:,}"
    assert figures["by the rule of 4 characters"].startswith(f"{sizes.rule_tokens:,} (")


def test_typing_colours_tokens_and_keys_go_through_them(opened: OpenTab) -> None:
    tab = opened()
    tab.fill("#box", "")
    tab.focus("#box")
    tab.keyboard.type("naïve café")
    settled(tab)
    text = "naïve café"
    assert shown(tab) == [text[one.start : one.end] for one in segments(text, ENCODING)]
    tab.focus("#stage")
    seen = []
    for key in ("Home", "ArrowRight", "End", "ArrowLeft"):
        tab.keyboard.press(key)
        seen.append(tab.inner_text("#inspector .id >> nth=0"))
    ids = [str(one) for one in ENCODING.encode(text)]
    assert seen == [ids[0], ids[1], ids[-1], ids[-2]]
    assert tab.evaluate("document.activeElement.id") == "stage"


def test_text_box_tokens_and_ids_are_linked(opened: OpenTab) -> None:
    tab = opened()
    enter(tab, SAMPLE)
    tab.click("button[data-state=ids]")
    ids = tab.eval_on_selector_all("#stage .n", "all => all.map(one => Number(one.textContent))")
    assert ids == ENCODING.encode_ordinary(SAMPLE)
    cut = next(one for one in segments(SAMPLE, ENCODING) if "漢" in SAMPLE[one.start : one.end])
    tab.locator("#stage .t:not(.n)", has_text="漢").hover()
    lit = tab.eval_on_selector_all("#stage .on", "all => all.map(one => one.textContent)")
    assert lit == [SAMPLE[cut.start : cut.end], *(str(token.id) for token in cut.tokens)]
    told = tab.inner_text("#inspector")
    assert f"characters {cut.start}–{cut.end}" in told
    assert f"bytes {cut.tokens[0].byte_start}–{cut.tokens[-1].byte_end}" in told
    for token in cut.tokens:
        assert token.data.hex(" ") in told
    tab.locator("#stage .t", has_text=" quick").first.click()
    selected = tab.evaluate("[box.selectionStart, box.selectionEnd].join()")
    assert selected == "3,9"
    tab.evaluate("box.focus(); box.setSelectionRange(4, 15)")
    tab.locator("#inspector", has_text="Selected: 2 tokens, 1 to 2").wait_for()
    assert tab.locator("#stage .sel:not(.n)").all_inner_texts() == [" quick", " brown"]


def test_each_character_without_ink_has_its_mark(opened: OpenTab) -> None:
    tab = opened()
    marks = {one: mark for one, (mark, _) in character_data()["marks"].items() if one != "\r"}
    enter(tab, "a".join(marks))
    tab.click("button[data-state=marks]")
    shown = tab.eval_on_selector_all(
        "#stage i.w", "all => all.map(i => [i.textContent, i.dataset.m])"
    )
    assert dict(shown) == marks
    assert total(tab) == ENCODING.count("a".join(marks))


def test_special_tokens_are_ordinary_until_switched_on(opened: OpenTab) -> None:
    text = "a<|endoftext|>b"
    tab = opened()
    enter(tab, text)
    assert total(tab) == ENCODING.count(text) > 3
    tab.check("[data-state=special]")
    settled(tab)
    assert (total(tab), shown(tab)) == (3, ["a", "<|endoftext|>", "b"])


def test_two_encodings_differ_where_they_do(opened: OpenTab) -> None:
    text = "unbelievable naïve 안녕하세요 👩🏽 🦜 ༀ\n" * 40
    tab = opened()
    enter(tab, text)
    tab.select_option("#other", "cl100k_base")
    settled(tab)
    places = {ends_of(one) for one in segments(text, OTHER)}
    ours = list(segments(text, ENCODING))
    others = [one for one in ours if ends_of(one) not in places]
    differing = sum(len(one.tokens) for one in others)
    whole = f"{differing:,} of {ENCODING.count(text):,} tokens differ"
    assert tab.inner_text("#differing").startswith(whole)
    assert any(one.end - one.start == 1 and len(one.tokens) > 1 for one in others)
    first = tab.locator(".row >> nth=0").locator(".cell >> nth=0")
    expected = [text[one.start : one.end] for one in others]
    marked = first.locator(".diff").all_text_contents()
    assert marked == expected[: len(marked)]
    assert marked
    tab.select_option("#encoding", "o200k_harmony")
    tab.select_option("#other", "o200k_base")
    settled(tab)
    assert tab.inner_text("#differing") == "All tokens end where those of o200k_base do."


def ends_of(segment: Segment) -> tuple[int, ...]:
    """Give the places where a segment and its tokens end."""
    return (segment.start, segment.end, *(token.byte_end for token in segment.tokens))


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_texts_run_nothing_and_are_seen(opened: OpenTab, attack: str) -> None:
    tab = opened()
    enter(tab, attack)
    assert total(tab) == ENCODING.count(attack)
    tab.click("#tab-chunks")
    settled(tab)
    tab.click("#tab-chat")
    tab.fill("#request", json.dumps([{"role": attack, "content": attack}]))
    settled(tab)
    assert tab.title() == "tokenkit: tokens as you type"
    assert tab.locator("main img, #stage svg, #chunk-stage svg, #chat-parts svg").count() == 0
    tab.click("#tab-tokens")
    settled(tab)
    assert not set(tab.inner_text("#stage")) & set("\x00\u202e\u2066\u200b\u2028\x1b")


def test_a_megabyte_pasted_and_five_dropped(opened: OpenTab) -> None:
    tab = opened(permissions=["clipboard-read", "clipboard-write"])
    line = "The quick brown fox; 漢字 and 👩 too.\n"
    for text in (line * 5_000, line * 26_000, "漢字word" * 60_000):
        tab.evaluate("text => navigator.clipboard.writeText(text)", text)
        tab.click("#clear")
        tab.keyboard.press("Control+v")
        tab.wait_for_selector(f'#total[data-tokens="{ENCODING.count(text)}"]')
        assert tab.locator("#stage .t").count() < 5_000
        assert tab.evaluate("box.readOnly") == (len(text) > 200_000)
    big = line * (5_000_000 // len(line.encode()))
    drop(tab, "big.txt", big)
    assert total(tab) == ENCODING.count(big)
    assert "too long to edit here" in tab.input_value("#box")
    assert tab.locator("#stage .t").count() < 5_000
    tab.focus("#stage")
    tab.keyboard.press("End")
    assert '".\\n"' in tab.inner_text("#inspector")
    assert f"–{len(big.encode()):,}" in tab.inner_text("#inspector")
    assert tab.locator("#stage .on").count() == 1
    tab.click("#clear")
    settled(tab)
    assert (total(tab), tab.input_value("#box")) == (0, "")
    tab.keyboard.type("ok")
    settled(tab)
    assert total(tab) == 1


def test_files_count_as_they_are(opened: OpenTab) -> None:
    tab = opened()
    assert (total(tab), tab.input_value("#box")) == (ENCODING.count(SAMPLE), SAMPLE)
    tab.locator("#given button", has_text="two.txt").click()
    tab.locator("#source-note", has_text="line ends of Windows").wait_for()
    settled(tab)
    assert total(tab) == ENCODING.count("windows\r\nlines\r\n")
    assert tab.inner_text("#stage").count("U+000D") == 0
    tab.focus("#box")
    tab.keyboard.press("Control+End")
    tab.keyboard.type("x")
    settled(tab)
    assert total(tab) == ENCODING.count("windows\nlines\nx")


def test_a_model_switches_its_encoding(opened: OpenTab) -> None:
    tab = opened()
    text = "안녕하세요 naïve"
    enter(tab, text)
    for name, encoding in (("gpt-4", "cl100k_base"), ("gpt-5.4", "o200k_base")):
        tab.fill("#model", name)
        settled(tab)
        assert tab.input_value("#encoding") == encoding
        assert total(tab) == tokenkit.count(text, name)
    tab.fill("#model", "gpt-35-turbo")
    settled(tab)
    note = "gpt-35-turbo is another name of gpt-3.5-turbo."
    assert tab.inner_text("#model-note").startswith(note)
    assert total(tab) == OTHER.count(text)
    tab.click("#tab-window")
    tab.locator("#window-card h2", has_text="gpt-3.5-turbo").wait_for()
    tab.click("#tab-tokens")
    tab.fill("#model", "claude-sonnet-5")
    assert "no public tokenizer" in tab.inner_text("#model-note")
    tab.fill("#model", "")
    tab.focus("#model")
    tab.keyboard.type("none-such")
    tab.keyboard.press("Tab")
    assert tab.inner_text("#model-note") == "No model is called none-such."


def test_a_link_holds_all_that_is_shown(opened: OpenTab) -> None:
    tab = opened()
    enter(tab, SAMPLE * 3)
    tab.select_option("#encoding", "gpt2")
    tab.click("#tab-chunks")
    tab.fill("[data-state=max]", "9")
    settled(tab)
    assert "text=" not in tab.url  # what is typed is in no history
    tab.click("#share")
    tab.locator("#share-note", has_text="The link is").wait_for()
    fragment = tab.evaluate("location.hash")
    again = opened(fragment)
    assert again.input_value("#box") == SAMPLE * 3
    assert again.get_attribute("#tab-chunks", "aria-selected") == "true"
    assert (again.input_value("#encoding"), again.input_value("[data-state=max]")) == ("gpt2", "9")
    assert again.inner_text("#chunk-summary") == tab.inner_text("#chunk-summary")
    broken = opened("#view=nope&encoding=none&text=!!!")
    assert broken.get_attribute("#tab-tokens", "aria-selected") == "true"


def test_windows_and_costs_have_the_sums_of_the_library(opened: OpenTab) -> None:
    """The page computes them by itself: each model of the registry, at borders of its limits."""
    tab = opened()
    today = date.today()
    cases = []
    for facts in model_facts(today):
        if "textless" in facts:
            continue
        borders = {0, 1, 777, facts.get("window", 0), facts.get("maxInput", 5) + 1}
        borders |= {
            step["above"] + more
            for step in facts.get("prices", {}).get("long", ())
            for more in (0, 1)
        }
        cases += [
            [facts["name"], tokens, reply]
            for tokens in sorted(borders)
            for reply in (0, 1_000, 10**7)
        ]
    script = joined_script("models.js", read_with_core) + joined_script("money.js")
    answers = tab.evaluate(
        f"""(cases) => {{ {script}
          const {{ modelOf }} = module_models;
          const {{ windowUse, costOf }} = module_money;
          return cases.map(([name, tokens, reply]) => {{
            const model = modelOf(name);
            const {{ usd }} = costOf(model, tokens, model.replies ? reply : 0);
            return [windowUse(model, tokens, reply), usd];
          }});
        }}""",
        cases,
    )
    for (name, tokens, reply), (use, usd) in zip(cases, answers, strict=True):
        model = tokenkit.get_model(name)
        output = reply if model.writes_reply else 0
        price = tokenkit.cost(model, input_tokens=tokens, output_tokens=output, at=today)
        assert usd == (None if price.partial else f"{price.total:f}"), (name, tokens, reply)
        if use is None:
            with pytest.raises(ValueError, match="no context window is published"):
                window_use(model, tokens)
            continue
        expected = window_use(model, tokens, max_output=output or None)
        assert (use["whole"], use["reserved"], use["free"], use["beyond"], use["limit"]) == (
            expected.window,
            expected.reserved,
            expected.free,
            expected.beyond,
            expected.limit,
        ), (name, tokens, reply)
        assert use["limitName"].replace(" ", "_") == expected.limit_name


def test_sums_to_read_have_no_exponent(opened: OpenTab) -> None:
    tab = opened()
    sums = ["0.0000004", "0.00000012345", "0.5", "0.999999", "12.345", "0", "0.100", "0.00001"]
    script = joined_script("money.js")
    shown = tab.evaluate(f"sums => {{ {script} return sums.map(module_money.shownUsd); }}", sums)
    assert shown == ["0.0000004", "0.000000123", "0.5", "1", "12.35", "0", "0.1", "0.00001"]


def test_window(opened: OpenTab) -> None:
    tab = opened()
    enter(tab, SAMPLE)
    tab.click("#tab-window")
    tab.fill("#find", "claude-sonnet-5")
    tab.locator("#models-body tr", has_text="claude-sonnet-5").first.wait_for()
    settled(tab)
    tokens = tokenkit.count(SAMPLE, "gpt-5.4")
    use = window_use("gpt-5.4", tokens, max_output=1_000)
    assert tab.get_attribute("#left", "data-tokens") == str(use.free)
    words = tab.inner_text("#window-card")
    low = tokenkit.cost("gpt-5.4", input_tokens=tokens).total
    assert f"{low:f} USD for the prompt alone, {use.usd:f} USD with the whole reply" in words
    estimate = tokenkit.estimate_tokens(SAMPLE, "claude-sonnet-5")
    row = tab.locator("#models-body tr", has_text="claude-sonnet-5").first
    row.locator("td", has_text=f"≈ {estimate.tokens}").wait_for()
    row.locator("button").click()
    settled(tab)
    assert f"({estimate.low} to {estimate.high})" in tab.inner_text("#window-card")


def test_chat(opened: OpenTab) -> None:
    chat = [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "old " * 900},
        {"role": "assistant", "content": "مرحبا"},
        {"role": "user", "content": "And now?"},
    ]
    request = {"model": "gpt-4.1", "messages": chat, "max_tokens": 50}
    check = tokenkit.preflight(request)
    tab = opened("#view=chat", permissions=["clipboard-read", "clipboard-write"])
    tab.fill("#request", json.dumps(request))
    tab.wait_for_selector(f'#chat-total[data-tokens="{check.tokens}"]')
    assert tab.locator("#chat-parts .num").all_inner_texts() == [
        f"{part.tokens} tokens" for part in check.parts
    ]
    assert f"{check.cost_low:f} to {check.cost_high:f} USD" in tab.inner_text("#chat-summary")
    tab.focus("#limit-slider")
    tab.fill("input[type=number][data-state=limit]", "100")
    tab.wait_for_selector(".fit-line")
    assert tab.locator(".pill").all_inner_texts() == ["kept", "dropped", "dropped", "kept"]
    assert tab.input_value("#limit-slider") == "100"
    tab.click("#copy-fit")
    tab.locator("#chat-status", has_text="clipboard").wait_for()
    copied = json.loads(tab.evaluate("navigator.clipboard.readText()"))
    assert copied == {**request, "messages": [chat[0], chat[3]]}
    tab.fill("#request", "[{]")
    tab.locator("#error", has_text="line 1, column 3").wait_for()
    tab.fill("#request", json.dumps(chat))
    tab.locator("#chat-summary", has_text="gpt-5.4").wait_for()
    assert tab.inner_text("#error") == ""


def test_chunks(opened: OpenTab, tmp_path: Path) -> None:
    text = ("# 👩 Title\n\n" + "One sentence here. Another 漢字 one.\n\n" * 8) * 3
    tab = opened()
    enter(tab, text)
    tab.click("#tab-chunks")
    tab.fill("[data-state=max]", "40")
    tab.fill("[data-state=overlap]", "10")
    settled(tab)
    chunks = tokenkit.chunk(text, encoding=ENCODING, max_tokens=40, overlap=10)
    assert tab.get_attribute("#chunk-summary", "data-chunks") == str(len(chunks))
    assert tab.locator("#plot rect").count() == len(chunks)
    again = tab.locator("#chunk-stage .again").first.text_content()
    first = next(i for i, chunk in enumerate(chunks) if chunk.overlap)
    assert again == text[chunks[first + 1].start : chunks[first].end]
    with tab.expect_download() as begun:
        tab.click("#download")
    begun.value.save_as(tmp_path / "chunks.jsonl")
    lines = (tmp_path / "chunks.jsonl").read_text("utf-8").split("\n")[:-1]
    assert [
        (row["start"], row["end"], row["text"], row["tokens"], row["overlap"])
        for row in map(json.loads, lines)
    ] == [(c.start, c.end, c.text, c.tokens, c.overlap) for c in chunks]
    for strategy in ("greedy", "token"):
        tab.select_option("[data-state=strategy]", strategy)
        settled(tab)
        options: dict[str, Any] = {"max_tokens": 40, "overlap": 10, "strategy": strategy}
        expected = tokenkit.chunk(text, encoding=ENCODING, **options)
        assert tab.get_attribute("#chunk-summary", "data-chunks") == str(len(expected))


def test_all_by_the_keyboard(opened: OpenTab) -> None:
    tab = opened()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.id") == "tab-tokens"
    for key, name in (("End", "chunks"), ("ArrowLeft", "chat"), ("Home", "tokens")):
        tab.keyboard.press(key)
        assert tab.evaluate("document.activeElement.id") == f"tab-{name}"
        assert tab.is_visible(f"#panel-{name}")
    for name in ("window", "chat", "chunks", "tokens"):
        tab.keyboard.press("ArrowRight")
        assert tab.evaluate("document.activeElement.id") == f"tab-{name}"
        assert tab.is_visible(f"#panel-{name}")
    reached = set()
    for _ in range(30):
        tab.keyboard.press("Tab")
        reached.add(
            tab.evaluate("document.activeElement.id || document.activeElement.dataset.state")
        )
    assert {
        "model",
        "encoding",
        "share",
        "open",
        "clear",
        "box",
        "special",
        "other",
        "marks",
        "ids",
        "stage",
    } <= reached


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 380)])
def test_nothing_serious_for_axe(opened: OpenTab, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tab = opened(color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    enter(tab, SAMPLE)
    for name in ("tokens", "window", "chat", "chunks"):
        tab.click(f"#tab-{name}")
        if name == "chat":
            tab.fill("#request", json.dumps([{"role": "user", "content": "Hello"}] * 2))
        settled(tab)
        found = [
            (one["id"], one["nodes"][0]["html"][:200], one["nodes"][0].get("failureSummary"))
            for one in Axe().run(tab).response["violations"]
            if one["impact"] in ("serious", "critical")
        ]
        assert found == [], name
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def test_a_phone_shows_what_matters_on_its_width(opened: OpenTab) -> None:
    tab = opened(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    enter(tab, SAMPLE * 40)
    tokens = tab.locator("#stage .t").first.bounding_box()
    assert tokens["y"] + tokens["height"] < tab.locator("#inspector").bounding_box()["y"]
    assert tab.inner_text("#inspector") == "Tap a token to see its id and bytes."
    tab.locator("#stage .t", has_text=" quick").first.tap()
    assert str(ENCODING.encode(" quick")[0]) in tab.inner_text("#inspector")
    tab.click("#tab-window")
    settled(tab)
    assert tab.locator("#models-body tr").count() == 40
    assert tab.eval_on_selector(".wide", "one => one.scrollWidth <= one.clientWidth")


def test_ids_are_beside_their_lines(opened: OpenTab) -> None:
    tab = opened("#ids=1")
    lines = [
        f"The line {n} has some more tokens than a dozen, so it is a row.\n" for n in range(99)
    ]
    enter(tab, "".join(lines))
    for n in (0, 5):
        row = tab.locator("#stage .row", has_text=f"The line {n} has")
        assert row.locator(".cell").nth(0).text_content() == lines[n]
        ids = [str(one) for one in ENCODING.encode_ordinary(lines[n])]
        assert row.locator(".n").all_text_contents() == ids
    tab.evaluate("stage.scrollTop = 700")
    tab.wait_for_function(f"({LINE_AT_TOP})() !== '0'")
    read = tab.evaluate(LINE_AT_TOP)
    for name in ("ids", "marks", "ids", "marks"):  # what is read stays where it is
        tab.click(f"button[data-state={name}]")
        assert tab.evaluate(LINE_AT_TOP) == read


def test_an_overlap_of_white_space_is_seen(opened: OpenTab) -> None:
    tab = opened("#view=chunks&max=9&overlap=1&format=text")
    text = "One two three four five six.\n\n" * 4
    enter(tab, text)
    settled(tab)
    chunks = tokenkit.chunk(text, encoding=ENCODING, max_tokens=9, overlap=1, format="text")
    expected = [text[b.start : a.end] for a, b in pairwise(chunks) if b.start < a.end]
    assert "\n\n" in expected
    again = tab.locator("#chunk-stage .again")
    assert again.all_text_contents() == expected
    assert again.filter(has=tab.locator('i[data-m="↵"]')).count() == expected.count("\n\n")


def test_a_server_that_ended_is_said(browser: Any) -> None:
    with live_server() as running:
        tab = browser.new_page()
        tab.goto(running.address)
        settled(tab)
        enter(tab, "hello world")
    tab.fill("#box", "more")
    tab.locator("#error", has_text="is `tokenkit serve` still running?").wait_for()
    tab.close()
