"""Drawings for notebooks: static HTML in which all that is foreign is escaped, and plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pyarrow
import pytest
from hypothesis import given, strategies as st

import tokenkit
from tokenkit.views.inline import HUES
from tokenkit.views.tokens import segments

ATTACK = "</div></textarea><script>alert(1)</script>'\"><img src=x onerror=alert(1)>\u202e\x00"
ALLOWED = {"div", "span", "b", "table", "tr", "td"}
CHAT = [{"role": "system", "content": "Be short."}, {"role": "user", "content": ATTACK}]
ENCODING = tokenkit.get_encoding("o200k_base")


class Reader(HTMLParser):
    """The elements of HTML, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.depth = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.depth += 1

    def handle_endtag(self, tag: str) -> None:
        self.depth -= 1

    def handle_data(self, data: str) -> None:
        self.text += data


def drawn(thing: Any) -> Reader:
    """The elements that a thing draws: none can run, load or leave its place."""
    html = thing._repr_html_()
    reader = Reader(html)
    assert {tag for tag, _ in reader.tags} <= ALLOWED
    assert {name for _, found in reader.tags for name in found} <= {"style", "title", "dir"}
    assert reader.depth == 0
    assert not set(html) & set("\x00\u202e")
    assert "url(" not in html
    return reader


@given(st.text(st.sampled_from("ab <&\"'\n漢👩é\u202e\x00")))
def test_a_text_is_drawn_token_by_token(text: str) -> None:
    shown = tokenkit.show(text, encoding=ENCODING)
    reader = drawn(shown)
    spans = [found for tag, found in reader.tags if tag == "span"]
    assert len(spans) == len(list(segments(text, ENCODING)))
    ids = [part.split(" ")[0] for one in spans for part in str(one["title"]).split("; ")]
    assert ids == [str(token) for token in ENCODING.encode_ordinary(text)]
    assert f"{ENCODING.count(text):,} token" in str(shown)


def results() -> dict[str, Any]:
    table = pyarrow.table({ATTACK.replace("\x00", ""): ["hello world", "hi"]})
    tool = {"type": "function", "function": {"name": ATTACK, "parameters": {"type": "object"}}}
    model = tokenkit.Model(name="<m>" + ATTACK[:30], kind="chat", encoding="o200k_base")
    request = {"model": "gpt-4.1", "messages": CHAT, "tools": [tool], ATTACK: 1}
    return {
        "count": tokenkit.count_messages(CHAT, "gpt-4.1", tools=[tool]),
        "unbounded": tokenkit.count_messages([{**CHAT[1], ATTACK: "x"}], "gpt-4.1"),
        "fit": tokenkit.fit([{"role": "user", "content": "a " * 9_000}, CHAT[1]], "gpt-4-0613"),
        "preflight": tokenkit.preflight(request),
        "cost": tokenkit.cost("gpt-4.1", input_tokens=10, output_tokens=5),
        "unpriced": tokenkit.cost(model, input_tokens=10),
        "estimate": tokenkit.estimate_tokens(ATTACK, "claude-sonnet-5"),
        "report": tokenkit.token_report(table, table.column_names[0], "text-embedding-3-small"),
    }


RESULTS = results()


@pytest.mark.parametrize("name", RESULTS)
def test_results_draw_themselves(name: str) -> None:
    result = RESULTS[name]
    reader = drawn(result)
    priced = isinstance(result, tokenkit.Cost)
    assert (f"{result.total:f} USD" if priced else f"{result.tokens:,}") in reader.text
    assert tokenkit.show(result)._repr_html_() == result._repr_html_()
    for part in getattr(result, "parts", ()):
        assert f"{part.tokens}" in reader.text


def test_colours_go_by_the_number_of_the_token() -> None:
    """So that they are those of the page, where a character of two tokens has two."""
    text = "\U00016ea0!"
    tokens = [len(segment.tokens) for segment in segments(text, ENCODING)]
    assert tokens[0] > 1
    html = tokenkit.show(text, encoding=ENCODING).html
    assert re.findall('<span style="background-color:(#[0-9a-f]*)', html) == [
        HUES[0],
        HUES[tokens[0] % len(HUES)],
    ]


