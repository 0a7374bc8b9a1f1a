"""Adds to a frozen program that runs the command line its verbs, imported by name."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def hook(api: Any) -> None:
    """Add them to the program."""
    from PyInstaller.utils.hooks import collect_submodules

    api.add_imports(*collect_submodules("tokenkit.cli"))
