"""Many lists of ids in one array."""

from __future__ import annotations

from tokenkit._core import list_capsules
from tokenkit._face import later, public

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import numpy as np
    import numpy.typing as npt
else:
    later(globals(), Iterator="collections.abc:Iterator", np="numpy", npt="numpy.typing")


@public
class Ragged:
    """The ids of many texts, laid out as Arrow lays out lists; nothing is copied on reading.

    `ids` holds the ids of all texts (uint32), `offsets` where those of each begin (int64, one
    more than there are texts): text i has ids[offsets[i]:offsets[i + 1]]. `pyarrow.array(ragged)`
    and other readers of Arrow's C data interface take it as a large_list of uint32.

    >>> import tokenkit
    >>> ragged = tokenkit.get_encoding("o200k_base").encode_ragged(["hello world", "", "hi"])
    >>> ragged.offsets.tolist(), ragged[0].tolist(), len(ragged)
    ([0, 2, 2, 3], [24912, 2375], 3)
    """

    __slots__ = ("ids", "offsets")

    def __init__(self, ids: npt.NDArray[np.uint32], offsets: npt.NDArray[np.int64]) -> None:
        self.ids = ids
        self.offsets = offsets

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> npt.NDArray[np.uint32]:
        """Get the ids of one text. Raises IndexError for an index out of range."""
        size = len(self)
        if not -size <= index < size:
            raise IndexError(f"expected an index from {-size} to {size - 1}, got {index}")
        index %= size
        return self.ids[self.offsets[index] : self.offsets[index + 1]]

    def __iter__(self) -> Iterator[npt.NDArray[np.uint32]]:
        return (self[index] for index in range(len(self)))

    def __arrow_c_schema__(self) -> object:
        return self.__arrow_c_array__()[0]

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        # The protocol allows to give what one has, whatever was requested.
        return list_capsules(_owner(self.ids), _owner(self.offsets))

    def __reduce__(self) -> tuple[object, ...]:
        return Ragged, (self.ids, self.offsets)

    def __repr__(self) -> str:
        return f"<Ragged: {len(self)} texts, {len(self.ids)} ids>"


def _owner(array: npt.NDArray[Any]) -> Any:
    """Get the core's own buffer behind an array, which Arrow readers can share; else the array."""
    return array.base.obj if isinstance(array.base, memoryview) else array
