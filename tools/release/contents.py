"""The contents of an sdist and a wheel: each that is missing or too many is a fault."""

from __future__ import annotations

import base64
import email
import json
import tarfile
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath

from . import sbom

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1_000_000
MOST_PACKED, MOST_UNPACKED = 12 * MEGABYTE, 30 * MEGABYTE
SOURCES = {".pyx", ".pxd", ".pxi", ".c", ".cpp", ".hpp", ".inc", ".o", ".pyc", ".tiktoken"}
BUILT = {".so", ".pyd", ".dylib", ".o", ".pyc"}
# What a wheel takes from tokenkit/, by ending; and data by name.
PACKED = {".py", ".pyi", ".typed", ".tkp", ".tkv", ".html", ".css", ".js"}
PACKED_NAMES = {"SHA256SUMS", "models.json"}
LICENSE = "MIT AND Apache-2.0"  # the latter of the vocabulary of Gemma
LICENSES = ("LICENSE", "LICENSE-APACHE", "NOTICE")


def faults(archive: Path) -> list[str]:
    """Return the faults of a wheel or an sdist, none if it may be released."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            entries = [entry for entry in wheel.infolist() if not entry.is_dir()]
            files = {entry.filename: wheel.read(entry) for entry in entries}
        found = list(wheel_faults(files))
        if archive.stat().st_size > MOST_PACKED:
            found.append(f"expected at most {MOST_PACKED} bytes, got {archive.stat().st_size}")
    else:
        with tarfile.open(archive) as tar:
            found = list(sdist_faults({name.partition("/")[2] for name in tar.getnames()}))
    return [f"{archive.name}: {fault}" for fault in found]


def packed_files() -> set[str]:
    """Return the files of the checkout's package that a wheel must hold."""
    paths = (path for path in (ROOT / "tokenkit").rglob("*") if path.is_file())
    return {
        path.relative_to(ROOT).as_posix()
        for path in paths
        if path.suffix in PACKED or path.name in PACKED_NAMES
    }


def core_files() -> set[str]:
    """Return the files that a wheel takes from the folder `js`, for the live page."""
    paths = (*(ROOT / "js").glob("*.js"), ROOT / "js" / "tokenkit.wasm")
    return {f"tokenkit/views/live/core/{path.name}" for path in paths}


def sdist_faults(names: set[str]) -> Iterator[str]:
    """The faults of an sdist with these files."""
    patterns = ("csrc/**/*.[chi]*", "tokenkit/**/*.p[xy]*", "tests/**/*.py", "tools/**/*.py")
    wanted = {
        path.relative_to(ROOT).as_posix()
        for pattern in patterns
        for path in ROOT.glob(pattern)
        if path.suffix != ".pyc"
    }
    wanted |= packed_files() | {"pyproject.toml", "setup.py", *LICENSES, "README.md"}
    yield from (f"expected {name}, which is not in it" for name in sorted(wanted - names))
    for name in sorted(names):
        if PurePosixPath(name).suffix in BUILT or "_core.cpp" in name or name.startswith("build/"):
            yield f"expected sources alone, got {name}"


def wheel_faults(files: dict[str, bytes]) -> Iterator[str]:
    """The faults of a wheel with these files."""
    info = f"tokenkit_bpe-{sbom.read_version(ROOT)}.dist-info"
    if f"{info}/METADATA" not in files:
        yield f"expected {info}, got another distribution or version"
        return
    yield from _names(set(files), info)
    yield from _record(files, info)
    yield from _metadata(files, info)
    yield from _bill(files, info)
    for name, data in files.items():
        if name.startswith("tokenkit/_core.") and str(Path.home()).encode() in data:
            yield f"{name} holds a path of the machine that built it"
    if (size := sum(map(len, files.values()))) > MOST_UNPACKED:
        yield f"expected at most {MOST_UNPACKED} bytes unpacked, got {size}"


def _names(names: set[str], info: str) -> Iterator[str]:
    licenses = {f"{info}/licenses/{name}" for name in LICENSES}
    wanted = packed_files() | core_files() | licenses | {f"{info}/sboms/{sbom.FILE_NAME}"}
    yield from (f"expected {name}, which is not in it" for name in sorted(wanted - names))
    modules = [name for name in names if PurePosixPath(name).suffix in (".so", ".pyd")]
    if len(modules) != 1 or not modules[0].startswith("tokenkit/_core."):
        yield f"expected one extension module, tokenkit/_core, got {sorted(modules)}"
    for name in sorted(names - wanted - set(modules)):
        if not name.startswith(f"{info}/") or PurePosixPath(name).suffix in SOURCES:
            yield f"{name} does not belong into a wheel"


def _record(files: dict[str, bytes], info: str) -> Iterator[str]:
    """The faults of the list of hashes that an installer goes by."""
    lines = files.get(f"{info}/RECORD", b"").decode().splitlines()
    listed = {name: digest for name, digest, _ in (line.rsplit(",", 2) for line in lines)}
    for name in sorted(files.keys() ^ listed.keys()):
        yield f"RECORD and the files do not agree on {name}"
    for name in sorted(files.keys() & listed.keys() - {f"{info}/RECORD"}):
        digest = base64.urlsafe_b64encode(sha256(files[name]).digest()).rstrip(b"=").decode()
        if listed[name] != f"sha256={digest}":
            yield f"RECORD has another hash for {name}"


def _metadata(files: dict[str, bytes], info: str) -> Iterator[str]:
    metadata = email.message_from_bytes(files[f"{info}/METADATA"])
    needed = {line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line}
    expected = {part.strip('" ') for part in sbom.requirements(ROOT, "dependencies").split(",")}
    if needed != expected:
        yield f"expected the requirements {sorted(expected)}, got {sorted(needed)}"
    if metadata["License-Expression"] != LICENSE:
        yield f"expected the licence {LICENSE}, got {metadata['License-Expression']}"
    scripts = files.get(f"{info}/entry_points.txt", b"").decode()
    if "tokenkit = tokenkit.cli:main" not in scripts:
        yield "expected the command tokenkit among the entry points"


def _bill(files: dict[str, bytes], info: str) -> Iterator[str]:
    """The faults of the bill of materials: its hashes are those of the files beside it."""
    text = files.get(f"{info}/sboms/{sbom.FILE_NAME}")
    if text is None:
        return
    named = {}
    for part in json.loads(text)["components"]:
        for entry in part.get("properties", []):
            if entry["name"] == "tokenkit:file":
                named[entry["value"]] = part["hashes"][0]["content"]
    data = {
        name
        for name in files
        if name.endswith((".tkp", ".tkv")) or name == "tokenkit/data/models.json"
    }
    for name in sorted(data ^ named.keys()):
        yield f"the bill of materials and the files do not agree on {name}"
    for name in sorted(data & named.keys()):
        if sha256(files[name]).hexdigest() != named[name]:
            yield f"the bill of materials has another hash for {name}"
