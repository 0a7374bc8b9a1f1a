"""The formats that a text may be read in, and which of them a text looks like."""

from __future__ import annotations

from typing import Literal, TypeAlias

Format: TypeAlias = Literal["auto", "text", "markdown", "code"]

# By their numbers in csrc/chunk/border_types.hpp.
FORMATS = {"text": 0, "markdown": 1, "code": 2}

_LOOKED_AT = 8192  # characters
_MARKDOWN = ("# ", "## ", "### ", "```", "- ", "* ", "|")
_CERTAIN_MARKDOWN = ("# ", "## ", "```")
_CODE_STARTS = ("def ", "class ", "import ", "#include", "func ")
_CODE_ENDS = ("{", "}", ";", "):", ");")


def format_number(format: Format, text: str) -> int:
    """Give the core's number of a format; "auto" is detected from the text."""
    return FORMATS[detected_format(text) if format == "auto" else format]


def detected_format(text: str) -> Literal["text", "markdown", "code"]:
    """Guess the format of a text from its first lines.

    >>> detected_format("# Title\\n\\nSome words."), detected_format("def f(x):\\n    return x\\n")
    ('markdown', 'code')
    """
    lines = [line for line in text[:_LOOKED_AT].splitlines() if line.strip()]
    marks = sum(line.startswith(_MARKDOWN) for line in lines)
    code = sum(line.rstrip().endswith(_CODE_ENDS) for line in lines)
    code += sum(line.startswith(_CODE_STARTS) for line in lines)
    if any(line.startswith(_CERTAIN_MARKDOWN) for line in lines) and marks > code:
        return "markdown"
    return "code" if code * 5 > len(lines) else "text"
