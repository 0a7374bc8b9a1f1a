"""Random pipelines of tokenizer.json, trained here, against `tokenizers`."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from file_tokenizers import KINDS
from hostile_texts import ATOMS, hostile_texts
from hypothesis import assume, given, strategies as st
from open_oracle import Oracle, check, load
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

pytestmark = pytest.mark.open

TEXT = [
    "The quick brown fox doesn't jump over the lazy dog; it's 12345 times lazier than I'm.",
    "Hello hello HELLO world, the the then they're there. naïve café e\u0301 ﬁ 漢字 日本語 12 345",
    "def f(x):\n    return x  # comment\n\n\nclass A:\n\tpass\n" * 3,
    "▁▁ a ▁b aaaa aaaa abab abab the end\n\n\n\n of the line 🙂🙂 Привет, мир мир",
]
LLAMA = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
    r"\s*[\r\n]+|\s+(?!\S)|\s+"
)
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
GPT2 = {**BYTES, "use_regex": True}
SPLIT = {"type": "Split", "pattern": {"Regex": LLAMA}, "behavior": "Isolated", "invert": False}
DIGIT = {**SPLIT, "pattern": {"Regex": LLAMA.replace("{1,3}", "")}}
SIGNS = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
PREPEND = {"type": "Prepend", "prepend": "▁"}


def sequence(*steps: dict[str, Any], key: str = "pretokenizers") -> dict[str, Any]:
    return {"type": "Sequence", key: list(steps)}


def metaspace(scheme: str, split: bool = False) -> dict[str, Any]:
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split}


BYTE_SPLITS = [
    GPT2,
    {**GPT2, "add_prefix_space": True, "trim_offsets": False},
    sequence(SPLIT, BYTES),
    sequence(DIGIT, BYTES),
    sequence({"type": "Digits", "individual_digits": True}, GPT2),
    BYTES,
]
NORMALIZERS: list[Any] = [
    None,
    {"type": "NFC"},
    {"type": "NFKC"},
    {"type": "NFD"},
    {"type": "Lowercase"},
    sequence({"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, key="normalizers"),
    {"type": "Strip", "strip_left": True, "strip_right": False},
    {"type": "Replace", "pattern": {"String": "the"}, "content": "x"},
]
# Normalizer and pre-tokenizer of characters with U+2581.
SIGN_SHAPES: list[tuple[Any, Any]] = [
    (
        SIGNS,
        {
            "type": "Split",
            "pattern": {"String": " "},
            "behavior": "MergedWithPrevious",
            "invert": False,
        },
    ),
    (SIGNS, None),
    (sequence(PREPEND, SIGNS, key="normalizers"), None),
    (None, metaspace("always")),
    (None, metaspace("first")),
    (None, metaspace("never")),
    (sequence({"type": "NFC"}, SIGNS, key="normalizers"), None),
    (None, metaspace("always", split=True)),
]
BYTE_LEVEL_DECODER = {
    "type": "ByteLevel",
    "add_prefix_space": True,
    "trim_offsets": True,
    "use_regex": True,
}
SIGN_DECODER = sequence(
    {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
    {"type": "ByteFallback"},
    {"type": "Fuse"},
    {"type": "Strip", "content": " ", "start": 1, "stop": 0},
    key="decoders",
)
CONTENTS = [
    "<s>",
    "</s>",
    "<tool>",
    "the",
    "a",
    "  ",
    "\n\n",
    "e\u0301",
    "THE",
    "▁▁",
    "<s><s>",
    "é",
]


@lru_cache
def trained(normalizer: str, split: str, characters: bool, gaps: bool = False) -> dict[str, Any]:
    """A BPE model of a few hundred tokens, trained behind these steps."""
    tokenizer = Tokenizer.from_str(
        json.dumps(
            {
                **json.loads(Tokenizer(models.BPE()).to_str()),
                "normalizer": json.loads(normalizer),
                "pre_tokenizer": json.loads(split),
            }
        )
    )
    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)] if characters and not gaps else []
    alphabet = [] if characters or gaps else pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=len(byte_tokens or alphabet) + 260,
        special_tokens=["<unk>", *byte_tokens],
        initial_alphabet=alphabet,
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXT, trainer)
    spec: dict[str, Any] = json.loads(tokenizer.to_str())
    spec["added_tokens"] = []
    return spec


@st.composite
def recipes(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the parts of a tokenizer.json beside its vocabulary."""
    characters = draw(st.booleans())
    if characters:
        normalizer, split = draw(st.sampled_from(SIGN_SHAPES))
    else:
        normalizer, split = draw(st.sampled_from(NORMALIZERS)), draw(st.sampled_from(BYTE_SPLITS))
    flags = st.booleans()
    rare = st.integers(0, 5).map(lambda drawn: drawn == 0)
    added = [
        {
            "content": content,
            "special": draw(flags),
            "normalized": draw(flags),
            **{name: draw(rare) for name in ("single_word", "lstrip", "rstrip")},
        }
        for content in draw(st.lists(st.sampled_from(CONTENTS), max_size=4, unique=True))
    ]
    return {
        "shape": (normalizer, split, characters),
        "ignore_merges": draw(flags),
        "framed": draw(flags),
        "gaps": draw(st.sampled_from(["", "", "dropped", "unknown", "fused"])),
        "added_tokens": added,
    }


