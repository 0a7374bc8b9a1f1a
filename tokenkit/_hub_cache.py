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

    Where no branch is noted, as after a download of one commit, the only commit is taken.
    """
    return _snapshot(hub_id)[0]


def state_of(hub_id: str) -> str:
    """Say what the cache holds of a repository whose branch main it lacks; "" for nothing."""
    return _snapshot(hub_id)[1]


def _snapshot(hub_id: str) -> tuple[str | None, str]:
    """Find the folder of branch main; where there is none, say what is there instead."""
    folder = os.path.join(cache_folder(), "--".join(["models", *hub_id.split("/")]))
    snapshots = os.path.join(folder, "snapshots")
    commits = [
        name
        for name in sorted(_names(snapshots))
        if _COMMIT.fullmatch(name) and os.path.isdir(os.path.join(snapshots, name))
    ]
    try:
        with open(os.path.join(folder, "refs", "main"), encoding="ascii", errors="replace") as ref:
            commit = ref.read(_MOST_REF_BYTES).strip()
    except OSError:
        if len(commits) == 1 and not _names(os.path.join(folder, "refs")):
            return os.path.join(snapshots, commits[0]), ""
        if not commits:
            return None, ""
        listed = ", ".join(commits[:5])
        return None, f"no refs/main, and in {snapshots} {listed}; give the path of one"
    if commit in commits:
        return os.path.join(snapshots, commit), ""
    return None, f"a refs/main that names {commit[:64]!r}, which {snapshots} lacks"


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


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
