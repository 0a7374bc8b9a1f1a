"""Normalizers of tokenizer.json, as `tokenizers` 0.23 applies them.

Its Unicode forms are those of Unicode 9.0 (its crate `unicode-normalization-alignments` 0.1), so
characters that came later are left as they are; lower case is that of Unicode 17.0. The tables here
hold what differs from the module `unicodedata` of any Python; test_normalizers_open.py compares all
characters with `tokenizers`.
"""

from __future__ import annotations

from functools import lru_cache

from tokenkit._core import in_nfc, is_nfc

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from typing import Any

# The Unicode property White_Space (PropList.txt of Unicode 16.0.0).
WHITE_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
SPACE_SIGN = "\u2581"  # what SentencePiece writes for a space
# Characters behind Unicode 9.0 that a later version decomposes, composes or reorders.
_LATER = """
558 58B-58C 5C8-5C9 7FD 897-89F 8CA-8D3 9FE C3C D3B-D3C EBA 1715 1ABF-1AF0 1DF6-1DFA 209D-209F
32FF A7F1-A7F4 A82C AB69 105C9 105D2 105DA 105E4 10781-10785 10787-107B0 107B2-107BF 10D24-10D27
10D69-10D6D 10EAB-10EAC 10ECB-10ECF 10EF0-10EFB 10EFD-10EFF 10F46-10F50 10F82-10F85 11070 1133B
11382-11385 1138B 1138E 11390-11391 113B8 113BB 113C2 113C5 113C7-113C9 113CE-113D0 1145E
11839-1183A 11930 11935 11938 1193D-1193E 11943 119E0 11A34 11A47 11A99 11D42 11D44-11D45 11D97
11F41-11F42 1611E-16129 1612F 16D63 16D67-16D6A 16FF0-16FF1 1B123-1B126 1CCD6-1CCF9 1D127-1D128
1D250-1D252 1D25B-1D25C 1D25F 1D280-1D281 1D6A6 1DF95 1DFCD-1DFFF 1E030-1E06D 1E08F 1E130-1E136
1E2AE 1E2EC-1E2EF 1E4EC-1E4EF 1E5EE-1E5EF 1E6E3 1E6E6 1E6EE-1E6EF 1E6F5 1F16C 1FBF0-1FBF9
"""
# Marks behind Unicode 9.0.
_LATER_MARKS = """
5C8-5C9 7FD 897-89F 8CA-8D3 9FE AFA-AFF B53-B55 C04 C3C CF3 D00 D3B-D3C D81 EBA ECE 1715 180F
1ABF-1AF0 1CF7 1DF6-1DFA A82C A8FF 10D24-10D27 10D69-10D6D 10EAB-10EAC 10ECB-10ECF 10EF0-10EFF
10F46-10F50 10F82-10F85 11070 11073-11074 110C2 11145-11146 111C9 111CE-111CF 11241 1133B
113B8-113C0 113C2 113C5 113C7-113CA 113CC-113D0 113D2 113E1-113E2 1145E 1182C-1183A 11930-11935
11937-11938 1193B-1193E 11940 11942-11943 119D1-119D7 119DA-119E0 119E4 11A01-11A0A 11A33-11A39
11A3B-11A3E 11A47 11A51-11A5B 11A8A-11A99 11B60-11B67 11D31-11D36 11D3A 11D3C-11D3D 11D3F-11D45
11D47 11D8A-11D8E 11D90-11D91 11D93-11D97 11DF0 11EF3-11EF6 11F00-11F01 11F03 11F34-11F3A
11F3E-11F42 11F5A 13440 13447-13455 1611E-1612F 16F4F 16F7F-16F87 16FE4 16FF0-16FF1 1CF00-1CF2D
1CF30-1CF46 1D127-1D128 1D250-1D252 1D25B-1D25C 1D25F 1D280-1D281 1E08F 1E130-1E136 1E2AE
1E2EC-1E2EF 1E4EC-1E4EF 1E5EE-1E5EF 1E6E3 1E6E6 1E6EE-1E6EF 1E6F5
"""
# Marks of Unicode 9.0 that are letters since.
_FORMER_MARKS = "\u1cf2\u1cf3"
# Upper case behind Unicode 13.0: the first, the last and how far away the lower case is. Of the
# ranges in the BMP with a distance of 1 every other character is upper case.
_LATER_UPPER = [
    (0x2C2F, 0x2C2F, 48),
    (0x10570, 0x1057A, 39),
    (0x1057C, 0x1058A, 39),
    (0x1058C, 0x10592, 39),
    (0x10594, 0x10595, 39),
    (0x10D50, 0x10D65, 32),
    (0x16EA0, 0x16EB8, 27),
]
_LATER_UPPER_BEFORE_LOWER = "\u1c89\ua7c0\ua7cc\ua7ce\ua7d0\ua7d2\ua7d4\ua7d6\ua7d8\ua7da"
_LATER_LOWER = {0x3A3: 0x3C3, 0xA7CB: 0x264, 0xA7DC: 0x19B}
for _first, _last, _distance in _LATER_UPPER:
    _LATER_LOWER.update({upper: upper + _distance for upper in range(_first, _last + 1)})
_LATER_LOWER.update({ord(upper): ord(upper) + 1 for upper in _LATER_UPPER_BEFORE_LOWER})

_NMT_REMOVED = [*range(1, 9), 0xB, *range(0xE, 0x20), 0x7F, 0x8F, 0x9F]
_NMT_SPACES = [9, 0xA, 0xC, 0xD, 0x1680, *range(0x200B, 0x2010), 0x2028, 0x2029, 0x2581, 0xFEFF]
_NMT: dict[int, str | None] = {
    **dict.fromkeys(_NMT_REMOVED),
    **dict.fromkeys([*_NMT_SPACES, 0xFFFD], " "),
}


