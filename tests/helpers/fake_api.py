"""A local server that answers as the APIs do, and keeps the bodies that it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

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
CHUNKS: list[dict[str, Any]] = [
    {
        **{key: CHAT[key] for key in ("id", "created", "model")},
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}],
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


Call: TypeAlias = tuple[str, dict[str, Any], str]  # of a tool: its name, its arguments, the id


class FakeApi:
    """`url` is where it listens; `bodies` are the JSON bodies of requests, in their order.

    Each of `calls` (a tool's name, its arguments) is the answer to one request, in place of a text,
    and each of `texts` is said by one answer, in place of "Hi".
    Count endpoints answer `tokens`. `faults` are statuses, headers and texts to answer with first,
    one each; without a status there is no answer at all.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.texts: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.tokens = 8
        self.faults: list[tuple[int, dict[str, str], str]] = []
        self.closing = threading.Event()

    @property
    def last(self) -> dict[str, Any]:
        """The body of the newest request."""
        return self.bodies[-1]


def _chat(call: Call | None, streamed: bool) -> list[dict[str, Any]]:
    """A chat completion, or its chunks."""
    if call is None:
        return CHUNKS if streamed else [CHAT]
    function = {"name": call[0], "arguments": json.dumps(call[1])}
    tool_call = {"index": 0, "id": call[2], "type": "function", "function": function}
    said = {"role": "assistant", "content": None, "tool_calls": [tool_call]}
    choice = {"index": 0, "finish_reason": "tool_calls"}
    if streamed:
        return [{**CHUNKS[0], "choices": [{**choice, "delta": said}]}, CHUNKS[1]]
    return [{**CHAT, "choices": [{**choice, "message": said}]}]


def _response(call: Call | None, streamed: bool) -> list[dict[str, Any]]:
    """A response, or the event that ends its stream."""
    response = RESPONSE
    if call is not None:
        made = {"name": call[0], "arguments": json.dumps(call[1]), "call_id": call[2]}
        item = {"type": "function_call", "id": "fc", "status": "completed", **made}
        response = {**RESPONSE, "output": [item]}
    if not streamed:
        return [response]
    return [{"type": "response.completed", "sequence_number": 0, "response": response}]


def _message(call: Call | None, streamed: bool) -> list[dict[str, Any]]:
    """A message of Anthropic's, or its events."""
    if call is None:
        return EVENTS if streamed else [MESSAGE]
    block = {"type": "tool_use", "id": call[2], "name": call[0], "input": call[1]}
    ended = {**ENDED, "stop_reason": "tool_use"}
    if not streamed:
        return [{**MESSAGE, "content": [block], **ended}]
    delta = {"type": "input_json_delta", "partial_json": json.dumps(call[1])}
    return [
        EVENTS[0],
        {**EVENTS[1], "content_block": {**block, "input": {}}},
        {**EVENTS[2], "delta": delta},
        EVENTS[3],
        {**EVENTS[4], "delta": ended},
        EVENTS[5],
    ]


def _gemini(call: Call | None) -> list[dict[str, Any]]:
    """A response of Gemini, which is also the only event of its stream."""
    if call is None:
        return [GEMINI]
    parts = [{"functionCall": {"name": call[0], "args": call[1]}}]
    content = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}
    return [{**GEMINI, "candidates": [content]}]


def _counted(path: str, tokens: int) -> dict[str, int] | None:
    """The answer of a count endpoint, None for other paths."""
    if path.endswith(("/input_tokens", "/count_tokens")):
        return {"input_tokens": tokens}
    return {"totalTokens": tokens} if path.endswith(":countTokens") else None


def _answer(path: str, body: dict[str, Any], call: Call | None) -> tuple[str, str]:
    """The content type and the text of an answer."""
    streamed = bool(body.get("stream")) or "streamGenerateContent" in path
    end = ""
    if path.endswith("/chat/completions"):
        answers, end = _chat(call, streamed), "data: [DONE]\n\n"
    elif path.endswith("/messages"):
        answers = _message(call, streamed)
    elif "enerateContent" in path:
        answers = _gemini(call)
    elif path.endswith("/embeddings"):
        answers = [EMBEDDINGS]
    else:
        answers = _response(call, streamed)
    if not streamed:
        return "application/json", json.dumps(answers[0])
    named = (f"event: {event['type']}\n" if "type" in event else "" for event in answers)
    lines = [
        f"{name}data: {json.dumps(event)}\n\n" for name, event in zip(named, answers, strict=True)
    ]
    return "text/event-stream", "".join([*lines, end])


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
            api.headers.append({name.lower(): value for name, value in self.headers.items()})
            counted = _counted(path, api.tokens)
            status, headers = 200, {"content-type": "application/json"}
            if api.faults:
                status, headers, text = api.faults.pop(0)
                if not status:
                    api.closing.wait(10)
                    return
            elif counted is not None:
                text = json.dumps(counted)
            else:
                call = (*api.calls.pop(0), f"call_{len(api.bodies)}") if api.calls else None
                headers["content-type"], text = _answer(path, body, call)
                if call is None and api.texts:
                    text = text.replace('"Hi"', json.dumps(api.texts.pop(0)))
            data = text.encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield api
    finally:
        api.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
