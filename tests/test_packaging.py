"""Builds the sdist, the wheel from the sdist, and uses the wheel far from the checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOT_SOURCE = shutil.ignore_patterns(
    ".git", ".venv*", "build", "dist", "*.egg-info", "*.so", "*.pyd", "__pycache__", ".*_cache"
)
VOCABULARIES = {"r50k_base", "p50k_base", "cl100k_base", "o200k_base"}
HOOKED = ("tokenkit", "tokenkit.cli")
MEGABYTE = 1_000_000

pytestmark = pytest.mark.slow


def run(*command: object, cwd: Path) -> str:
    """The output of a command that must succeed."""
    result = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("sdist")
    # A copy, as files left by earlier builds would find their way into the archive.
    shutil.copytree(ROOT, work / "checkout", ignore=NOT_SOURCE)
    run(sys.executable, "-m", "build", "--sdist", "-o", work, work / "checkout", cwd=work)
    (archive,) = work.glob("*.tar.gz")
    return archive


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", work, sdist, cwd=work)
    (archive,) = work.glob("*.whl")
    return archive


def test_sdist_holds_sources_alone(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "setup.py", "LICENSE", "NOTICE", "tokenkit/_core.pyx"} <= names
    for pattern in ("csrc/**/*.[chi]*", "tokenkit/_seam/*.pxi"):
        sources = {path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern)}
        assert sources
        assert sources <= names
    assert not [name for name in names if "_core.cpp" in name or name.startswith("build/")]
    assert not [name for name in names if name.endswith((".so", ".pyd", ".o", ".pyc"))]


def test_wheel_holds_what_runs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        entries = archive.infolist()
    names = {entry.filename for entry in entries}
    assert {f"tokenkit/data/{name}.tkv" for name in VOCABULARIES} <= names
    assert {"tokenkit/data/SHA256SUMS", "tokenkit/py.typed", "tokenkit/_core.pyi"} <= names
    page = {f"tokenkit/views/{name}" for name in ("page.html", "page.css", "page.js", "rows.js")}
    assert page | {"tokenkit/data/models.json"} <= names
    hooks = {f"tokenkit/integrations/pyinstaller/hook-{name}.py" for name in HOOKED}
    assert hooks <= names
    source = (".pyx", ".pxd", ".pxi", ".c", ".cpp", ".hpp", ".inc")
    assert not [name for name in names if name.endswith(source)]
    assert all(name.startswith(("tokenkit/", "tokenkit_bpe-")) for name in names)
    assert wheel.stat().st_size < 12 * MEGABYTE
    assert sum(entry.file_size for entry in entries) < 30 * MEGABYTE


def test_wheel_works_elsewhere(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    scripts = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    run(scripts / "python", "-m", "pip", "install", "-q", f"{wheel}[cli]", cwd=tmp_path)

    code = "import tokenkit; print(tokenkit.__file__, tokenkit.count('hello world', 'gpt-5.4'))"
    place, count = run(scripts / "python", "-c", code, cwd=tmp_path).split()
    assert Path(place).is_relative_to(tmp_path)
    assert count == "2"

    listed = run(scripts / "tokenkit", "models", "--kind", "embedding", cwd=tmp_path)
    assert "text-embedding-3-small" in listed

    (tmp_path / "text.txt").write_text("hello world", encoding="utf-8")
    line = run(scripts / "tokenkit", "count", "text.txt", "--model", "gpt-5.4", cwd=tmp_path)
    assert line.strip() == "2"

    run(scripts / "tokenkit", "show", "text.txt", "-m", "gpt-5.4", "--html", "a.html", cwd=tmp_path)
    assert "hello world" in (tmp_path / "a.html").read_text("utf-8")
