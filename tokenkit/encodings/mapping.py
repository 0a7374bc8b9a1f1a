"""Files of our own, mapped into memory: the package's, and those of the cache of tokenizers.

Files of users are never mapped but read (`tokenkit._files`).
"""

from __future__ import annotations

import mmap
import sys

_POPULATE_READ = 22  # mmap.MADV_POPULATE_READ from CPython 3.14 on; Linux 5.14


def mapped(descriptor: int) -> mmap.mmap:
    """Map a whole file for reading, so that processes share it; the file may be closed.

    Raises OSError where the file system maps no files, ValueError for an empty file.
    """
    image = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
    if sys.platform == "linux":
        # All pages in one call (half a millisecond), not one fault for every few of them.
        try:  # noqa: SIM105  # importing contextlib would take longer than this saves
            image.madvise(_POPULATE_READ)
        except OSError:  # an older kernel
            pass
    return image
