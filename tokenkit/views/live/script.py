"""The live page's script: its modules joined into one, as a page from a disk can run it.

A browser loads no modules from files. So each module becomes a function that gives what the module
exports, and they stand one after the other in a single script, each after those that it imports.

>>> script = joined_script("chat_view.js")
>>> "\\nimport {" in script, script.count("const module_dom = (() => {")
(False, 1)
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from tokenkit.views.html_parts import read_source

__all__ = ["joined_script"]

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "([^"]+)";\n', re.MULTILINE)
_LIST = re.compile(r"^export \{([^}]*)\};\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:const|function\*?|class) (\w+))", re.MULTILINE)

Read = Callable[[str], str]


def read_part(path: str) -> str:
    """Read a file of the live page."""
    return read_source(f"live/{path}")


def joined_script(entry: str, read: Read = read_part) -> str:
    """Join a module and all that it imports.

    `read` gives the source of a module by its path from the folder of the entry. Names are
    imported as they are, without `as`.
    """
    done: dict[str, str] = {}
    _add(posixpath.normpath(entry), read, done)
    return "".join(done.values())


def _add(path: str, read: Read, done: dict[str, str]) -> None:
    if path in done:
        return
    source = read(path)
    imports = []
    for names, other in _IMPORT.findall(source):
        inner = posixpath.normpath(posixpath.join(posixpath.dirname(path), other))
        _add(inner, read, done)
        imports.append(f"const {names} = {_name(inner)};\n")
    exports = [name for _, name in _EXPORT.findall(source)]
    exports += [name.strip() for names in _LIST.findall(source) for name in names.split(",")]
    body = _EXPORT.sub(r"\1", _LIST.sub("", _IMPORT.sub("", source)))
    given = ", ".join(filter(None, exports))
    done[path] = (
        f"const {_name(path)} = (() => {{\n{''.join(imports)}{body}return {{ {given} }};\n}})();\n"
    )


def _name(path: str) -> str:
    """Name a module so that no name inside of one hides it."""
    return "module_" + re.sub(r"\W+", "_", posixpath.splitext(path)[0])
