"""Notes of which content files had, so that a tokenizer file need not be read to be known again.

A note says of a list of files: with these sizes, times, inodes and devices, their digest was this
one. It is believed only if it can't be wrong:

- Each write to a file, and each renaming over it, gives the name another inode or the file another
  time of change (ctime), which no program can set. So a file whose ctime, inode, device, size and
  mtime are as they were has the content that it had, unless it was written within one tick of the
  clock that its file system notes. A file is noted only if it was older than that when it was read
  (git's rule for racily clean entries): by 0.1 seconds, which is longer than any tick.
- A ctime without a fraction of a millisecond is believed by nobody: some file systems note whole
  seconds (FAT, HFS+), and images that are mounted (squashfs) state what their maker wrote.
- The status that is noted is that of the open file that was read, from before it was read.
- A file that lay beside the tokenizer file, or that did not, is in the list or not in it.
- Windows has no such time. There, as wherever no note is believed, files are read again.

Programs that write to files through mapped memory can change one later than its ctime says, by as
long as the system holds back what they wrote. No program that is known writes tokenizer files so.
"""

from __future__ import annotations

import os
import sys

from tokenkit._core import content_sum
from tokenkit._files import open_regular
from tokenkit.encodings.cache.image_cache import NOTE_SUFFIX, cache_folder, open_own, write_own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HAS_CHANGE_TIME = sys.platform != "win32"
_LONGEST_TICK = 100_000_000  # nanoseconds
_MILLISECOND = 1_000_000
_MOST_BYTES = 1 << 16  # of a note


def is_settled(status: os.stat_result, read_ns: int) -> bool:
    """Whether a file that was read then, in nanoseconds since 1970, will show later changes."""
    changed = status.st_ctime_ns
    return changed % _MILLISECOND != 0 and read_ns - changed > _LONGEST_TICK


def noted_digest(paths: Sequence[str]) -> str | None:
    """Find the digest of files that are as they were; None if that is not known."""
    from json import loads

    place = _place(paths)
    if place is None:
        return None
    try:
        descriptor, _ = open_own(place)
        with open(descriptor, "rb") as file:
            note = loads(file.read(_MOST_BYTES))
        return note["digest"] if note["files"] == [*map(_now, paths)] else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def note_digest(files: Mapping[str, os.stat_result], digest: str) -> None:
    """Note the digest of files that had these statuses when they were read, if that can be done."""
    from json import dumps

    place = _place([*files])
    if place is None:
        return
    known = [[os.path.abspath(path), *_signature(status)] for path, status in files.items()]
    try:  # noqa: SIM105  # as in image_cache
        write_own(place, [dumps({"digest": digest, "files": known}).encode()])
    except OSError:
        pass


def _now(path: str) -> list[object]:
    # Opened first: a file system of the network then asks its server.
    regular = open_regular(path)
    if regular is None:
        return []
    os.close(regular[0])
    return [os.path.abspath(path), *_signature(regular[1])]


def _signature(status: os.stat_result) -> list[int]:
    """Return the numbers that change whenever the content of a file does."""
    times = status.st_ctime_ns, status.st_mtime_ns
    return [status.st_size, *times, status.st_ino, status.st_dev]


def _place(paths: Sequence[str]) -> str | None:
    """Where the note of a list of files lies. Two lists may share it, as it names its files."""
    folder = cache_folder()
    if folder is None or not _HAS_CHANGE_TIME:
        return None
    try:
        names = b"\0".join(os.fsencode(os.path.abspath(path)) for path in paths)
    except OSError:  # the current folder was removed
        return None
    return os.path.join(folder, f"{content_sum(names):016x}{NOTE_SUFFIX}")
