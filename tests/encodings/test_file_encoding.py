"""Encodings of tokenizer files, on files made here; the ids are those of `tokenizers` 0.23.3.

tests/encodings/engines/test_pipeline_open.py asks `tokenizers` itself about random files.
"""

from __future__ import annotations

import copy
import pickle
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chunk_promises import MARKDOWN, PROSE, check_promises
from file_tokenizers import (
    BYTE_LEVEL,
    KINDS,
    PREPEND,
    SIGN_DECODERS,
    SIGN_MERGES,
    SIGNS,
    STRIP,
    TOOL,
    added,
    byte_level,
    characters,
    kind,
    load,
    spec,
)
from hypothesis import given, strategies as st

import tokenkit
from tokenkit.encodings.steps.decoders import decoder_of, in_byte_level
from tokenkit.errors import SpecialTokenError, VocabularyError

TALK = added("<s>", "</s>", first=263, special=True)


def test_byte_level(tmp_path: Path) -> None:
    enc = load(byte_level(added_tokens=TALK), tmp_path)
    assert (enc.native, enc.overhead, enc.notes) == (True, 0, ())
    assert enc.source == str(tmp_path / "tokenizer.json")
    assert enc.encode("hi hi\n\nother\n\n") == [256, 257, 10, 10, 111, 262, 258]
    assert enc.encode("<s>hi", allowed_special="all") == [263, 256]
    assert enc.encode_ordinary("<s>hi") == [60, 115, 62, 256]
    with pytest.raises(SpecialTokenError, match="<s>"):
        enc.encode("<s>hi")
    assert enc.decode([263, 256, 257]) == "<s>hi hi"
    assert enc.decode_bytes([257, 195]) == b" hi\xc3"
    assert enc.decode_with_offsets([256, 257]) == ("hi hi", [0, 2])
    assert (enc.n_vocab, enc.max_token_value) == (265, 264)
    assert enc.special_tokens_set == {"<s>", "</s>"}
    assert enc.encode_single_token("<s>") == 263
    assert enc.encode_single_token(b"\n\n") == 258
    assert enc.decode_single_token_bytes(258) == b"\n\n"
    with pytest.raises(KeyError):
        enc.decode([999])
    with pytest.raises(KeyError):
        enc.encode_single_token("none")


def test_added_tokens_that_are_not_special_are_always_found(tmp_path: Path) -> None:
    enc = load(byte_level(added_tokens=[*TALK, *TOOL]), tmp_path)
    assert enc.encode_ordinary("hi<tool><s>") == [256, 265, 60, 115, 62]
    assert enc.encode("hi<tool><s>", allowed_special="all") == [256, 265, 263]
    assert enc.encode("hi<tool>") == [256, 265]
    assert enc.count("<tool>hi") == 2
    assert enc.count_batch(["hi", "<tool>hi", "", "hi"]).tolist() == [1, 2, 0, 1]
    ragged = enc.encode_ragged(["hi", "<tool>hi", "", "hi hi"])
    assert ragged.ids.tolist() == [256, 265, 256, 256, 257]
    assert ragged.offsets.tolist() == [0, 1, 3, 3, 5]
    assert enc.within("<tool>hi", 1) is None
    assert enc.token_spans("é<tool> hi").tolist() == [[0, 1], [1, 7], [7, 10]]
    assert enc.token_spans("é<tool> hi", unit="byte").tolist() == [[0, 2], [2, 8], [8, 11]]
    assert enc.decode([256, 265]) == "hi<tool>"


# Each with its ids, those of special tokens being found.
FLAGS = [
    ({"lstrip": True}, "hi  <x>hi", [256, 263, 256]),
    ({"rstrip": True}, "hi<x> \n hi", [256, 263, 256]),
    ({"lstrip": True, "rstrip": True}, "<x> <x> \u3000<x>", [263, 263, 263]),
    ({"single_word": True}, "hi<x>hi <x>", [256, 60, 120, 62, 256, 32, 263]),
]


@pytest.mark.parametrize(("flags", "text", "ids"), FLAGS)
@pytest.mark.parametrize("special", [False, True])
def test_flags(
    tmp_path: Path, flags: dict[str, bool], text: str, ids: list[int], special: bool
) -> None:
    enc = load(byte_level(added_tokens=added("<x>", first=263, special=special, **flags)), tmp_path)
    assert enc.encode(text, allowed_special="all") == ids
    if not special:
        assert enc.encode_ordinary(text) == ids
        assert enc.count(text) == len(ids)


