"""Encodings by name whose vocabularies other vendors have published, from packed files.

`tokenkit._vocabularies` says where they lie. What a file is compiled to is in the cache of
`image_cache`, as that of a tokenizer's file is.
"""

from __future__ import annotations

from tokenkit._vocabularies import OTHERS, how_to_get, packed_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from typing_extensions import Buffer

    from tokenkit.encodings.encoding import Encoding


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
    from tokenkit._core import content_sum
    from tokenkit.encodings.cache.image_cache import cached, key_of

    path = packed_file(name)
    if path is None:
        raise ModuleNotFoundError(
            f"encoding {name!r}: its vocabulary is in another package; {how_to_get(name)}",
            name=OTHERS,
        )
    with open(path, "rb") as file:
        data = file.read()

    def build() -> tuple[dict[str, Any], Buffer]:
        from tokenkit.encodings.compile.compiler import compile_file
        from tokenkit.encodings.many_objects import no_collections
        from tokenkit.encodings.packed import unpack

        with no_collections():
            image, definition = compile_file(unpack(data, name, path))
        return definition, image

    # A file of a package, which nobody forges here: hashlib would take longer to import.
    digest = f"{name}-{len(data):x}-{content_sum(data):016x}"
    label = {"source": path, "name": name, "format": "tkp"}
    definition, image = cached(key_of(digest), build, label)
    return image, definition
