"""The local cache of Hugging Face: where it lies, and what it holds of a repository.

The rules are those of `huggingface_hub` 2.4 (its `constants.py` and its guide "Understand
caching"): HF_HUB_CACHE names the folder, else HF_HOME/hub, else huggingface/hub in XDG_CACHE_HOME,
which is ~/.cache by default. A repository is the folder models--OWNER--NAME; there refs/main holds
the commit, and snapshots/COMMIT the files.
"""

from __future__ import annotations

import os
import re
from fnmatch import fnmatch

# The files of a folder that may hold a tokenizer. The first line that fits wins: tokenizer.json is
# what most libraries read, and the only one that says everything. Names are matched as they are.
FOLDER_ORDER = (
    "tokenizer.json",
    "tekken.json",
    "tokenizer.model",
    "tiktoken.model",
    "*.tiktoken",
    "tekken*.json",
    "*.model",
    "*.model.v*",
    "*.gguf",
)
# A name, or owner/name.
HUB_ID = re.compile(r"(?!.*(?:--|\.\.))[A-Za-z0-9][\w.-]{0,95}(?:/[A-Za-z0-9_][\w.-]{0,95})?", re.A)
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_MOST_REF_BYTES = 256
# The files of a tokenizer in a repository.
_WANTED = ("*token*", "tekken.json", "*chat_template*")


def cache_folder() -> str:
    """Return the folder in which `huggingface_hub` keeps repositories; it may not exist."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):  # the second is the older name
        if os.environ.get(name):
            return _expanded(os.environ[name])
    home = os.environ.get("HF_HOME")
    if not home:
        xdg = os.environ.get("XDG_CACHE_HOME") or os.path.join("~", ".cache")
        home = os.path.join(xdg, "huggingface")
    return os.path.join(_expanded(home), "hub")


def _expanded(path: str) -> str:
    return os.path.expandvars(os.path.expanduser(path))


def find_snapshot(hub_id: str) -> str | None:
    """Return the folder with the files of a repository's branch main, None if there is none.

    Without that branch, which a download of one commit does not note, the only commit is taken.
    """
    folder = os.path.join(cache_folder(), "--".join(["models", *hub_id.split("/")]))
    snapshots = os.path.join(folder, "snapshots")
    try:
        with open(os.path.join(folder, "refs", "main"), encoding="ascii", errors="replace") as ref:
            commit = ref.read(_MOST_REF_BYTES).strip()
    except OSError:
        try:
            commits = os.listdir(snapshots)
        except OSError:
            return None
        commit = commits[0] if len(commits) == 1 else ""
    snapshot = os.path.join(snapshots, commit)
    return snapshot if _COMMIT.fullmatch(commit) and os.path.isdir(snapshot) else None


def holds_tokenizer(hub_id: str) -> bool:
    """Say whether the cache has a repository, and in it a file that may hold its tokenizer."""
    snapshot = find_snapshot(hub_id)
    names = os.listdir(snapshot) if snapshot else ()
    return any(fnmatch(name, pattern) for name in names for pattern in FOLDER_ORDER)


def how_to_get(hub_id: str) -> str:
    """Say how a repository's tokenizer gets into the cache."""
    wanted = " ".join(f'--include "{pattern}"' for pattern in _WANTED)
    return (
        f"get it with `hf download {hub_id} {wanted}`, which needs the network (the cache is "
        f"{cache_folder()})"
    )