def built(recipe: dict[str, Any]) -> dict[str, Any]:
    """A tokenizer.json of a recipe."""
    normalizer, split, characters = recipe["shape"]
    gaps = recipe["gaps"]
    spec = dict(trained(json.dumps(normalizer), json.dumps(split), characters, bool(gaps)))
    spec["model"] = {
        **spec["model"],
        "byte_fallback": characters and not gaps,
        "ignore_merges": recipe["ignore_merges"],
        "unk_token": "<unk>" if gaps in ("unknown", "fused") else None,
        "fuse_unk": gaps == "fused",
    }
    spec["decoder"] = SIGN_DECODER if characters else BYTE_LEVEL_DECODER
    size = len(spec["model"]["vocab"])
    spec["added_tokens"] = [
        {"id": size + number, **token} for number, token in enumerate(recipe["added_tokens"])
    ]
    if recipe["framed"]:
        text = {"Sequence": {"id": "A", "type_id": 0}}
        spec["post_processor"] = {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<unk>", "type_id": 0}}, text],
            "pair": [text, {"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": {"<unk>": {"id": "<unk>", "ids": [0, 1], "tokens": ["<unk>", "x"]}},
        }
    return spec


def texts(recipe: dict[str, Any]) -> st.SearchStrategy[str]:
    added = [token["content"] for token in recipe["added_tokens"]]
    return st.lists(st.sampled_from([*ATOMS, *added * 8, " ", "the ", "\n"]), max_size=8).map(
        "".join
    )


def normalized(spec: dict[str, Any]) -> list[str]:
    """List the texts of added tokens that are looked for in normalized text."""
    normalizer = Oracle(json.dumps(spec)).full.normalizer
    texts = [t["content"] for t in spec["added_tokens"] if t["normalized"]]
    return [normalizer.normalize_str(text) if normalizer else text for text in texts]


@given(recipe=recipes(), data=st.data())
def test_random_pipelines(
    tmp_path_factory: pytest.TempPathFactory, recipe: dict[str, Any], data: st.DataObject
) -> None:
    spec = built(recipe)
    folder = tmp_path_factory.mktemp("pipeline")
    made = normalized(spec)
    assume("" not in made)  # for that `tokenizers` may look without an end
    enc, oracle = load(spec, folder)
    if len(set(made)) < len(made):  # it finds any of two that are one
        assert any("are normalized to one text:" in note for note in enc.notes)
        return
    check(enc, oracle, data.draw(st.lists(texts(recipe), min_size=1, max_size=8)))


@pytest.mark.parametrize("gaps", ["dropped", "unknown", "fused"])
@pytest.mark.parametrize("shape", [(None, GPT2, False), (SIGNS, None, True)])
def test_gaps_in_the_vocabulary(tmp_path: Path, gaps: str, shape: tuple[Any, Any, bool]) -> None:
    recipe = {"shape": shape, "gaps": gaps, "ignore_merges": False, "framed": False}
    enc, oracle = load(built({**recipe, "added_tokens": []}), tmp_path)
    assert enc.native
    check(enc, oracle, hostile_texts())


# Each shape once, all hostile texts.
SHAPES = [(None, split, False) for split in BYTE_SPLITS]
SHAPES += [(normalizer, GPT2, False) for normalizer in NORMALIZERS[1:]]
SHAPES += [(normalizer, split, True) for normalizer, split in SIGN_SHAPES]


@pytest.mark.parametrize("shape", range(len(SHAPES)))
def test_hostile_texts(tmp_path: Path, shape: int) -> None:
    normalizer, split, characters = SHAPES[shape]
    spec = dict(trained(json.dumps(normalizer), json.dumps(split), characters))
    spec["decoder"] = SIGN_DECODER if characters else BYTE_LEVEL_DECODER
    if characters:
        spec["model"] = {**spec["model"], "byte_fallback": True, "unk_token": "<unk>"}
    enc, oracle = load(spec, tmp_path)
    check(enc, oracle, hostile_texts())


@pytest.mark.parametrize("name", KINDS)
def test_files_made_by_hand(tmp_path: Path, name: str) -> None:
    """The files of the other tests, whose expectations stand there."""
    enc, oracle = load(KINDS[name], tmp_path)
    assert enc.native
    check(enc, oracle, hostile_texts()[::3])
