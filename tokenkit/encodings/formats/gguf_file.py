"""`.gguf`, llama.cpp's format: the tokenizer in its metadata. Weights are never read.

Reference is llama.cpp where it agrees with the model's own tokenizer.json: see `gguf_pre.py`, and
docs/tokenizers.md for where they differ. The file does not hold the flags of added tokens (lstrip,
rstrip), nor normalizers of vocabularies of bytes.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from tokenkit._checks import shown
from tokenkit.encodings.formats.byte_level import byte_level_spec, special_token
from tokenkit.encodings.formats.charsmap import check_charsmap
from tokenkit.encodings.formats.faults import Fault, unknown_key, unlike
from tokenkit.encodings.formats.gguf_pre import DEFAULT, PRE, WITHOUT_NFC
from tokenkit.encodings.formats.gguf_values import read_metadata
from tokenkit.encodings.formats.pieces import (
    SPACE,
    Kind,
    Pieces,
    Spaces,
    added_tokens,
    bpe_model,
    check_pieces,
    pieces_spec,
    template,
    unigram_model,
    unigram_notes,
)
from tokenkit.encodings.formats.tokenizer_file import Parsed, Templates
from tokenkit.encodings.formats.vocabularies import merge_ids

_PREFIX = "tokenizer."
_GGML = "tokenizer.ggml."
_TEMPLATE = "tokenizer.chat_template"
# Keys that change ids, and their types.
_KEYS: Mapping[str, type] = {
    "model": str,
    "pre": str,
    "tokens": list,
    "token_type": list,
    "scores": list,
    "merges": list,
    "add_space_prefix": bool,
    "remove_extra_whitespaces": bool,
    "precompiled_charsmap": bytes,
    "normalizer.lowercase": bool,
    "normalizer.strip_accents": bool,
    "add_bos_token": bool,
    "add_eos_token": bool,
    "add_sep_token": bool,  # between two texts; BERT's has one behind each text, whatever it says
    "bos_token_id": int,
    "eos_token_id": int,
    "unknown_token_id": int,
    "seperator_token_id": int,
    "padding_token_id": int,
    "cls_token_id": int,
    "mask_token_id": int,
}
_OTHER_NAMES = ["eot", "eom", "fim_pre", "fim_suf", "fim_mid", "fim_pad", "fim_rep", "fim_sep"]
_OTHER_NAMES += ["prefix", "suffix", "middle"]  # older names of three of them
_OLLAMA_ADDS = ["cls", "mask", "padding", "seperator", "unknown"]
_OLLAMA = ["bos", "eos", *_OLLAMA_ADDS]
_HARMLESS = {
    "token_type_count": "kinds of texts in a pair, not of tokens",
    "suppress_tokens": "for what a model writes",
    **{f"{name}_token_id": "names a token that the list has, too" for name in _OTHER_NAMES},
    # What Ollama writes beside the keys of llama.cpp, which does not read it.
    **{f"add_{name}_token": "as in tokenizer_config.json" for name in _OLLAMA_ADDS},
    **{f"{name}_token_ids": "several tokens that end a reply, or the like" for name in _OLLAMA},
}
_HARMLESS_WHOLE = {
    _TEMPLATE: "the chat template",
    "tokenizer.chat_templates": "the names of further templates, which their keys have",
    "tokenizer.huggingface.json": "the same tokenizer in another form",
    "tokenizer.rwkv.world": "another model's vocabulary",
}
_NAMES = {
    "bos_token": "bos_token_id",
    "eos_token": "eos_token_id",
    "unk_token": "unknown_token_id",
    "sep_token": "seperator_token_id",
    "pad_token": "padding_token_id",
    "cls_token": "cls_token_id",
    "mask_token": "mask_token_id",
}


def read_gguf(data: bytes, config: dict[str, Any]) -> Parsed:
    """Read the start of a GGUF file. Raises Fault, which names the place."""
    values = read_metadata(data, lambda key: key.startswith(_PREFIX))
    given = _known(values)
    model = given.get("model")
    reader = _READERS.get(model) if isinstance(model, str) else None
    if reader is None:
        known = ", ".join(sorted(_READERS))
        raise unlike(f"{_GGML}model", f"one of {known}", model)
    pieces = _pieces(given)
    spec, merges, notes = reader(given, pieces)
    named = {name: pieces.texts[given[key]] for name, key in _NAMES.items() if key in given}
    return Parsed("gguf", spec, tuple(notes), merges, named, _templates(values))


def _templates(values: dict[str, Any]) -> Templates:
    """Get the chat template, with those that have a name of their own."""
    named = {
        key.removeprefix(_TEMPLATE).lstrip(".") or "default": value
        for key, value in values.items()
        if isinstance(value, str) and (key == _TEMPLATE or key.startswith(f"{_TEMPLATE}."))
    }
    return named["default"] if set(named) == {"default"} else named or None


def _known(values: dict[str, Any]) -> dict[str, Any]:
    """Check the keys, and the types of those that count; return them without `tokenizer.ggml.`"""
    given: dict[str, Any] = {}
    for key, value in values.items():
        name = key.removeprefix(_GGML)
        harmless = key in _HARMLESS_WHOLE or key.startswith(f"{_TEMPLATE}.")
        if harmless or (name != key and name in _HARMLESS):
            continue
        if name == key or name not in _KEYS:
            raise unknown_key("the metadata", key, [_GGML + known for known in _KEYS])
        if type(value) is not _KEYS[name]:
            raise unlike(key, f"a value of type {_KEYS[name].__name__}", value)
        given[name] = value
    for name in _NAMES.values():
        if name in given and not 0 <= given[name] < len(given.get("tokens", ())):
            # llama.cpp warns, and takes its default; no file is known that needs that.
            raise unlike(_GGML + name, "the id of a token", given[name])
    return given


def _pieces(given: dict[str, Any]) -> Pieces:
    """Check the list of tokens, with scores and kinds as long as itself."""
    tokens = given.get("tokens")
    if not tokens or not isinstance(tokens[0], str):
        raise unlike(f"{_GGML}tokens", "a list of strings", tokens)
    scores = given.get("scores", [0.0] * len(tokens))
    kinds = given.get("token_type", [int(Kind.NORMAL)] * len(tokens))
    for name, values, kind in (("scores", scores, float), ("token_type", kinds, int)):
        if len(values) != len(tokens) or not all(type(value) is kind for value in values):
            raise unlike(_GGML + name, f"{len(tokens)} values of type {kind.__name__}", values)
    texts = [token or f"[EMPTY_{index}]" for index, token in enumerate(tokens)]
    pieces = Pieces(texts, scores, [kind or int(Kind.NORMAL) for kind in kinds])
    check_pieces(pieces, f"{_GGML}tokens")
    return pieces


def _merge_parts(given: dict[str, Any]) -> list[str]:
    """Split merges at the first space behind their first character, as llama.cpp does."""
    merges = given.get("merges")
    if merges is None or (merges and not isinstance(merges[0], str)):
        raise unlike(f"{_GGML}merges", "a list of strings", merges)
    parts: list[str] = []
    for index, merge in enumerate(merges):
        at = merge.find(" ", 1)
        if at < 0:
            raise unlike(f"{_GGML}merges[{index}]", "two tokens", merge)
        parts += (merge[:at], merge[at + 1 :])
    return parts


def _bpe(given: dict[str, Any], pieces: Pieces, **options: Any) -> tuple[dict[str, Any], Any]:
    vocab = {text: index for index, text in enumerate(pieces.texts)}
    parts = _merge_parts(given)
    merges, _ = merge_ids(parts, vocab, "", f"{_GGML}merges")
    model = {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": False,
        "vocab": vocab,
        "merges": [list(pair) for pair in zip(parts[0::2], parts[1::2], strict=True)],
        **options,
    }
    return model, merges


def _around(given: dict[str, Any], pieces: Pieces, bos: bool, eos: bool = False) -> Any:
    """Make the template of the tokens that the file asks for, or does by default."""

    def token(name: str) -> list[tuple[str, int]]:
        if f"{name}_token_id" not in given:
            raise Fault(f"{_GGML}add_{name}_token: expected {_GGML}{name}_token_id, too")
        number = given[f"{name}_token_id"]
        return [(pieces.texts[number], number)]

    before = token("bos") if given.get("add_bos_token", bos) else []
    behind = token("eos") if given.get("add_eos_token", eos) else []
    return template(before, behind)


def _read_bytes(given: dict[str, Any], pieces: Pieces) -> tuple[dict[str, Any], Any, list[str]]:
    """Read a vocabulary of bytes: GPT-2's and all that came after it."""
    notes = []
    name = given.get("pre")
    if name is None or name == "default":
        pre = DEFAULT
        notes.append(
            f"The file does not say how texts are split ({_GGML}pre); llama.cpp's default is "
            "taken, which may not be the model's."
        )
    elif name in PRE:
        pre = PRE[name]
    else:
        raise unlike(f"{_GGML}pre", f"one of {', '.join(sorted(PRE))}", name)
    if name in WITHOUT_NFC:
        notes.append(
            "The model's tokenizer.json brings texts to NFC first; llama.cpp does not, and neither "
            "is it done here."
        )
    if given.get("add_space_prefix"):
        raise unlike(f"{_GGML}add_space_prefix", "false, for a vocabulary of bytes", True)
    model, merges = _bpe(given, pieces, ignore_merges=pre.ignore_merges)
    spec = byte_level_spec(
        model,
        [dict(step) for step in pre.splits],
        added_tokens(pieces),
        post_processor=_around(given, pieces, pre.add_bos),
    )
    return spec, merges, notes


