"""The command line in a test: by click's runner, or in a process of its own."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import IO
from unittest import mock

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


class Stream(io.TextIOWrapper):
    """Standard output or standard error, on a terminal or not."""

    def __init__(self, file: IO[bytes] | None = None, *, terminal: bool = False) -> None:
        super().__init__(file or io.BytesIO(), "utf-8", newline="", write_through=True)
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def text(self) -> str:
        """What was written to memory."""
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue().decode("utf-8", "surrogateescape")


def run_with(out: Stream, err: Stream, *arguments: object, data: bytes = b"") -> int:
    """Run the command with these outputs; return the exit code."""
    stdin = io.TextIOWrapper(io.BytesIO(data), "utf-8")
    code: object = None
    with redirect_stdout(out), redirect_stderr(err), mock.patch("sys.stdin", stdin):
        try:
            app.main(list(map(str, arguments)), prog_name="tokenkit")
        except SystemExit as end:
            code = end.code
    if not isinstance(code, int):
        raise AssertionError(f"the exit code is {code!r}")
    return code


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
