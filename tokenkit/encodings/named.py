"""The encoding that a person names: one of ours by its name, or a tokenizer file by its path."""

from __future__ import annotations

from tokenkit._vocabularies import PUBLISHED
from tokenkit.encodings.bundled import get_encoding
from tokenkit.encodings.encoding import Encoding
from tokenkit.encodings.known import BUNDLED, ENCODINGS
from tokenkit.errors import UnknownEncodingError, nearest

__all__ = ["encoding_names", "named_encoding"]


def encoding_names() -> list[str]:
    """List all names that `named_encoding` knows: the bundled, the published, and users' own.

    Published ones are in it also where they are not installed: the error says what gets them.

    >>> encoding_names()[:2]
    ['gpt2', 'r50k_base']
    """
    return [*dict.fromkeys([*BUNDLED, *PUBLISHED, *ENCODINGS])]


def named_encoding(name: str) -> Encoding:
    """Get the encoding of a name, or load the tokenizer at a path or of a Hub id.

    A name of `encoding_names` comes first: `./o200k_base` is a file.
    For the words of people alone, such as a command line: what comes in data names no files. Raises
    UnknownEncodingError if neither is there, and what `load_encoding` raises.
    """
    if name in encoding_names():
        return get_encoding(name)
    from tokenkit.encodings.loading import load_encoding

    try:
        return load_encoding(name)
    except FileNotFoundError:
        raise _unknown(name, "file or folder") from None
    except UnknownEncodingError:
        if "/" in name:
            raise  # a Hub id: the message says how to get its files
        raise _unknown(name, "file, folder or repository in the local cache") from None


def _unknown(name: str, kinds: str) -> UnknownEncodingError:
    no_file = f"No {kinds} has this name"
    if any(sign in name for sign in "/\\~"):  # no name of an encoding
        return UnknownEncodingError(f"Unknown encoding {name!r}. {no_file}.")
    known = encoding_names()
    return UnknownEncodingError(
        f"Unknown encoding {name!r}.{nearest(name, known)} {no_file}, either. "
        f"Known encodings: {', '.join(known)}."
    )
