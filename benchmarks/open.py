"""Times tokenizers of other models: ``python -m benchmarks.open FILE...``; see README.md.

Each FILE is a tokenizer.json or another file that `tokenkit.load_encoding` reads. Ids are compared
first, with those of `tokenizers`. Then each library encodes and counts each text in fresh
processes, on one thread, rounds interleaved; then processes start that load it and count two words.
With --publish the page benchmarks/OPEN.md is written, if nothing else kept the machine busy.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks import quiet
from benchmarks.corpus import PROBES, ROOT, corpora
from benchmarks.fresh import ask
from benchmarks.open_peers import LOADERS
from benchmarks.report import conditions
from benchmarks.schedule import cpu_model

Turns = dict[str, list[dict[str, Any]]]  # answers of processes, by library
Say = Callable[[str], None]  # takes a line of the page

WORKER = "benchmarks.open_worker"
PASSES = ("first", "fresh", "hot")
START = {
    "tokenkit": "import tokenkit; tokenkit.load_encoding({file}).count('hello world')",
    "tokenizers": (
        "import tokenizers; len(tokenizers.Tokenizer.from_file({file}).encode('hello world'))"
    ),
}


def libraries() -> list[str]:
    """Those that are installed."""
    found = []
    for name, (distribution, _) in LOADERS.items():
        try:
            version(distribution)
        except PackageNotFoundError:
            continue
        found.append(name)
    return found


def environment(cache: Path) -> dict[str, str]:
    one_thread = {"RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    return {**os.environ, **one_thread, "TOKENKIT_CACHE_DIR": str(cache)}


def same_ids(file: str, names: list[str], texts: list[str], env: dict[str, str]) -> dict[str, str]:
    """Say what is wrong with each library's ids: how many texts differ, "" if none does."""
    job = {"task": "digests", "file": file, "texts": texts, "probes": PROBES}
    answers = {name: ask(WORKER, {**job, "library": name}, env) for name in names}
    reference: list[str] = next((found["ids"] for found in answers.values() if "ids" in found), [])
    faults = {}
    for name, found in answers.items():
        if "error" in found:
            faults[name] = found["error"].splitlines()[0]
            continue
        wrong = sum(a != b for a, b in zip(found["ids"], reference, strict=True))
        faults[name] = f"{wrong} of {len(reference)} texts have other ids" if wrong else ""
    return faults


def start_seconds(code: str, env: dict[str, str], runs: int) -> float:
    """Wall time of a process that runs `code`, above that of one that does nothing; a median."""

    def one(program: str) -> float:
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=env, check=True)
        return time.perf_counter() - begin

    return statistics.median(one(code) - one("pass") for _ in range(runs))


def measure(
    file: str, texts: dict[str, tuple[str, str]], rounds: int, work: Path, say: Say
) -> list[str]:
    """Say the figures of one file; return what was wrong with tokenkit's ids."""
    env = environment(work / "cache")
    paths = write_texts(texts, work)
    say(f"\n## {name_of(file)}\n")
    code = START["tokenkit"].format(file=repr(file))
    first_load = start_seconds(code, env, 1)
    faults = same_ids(file, libraries(), [path for pair in paths.values() for path in pair], env)
    for name, fault in faults.items():
        say(f"- {name}: {fault or 'the same ids'}")
    say(
        "\n| text | road | library | first, MB/s | fresh, MB/s | hot, MB/s | ours is, first | hot |"
    )
    say("|---|---|---|---:|---:|---:|---:|---:|")
    loading = {name for name, fault in faults.items() if not fault or "other ids" in fault}
    for text, pair in paths.items():
        sizes = [Path(path).stat().st_size / 1e6 for path in pair]
        for road in ("encode", "count"):
            job = {"task": road, "file": file, "texts": pair}
            turns: dict[str, list[dict[str, Any]]] = {
                name: [] for name in LOADERS if name in loading
            }
            for _ in range(rounds):
                for name, found in turns.items():
                    found.append(ask(WORKER, {**job, "library": name}, env))
            say_rows(text, road, turns, sizes, say)
    for name, code in START.items():
        if name in loading:
            seconds = start_seconds(code.format(file=repr(file)), env, max(5, rounds))
            say(f"\n{name}: {1000 * seconds:.1f} ms to start and load, above `python -c pass`")
    say(f"\ntokenkit, a file never seen before: {1000 * first_load:.0f} ms")
    return [f"{file}: {faults['tokenkit']}"] if faults.get("tokenkit") else []


