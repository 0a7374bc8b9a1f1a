"""Which pre-tokenizers are recognised, and that their families split as they do."""

from __future__ import annotations

from itertools import pairwise

import pytest
import splits
from hypothesis import given
from splits import in_bytes, split_step

from tokenkit import _core
from tokenkit.encodings.compile.families import native_family
from tokenkit.encodings.compile.regex_form import UnknownSyntaxError, normal_form

FAMILIES: dict[str, tuple[dict[str, object] | None, list[str]]] = {
    **splits.FAMILIES,
    "SPACES": (None, [r"(?<=[^ >])(?= )"]),
    "WHOLE": (None, []),
}


def number(name: str) -> int:
    return int(getattr(_core, f"FAMILY_{name}"))


def pieces(name: str, text: str) -> list[str]:
    core = _core.Core(_core.build_image((bytes([b]), b) for b in range(256)), number(name), {})
    data = text.encode()
    ends = core.piece_ends(text).tolist()
    return [data[a:b].decode() for a, b in pairwise([0, *ends])]


@pytest.mark.parametrize("name", FAMILIES)
def test_the_family_of_each(name: str) -> None:
    across = [b"a b"] if name == "WHOLE" else []
    assert native_family(FAMILIES[name][0], across) == number(name)


@pytest.mark.parametrize("name", FAMILIES)
@given(text=splits.texts())
def test_splits_as_the_patterns_do(name: str, text: str) -> None:
    assert pieces(name, text) == splits.split(text, FAMILIES[name][1])


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("GPT2", {"type": "ByteLevel", "add_prefix_space": False}),
        ("GPT2", split_step(splits.GPT2, invert=True)),
        (
            "GPT2",
            split_step(
                r"'(?:[smtd]|re|ve|ll)| ?[\p{L}]+| ?\p{N}+| ?[^\p{N}\s\p{L}]++|\s+(?!\S)|\s+"
            ),
        ),
        ("CL100K_1", split_step(splits.QWEN, behavior="Removed", invert=True)),
        (
            "CL100K_1",
            split_step(splits.QWEN.replace("{L}+", "{L}++").replace(r"\p{N}|", r"[\p{N}]{1}|")),
        ),
        (
            "CL100K_3",
            split_step(
                splits.LLAMA3.replace("(?i:'s|'t|'re|'ve|'m|'ll|'d)", "'(?i:[sdmt]|ll|ve|re)")
            ),
        ),
        (
            "CL100K_3",
            split_step(
                r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}"
                r"| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s"
            ),
        ),
        ("O200K", {"type": "Sequence", "pretokenizers": [in_bytes(split_step(splits.O200K))]}),
    ],
)
def test_other_spellings(name: str, step: dict[str, object]) -> None:
    assert native_family(step, []) == number(name)


@pytest.mark.parametrize(
    "step",
    [
        {"type": "Whitespace"},
        {"type": "ByteLevel"},
        {"type": "ByteLevel", "add_prefix_space": True, "use_regex": True},
        {"type": "Sequence", "pretokenizers": [in_bytes(), split_step(splits.QWEN)]},
        {"type": "Sequence", "pretokenizers": [in_bytes(), in_bytes()]},
        in_bytes(split_step(splits.QWEN), use_regex=True),
        in_bytes(split_step(splits.QWEN), split_step(splits.QWEN)),
        split_step(splits.QWEN, behavior="Removed"),
        split_step(splits.QWEN, behavior="MergedWithPrevious"),
        split_step(splits.QWEN, behavior="MergedWithNext"),
        split_step(splits.QWEN, behavior="Contiguous"),
        split_step(" "),
        split_step(splits.QWEN.replace(r"\p{N}", r"\d")),
        split_step(splits.QWEN.replace("(?i:", "(?:")),
        split_step(splits.QWEN.replace(r"|\s+(?!\S)", "")),
        split_step(splits.QWEN.replace(r"\s*[\r\n]+", r"\s++[\r\n]+")),
        split_step(splits.LLAMA3.replace("{1,3}", "{1,3}+")),
        split_step(splits.LLAMA3.replace("{1,3}", "{1,2}")),
        split_step(splits.LLAMA3.replace(r"+[\r\n]*", r"+[\r\n/]*")),
        split_step("("),
    ],
)
def test_what_is_not_recognised(step: dict[str, object]) -> None:
    assert native_family(step, []) is None


