"""Results do not depend on the instruction set, the size of the caches or the number of threads."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from search import by_profile

import tokenkit
from tokenkit._core import simd_level, simd_levels
from tokenkit.encodings.settings import check_settings

PROGRAM = """
import hashlib, random, sys
from pathlib import Path
import tokenkit
from tokenkit._core import simd_level

texts = [path.read_text(encoding="utf-8") for path in sorted(Path(sys.argv[1]).rglob("*.py"))]
draw = random.Random(5)
atoms = list("aZ \\t\\n'/!1é字́\u017f\u3000")
atoms += ["don't", "  ", "\\r\\n", "한국어", "Ünï", "'LL", "日本語のテキスト"]
texts += ["".join(draw.choices(atoms, k=draw.randint(1, 200))) for _ in range(int(sys.argv[2]))]
seen = hashlib.sha256()
for name in ("r50k_base", "cl100k_base", "o200k_base"):
    enc = tokenkit.get_encoding(name)
    for text in texts:
        ids = enc.encode_ordinary(text)
        assert enc.count(text) == len(ids)
        seen.update(repr(ids).encode())
print(simd_level(), seen.hexdigest())
"""

TEXTS = by_profile("150", "2000")


def run(level: str, cache: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(Path(__file__).parents[1]), TEXTS],
        env={**os.environ, "TOKENKIT_SIMD": level, "TOKENKIT_CACHE_MB": cache, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def test_levels_agree() -> None:
    digests = set()
    for level in simd_levels():
        result = run(level)
        assert result.returncode == 0, result.stderr
        used, digest = result.stdout.split()
        assert used == level
        digests.add(digest)
    assert len(digests) == 1


def test_cache_sizes_agree() -> None:
    outputs = set()
    for megabytes in ("", "0", "1", "64"):
        result = run("", megabytes)
        assert result.returncode == 0, result.stderr
        outputs.add(result.stdout)
    assert len(outputs) == 1


@pytest.mark.parametrize("name", ["r50k_base", "cl100k_base", "o200k_base"])
def test_parts_of_a_big_text_agree(name: str) -> None:
    draw = random.Random(name)
    atoms = [
        "word",
        "Zwei",
        "42",
        "字",
        "́",
        "ʰ",
        "Ⅷ",
        "'s",
        "'",
        " ",
        "\n",
        "\t",
        "\u3000",
        ".",
        "/",
        "“",
    ]
    lines = ["".join(draw.choices(atoms, k=draw.randint(1, 300))) for _ in range(4000)]
    texts = ["".join(lines) * 2, "x" * 700_000, " ".join(lines), "字" * 300_000 + "。" + lines[0]]
    enc = tokenkit.get_encoding(name)
    assert max(len(text.encode()) for text in texts) > 2_000_000
    wanted = [enc.count(text) for text in texts]
    for threads in (1, 2, 5):
        assert enc.count_batch(texts, num_threads=threads).tolist() == wanted


def test_widest_is_used_unless_asked_otherwise() -> None:
    assert simd_level() == (os.environ.get("TOKENKIT_SIMD") or simd_levels()[-1])


@pytest.mark.parametrize(
    ("name", "value"),
    [("SIMD", "mmx"), ("CACHE_MB", "lots"), ("CACHE_MB", "-1"), ("CACHE_MB", "16MB")],
)
def test_settings_that_make_no_sense_are_refused(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"TOKENKIT_{name}", value)
    with pytest.raises(ValueError, match=f"TOKENKIT_{name}: expected .*, got '{value}'"):
        check_settings()


def test_the_command_says_what_is_wrong_with_a_setting() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tokenkit", "count", "-e", "o200k_base"],
        env={**os.environ, "TOKENKIT_SIMD": "mmx"},
        input=b"hi",
        capture_output=True,
        check=False,
    )
    assert result.returncode == 2
    assert b"TOKENKIT_SIMD: expected" in result.stderr
    assert b"Traceback" not in result.stderr
