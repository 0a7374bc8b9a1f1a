"""The bundled encodings.

Names, patterns, special tokens and numbers of ids are those of tiktoken 0.14.0
(`tiktoken_ext/openai_public.py`); the vocabularies are packed from the files whose SHA-256 stand
in `data/SHA256SUMS`, the hashes that tiktoken publishes.
"""

from __future__ import annotations

from tokenkit._core import FAMILY_CL100K, FAMILY_CUSTOM, FAMILY_GPT2, FAMILY_O200K, Core
from tokenkit._face import public
from tokenkit._locks import shared_lock
from tokenkit.encodings.encoding import Encoding
from tokenkit.encodings.known import ENCODINGS as ENCODINGS
from tokenkit.encodings.patterns import CL100K, GPT2, O200K
from tokenkit.errors import UnknownEncodingError, VocabularyError, nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Buffer

_END_OF_TEXT = "<|endoftext|>"
_FILL_IN = ("<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>")
_END_OF_PROMPT = "<|endofprompt|>"

_R50K = {_END_OF_TEXT: 50256}
_P50K_EDIT = _R50K | dict(zip(_FILL_IN, range(50281, 50284), strict=True))
_CL100K = (
    {_END_OF_TEXT: 100257}
    | dict(zip(_FILL_IN, range(100258, 100261), strict=True))
    | {_END_OF_PROMPT: 100276}
)
_O200K = {_END_OF_TEXT: 199999, _END_OF_PROMPT: 200018}
_HARMONY_NAMES = {
    199998: "startoftext",
    200002: "return",
    200003: "constrain",
    200005: "channel",
    200006: "start",
    200007: "end",
    200008: "message",
    200012: "call",
}


def _harmony() -> dict[str, int]:
    # Every id up to 201087 has a name; 200018 has two, and `<|endofprompt|>` comes first.
    names = {f"<|{_HARMONY_NAMES.get(i, f'reserved_{i}')}|>": i for i in range(200000, 201088)}
    return _O200K | {"<|startoftext|>": 199998} | names


_GPT2_LIKE = (GPT2, FAMILY_GPT2)
_CL100K_LIKE = (CL100K, FAMILY_CL100K)
_O200K_LIKE = (O200K, FAMILY_O200K)

# name: (vocabulary file, (pattern, family), special tokens or what makes them)
_DEFINITIONS: dict[str, tuple[str, tuple[str, int], Any]] = {
    "gpt2": ("r50k_base", _GPT2_LIKE, _R50K),
    "r50k_base": ("r50k_base", _GPT2_LIKE, _R50K),
    "p50k_base": ("p50k_base", _GPT2_LIKE, _R50K),
    "p50k_edit": ("p50k_base", _GPT2_LIKE, _P50K_EDIT),
    "cl100k_base": ("cl100k_base", _CL100K_LIKE, _CL100K),
    "o200k_base": ("o200k_base", _O200K_LIKE, _O200K),
    "o200k_harmony": ("o200k_base", _O200K_LIKE, _harmony),
}

_images: dict[str, Buffer] = {}


def list_encoding_names() -> list[str]:
    """List the names of the encodings that are here: those of tiktoken, the oldest first, then
    the vocabularies of other vendors that are installed.

    Those of your own are in `tokenkit.registry.ENCODINGS`.

    >>> list_encoding_names()[:3], "gemma4" in list_encoding_names()
    (['gpt2', 'r50k_base', 'p50k_base'], True)
    """
    from tokenkit._vocabularies import PUBLISHED, at_hand  # late: few need it

    return [*_DEFINITIONS, *filter(at_hand, PUBLISHED)]


@public  # pickles of bundled encodings name it
def get_encoding(encoding_name: str) -> Encoding:
    """Get the encoding of this name, always the same object; it is loaded when first asked for.

    Those of your own that are in `tokenkit.registry.ENCODINGS` are found as well, and repositories
    that a model's record names, in the local cache of Hugging Face. Raises UnknownEncodingError, a
    ValueError, with the nearest names; ModuleNotFoundError that names the extra of a vocabulary
    that is not installed; ValueError unless it is a str.

    >>> get_encoding("o200k_base").n_vocab
    200019
    """
    try:
        return ENCODINGS[encoding_name]
    except (KeyError, TypeError):
        pass
    if not isinstance(encoding_name, str):
        raise ValueError(f"encoding_name: expected str, got {type(encoding_name).__name__}")
    with shared_lock:
        if encoding_name not in ENCODINGS:
            ENCODINGS[encoding_name] = _load(encoding_name)
        return ENCODINGS[encoding_name]