class UnknownStep(Exception):
    """A step of a tokenizer.json that is not known here; the message names it."""


class Normalizer:
    """One step, or several.

    `apply` normalizes a section of a text. `keeps` says quickly whether a text stays as it is; if
    it does and the step is `local`, so does each slice of the text. `sought` are the characters of
    the strings that it replaces; all else that it looks at is a character and its marks.
    """

    def __init__(
        self,
        apply: Callable[[str], str],
        keeps: Callable[[str], bool],
        local: bool = True,
        sought: str = "",
    ) -> None:
        self.apply = apply
        self.keeps = keeps
        self.local = local
        self.sought = sought


NOTHING = Normalizer(lambda text: text, lambda text: True)


def normalizer_of(spec: dict[str, Any] | None) -> Normalizer:
    """Make the normalizer that a tokenizer.json describes. Raises UnknownStep."""
    steps = normal_steps(spec)
    if not steps:
        return NOTHING
    if len(steps) == 1:
        return _step(steps[0])
    made = [_step(step) for step in steps]

    def apply(text: str) -> str:
        for step in made:
            text = step.apply(text)
        return text

    def keeps(text: str) -> bool:
        return all(step.keeps(text) for step in made)

    local = all(step.local for step in made)
    return Normalizer(apply, keeps, local, "".join(step.sought for step in made))


def normal_steps(spec: dict[str, Any] | None) -> list[dict[str, Any]]:
    """List the steps of a normalizer, those of sequences one by one.

    >>> normal_steps({"type": "Sequence", "normalizers": [{"type": "NFC"}]})
    [{'type': 'NFC'}]
    """
    if spec is None:
        return []
    if spec.get("type") == "Sequence":
        return [step for inner in spec["normalizers"] for step in normal_steps(inner)]
    return [spec]


def _step(spec: dict[str, Any]) -> Normalizer:
    kind = spec.get("type")
    if kind == "NFC":
        return Normalizer(in_nfc, is_nfc)
    if kind in ("NFD", "NFKC", "NFKD"):
        return unicode_form(kind)
    if kind == "Prepend":
        prepend = spec["prepend"]
        return Normalizer(
            lambda text: prepend + text if text else text,
            lambda text: not prepend or not text,
            local=not prepend,
        )
    if kind == "Replace":
        return _replace(spec["pattern"], spec["content"])
    if kind == "Strip":
        return _strip(spec["strip_left"], spec["strip_right"])
    if kind in _SIMPLE_STEPS:
        apply = _SIMPLE_STEPS[kind]
        return Normalizer(apply, lambda text: apply(text) == text)
    raise UnknownStep(f"the normalizer {kind}")


@lru_cache
def _any_of(ranges: str) -> re.Pattern[str]:
    """Compile ranges of code points: runs of them, as a group."""
    import re

    ends = [part.partition("-") for part in ranges.split()]
    inside = "".join(f"{chr(int(a, 16))}-{chr(int(b or a, 16))}" for a, _, b in ends)
    return re.compile(f"([{inside}]+)")


@lru_cache
def _characters_of(ranges: str) -> frozenset[str]:
    return frozenset(filter(_any_of(ranges).match, map(chr, range(0x20000))))


def unicode_form(form: Any) -> Normalizer:
    """Make the step that puts text in a form of Unicode 9.0, by the module `unicodedata`.

    That of NFC is the readable twin of the core's.
    """
    import unicodedata

    def apply(text: str) -> str:
        if text.isascii():
            return text
        if _characters_of(_LATER).isdisjoint(text):  # faster than the search
            return unicodedata.normalize(form, text)
        parts = _any_of(_LATER).split(text)
        parts[::2] = [unicodedata.normalize(form, part) for part in parts[::2]]
        return "".join(parts)

    def keeps(text: str) -> bool:
        # A text without a change is without one where later characters are inert as well.
        return text.isascii() or unicodedata.is_normalized(form, text)

    return Normalizer(apply, keeps)


def lowercase(text: str) -> str:
    """Lower each character by itself, so that a final sigma is a sigma like others.

    >>> lowercase("ΣΑΣ")
    'σασ'
    """
    return text.lower() if text.isascii() else text.translate(_LATER_LOWER).lower()


def strip_accents(text: str) -> str:
    """Remove the marks of Unicode 9.0.

    >>> strip_accents("e\\u0301")
    'e'
    """
    if text.isascii():
        return text
    import unicodedata

    later = _any_of(_LATER_MARKS).match
    return "".join(
        character
        for character in text
        if (unicodedata.category(character)[0] != "M" or later(character))
        and character not in _FORMER_MARKS
    )


def _nmt(text: str) -> str:
    return text.translate(_NMT)


_SIMPLE_STEPS = {"Lowercase": lowercase, "StripAccents": strip_accents, "Nmt": _nmt}


def _replace(pattern: dict[str, str], content: str) -> Normalizer:
    found = pattern.get("String")
    if not found:
        raise UnknownStep(f"the normalizer Replace of {pattern}")

    def keeps(text: str) -> bool:
        return found not in text

    return Normalizer(lambda text: text.replace(found, content), keeps, sought=found)


def _strip(left: bool, right: bool) -> Normalizer:
    def apply(text: str) -> str:
        text = text.lstrip(WHITE_SPACE) if left else text
        return text.rstrip(WHITE_SPACE) if right else text

    # A slice may begin and end with white space that the text has inside.
    return Normalizer(apply, lambda text: apply(text) == text, local=not (left or right))
