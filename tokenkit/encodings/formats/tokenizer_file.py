"""The neutral form of a tokenizer: what every reader of a file gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

# A chat template, or several by name: "default" is for all chats that no other is for.
Templates: TypeAlias = str | dict[str, str] | None


@dataclass(frozen=True, eq=False)
class TokenizerFile:
    """A tokenizer in the terms of Hugging Face's tokenizer.json, as `tokenizers` 0.23 reads it.

    `spec` has the keys model, added_tokens, normalizer, pre_tokenizer, post_processor and decoder.
    It is checked, its defaults are filled in, and it holds no key that `tokenizers` ignores, so
    `json.dumps(spec)` is a tokenizer.json. The ids of its added tokens are those that `tokenizers`
    gives them, whatever the file says. Files that have ranks and no merges have a model type that
    `tokenizers` lacks, {"type": "Ranks", "ranks": [(bytes, rank), ...], "ids": offset}: what
    tiktoken does with these ranks, and ids are ranks plus the offset.

    `format` is "tokenizer.json", "tekken.json", "tiktoken", "sentencepiece" or "gguf".
    `merges` are the ids of the pairs that a model of type BPE merges, in order of priority and each
    once, as an array of two columns; None for other models. `config` is tokenizer_config.json, or
    what another format has of it (bos_token, eos_token, add_bos_token...). `notes` are sentences
    about what is not applied, or differs from other readers. `digest` is the SHA-256 in hex of what
    was read: all that this object was made of. `chat_template` is a text, or several by name.
    """

    spec: dict[str, Any]
    path: str
    format: str
    digest: str
    notes: tuple[str, ...] = ()
    config: dict[str, Any] = field(default_factory=dict)
    chat_template: Templates = None
    merges: npt.NDArray[np.uint32] | None = None


@dataclass(frozen=True, eq=False)
class Parsed:
    """A reader's result for one file's bytes; `read_tokenizer` adds path, digest and config."""

    format: str
    spec: dict[str, Any]
    notes: tuple[str, ...] = ()
    merges: npt.NDArray[np.uint32] | None = None
    config: dict[str, Any] = field(default_factory=dict)
    chat_template: Templates = None
