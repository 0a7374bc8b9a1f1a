"""Adds to a frozen program that imports tokenkit its data, and modules imported by name."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The adapters would bring their frameworks along; the command line has a hook of its own.
_APART = ("tokenkit.integrations", "tokenkit.cli")


def hook(api: Any) -> None:
    """Add them to the program."""
    from PyInstaller.utils.hooks import collect_data_files, collect_submodules

    from tokenkit.views import core_paths

    def belongs(name: str) -> bool:
        return not name.startswith(_APART)

    api.add_datas(collect_data_files("tokenkit"))
    api.add_datas(list(core_paths().items()))  # of a checkout, they are not in the package
    api.add_imports(*collect_submodules("tokenkit", filter=belongs))