@pytest.mark.parametrize("special", [False, True])
def test_an_added_token_of_white_space_that_takes_all_is_there_once(
    tmp_path: Path, special: bool
) -> None:
    flags = {"lstrip": True, "rstrip": True, "special": special}
    enc = load(byte_level(added_tokens=added("  ", first=263, **flags)), tmp_path)
    text = f"h{' ' * 9}i   "
    assert enc.encode(text, allowed_special="all") == [104, 263, 105, 263]
    if not special:
        assert enc.token_spans(text).tolist() == [[0, 1], [1, 10], [10, 11], [11, 14]]


def test_spans_of_an_added_token_behind_a_sign(tmp_path: Path) -> None:
    """A sign is put before the token, too, when it is normalized; the text has none."""
    steps = {"type": "Sequence", "normalizers": [PREPEND, SIGNS]}
    tokens = added("<t>", first=300, normalized=True)
    enc = load(characters(normalizer=steps, added_tokens=tokens), tmp_path)
    number = enc.encode_single_token("<t>")
    assert enc.encode("<t>") == [number]
    assert enc.token_spans("<t>").tolist() == [[0, 3]]


@pytest.mark.parametrize(
    ("lead", "ids"),
    [("always", [97, 258, 256, 97, 258, 256]), ("first", [97, 256, 97, 256])],
)
def test_a_space_is_put_behind_an_added_token_that_merging_gives_too(
    tmp_path: Path, lead: str, ids: list[int]
) -> None:
    """The core makes the id of x by itself; but what follows the added token is a section."""
    made = characters(normalizer=None, added_tokens=added("x", first=97))
    made["model"]["vocab"] = {**made["model"]["vocab"], "x": 300}
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": lead, "split": False}
    enc = load({**made, "pre_tokenizer": metaspace}, tmp_path)
    assert enc.native
    assert enc.encode("xhxh") == [300 if number == 97 else number for number in ids]
    assert enc.count("xhxh") == len(ids)


def test_white_space_around_added_tokens_takes_time_in_proportion(tmp_path: Path) -> None:
    """The run of spaces would take a minute if all behind a token were looked at for it."""
    both = added("<x>", "  ", first=263, lstrip=True, rstrip=True)
    enc = load(byte_level(added_tokens=both), tmp_path)
    begin = time.process_time()
    assert enc.count("<x>" * 30_000) == 30_000
    assert enc.count("<x> " * 20_000) == 20_000
    assert enc.encode(" " * 100_000) == [264]
    assert len(enc.token_spans("h<x>" * 10_000, unit="utf16")) == 20_000
    assert time.process_time() - begin < 10


def test_a_special_token_that_is_text_hides_what_overlaps(tmp_path: Path) -> None:
    tokens = [*added("<s>t", first=263, special=True), *added("<s>", first=264)]
    enc = load(byte_level(added_tokens=tokens), tmp_path)
    assert enc.encode_ordinary("<s>h") == [264, 104]
    assert enc.encode_ordinary("<s>th") == [60, 115, 62, 261]
    assert enc.encode("<s>th", allowed_special="all") == [263, 104]


def test_normalized_added_tokens_are_found_in_normalized_text(tmp_path: Path) -> None:
    tokens = added("<É>", first=263, normalized=True) + added("hi", first=264)
    enc = load(byte_level(normalizer={"type": "NFD"}, added_tokens=tokens), tmp_path)
    assert enc.encode_ordinary("é <É> <E\u0301>\u0301") == [
        101,
        204,
        129,
        32,
        263,
        32,
        263,
        204,
        129,
    ]
    assert enc.encode_ordinary("ihi") == [105, 256]
    assert enc.decode([263]) == "<E\u0301>"


def test_nfc(tmp_path: Path) -> None:
    enc = load(byte_level(normalizer={"type": "NFC"}), tmp_path)
    assert enc.encode("é") == enc.encode("e\u0301") == [260]
    assert enc.count_batch(["é", "e\u0301", "hi"]).tolist() == [1, 1, 1]
    assert enc.token_spans("hi é").tolist() == [[0, 2], [2, 3], [3, 4]]
    with pytest.raises(NotImplementedError, match="stand at no place"):
        enc.token_spans("e\u0301")
    assert enc.truncate("e\u0301e\u0301hi", 2) == "e\u0301e\u0301"


