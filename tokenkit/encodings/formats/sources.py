"""Where a tokenizer file lies: a path, a folder, or a repository in the local Hugging Face cache.

Nothing is ever downloaded.
"""

from __future__ import annotations

import errno
import os
import re
from fnmatch import fnmatch

from tokenkit._checks import shown
from tokenkit._hub_cache import FOLDER_ORDER, HUB_ID, find_snapshot, how_to_get, state_of
from tokenkit.errors import UnknownEncodingError, VocabularyError

# What lies beside a tokenizer file and belongs to it, for every format.
COMPANIONS = (
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "chat_template.json",
)
# What is of no use alone: it does not say how a text is split.
_OLDER_FILES = ("vocab.json", "merges.txt", "vocab.txt")
HOW_TO_MAKE = (
    "where there are only vocab.json and merges.txt, or vocab.txt, make a tokenizer.json with "
    "`transformers`: AutoTokenizer.from_pretrained(folder).save_pretrained(folder)"
)
# The folder beside it with further chat templates, NAME.jinja each, as transformers has it.
TEMPLATES = "additional_chat_templates"
MOST_TEMPLATES = 64
# Only the first part of a split GGUF file holds the tokenizer.
_LATER_PART = re.compile(r"-(?!00001)\d{5}-of-\d{5}\.gguf\Z")


def find_source(source: str | os.PathLike[str]) -> str:
    """Find the tokenizer file that a source names; return its path.

    A source is a file, a folder that holds one, or the id of a repository such as "Qwen/Qwen3-8B",
    whose files lie in the local cache of Hugging Face. A path that exists comes first. In a folder
    the first of `FOLDER_ORDER` wins.

    Raises FileNotFoundError for a path that does not exist, UnknownEncodingError for a repository
    that is not in the cache (the message says how to get it), and VocabularyError for a folder
    without a tokenizer or with several that nothing distinguishes.
    """
    if not isinstance(source, (str, os.PathLike)):
        raise TypeError(f"source: expected str or a path, got {type(source).__name__}")
    path = os.path.expanduser(os.fspath(source))
    if not isinstance(path, str):
        raise TypeError(f"source: expected str or a path of str, got {type(source).__name__}")
    if os.path.isdir(path):
        return _in_folder(path)
    if os.path.exists(path):
        return path
    if isinstance(source, str) and HUB_ID.fullmatch(source) and not _is_file_name(source):
        return find_in_cache(source)
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)


def files_of(path: str) -> list[str]:
    """List the files that a reader looks at for a tokenizer file: itself, and those beside it."""
    folder = os.path.dirname(path)
    beside = (os.path.join(folder, name) for name in (*COMPANIONS, *_further_templates(folder)))
    return [path, *filter(_is_file, beside)]


def _is_file(path: str) -> bool:
    """Return whether this is a file, or a link that leads nowhere, which is an error and no sign
    that there is no file."""
    return os.path.isfile(path) or (os.path.islink(path) and not os.path.exists(path))


def _further_templates(folder: str) -> list[str]:
    """List the files of named chat templates: at most `MOST_TEMPLATES`, by name."""
    try:
        names = sorted(os.listdir(os.path.join(folder, TEMPLATES)))
    except OSError:  # most have none
        return []
    names = [name for name in names if name.endswith(".jinja")]
    return [f"{TEMPLATES}/{name}" for name in names[:MOST_TEMPLATES]]


def _is_file_name(source: str) -> bool:
    return any(fnmatch(os.path.basename(source), pattern) for pattern in FOLDER_ORDER)


def _in_folder(folder: str) -> str:
    names = sorted(name for name in os.listdir(folder) if not _LATER_PART.search(name))
    for pattern in FOLDER_ORDER:
        fitting = [name for name in names if fnmatch(name, pattern)]
        fitting = [name for name in fitting if _is_file(os.path.join(folder, name))]
        if len(fitting) > 1:
            listed = ", ".join(fitting[:5]) + (", ..." if len(fitting) > 5 else "")
            raise VocabularyError(
                f"{folder}: expected one file {pattern}, got {len(fitting)} ({listed}); name the "
                "file itself"
            )
        if fitting:
            found = os.path.join(folder, fitting[0])
            if not os.path.exists(found):
                raise VocabularyError(f"{found}: expected a file, got a link that leads nowhere")
            return found
    older = [name for name in _OLDER_FILES if name in names]
    got = f"{', '.join(older)} alone; {HOW_TO_MAKE}" if older else "none"
    raise VocabularyError(
        f"{folder}: expected a tokenizer file ({', '.join(FOLDER_ORDER)}), got {got}"
    )


def find_in_cache(hub_id: str) -> str:
    """Find the tokenizer file of a repository in the local cache; no path is looked at.

    Raises as `find_source` does.
    """
    snapshot = find_snapshot(hub_id)
    if snapshot is None:
        raise UnknownEncodingError(
            f"{shown(hub_id)}: expected a file, a folder, or a repository in the local cache of "
            f"Hugging Face, got {state_of(hub_id) or 'neither'}; {how_to_get(hub_id)}"
        )
    try:
        return _in_folder(snapshot)
    except VocabularyError as error:
        raise VocabularyError(f"{error}; {how_to_get(hub_id)}") from None
