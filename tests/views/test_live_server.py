"""`tokenkit serve`: whom it answers, and how it ends. Needs the extra `browser`."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from live_server import LiveServer, live_server

from tokenkit.views import live_app

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with a file, and a limit of 1 MB for a request."""
    path = tmp_path_factory.mktemp("texts") / "a <b>.txt"
    path.write_bytes("naïve\r\n👩".encode())
    with live_server(str(path), "--max-mb", "4") as running:
        yield running


def test_its_own_page_is_answered(server: LiveServer) -> None:
    status, page, headers = server.ask("/")
    assert (status, page.count(b"<textarea")) == (200, 2)
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    for name in ("localhost", "[::1]"):
        assert server.ask("/", Host=f"{name}:{server.port}")[0] == 200
    status, text, headers = server.ask("/files/0")
    assert (status, text.decode()) == (200, "naïve\r\n👩")
    assert headers["content-type"].startswith("text/plain")
    for name in ("1", "-1", "x", "00", "9" * 5_000):
        assert server.ask(f"/files/{name}")[0] == 404
    origin = f"http://localhost:{server.port}"
    status, body, _ = server.ask("/tokens?encoding=o200k_base", b"hello world", Origin=origin)
    assert (status, body[:4]) == (200, b"\x02\0\0\0")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1"}, 421),
        ({"Host": "localhost.evil.example:80"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://localhost"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
    ],
)
def test_others_are_refused_in_words(
    server: LiveServer, headers: dict[str, str], expected: int
) -> None:
    for path, body in (("/files/0", None), ("/tokens?encoding=gpt2", b"x"), ("/chat", b"[]")):
        status, words, sent = server.ask(path, body, **headers)
        assert (status, words[:9]) == (expected, b"expected ")
        assert "access-control-allow-origin" not in sent


def test_a_link_from_elsewhere_leads_to_the_page_alone(server: LiveServer) -> None:
    assert server.ask("/", Sec_Fetch_Site="cross-site")[0] == 200
    assert server.ask("/files/0", Sec_Fetch_Site="none")[0] == 200


def test_methods_sizes_and_wrong_options(server: LiveServer) -> None:
    assert server.ask("/", method="DELETE")[0] == 405
    assert server.ask("/", method="OPTIONS", Origin="http://evil.example")[0] == 403
    assert server.ask("/nothing")[0] == 404
    status, words, _ = server.ask("/tokens?encoding=gpt2", b"x" * 1_000_001)
    assert (status, words) == (
        413,
        b"expected at most 1 MB of text, got more; "
        b"start the server with --max-mb for a higher limit",
    )
    # So does one that is much larger: the answer waits until all of it was sent.
    assert server.ask("/tokens?encoding=gpt2", b"x" * 50_000_000)[:2] == (status, words)
    assert server.ask("/tokens?encoding=gpt2", b"x" * 1_000_000)[0] == 200
    for path, body, expected in (
        ("/tokens?encoding=/etc/passwd", b"", "Unknown encoding '/etc/passwd'"),
        ("/tokens", b"", "expected an option 'encoding' in the address, got none"),
        ("/tokens?encoding=gpt2", b"\xff", "can't decode byte 0xff in position 0"),
        ("/counts?models=nix", b"", "nix"),
        ("/chat?model=gpt-4o", b"{", "expected JSON"),
        ("/chunks?encoding=gpt2&options={}", b"", "max_tokens"),
        ("/chunks?encoding=gpt2&options=5", b"", "options: expected a JSON object, got 5"),
        ("/chunks?encoding=gpt2&options=null", b"", "options: expected a JSON object, got None"),
        (f"/chunks?encoding=gpt2&options={'[' * 20_000}", b"", "nested less deeply"),
        ("/chat?model=gpt-4o", b"[" * 20_000, "nested less deeply"),
        ("/chat?model=gpt-4o&limit=-5", b"[]", "limit: expected a whole number of tokens"),
        ("/chat?model=gpt-4o&limit=9e1", b"[]", "limit: expected a whole number of tokens"),
    ):
        status, words, _ = server.ask(path, body)
        assert status == 400
        assert expected in words.decode()


def test_a_body_of_unknown_length_is_limited_too(server: LiveServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        head = (
            f"POST /tokens?encoding=gpt2 HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
        )
        line.sendall(head.encode())
        part = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        for _ in range(16):
            line.sendall(part)
        assert line.recv(64).startswith(b"HTTP/1.1 413")


HALF = "POST /tokens?encoding=gpt2 HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: 9\r\n\r\nhalf"


def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokenkit.views.live.app.LONGEST_WAIT", 0.05)
    sent: list[Any] = []
    parts = [{"type": "http.request", "body": b"half", "more_body": True}]

    async def receive() -> Any:
        return parts.pop() if parts else await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/tokens",
        "query_string": b"encoding=gpt2",
        "headers": [(b"host", b"localhost:1"), (b"content-length", b"9")],
    }
    with ThreadPoolExecutor() as pool:  # the browser of other tests has a loop in this thread
        pool.submit(asyncio.run, live_app(1)(scope, receive, send)).result()
    assert sent[0]["status"] == 408
    assert sent[1]["body"] == b"expected more of the request within 0.05 seconds"


def test_interrupting_waits_for_no_body() -> None:
    with live_server() as running, socket.create_connection(("127.0.0.1", running.port)) as line:
        line.sendall(HALF.format(running.port).encode())
        assert running.ask("/")[0] == 200
        code, said = running.interrupt()
    assert (code, said.split("\n")[-2]) == (0, "tokenkit: ended")
    assert "Traceback" not in said


def test_only_this_machine_reaches_it(server: LiveServer) -> None:
    listening = Path("/proc/net/tcp")
    if not listening.exists():
        pytest.skip("no list of sockets to read")
    port = f":{server.port:04X}"
    places = [line.split()[1] for line in listening.read_text().splitlines()[1:]]
    mine = {place for place in places if place.endswith(port)}
    assert mine == {f"0100007F{port}"}


def test_interrupting_ends_it_cleanly() -> None:
    with live_server() as running:
        assert running.ask("/")[0] == 200
        code, said = running.interrupt()
    assert (code, said) == (0, "tokenkit: ended\n")


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "-m", "tokenkit", "serve", "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 2
    assert f"Port {port} of 127.0.0.1: " in result.stderr
    assert "name another with --port" in result.stderr


def test_wrong_models_and_files_end_it_before_it_begins() -> None:
    for arguments, words in (
        (["-m", "none-such"], "none-such"),
        (["/no/such/file"], "/no/such/file: "),
    ):
        result = subprocess.run(
            [sys.executable, "-m", "tokenkit", "serve", "--port", "0", *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 2
        assert words in result.stderr
