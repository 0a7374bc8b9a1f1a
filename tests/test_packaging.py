"""The checks of a release notice what is wrong. `make wheels` runs them on what it builds."""

from __future__ import annotations

import base64
import gzip
import io
import json
import runpy
import sys
import tarfile
import zipfile
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from release import __main__ as release, build, contents, sbom  # noqa: E402

INFO = f"tokenkit_bpe-{sbom.read_version(ROOT)}.dist-info"
BILL = f"{INFO}/sboms/{sbom.FILE_NAME}"
METADATA = """\
Metadata-Version: 2.4
Name: tokenkit-bpe
License-Expression: MIT AND Apache-2.0
Requires-Dist: numpy>=1.24
Requires-Dist: regex>=2023.12.25
Requires-Dist: click>=8.1; extra == "cli"
"""


@cache
def digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()


def recorded(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with a list of their hashes, as a wheel has it."""
    lines = [f"{INFO}/RECORD,,"]
    for name, data in files.items():
        lines.append(f"{name},sha256={digest(data)},{len(data)}")
    return {**files, f"{INFO}/RECORD": "\n".join(lines).encode()}


@pytest.fixture(scope="module")
def wheel() -> dict[str, bytes]:
    """The files of a good wheel, of which only the extension module is not a real one."""
    files = {name: (ROOT / name).read_bytes() for name in contents.packed_files()}
    files |= dict.fromkeys(contents.core_files(), b"")
    files |= {f"{INFO}/licenses/{name}": b"" for name in contents.LICENSES}
    files["tokenkit/_core.cpython-312-x86_64-linux-gnu.so"] = b"\x7fELF"
    files[f"{INFO}/METADATA"] = METADATA.encode()
    files[f"{INFO}/WHEEL"] = b"Wheel-Version: 1.0\n"
    files[f"{INFO}/entry_points.txt"] = b"[console_scripts]\ntokenkit = tokenkit.cli:main\n"
    files[BILL] = sbom.written(ROOT, "3.1.0").encode()
    assert list(contents.wheel_faults(recorded(files))) == []
    return files


@pytest.mark.parametrize(
    ("name", "data", "fault"),
    [
        ("tokenkit/py.typed", None, "expected tokenkit/py.typed, which is not in it"),
        ("tokenkit/data/r50k_base.tkv", None, "expected tokenkit/data/r50k_base.tkv"),
        ("tokenkit/data/r50k_base.tkv", b"other", "bill of materials has another hash"),
        ("tokenkit/data/more.tkv", b"", "bill of materials and the files do not agree"),
        ("tokenkit/_core.pyx", b"", "tokenkit/_core.pyx does not belong into a wheel"),
        ("csrc/base/pages.hpp", b"", "csrc/base/pages.hpp does not belong"),
        ("tests/conftest.py", b"", "tests/conftest.py does not belong"),
        ("tokenkit/_core.pyd", b"", "expected one extension module"),
        ("tokenkit/_core.cpython-312-x86_64-linux-gnu.so", None, "expected one extension module"),
        (
            "tokenkit/_core.cpython-312-x86_64-linux-gnu.so",
            f"{Path.home()}/build".encode(),
            "holds a path of the machine",
        ),
        (f"{INFO}/licenses/NOTICE", None, "NOTICE, which is not in it"),
        (BILL, None, f"{sbom.FILE_NAME}, which is not in it"),
        (f"{INFO}/METADATA", None, "another distribution or version"),
        (f"{INFO}/METADATA", METADATA.replace("MIT", "GPL").encode(), "expected the licence MIT"),
        (f"{INFO}/METADATA", METADATA.replace('; extra == "cli"', "").encode(), "'click>=8.1'"),
        (f"{INFO}/entry_points.txt", b"", "expected the command tokenkit"),
        (f"{INFO}/more", b"\0" * 30_000_000, "bytes unpacked, got"),
    ],
)
def test_a_wrong_wheel(wheel: dict[str, bytes], name: str, data: bytes | None, fault: str) -> None:
    files = {key: value for key, value in wheel.items() if key != name}
    if data is not None:
        files[name] = data
    assert fault in "\n".join(contents.wheel_faults(recorded(files)))


def test_a_wrong_list_of_hashes(wheel: dict[str, bytes]) -> None:
    good = recorded(wheel)
    (fault,) = contents.wheel_faults({**good, f"{INFO}/WHEEL": b"changed"})
    assert fault == f"RECORD has another hash for {INFO}/WHEEL"
    (fault,) = contents.wheel_faults({**good, f"{INFO}/extra.json": b""})
    assert fault == f"RECORD and the files do not agree on {INFO}/extra.json"


def test_a_wrong_sdist() -> None:
    found = "\n".join(contents.sdist_faults({"pyproject.toml", "build/a.cpp", "tokenkit/_core.so"}))
    for name in ("csrc/base/pages.cpp", "tokenkit/_seam/text.pxi", "tools/release/sbom.py"):
        assert f"expected {name}, which is not in it" in found
    for name in ("build/a.cpp", "tokenkit/_core.so"):
        assert f"expected sources alone, got {name}" in found


def tar(path: Path, when: int, names: list[str]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.uid, entry.uname = len(name), when, when, "somebody"
            archive.addfile(entry, io.BytesIO(name.encode()))
    return path


def test_equal_files_make_equal_sdists(tmp_path: Path) -> None:
    first = tar(tmp_path / "a.tar.gz", 1, ["x/b", "x/a"])
    second = tar(tmp_path / "b.tar.gz", 2, ["x/a", "x/b"])
    with pytest.raises(build.ReleaseError, match=r"a\.tar\.gz: two builds differ in their bytes"):
        release.expect_equal(first, second)
    for path in (first, second):
        build.normalize(path, 1_700_000_000)
    release.expect_equal(first, second)
    with tarfile.open(first) as archive:
        assert [(entry.name, entry.mtime) for entry in archive] == [
            ("x/a", 1_700_000_000),
            ("x/b", 1_700_000_000),
        ]
    assert gzip.decompress(first.read_bytes())


def test_wheels_that_differ_are_named(tmp_path: Path) -> None:
    for name, data in (("a.whl", b"1"), ("b.whl", b"2")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("same", b"")
            archive.writestr("other", data)
    with pytest.raises(build.ReleaseError, match=r"a\.whl: two builds differ in other$"):
        release.expect_equal(tmp_path / "a.whl", tmp_path / "b.whl")


def test_check_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["check", "--output", str(tmp_path)]
    assert release.main(arguments) == 1
    assert "expected wheels and an sdist" in capsys.readouterr().err
    with zipfile.ZipFile(tmp_path / "tokenkit_bpe-1-cp312-cp312-linux_x86_64.whl", "w"):
        pass
    assert release.main(arguments) == 1
    said = capsys.readouterr().err
    assert "another distribution or version" in said
    assert "expected a manylinux tag" in said
    assert not (tmp_path / "SHA256SUMS").exists()


def test_the_bill_has_the_hashes_of_the_files() -> None:
    bill = json.loads(sbom.written(ROOT, "3.1.0", 1_700_000_000))
    parts = {(part["name"], part.get("version")): part for part in bill["components"]}
    assert bill["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"
    sources = (ROOT / "tokenkit/data/SHA256SUMS").read_text("ascii").split()
    for name in ("r50k_base", "p50k_base", "cl100k_base", "o200k_base"):
        part = parts[name, None]
        packed = (ROOT / f"tokenkit/data/{name}.tkv").read_bytes()
        assert part["hashes"][0]["content"] == sha256(packed).hexdigest()
        assert part["externalReferences"][0]["hashes"][0]["content"] in sources
    unicode = "Unicode Character Database"
    assert {(unicode, "16.0.0"), (unicode, "18.0.0"), ("tiktoken", "0.14.0")} <= parts.keys()
    assert {("Cython", "3.1.0"), ("numpy", None), ("regex", None)} <= parts.keys()
    named = [part["bom-ref"] for part in bill["components"]]
    assert bill["dependencies"] == [
        {"ref": bill["metadata"]["component"]["bom-ref"], "dependsOn": named}
    ]
    assert len(set(named)) == len(named)


def test_a_vocabulary_without_a_source_has_no_bill(tmp_path: Path) -> None:
    data = tmp_path / "tokenkit/data"
    data.mkdir(parents=True)
    (data / "SHA256SUMS").write_text(f"{'0' * 64}  a.tiktoken\n", encoding="ascii")
    (data / "b.tkv").touch()
    with pytest.raises(
        ValueError, match=r"expected a source in SHA256SUMS for \['b'\], got \['a'\]"
    ):
        sbom.vocabularies(tmp_path)


@pytest.mark.parametrize(("order", "most"), [("big", 2**63 - 1), ("little", 2**31 - 1)])
def test_a_machine_that_cannot_run_it_is_refused(
    order: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "byteorder", order)
    monkeypatch.setattr(sys, "maxsize", most)
    with pytest.raises(SystemExit, match="expected a Python for little-endian, 64 bits, got"):
        runpy.run_path(str(ROOT / "setup.py"))
