"""The npm package in Node gives what the Python package gives, and tiktoken."""

from __future__ import annotations

import itertools
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hostile_texts import hostile_texts
from npm_commands import ROOT, run
from plain_chats import plain_chats, some_limits
from tiktoken_offline import tiktoken_twin

import tokenkit

pytestmark = pytest.mark.javascript

CHAT: list[dict[str, Any]] = [
    {"role": "system", "content": "You answer in one word. 短く。"},
    {
        "role": "developer",
        "content": [{"type": "text", "text": "a "}, {"type": "text", "text": "b"}],
    },
    {"role": "user", "content": "Where is the tower?  \n", "name": "ada"},
    {"role": "assistant", "content": "Paris", "refusal": None},
    {"role": "user", "content": ""},
]
DOCUMENT = "\n".join(
    (ROOT / name).read_text("utf-8")[:9000] for name in ("README.md", "docs/words.md", "setup.py")
)


def texts_of(encoding: tokenkit.Encoding) -> list[str]:
    """Slices of files, hostile strings, and strings made of random tokens."""
    rng = random.Random(encoding.name)
    texts = [text for text in hostile_texts() if not re.search("[\ud800-\udfff]", text)]
    texts = rng.sample(texts, 120)
    for path in ("README.md", "csrc/README.md", "setup.py", "tests/chunking/test_chunker.py"):
        whole = (ROOT / path).read_text("utf-8") if (ROOT / path).exists() else DOCUMENT
        texts += [whole[at : at + rng.randrange(2000)] for at in rng.sample(range(len(whole)), 6)]
    texts += [
        "مرحبا بالعالم، هذا نص عربي. " * 9,
        "日本語のテキスト。改行\n\nもある" * 9,
        "👩‍👩‍👧🏳️‍🌈🇩🇪 " * 9,
    ]
    tokens = [token for token in encoding.token_byte_values() if _is_text(token)]
    texts += [b"".join(rng.choices(tokens, k=40)).decode() for _ in range(40)]
    return [*texts, "\ufeffmark", "a<|endoftext|>b<|endofprompt|>"]


def _is_text(token: bytes) -> bool:
    try:
        token.decode()
    except UnicodeDecodeError:
        return False
    return True


def text_case(encoding: tokenkit.Encoding, text: str) -> dict[str, Any]:
    ids = encoding.encode_ordinary(text)
    assert ids == tiktoken_twin(encoding.name).encode_ordinary(text)
    return {
        "text": text,
        "ids": ids,
        "allowed": encoding.encode(text, allowed_special="all"),
        "utf16": encoding.token_spans(text, unit="utf16").ravel().tolist(),
        "bytes": encoding.token_spans(text, unit="byte").ravel().tolist(),
        "ends": encoding.truncate(text, 5, keep="ends"),
    }