def test_characters(tmp_path: Path) -> None:
    enc = load(characters(), tmp_path)
    assert enc.native
    ids = [262, 263, 264, 263, 258]
    assert enc.encode("hi hi   hi ") == ids
    assert enc.encode("hi▁hi▁▁ hi▁") == ids
    assert enc.encode("é漢") == [0xC3, 0xA9, 0xE6, 0xBC, 0xA2]
    assert enc.decode(ids) == "hi hi   hi "
    assert enc.decode([0xC3, 0xA9, 0xE6, 0xBC]) == "\ufffd" * 4
    assert enc.token_spans("hi hi").tolist() == [[0, 2], [2, 5]]
    assert enc.decode_tokens_bytes([263, 0xC3]) == [b" hi", b"\xc3"]
    with pytest.raises(NotImplementedError, match="use `decode`"):
        enc.decode_bytes([262])


LEADS = [
    ("always", {"normalizer": {"type": "Sequence", "normalizers": [PREPEND, SIGNS]}}),
    ("space", {"normalizer": None, "pre_tokenizer": {"prepend_scheme": "always"}}),
    ("first", {"normalizer": None, "pre_tokenizer": {"prepend_scheme": "first"}}),
    ("", {"normalizer": None, "pre_tokenizer": {"prepend_scheme": "never"}}),
]
LEAD_IDS = {
    "always": ([263], [258, 263], [263, 269, 263]),
    "space": ([263], [263], [263, 269, 263]),
    "first": ([263], [263], [263, 269, 262]),
    "": ([262], [263], [262, 269, 262]),
}


@pytest.mark.parametrize(("lead", "steps"), LEADS)
def test_a_space_before_a_text(tmp_path: Path, lead: str, steps: dict[str, Any]) -> None:
    steps = copy.deepcopy(steps)
    if "pre_tokenizer" in steps:
        steps["pre_tokenizer"].update(type="Metaspace", replacement="▁", split=False)
    decoder = {"type": "Sequence", "decoders": [*SIGN_DECODERS, STRIP]}
    enc = load(characters(**steps, decoder=decoder, added_tokens=added("<x>", first=269)), tmp_path)
    plain, spaced, divided = LEAD_IDS[lead]
    assert enc.native
    assert enc.encode("hi") == plain
    assert enc.encode(" hi") == spaced
    assert enc.encode("hi<x>hi") == divided
    assert enc.count_batch(["hi", " hi", "hi<x>hi", ""]).tolist() == [
        len(plain),
        len(spaced),
        len(divided),
        0,
    ]
    assert enc.decode(enc.encode("hi hi")) == "hi hi"
    assert enc.token_spans("hi hi").tolist() == [[0, 2], [2, 5]]
    counter = enc.counter()
    counter.update("hi<")
    counter.update("x>hi")
    assert counter.total == len(divided)


@pytest.mark.parametrize(
    ("unknown", "ids"),
    [
        ({}, [257, 256]),
        ({"unk_token": "<?>"}, [257, 104, 263, 263, 105, 263]),
        ({"unk_token": "<?>", "fuse_unk": True}, [257, 104, 263, 105, 263]),
    ],
)
def test_bytes_without_a_token(tmp_path: Path, unknown: dict[str, Any], ids: list[int]) -> None:
    made = byte_level(model=unknown)
    made["model"]["vocab"]["<?>"] = 263
    for sign in "GJ":
        del made["model"]["vocab"][sign]
    enc = load(made, tmp_path)
    assert enc.native
    # Letters are one piece: where nothing stands for an unknown one, those beside it are merged.
    assert enc.encode(" hihGJiG") == ids
    assert enc.count_batch(["hi", " hihGJiG"]).tolist() == [1, len(ids)]
    assert enc.within(" hihGJiG", 1) is None
    with pytest.raises(NotImplementedError, match="stand at no place"):
        enc.token_spans("hG")


@pytest.mark.parametrize(
    ("unknown", "ids"),
    [
        ({}, [6, 7]),
        ({"unk_token": "<?>"}, [6, 13, 13, 2, 0, 13, 1]),
        ({"unk_token": "<?>", "fuse_unk": True}, [6, 13, 2, 0, 13, 1]),
    ],
)
def test_characters_without_a_token(
    tmp_path: Path, unknown: dict[str, Any], ids: list[int]
) -> None:
    made = spec(SIGN_MERGES, [*"hi▁ert"], normalizer=SIGNS, model=unknown)
    made["model"]["vocab"]["<?>"] = 13
    enc = load(made, tmp_path)
    assert enc.native
    assert enc.encode("hi漢é h漢i") == ids
    assert enc.decode(enc.encode("hi hi")) == "hi ▁hi"


