"""Chunks keep their promises, whatever the text and the settings."""

from __future__ import annotations

import inspect
import itertools
import random
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import wcwidth
from chunk_promises import check_promises
from hypothesis import given, strategies as st

import tokenkit
from tokenkit import Chunker
from tokenkit.encodings.known import BUNDLED

ROOT = Path(__file__).resolve().parents[2]
O200K = tokenkit.get_encoding("o200k_base")
FORMATS = ["auto", "text", "markdown", "code"]
STRATEGIES: list[Any] = ["optimal", "greedy", "token"]

PARTS = [
    "word",
    " another",
    " and",
    ". ",
    ", ",
    "\n",
    "\r\n",
    "\n\n",
    "\r\n\r\n",
    "# Title\n",
    "```\n",
    "    indented()\n",
    "| a | b |\n",
    "\u4e2d\u6587\u5b57",
    "\u3002",
    "\u0e44\u0e17\u0e22",
    "\U0001f469\u200d\U0001f4bb",
    "\U0001f1eb\U0001f1f7",
    "e\u0301\u0302",
    "\u0915\u094d\u0937",
    "\u05e9\u05dc\u05d5\u05dd",
    "x" * 60,
    "aGVsbG8gd29ybGQ=",
    " " * 30,
    "\t",
    "\0",
    "<|endoftext|>",
    "\ud800",
    "I'\u017f",
    "!?!?",
    "12345",
]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=120).map("".join)


def count(text: str) -> int:
    return O200K.count(text)


@given(
    TEXTS,
    st.sampled_from(FORMATS),
    st.sampled_from(STRATEGIES),
    st.integers(14, 60),
    st.sampled_from([0, 0, 3, 10]),
    st.booleans(),
    st.sampled_from([None, "A title: ", "pre"]),
    st.sampled_from([0, 2]),
    st.sampled_from([0.0, 0.5, 1.0]),
)
def test_promises(
    source: str,
    form: Any,
    strategy: Any,
    limit: int,
    overlap: int,
    trim: bool,
    prefix: str | None,
    reserve: int,
    tightness: float,
) -> None:
    chunker = Chunker(
        encoding="o200k_base",
        max_tokens=limit + 12,
        overlap=overlap,
        format=form,
        strategy=strategy,
        tightness=tightness,
        reserve=reserve,
        prefix=prefix,
        trim=trim,
    )
    check_promises(source, chunker.chunk(source), chunker)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("encoding", BUNDLED)
def test_every_encoding(encoding: str, strategy: Any) -> None:
    rng = random.Random(encoding)
    enc = tokenkit.get_encoding(encoding)
    source = "".join(rng.choices(PARTS, k=400)).replace("\ud800", "")
    chunks = Chunker(encoding=encoding, max_tokens=40, strategy=strategy).chunk(source)
    assert "".join(chunk.text for chunk in chunks) == source
    assert all(chunk.tokens == enc.count(chunk.text) <= 40 for chunk in chunks)


def test_no_text_no_chunk() -> None:
    assert Chunker(encoding="o200k_base", max_tokens=8).chunk("") == []


def test_a_character_over_the_limit_names_its_place() -> None:
    text = "ab \U0001f9ff"
    assert count("\U0001f9ff") > 1
    with pytest.raises(tokenkit.ContextOverflowError, match="3"):
        Chunker(encoding="o200k_base", max_tokens=1).chunk(text)


@given(
    st.lists(st.sampled_from([*"a. \n\t\u0301\u0903\u0605\u1680\u3000\u2028\r", "Word", " b"])),
    st.sampled_from(STRATEGIES),
    st.integers(3, 20),
    st.sampled_from([0, 0, 2]),
)
def test_trimming_cuts_no_cluster(
    parts: list[str], strategy: Any, limit: int, overlap: int
) -> None:
    source = "".join(parts)
    chunker = Chunker(
        encoding="o200k_base", max_tokens=limit, strategy=strategy, overlap=overlap, trim=True
    )
    chunks = chunker.chunk(source)
    check_promises(source, chunks, chunker)
    assert list(chunker.iter_chunks(parts)) == chunks


def test_what_trimming_leaves() -> None:
    """A blank with a mark of its own, and one behind a character that is prepended."""
    for source, expected in (
        ("a b \u0301c d", ["a b", " \u0301c d"]),
        ("a b c \u0605 \n\nd e", ["a b c", "\u0605 ", "d e"]),
        ("\n \u0301", [" \u0301"]),
        ("  \u2028 \n", []),
    ):
        chunker = Chunker(encoding="o200k_base", max_tokens=4, trim=True)
        assert [chunk.text for chunk in chunker.chunk(source)] == expected


