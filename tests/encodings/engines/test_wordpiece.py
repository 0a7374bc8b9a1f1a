"""WordPiece down every road, against its slow twin."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import pytest
from wordpiece_twin import STEPS, WordPieceTwin, core_of, random_text

from tokenkit._core import ArrowTexts, ChunkSettings, WordPieceCore, build_wordpiece_image
from tokenkit.encodings.engines.pattern_chunks import SlowChunking
from tokenkit.encodings.engines.wordpiece_chunks import WordChunking
from tokenkit.encodings.engines.words import WordPieceEngine

SPECIAL = {"[CLS]": 90, "[SEP]": 91}


def random_twin(rng: random.Random) -> WordPieceTwin:
    """A vocabulary of parts of words, under random options."""
    options: dict[str, Any] = {step: rng.random() < 0.7 for step in STEPS}
    twin = WordPieceTwin({"[UNK]": 7}, rng.choice(["##", "", "a"]), **options)
    twin.max_chars = rng.choice([1, 4, 100])
    for word in twin.words(twin.normalized(random_text(rng, 80))):
        for _ in range(3):
            start = rng.randrange(len(word))
            part = word[start : rng.randint(start + 1, len(word))]
            twin.vocab.setdefault((twin.prefix if start else "") + part, 100 + len(twin.vocab))
    return twin


def subjects(count: int) -> list[tuple[WordPieceTwin, WordPieceCore, list[str]]]:
    rng = random.Random(18)
    made = []
    for _ in range(count):
        twin = random_twin(rng)
        texts = [random_text(rng, rng.randrange(60)) for _ in range(4)]
        made.append((twin, core_of(twin, SPECIAL), [*texts, " ".join(texts) * 4]))
    return made


SUBJECTS = subjects(40)


def test_ids_and_counts_are_those_of_the_twin() -> None:
    for twin, core, texts in SUBJECTS:
        for text in texts * 2:
            wanted = twin.encode(text)
            assert core.encode(text, None) == wanted, (twin, text)
            assert core.count(text, None) == len(wanted)
            assert core.within(text, len(wanted)) == len(wanted)
            assert core.within(text, len(wanted) - 1) is None if wanted else True
            assert core.encode_prefix(text, 3).tolist()[:3] == wanted[:3]
            assert core.normalized(text) == twin.normalized(text)
            normal = core_of(twin, normal=True)
            assert normal.encode(twin.normalized(text), None) == wanted
            assert sum(core.word_counts(text)[1].tolist()) == len(wanted)


def rows_of(column: Any) -> ArrowTexts:
    return ArrowTexts(column.__arrow_c_array__())


def test_batches_and_columns() -> None:
    pa = pytest.importorskip("pyarrow")
    for twin, core, texts in SUBJECTS[:20]:
        wanted = [twin.encode(text) for text in texts]
        counts = [len(ids) for ids in wanted]
        column = pa.array([None, *texts])
        for threads in (1, 3):
            assert core.count_batch(texts, threads).tolist() == counts
            ids, ends = core.encode_batch(texts, None, threads)
            assert ids.tolist() == [number for row in wanted for number in row]
            assert ends.tolist() == [sum(counts[:i]) for i in range(len(counts) + 1)]
            rows = partial(rows_of, column)
            assert core.count_arrow(rows(), threads).tolist() == [None, *counts]
            assert core.encode_arrow(rows(), threads).tolist() == [None, *wanted]
            fits = core.fits_arrow(rows(), counts[0], threads).tolist()
            assert fits == [None, *(count <= counts[0] for count in counts)]


def test_big_texts_are_split_among_threads() -> None:
    _, core, texts = SUBJECTS[0]
    text = "".join(texts) * (3_000_000 // len("".join(texts)))
    once = core.encode(text, None)
    ids, _ = core.encode_batch([text], None, 4)
    assert ids.tolist() == once
    assert core.count_batch([text, "x" * 2_000_000], 4).tolist() == [len(once), 1]
    assert core.count(text, None) == len(once)


def test_special_tokens_divide_words() -> None:
    twin = WordPieceTwin({"[UNK]": 0, "a": 1, "##a": 2})
    core = core_of(twin, SPECIAL)
    all_of = core.special_set(SPECIAL)
    text = "aa[CLS]a\u0301[SEP]"
    assert core.encode(text, all_of) == [1, 2, 90, 1, 91]
    assert core.count(text, all_of) == 5
    assert core.encode(text, core.special_set(["[SEP]"])) == [1, 2, 0, 0, 0, 1, 91]
    assert core.find_special(text, all_of) == "[CLS]"
    assert core.find_special("aa", all_of) is None
    assert core.encode_batch([text], all_of, 1)[0].tolist() == [1, 2, 90, 1, 91]
    with pytest.raises(ValueError, match="another core"):
        core.encode(text, WordPieceCore(build(twin), {}).special_set([]))


def build(twin: WordPieceTwin, **more: Any) -> bytes:
    options: dict[str, Any] = {step: getattr(twin, step) for step in STEPS}
    return build_wordpiece_image(
        more.pop("tokens", [(token.encode(), number) for token, number in twin.vocab.items()]),
        **{"prefix": b"##", "unknown": b"[UNK]", "max_chars": 100, **options, **more},
    )


def test_streams_count_as_the_whole() -> None:
    rng = random.Random(3)
    for twin, core, texts in SUBJECTS[:30]:
        for text in texts[:4]:
            counter, copied = core.counter(), core.counter()
            data = text.encode()
            for start in range(0, len(data), 3):
                counter.update(data[start : start + 3])
                if rng.random() < 0.2:
                    copied = counter.copy()
                    whole = data[: start + 3].decode("utf-8", "ignore")
                    assert copied.total == len(twin.encode(whole))
            assert counter.total == len(twin.encode(text))
    counter = SUBJECTS[0][1].counter()
    counter.update("a\ud83d")
    assert counter.total == SUBJECTS[0][1].count("a\ufffd", None)
    counter.update("\ude42")
    assert counter.total == SUBJECTS[0][1].count("a🙂", None)


def test_settled_ends_between_words() -> None:
    for _, core, texts in SUBJECTS[:30]:
        for text in texts[:4]:
            settled = core.settled(text)
            head, rest = text.encode()[:settled], text.encode()[settled:]
            for more in (b"a", b" ", "\u0301".encode(), b"."):
                whole = core.count(head, None) + core.count(rest + more, None)
                assert core.count(text.encode() + more, None) == whole


def test_spans_are_what_a_token_covers() -> None:
    twin = WordPieceTwin({"[UNK]": 0, "ab": 1, "##c": 2, "中": 3, ".": 4, "##d": 5})
    core = core_of(twin, SPECIAL)

    def spans(text: str, unit: int = 0) -> list[tuple[int, int]]:
        ids, spans = core.encode_spans(text, unit)
        assert ids.tolist() == twin.encode(text)
        made: list[tuple[int, int]] = spans.tolist()
        return made

    assert spans(" a\xadb\u0301Cd. x") == [(1, 4), (5, 6), (6, 7), (7, 8), (9, 10)]
    assert spans("中Ab", 1) == [(0, 3), (3, 5)]
    assert spans("🙂 中Ab", 2) == [(0, 2), (3, 4), (4, 6)]
    assert spans("\x00qq\x00") == [(1, 3)]
    with pytest.raises(ValueError, match="unit must be 0, 1 or 2, got 3"):
        core.encode_spans("", 3)


def test_bad_vocabularies() -> None:
    twin = WordPieceTwin({"[UNK]": 0, "a": 1})
    for tokens, message in [
        ([(b"[UNK]", 0), (b"a", 0)], "id 0 is given twice"),
        ([(b"[UNK]", 0), (b"[UNK]", 1)], "ids 0 and 1 have the same token"),
        ([(b"a", 0)], "lacks the token for unknown words"),
    ]:
        with pytest.raises(ValueError, match=message):
            build(twin, tokens=tokens)
    image = build(twin)
    assert WordPieceCore(image, {}).token_list() == [(b"[UNK]", 0), (b"a", 1)]
    with pytest.raises(ValueError, match="damaged"):
        WordPieceCore(image[:-1] + b"b", {})
    with pytest.raises(ValueError, match="does not begin like one"):
        WordPieceCore(b"", {})
    with pytest.raises(KeyError, match="no token has the id 5"):
        WordPieceCore(image, {}).token_bytes(5)
    with pytest.raises(TypeError, match="tokens are bytes"):
        build(twin, tokens=[("a", 1)])


def random_settings(rng: random.Random) -> ChunkSettings:
    limit = rng.choice([1, 2, 3, 7, 20])
    return ChunkSettings(
        strategy=rng.randrange(3),
        limit=limit,
        room=limit + rng.randrange(2),
        overlap=rng.randrange(limit),
        min_tokens=rng.choice([0, limit // 2]),
        weight=0.15,
        trim=rng.random() < 0.5,
        prefix=rng.choice(["", "", "a"]),
        separators=(),
    )


# Where characters of a word vanish or change places, the twin is less sure of where tokens end.
PLAIN = "aaab AB  \n\n.,-#é中漢"


@pytest.mark.parametrize("seed", range(6))
def test_chunks_are_those_of_the_slow_twin(seed: int) -> None:
    rng = random.Random(seed)
    for _, core, texts in SUBJECTS[seed::6]:
        engine = WordPieceEngine(core)
        plain = "".join(rng.choices(PLAIN, k=120))
        for text in [*texts, plain, "# a\n\n" + plain]:
            for settings in (random_settings(rng) for _ in range(3)):
                for format in (0, 1):
                    fast = WordChunking(engine, text, format, settings).chunks()
                    if text not in texts:
                        slow = SlowChunking(engine, text, format, settings).chunks()
                        assert fast == slow, (text, settings.__reduce__())
                    for start, end, tokens, *_ in fast[0]:
                        assert tokens == engine.count(text[start:end], None) <= settings.limit
