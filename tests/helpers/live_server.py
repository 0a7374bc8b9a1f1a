"""`tokenkit serve` as a process, for as long as a test needs it."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/")


class LiveServer:
    """A running server: its port, and requests to it as they are, whatever a browser would add."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port
        self.address = f"http://127.0.0.1:{port}/"

    def ask(
        self, path: str, body: bytes | None = None, *, method: str = "", **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method or ("GET" if body is None else "POST"), path, body, named)
        answer = connection.getresponse()
        result = answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()}
        connection.close()
        return result

    def interrupt(self) -> tuple[int, str]:
        """Press Ctrl-C; give the exit code, and what it says then."""
        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


@contextmanager
def live_server(*arguments: str) -> Iterator[LiveServer]:
    """Start a server at a free port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tokenkit", "serve", "--port", "0", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = ADDRESS.search(line)
        assert found, line + process.stderr.read()
        yield LiveServer(process, int(found[1]))
    finally:
        process.kill()
        process.wait()
