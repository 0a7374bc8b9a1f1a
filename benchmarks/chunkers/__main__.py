"""Compares chunkers: ``python -m benchmarks.chunkers --help``."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import shlex
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks import quiet
from benchmarks.chunkers import report
from benchmarks.chunkers.peers import CHUNKERS, MODEL
from benchmarks.corpus import ROOT, built_in, character_start, hostile_runs
from benchmarks.fresh import ask
from benchmarks.schedule import cpu_model, say
from benchmarks.vocabularies import prepare

OVERLAP = 64
SMOKE_BYTES = 20_000
SMOKE_TEXTS = ("code", "hostile")


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="python -m benchmarks.chunkers",
        description="Compare tokenkit's chunks with those of other libraries, each in fresh "
        "processes: speed, memory, promises kept, and where chunks end.",
    )
    add = result.add_argument
    add("--corpus", type=Path, nargs="+", metavar="PATH", default=[],
        help="text files, and folders of *.txt files (default: texts made here)")  # fmt: skip
    add("--encoding", default="o200k_base", choices=list(MODEL))
    add("--chunk-size", type=int, default=512, metavar="TOKENS")
    add("--rounds", type=int, default=5, help="how often everything is timed (default: 5)")
    add("--size", type=int, default=1_000_000, metavar="BYTES",
        help="of a longer text, take this much from its middle (default: 1 MB)")  # fmt: skip
    add("--output", type=Path, default=ROOT / "build" / "chunkers", metavar="DIR")
    add("--publish", action="store_true",
        help="write benchmarks/chunkers/RESULTS.md, if all was quiet")  # fmt: skip
    add("--from-json", type=Path, metavar="FILE", help="report an earlier run, measuring nothing")
    add("--smoke", action="store_true",
        help="short texts, one round: does everything run, are our promises kept?")  # fmt: skip
    return result


def texts_of(paths: list[Path], size: int) -> dict[str, bytes]:
    """Name -> UTF-8 of each text, at most `size` bytes from its middle."""
    if not paths:
        made = built_in(size)
        made["hostile"] = " <|endoftext|> ".join(hostile_runs(size / 4_000_000).values())
        return {name: text.encode() for name, text in made.items()}
    files = [
        file for path in paths for file in (sorted(path.glob("*.txt")) if path.is_dir() else [path])
    ]
    if not files:
        raise SystemExit("no *.txt file in the corpus")
    found: dict[str, bytes] = {}
    for file in files:
        if file.stem in found:
            raise SystemExit(f"two texts are called {file.stem}")
        data = file.read_bytes()
        start = character_start(data, max(0, (len(data) - size) // 2))
        found[file.stem] = data[start : character_start(data, min(start + size, len(data)))]
    return found


def run(options: argparse.Namespace, work: Path) -> dict[str, Any]:
    for library in CHUNKERS.values():
        try:
            version(library.distribution)
        except PackageNotFoundError:
            hint = f"{library.distribution} is not installed: pip install '.[bench]'"
            raise SystemExit(hint) from None
    prepare(options.encoding, ["tiktoken"], work / "vocabularies")
    texts = texts_of(options.corpus, SMOKE_BYTES if options.smoke else options.size)
    if options.smoke:
        texts = {name: texts[name] for name in list(texts) if name in SMOKE_TEXTS} or texts
    for name, data in texts.items():
        (work / name).write_bytes(data)
    rounds = 1 if options.smoke else options.rounds
    common = {"encoding": options.encoding, "chunk_size": options.chunk_size}
    runs = []
    for number in range(1, rounds + 1):
        for name in texts:
            say(f"round {number}/{rounds}: {name}")
            for chunker in CHUNKERS:
                job = {**common, "chunker": chunker, "text": str(work / name)}
                job |= {"overlap": 0, "judge": number == 1}
                values = answer(job, work)
                runs.append({"round": number, "text": name, "chunker": chunker, "values": values})
    overlaps = []
    for name in texts:
        say(f"overlap: {name}")
        for chunker in (chunker for chunker in CHUNKERS if CHUNKERS[chunker].overlap):
            job = {**common, "chunker": chunker, "text": str(work / name), "overlap": OVERLAP}
            overlaps.append({"text": name, "chunker": chunker, "values": answer(job, work)})
    about = {
        "command": command(sys.argv[1:]),
        "date": datetime.date.today().isoformat(),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} on {platform.machine()}",
        "python": platform.python_version(),
        "versions": {one.distribution: version(one.distribution) for one in CHUNKERS.values()},
        "encoding": options.encoding,
        "chunk_size": options.chunk_size,
        "overlap": OVERLAP,
        "rounds": rounds,
        "bytes": {name: len(data) for name, data in texts.items()},
    }
    about["versions"]["tiktoken"] = version("tiktoken")
    return {"about": about, "runs": runs, "overlaps": overlaps}


def answer(job: dict[str, Any], work: Path) -> dict[str, Any]:
    """Return the answer of a fresh process, or {"error": ...}."""
    threads = dict.fromkeys(("RAYON_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    environment = {**os.environ, **threads, "TOKENIZERS_PARALLELISM": "false"}
    environment |= {"TIKTOKEN_CACHE_DIR": str(work / "vocabularies"), "HF_HUB_OFFLINE": "1"}
    return ask("benchmarks.chunkers.worker", job, environment)


def command(arguments: list[str]) -> str:
    """The command as others would type it: where files are on this machine is left out."""
    shown, hidden = ["python", "-m", "benchmarks.chunkers"], ""
    for word in arguments:
        if word.startswith("--"):
            hidden = word.partition("=")[0] if word.startswith(("--corpus", "--output")) else ""
            if hidden == "--corpus":
                shown += ["--corpus", "PATH..."]
            elif not hidden and word != "--publish":
                shown.append(word)
        elif not hidden:
            shown.append(word)
    return " ".join(word if word == "PATH..." else shlex.quote(word) for word in shown)


def main() -> None:
    options = parser().parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    if options.from_json:
        data = json.loads(options.from_json.read_text(encoding="utf-8"))
    else:
        with tempfile.TemporaryDirectory(prefix="tokenkit-chunkers-") as work:
            watch = quiet.Watch()
            data = run(options, Path(work))
            data["about"]["others"] = watch.others()
        raw = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
        (options.output / "results.json").write_text(raw, encoding="utf-8")
    (options.output / "results.md").write_text(report.full(data), encoding="utf-8")
    print(f"written to {options.output}")
    if options.publish:
        quiet.check(data["about"])
        results = ROOT / "benchmarks" / "chunkers" / "RESULTS.md"
        results.write_text(report.full(data), encoding="utf-8")
    if options.smoke:
        wrong = report.failures(data)
        if wrong:
            raise SystemExit("\n".join(["the smoke run found faults:", *wrong]))


if __name__ == "__main__":
    main()
