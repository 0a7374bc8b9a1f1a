"""Lines of request files, and the keys of their bodies."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st
from search import examples

from tokenkit.shapes import APIS, RequestBook, read_line, read_request
from tokenkit.shapes.request_lines import CHAT_API, EMBEDDINGS_API, RESPONSES_API

CHAT = [{"role": "user", "content": "Hi"}]
REPLY = {"role": "assistant", "content": "Hello!"}
BODY = {"model": "gpt-4o", "messages": CHAT}


@pytest.mark.parametrize(
    ("url", "api", "deployment"),
    [
        ("/v1/chat/completions", CHAT_API, ""),
        ("/chat/completions", CHAT_API, ""),
        ("/v1/responses", RESPONSES_API, ""),
        ("/v1/embeddings/", EMBEDDINGS_API, ""),
        ("/openai/v1/responses", RESPONSES_API, ""),
        ("/openai/deployments/ours/chat/completions?api-version=2024-10-21", CHAT_API, "ours"),
        ("/deployments/ours/embeddings", EMBEDDINGS_API, "ours"),
    ],
)
def test_endpoints(url: str, api: str, deployment: str) -> None:
    line = read_line({"custom_id": "1", "method": "POST", "url": url, "body": BODY})
    assert (line.kind, line.api, line.deployment) == ("batch", api, deployment)


@pytest.mark.parametrize(
    "path", ["completions", "moderations", "images/generations", "images/edits", "videos"]
)
def test_endpoints_of_the_batch_api_that_are_not_counted(path: str) -> None:
    record = {"custom_id": "1", "method": "POST", "url": f"/v1/{path}", "body": {}}
    with pytest.raises(ValueError, match=f"url: /v1/{path} is not counted here"):
        read_line(record)


@pytest.mark.parametrize("url", ["/v1/files", "v1/chat/completions", "", None, "/v2/responses"])
def test_other_urls_name_all_eight_endpoints(url: Any) -> None:
    with pytest.raises(ValueError, match="url: expected one of") as caught:
        read_line({"custom_id": "1", "method": "POST", "url": url, "body": {}})
    assert str(caught.value).count("/v1/") >= 8


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (BODY, "body"),
        ({"messages": CHAT, "temperature": 0}, "body"),
        ({"model": "m", "input": "Hi"}, "body"),
        ({"input": "Hi", "previous_response_id": "r"}, "body"),
        ({"messages": [*CHAT, REPLY]}, "example"),
        ({"messages": [*CHAT, REPLY], "seed": 1, "user": "u", "metadata": {}}, "example"),
        ({"messages": CHAT, "reference_answer": "5"}, "example"),
        ({"messages": [*CHAT, REPLY], "tools": [], "parallel_tool_calls": True}, "example"),
        (
            {
                "input": {"messages": CHAT},
                "preferred_output": [REPLY],
                "non_preferred_output": [REPLY],
            },
            "preference",
        ),
    ],
)
def test_kinds_of_lines(record: dict[str, Any], kind: str) -> None:
    assert read_line(record).kind == kind


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"custom_id": "1", "response": {"body": {}}}, "a result of a batch"),
        ({"custom_id": "1", "params": {"model": "c"}}, "Anthropic's message batches"),
        ({"key": "1", "request": {"contents": []}}, "batches of Bedrock"),
        ({"recordId": "1", "modelInput": {}}, "batches of Bedrock"),
        ({"prompt": "a", "completion": "b"}, "prompt and completion"),
        ({"input": "a", "output": "b"}, "got input, output"),
        ({}, "got an empty object"),
        ([BODY], "expected an object"),
    ],
)
def test_lines_of_others_are_named(record: Any, words: str) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        read_line(record)
    assert words in str(caught.value)


# A body of each API with an object at every path that its table names.
FULL: dict[str, dict[str, Any]] = {
    CHAT_API: {
        **BODY,
        "prediction": {"type": "content", "content": "word"},
        "web_search_options": {"user_location": {"approximate": {}}},
        "audio": {},
        "moderation": {"policy": {"input": {}, "output": {}}},
        "prompt_cache_options": {},
        "stream_options": {},
    },
    RESPONSES_API: {
        "model": "gpt-4o",
        "input": "Hi",
        "text": {},
        "conversation": {"id": "c"},
        "prompt": {"id": "p"},
        "image": {},
        "reasoning": {},
        "moderation": {"policy": {"input": {}, "output": {}}},
        "prompt_cache_options": {},
        "background_options": {},
        "access_programs": {},
        "stream_options": {},
    },
    EMBEDDINGS_API: {"model": "m", "input": ["a"]},
}
# Of these the counter, not the table, reads what is inside.
READ_ELSEWHERE = ("messages", "input")


API_OF = {api.endpoint: api for api in APIS.values()}


def objects(value: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """All objects in a body, with their paths."""
    found = [(path, value)]
    for key, item in value.items():
        if isinstance(item, dict):
            found += objects(item, f"{path}.{key}".lstrip("."))
    return found


@pytest.mark.parametrize("api", FULL)
def test_keys_that_the_api_knows_are_known(api: str) -> None:
    book = read_request(API_OF[api], FULL[api])
    assert not [note for note in book.doubts if "not known" in note]


@given(
    api=st.sampled_from(list(FULL)),
    key=st.text(min_size=1, max_size=8).map(lambda text: f"x_{text}"),
    value=st.none() | st.integers() | st.text() | st.lists(st.text()) | st.just({"a": 1}),
    pick=st.integers(0, 20),
)
@examples(100)
def test_no_key_passes_unseen(api: str, key: str, value: Any, pick: int) -> None:
    """Whatever is added to a body, at any depth, is named by its path."""
    import copy

    body = copy.deepcopy(FULL[api])
    places = objects(body)
    path, target = places[pick % len(places)]
    target[key] = value
    book: RequestBook = read_request(API_OF[api], body, "body")
    where = ".".join(part for part in ("body", path, key) if part)
    named = book.notes if value is None else book.doubts
    assert any(note.startswith(f"{where}: this key is not known") for note in named)


@pytest.mark.parametrize("value", [True, 0, -1, "5", 1.5, [1]])
@pytest.mark.parametrize("key", ["n", "max_tokens", "max_completion_tokens"])
def test_numbers_that_the_api_refuses_are_problems(key: str, value: Any) -> None:
    book = read_request(APIS["chat.completions"], {**BODY, key: value})
    (problem,) = book.problems
    assert problem.startswith(f"{key}: expected a whole number of at least 1, got ")
    assert not {"choices", "max_tokens", "max_completion_tokens"} & book.fields.keys()
