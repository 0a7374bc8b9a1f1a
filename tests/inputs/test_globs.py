"""Patterns of file names: the same as their slow twin, and git's own word on random trees."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from file_trees import write_files
from hypothesis import given, strategies as st
from naive_globs import matches
from search import by_profile, examples

from tokenkit.inputs.find import find_files
from tokenkit.inputs.globs import Glob, literal_runs
from tokenkit.inputs.pattern_list import Rule, checked_patterns, read_patterns, read_rule

PARTS = st.sampled_from(
    ["a", "b", "ab", "abc", "/", "*", "**", "**/", "/**", "***", "?", "\\", "-", "é", "."]
    + ["[ab]", "[!a]", "[^/]", "[a/]", "[]a]", "[a-c]", "[b-]", "[a-[:x:]]"]
    + ["[[:alpha:]]", "[[:x:]]", "[[:al]", "[", "]"]
)
PATTERNS = st.lists(PARTS, max_size=8).map(lambda parts: "".join(parts).encode())
NAMES = st.lists(
    st.sampled_from(["a", "b", "c", "ab", "abc", "/", "a/", "-", "]", "[", ":", "é", "."]),
    max_size=8,
).map(lambda parts: "".join(parts).encode())


@examples(2000)
@given(pattern=PATTERNS, name=NAMES, is_path=st.booleans())
def test_globs_match_as_their_slow_twin_does(pattern: bytes, name: bytes, is_path: bool) -> None:
    expected = matches(pattern, name, is_path)
    try:
        glob = Glob(pattern, is_path)
    except ValueError:
        assert not expected
        return
    assert glob.matches(name) == expected
    if expected:
        assert all(run in name for run in literal_runs(pattern))


@pytest.mark.parametrize("pattern", [b"a[/]b", b"a[.-0]b", b"a[[:punct:]]b", b"a[!x]b", b"a?b"])
def test_a_set_holds_a_slash_in_names_only(pattern: bytes) -> None:
    assert Glob(pattern, False).matches(b"a/b")
    assert not Glob(pattern, True).matches(b"a/b")


def naive_verdict(rules: list[Rule | None], path: bytes, is_folder: bool) -> bool | None:
    """Return what `PatternList.verdict` does, one rule after the other."""
    for rule in reversed(rules):
        if rule is None or (rule.is_folder and not is_folder):
            continue
        if rule.is_name:
            fits = matches(rule.text, path.rpartition(b"/")[2], False)
        else:
            # What comes before the first sign is compared by itself.
            head = next((i for i, c in enumerate(rule.text) if c in b"*?[\\"), len(rule.text))
            head_fits = path.startswith(rule.text[:head])
            fits = head_fits and matches(rule.text[head:], path[head:], True)
        if fits:
            return not rule.is_negated
    return None


@examples(500)
@given(
    lines=st.lists(
        st.tuples(st.sampled_from([b"", b"!", b"/"]), PATTERNS).map(b"".join), max_size=9
    ),
    paths=st.lists(NAMES.filter(lambda name: name.strip(b"/") == name != b""), max_size=9),
)
def test_the_last_pattern_is_found_whatever_the_tables_hold(
    lines: list[bytes], paths: list[bytes]
) -> None:
    patterns = read_patterns(b"\n".join(lines))
    rules = [read_rule(line) for line in lines]
    for path in paths:
        for is_folder in (False, True):
            assert patterns.verdict(path, is_folder) == naive_verdict(rules, path, is_folder)


@pytest.mark.parametrize(
    ("line", "text", "is_name", "is_folder", "is_negated"),
    [
        (b"a ", b"a", True, False, False),
        (b"a\\  ", b"a\\ ", True, False, False),
        (b"a\\\\ ", b"a\\\\", True, False, False),
        (b"a\t", b"a\t", True, False, False),
        (b"!/a/", b"a", False, True, True),
        (b"a/b", b"a/b", False, False, False),
        (b"a\0b/c", b"a", True, False, False),
        (b"\\#a", b"\\#a", True, False, False),
    ],
)
def test_lines_are_read_as_git_reads_them(
    line: bytes, text: bytes, is_name: bool, is_folder: bool, is_negated: bool
) -> None:
    rule = read_rule(line)
    assert rule is not None
    assert (rule.text, rule.is_name) == (text, is_name)
    assert (rule.is_folder, rule.is_negated) == (is_folder, is_negated)


@pytest.mark.parametrize("line", [b"", b"   ", b"#a", b"\0a"])
def test_lines_without_a_pattern(line: bytes) -> None:
    assert read_rule(line) is None


@pytest.mark.parametrize("wrong", ["\\", "[a", "[[:x:]]", "!", "/", "a\\/", "[a-"])
def test_patterns_that_match_nothing_are_refused_where_a_user_names_them(wrong: str) -> None:
    with pytest.raises(ValueError, match="in "):
        checked_patterns([wrong])


def random_tree(seed: int) -> tuple[dict[str, str], dict[str, str]]:
    """Files, and files of rules among them, from few names so that they meet."""
    random_ = random.Random(seed)
    names = ["a", "b", "ab", "abc.md", "x.log", "build", "é", "a b", "[x]", "-", "_"]
    folders = [""]
    for _ in range(random_.randint(1, 8)):
        folders.append(f"{random_.choice(folders)}{random_.choice(names)}/")
    files = {f"{random_.choice(folders)}{random_.choice(names)}.t": "x" for _ in range(25)}
    signs = ["*", "**", "/", "?", "[ab]", "[!a]", "[[:alpha:]]", "\\", "**/", "/**"]
    signs += [" ", "[", "]", "é"]
    rules = {}
    for folder in random_.sample(folders, min(len(folders), 3)):
        lines: list[str] = []
        for _ in range(random_.randint(1, 6)):
            parts = random_.choices([*names, *names, *signs], k=random_.randint(1, 5))
            begin = random_.choice(["", "", "!", "/", "!/"])
            lines.append(begin + "".join(parts) + random_.choice(["", "", "/", ".t", "*.t", " "]))
        rules[f"{folder}.gitignore"] = random_.choice(["\n", "\r\n"]).join(lines)
    return files, rules


def kept_by_git(tree: Path) -> set[str]:
    words = ["git", "-c", "core.excludesFile=", "ls-files", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(words, cwd=tree, capture_output=True, check=True).stdout
    return {name for name in os.fsdecode(listed).split("\0") if name and name[-10:] != ".gitignore"}


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("seed", range(by_profile(12, 700)))
def test_random_trees_as_git_has_them(tmp_path: Path, seed: int) -> None:
    files, rules = random_tree(seed)
    tree = tmp_path / "tree"
    write_files(tree, {name: text for name, text in files.items() if not (tree / name).is_dir()})
    write_files(tree, rules)
    subprocess.run(["git", "init", "-q", str(tree)], check=True)
    found = {Path(path).relative_to(tree).as_posix() for path in find_files([tree])}
    assert found == kept_by_git(tree), rules


MANY = by_profile(20_000, 200_000)


@pytest.mark.parametrize(
    "lines",
    [
        ["*a" * 25 + "*b"],
        ["**/" * 60 + "x", "/" + "**/a" * 60],
        ["[a-z]*" * 50 + "!"],
        ["*a*" + "?" * 100 + "b"],
        ["a**" * 40 + "/b"],
        [f"pat{number}*x" for number in range(MANY)],
        [f"/*pat{number}*/x?" for number in range(MANY)],
        [f"*.e{number}" for number in range(MANY)],
        [f"[ab]{number}*\\x" for number in range(MANY)],
    ],
)
def test_no_pattern_takes_long(lines: list[str]) -> None:
    names = [b"a" * 200 + b".txt", b"/".join([b"a" * 20] * 40), b"pat77777/zx"] * 20
    begin = time.process_time()
    patterns = read_patterns("\n".join(lines).encode())
    for name in names:
        patterns.verdict(name, False)
    # Seconds where each name is tried with each pattern, and centuries where they backtrack.
    assert time.process_time() - begin < 20
