"""Compiled tokenizers, kept in a folder of the user's, so that a file is compiled once.

Each is one file (`image_file`), written beside its place and then renamed, so that processes which
race leave a whole one, and named by its key: what was read, and what compiles it (`key_of`). It is
mapped; nothing here truncates a file or writes into one. All of its bytes are summed before they
are used, and one that is damaged is made again. On POSIX only files are read that belong to the
user, or to root, and that nobody else may write.

The cache only saves time: where no folder can be found, read or written, what was compiled is used
from memory, and no error is raised.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from time import time

from tokenkit._core import IMAGE_VERSION, content_sum
from tokenkit._version import __version__
from tokenkit.encodings.cache.image_file import (
    Damaged,
    definition_text,
    from_columns,
    packed,
    unpacked,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeAlias

    from typing_extensions import Buffer

    Definition: TypeAlias = dict[str, Any]
    Label: TypeAlias = dict[str, Any]

ENVIRONMENT = "TOKENKIT_CACHE_DIR"
# To be raised with each change of what a tokenizer file is compiled to, if the release stays.
RULES_VERSION = 3
SUFFIX = ".tkc"
NOTE_SUFFIX = ".note"  # of `source_notes`
MOST_BYTES = 1 << 30  # of all files together; those used the longest ago are removed

_USED_STEP = 60  # seconds; the time of the last use is noted no more often
_PART_LIFE = 24 * 3600  # seconds; what a killed process left is removed after that
_FLAGS = os.O_RDONLY
for _name in ("O_BINARY", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"):
    _FLAGS |= getattr(os, _name, 0)


def cache_folder() -> str | None:
    """Find the folder of the cache, which need not exist; None if the user has none.

    TOKENKIT_CACHE_DIR names it, else it is `tokenkit` in the user's folder of caches:
    XDG_CACHE_HOME (if absolute, as its specification has it) or ~/.cache, on macOS
    ~/Library/Caches, on Windows LOCALAPPDATA.
    """
    named = os.environ.get(ENVIRONMENT)
    if named:
        return os.path.expanduser(named)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        base = base if os.path.isabs(base) else "~/.cache"
    folder = os.path.join(os.path.expanduser(base), "tokenkit")
    return folder if os.path.isabs(folder) else None


def key_of(digest: str) -> str:
    """Make the key of a tokenizer from the digest of what was read, in hex.

    Another release of tokenkit, other rules of compiling and another layout of images give another
    key. So does other code, as while it is being written. The key is the name of the file, too.
    """
    return f"{digest}-{__version__}-{RULES_VERSION}-{IMAGE_VERSION}-{_code_sum():x}"


def _code_sum() -> int:
    """Sum the sizes of the files that compile: nearly every change of one changes them.

    Reading the files would take longer than all else here. It is 0 in a zip file.
    """
    home = os.path.dirname(os.path.dirname(__file__))
    try:
        sizes = [
            f"{entry.name} {entry.stat().st_size}"
            for folder in ("", "cache", "compile", "formats", "steps")
            for entry in os.scandir(os.path.join(home, folder))
            if entry.name.endswith(".py")
        ]
    except OSError:
        return 0
    return content_sum(" ".join(sorted(sizes)).encode())


def cached(
    key: str, build: Callable[[], tuple[Definition, Buffer]], label: Label | None = None
) -> tuple[Definition, Buffer]:
    """Get the tokenizer of a key (`key_of`), which is built and kept if it is not there.

    A definition is a dict that JSON can hold. It comes back as JSON gives it, also when it was just
    built: tuples as lists, but for rows of tables (`definition_text`), keys as str. `label` is
    shown by `tokenkit cache list`: `source`, `name` and `format`. Raises what `build` raises.
    """
    found = find(key)
    if found is None:
        definition, image = build()
        found = keep(key, definition, image, label)
    return found


def find(key: str) -> tuple[Definition, Buffer] | None:
    """Get the tokenizer of a key, None if it is not in the cache or its file is damaged."""
    folder = cache_folder()
    if folder is None:
        return None
    path = os.path.join(folder, key + SUFFIX)
    try:
        data, status = read_own(path)
        found = unpacked(key, data)
    except (OSError, ValueError):  # Damaged is a ValueError; so is an empty file that is mapped
        return None
    now = time()
    if abs(now - status.st_mtime) > _USED_STEP:
        try:  # noqa: SIM105  # importing contextlib would take longer than this saves
            os.utime(path, (now, now))
        except OSError:  # a folder that is only read
            pass
    return found


def keep(
    key: str, definition: Definition, image: Buffer, label: Label | None = None
) -> tuple[Definition, Buffer]:
    """Keep a tokenizer under a key, and return it as the cache gives it.

    What cannot be kept, or not be read again, is returned from memory.
    """
    from json import loads

    text = definition_text(definition)
    folder = cache_folder()
    if folder is not None:
        name = key + SUFFIX
        try:
            write_own(os.path.join(folder, name), packed(key, label or {}, text.encode(), image))
            trim(folder, name)
        except (OSError, Damaged):
            pass
        else:
            found = find(key)
            if found is not None:
                return found
    return from_columns(loads(text)), image


def open_own(path: str) -> tuple[int, os.stat_result]:
    """Open a file that may be trusted (`is_own`); return its descriptor, which the caller closes,
    and its status. Raises OSError for every other: links, pipes and devices are not followed, read
    or waited for."""
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        if not is_own(status):
            raise OSError(errno.EPERM, "expected a file that only its user may write", path)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor, status


def read_own(path: str) -> tuple[memoryview, os.stat_result]:
    """Map a file that may be trusted. Raises OSError, and ValueError for an empty one."""
    from tokenkit.encodings.mapping import mapped

    descriptor, status = open_own(path)
    try:
        try:
            data: Buffer = mapped(descriptor)
        except OSError:  # the file system maps no files
            with open(descriptor, "rb", closefd=False) as file:
                data = file.read()
        return memoryview(data), status
    finally:
        os.close(descriptor)


def is_own(status: os.stat_result) -> bool:
    """Whether a file may be trusted: a regular one of this user or root, that no other may write.

    Windows has no such owners; there the folder, which lies in the user's profile, protects it.
    """
    if not stat.S_ISREG(status.st_mode):
        return False
    if sys.platform == "win32":
        return True
    return status.st_uid in (os.geteuid(), 0) and not status.st_mode & 0o022


def write_own(path: str, blocks: list[Buffer]) -> None:
    """Write a file beside its place and put it there, whatever file is there. Raises OSError.

    `_writing.WholeFile` is for outputs of users: it follows links, and writes into pipes.
    """
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    part = os.path.join(folder, f".tokenkit-{os.getpid():x}-{os.urandom(6).hex()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(part, flags, 0o644)
    try:
        with open(descriptor, "wb") as file:
            for block in blocks:
                file.write(block)
        os.replace(part, path)
    except BaseException:
        try:  # noqa: SIM105  # as above
            os.remove(part)
        except OSError:
            pass
        raise


def own_files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the name and the status of each file of the cache, parts and notes among them."""
    from tokenkit._writing import is_part

    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        if name.endswith((SUFFIX, NOTE_SUFFIX)) or is_part(name):
            try:
                yield name, os.lstat(os.path.join(folder, name))
            except OSError:  # another process has removed it
                continue


def trim(folder: str, newest: str) -> None:
    """Remove the files that were used the longest ago, until all together fit into `MOST_BYTES`,
    and parts that nobody writes any more. The file of the name `newest` stays."""
    files = [(status.st_mtime, name, status.st_size) for name, status in own_files(folder)]
    total = sum(size for _, _, size in files)
    for used, name, size in sorted(files):
        left_over = name.endswith(".part") and time() - used > _PART_LIFE
        if name != newest and (left_over or (total > MOST_BYTES and name.endswith(SUFFIX))):
            try:
                os.remove(os.path.join(folder, name))
            except OSError:  # a folder in its place; on Windows a file that is in use
                continue
            total -= size
