"""Frozen programs: PyInstaller asks here for the folder with the package's hooks.

The hooks say which data files belong into a program that imports tokenkit, and which modules are
imported by name. Nothing is to be called or configured; `pyinstaller app.py` finds the entry point
`pyinstaller40` of the installed package. The protocol is that of
https://pyinstaller.org/en/stable/hooks.html#providing-pyinstaller-hooks-with-your-package
"""

from __future__ import annotations

import os

__all__ = ["hook_folders"]


def hook_folders() -> list[str]:
    """List the folders with hooks for PyInstaller.

    >>> sorted(name for name in os.listdir(hook_folders()[0]) if name.startswith("hook-"))
    ['hook-tokenkit.cli.py', 'hook-tokenkit.py']
    """
    return [os.path.dirname(os.path.abspath(__file__))]
