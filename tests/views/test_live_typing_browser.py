"""Typing into a long text on the live page (`pytest -m browser`)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from live_page import enter, settled, shown, total
from watched_tabs import OpenTab, watched_tabs

import tokenkit
from tokenkit.views import live_file
from tokenkit.views.tokens import segments

pytestmark = pytest.mark.browser

ENCODING = tokenkit.get_encoding("o200k_base")
LINES = [f"Line {n} has 漢字, 👩 and naïve words, and a few more of them.\n" for n in range(400)]
# Marks the rows that are shown, and counts those of the next drawing that are still the same.
MARK = """() => {
  for (const row of stage.querySelectorAll(".row")) row.old = true;
}"""
OLD_ROWS = """() => {
  const rows = [...stage.querySelectorAll(".row")];
  return [rows.filter((row) => row.old).length, rows.length];
}"""
# The text of each row that is shown, where it begins, and how high it is.
PLACES = """() => [...stage.querySelectorAll(".row")].map((row) => [
  row.children[0].textContent,
  Number.parseFloat(row.style.transform.slice("translateY(".length)),
  row.offsetHeight,
])"""
# The side at which the last line of each row begins.
SIDES = """() => [...stage.querySelectorAll(".cell:not(.ids)")].map((cell) => {
  const words = [...cell.querySelectorAll(".t")].flatMap((one) => [...one.getClientRects()]);
  const bottom = Math.max(...words.map((one) => one.bottom));
  const last = words.filter((one) => one.bottom > bottom - 9);
  const box = cell.getBoundingClientRect();
  const left = Math.min(...last.map((one) => one.left)) - box.left;
  const right = box.right - Math.max(...last.map((one) => one.right));
  return left < right ? "ltr" : "rtl";
})"""
HUES = """() => [...stage.querySelectorAll(".row")].map((row) => [
  row.textContent,
  Array.from(row.querySelectorAll(".t"), (one) => one.className.match(/h\\d/)[0]).join(""),
])"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("live") / "page.html"
    path.write_text(live_file([], "o200k_base"), "utf-8")
    return path


@pytest.fixture
def opened(browser: Any, page: Path) -> Iterator[OpenTab]:
    """Opens the page offline; at the end nothing may have gone wrong or been asked for."""
    with watched_tabs(browser, page.as_uri(), "data:", "blob:") as open_tab:
        yield lambda fragment="": settled(open_tab(page.as_uri() + fragment, offline=True))


@pytest.mark.parametrize("fragment", ["", "#ids=1", "#other=o200k_harmony"])
def test_an_edit_leaves_other_rows_as_they_are(opened: OpenTab, fragment: str) -> None:
    tab = opened(fragment)
    enter(tab, "".join(LINES))
    place = len("".join(LINES[:3])) + 4
    tab.focus("#box")
    units = len("".join(LINES)[:place].encode("utf-16-le")) // 2
    tab.evaluate("place => box.setSelectionRange(place, place)", units)
    tab.evaluate("stage.scrollTop = 0")
    settled(tab)
    tab.evaluate(MARK)
    tab.keyboard.type(" new words\n")
    settled(tab)
    text = "".join(LINES)
    text = f"{text[:place]} new words\n{text[place:]}"
    assert total(tab) == ENCODING.count(text)
    old, rows = tab.evaluate(OLD_ROWS)
    assert rows - 3 <= old < rows
    # All rows, old and new, look as they do in a page that never had another text.
    fresh = opened(fragment)
    enter(fresh, text)
    seen = dict(map(tuple, tab.evaluate(HUES)))
    expected = dict(map(tuple, fresh.evaluate(HUES)))
    both = seen.keys() & expected.keys()
    assert len(both) > rows / 2
    assert {row: seen[row] for row in both} == {row: expected[row] for row in both}


@pytest.mark.parametrize("fragment", ["", "#ids=1", "#other=o200k_harmony"])
def test_rows_that_are_deleted_leave_the_others_in_their_places(
    opened: OpenTab, fragment: str
) -> None:
    tab = opened(fragment)
    lines = [f"Line {n} has some words. " * 20 + "\n" for n in range(30)]
    enter(tab, "".join(lines))
    tab.focus("#box")
    for first, end in ((2, 5), (0, 1), (1, 9)):
        begin = len("".join(lines[:first]))
        tab.evaluate("place => box.setSelectionRange(...place)", [begin, len("".join(lines[:end]))])
        tab.evaluate("stage.scrollTop = 0")
        settled(tab)
        tab.keyboard.press("Delete")
        settled(tab)
        del lines[first:end]
        places = tab.evaluate(PLACES)
        assert all(below == top + height for (_, top, height), (_, below, _) in pairwise(places))
        assert "".join(lines).startswith("".join(text for text, _, _ in places))
    assert total(tab) == ENCODING.count("".join(lines))