def test_chats_and_requests() -> None:
    count = tokenkit.count_messages(CHAT, "gpt-4.1")
    shown = tokenkit.show(CHAT, "gpt-4.1")
    assert str(count.tokens) in drawn(shown).text
    assert "messages[0] (system): " in str(shown)
    request = {"model": "gpt-4.1", "messages": CHAT}
    assert str(tokenkit.show(request)) == tokenkit.preflight(request).report()
    assert drawn(tokenkit.show({"messages": CHAT}, "gpt-4.1")).text.count("gpt-4.1")
    other = tokenkit.preflight(request, model="gpt-3.5-turbo")
    assert str(tokenkit.show(request, "gpt-3.5-turbo")) == other.report()
    for thing in (CHAT, request, count):
        with pytest.raises(ValueError, match="encoding: expected one for a text alone"):
            tokenkit.show(thing, "gpt-4.1", encoding="cl100k_base")
    gemini = [{"role": "user", "parts": [{"text": ATTACK}]}]
    assert "alert(1)" in drawn(tokenkit.show(gemini, "gpt-4.1")).text


def test_chunks_mark_what_they_share() -> None:
    text = f"One sentence here. {ATTACK} Another one. " * 9
    chunks = tokenkit.chunk(text, encoding=ENCODING, max_tokens=60, overlap=20)
    reader = drawn(tokenkit.show(chunks))
    marked = [tag for tag, found in reader.tags if tag == "span"]
    assert len(marked) == sum(chunk.overlap > 0 for chunk in chunks[:-1])
    assert f"{len(chunks)} chunks" in reader.text
    for chunk in chunks:
        assert f"chunk {chunk.index}: {chunk.tokens} tokens" in reader.text


def test_what_is_too_much_is_named() -> None:
    text = "word " * 30_000
    shown = tokenkit.show(text, encoding=ENCODING)
    reader = drawn(shown)
    assert sum(tag == "span" for tag, _ in reader.tags) == 10_000
    left = len(text) - list(segments(text, ENCODING))[9_999].end
    assert f"the last {left:,} characters are not drawn" in reader.text
    assert f"{ENCODING.count(text):,} tokens" in reader.text
    chunks = tokenkit.chunk(text, encoding=ENCODING, max_tokens=9)
    assert f"and {len(chunks) - 200:,} more chunks" in drawn(tokenkit.show(chunks)).text
    chunks = tokenkit.chunk(text, encoding=ENCODING, max_tokens=12_000)
    assert len(chunks[0].text) < 100_000 < len(chunks[0].text + chunks[1].text)
    assert f"and {len(chunks) - 1} more chunks" in drawn(tokenkit.show(chunks)).text
    chat = [{"role": "user", "content": "Hi"}] * 300
    assert "and 101 more parts" in drawn(tokenkit.show(chat, "gpt-4.1")).text


@pytest.mark.parametrize(
    ("thing", "error", "words"),
    [
        ("text", ValueError, "model or an encoding"),
        (CHAT, ValueError, "model: expected the name of a model for a chat"),
        ([], TypeError, "expected a text, messages"),
        (3, TypeError, "expected a text, messages"),
        ([1, 2], TypeError, "expected a text, messages"),
        (tokenkit.Cost, TypeError, "expected a text, messages"),
    ],
)
def test_errors(thing: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        tokenkit.show(thing)


def test_each_line_has_its_direction() -> None:
    text = "שלום עולם\nThe quick brown fox.\n"
    chunks = tokenkit.chunk(text, "gpt-5.4", max_tokens=20)
    for shown in (tokenkit.show(text, "gpt-5.4"), tokenkit.show(chunks)):
        assert "unicode-bidi:plaintext;text-align:start" in shown.html