def _read_gemma(given: dict[str, Any], pieces: Pieces) -> tuple[dict[str, Any], Any, list[str]]:
    """Read Gemma 4: merges of characters, and byte tokens for the unknown ones."""
    unknown = given.get("unknown_token_id")
    model, merges = _bpe(
        given,
        pieces,
        byte_fallback=True,
        fuse_unk=True,
        unk_token=None if unknown is None else pieces.texts[unknown],
    )
    around = _around({**given, "add_bos_token": True}, pieces, True)
    prefix = given.get("add_space_prefix", False)
    spec = pieces_spec(model, pieces, Spaces(prefix, False), None, around)
    return spec, merges, []


def _read_scored(given: dict[str, Any], pieces: Pieces) -> tuple[dict[str, Any], Any, list[str]]:
    """Read a SentencePiece vocabulary of type BPE: Llama 2's."""
    if given.get("precompiled_charsmap") or given.get("remove_extra_whitespaces"):
        raise Fault(f"{_GGML}precompiled_charsmap: expected none for the model llama")
    model, merges, notes = bpe_model(_merged(pieces), f"{_GGML}tokens")
    spaces = Spaces(given.get("add_space_prefix", True), False)
    around = _around(given, pieces, bos=True)
    return pieces_spec(model, pieces, spaces, None, around), merges, notes


