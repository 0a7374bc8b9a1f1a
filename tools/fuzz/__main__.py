"""Run fuzz drivers: each makes inputs from a seed, and checks what is promised for them.

    python -m tools.fuzz [NAME...] [--seconds N] [--seed S] [--only NUMBER]

Without names all run, one after the other. Input NUMBER of a seed is always the same, so a fault is
met again with `--only`. A fault ends the run with status 1; so does an input that takes longer than
a minute. The last line of each driver says how many inputs were tried.
"""

from __future__ import annotations

import argparse
import faulthandler
import itertools
import random
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

from .driver import Driver
from .drivers import DRIVERS

SLOWEST = 60  # seconds that one input may take
STDERR = 2  # a faulty process may have no other way to speak


def run(driver: Driver, seconds: float, seed: int, only: int | None = None) -> int | None:
    """Try inputs for some seconds, at least one. Returns how many, None after a fault, which is
    printed with the command that meets it again."""
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        for number in itertools.count() if only is None else (only,):
            faulthandler.dump_traceback_later(SLOWEST, exit=True, file=STDERR)
            try:
                driver.attempt(random.Random(f"{driver.name} {seed} {number}"), Path(folder))
            except Exception:
                traceback.print_exc()
                print(
                    f"{driver.name}: input {number} of seed {seed} breaks the promise: "
                    f"{driver.promise}\nagain: python -m tools.fuzz {driver.name} --seed {seed} "
                    f"--only {number}",
                    file=sys.stderr,
                )
                return None
            finally:
                faulthandler.cancel_dump_traceback_later()
            if time.monotonic() >= end:
                return number + 1
    return 1


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(DRIVERS)}")
    parser.add_argument("--seconds", type=float, default=20, help="for each driver (default: 20)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="only the input of this number")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - set(DRIVERS)
    if unknown:
        parser.error(f"expected names of {', '.join(DRIVERS)}, got {', '.join(sorted(unknown))}")
    faulthandler.enable(STDERR)
    warnings.simplefilter("ignore")  # what is said of a model is not looked at here
    status = 0
    for name in options.names or DRIVERS:
        driver = DRIVERS[name]
        tried = run(driver, options.seconds, options.seed, options.only)
        if tried is None:
            status = 1
        else:
            print(f"{name}: {tried} inputs with seed {options.seed}, {driver.promise}", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
