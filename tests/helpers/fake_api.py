"""A local server that answers as the APIs do, and keeps the bodies that it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USED = {"prompt_tokens": 8, "completion_tokens": 2, "total_tokens": 10}
CHAT = {
    "id": "c",
    "object": "chat.completion",
    "created": 1_795_000_000,
    "model": "gpt-4o",
    "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi"}}
    ],
    "usage": USED,
}
CHUNKS = [
    {
        **{key: CHAT[key] for key in ("id", "created", "model")},
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": None}],
    },
    {
        **{key: CHAT[key] for key in ("id", "created", "model")},
        "object": "chat.completion.chunk",
        "choices": [],
        "usage": USED,
    },
]
RESPONSE = {
    "id": "r",
    "object": "response",
    "created_at": 1_795_000_000,
    "model": "gpt-4o",
    "status": "completed",
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": [],
    "output": [
        {
            "id": "m",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "Hi", "annotations": []}],
        }
    ],
    "usage": {"input_tokens": 8, "output_tokens": 2, "total_tokens": 10},
}
EMBEDDINGS = {
    "object": "list",
    "model": "text-embedding-3-small",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}],
    "usage": {"prompt_tokens": 8, "total_tokens": 8},
}
MESSAGE = {
    "id": "m",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-5",
    "content": [{"type": "text", "text": "Hi"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 8, "output_tokens": 2},
}
BEGUN = {"input_tokens": 8, "output_tokens": 0}
ENDED = {"stop_reason": "end_turn", "stop_sequence": None}
EVENTS: list[dict[str, Any]] = [
    {"type": "message_start", "message": {**MESSAGE, "content": [], "usage": BEGUN}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": ENDED, "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
]
GEMINI = {
    "candidates": [
        {"content": {"role": "model", "parts": [{"text": "Hi"}]}, "finishReason": "STOP"}
    ],
    "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 2, "totalTokenCount": 10},
    "modelVersion": "gemini-3.5-flash",
}


class FakeApi:
    """`url` is where it listens; `bodies` are the JSON bodies of requests, in their order."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.bodies: list[dict[str, Any]] = []
        self.paths: list[str] = []

    @property
    def last(self) -> dict[str, Any]:
        """The body of the newest request."""
        return self.bodies[-1]


def _answer(path: str, body: dict[str, Any]) -> tuple[str, str]:
    """The content type and the text of an answer."""
    streamed = bool(body.get("stream")) or "streamGenerateContent" in path
    if path.endswith("/chat/completions"):
        if streamed:
            lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in CHUNKS]
            return "text/event-stream", "".join([*lines, "data: [DONE]\n\n"])
        return "application/json", json.dumps(CHAT)
    if path.endswith("/messages"):
        if streamed:
            lines = [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in EVENTS]
            return "text/event-stream", "".join(lines)
        return "application/json", json.dumps(MESSAGE)
    if "enerateContent" in path:
        if streamed:
            return "text/event-stream", f"data: {json.dumps(GEMINI)}\n\n"
        return "application/json", json.dumps(GEMINI)
    if path.endswith("/embeddings"):
        return "application/json", json.dumps(EMBEDDINGS)
    if streamed:
        event = {"type": "response.completed", "sequence_number": 0, "response": RESPONSE}
        return "text/event-stream", f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
    return "application/json", json.dumps(RESPONSE)


@contextmanager
def fake_api() -> Iterator[FakeApi]:
    """Run the server on a free port of this machine while the block runs."""
    api = FakeApi("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length))
            path = self.path.partition("?")[0]
            api.bodies.append(body)
            api.paths.append(path)
            kind, text = _answer(path, body)
            data = text.encode()
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
