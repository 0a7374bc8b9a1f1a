"""Compare two states of this repository: ``python -m benchmarks.two_states --before CHECKOUT``.

CHECKOUT is another state of it, built in place, as is the one at hand. Each figure is taken in a
fresh process, of either state in turn, in CPU time. Prints milliseconds for each MB, before and
now, and the median of the ratios of neighbouring processes with the lowest and the highest: above
1, the state at hand is faster.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.corpus import ROOT, corpora
from benchmarks.fresh import QUIET

SIZE = 1_000_000  # bytes of a text

# Figures of one call on two texts, with the package in the folder that it runs in.
WORKER = """
import json, sys, time
from pathlib import Path
import numpy
import tokenkit
from benchmarks.measures import WARM_UP, passes

name = sys.argv[1]
enc = tokenkit.load_encoding(name) if Path(name).exists() else tokenkit.get_encoding(name)
call = getattr(enc, sys.argv[2])
texts = [Path(path).read_bytes().decode() for path in sys.argv[3:]]
call(WARM_UP)
print(json.dumps(passes(call, *texts, time.process_time)))
"""


def figures(checkout: Path, encoding: str, call: str, texts: list[Path]) -> dict[str, float]:
    """Return the seconds of each pass of one call, in a fresh process of a state."""
    answer = subprocess.run(
        [sys.executable, "-c", WORKER, encoding, call, *map(str, texts)],
        cwd=checkout,
        env={k: value for k, value in os.environ.items() if k != "PYTHONPATH"} | QUIET,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return dict(json.loads(answer.stdout))


def line(name: str, before: list[float], now: list[float]) -> str:
    ratios = [a / b for a, b in zip(before, now, strict=True)]
    spread = f"{statistics.median(ratios):.2f} [{min(ratios):.2f}-{max(ratios):.2f}]"
    times = " > ".join(f"{statistics.median(times) * 1e3:7.2f}" for times in (before, now))
    return f"{name:36} {times}  {spread}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--before", type=Path, required=True, help="the other state")
    parser.add_argument("--corpus", type=Path, help="folder of *.txt files (default: made here)")
    parser.add_argument("--encoding", default="o200k_base", help="a name, or a tokenizer file")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    states = (options.before.resolve(), ROOT)
    with tempfile.TemporaryDirectory() as folder:
        for case, pair in corpora(options.corpus, SIZE).items():
            texts = [Path(folder, f"{case}.{number}") for number in (1, 2)]
            for path, text in zip(texts, pair, strict=True):
                path.write_bytes(text.encode())
            for call in ("encode_to_numpy", "count"):
                rounds = [
                    [figures(state, options.encoding, call, texts) for state in states]
                    for _ in range(options.rounds)
                ]
                for name in rounds[0][0]:
                    before, now = ([pair[k][name] for pair in rounds] for k in (0, 1))
                    print(line(f"{case}: {call}, {name}", before, now), flush=True)


if __name__ == "__main__":
    main()