def _load(name: str) -> Encoding:
    if name not in _DEFINITIONS:
        from tokenkit._vocabularies import PUBLISHED, is_repository

        if name in PUBLISHED:
            from tokenkit.encodings.published import load_published

            return load_published(name, get_encoding)
        if is_repository(name) and _is_of_a_record(name):
            from tokenkit.encodings.loading import load_repository

            return load_repository(name)
        known = list(dict.fromkeys([*_DEFINITIONS, *PUBLISHED, *ENCODINGS]))
        raise UnknownEncodingError(
            f"Unknown encoding {name!r}.{nearest(name, known)} "
            f"Known encodings: {', '.join(known)}. "
            "To have one of your own known by its name, put it into tokenkit.registry.ENCODINGS."
        )
    file, (pat_str, family), special_tokens = _DEFINITIONS[name]
    if file not in _images:
        _images[file] = _opened(f"{file}.tkv")
    tokens = special_tokens() if callable(special_tokens) else dict(special_tokens)
    try:
        return Encoding._from_image(name, pat_str, _images[file], family, tokens, get_encoding)
    except ValueError as error:
        raise _damaged(f"{file}.tkv", error) from None


def _is_of_a_record(name: str) -> bool:
    """Whether a model's record names the repository: no other may be read by a name in data."""
    from tokenkit.models import current_registry

    return current_registry().has_vocabulary(name)


def bundled_image(name: str) -> tuple[bytes, list[str]]:
    """Read the image of a bundled encoding's vocabulary; list the encodings that share it, this one
    first.

    Raises UnknownEncodingError for another name.

    >>> bundled_image("o200k_harmony")[1]
    ['o200k_harmony', 'o200k_base']
    """
    if name not in _DEFINITIONS:
        known = ", ".join(_DEFINITIONS)
        raise UnknownEncodingError(f"expected an encoding out of {known}, got {name!r}")
    file = _DEFINITIONS[name][0]
    sharing = [other for other, (its_file, *_) in _DEFINITIONS.items() if its_file == file]
    return bytes(memoryview(_opened(f"{file}.tkv"))), sorted(sharing, key=lambda one: one != name)


def verify() -> list[str]:
    """Read the files of the bundled encodings to the last byte; return the names of the encodings.

    Loading an encoding checks the header of its file alone, which takes no time. This compares the
    checksum of each section, and the SHA-256 of the tokens, written as tiktoken's files have them,
    with those that tiktoken publishes (`data/SHA256SUMS`). It takes about a second. Raises
    VocabularyError, which names the file that is damaged.

    >>> verify()[:3]
    ['gpt2', 'r50k_base', 'p50k_base']
    """
    lines = bytes(_opened("SHA256SUMS")).decode("ascii", "replace").splitlines()
    published = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    for name in dict.fromkeys(file for file, _, _ in _DEFINITIONS.values()):
        try:
            core = Core(_opened(f"{name}.tkv"), FAMILY_CUSTOM, {})
            core.verify()
        except ValueError as error:
            raise _damaged(f"{name}.tkv", error) from None
        if source_sha256(core) != published.get(f"{name}.tiktoken"):
            raise _damaged(f"{name}.tkv", "its tokens are not those that tiktoken publishes")
    return list(_DEFINITIONS)


def overhead_of(encoding_name: str | None) -> int:
    """The `overhead` of the encoding of this name, 0 if there is none."""
    if encoding_name is None or (encoding_name in _DEFINITIONS and encoding_name not in ENCODINGS):
        return 0  # that of all bundled ones, which need not be loaded for it
    try:
        return get_encoding(encoding_name).overhead
    except UnknownEncodingError:
        return 0


def source_sha256(core: Core) -> str:
    """The SHA-256 of the `.tiktoken` file that holds the tokens of a vocabulary."""
    from binascii import b2a_base64
    from hashlib import sha256

    lines = (
        b"%s %d\n" % (b2a_base64(token, newline=False), rank) for token, rank in core.token_list()
    )
    return sha256(b"".join(lines)).hexdigest()


def _damaged(name: str, why: object) -> VocabularyError:
    return VocabularyError(f"{_path(name)}: {why}; install tokenkit again")


def _path(name: str) -> str:
    import os

    return os.path.join(os.path.dirname(os.path.dirname(__file__)), "data", name)


def _opened(name: str) -> Buffer:
    """Map a file of the package, so that processes share it; read it where it cannot be mapped.

    Only files of this package are mapped. An installer replaces them and truncates none, and who
    may write there may change the code as well. Files of users are read (`tokenkit._files`).
    """
    from tokenkit.encodings.mapping import mapped

    path = _path(name)
    try:
        with open(path, "rb") as file:
            return mapped(file.fileno())
    except (OSError, ValueError):
        # The package may lie in a zip file, or the file system may not map files.
        loader = __spec__.loader
        read: Any = getattr(loader, "get_data", None)
        if read is None:
            raise
        data: bytes = read(path)
        return data
