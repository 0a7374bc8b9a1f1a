"""Finds phrases that have a plainer form, in documents, docstrings, comments, messages and help.

``python tools/check_english.py`` prints each with its file and line, and the plainer form. A word
that is right where it stands is put in quotation marks or back quotes: quoted words are skipped.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (".github", "benchmarks", "csrc", "docs", "registry", "tests", "tokenkit", "tools")
CODE = {".cpp", ".hpp", ".html", ".js", ".pxd", ".pxi", ".py", ".pyi", ".pyx"}
ENDINGS = {*CODE, ".md", ".toml", ".yml"}
# Phrase, as a pattern in which a space stands for any white space -> the plainer form.
PHRASES = {
    r"(?<!there\s)\b(?:is|are|was|were) no (?!longer\b|more\b|less\b|\w+er\b)\w+":
        "is not a ...; in an error: expected ..., got ...",
    r"\bthere (?:is|are) no \w+ but\b": "only ...",
    r"\bwhat (?:is|are|has|have) no\b": "say of what: text without ..., files that have no ...",
    r"\bthat which\b": "what, or a noun",
    r"\bwhoever\b": "the reader, the caller",
    r"\b(?:let|lets|letting) go of\b": "release",
    r"\bmade to fit\b": "trimmed, fitted",
    r"\bas which\b": "the way that ...",
    r"\btells? (?:how|what|whether|which|where)\b": "shows, says",
    r"\btold (?:apart|from)\b": "distinguished",
    r"\bwalk(?:s|ed|ing)? (?:the |a )?(?:text|string|bytes)": "scan",
    r"\b(?:is|are|was|were) gone\b": "was dropped, no longer exists",
    r"\bparted\b": "split",
    r"\banew\b": "again",
    r"\bas it were\b": "(leave it out)",
    r"\bin vain\b": "without success",
    r"\bnought\b": "nothing, zero",
    r"\b(?:thereof|therefrom|wherefrom|whence|hereby|herein)\b": "of it, from it, where ... from",
    r"\bbrings? (?:no|its own) \w+ of (?:its|their) own\b": "has none, has its own",
    r"\bsuch a one\b": "one, it",
    r"\bone such\b": "one, it",
    r"\bwants? to be\b": "must be",
    r"\bstands (?:in|on|at|beside|once|under) (?!for\b)": "is in, is at",
    r"\bpasse[sd] over\b": "skip, ignore",
    r"\bquicker\b": "faster",
    r"\bcannot be told\b": "is unknown",
    r'"""(?:What|That which)\b': "start with a verb: Return ..., Give ...",
}  # fmt: skip
PATTERNS = {
    re.compile(phrase.replace(" ", r"\s+"), re.IGNORECASE): plainer
    for phrase, plainer in PHRASES.items()
}
QUOTED = re.compile(r"`[^`\n]*`|\"[^\"\n]{1,30}\"|“[^”\n]*”")
LINE_START = re.compile(r"(?m)^[ \t]*(?:#+|//+|\*|--)[ \t]?|[ \t]*\\?$")


def files() -> Iterator[Path]:
    """The project's texts, generated and installed ones left out."""
    folders = (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")))
    for path in [*sorted(ROOT.iterdir()), *folders]:
        if path.suffix in ENDINGS and path.is_file() and path != Path(__file__).resolve():
            yield path


def prose(text: str) -> str:
    """The text with quotations and the marks of comments blanked out; offsets stay."""
    text = QUOTED.sub(lambda match: "\0" * len(match[0]), text)
    return LINE_START.sub(lambda match: " " * len(match[0]), text)


def faults(text: str) -> list[tuple[int, str, str]]:
    """(line, phrase, plainer form) for each phrase in a text."""
    blanked = prose(text)
    return sorted(
        (text.count("\n", 0, match.start()) + 1, " ".join(match[0].split()), plainer)
        for pattern, plainer in PATTERNS.items()
        for match in pattern.finditer(blanked)
    )


def main() -> None:
    count = 0
    for path in files():
        for line, phrase, plainer in faults(path.read_text(encoding="utf-8")):
            print(f"{path.relative_to(ROOT)}:{line}: {phrase!r}: {plainer}")
            count += 1
    if count:
        sys.exit(f"{count} phrases have a plainer form")


if __name__ == "__main__":
    main()
