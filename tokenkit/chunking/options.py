"""Options of a chunker: their checks, and what the core takes for them."""

from __future__ import annotations

from collections.abc import Sequence

from tokenkit._checks import check_str, shown
from tokenkit.encodings import repaired

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.models import Model

_LONGEST_SEPARATOR = 1024  # bytes; kLongestSeparator in csrc/chunk/border_types.hpp


def safe_limit(model: str | Model | None) -> int:
    """Give the safe input limit of an embedding model, in tokens. Raises ValueError for others."""
    if model is None:
        raise ValueError(
            "max_tokens: expected a number of tokens, or an embedding model whose safe input limit "
            "is known, got neither"
        )
    from tokenkit.models import get_model

    record = get_model(model)
    if record.kind != "embedding" or record.safe_input_tokens is None:
        raise ValueError(
            f"max_tokens: expected a number of tokens, as {record.name} is not an embedding model "
            "with a known input limit, got None"
        )
    return record.safe_input_tokens


def checked_separators(separators: object, strategy: str) -> tuple[str, ...]:
    """Check the user's own separators; return them as a tuple, which is empty for None."""
    if separators is None:
        return ()
    if isinstance(separators, str) or not isinstance(separators, Sequence):
        raise TypeError(f"separators: expected a list of str, got {shown(separators)}")
    if separators and strategy == "token":
        raise ValueError(
            'separators: expected none with the strategy "token", which ends chunks wherever they '
            f'are full, got {shown(separators)}; take "optimal" or "greedy"'
        )
    for separator in separators:
        size = len(repaired(check_str("separators", separator)).encode())
        if not 0 < size <= _LONGEST_SEPARATOR:
            raise ValueError(
                f"separators: expected strings of 1 to {_LONGEST_SEPARATOR} bytes of UTF-8, got "
                f"one of {size}"
            )
    return tuple(separators)


def weight_of(tightness: float) -> float:
    """Give the weight of penalties: 0.4, 0.15, 0.06 for 0, 0.5, 1, with straight lines between."""
    # At 0.05 a README had one chunk of 391 less, and nine ends less at blank lines.
    if tightness <= 0.5:
        return 0.4 - (0.4 - 0.15) * 2 * tightness
    return 0.15 - (0.15 - 0.06) * (2 * tightness - 1)
