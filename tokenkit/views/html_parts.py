"""Parts of pages: sources, escaped texts, cards and bars."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from tokenkit._visible import HIDDEN, HIDDEN_NAMES, visible

__all__ = [
    "box",
    "card",
    "character_data",
    "escaped_text",
    "filled",
    "javascript_class",
    "policy_hash",
    "read_source",
    "value_list",
]

_FIELD = re.compile(r"\{\{(\w+)\}\}")
# Signs of characters without ink: over those that have a width, in front of those that have none,
# and behind variation selectors, so that none stands between them and the character they belong to.
_OVER = {" ": "·", "\t": "→", "\u00a0": "⍽", "\u3000": "□"}
_IN_FRONT = {"\n": "↵", "\r": "␍", "\u200c": "|", "\u200d": "+"}
_BEHIND = {chr(code): "◌" for code in range(0xFE00, 0xFE10)}


@cache
def read_source(name: str) -> str:
    """Read a file that a page is made of."""
    return files("tokenkit.views").joinpath(name).read_text("utf-8")


def filled(name: str, values: Mapping[str, str]) -> str:
    """Fill the fields of a page's file."""
    # In one pass, so that a text that holds the name of a field is left alone.
    return _FIELD.sub(lambda field: values[field[1]], read_source(name))


def policy_hash(content: str) -> str:
    """Name a script or style as a content security policy does (CSP level 3, hash-source)."""
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def javascript_class(pattern: re.Pattern[str]) -> str:
    """Write a class of characters as a JavaScript pattern with the flag u.

    >>> javascript_class(re.compile("[a-z]"))
    '[\\\\u{61}-\\\\u{7a}]'
    """
    return "[" + re.sub(r"[^-]", lambda one: f"\\u{{{ord(one[0]):x}}}", pattern.pattern[1:-1]) + "]"


def character_data() -> dict[str, Any]:
    """Return what a page's script knows of characters that would not be seen.

    `hidden` is a pattern of those that have a name instead, and `names` has the names that are not
    U+ and a number; `marks` has the sign of each other one, and the classes of its element.
    """
    classes = {"w": _OVER, "w f": _IN_FRONT, "w b": _BEHIND}
    return {
        "hidden": javascript_class(HIDDEN),
        "names": {str(code): name for code, name in HIDDEN_NAMES.items()},
        "marks": {
            character: [mark, style]
            for style, marks in classes.items()
            for character, mark in marks.items()
        },
    }


def escaped_text(text: str) -> str:
    """Escape text for HTML and make its hidden characters visible."""
    return escape(visible(text))


def card(title: str, *lines: str) -> str:
    """Draw a card under a title; all of it is HTML."""
    return f'<section class="card"><h2>{title}</h2>{"".join(lines)}</section>'


def value_list(rows: Mapping[str, str]) -> str:
    """List named values as they are, not yet HTML."""
    lines = "".join(
        f"<div><dt>{escaped_text(name)}</dt><dd>{escaped_text(value)}</dd></div>"
        for name, value in rows.items()
    )
    return f'<dl class="sizes">{lines}</dl>'


def box(start: float, share: float, style: str) -> str:
    """Draw a stretch of a bar, from 0 to 1 of its width."""
    return f'<rect x="{start:.3%}" width="{share:.3%}" height="100%" class="{style}"/>'
