"""Build what is released, check it, and try it; see RELEASING.md. Needs the extra `release`.

    python -m tools.release sdist [--output DIR]
    python -m tools.release wheels [PYTHON ...] [--output DIR] [--once]
    python -m tools.release check [--output DIR]

`wheels` builds the sdist, and from it a wheel for each interpreter; on Linux it gives each the
oldest manylinux tag that its symbols allow. It builds the sdist and the first wheel twice, expects
equal bytes, and tries each wheel in an empty environment: golden ids of all encodings, chunks,
fits, prices, the command. `check` looks at what is in DIR, wherever it was built: contents,
metadata, hashes, the bill of materials; it writes SHA256SUMS there. The exit status is 1 if
anything is not as it must be.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path

from . import build, contents, sbom
from .build import ReleaseError, run

GOLDEN = build.ROOT / "tests/encodings/golden.json"
SMOKE = Path(__file__).with_name("smoke.py")


def say(line: str) -> None:
    print(line, flush=True)


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def expect_equal(first: Path, second: Path) -> None:
    """Raises ReleaseError, with the members that differ, unless two archives are equal."""
    if digest(first) == digest(second):
        return
    differing = "their bytes"
    if first.suffix == ".whl":
        with zipfile.ZipFile(first) as one, zipfile.ZipFile(second) as two:
            members = {entry.filename: entry.CRC for entry in one.infolist()}
            others = {entry.filename: entry.CRC for entry in two.infolist()}
        differing = ", ".join(sorted(dict(members.items() ^ others.items()))) or "order or times"
    raise ReleaseError(f"{first.name}: two builds differ in {differing}")


def build_sdist(work: Path) -> Path:
    sdist = build.build_sdist(work / "first")
    expect_equal(sdist, build.build_sdist(work / "second"))
    say(f"{sdist.name}: {sdist.stat().st_size} bytes, the same twice")
    return sdist


def build_wheels(options: argparse.Namespace, sdist: Path, work: Path, output: Path) -> None:
    for number, python in enumerate(options.pythons):
        folder = work / str(number)
        folder.mkdir()
        wheel = build_wheel(python, sdist, folder / "first")
        again = ""
        if number == 0 and not options.once:
            expect_equal(wheel, build_wheel(python, sdist, folder / "second"))
            again = ", the same twice"
        say(f"{wheel.name}: {wheel.stat().st_size} bytes{again}")
        if "linux" in wheel.name:
            say(f"  it needs {build.newest_symbols(wheel)}")
        say(f"  tried: {try_wheel(python, wheel, folder)}")
        shutil.copy(wheel, output)


def build_wheel(python: str, sdist: Path, work: Path) -> Path:
    return build.repair(build.build_wheel(python, sdist, work), work)


def try_wheel(python: str, wheel: Path, work: Path) -> str:
    """Install a wheel into an empty environment, and use it there, far from the checkout."""
    environment, elsewhere = work / "venv", work / "elsewhere"
    elsewhere.mkdir()
    run(python, "-m", "venv", environment, cwd=work)
    inside = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = (inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*install, wheel, cwd=elsewhere)
    tried = run(inside, "-I", SMOKE, GOLDEN, "core", cwd=elsewhere).strip()
    run(*install, f"{wheel}[cli]", cwd=elsewhere)
    tried += ", " + run(inside, "-I", SMOKE, GOLDEN, "cli", cwd=elsewhere).strip()
    named = run(inside, "-c", "import platform; print(platform.python_version())", cwd=elsewhere)
    return f"{tried} on CPython {named.strip()}"


def check(output: Path) -> None:
    """Raises ReleaseError with all faults of what is in a folder; else writes SHA256SUMS."""
    archives = sorted([*output.glob("*.whl"), *output.glob("*.tar.gz")])
    if not archives:
        raise ReleaseError(f"expected wheels and an sdist in {output}, got none")
    found = [fault for archive in archives for fault in contents.faults(archive)]
    found += [
        f"{path.name}: expected a manylinux tag; the index refuses linux ones"
        for path in archives
        if "-linux_" in path.name
    ]
    if found:
        raise ReleaseError("\n".join(found))
    for path in archives:
        if path.suffix == ".whl":
            validate_bill(path)
    run(sys.executable, "-m", "twine", "check", "--strict", *archives, cwd=output)
    sums = "".join(f"{digest(path)}  {path.name}\n" for path in archives)
    (output / "SHA256SUMS").write_text(sums, encoding="ascii", newline="\n")
    say(f"{len(archives)} archives checked; hashes in SHA256SUMS beside them")


def validate_bill(wheel: Path) -> None:
    """Raises ReleaseError unless a wheel's bill of materials is valid CycloneDX 1.6."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(sbom.FILE_NAME))
        text = archive.read(name).decode()
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        raise ReleaseError(f"{wheel.name}: {name}: {fault}")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("task", choices=("sdist", "wheels", "check"))
    parser.add_argument("pythons", nargs="*", default=[sys.executable], metavar="PYTHON")
    parser.add_argument("--output", type=Path, default=build.ROOT / "dist", help="default: dist")
    parser.add_argument("--once", action="store_true", help="build no wheel a second time")
    options = parser.parse_intermixed_args(arguments)
    output = options.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory() as work:
            if options.task != "check":
                sdist = build_sdist(Path(work))
                shutil.copy(sdist, output)
            if options.task == "wheels":
                build_wheels(options, sdist, Path(work), output)
        if options.task != "sdist":
            check(output)
    except (ReleaseError, subprocess.SubprocessError, OSError) as error:
        print(f"tools.release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
