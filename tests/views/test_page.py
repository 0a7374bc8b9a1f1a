"""The page, without a browser: what is in the file, and what is escaped in it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, strategies as st

import tokenkit
from tokenkit.views.figures import window_use
from tokenkit.views.page import _rule_words, html_page
from tokenkit.views.parts import Part, chunk_parts
from tokenkit.views.tokens import HIDDEN

ENCODING = tokenkit.get_encoding("o200k_base")
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<img src=x onerror=alert(1)>",
    "'\"><svg onload=alert(1)>",
    "\u2028\u2029 line separators",
    "\x00 NUL \x1b[31m",
    "\u202e\u2066 bidi \u200f",
    "lone \ud800 and \udfff, a pair \ud83d\ude00",
    "{{data}} {{script_hash}} {{nothing}}",
    "]]> &lt; &amp; \\u003c \\",
]


class Reader(HTMLParser):
    """The elements of a page, and the contents of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags:
            self.inside.setdefault(self.tags[-1][0], []).append(data)

    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.inside["script"][0])
        return found


def made(*texts: str, **options: Any) -> str:
    return html_page([Part(text) for text in texts], [ENCODING], **{"title": "A title", **options})


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_data(text: str) -> None:
    html = made(text, title=text, subtitle=text)
    html.encode()  # can be written
    assert not HIDDEN.search(html)
    reader, harmless = Reader(html), Reader(made("harmless"))
    assert [tag for tag, _ in reader.tags] == [tag for tag, _ in harmless.tags]
    assert reader.data()["parts"][0]["text"] == text.encode("utf-16", "surrogatepass").decode(
        "utf-16", "surrogatepass"
    )


@given(st.text(st.characters(), max_size=60))
def test_any_text_comes_back(text: str) -> None:
    data = Reader(made(text)).data()
    assert data["parts"][0]["text"] == text
    assert data["parts"][0]["raw"][0]["ids"] == ENCODING.encode_ordinary(text)


@given(st.text(st.sampled_from("ab 漢é👩🏽\u200d\ud800ༀ"), max_size=30))
def test_steps_and_sizes(text: str) -> None:
    """They are read as the page's script does."""
    view = Reader(made(text)).data()["parts"][0]["raw"][0]
    utf16 = text.encode("utf-16-le", "surrogatepass")
    at, groups = 0, []
    for step in view["steps"]:
        if step >= 0:
            groups.append([at, at + step, 1])
        else:
            groups[-1][1] += ~step
            groups[-1][2] += 1
        at += abs(step) if step >= 0 else ~step
    assert at * 2 == len(utf16)
    sizes = iter(view["sizes"])
    for start, end, tokens in groups:
        if tokens > 1:
            part = utf16[2 * start : 2 * end].decode("utf-16-le", "replace")
            assert sum(next(sizes) for _ in range(tokens)) == len(part.encode())
    assert next(sizes, None) is None


@given(st.lists(st.text(st.sampled_from("ab \n漢é👩🏽\u200d\ud800"), max_size=30), max_size=3))
def test_what_a_chunk_repeats_is_given_in_utf16(texts: list[str]) -> None:
    """JavaScript slices by UTF-16 code units, Python by characters."""
    source = "👩 is a woman, 𓀀 a man. ".join(texts) * 20
    chunks = tokenkit.chunk(source, encoding=ENCODING, max_tokens=24, overlap=12)
    data = Reader(html_page(chunk_parts(chunks), [ENCODING], title="t")).data()
    ends = [0, *(chunk.end for chunk in chunks)]
    for part, chunk, end in zip(data["parts"], chunks, ends, strict=False):
        utf16 = chunk.text.encode("utf-16-le", "surrogatepass")
        shared = source[chunk.start : end].encode("utf-16-le", "surrogatepass")
        assert utf16[: 2 * part["repeated"]] == shared


def test_a_repeated_emoji_is_two_units() -> None:
    part = Part("👩 word", repeated=2)
    assert Reader(html_page([part], [ENCODING], title="t")).data()["parts"][0]["repeated"] == 3


