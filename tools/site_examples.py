"""Shows examples of docstrings as code: the site's builder would take ``>>>`` for quotations."""

from __future__ import annotations

import re

from griffe import Extension, Object

EXAMPLE = re.compile(r"^( *)>>> .*(?:\n(?! *$).+)*", re.MULTILINE)


def fenced(text: str) -> str:
    """The docstring with each example, up to the next blank line, in a block of code."""
    return EXAMPLE.sub(lambda match: f"{match[1]}```pycon\n{match[0]}\n{match[1]}```", text)


class Examples(Extension):  # type: ignore[misc]  # griffe is not there for the type checker
    """Called by griffe for every object that it reads."""

    def on_object(self, *, obj: Object, **_: object) -> None:
        if obj.docstring is not None:
            obj.docstring.value = fenced(obj.docstring.value)