def test_the_template_is_overhead(tmp_path: Path) -> None:
    text = {"Sequence": {"id": "A", "type_id": 0}}
    marks = [{"SpecialToken": {"id": name, "type_id": 0}} for name in ("<s>", "</s>")]
    template = {
        "type": "TemplateProcessing",
        "single": [marks[0], text, marks[1]],
        "pair": [text, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {
            "<s>": {"id": "<s>", "ids": [263], "tokens": ["<s>"]},
            "</s>": {"id": "</s>", "ids": [264, 264], "tokens": ["</s>", "</s>"]},
        },
    }
    enc = load(byte_level(added_tokens=TALK, post_processor=template), tmp_path, "framed")
    assert enc.overhead == 3
    assert enc.encode("hi") == [256]
    chunker = tokenkit.Chunker(encoding=enc, max_tokens=20)
    chunks = chunker.chunk(PROSE)
    assert max(chunk.tokens for chunk in chunks) in (15, 16, 17)
    with pytest.raises(ValueError, match="3 tokens of reserve"):
        tokenkit.Chunker(encoding=enc, max_tokens=3)
    record = {"name": "framed-model", "kind": "embedding", "encoding": enc, "context_window": 100}
    tokenkit.register_model({**record, "max_input_tokens": 100})
    try:
        assert tokenkit.Budget.for_model("framed-model").input_limit == 97
        # A chat has in its own count what is around it.
        chats = {**record, "name": "framed-chat", "kind": "chat"}
        assert tokenkit.Budget.for_model(tokenkit.register_model(chats)).input_limit == 100
        assert tokenkit.count("hi hi", "framed-model") == 2
    finally:
        del tokenkit.registry.ENCODINGS["framed"]


TEXTS = st.text(alphabet="hi the\nré▁<tol>e\u0301A \ud83d\ude00漢", max_size=30)


@pytest.mark.parametrize("name", KINDS)
@given(text=TEXTS, limit=st.integers(1, 9), keep=st.sampled_from(["head", "tail", "ends"]))
def test_roads_agree(name: str, text: str, limit: int, keep: Any) -> None:
    enc = kind(name)
    ids = enc.encode(text)
    assert enc.count(text) == len(ids)
    assert enc.count_batch([text, "hi", text]).tolist()[::2] == [len(ids)] * 2
    assert enc.within(text, limit) == (len(ids) if len(ids) <= limit else None)
    kept = enc.truncate(text, limit, keep=keep, marker="")
    assert enc.count(kept) <= limit
    if len(ids) <= limit:
        assert kept == text
    try:
        spans = enc.token_spans(text)
    except NotImplementedError:
        assert name in ("nfc", "nfc and runs", "nfkc", "strip", "lower")
    else:
        assert len(spans) == len(ids)
        assert np.all(spans[:, 0] <= spans[:, 1])


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("keep", ["head", "tail", "ends"])
def test_long_texts_are_truncated(name: str, keep: Any) -> None:
    """Of a long text only the first ids are made to find its head."""
    enc = kind(name)
    assert enc.truncate(" \u0301hi the e\u0301  ", 0, keep=keep) == ""
    text = PROSE * 20
    for limit in (0, 1, 40, 600):
        kept = enc.truncate(text, limit, keep=keep)
        assert limit - 4 <= enc.count(kept) <= limit
        assert text.startswith(kept) if keep == "head" else True
        assert text.endswith(kept) if keep == "tail" else True


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("strategy", ["optimal", "greedy", "token"])
def test_chunks(name: str, strategy: Any) -> None:
    enc = kind(name)
    for text in (PROSE[:600], MARKDOWN, "e\u0301 <tool> " * 20, " ▁ Hi" * 30):
        for prefix, overlap in (("", 0), ("t: ", 7)):
            chunker = tokenkit.Chunker(
                encoding=enc,
                max_tokens=40,
                strategy=strategy,
                prefix=prefix,
                overlap=overlap,
            )
            check_promises(text, chunker.chunk(text), chunker)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("protocol", [2, 5])
def test_pickles_and_copies(name: str, protocol: int) -> None:
    enc = kind(name)
    for other in (pickle.loads(pickle.dumps(enc, protocol)), copy.deepcopy(enc), copy.copy(enc)):
        assert isinstance(other, tokenkit.Encoding)
        assert other.name == name
        assert other.encode("hi <tool>e\u0301") == enc.encode("hi <tool>e\u0301")
        assert other.decode(other.encode("hi the")) == enc.decode(enc.encode("hi the"))


@pytest.mark.parametrize("name", ["nfkc", "lower", "signs", "llama", "strip"])
def test_a_counter_keeps_what_may_change(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    enc = kind(name)
    words = "and so on, then on and on, "
    part = f"hi the<tool> A e\u0301, i\u0301t there\n\nthe {words * 3}<tool>other " * 100
    monkeypatch.setattr("tokenkit.encodings.engines.counted.CountedEngine.most_kept", 1 << 13)
    counter = enc.counter()
    for _ in range(4):
        counter.update(part)
    fork = counter.copy()
    counter.update("<to")
    counter.update("ol>")
    assert fork.total == enc.count(part * 4)
    assert counter.total == enc.count(part * 4 + "<tool>")
    kept = counter._stream._size  # type: ignore[attr-defined]
    assert (kept < len(part)) == (name != "strip")


SETTLED = [
    "hi the",
    "hi\u0301 the",
    "e<tool>",
    "hi",
    "\n",
    " ",
    ",",
    "'s",
    "é",
    "\u0958",
    "▁",
    "A ",
]


@pytest.mark.parametrize("name", KINDS)
@given(data=st.data())
def test_settled_text_is_counted_apart(name: str, data: st.DataObject) -> None:
    engine = kind(name).engine
    parts = st.lists(st.sampled_from(SETTLED), max_size=30).map("".join)
    head, tail = data.draw(parts).encode(), data.draw(parts).encode()
    head += b"hi, the " * 600  # the core looks for cuts in the last 4 KB first
    cut = engine.settled(head)
    whole = head + tail
    assert engine.count(whole, None) == engine.count(whole[:cut], None) + engine.count(
        whole[cut:], None
    )
    if name in ("plain", "nfc", "lower", "signs"):
        assert cut


def test_alike_added_tokens_are_noted(tmp_path: Path) -> None:
    tokens = added("HI", "Hi", first=263, normalized=True)
    enc = load(byte_level(normalizer={"type": "Lowercase"}, added_tokens=tokens), tmp_path)
    assert enc.encode("hi HI") == [263, 32, 263]
    assert re.search("'HI' and 'Hi' are normalized to one text", enc.notes[0])


DECODED = [
    ({"type": "WordPiece", "prefix": "##", "cleanup": True}, ["a", "##b", ".", "n't"], "ab.n't"),
    ({"type": "WordPiece", "prefix": "##", "cleanup": False}, ["a", "##b", "."], "ab ."),
    ({"type": "BPEDecoder", "suffix": "</w>"}, ["a", "b</w>", "c</w>"], "ab c"),
    ({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}, ["▁a▁", "▁b"], "a b"),
    ({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never"}, ["▁a", "▁b"], " a b"),
    (
        {"type": "CTC", "pad_token": "-", "word_delimiter_token": "|", "cleanup": True},
        ["a", "a", "-", "a", "|", "b"],
        "aa b",
    ),
    ({"type": "ByteFallback"}, ["<0xC3>", "<0xA9>", "a", "<0xC3>", "<0xg0>"], "éa\ufffd<0xg0>"),
    ({"type": "Strip", "content": "a", "start": 2, "stop": 1}, ["aaaba", "ba"], "abb"),
    (None, ["a", "b"], "a b"),
]


@pytest.mark.parametrize(("decoder", "tokens", "text"), DECODED)
def test_decoders(decoder: Any, tokens: list[str], text: str) -> None:
    assert "".join(decoder_of(decoder)(tokens)) == text


def test_byte_level_decoder_joins_bytes() -> None:
    tokens = [in_byte_level("é".encode()[:1]), in_byte_level("é".encode()[1:]), "漢", "Ġ"]
    assert decoder_of(BYTE_LEVEL)(tokens) == ["é漢 "]


def test_bad_merges_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"tokenizer\.json"):
        load(byte_level(model={"merges": ["h zzz"]}), tmp_path)
