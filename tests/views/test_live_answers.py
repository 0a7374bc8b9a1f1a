"""Answers of the live page's server: the numbers are the library's."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tokenkit
from tokenkit.views.live.answers import chunks_answer, counts_answer, tokens_answer
from tokenkit.views.live.chat_answer import chat_answer
from tokenkit.views.live.model_facts import model_facts
from tokenkit.views.live.page import live_page
from tokenkit.views.live.script import joined_script

DAY = date(2026, 11, 30)
CHAT = [
    {"role": "system", "content": "Be short."},
    {"role": "user", "content": "old words " * 300},
    {"role": "assistant", "content": "Yes."},
    {"role": "user", "content": "And now?"},
]
TOOL = {"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}


def read(answer: bytes) -> tuple[list[int], list[list[int]], list[list[int]]]:
    words = np.frombuffer(answer, "<u4").astype(int)
    n = int(words[0])
    ids, units, octets = words[1 : n + 1], words[n + 1 : 3 * n + 1], words[3 * n + 1 :]
    return ids.tolist(), units.reshape(-1, 2).tolist(), octets.reshape(-1, 2).tolist()


@given(st.lists(st.sampled_from(["<|endoftext|>", "<|end", "oftext|>", "a b", "👩", "é", "\n"])))
def test_tokens_are_those_of_the_library(parts: list[str]) -> None:
    text = "".join(parts)
    enc = tokenkit.get_encoding("o200k_base")
    ids, units, octets = read(tokens_answer(text, "o200k_base"))
    assert ids == enc.encode_ordinary(text)
    assert units == enc.token_spans(text, unit="utf16").tolist()
    assert octets == enc.token_spans(text, unit="byte").tolist()
    ids, units, octets = read(tokens_answer(text, "o200k_base", special=True))
    assert ids == enc.encode(text, allowed_special="all")
    data, wide = text.encode(), text.encode("utf-16-le")
    for token, (begin, end), (first, last) in zip(ids, octets, units, strict=True):
        assert data[begin:end] == enc.decode_single_token_bytes(token)
        whole = wide[2 * first : 2 * last].decode("utf-16-le").encode()
        assert data[begin:end] in whole
    assert [begin for begin, _ in octets] == [0, *(end for _, end in octets)][: len(octets)]


def test_the_longest_special_token_stands_where_several_may() -> None:
    ranks = {bytes([byte]): byte for byte in range(256)}
    special = {"<s>": 300, "<s>>": 301}
    enc = tokenkit.Encoding(
        "nested", pat_str=r"\w+|\W+", mergeable_ranks=ranks, special_tokens=special
    )
    enc.enlist()
    ids, units, octets = read(tokens_answer("é<s>><s>a", "nested", special=True))
    assert ids == [*"é".encode(), 301, 300, ord("a")]
    assert units == [[0, 1], [0, 1], [1, 5], [5, 8], [8, 9]]
    assert octets == [[0, 1], [1, 2], [2, 6], [6, 9], [9, 10]]


@pytest.mark.parametrize("special", [False, True])
def test_tokens_without_a_place_are_counted(special: bool) -> None:
    enc = tokenkit.get_encoding("gemma3")
    text = "a\u2581b <bos>"  # U+2581 is a space for its tokenizer
    words = np.frombuffer(tokens_answer(text, "gemma3", special=special), "<u4").tolist()
    allowed: Any = "all" if special else ()
    expected = enc.encode(text, allowed_special=allowed or set(), disallowed_special=())
    assert words == [len(expected), *expected]


def test_one_id_with_two_names_has_the_place_of_the_one_that_is_there() -> None:
    text = "a<|endofprompt|>b<|reserved_200018|>👩"
    ids, units, _ = read(tokens_answer(text, "o200k_harmony", special=True))
    assert ids[1] == ids[3] == 200018
    assert [text[slice(*units[index])] for index in (1, 3)] == [
        "<|endofprompt|>",
        "<|reserved_200018|>",
    ]


def test_counts_are_exact_or_have_bounds() -> None:
    rows = counts_answer("hello world", ["gpt-4o", "claude-sonnet-5", "gpt-6-luna"])
    assert rows["gpt-4o"]["tokens"] == 2
    estimate = tokenkit.estimate_tokens("hello world", "claude-sonnet-5")
    assert (rows["claude-sonnet-5"]["low"], rows["claude-sonnet-5"]["high"]) == (
        estimate.low,
        estimate.high,
    )
    assert not rows["gpt-6-luna"]["exact"]  # its encoding is assumed
    with pytest.raises(tokenkit.UnknownModelError):
        counts_answer("", ["none-such"])
    with pytest.raises(ValueError, match="at most 100, got 101"):
        counts_answer("", ["gpt-4o"] * 101)


def test_chunks_lie_where_the_library_puts_them() -> None:
    text = "# 👩 One\n\nTwo 漢字. Three.\n\n" * 9
    chunks = tokenkit.chunk(text, encoding="o200k_base", max_tokens=20, overlap=4)
    rows = chunks_answer(text, "o200k_base", {"max_tokens": 20, "overlap": 4})["chunks"]
    wide = text.encode("utf-16-le")
    assert [wide[2 * row["start"] : 2 * row["end"]].decode("utf-16-le") for row in rows] == [
        chunk.text for chunk in chunks
    ]
    assert [(row["tokens"], row["overlap"], row["boundary"], row["headings"]) for row in rows] == [
        (chunk.tokens, chunk.overlap, chunk.boundary, list(chunk.headings)) for chunk in chunks
    ]
    with pytest.raises(ValueError, match=r"expected some of .*, got 'prefix'"):
        chunks_answer("", "o200k_base", {"max_tokens": 2, "prefix": "x"})


REQUESTS: dict[str, Any] = {
    "list": CHAT,
    "chat": {"model": "gpt-4.1", "messages": CHAT, "tools": [TOOL]},
    "anthropic": {
        "model": "claude-sonnet-5",
        "max_tokens": 100,
        "system": "Be short.",
        "messages": CHAT[1:],
    },
    "responses": {"model": "gpt-4.1", "instructions": "Be short.", "input": CHAT[1:]},
    "gemini": {
        "model": "gemini-3.8-flash",
        "contents": [
            {"role": "user", "parts": [{"text": "old words " * 300}]},
            {"role": "model", "parts": [{"text": "Yes."}]},
            {"role": "user", "parts": [{"text": "And now?"}]},
        ],
    },
    "batch line": {
        "custom_id": "1",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"model": "gpt-4.1", "messages": CHAT},
    },
}


@pytest.mark.parametrize("name", REQUESTS)
def test_chats_of_all_shapes(name: str) -> None:
    request = REQUESTS[name]
    answer = chat_answer(json.dumps(request), "gpt-4.1", 200)
    models: dict[str, Any] = {} if name != "list" else {"model": "gpt-4.1"}
    check = tokenkit.preflight(request, **models)
    assert {key: answer[key] for key in ("tokens", "low", "high", "fits", "cost_high")} == {
        key: check.to_dict()[key] for key in ("tokens", "low", "high", "fits", "cost_high")
    }
    assert sum(part["tokens"] for part in answer["parts"]) == check.tokens
    told = [part for part in answer["parts"] if "text" in part]
    assert told[-1]["text"].find("And now?") >= 0
    fitted = answer["fit"]
    assert fitted["tokens"] <= 200
    assert "dropped" in {message["status"] for message in fitted["messages"]}
    assert tokenkit.preflight(json.loads(fitted["request"]), **models).tokens == fitted["tokens"]


OLD = "old " * 90
SHAPES: list[tuple[str, Any]] = [
    ("input", "Hello"),
    (
        "input",
        [{"role": "user", "content": OLD}, {"type": "message", "role": "user", "content": "Hi"}],
    ),
    ("contents", "Hello"),
    ("contents", [OLD, "Hello"]),
    (
        "contents",
        [{"role": "user", "parts": [{"text": OLD}]}, {"role": "model", "parts": []}, "Hi"],
    ),
    ("contents", {"parts": [{"text": "Hello"}]}),
]


@pytest.mark.parametrize(("key", "chat"), SHAPES)
def test_a_fitted_request_has_the_shapes_that_were_given(key: str, chat: Any) -> None:
    request = {"model": {"input": "gpt-5.4", "contents": "gemini-3.8-flash"}[key], key: chat}
    kept = chat[-1:] if isinstance(chat, list) else chat
    for limit, expected in ((5_000, chat), (40, kept)):
        fitted = chat_answer(json.dumps(request), None, limit)["fit"]
        assert json.loads(fitted["request"]) == {**request, key: expected}


def test_what_cannot_be_fitted_says_so() -> None:
    answer = chat_answer(json.dumps(CHAT), "gpt-4.1", 3)
    assert answer["fit"]["over"] > 0
    answer = chat_answer('{"model": "text-embedding-3-small", "input": "hi"}', None, 3)
    assert "holds no chat" in answer["fit"]["error"]
    answer = chat_answer(json.dumps({"model": "none-such", "messages": CHAT}), None, 3)
    assert "Unknown model 'none-such'" in answer["fit"]["error"]
    nothings: list[Any] = [None, 5, {}]
    for key, model in (("messages", "gpt-4.1"), ("contents", "gemini-3.8-flash")):
        for nothing in nothings:
            answer = chat_answer(json.dumps({"model": model, key: nothing}), None, 3)
            assert any(problem["severity"] == "error" for problem in answer["problems"])
            assert "error" in answer["fit"]
    with pytest.raises(ValueError, match="nested less deeply"):
        chat_answer("[" * 99_999, "gpt-4.1", None)
    with pytest.raises(ValueError, match="expected each key of an object once, got 'model' twice"):
        chat_answer('{"model": "gpt-4", "messages": [], "model": "gpt-4o"}', None, None)
    for text in ("", "{", "nope"):
        with pytest.raises(ValueError, match=r"expected JSON, .* line 1, column"):
            chat_answer(text, "gpt-4.1", None)


def test_facts_of_models_are_those_of_the_registry() -> None:
    facts = {model["name"]: model for model in model_facts(DAY)}
    assert facts["dall-e-3"] == {
        "name": "dall-e-3",
        "provider": "openai",
        "kind": "image",
        "textless": True,
    }
    facts = {name: model for name, model in facts.items() if "textless" not in model}
    unpriced = {name for name, model in facts.items() if "prices" not in model}
    assert unpriced == {
        name for name in facts if "standard" not in tokenkit.get_model(name).prices_on(DAY)
    }
    for name in ("gpt-5.4", "text-embedding-3-small", "claude-sonnet-5"):
        model = tokenkit.get_model(name)
        assert facts[name]["prices"]["input"] == model.prices["standard"]["input"]
        assert facts[name].get("window") == model.context_window
    assert facts["gpt-5.4"]["prices"]["long"][0]["above"] == 272_000


@pytest.mark.parametrize("name", ["</script><script>x()</script>", "{{script}}", "\u202e\x00"])
def test_names_of_files_cannot_leave_their_place(name: str) -> None:
    page, policy = live_page([name])
    plain, _ = live_page(["plain"])
    assert page.count("<script") == plain.count("<script")
    assert name not in page or name == "{{script}}"
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy


def test_modules_are_joined_once_each_after_what_they_import() -> None:
    files = {
        "a.js": 'import { one } from "./b.js";\nimport { two } from "../c/d.js";\none(two);\n',
        "b.js": 'import { two } from "../c/d.js";\nexport const one = two;\n',
        "../c/d.js": "const two = 2;\nexport { two };\n",
    }
    script = joined_script("a.js", files.__getitem__)
    heads = [line for line in script.splitlines() if line.startswith("const module_")]
    assert heads == [f"const module_{name} = (() => {{" for name in ("_c_d", "b", "a")]
    assert "import" not in script
    assert "export" not in script
