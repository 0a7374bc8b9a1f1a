"""Patterns that split text into pieces: the known ones, and the translation of all others.

The core scans some families natively. Those that tiktoken publishes are found here by their text;
for those of tokenizer.json see `compile/families.py`. The strings are those of
`tiktoken_ext/openai_public.py`, release 0.14.0 for the first of each family, and the spellings of
its older releases. Any other pattern runs on the `regex` package: see `engines/pattern.py`.
"""

from __future__ import annotations

from tokenkit._core import FAMILY_CL100K, FAMILY_CUSTOM, FAMILY_GPT2, FAMILY_O200K

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

GPT2 = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"""
CL100K = (
    r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|"""
    r"""\s++$|\s*[\r\n]|\s+(?!\S)|\s"""
)
_UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
_LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
O200K = "|".join(
    [
        rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+{_CONTRACTION}",
        rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*{_CONTRACTION}",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)

_FAMILIES = {
    GPT2: FAMILY_GPT2,
    # tiktoken 0.6 and 0.7
    r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+": FAMILY_GPT2,
    # tiktoken 0.1 to 0.5, and the original release of GPT-2, with and without brackets
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+": FAMILY_GPT2,
    r"'s|'t|'re|'ve|'m|'ll|'d| ?[\p{L}]+| ?[\p{N}]+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+": FAMILY_GPT2,
    CL100K: FAMILY_CL100K,
    O200K: FAMILY_O200K,
}

# Spellings without `\s++$`. They differ from CL100K in one place: white space at the very end of
# a text is split behind its last newline. That matters only to vocabularies with a token across
# such a cut, and none that was trained with these patterns has one.
_CL100K_OLD = {
    # tiktoken 0.6 and 0.7
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|"
    r"\s*[\r\n]|\s+(?!\S)|\s+",
    # tiktoken 0.1 to 0.5; also Llama 3 and many Hugging Face files
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
    r"\s*[\r\n]+|\s+(?!\S)|\s+",
}
# The last newline of a token, then what may be the first byte of another white space character.
_ACROSS_LAST_NEWLINE = rb"[\r\n][\t\x0b\x0c \xc2\xe1\xe2\xe3][^\r\n]*\Z"


def family_of(pat_str: str, tokens: Iterable[bytes]) -> int:
    """Find the family that gives the same ids as this pattern for this vocabulary.

    >>> family_of(CL100K, []) == FAMILY_CL100K, family_of(r"\\w+|\\W+", []) == FAMILY_CUSTOM
    (True, True)
    """
    if pat_str in _CL100K_OLD:
        import re

        across = re.compile(_ACROSS_LAST_NEWLINE).search
        return FAMILY_CUSTOM if any(map(across, tokens)) else FAMILY_CL100K
    return _FAMILIES.get(pat_str, FAMILY_CUSTOM)


def translated(pat_str: str) -> str:
    """Translate a pattern of tiktoken's engine for the `regex` package.

    There `$` and `\\z` are the end of the text, and `\\Z` the end or before trailing newlines;
    here `$` is also before a last newline and `\\Z` the end. `$` under the flag `m` is the same.

    >>> print(translated(r"a$|[$\\]]|\\$|(?m:b$)"))
    a\\Z|[$\\]]|\\$|(?m:b$)
    """
    import re

    parts = re.compile(
        r"\\(?P<escaped>.)|(?P<comment>\(\?#[^)]*\))|\(\?(?P<flags>[a-zA-Z-]+)(?P<ends>[:)])"
        r"|(?P<one>[\[\]()$#])|(?P<other>[^\\\[\]()$#]+)|.",
        re.DOTALL,
    )
    out = []
    scopes = [""]  # the flags in force, innermost group last
    depth = 0  # of nested character classes
    at = 0
    while match := parts.match(pat_str, at):
        at = match.end()
        whole, one = match.group(), match["one"]
        if depth:
            depth += (one == "[") - (one == "]")
        elif match["escaped"] in ("z", "Z"):
            whole = r"\Z" if match["escaped"] == "z" else r"(?=\n*\Z)"
        elif one == "[":
            depth = 1
            # A bracket that opens the class is one of its characters.
            first = re.compile(r"\^?\]?").match(pat_str, at)
            whole += first.group() if first else ""
            at += len(whole) - 1
        elif one == "$" and "m" not in scopes[-1]:
            whole = r"\Z"
        elif one == "#" and "x" in scopes[-1]:
            end = pat_str.find("\n", at)
            end = len(pat_str) if end < 0 else end
            whole, at = pat_str[at - 1 : end], end
        elif one == "(":
            scopes.append(scopes[-1])
        elif one == ")" and len(scopes) > 1:
            scopes.pop()
        elif match["flags"]:
            on, _, off = match["flags"].partition("-")
            now = "".join(flag for flag in scopes[-1] + on if flag not in off)
            if match["ends"] == ":":
                scopes.append(now)
            else:
                scopes[-1] = now
        out.append(whole)
    return "".join(out)