def chunk_cases(encoding: tokenkit.Encoding) -> list[dict[str, Any]]:
    """Every strategy and format with several sizes, and each other option."""
    formats, strategies = ("auto", "text", "markdown", "code"), ("optimal", "greedy", "token")
    options: list[dict[str, Any]] = [
        {"maxTokens": size, "format": format, "strategy": strategy, "overlap": size // 5}
        for format, strategy, size in itertools.product(formats, strategies, (20, 150))
    ]
    options += [{"maxTokens": 60, "tightness": tightness} for tightness in (0, 0.2, 0.8, 1)]
    options += [{"maxTokens": 60, "trim": True, "minTokens": 30}]
    options += [{"maxTokens": 60, "prefix": "title: ", "reserve": 7, "separators": ["|\n", "é"]}]
    texts = [DOCUMENT, "# 題 👩‍👩‍👧\n\n" + "日本語のテキスト。👍🏽 " * 60]
    return [
        {"text": text, "options": option, "expected": chunks_of(encoding, text, option)}
        for text in texts
        for option in options
    ]


def chunks_of(
    encoding: tokenkit.Encoding, text: str, options: dict[str, Any]
) -> list[dict[str, Any]]:
    """The chunks as JavaScript shows them: offsets in units of UTF-16."""
    named = {re.sub("[A-Z]", lambda c: "_" + c[0].lower(), key): options[key] for key in options}
    units = [0, *itertools.accumulate(len(c.encode("utf-16-le")) // 2 for c in text)]
    return [
        {
            "text": chunk.text,
            "start": units[chunk.start],
            "end": units[chunk.end],
            "tokens": chunk.tokens,
            "input": chunk.input,
            "index": chunk.index,
            "overlap": chunk.overlap,
            "boundary": chunk.boundary,
            "headings": list(chunk.headings),
        }
        for chunk in tokenkit.chunk(text, encoding=encoding, **named)
    ]


def chat_cases(encoding: tokenkit.Encoding) -> list[dict[str, Any]]:
    """Chats of every length for every model that has this encoding, by every name of it."""
    cases = []
    for model in tokenkit.list_models(include_retired=True):
        if model.encoding != encoding.name or not model.takes_messages:
            continue
        for name in (model.name, *model.aliases, *model.snapshots):
            if tokenkit.get_model(name) is not model:
                continue
            for size in range(len(CHAT) + 1) if name == model.name else [3]:
                count = tokenkit.count_messages(CHAT[:size], name)
                parts = [
                    {"where": p.where, "kind": p.kind, "tokens": p.tokens, "index": p.index}
                    for p in count.parts
                ]
                expected = {
                    "tokens": count.tokens,
                    "low": count.low,
                    "high": count.high,
                    "exact": count.exact,
                    "notes": list(count.notes),
                    "parts": parts,
                }
                cases.append({"messages": CHAT[:size], "model": name, "expected": expected})
    return cases


def fit_cases(encoding: tokenkit.Encoding) -> list[dict[str, Any]]:
    """A hundred random chats, for all models of this encoding in turn, each with several limits."""
    models = [
        model
        for model in tokenkit.list_models(include_retired=True)
        if model.encoding == encoding.name and model.takes_messages and model.context_window
    ]
    chats = plain_chats(max(100, len(models)), encoding.name) if models else ()
    cases = []
    for chat, model in zip(chats, itertools.cycle(models)):
        tokens = tokenkit.count_messages(chat, model).tokens
        own = tokenkit.Budget.for_model(model).input_limit
        for limit in (*some_limits(tokens, model.name), own, 10**9):
            cases.append(fit_case(chat, model.name, limit))
    if models:  # more than the model itself can take
        model = min(models, key=lambda model: model.context_window or 0)
        texts = [{"role": "user", "content": "word " * 3_000} for _ in range(12)]
        cases.append(fit_case(texts, model.name, 10**6))
    return cases


def fit_case(chat: list[dict[str, Any]], model: str, limit: int) -> dict[str, Any]:
    fitted = tokenkit.fit(chat, model, max_output=None, max_input=limit, on_overflow="return")
    assert fitted.truncated == ()
    expected = {
        "tokens": fitted.tokens,
        "low": fitted.low,
        "high": fitted.high,
        "exact": fitted.exact,
        "notes": list(fitted.notes),
        "messages": fitted.messages,
        "limit": fitted.limit,
        "limitName": fitted.limit_name,
        "headroom": fitted.headroom,
        "dropped": [
            {"index": d.index, "message": d.message, "tokens": d.tokens, "reason": d.reason}
            for d in fitted.dropped
        ],
        "model": fitted.model,
    }
    return {"messages": chat, "model": model, "maxInput": limit, "expected": expected}


def test_numbers_are_those_of_python_and_tiktoken(project: Path) -> None:
    cases = {}
    for name in tokenkit.list_encoding_names()[:7]:
        encoding = tokenkit.get_encoding(name)
        cases[name] = {
            "texts": [text_case(encoding, text) for text in texts_of(encoding)],
            "chunks": chunk_cases(encoding),
            "chats": chat_cases(encoding),
            "fits": fit_cases(encoding),
            "special": {
                "n_vocab": encoding.n_vocab,
                "eot_token": encoding.eot_token,
                "names": sorted(encoding.special_tokens_set),
            },
        }
    assert sum(len(case["chats"]) for case in cases.values()) > 500
    assert sum(len(case["fits"]) for case in cases.values()) > 1000
    (project / "cases.json").write_text(json.dumps(cases), "utf-8")
    script = project / "check.mjs"
    script.write_text((Path(__file__).parent / "check.mjs").read_text("utf-8"), "utf-8")
    print(run("node", script, project / "cases.json", project / "data", folder=project))
