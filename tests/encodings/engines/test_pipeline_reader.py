"""The first steps of a pipeline in the core, against the engine that does them in Python."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from chunk_promises import check_promises
from file_tokenizers import PREPEND, SIGNS, added, byte_level, characters, load
from hypothesis import given, strategies as st

import tokenkit
from tokenkit import Chunker
from tokenkit.encodings import loading
from tokenkit.encodings.compile.compiler import compile_file
from tokenkit.encodings.formats.readers import read_tokenizer

TAGS = added("<b>", "</b>", "<b", "the the", " <x> ", "é\u0301", first=265)
SPECIAL = added("<s>", first=290, special=True)


def metaspace(scheme: str) -> dict[str, Any]:
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": False}


SPECS: dict[str, dict[str, Any]] = {
    "always": characters(normalizer={"type": "Sequence", "normalizers": [PREPEND, SIGNS]}),
    "first": characters(normalizer=None, pre_tokenizer=metaspace("first")),
    "space": characters(normalizer=None, pre_tokenizer=metaspace("always")),
    "led tags": characters(
        normalizer=None, pre_tokenizer=metaspace("first"), added_tokens=TAGS + SPECIAL
    ),
    "tags": byte_level(added_tokens=TAGS + SPECIAL),
    "sign tags": characters(added_tokens=TAGS + SPECIAL),
    "nfc tags": byte_level(normalizer={"type": "NFC"}, added_tokens=TAGS[:4] + SPECIAL),
}
WORDS = ["hi", " ", "  ", "\n", "the", "the the", "<b>", "</b>", "<b", " <x> ", "é", "\u0301"]
WORDS += ["there", "▁", "<s>", "漢字", "。", "a", ">", "\ud800", "'s", "12"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=30).map("".join)


def both(name: str) -> tuple[tokenkit.Encoding, tokenkit.Encoding]:
    if name not in MADE:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "tokenizer.json"
            path.write_text(json.dumps(SPECS[name]), "utf-8")
            compiled = compile_file(read_tokenizer(path))
        fast = loading.encoding_of_compiled(name, *compiled)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loading, "_reader", lambda *_: None)
            MADE[name] = fast, loading.encoding_of_compiled(name, *compiled)
    return MADE[name]


MADE: dict[str, tuple[tokenkit.Encoding, tokenkit.Encoding]] = {}


def answers(enc: tokenkit.Encoding, text: str, other: str, limit: int) -> list[Any]:
    ids = enc.encode(text, disallowed_special=())
    counter = enc.counter()
    totals = []
    for start in range(0, len(text), 7):
        counter.update(text[start : start + 7])
        totals.append(counter.total)
    rows = [row.encode("utf-8", "replace").decode() for row in (text, "", other)]
    column = pyarrow.array([*rows, None])
    return [
        ids,
        enc.encode(text, allowed_special="all"),
        enc.count(text),
        enc.within(text, limit),
        spans(enc, text),
        list(map(int, enc.count_batch([text, other, ""], num_threads=2))),
        enc.encode_ordinary_batch([other, text]),
        pyarrow.array(enc.count_arrow(column)).to_pylist(),
        pyarrow.array(enc.encode_arrow(column)).to_pylist(),
        pyarrow.array(enc.fits_arrow(column, limit)).to_pylist(),
        totals,
        counter.copy().total,
        [enc.truncate(text, limit, keep=keep) for keep in ("head", "tail", "ends")],
        [enc.truncate(text, limit + 3, keep=keep, marker="hi") for keep in ("head", "ends")],
        [enc.truncate(text, limit, keep=keep, unit="char") for keep in ("head", "tail")],
    ]


def spans(enc: tokenkit.Encoding, text: str) -> Any:
    try:
        return [list(map(int, span)) for span in enc.token_spans(text)]
    except NotImplementedError as error:
        return str(error)


@pytest.mark.parametrize("name", SPECS)
@given(text=TEXTS, other=TEXTS, limit=st.integers(0, 12))
def test_the_core_reads_as_the_twin(name: str, text: str, other: str, limit: int) -> None:
    fast, slow = both(name)
    assert answers(fast, text, other, limit) == answers(slow, text, other, limit)


@pytest.mark.parametrize("name", SPECS)
@given(
    text=TEXTS,
    limit=st.integers(9, 24),
    overlap=st.integers(0, 3),
    strategy=st.sampled_from(["optimal", "greedy", "token"]),
    trim=st.booleans(),
    prefix=st.sampled_from(["", "the ", "<", "\n"]),
)
def test_chunks_keep_their_promises(
    name: str, text: str, limit: int, overlap: int, strategy: Any, trim: bool, prefix: str
) -> None:
    fast, slow = both(name)
    chunker = Chunker(
        encoding=fast,
        max_tokens=limit,
        overlap=overlap,
        strategy=strategy,
        trim=trim,
        prefix=prefix,
    )
    try:
        chunks = chunker.chunk(text)
    except tokenkit.ContextOverflowError:  # a character is more than a chunk
        return
    check_promises(text, chunks, chunker)
    assert [chunk.tokens for chunk in chunks] == [slow.count(chunk.text) for chunk in chunks]


def test_long_texts_are_read_in_parts() -> None:
    for name in ("always", "first", "tags", "sign tags"):
        fast, slow = both(name)
        text = " there é漢字。 hi <x> the the\n" * 15000  # more than two parts of a batch
        assert fast.count(text) == slow.count(text)
        assert fast.count_batch([text, "hi"], num_threads=3)[0] == slow.count(text)
        assert fast.encode(text) == slow.encode(text)
        assert fast.within(text, 1000) is None


def test_the_core_is_asked() -> None:
    """Else the tests above compare the twin with itself."""
    for name in SPECS:
        fast, slow = both(name)
        kinds = [engine._reader is not engine._inner for engine in (fast.engine, slow.engine)]  # type: ignore[attr-defined]
        assert kinds == [True, False], name


def test_ends_that_are_joined_are_counted(tmp_path: Path) -> None:
    """A special token that only the joint has hides the other one, which is then text."""
    tokens = [*added(">x", first=263), *added("<s>", first=264, special=True)]
    enc = load(byte_level(added_tokens=tokens), tmp_path)
    assert enc.encode_ordinary("<s>x") == list(b"<s>x")
    assert enc.encode_ordinary("<s,>x") == [*b"<s,", 263]
    kept = enc.truncate("<s,,,>x", 3, keep="ends")
    assert enc.count(kept) <= 3
    column = pyarrow.array(["<s,,,>x"])
    assert pyarrow.array(enc.truncate_arrow(column, 3, keep="ends")).to_pylist() == [kept]
