"""Pre-tokenizers of tokenizer.json, and what their steps do, by the `regex` package."""

from __future__ import annotations

from itertools import pairwise

import regex  # type: ignore[import-untyped,unused-ignore]
from hypothesis import strategies as st

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_WORDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_TAIL = r"\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = (
    rf"{_WORDS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{_TAIL}"
)
QWEN = LLAMA3.replace("{1,3}", "")
_UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
_LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_ANY = r"[^\r\n\p{L}\p{N}]?"
O200K = (
    rf"{_ANY}{_UPPER}*{_LOWER}+{_WORDS}?|{_ANY}{_UPPER}+{_LOWER}*{_WORDS}?|\p{{N}}{{1,3}}"
    rf"| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{_TAIL}"
)
TEKKEN = O200K.replace(f"{_WORDS}?", "").replace("{1,3}", "")
QWEN35 = QWEN.replace(r"?\p{L}+", r"?[\p{L}\p{M}]+").replace(r"\s\p{L}\p{N}", r"\s\p{L}\p{M}\p{N}")
KIMI = r"[\p{Han}]+|" + O200K.replace(r"\p{M}]", r"\p{M}&&[^\p{Han}]]").replace("/]*", "]*")
DEEPSEEK = [
    r"\p{N}{1,3}",
    "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    rf"| ?[\p{{P}}\p{{S}}]+[\r\n]*|{_TAIL}",
]

# Characters and words that patterns tell apart, and some that look alike.
ATOMS = [
    *"abszZAL17 \t\n\r!.'/_-",
    *("'s", "'LL", "'\u017f", "'\u212a", "  ", "\r\n", "> <", "x y"),
    *"\u00e9\u00c9\u01c5\u02b0\u017f\u212a\u00df\u4e2d\u3042\u30a2\u3005\u3007\u30fb\u3099\ud55c\u0915",
    *"\u0301\u093e\ufe0f\u200d\u200b\u00ad\u0663\u00bd\u2167\u00a0\u0085\u2028\u3000\u180e",
    *"\u3002\uff01\u20ac\U0001f600\U00020000\U0001d400\x00\x1b\x7f\ufdd0\ue000\ufffd",
]


def texts(most: int = 12) -> st.SearchStrategy[str]:
    """Texts of such atoms, and of any other characters that Python knows."""
    atom = st.sampled_from(ATOMS) | st.characters(exclude_categories=["Cs", "Cn"])
    return st.lists(atom, max_size=most).map("".join)


def split(text: str, patterns: list[str]) -> list[str]:
    """Split each piece at the matches of the next pattern; what is between them is a piece, too.

    >>> split("a1b", [r"\\d"])
    ['a', '1', 'b']
    """
    pieces = [text] if text else []
    for pattern in patterns:
        pieces = [
            part for piece in pieces for part in _isolated(piece, regex.compile(pattern, regex.V1))
        ]
    return pieces


def _isolated(text: str, pattern: regex.Pattern[str]) -> list[str]:
    ends = {0, len(text)}
    for match in pattern.finditer(text):
        ends.update(match.span())
    places = sorted(ends)
    return [text[a:b] for a, b in pairwise(places)]


def split_step(pattern: str, **options: object) -> dict[str, object]:
    """Return the step `Split` for a regular expression."""
    step: dict[str, object] = {"type": "Split", "pattern": {"Regex": pattern}}
    return {**step, "behavior": "Isolated", "invert": False, **options}


DIGITS: dict[str, object] = {"type": "Digits", "individual_digits": True}


def in_bytes(*steps: dict[str, object], use_regex: bool = False) -> dict[str, object]:
    """Return steps and then ByteLevel, as byte-level tokenizers have them."""
    last = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False}
    return {"type": "Sequence", "pretokenizers": [*steps, {**last, "use_regex": use_regex}]}


# A pre-tokenizer of each family that splits, and the patterns at which it does so.
FAMILIES = {
    "GPT2": (in_bytes(use_regex=True), [GPT2]),
    "GPT2_1": (in_bytes(DIGITS, use_regex=True), [r"\p{N}", GPT2]),
    "GPT2_RUNS": (
        in_bytes({"type": "Digits", "individual_digits": False}, use_regex=True),
        [r"\p{N}+", GPT2],
    ),
    "CL100K_1": (in_bytes(split_step(QWEN)), [QWEN]),
    "CL100K_3": (in_bytes(split_step(LLAMA3)), [LLAMA3]),
    "MARKS": (in_bytes(split_step(QWEN35)), [QWEN35]),
    "O200K": (in_bytes(split_step(O200K)), [O200K]),
    "TEKKEN": (in_bytes(split_step(TEKKEN)), [TEKKEN]),
    "KIMI": (in_bytes(split_step(KIMI)), [KIMI]),
    "DEEPSEEK": (in_bytes(*map(split_step, DEEPSEEK)), DEEPSEEK),
}
