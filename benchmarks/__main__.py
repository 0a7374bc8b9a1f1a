"""Runs the benchmarks: see README.md in this folder, or ``python -m benchmarks --help``."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks import quiet, report
from benchmarks.corpus import ROOT
from benchmarks.peers import LIBRARIES
from benchmarks.schedule import MEASURES, Plan, run
from tokenkit._core import simd_levels

SMOKE_LIBRARIES = ["tokenkit", "tiktoken"]


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Compare tokenkit with other tokenizers, each in fresh processes.",
    )
    add = result.add_argument
    add("--corpus", type=Path, metavar="DIR", help="folder of *.txt files (default: made here)")
    add("--encodings", type=words, default=["o200k_base", "cl100k_base"], metavar="A,B")
    add("--libraries", type=words, metavar="A,B", help=f"of {', '.join(LIBRARIES)}")
    add("--measures", type=words, default=list(MEASURES), metavar="A,B", help=", ".join(MEASURES))
    add("--rounds", type=int, default=5, help="how often everything is measured (default: 5)")
    add("--size", type=int, default=1_000_000, metavar="BYTES", help="of each text (default: 1 MB)")
    add("--output", type=Path, default=ROOT / "build" / "benchmarks", metavar="DIR")
    add("--smoke", action="store_true", help="tiny texts, one round: does everything run?")
    add("--publish", action="store_true", help="write benchmarks/RESULTS.md, if all was quiet")
    add("--from-json", type=Path, metavar="FILE", help="report an earlier run, measuring nothing")
    return result


def command(arguments: list[str]) -> str:
    """The command as others would type it: where files are on this machine is left out."""
    shown = ["python", "-m", "benchmarks"]
    for before, word in zip(["", *arguments], arguments, strict=False):
        if word.startswith(("--output", "--publish")) or before == "--output":
            continue
        if word.startswith("--corpus="):
            word = "--corpus=DIR"
        shown.append("DIR" if before == "--corpus" else word)
    return shlex.join(shown)


def installed(names: list[str] | None) -> list[str]:
    """These libraries, or without a choice all that are installed; tokenkit comes first."""
    found = []
    for name, library in LIBRARIES.items():
        if names is not None and name not in names:
            continue
        try:
            version(library.distribution)
        except PackageNotFoundError:
            if names is not None:
                hint = f"{name} is not installed: pip install {library.distribution}"
                raise SystemExit(hint) from None
            continue
        level = library.environment.get("TOKENKIT_SIMD")
        # Without a choice no level that is missing here, or the best one, which is measured anyway.
        if names is not None or level is None or level in simd_levels()[:-1]:
            found.append(name)
    return found


def check_names(what: str, names: list[str], known: list[str]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"unknown {what}: {', '.join(unknown)}; there are {', '.join(known)}")


def main() -> None:
    options = parser().parse_args()
    if options.from_json:
        data = json.loads(options.from_json.read_text(encoding="utf-8"))
        report.write(data, options.output)
    else:
        check_names("library", options.libraries or [], list(LIBRARIES))
        check_names("measure", options.measures, list(MEASURES))
        chosen = options.libraries or (SMOKE_LIBRARIES if options.smoke else None)
        with tempfile.TemporaryDirectory(prefix="tokenkit-benchmarks-") as work:
            plan = Plan(
                corpus=options.corpus,
                encodings=options.encodings[:1] if options.smoke else options.encodings,
                libraries=installed(chosen),
                measures=options.measures,
                rounds=1 if options.smoke else options.rounds,
                size=10_000 if options.smoke else options.size,
                hostile_scale=0.01 if options.smoke else 1.0,
                work=Path(work),
                command=command(sys.argv[1:]),
            )
            watch = quiet.Watch()
            data = run(plan)
            data["about"]["others"] = watch.others()
        options.output.mkdir(parents=True, exist_ok=True)
        raw = options.output / "results.json"
        raw.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        report.write(data, options.output)
    print(f"written to {options.output}")
    if options.publish:
        quiet.check(data["about"])
        (ROOT / "benchmarks" / "RESULTS.md").write_text(report.full(data), "utf-8")
    if options.smoke:
        wrong = report.failures(data)
        if wrong:
            raise SystemExit("\n".join(["the smoke run found faults:", *wrong]))


if __name__ == "__main__":
    main()
