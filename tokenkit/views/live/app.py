"""The live page's server: an ASGI application that answers the page alone, on this machine alone.

Any page that a browser shows may send requests to a local server, under a name of its own that
leads here, too. So a request must name this server (Host), come from its own page (Origin,
Sec-Fetch-Site), and be of bounded size. What is refused says why.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from tokenkit._checks import shown
from tokenkit.views.live.answers import chunks_answer, counts_answer, tokens_answer
from tokenkit.views.live.chat_answer import chat_answer
from tokenkit.views.live.page import live_page

__all__ = ["live_app"]

Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]

MOST_MB = 16
LONGEST_WAIT = 30.0  # seconds for the next part of a request's body
MOST_SKIPPED = 1_000_000_000  # bytes that are read only to be refused
NAMES = ("127.0.0.1", "localhost", "[::1]")  # of this machine, as Host writes them
_HEADERS = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def live_app(
    port: int,
    texts: Sequence[tuple[str, str]] = (),
    *,
    model: str | None = None,
    most_mb: int = MOST_MB,
) -> Any:
    """Make the application for a server that listens at `port` of this machine.

    `texts` are (name, text) to show, `model` is the name of the model to begin with, and a request
    may have `most_mb` megabytes. Raises UnknownModelError. Needs starlette (the extra `web`).
    """
    from starlette.applications import Starlette
    from starlette.routing import Route

    page, policy = live_page([name for name, _ in texts], model=model)
    routes = [
        Route("/", _shown(page, policy), methods=["GET"]),
        Route("/files/{index}", _file(texts), methods=["GET"]),
        Route("/tokens", _answering(_tokens), methods=["POST"]),
        Route("/counts", _answering(_counts), methods=["POST"]),
        Route("/chunks", _answering(_chunks), methods=["POST"]),
        Route("/chat", _answering(_chat), methods=["POST"]),
    ]
    return _Guard(Starlette(routes=routes), port, most_mb)


def _shown(page: str, policy: str) -> Callable[[Any], Any]:
    from starlette.responses import HTMLResponse

    def show(_request: Any) -> Any:
        return HTMLResponse(page, headers={"content-security-policy": policy})

    return show


def _file(texts: Sequence[tuple[str, str]]) -> Callable[[Any], Any]:
    from starlette.responses import PlainTextResponse

    # By the digits of an address: those of any length need not make a number.
    shown_texts = {str(index): text for index, (_, text) in enumerate(texts)}

    def give(request: Any) -> Any:
        index = request.path_params["index"]
        text = shown_texts.get(index)
        if text is None:
            return PlainTextResponse(f"expected a file below {len(texts)}, got {shown(index)}", 404)
        return PlainTextResponse(text.encode("utf-8", "replace"))

    return give


def _answering(answer: Callable[[str, Mapping[str, str]], bytes]) -> Callable[[Any], Any]:
    """Answer a text and the options of the address, on a thread; what is wrong with them as 400."""
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import PlainTextResponse, Response

    async def respond(request: Any) -> Any:
        try:
            text = (await request.body()).decode()
            body = await run_in_threadpool(answer, text, request.query_params)
        except RecursionError:
            return PlainTextResponse("expected JSON that is nested less deeply than this", 400)
        except (
            ModuleNotFoundError,
            NotImplementedError,
            TypeError,
            ValueError,
            LookupError,
        ) as error:
            words = str(error).encode("utf-8", "backslashreplace").decode()
            return PlainTextResponse(words, 400)
        return Response(body, media_type="application/octet-stream")

    return respond


def _option(query: Mapping[str, str], name: str) -> str:
    if name not in query:
        raise ValueError(f"expected an option {name!r} in the address, got none")
    return query[name]


def _tokens(text: str, query: Mapping[str, str]) -> bytes:
    special = query.get("special") == "1"
    return tokens_answer(text, _option(query, "encoding"), special=special)


def _counts(text: str, query: Mapping[str, str]) -> bytes:
    return _json(counts_answer(text, _option(query, "models").split("\n")))


def _chunks(text: str, query: Mapping[str, str]) -> bytes:
    options = json.loads(_option(query, "options"))
    if not isinstance(options, dict):
        raise ValueError(f"options: expected a JSON object, got {shown(options)}")
    return _json(chunks_answer(text, _option(query, "encoding"), options))


def _chat(text: str, query: Mapping[str, str]) -> bytes:
    limit = query.get("limit")
    if limit is not None and not (limit.isascii() and limit.isdecimal()):
        raise ValueError(f"limit: expected a whole number of tokens, got {shown(limit)}")
    return _json(chat_answer(text, query.get("model"), None if limit is None else int(limit)))


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


class _Guard:
    """Refuses what does not come from the page itself, and what is too large."""

    def __init__(self, app: Any, port: int, most_mb: int) -> None:
        self.app = app
        self.hosts = {f"{name}:{port}" for name in NAMES}
        self.origins = {f"http://{host}" for host in self.hosts}
        self.most = most_mb * 1_000_000

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        fault = self._fault(scope, headers)
        body = b""
        if fault is None:
            body, fault = await self._body(receive, whole="content-length" in headers)
        if fault is not None:
            await _refuse(send, *fault)
            return
        told = False

        async def again() -> Mapping[str, Any]:
            nonlocal told
            if told:
                return await receive()
            told = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def with_headers(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                ours = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                message = {**message, "headers": [*message["headers"], *ours]}
            await send(message)

        await self.app(scope, again, with_headers)

    def _fault(
        self, scope: Mapping[str, Any], headers: Mapping[str, str]
    ) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if host not in self.hosts:
            return 421, f"expected a Host out of {', '.join(sorted(self.hosts))}, got {host!r}"
        origin = headers.get("origin")
        if origin is not None and origin not in self.origins:
            return 403, f"expected a request of this page, got one with the Origin {origin!r}"
        site = headers.get("sec-fetch-site", "same-origin")
        # A link on another page may lead to the page itself, and to nothing else.
        if site not in ("same-origin", "none") and scope["path"] != "/":
            return 403, f"expected a request of this page, got one with Sec-Fetch-Site {site!r}"
        if scope["method"] not in ("GET", "POST"):
            return 405, f"expected GET or POST, got {scope['method']!r}"
        size = headers.get("content-length", "0")
        if size.isdecimal() and int(size) > self.most + MOST_SKIPPED:
            return self._too_large()
        return None

    def _too_large(self) -> tuple[int, str]:
        return 413, (
            f"expected at most {self.most // 1_000_000} MB of text, got more; "
            "start the server with --max-mb for a higher limit"
        )

    async def _body(self, receive: Receive, *, whole: bool) -> tuple[bytes, tuple[int, str] | None]:
        """Read a body. One that is too large is read to its end, if that is known, and not kept.

        A browser does not hear an answer while it sends.
        """
        parts: list[bytes] = []
        size = 0
        while True:
            try:
                message = await asyncio.wait_for(receive(), LONGEST_WAIT)
            except asyncio.TimeoutError:
                return b"", (408, f"expected more of the request within {LONGEST_WAIT:g} seconds")
            except asyncio.CancelledError:  # the server ends
                return b"", (503, "expected a whole request before the server ended")
            if message["type"] != "http.request":
                return b"", (400, "expected a whole request, got a part of one")
            part = message.get("body", b"")
            size += len(part)
            if size <= self.most:
                parts.append(part)
            elif not whole:
                return b"", self._too_large()
            if not message.get("more_body"):
                return (b"".join(parts), None) if size <= self.most else (b"", self._too_large())


async def _refuse(send: Send, status: int, words: str) -> None:
    body = words.encode("utf-8", "backslashreplace")
    headers = {
        **_HEADERS,
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(body)),
        "connection": "close",
    }
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
