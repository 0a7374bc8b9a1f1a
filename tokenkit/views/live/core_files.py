"""The WebAssembly core and its JavaScript face, which the page without a server holds.

They are in the folder `js` of a checkout; a wheel has a copy beside this file.
"""

from __future__ import annotations

from pathlib import Path

from tokenkit.views.live.script import read_part

__all__ = ["core_bytes", "core_paths", "read_with_core"]

_FACE = "../../../js/"
_HERE = Path(__file__).parent
_FOLDERS = (_HERE / "core", _HERE.parents[2] / "js")
MODULE = "tokenkit.wasm"


def core_folder() -> Path:
    """Find the folder. Raises FileNotFoundError where a package was built without it."""
    for folder in _FOLDERS:
        if (folder / MODULE).is_file():
            return folder
    raise FileNotFoundError(f"{_FOLDERS[0] / MODULE} is not there; install tokenkit again")


def core_paths() -> dict[str, str]:
    """Map each of the files to the folder that a copy of the package needs it in.

    >>> core_paths()[str(core_folder() / MODULE)]
    'tokenkit/views/live/core'
    """
    folder = core_folder()
    paths = (*sorted(folder.glob("*.js")), folder / MODULE)
    return {str(path): "tokenkit/views/live/core" for path in paths}


def core_bytes() -> bytes:
    """Read the compiled core."""
    return (core_folder() / MODULE).read_bytes()


def read_with_core(path: str) -> str:
    """Read a module of the page or of the core's face."""
    if path.startswith(_FACE):
        return (core_folder() / path.removeprefix(_FACE)).read_text("utf-8")
    return read_part(path)