def test_khmer_and_burmese_conjuncts_stay_whole() -> None:
    """Since Unicode 17 their stacked consonants are one cluster, as those of Devanagari are."""
    source = "ទ្រល្អណាស់ " * 9 + "က္ကာ " * 9
    for strategy, limit in itertools.product(STRATEGIES, (4, 5, 6, 9)):
        chunker = Chunker(encoding="o200k_base", max_tokens=limit, strategy=strategy)
        chunks = chunker.chunk(source)
        check_promises(source, chunks, chunker)
        starts = ("\u17d2", "\u1039")
        assert not any(chunk.text.startswith(starts) for chunk in chunks)
        for before, after in pairwise(chunks):
            whole = wcwidth.iter_graphemes(source)
            ends = set(itertools.accumulate(map(len, whole)))
            assert before.end == after.start
            assert before.end in ends


def test_clusters_stay_whole() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert count(family) < 20
    for chunk in Chunker(encoding="o200k_base", max_tokens=20, strategy="token").chunk(family * 50):
        assert chunk.text.replace(family, "") == ""


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("unit", ["x", " ", "\n", "\u4e2d", "\U0001f1eb", "\u0301", "ab "])
def test_time_grows_linearly(unit: str, strategy: Any) -> None:
    chunker = Chunker(encoding="o200k_base", max_tokens=512, strategy=strategy)

    def seconds(size: int) -> float:
        begin = time.process_time()
        chunks = chunker.chunk(unit * size)
        assert sum(len(chunk.text) for chunk in chunks) == size * len(unit)
        return time.process_time() - begin

    small = max(seconds(20_000), 0.005)
    assert seconds(200_000) <= 30 * small


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(("prefix", "room"), [(None, 10), ("Title:\n", 8)])
def test_reserve_and_prefix_count_against_the_limit(
    strategy: Any, prefix: str | None, room: int
) -> None:
    chunker = Chunker(
        encoding="o200k_base", max_tokens=16, reserve=6, prefix=prefix, strategy=strategy
    )
    source = "word " * 200
    chunks = chunker.chunk(source)
    check_promises(source, chunks, chunker)
    assert max(chunk.tokens for chunk in chunks) == room


def test_any_limit_is_taken() -> None:
    (chunk,) = tokenkit.chunk("Some words.", encoding="o200k_base", max_tokens=2**70)
    assert chunk.text == "Some words."


def test_overlap_comes_near_what_is_asked() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    chunker = Chunker(encoding="o200k_base", max_tokens=200, overlap=40)
    chunks = chunker.chunk(text)
    check_promises(text, chunks, chunker)
    shared = [chunk.overlap for chunk in chunks[:-1]]
    assert sum(shared) / len(shared) >= 0.6 * 40


def test_same_result_on_threads_and_from_streams() -> None:
    rng = random.Random(5)
    texts = ["".join(rng.choices(PARTS, k=300)) for _ in range(20)]
    for strategy in STRATEGIES:
        chunker = Chunker(encoding="o200k_base", max_tokens=50, strategy=strategy)
        one_by_one = [chunker.chunk(text) for text in texts]
        assert chunker.chunk_batch(texts, num_threads=1) == one_by_one
        assert chunker.chunk_batch(texts, num_threads=4) == one_by_one
        for text, chunks in zip(texts, one_by_one, strict=True):
            places = sorted(rng.choices(range(len(text) + 1), k=30))
            parts = [text[a:b] for a, b in pairwise([0, *places, len(text)])]
            assert list(chunker.iter_chunks(parts)) == chunks