def test_a_row_goes_on_in_the_direction_of_its_line(opened: OpenTab) -> None:
    """Also where it begins with words of another one, and when the line's beginning changes."""
    tab = opened()
    for before, word, direction in (("שלום ", "word ", "rtl"), ("Hello ", "שלום ", "ltr")):
        enter(tab, before + word * 900)
        assert len(tab.evaluate(SIDES)) > 2
        assert set(tab.evaluate(SIDES)) == {direction}
        tab.focus("#box")
        tab.evaluate("n => box.setSelectionRange(0, n)", len(before))
        tab.evaluate("stage.scrollTop = 0")
        settled(tab)
        tab.keyboard.press("Delete")
        settled(tab)
        assert set(tab.evaluate(SIDES)) == {"ltr" if direction == "rtl" else "rtl"}
    enter(tab, "שלום " + "word " * 90 + "\n" + "word " * 90 + "\n")
    assert tab.evaluate(SIDES) == ["rtl", "ltr"]


def test_an_edit_of_a_long_line_leaves_most_of_it_as_it_is(opened: OpenTab) -> None:
    tab = opened()
    words = " ".join(line.strip() for line in LINES)
    enter(tab, words)
    tab.focus("#box")
    tab.evaluate("box.setSelectionRange(8, 8)")
    tab.evaluate("stage.scrollTop = 0")
    settled(tab)
    for key in "more 漢":
        tab.evaluate(MARK)
        tab.keyboard.insert_text(key)
        settled(tab)
        old, rows = tab.evaluate(OLD_ROWS)
        assert old >= rows - 3 > 0, key
    assert total(tab) == ENCODING.count(f"{words[:8]}more 漢{words[8:]}")


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("Hello", "ltr"),
        ("שלום", "rtl"),
        ("a\nمرحبا", "ltr"),
        ("ߊߋ", "rtl"),
        ("𞤀𞤁", "rtl"),
        ("漢", "ltr"),
    ],
)
def test_the_box_has_the_direction_of_its_text(opened: OpenTab, text: str, direction: str) -> None:
    """As the browser finds it, where the page leaves that to it."""
    tab = opened()
    tab.focus("#box")
    tab.keyboard.insert_text(text)
    assert tab.evaluate("getComputedStyle(box).direction") == direction
    assert tab.evaluate("box.dir = 'auto', getComputedStyle(box).direction") == direction
    enter(tab, "")
    enter(tab, text)
    assert tab.evaluate("getComputedStyle(box).direction") == direction


def test_tokens_behind_an_edit_have_their_new_places(opened: OpenTab) -> None:
    tab = opened()
    enter(tab, "".join(LINES))
    tab.focus("#box")
    tab.evaluate("box.setSelectionRange(0, 0)")
    tab.keyboard.type("漢 first ")
    settled(tab)
    text = "漢 first " + "".join(LINES)
    parts = list(segments(text, ENCODING))
    assert shown(tab)[:50] == [text[one.start : one.end] for one in parts[:50]]
    for piece in ("Line 9", "Line 12"):
        where = text.index(piece)
        part = next(one for one in parts if one.start == where)
        line = tab.locator("#stage .t", has_text="Line").filter(has_text="Line")
        line.nth(int(piece.split()[1])).click()
        told = tab.inner_text("#inspector")
        assert f"characters {part.start}–{part.end}" in told
        assert f"bytes {part.tokens[0].byte_start}–{part.tokens[-1].byte_end}" in told
        assert str(part.tokens[0].id) in told


def test_what_is_typed_is_followed_and_another_text_is_read_from_its_beginning(
    opened: OpenTab,
) -> None:
    tab = opened()
    enter(tab, "".join(LINES))
    assert tab.evaluate("stage.scrollTop") == 0
    tab.focus("#box")
    tab.keyboard.press("Control+End")
    tab.keyboard.type("ends here")
    settled(tab)
    assert tab.locator("#stage .sel").all_text_contents() == [" here"]
    assert tab.locator("#stage .sel").is_visible()
    assert tab.evaluate("stage.scrollTop") > 0


def test_rows_stand_in_their_order(opened: OpenTab) -> None:
    """In that order they are read aloud, and copied."""
    tab = opened()
    enter(tab, "".join(LINES))
    for top in (4000, 3500, 4200, 0):
        tab.evaluate("top => stage.scrollTop = top", top)
        tab.wait_for_timeout(100)
        assert "".join(shown(tab)) in "".join(LINES)
