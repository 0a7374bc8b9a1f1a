"""Which vocabularies of other vendors are at hand, and what gets one that is not.

A vocabulary has a name, and is a packed file; or it is the tokenizer of a repository, by its id,
in the local cache of Hugging Face. The packed file of Gemma is part of this package. The others are
in the distribution `tokenkit-bpe-vocabularies`, the extra `vocabularies`.
"""

from __future__ import annotations

import os

from tokenkit._hub_cache import HUB_ID, holds_tokenizer, how_to_get as how_to_get_files
from tokenkit.errors import NoTokenizerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Named(Protocol):
        """A model, for the words of an error."""

        @property
        def name(self) -> str: ...
        @property
        def provider(self) -> str: ...
        @property
        def vocabulary(self) -> str | None: ...


_SUFFIX = ".tkp"
_OURS = "tokenkit"
OTHERS = "tokenkit_bpe_vocabularies"

# Encoding: the packed file, and the package that it is in.
PUBLISHED: dict[str, tuple[str, str]] = {
    "gemma3": ("gemma", _OURS),
    "gemma4": ("gemma", _OURS),
    "deepseek-r1": ("deepseek", OTHERS),
    "deepseek-v3": ("deepseek", OTHERS),
    "deepseek-v4": ("deepseek", OTHERS),
    "kimi-k2": ("kimi", OTHERS),
    "kimi-k3": ("kimi", OTHERS),
    "qwen2.5": ("qwen3", OTHERS),
    "qwen3": ("qwen3", OTHERS),
    "qwen3.5": ("qwen3_5", OTHERS),
    "tekken": ("tekken", OTHERS),
}


def packed_file(name: str) -> str | None:
    """Find the packed file of a published vocabulary, None if it is not installed.

    >>> os.path.basename(packed_file("gemma4"))
    'gemma.tkp'
    """
    file, package = PUBLISHED[name]
    folder = _data_folder(package)
    path = os.path.join(folder, file + _SUFFIX) if folder else ""
    return path if path and os.path.exists(path) else None


def _data_folder(package: str) -> str:
    if package == _OURS:
        return os.path.join(os.path.dirname(__file__), "data")
    from importlib.util import find_spec

    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return os.path.join(places[0], "data") if places else ""


def is_repository(name: str) -> bool:
    """Say whether a name is that of a repository: OWNER/NAME.

    >>> is_repository("meta-llama/Llama-3.3-70B-Instruct"), is_repository("qwen3")
    (True, False)
    """
    return "/" in name and HUB_ID.fullmatch(name) is not None


def at_hand(name: str) -> bool:
    """Say whether a vocabulary is installed, or the repository of that id in the local cache.

    >>> at_hand("gemma4"), at_hand("nobody/nothing")
    (True, False)
    """
    if name in PUBLISHED:
        return packed_file(name) is not None
    return is_repository(name) and holds_tokenizer(name)


def how_to_get(name: str) -> str:
    """Say how a vocabulary gets here that is not at hand.

    >>> how_to_get("qwen3")
    "install it with pip install 'tokenkit-bpe[vocabularies]'"
    """
    if is_repository(name):
        return how_to_get_files(name)
    return "install it with pip install 'tokenkit-bpe[vocabularies]'"


def no_tokenizer(model: Named, name: str | None = None) -> NoTokenizerError:
    """Make the error for a model whose tokens cannot be counted here; `name` is what it was called.

    It says how to get the vocabulary that the vendor publishes, if there is one.
    """
    called = f"{name or model.name!r} ({model.provider})"
    estimate = "estimate_tokens(text, model) gives an estimate with bounds"
    if model.vocabulary is None:
        return NoTokenizerError(
            f"no public tokenizer is known for {called}, so nothing can be counted exactly; "
            f"{estimate}"
        )
    what = "tokenizer of the repository" if is_repository(model.vocabulary) else "vocabulary"
    return NoTokenizerError(
        f"{called} has the {what} {model.vocabulary!r}, which is not here, so nothing can be "
        f"counted exactly; {how_to_get(model.vocabulary)}; {estimate}"
    )