def test_texts_without_splits() -> None:
    for step in (None, in_bytes(), {"type": "Sequence", "pretokenizers": []}):
        assert native_family(step, [b"  a", b"   ", b"> <", b"b"]) == _core.FAMILY_SPACES
        assert native_family(step, [b"a", b"a "]) == _core.FAMILY_WHOLE
        assert native_family(step, [b">\n "]) == _core.FAMILY_WHOLE
        assert native_family(step, [b"a"], whole_pieces=True) == _core.FAMILY_WHOLE
    gemma: dict[str, object] = {"type": "Split", "pattern": {"String": " "}}
    gemma |= {"behavior": "MergedWithPrevious", "invert": False}
    assert native_family(gemma, [b" a"]) is None
    assert native_family(gemma, [b" a"], spaces_replaced=True) == _core.FAMILY_SPACES


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"'s|'t", r"'[st]"),
        (r"(?i:'S|'t)", r"'(?i:[Ts])"),
        (r"[\p{N}\p{L}]", r"[\p{L}\p{N}]"),
        (r"[a-cd-f]", r"[a-f]"),
        (r"[\u0041-Z]", "[A-Z]"),
        (r"(?:\s+)|\S", r"\s+|[^\s]"),
        (r"\p{L}++|x", r"\p{L}+|x"),
        (r"[^\p{L}]?+\p{L}", r"[^\p{L}]?\p{L}"),
        (r"\p{N}{1}", r"\p{N}"),
        (r"\s*[\r\n]|x", r"\s*[\n\r]+|x"),
        (r"\s+(?!\S)|\s", r"\s+(?![^\s])|\s+"),
        (r"(\p{L}\s)\S", r"\p{L}\s\S"),
    ],
)
def test_same_form(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a|ab", "ab|a"),
        ("(?i:'s)", "'s"),
        (r"\s++(?!\S)", r"\s+(?!\S)"),
        (r"\s++\n", r"\s+\n"),
        (r"\s++$", r"\s+$"),
        (r"\s*[\r\nx]", r"\s*[\r\nx]+"),
        (r"\s*+[\r\n]", r"\s*[\r\n]"),
        (r"\s+(?!\d)|\s", r"\s+(?!\d)|\s+"),
        (r"\s(?!\S)|\s", r"\s(?!\S)|\s+"),
        (r"[^a-c]?+[a-d]", r"[^a-c]?[a-d]"),
        (r"[^\s]", r"[\s]"),
        (r"\P{L}", r"\p{L}"),
        (r"(\p{L}\s)?\S", r"\p{L}\s\S"),
        (r"[\p{L}&&\p{Lu}]", r"[\p{L}\p{Lu}]"),
    ],
)
def test_other_form(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


@pytest.mark.parametrize(
    "pattern",
    [
        ".",
        "a*?",
        "(?<x>a)",
        "(?=a)",
        "^a",
        r"\b",
        "(a",
        "a)",
        "[a",
        "(?i:[^a])",
        r"(?i:\p{L})",
        "{",
        "a{1,2}+",
        "[b-a]",
        r"\1",
        r"\x{110000}|b",
        "a{" + "9" * 5000 + "}",
        "(?:" * 2000 + "a" + ")" * 2000,
        "[" * 2000 + "a" + "]" * 2000,
        "a|" * 100_000,
    ],
)
def test_refused_syntax(pattern: str) -> None:
    with pytest.raises(UnknownSyntaxError):
        normal_form(pattern)


@pytest.mark.parametrize("group", ["(?:a|b)", "(?i:a|b)", "[ab]", "(?:[ab][cd]|[ef][gh])"])
def test_words_of_many_forms_are_not_written_out(group: str) -> None:
    assert normal_form(group * 40) == normal_form(f"(?:{group * 40})") != normal_form(group * 41)


@pytest.mark.parametrize("pattern", ["(?:a|b)" * 40, "a{" + "9" * 5000 + "}", "(" * 5000])
def test_a_pattern_that_is_too_much_has_no_family(pattern: str) -> None:
    assert native_family(split_step(pattern), []) is None
