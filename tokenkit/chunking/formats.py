"""The formats that a text may be read in, and which of them a text looks like.

For columns the core looks (csrc/chunk/detect.cpp): tests/chunking/test_formats.py holds that both
see the same.
"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

Format: TypeAlias = Literal["auto", "text", "markdown", "code"]

# By their numbers in csrc/chunk/border_types.hpp.
FORMATS = {"text": 0, "markdown": 1, "code": 2, "json": 3, "markup": 4}
# By their numbers in csrc/chunk/detect.hpp.
CHOICES: dict[Format, int] = {"text": 0, "markdown": 1, "code": 2, "auto": 3}

_LOOKED_AT = 8192  # characters
_MARKDOWN = ("# ", "## ", "### ", "```", "- ", "* ", "|")
_CERTAIN_MARKDOWN = ("# ", "## ", "```")
_CODE_STARTS = ("def ", "class ", "import ", "#include", "func ")
_CODE_ENDS = ("{", "}", ";", "):", ");")
# How an object starts, an array of objects or of several other values (RFC 8259).
_STRING = r'"(?:[^"\\\n]|\\.)*"'
_JSON = re.compile(
    rf"\s*(?:\[\s*)*\{{\s*{_STRING}\s*:"
    rf"|\s*(?:\[\s*)+(?:(?:{_STRING}|-?[0-9][0-9.eE+-]*|true|false|null)\s*\]?\s*,[\s\[]*){{3}}"
)
_NAME = r"[A-Za-z](?:[A-Za-z0-9_:-]|[^\x00-\x7f\s])*"
_MARKUP = re.compile(rf"\s*<(?:{_NAME}[\s/>]|[!?][A-Za-z]|!--)")
_TAGS = 200  # characters for each end tag that markup has at least


def format_number(format: Format, text: str) -> int:
    """Give the core's number of a format; "auto" is detected from the text.

    "code" that is JSON is split between its records, as it is with "auto".
    """
    if format == "auto":
        return FORMATS[detected_format(text)]
    return FORMATS["json" if format == "code" and looks_like_json(text) else format]


def looks_like_json(text: str) -> bool:
    """Return whether a text starts as JSON does: with an object, or an array of values.

    >>> looks_like_json('[{"id": 1}]'), looks_like_json("[a link](there)")
    (True, False)
    """
    return _JSON.match(text[:_LOOKED_AT].removeprefix("\ufeff")) is not None


def detected_format(text: str) -> Literal["text", "markdown", "code", "json", "markup"]:
    """Guess the format of a text from its first lines; "markup" is HTML or XML.

    >>> detected_format("# Title\\n\\nSome words."), detected_format("def f(x):\\n    return x\\n")
    ('markdown', 'code')
    """
    text = text[:_LOOKED_AT].removeprefix("\ufeff")
    if looks_like_json(text):
        return "json"
    lines = [line for line in text.splitlines() if line.strip()]
    marks = sum(line.startswith(_MARKDOWN) for line in lines)
    code = sum(line.rstrip().endswith(_CODE_ENDS) for line in lines)
    code += sum(line.startswith(_CODE_STARTS) for line in lines)
    if any(line.startswith(_CERTAIN_MARKDOWN) for line in lines) and marks > code:
        return "markdown"
    if _MARKUP.match(text) and text.count("</") * _TAGS > len(text):
        return "markup"
    return "code" if code * 5 > len(lines) else "text"