def say_rows(text: str, road: str, turns: Turns, sizes: list[float], say: Say) -> None:
    ours = turns.get("tokenkit", [])
    for name, found in turns.items():
        if any("error" in turn for turn in found):
            say(f"| {text} | {road} | {name} | failed | | | | |")
            continue
        speeds = [
            statistics.median(size / turn[which] for turn in found)
            for which, size in zip(PASSES, (sizes[0], sizes[1], sizes[1]), strict=True)
        ]
        ratios = [
            "" if name == "tokenkit" else times(found, ours, which) for which in ("first", "hot")
        ]
        cells = [f"{speed:.1f}" for speed in speeds] + ratios
        say(f"| {text} | {road} | {name} | {' | '.join(cells)} |")


def times(theirs: list[dict[str, Any]], ours: list[dict[str, Any]], which: str) -> str:
    """Return how many times faster ours is, within each round: median, lowest and highest."""
    if not ours or any("error" in turn for turn in ours):
        return ""
    found = sorted(a[which] / b[which] for a, b in zip(theirs, ours, strict=True))
    return f"{statistics.median(found):.1f}x ({found[0]:.1f}-{found[-1]:.1f})"


def name_of(file: str) -> str:
    """The package that the file lies in, as far as the path tells, and its name."""
    folders = [part for part in Path(file).parent.parts if part not in ("package", "models")]
    return f"{folders[-1]}/{Path(file).name}"


def about(options: argparse.Namespace, others: float | None) -> dict[str, Any]:
    """Return what a reader must know of a run."""
    versions = {LOADERS[name][0]: version(LOADERS[name][0]) for name in libraries()}
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} on {platform.machine()}",
        "python": platform.python_version(),
        "versions": ", ".join(f"{name} {number}" for name, number in versions.items()),
        "texts": "made here" if options.corpus is None else "from a folder of text files",
        "rounds": options.rounds,
        "size": options.size,
        "others": others,
    }


def introduction(facts: dict[str, Any]) -> str:
    return (
        "# Tokenizers of other models\n\n"
        f"Measured on {facts['date']} with `python -m benchmarks.open --corpus DIR --size "
        f"{facts['size']} --rounds {facts['rounds']} FILE...`: {facts['cpu']}, {facts['cores']} "
        f"cores, {facts['system']}, Python {facts['python']}; {facts['versions']}. Texts of "
        f"{facts['size']:,} bytes, {facts['texts']}; one thread, process CPU time, a fresh process "
        "for each library and round. Medians; ratios are medians of the ratios within each round, "
        f"the lowest and highest in brackets.{conditions(facts)}"
    )


def write_texts(texts: dict[str, tuple[str, str]], work: Path) -> dict[str, list[str]]:
    paths: dict[str, list[str]] = {}
    for name, pair in texts.items():
        for at, text in enumerate(pair):
            path = work / f"{name}.{at}.txt"
            path.write_bytes(text.encode())
            paths.setdefault(name, []).append(str(path))
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.open", description=__doc__)
    add = parser.add_argument
    add("files", nargs="+", metavar="FILE", help="tokenizer files")
    add("--corpus", type=Path, metavar="DIR", help="folder of *.txt files (default: made here)")
    add("--size", type=int, default=1_000_000, metavar="BYTES", help="of each text (default: 1 MB)")
    add("--rounds", type=int, default=3, help="how often everything is measured (default: 3)")
    add("--smoke", action="store_true", help="tiny texts, one round: does everything run?")
    add("--publish", action="store_true", help="write benchmarks/OPEN.md, if all was quiet")
    options = parser.parse_args()
    if options.smoke:
        options.size, options.rounds = 10_000, 1
    texts = corpora(options.corpus, options.size)
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        print(line, flush=True)

    wrong = []
    watch = quiet.Watch()
    for file in options.files:
        with tempfile.TemporaryDirectory(prefix="tokenkit-open-") as work:
            wrong += measure(str(Path(file).resolve()), texts, options.rounds, Path(work), say)
    if wrong:
        raise SystemExit("\n".join(["tokenkit's ids differ:", *wrong]))
    if options.publish:
        facts = about(options, watch.others())
        quiet.check(facts)
        page = "\n".join([introduction(facts), *lines]) + "\n"
        (ROOT / "benchmarks" / "OPEN.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