def test_markdown_knows_its_headings() -> None:
    body = "Some words to fill the section, and then some more of them.\n\n"
    text = f"# One\n\n{body}## Two\n\n{body}# Three\n\n{body}"
    chunks = Chunker(encoding="o200k_base", max_tokens=24, format="markdown").chunk(text)
    assert [chunk.headings for chunk in chunks] == [("One",), ("One", "Two"), ("Three",)]
    assert [chunk.boundary for chunk in chunks] == ["heading", "heading", "end"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"max_tokens": 0}, ValueError, "max_tokens: expected at least 1 tokens, got 0"),
        ({"max_tokens": 8.0}, TypeError, "max_tokens: expected a whole number of tokens, got 8.0"),
        ({"max_tokens": None}, ValueError, "max_tokens: expected a number of tokens, or an embed"),
        ({"overlap": 8}, ValueError, "overlap: expected less than the 8 tokens"),
        ({"overlap": -1}, ValueError, "overlap: expected at least 0 tokens, got -1"),
        ({"overlap": "1"}, TypeError, "overlap: expected a whole number of tokens, got '1'"),
        ({"reserve": 8}, ValueError, "max_tokens: expected more than the 8 tokens of reserve and"),
        ({"prefix": "a rather long title " * 2}, ValueError, "got 8; nothing is left for text"),
        ({"prefix": b"title"}, TypeError, "prefix: expected str, got bytes"),
        ({"min_tokens": 9}, ValueError, "min_tokens: expected at most max_tokens, 8, got 9"),
        ({"tightness": 2}, ValueError, "tightness: expected a fraction of at least 0 and at most"),
        ({"tightness": float("nan")}, ValueError, "tightness: expected a fraction .* got nan"),
        ({"tightness": "x"}, TypeError, "tightness: expected a fraction .* got 'x'"),
        ({"format": "html"}, ValueError, "format: expected 'auto', 'text', 'markdown' or 'code'"),
        ({"strategy": "best"}, ValueError, "strategy: expected 'optimal', 'greedy' or 'token'"),
        ({"strategy": None}, ValueError, "strategy: expected 'optimal', .* got None"),
        ({"trim": "no"}, TypeError, "trim: expected True or False, got 'no'"),
        ({"table_header": 1}, TypeError, "table_header: expected True or False, got 1"),
        ({"separators": "--"}, TypeError, "separators: expected a list of str, got '--'"),
        ({"separators": 5}, TypeError, "separators: expected a list of str, got 5"),
        ({"separators": [5]}, TypeError, "separators: expected str, got int"),
        ({"separators": [""]}, ValueError, "expected strings of 1 to 1024 bytes .* one of 0"),
        ({"separators": ["é" * 513]}, ValueError, "of UTF-8, got one of 1026"),
        ({"separators": ["-"], "strategy": "token"}, ValueError, "expected none with the strategy"),
    ],
)
def test_options_that_cannot_be_met(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    every = {"encoding": "o200k_base", "max_tokens": 8, **options}
    with pytest.raises(error, match=message):
        Chunker(**every)
    with pytest.raises(error, match=message):
        tokenkit.chunk("a text", **every)


@pytest.mark.parametrize(("strategy", "limit"), [("optimal", 48), ("greedy", 80)])
def test_tightness_trades_good_borders_for_few_chunks(strategy: Any, limit: int) -> None:
    text = "".join(f"Sentence {k} has words, and a clause.\n" * (k % 7) + "\n" for k in range(60))
    numbers, shares = [], []
    for tightness in (0, 0.5, 1):
        chunker = Chunker(
            encoding="o200k_base", max_tokens=limit, strategy=strategy, tightness=tightness
        )
        *chunks, _ = chunker.chunk(text)
        numbers.append(len(chunks))
        shares.append(sum(chunk.boundary == "paragraph" for chunk in chunks) / len(chunks))
    assert numbers[0] > numbers[1] > numbers[2]
    assert shares[0] > shares[1] > shares[2]


def test_tightness_has_no_steps() -> None:
    """The weight of a border falls on straight lines: from 0 to 0.5, and from there to 1."""

    def weight(tightness: float) -> float:
        chunker = Chunker(encoding="o200k_base", max_tokens=8, tightness=tightness)
        return chunker._settings.weight

    expected = {0: 0.4, 0.25: 0.275, 0.5: 0.15, 0.75: 0.105, 1: 0.06}
    assert {tightness: weight(tightness) for tightness in expected} == pytest.approx(expected)


def test_chunk_has_the_options_of_the_chunker_by_name() -> None:
    """`self` and `text` apart, the signatures are the same; no option hides in **settings."""
    ours = list(inspect.signature(tokenkit.chunk).parameters.values())[1:]
    theirs = list(inspect.signature(Chunker.__init__).parameters.values())[1:]
    assert ours == theirs
    kinds = {option.kind for option in ours[1:]}
    assert (ours[0].name, kinds) == ("model", {inspect.Parameter.KEYWORD_ONLY})


def test_models_by_name_and_by_record() -> None:
    model = "text-embedding-3-small"
    chunks = tokenkit.chunk("Some words. " * 50, model, max_tokens=30)
    record = tokenkit.get_model(model)
    assert tokenkit.chunk("Some words. " * 50, record, max_tokens=30) == chunks
    own = tokenkit.Model(name="own", kind="chat", encoding="gpt2", context_window=512)
    with pytest.raises(ValueError, match="own is not an embedding model with a known input limit"):
        Chunker(own)
    private = tokenkit.Model(name="private", kind="embedding", safe_input_tokens=512)
    with pytest.raises(tokenkit.NoTokenizerError, match="private"):
        Chunker(private)


def test_wants_an_encoding_and_text() -> None:
    with pytest.raises(ValueError, match="encoding"):
        Chunker(max_tokens=8)
    with pytest.raises(TypeError):
        Chunker(encoding="o200k_base", max_tokens=8).chunk(b"bytes")  # type: ignore[arg-type]
    assert Chunker("text-embedding-3-small").max_tokens == 8191
