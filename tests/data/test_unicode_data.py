"""The Unicode tables of csrc are what their generator writes, and say what Unicode says."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
GENERATOR = ROOT / "tools" / "gen_unicode_tables.py"
TABLES = ROOT / "csrc" / "text" / "unicode_tables.inc"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gen_unicode_tables", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def graphemes(generator: ModuleType) -> list[tuple[str, str, bool]]:
    properties: list[tuple[str, str, bool]] = generator.grapheme_properties()
    return properties


def arrays() -> dict[str, bytes]:
    """Read the committed arrays back from their C++ text."""
    text = TABLES.read_text(encoding="ascii")
    found = re.findall(r"const uint8_t (\w+)\[(\d+)\] = \{([\d,\s]*)\};", text)
    tables = {name: bytes(map(int, values.split(",")[:-1])) for name, _, values in found}
    assert [len(tables[name]) for name, _, _ in found] == [int(size) for _, size, _ in found]
    return tables


def unfold(index: bytes, blocks: bytes, bits: int) -> bytes:
    """Return the class of every code point, read as csrc/text/unicode.hpp reads it."""
    size = 1 << bits
    covered = b"".join(blocks[number * size : (number + 1) * size] for number in index)
    assert len(covered) == 0x40000 + 0x1000
    low, high = covered[:0x40000], covered[0x40000:]
    return low + bytes(0xE0000 - 0x40000) + high + bytes(0x110000 - 0xE1000)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(GENERATOR), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.slow
def test_committed_tables_are_up_to_date() -> None:
    result = run("--check")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.slow
def test_drift_is_reported(tmp_path: Path) -> None:
    changed = tmp_path / "tables.inc"
    lines = TABLES.read_text(encoding="ascii").splitlines(keepends=True)
    lines[-9] = "    1," + lines[-9].lstrip()
    changed.write_text("".join(lines), encoding="ascii")
    result = run("--check", "--output", str(changed))
    assert result.returncode == 1
    assert f"line {len(lines) - 8}" in result.stderr
    assert "run tools/gen_unicode_tables.py" in result.stderr
    assert changed.read_text(encoding="ascii") == "".join(lines)


@pytest.mark.slow
def test_a_missing_file_is_reported_and_then_written(tmp_path: Path) -> None:
    output = tmp_path / "tables.inc"
    result = run("--check", "--output", str(output))
    assert result.returncode == 1
    assert "cannot read" in result.stderr
    assert run("--output", str(output)).returncode == 0
    assert output.read_bytes() == TABLES.read_bytes().replace(b"\r\n", b"\n")


def all_traits() -> bytes:
    tables = arrays()
    traits = unfold(tables["kClassIndex"], tables["kClassBlocks"], 7)
    assert tables["kAsciiTraits"] == traits[:128]
    return traits


def all_classes() -> bytes:
    return bytes(found & 7 for found in all_traits())


def test_traits_beside_the_classes(generator: ModuleType) -> None:
    for code_point, found in enumerate(all_traits()):
        category = generator.unicodedata.category(chr(code_point))
        assert (found & 8 != 0) == (category[0] in "PS"), hex(code_point)
        assert found & 16 == 0 or category[:1] in "LNSMP", hex(code_point)
    han = [code_point for code_point, found in enumerate(all_traits()) if found & 16]
    assert len(han) == 99030
    assert {0x2E80, 0x3005, 0x3007, 0x3400, 0x4E00, 0xF900, 0x20000, 0x323AF} <= set(han)
    assert {0x3041, 0x3001, 0xFF21, 0xAC00}.isdisjoint(han)


def test_classes_are_the_general_categories(generator: ModuleType) -> None:
    classes = all_classes()
    letters = {"Lu": 1, "Lt": 1, "Ll": 2, "Lm": 3, "Lo": 3}
    for code_point, found in enumerate(classes):
        category = generator.unicodedata.category(chr(code_point))
        expected = letters.get(category) or {"M": 4, "N": 5}.get(category[0], 0)
        if found in (6, 7):
            assert category in ("Zs", "Zl", "Zp", "Cc")
        else:
            assert found == expected, hex(code_point)


def test_class_counts() -> None:
    classes = all_classes()
    counts = [classes.count(number) for number in range(8)]
    assert counts[1:] == [1858 + 31, 2258, 404 + 136477, 2501, 1911, 23, 2]
    assert sum(counts[1:4]) == 141028
    newlines = [code_point for code_point, found in enumerate(classes) if found == 7]
    assert newlines == [0x0A, 0x0D]


def test_white_space_is_what_python_strips() -> None:
    # str.isspace() adds the four information separators, which are not White_Space.
    classes = all_classes()
    spaces = {code_point for code_point, found in enumerate(classes) if found >= 6}
    python = {code_point for code_point in range(0x110000) if chr(code_point).isspace()}
    assert python - spaces == {0x1C, 0x1D, 0x1E, 0x1F}
    assert spaces <= python


def test_grapheme_classes_are_the_segmentation_properties(
    generator: ModuleType, graphemes: list[tuple[str, str, bool]]
) -> None:
    tables = arrays()
    classes = unfold(tables["kGraphemeIndex"], tables["kGraphemeBlocks"], 6)
    assert [generator.GRAPHEME_CLASSES[found] for found in classes] == graphemes


def test_enumerators_follow_the_generator(generator: ModuleType) -> None:
    header = (ROOT / "csrc" / "text" / "unicode.hpp").read_text(encoding="utf-8")
    body = re.search(r"enum class GraphemeClass : uint8_t \{(.*?)\};", header, re.DOTALL)
    assert body is not None
    names = re.findall(r"^\s*k(\w+)", body[1], re.MULTILINE)
    expected = ["Other", "Cr", "Lf", "Control", "Extend", "NonConjunctExtend", "Linker", "Zwj"]
    expected += ["RegionalIndicator", "Prepend", "SpacingMark", "HangulL", "HangulV", "HangulT"]
    expected += ["HangulLv", "HangulLvt", "Pictographic", "Consonant", "OtherLinker"]
    assert names == expected
    assert len(names) == len(generator.GRAPHEME_CLASSES)


def test_a_source_that_lost_data_is_refused(
    generator: ModuleType, graphemes: list[tuple[str, str, bool]]
) -> None:
    poorer = list(graphemes)
    poorer[0x1F600] = ("Other", "None", False)
    with pytest.raises(generator.TableError, match="Extended_Pictographic: 2829 code points"):
        generator.check_sources(poorer)


def test_a_class_outside_of_the_covered_stretches_is_refused(generator: ModuleType) -> None:
    for code_point in (0x40000, 0xDFFFF, 0xE1000, 0x10FFFF):
        classes = bytearray(0x110000)
        classes[code_point] = 1
        with pytest.raises(generator.TableError, match="outside"):
            generator.two_stages(bytes(classes), 7)
