"""The promises of chunks, on texts of every kind."""

from __future__ import annotations

from typing import Any

import pytest
from chunk_promises import MARKDOWN, PROSE, check_overflow, check_promises
from chunk_reference import borders, least_cost
from hypothesis import given, reject, strategies as st
from strategies import DRAWN, FAMILIES, texts

import tokenkit
from tokenkit import Chunker, ContextOverflowError


@st.composite
def settings(draw: st.DrawFn, name: str) -> dict[str, Any]:
    limit = draw(st.sampled_from([1, 2, 3, 5, 8, 13, 50, 200]))
    return {
        "encoding": name,
        "max_tokens": limit,
        "strategy": draw(st.sampled_from(["optimal", "greedy", "token"])),
        "format": draw(st.sampled_from(["auto", "text", "markdown", "code"])),
        "tightness": draw(st.sampled_from([0.0, 0.5, 1.0])),
        "overlap": draw(st.integers(0, limit - 1)) if draw(st.booleans()) else 0,
        "prefix": draw(st.sampled_from(["", "", "Title: ", "doc\n\n", "it'"])),
        "reserve": draw(st.sampled_from([0, 0, 1])),
        "trim": draw(st.booleans()),
        "min_tokens": draw(st.sampled_from([0, 0, limit // 2])),
    }


@pytest.mark.parametrize("name", DRAWN)
@given(st.data())
def test_promises(name: str, data: st.DataObject) -> None:
    chosen = data.draw(settings(name))
    source = data.draw(texts(name))
    try:
        chunker = Chunker(**chosen)
    except ValueError:  # the prefix leaves no room: see test_options_that_cannot_be_met
        reject()
    try:
        chunks = chunker.chunk(source)
    except ContextOverflowError as error:
        check_overflow(source, error, chunker)
        chunks = chunker.chunk(source := "")
    check_promises(source, chunks, chunker)
    assert chunker.chunk_batch([source, "", source], num_threads=3) == [chunks, [], chunks]


@pytest.mark.parametrize("name", FAMILIES)
@given(st.data())
def test_optimal_costs_what_the_slow_partition_costs(name: str, data: st.DataObject) -> None:
    enc = tokenkit.get_encoding(name)
    words = st.sampled_from(["one", "two's", "three,", "Four.", "五。", "六，", "}", "(x)", "//"])
    joints = st.sampled_from([" ", "  ", "\n", "\n\n", "\r\n", "\n  ", ""])
    parts = data.draw(st.lists(st.tuples(words, joints), min_size=1, max_size=25))
    source = "".join(word + joint for word, joint in parts)
    limit = data.draw(st.integers(16, 40))
    tightness, weight = data.draw(st.sampled_from([(0.0, 0.4), (0.5, 0.15), (1.0, 0.06)]))
    chunks = Chunker(encoding=enc, max_tokens=limit, format="text", tightness=tightness).chunk(
        source
    )
    best = least_cost(source, enc, limit, weight)
    if best is not None:
        penalties = dict(borders(source))
        cost = sum(1 + weight * penalties[c.end] for c in chunks)
        assert cost == pytest.approx(best)


SENTENCES = {
    "Hindi": ("सूरज उगता है। चाँद डूबता है। ", "।"),
    "Bengali": ("সূর্য ওঠে। চাঁদ ডোবে। ", "।"),
    "Arabic": ("تشرق الشمس كل يوم. هل يغيب القمر؟ ", ".؟"),
    "Urdu": ("سورج نکلتا ہے۔ چاند ڈوبتا ہے۔ ", "۔"),
    "Japanese": ("太陽が昇る。月が沈む。", "。"),
    "Chinese": ("太阳升起。月亮落下！风在吹吗？", "。！？"),
    "Korean": ("해가 뜬다. 달이 진다. ", "."),
    "Burmese": ("နေထွက်သည်။ လဝင်သည်။ ", "။"),
    "Khmer": ("ព្រះអាទិត្យរះ។ ព្រះច័ន្ទលិច។ ", "។"),
    "Amharic": ("ፀሐይ ትወጣለች። ጨረቃ ትጠልቃለች። ", "።"),
    "Tibetan": ("ཉི་མ་ཤར། ཟླ་བ་ནུབ། ", "།"),
}


@pytest.mark.parametrize("language", SENTENCES)
def test_sentences_of_many_languages(language: str) -> None:
    text, ends = SENTENCES[language]
    limit = 2 * tokenkit.count(text, encoding="o200k_base") + 2
    chunker = Chunker(
        encoding="o200k_base", max_tokens=limit, format="text", tightness=0, trim=True
    )
    chunks = chunker.chunk(text * 10)
    assert len(chunks) > 2
    assert {c.boundary for c in chunks[:-1]} == {"sentence"}
    assert all(c.text.endswith(tuple(ends)) for c in chunks)


def test_thai_is_cut_at_spaces_else_between_clusters() -> None:
    text = "ดวงอาทิตย์ขึ้นทางทิศตะวันออก ดวงจันทร์ตกทางทิศตะวันตก "
    chunker = Chunker(encoding="o200k_base", max_tokens=34, format="text")
    assert {c.boundary for c in chunker.chunk(text * 9)[:-1]} == {"word"}
    run = text.replace(" ", "") * 9
    chunks = chunker.chunk(run)
    assert {c.boundary for c in chunks[:-1]} == {"character"}
    check_promises(run, chunks, chunker)


@pytest.mark.parametrize("strategy", ["optimal", "greedy", "token"])
@pytest.mark.parametrize("unit", ["a", "ab ", " ", "\n", "漢", "🇩🇪", "a\u0301", "👩\u200d", "\r\n"])
def test_long_runs(strategy: Any, unit: str) -> None:
    chunker = Chunker(encoding="o200k_base", max_tokens=50, strategy=strategy)
    source = unit * (60_000 // len(unit))
    check_promises(source, chunker.chunk(source), chunker)


def test_markdown() -> None:
    chunker = Chunker(encoding="o200k_base", max_tokens=24, format="markdown", tightness=0)
    chunks = chunker.chunk(MARKDOWN)
    assert [c.headings for c in chunks][-1] == ("Title",)
    for c in chunks:
        assert c.text.count("```") % 2 == 0
        assert not c.text.rstrip().endswith(("# Guide", "## Install", "====="))
        if "|---" in c.text:
            assert "| a" in c.text
            assert "| 1" in c.text


def test_tildes_under_a_title_open_no_fence() -> None:
    title = "Ports to Other Languages\n~~~~~~~~~~~~~~~~~~~~~~~~\n\n"
    body = "A list is on a page, with more words and a few numbers.\n\n"
    chunker = Chunker(encoding="o200k_base", max_tokens=32, format="markdown")
    chunks = chunker.chunk((title + body) * 4)
    assert {c.headings for c in chunks} == {("Ports to Other Languages",)}
    assert [c.text for c in chunks] == [title + body] * 4
    fence = "Example:\n~~~\n# no heading\n~~~\n"
    assert chunker.chunk(fence)[0].headings == ()


@pytest.mark.parametrize("opening", ["```\n", "# Title\n", "| a | b |\n"])
def test_what_is_too_long_to_stay_whole_is_cut_between_lines(opening: str) -> None:
    line = opening if "|" in opening else "some words, as they stand in a line. And more of them\n"
    source = opening + (line * 5 + "\n") * 30
    chunker = Chunker(encoding="o200k_base", max_tokens=64, format="markdown")
    for c in chunker.chunk(source):
        assert c.text.endswith("\n")


def test_code_is_cut_between_blocks() -> None:
    block = "def f(x):\n    y = x\n\n    return y\n\n\n"
    chunks = Chunker(encoding="o200k_base", max_tokens=30, tightness=0).chunk(block * 20)
    assert {c.boundary for c in chunks[:-1]} == {"block"}


def test_overlap_on_prose() -> None:
    chunker = Chunker(encoding="o200k_base", max_tokens=64, overlap=16)
    chunks = chunker.chunk(PROSE)
    assert sum(c.overlap for c in chunks[:-1]) / len(chunks[:-1]) >= 0.6 * 16


def test_small_tails_are_filled_up() -> None:
    source = "word " * 33
    plain = Chunker(encoding="o200k_base", max_tokens=16).chunk(source)
    assert min(c.tokens for c in plain) < 8
    even = Chunker(encoding="o200k_base", max_tokens=16, min_tokens=8).chunk(source)
    assert min(c.tokens for c in even) >= 8
    assert len(even) == len(plain)


def test_small_chunks_behind_each_other_are_joined() -> None:
    source = "longer\n### A\n\n##### Bee\n\n👩\u200d👩\u200d👧 "
    options: Any = {"max_tokens": 9, "strategy": "greedy", "format": "markdown"}
    apart = tokenkit.chunk(source, encoding="cl100k_base", **options)
    joined = tokenkit.chunk(source, encoding="cl100k_base", min_tokens=5, **options)
    assert [c.text for c in apart][:3] == ["longer\n", "### A\n\n", "##### Bee\n\n"]
    assert joined[0].text == "longer\n### A\n\n##### Bee\n\n"


def test_one_character_above_the_limit() -> None:
    with pytest.raises(ContextOverflowError, match="offset 5") as caught:
        Chunker(encoding="gpt2", max_tokens=2).chunk("abcd 𓀀")
    assert caught.value.needed > caught.value.available == 2


def test_limits_of_models() -> None:
    assert Chunker("text-embedding-3-small").max_tokens == 8191
    with pytest.raises(ValueError, match="max_tokens"):
        Chunker("gpt-4o")
    assert tokenkit.chunk("", max_tokens=8, encoding="o200k_base") == []
