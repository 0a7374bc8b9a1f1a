"""Check that the tests notice wrong code: apply each listed mutant and expect a failure.

    python -m tools.mutants [python|cpp] [--only WORD] [--jobs N]

`python.toml` and `cpp.toml` beside this file list the mutants: `file`, the text `before` (which
must stand there exactly once), the text `after`, and the `tests` that must fail. `simd` names the
level that runs the code, where no other does: without it the mutant is not tried. Each mutant is
applied to a copy of the checkout, alone. The exit status is 1 if a mutant survives, 2 if the list
is wrong: a text that is not there any more, tests that fail without a mutant, code that does not
compile.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TIMEOUT = 300  # seconds for the tests of one mutant; a mutant that never ends counts as noticed
# With the longer search of `.ci/run`. PYTHONPATH keeps an installed tokenkit out.
ENVIRONMENT = {"HYPOTHESIS_PROFILE": "ci", "CI": "true"}
Outcome = Literal["noticed", "SURVIVED", "WRONG LIST"]


@dataclass(frozen=True)
class Mutant:
    """One change of one file, and the tests that must notice it."""

    file: str
    before: str
    after: str
    tests: tuple[str, ...]
    simd: str = ""

    def __str__(self) -> str:
        line = " ".join(self.before.split())
        return f"{self.file}: {line[:60]}"


class ListError(Exception):
    """The list does not fit the code."""


def read_mutants(kind: str) -> list[Mutant]:
    entries = tomllib.loads((HERE / f"{kind}.toml").read_text("utf-8"))["mutant"]
    return [Mutant(**{**entry, "tests": tuple(entry["tests"].split())}) for entry in entries]


def mutated(text: str, mutant: Mutant) -> str:
    """The file's text with the mutant in it."""
    times = text.count(mutant.before)
    if times != 1:
        raise ListError(f"{mutant}: expected the text once, got it {times} times")
    return text.replace(mutant.before, mutant.after)


