"""Single functions, for comparing two states of this repository::

    pytest benchmarks/test_functions.py --benchmark-save=before
    pytest benchmarks/test_functions.py --benchmark-compare

No case asserts a time. All are hot: the same text again.
"""

from __future__ import annotations

import pyarrow
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import tokenkit
from benchmarks.corpus import built_in, hostile_runs, strings_of

TEXTS = {name: text[:100_000] for name, text in built_in(200_000).items()}
STRINGS = strings_of(TEXTS["english"], 200)


@pytest.fixture(scope="module", params=["o200k_base", "cl100k_base"])
def enc(request: pytest.FixtureRequest) -> tokenkit.Encoding:
    return tokenkit.get_encoding(request.param)


@pytest.mark.parametrize("name", TEXTS)
def test_encode_to_numpy(benchmark: BenchmarkFixture, enc: tokenkit.Encoding, name: str) -> None:
    ids = benchmark(enc.encode_to_numpy, TEXTS[name], disallowed_special=())
    assert enc.decode(ids.tolist()) == TEXTS[name]


@pytest.mark.parametrize("name", TEXTS)
def test_count(benchmark: BenchmarkFixture, enc: tokenkit.Encoding, name: str) -> None:
    number = benchmark(enc.count, TEXTS[name])
    assert number == len(enc.encode_ordinary(TEXTS[name]))


def test_encode_ordinary(benchmark: BenchmarkFixture, enc: tokenkit.Encoding) -> None:
    ids = benchmark(enc.encode_ordinary, TEXTS["english"])
    assert enc.decode(ids) == TEXTS["english"]


def test_decode(benchmark: BenchmarkFixture, enc: tokenkit.Encoding) -> None:
    ids = enc.encode_ordinary(TEXTS["multilingual"])
    assert benchmark(enc.decode, ids) == TEXTS["multilingual"]


def test_count_short(benchmark: BenchmarkFixture, enc: tokenkit.Encoding) -> None:
    assert benchmark(enc.count, "How many tokens is") == 4


def test_count_batch(benchmark: BenchmarkFixture, enc: tokenkit.Encoding) -> None:
    numbers = benchmark(enc.count_batch, STRINGS, num_threads=1)
    assert numbers.tolist() == [enc.count(text) for text in STRINGS]


def test_count_arrow(benchmark: BenchmarkFixture, enc: tokenkit.Encoding) -> None:
    counts = benchmark(enc.count_arrow, pyarrow.array(STRINGS), num_threads=1)
    assert counts.to_pylist() == enc.count_batch(STRINGS).tolist()


def test_encode_ragged(benchmark: BenchmarkFixture, enc: tokenkit.Encoding) -> None:
    ragged = benchmark(enc.encode_ragged, STRINGS, num_threads=1)
    assert len(ragged.ids) == enc.count_batch(STRINGS).sum()


def test_within(benchmark: BenchmarkFixture, enc: tokenkit.Encoding) -> None:
    assert benchmark(enc.within, TEXTS["english"], 100) is None


def test_truncate(benchmark: BenchmarkFixture, enc: tokenkit.Encoding) -> None:
    cut = benchmark(enc.truncate, TEXTS["english"], 1000)
    assert enc.count(cut) <= 1000


def test_token_spans(benchmark: BenchmarkFixture, enc: tokenkit.Encoding) -> None:
    spans = benchmark(enc.token_spans, TEXTS["multilingual"])
    assert len(spans) == enc.count(TEXTS["multilingual"])


def test_counter(benchmark: BenchmarkFixture, enc: tokenkit.Encoding) -> None:
    def stream() -> int:
        counter = enc.counter()
        for text in STRINGS:
            counter.update(text)
        return int(counter.total)

    assert benchmark(stream) == enc.count(TEXTS["english"])


@pytest.mark.parametrize("name", hostile_runs(0.1))
def test_hostile(benchmark: BenchmarkFixture, enc: tokenkit.Encoding, name: str) -> None:
    text = hostile_runs(0.1)[name]
    assert benchmark(enc.count, text) > 0
