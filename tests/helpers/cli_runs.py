"""The command line in a test: by click's runner, or in a process of its own."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

from click.testing import CliRunner, Result

import tokenkit
from tokenkit.cli.shared.app import app

# For processes that run in another folder.
ELSEWHERE = {
    **{
        name: value
        for name, value in os.environ.items()
        if name not in ("TOKENKIT_ENCODING", "PYTHONUNBUFFERED")
    },
    "PYTHONPATH": str(Path(tokenkit.__file__).parents[1]),
    "PYTHONUTF8": "1",
}


def run(
    *arguments: object,
    data: str | bytes | None = None,
    environment: dict[str, str] | None = None,
) -> Result:
    words = [str(word) for word in arguments]
    return CliRunner().invoke(app, words, input=data, env=environment)


def opened_fifo(path: str | Path, seconds: float = 60) -> int:
    """Open a FIFO for writing once a process reads it, which is then past all earlier inputs."""
    end = time.monotonic() + seconds
    while True:
        try:
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:  # ENXIO: nobody reads it yet
            if error.errno != errno.ENXIO or time.monotonic() > end:
                raise
        time.sleep(0.01)


def process(
    *arguments: object, data: bytes = b"", python: tuple[str, ...] = ("-m", "tokenkit")
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *python, *map(str, arguments)],
        input=data,
        env=ELSEWHERE,
        capture_output=True,
        check=False,
        timeout=60,
    )