def test_hostile_names_of_models_and_parts() -> None:
    tokenkit.register_model(
        {"name": "<b>&\u202e", "kind": "chat", "encoding": "o200k_base", "context_window": 1_000}
    )
    part = Part("text", title="</script><b>", notes=("<i>",), tokens=1, limit=2)
    html = html_page([part], [ENCODING], title="t", use=window_use("<b>&\u202e", 5))
    assert "<b>&" not in html
    assert "&lt;b&gt;&amp;[RLO]" in html
    assert Reader(html).data()["parts"][0]["title"] == "</script><b>"


def test_nothing_but_the_pages_own_script_may_run() -> None:
    html = made("text")
    reader = Reader(html)
    policy = next(a["content"] for tag, a in reader.tags if a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        content = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert len(content) == 1
        digest = base64.b64encode(hashlib.sha256(content[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_the_page_is_joined_from_its_files() -> None:
    source = {
        name: files("tokenkit.views").joinpath(name).read_text("utf-8")
        for name in ("page.html", "page.css", "rows.js", "page.js")
    }
    html = made("text")
    assert f"<style>{source['page.css']}</style>" in html
    assert f"<script>(() => {{\n{source['rows.js']}{source['page.js']}}})();\n</script>" in html
    for name in ("page.css", "rows.js", "page.js"):  # nothing in them ends its element
        assert not re.search(r"</|<!--|<script", source[name])
    fields = Counter(re.findall(r"\{\{(\w+)\}\}", source["page.html"]))
    assert set(fields.values()) == {1}
    assert "{{" not in html.replace(source["page.js"], "")


def test_nothing_is_loaded() -> None:
    reader = Reader(made("text", use=window_use("gpt-4o", 1_000, max_output=10)))
    for tag, attributes in reader.tags:
        assert not {"src", "href", "srcset", "action", "style"} & set(attributes), tag
        assert not [name for name in attributes if name.startswith("on")]
        assert tag not in ("link", "img", "iframe", "object", "embed", "base")
    assert not re.search(r"url\(|@import (?!\{)|fetch\(|XMLHttp|eval\(|innerHTML", made("text"))


def test_figures_and_window() -> None:
    html = made("How many tokens is this?", use=window_use("gpt-4o", 6, max_output=1_000))
    for words in ("6 <small>tokens", "4.00 <small>", "is right here", "126,994", "0.010015 USD"):
        assert words in html
    assert "5 tokens over" in made("x", use=window_use("gpt-4", 8_197))
    assert "No text, no tokens" in made("")


def test_the_thinnest_stretch_of_a_window_is_seen() -> None:
    html = made("x", use=window_use("gpt-4o", 1))
    assert '<rect x="0.000%" width="0.400%" height="100%" class="f-prompt"/>' in html
    assert 'aria-label="prompt 1, left for the prompt 127,999"' in html


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (None, "No text, no tokens."),
        (0.0049, "The rule of 4 characters per token is right here."),
        (0.03, "The rule of 4 characters per token would say 3% too many here."),
        (-0.321, "The rule of 4 characters per token would say 32% too few here."),
    ],
)
def test_words_about_the_rule(error: float | None, words: str) -> None:
    assert _rule_words(error) == words


def test_two_encodings_and_not_three() -> None:
    other = tokenkit.get_encoding("cl100k_base")
    data = Reader(html_page([Part("naïve")], [ENCODING, other], title="t")).data()
    assert data["encodings"] == ["o200k_base", "cl100k_base"]
    assert [view["ids"] for view in data["parts"][0]["raw"]] == [
        ENCODING.encode_ordinary("naïve"),
        other.encode_ordinary("naïve"),
    ]
    for encodings in ([], [ENCODING, other, ENCODING]):
        with pytest.raises(ValueError, match="one encoding or two"):
            html_page([Part("a")], encodings, title="t")


def test_size_of_a_page() -> None:
    text = "The quick brown fox jumps over the lazy dog.\n" * 4_000
    assert len(made(text)) < 4 * len(text)