def _merged(pieces: Pieces) -> Pieces:
    """Mark what llama.cpp merges as any other piece: unused ones, and those of users with U+2581.

    The latter are looked for before spaces become U+2581; other ones of users are never left.
    """
    kinds = list(pieces.kinds)
    for number, text in enumerate(pieces.texts):
        if kinds[number] == Kind.UNUSED or (kinds[number] == Kind.USER_DEFINED and SPACE in text):
            kinds[number] = Kind.NORMAL
    return pieces._replace(kinds=kinds)


def _read_unigram(given: dict[str, Any], pieces: Pieces) -> tuple[dict[str, Any], Any, list[str]]:
    """Read a SentencePiece vocabulary of type Unigram: T5's, XLM-R's."""
    charsmap = given.get("precompiled_charsmap")
    if charsmap:
        check_charsmap(charsmap, f"{_GGML}precompiled_charsmap")
    spaces = Spaces(
        given.get("add_space_prefix", True), given.get("remove_extra_whitespaces", False)
    )
    spec = pieces_spec(
        unigram_model(pieces, f"{_GGML}tokens"),
        pieces,
        spaces,
        b64encode(charsmap).decode() if charsmap else None,
        _around(given, pieces, bos=False, eos=True),
    )
    notes = unigram_notes(has_charsmap=bool(charsmap))
    if Kind.BYTE in pieces.kinds:
        notes.append(
            "Characters without a piece become byte pieces, as in SentencePiece; llama.cpp makes "
            "the unknown piece of them."
        )
    return spec, None, notes


def _read_words(given: dict[str, Any], pieces: Pieces) -> tuple[dict[str, Any], Any, list[str]]:
    """Read BERT's WordPiece vocabulary. There the start of a word is marked, and not its rest."""
    vocab = {}
    for number, (text, kind) in enumerate(zip(pieces.texts, pieces.kinds, strict=True)):
        if kind in (Kind.NORMAL, Kind.UNUSED):
            text = text[1:] if text.startswith(SPACE) else f"##{text}"
        if not text or text in vocab:
            raise Fault(f"{_GGML}tokens[{number}]: expected each word once, got {shown(text)}")
        vocab[text] = number
    texts = {number: text for text, number in vocab.items()}
    lowercase = given.get("normalizer.lowercase", True)
    model = {
        "type": "WordPiece",
        "unk_token": texts[given.get("unknown_token_id", vocab.get("[UNK]", 0))],
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,  # as in BERT; llama.cpp has no limit
        "vocab": vocab,
    }
    first = given.get("bos_token_id", given.get("cls_token_id", vocab.get("[CLS]")))
    last = given.get("seperator_token_id", vocab.get("[SEP]"))
    if first is None or last is None:
        raise Fault(f"{_GGML}cls_token_id: expected the ids of the tokens around a text")
    return (
        {
            "version": "1.0",
            "added_tokens": [
                special_token(texts[number], number, special=kind != Kind.USER_DEFINED)
                for number, kind in enumerate(pieces.kinds)
                if kind in (Kind.UNKNOWN, Kind.CONTROL, Kind.USER_DEFINED)
            ],
            "normalizer": {
                "type": "BertNormalizer",
                "clean_text": True,
                "handle_chinese_chars": True,
                "strip_accents": given.get("normalizer.strip_accents", lowercase),
                "lowercase": lowercase,
            },
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": template([(texts[first], first)], [(texts[last], last)]),
            "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
            "model": model,
        },
        None,
        [],
    )


_READERS = {
    "gpt2": _read_bytes,
    "gemma4": _read_gemma,
    "llama": _read_scored,
    "t5": _read_unigram,
    "bert": _read_words,
}
