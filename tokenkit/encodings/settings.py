"""The environment variables of the core, checked before it reads them."""

from __future__ import annotations

import os

from tokenkit._core import Core, simd_levels
from tokenkit.errors import TokenkitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["SettingError", "check_settings", "new_core"]


class SettingError(TokenkitError, ValueError):
    """An environment variable has a value that makes no sense."""


def new_core(image: Buffer, family: int, special_tokens: dict[str, int]) -> Core:
    """Make a core, once the settings that it reads are known to be right."""
    check_settings()
    return Core(image, family, special_tokens)


def check_settings() -> None:
    """Raise SettingError unless TOKENKIT_CACHE_MB and TOKENKIT_SIMD are unset, or make sense.

    >>> check_settings()
    """
    megabytes = os.environ.get("TOKENKIT_CACHE_MB", "")
    if megabytes and not _is_number(megabytes):
        raise SettingError(
            "environment variable TOKENKIT_CACHE_MB: expected a number of megabytes, such as 16, "
            f"got {megabytes!r}"
        )
    level = os.environ.get("TOKENKIT_SIMD", "")
    if level and level not in simd_levels():
        raise SettingError(
            "environment variable TOKENKIT_SIMD: expected an instruction set that runs here "
            f"({', '.join(simd_levels())}), got {level!r}"
        )


def _is_number(text: str) -> bool:
    import re

    return re.fullmatch(r"\d+(\.\d*)?|\.\d+", text, re.ASCII) is not None