def copy_checkout(to: Path) -> None:
    """Copy what git would commit of this state, and the compiled core."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    extensions = [str(path.relative_to(ROOT)) for path in (ROOT / "tokenkit").glob("_core*.so")]
    for name in [*filter(None, listed.split("\0")), *extensions]:
        if (ROOT / name).exists():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


class PythonRunner:
    """Runs pytest in a copy of the checkout."""

    def prepare(self, place: Path, mutants: list[Mutant]) -> None:
        tests = sorted({test for mutant in mutants for test in mutant.tests})
        if self._pytest(place, tests, baseline=True) != 0:
            raise ListError("the tests above fail without a mutant")

    def outcome(self, place: Path, mutant: Mutant) -> Outcome:
        status = self._pytest(place, mutant.tests)
        # pytest: 0 all passed, 1 a test failed, 2 a test file could not be imported.
        if status in (1, 2):
            return "noticed"
        return "SURVIVED" if status == 0 else "WRONG LIST"

    def _pytest(
        self, place: Path, tests: tuple[str, ...] | list[str], *, baseline: bool = False
    ) -> int:
        options = ["-x", "-q", "-p", "no:cacheprovider"]
        options += [] if baseline else ["-n", "0"]
        command = [sys.executable, "-m", "pytest", *options, *tests]
        return run(place, command, show=baseline, timeout=3600 if baseline else TIMEOUT)


class CppRunner:
    """Runs C++ test programs, or pytest on the core that the changed sources make.

    Both are built in a copy of the checkout, without sanitizers; only what changed is compiled
    again. A test with a slash in its name is one of pytest's.
    """

    MAKE = ("make", "-s", "SANITIZED=build/mutants", "SANITIZE_FLAGS=-fPIC")
    SEAM = "build/mutants/_core"

    def prepare(self, place: Path, mutants: list[Mutant]) -> None:
        (place / "build/mutants").mkdir(parents=True)
        cython = [sys.executable, "-m", "cython", "-3", "--cplus", "tokenkit/_core.pyx"]
        compiler = [self._compiler(), "-std=c++20", "-O1", "-fPIC", "-Icsrc"]
        compiler += [f"-I{sysconfig.get_path('include')}", "-c", f"{self.SEAM}.cpp"]
        for command in ([*cython, "-o", f"{self.SEAM}.cpp"], [*compiler, "-o", f"{self.SEAM}.o"]):
            if run(place, command, show=True, timeout=3600) != 0:
                raise ListError("the core does not compile without a mutant")
        for test in sorted({test for mutant in mutants for test in mutant.tests}):
            if self._build(place, test) != 0 or self._run(place, test) != 0:
                raise ListError(f"{test} fails without a mutant")

    def outcome(self, place: Path, mutant: Mutant) -> Outcome:
        for test in mutant.tests:
            if self._build(place, test) != 0:
                return "WRONG LIST"
            if self._run(place, test) != 0:
                return "noticed"
        return "SURVIVED"

    def _build(self, place: Path, test: str) -> int:
        if "/" not in test:
            return run(place, [*self.MAKE, f"build/mutants/tests/{test}"], timeout=3600)
        sources = [path.relative_to(place / "csrc") for path in place.glob("csrc/*/*.cpp")]
        objects = [
            f"build/mutants/{path.with_suffix('.o')}"
            for path in sorted(sources)
            if path.parts[0] not in ("tests", "fuzz")
        ]
        core = f"tokenkit/_core{sysconfig.get_config_var('EXT_SUFFIX')}"
        link = [self._compiler(), "-shared", "-pthread", "-o", core, f"{self.SEAM}.o", *objects]
        return run(place, [*self.MAKE, *objects], timeout=3600) or run(place, link)

    def _run(self, place: Path, test: str) -> int:
        if "/" in test:
            options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider"]
            return run(place, [sys.executable, "-m", "pytest", *options, test])
        return run(place, [f"build/mutants/tests/{test}"])

    def _compiler(self) -> str:
        return os.environ.get("CXX", "g++")


def run(place: Path, command: list[str], *, show: bool = False, timeout: float = TIMEOUT) -> int:
    """The exit status of a command; a command that takes too long has failed (1)."""
    output = None if show else subprocess.DEVNULL
    try:
        done = subprocess.run(
            command,
            cwd=place,
            env={**os.environ, **ENVIRONMENT, "PYTHONPATH": str(place)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1
    return done.returncode


def try_mutant(place: Path, mutant: Mutant, runner: PythonRunner | CppRunner) -> Outcome:
    path = place / mutant.file
    original = path.read_text("utf-8")
    try:
        path.write_text(mutated(original, mutant), "utf-8")
        return runner.outcome(place, mutant)
    finally:
        path.write_text(original, "utf-8")


def that_run_here(mutants: list[Mutant]) -> list[Mutant]:
    """Those whose code this processor runs; the others are named."""
    from tokenkit._core import simd_levels

    levels = ["", *simd_levels()]
    for mutant in mutants:
        if mutant.simd not in levels:
            print(f"no {mutant.simd:7} {mutant}")
    return [mutant for mutant in mutants if mutant.simd in levels]


def try_all(kind: str, mutants: list[Mutant], jobs: int) -> list[tuple[Mutant, Outcome]]:
    """Each mutant's outcome; `jobs` of them at once, each in a copy of its own."""
    runner: Any = PythonRunner() if kind == "python" else CppRunner()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        first = Path(folder, "0")
        copy_checkout(first)
        for mutant in mutants:
            mutated((first / mutant.file).read_text("utf-8"), mutant)
        runner.prepare(first, mutants)
        places: SimpleQueue[Path] = SimpleQueue()
        for number in range(jobs):
            place = Path(folder, str(number))
            if number:
                shutil.copytree(first, place)
            places.put(place)

        def one_place(mutant: Mutant) -> tuple[Mutant, Outcome]:
            place = places.get()
            try:
                outcome = try_mutant(place, mutant, runner)
            finally:
                places.put(place)
            print(f"{outcome:10} {mutant}", flush=True)
            return mutant, outcome

        with ThreadPoolExecutor(jobs) as pool:
            return list(pool.map(one_place, mutants))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("kind", nargs="*", default=["python", "cpp"], help="python, cpp or both")
    parser.add_argument("--only", default="", help="mutants whose file or text has this word")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once (default 2)")
    arguments = parser.parse_args()
    begin = time.monotonic()
    outcomes: list[Outcome] = []
    for kind in arguments.kind:
        mutants = [
            one for one in read_mutants(kind) if arguments.only in f"{one.file} {one.before}"
        ]
        try:
            tried = try_all(kind, that_run_here(mutants), arguments.jobs)
            outcomes += [outcome for _, outcome in tried]
        except ListError as error:
            print(f"mutants: {error}", file=sys.stderr)
            return 2
    noticed = outcomes.count("noticed")
    seconds = time.monotonic() - begin
    print(f"{noticed} of {len(outcomes)} mutants noticed in {seconds:.0f} s")
    if "WRONG LIST" in outcomes:
        return 2
    return int(noticed < len(outcomes))


if __name__ == "__main__":
    sys.exit(main())
