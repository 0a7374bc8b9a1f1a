"""Ids that tiktoken gave once; needs no tiktoken to run.

`python tests/encodings/test_golden.py` records them again, with tiktoken and our vocabularies.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tokenkit
from tokenkit.encodings.known import BUNDLED

PATH = Path(__file__).with_name("golden.json")
TEXTS = [
    "",
    "hello world",
    " hello  world \n",
    "How many tokens is this?",
    " tokenization hamburger hamburgers",
    "I'm you're WE'LL they'd it'S can'\u017f I'\u017f don'T",
    "camelCaseWords XMLHttpRequest iPhone ABCdef ABC'll",
    "1 12 123 1234 12345 1,234.56 \u0663\u0664\u0665 \u2167 \u00b2\u00b3 1a2b",
    "def f(x):\n    return x  # a comment\n\n\n\tif x:\r\n\t\tpass\r\n",
    "a  b   c    \n  \n   d\t\t e\u3000\u3000f\u00a0 g\u0085h",
    "end with spaces   ",
    "end with newlines\n\n \n",
    "tabs\t \t \tx",
    "https://example.org/a/b?c=d&e=%20#f /usr/lib//x\n/y",
    "!!! ... ??? --- === <<<>>> ($1.00) [x]{y}",
    "你好，世界！我非常渴望与人工智能一起工作。",
    "日本語とカタカナとｶﾀｶﾅ",
    "안녕하세요 세계",
    "Привет, мир! Ελληνικά Türkçe İstanbul ǅungla ʰ",
    "สวัสดีชาวโลก नमस्ते दुनिया நடிகர் சூர்யா مرحبا بالعالم שלום",
    "e\u0301 a\u0308\u0323 \u0301 x\u0301\u0301",
    "🙂 👍🏽 👩\u200d👩\u200d👧\u200d👦 🇩🇪🇫🇷 ☃️",
    "lone \ud83d and \ude00",
    "\ufeffbom \u200bzero \u200dwidth \u2028 line \u2029 para",
    "\x00\x01\x1c\x1d\x7f\x80\x9f control",
    "\u088f\u1acf\ua7ce\U000323b0\U00016ea0 newer than Unicode 16",
    "\ud7ff\ue000\ufffd\uffff\U0010ffff",
    "a" * 60 + " " * 60 + "\n" * 40 + "0" * 40,
    "aB" * 40 + "漢" * 30 + "й" * 30,
    " \n" * 25 + "\t" * 25 + "x" + "\r\n" * 20,
    "aGVsbG8gd29ybGQhIFRoaXMgaXMgYmFzZTY0IHRleHQ= qzxjkvwpqzxjkvwp",
    "text <|endoftext|> more <|fim_prefix|><|endofprompt|> <|start|>user<|message|>hi<|end|>",
    "<|endoftext|><|endoftext|>  <|endoftext",
]


def golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="ascii"))
    return found


@pytest.mark.parametrize("name", BUNDLED)
def test_recorded_ids(name: str) -> None:
    enc = tokenkit.get_encoding(name)
    recorded = golden()["encodings"][name]
    assert len(recorded) == len(golden()["texts"]) == len(TEXTS)
    for text, (ordinary, special) in zip(golden()["texts"], recorded, strict=True):
        special = ordinary if special is None else special
        assert enc.encode_ordinary(text) == ordinary
        assert enc.encode(text, disallowed_special=()) == ordinary
        assert enc.encode(text, allowed_special="all") == special
        assert enc.count(text) == len(ordinary)
        assert enc.count(text, allowed_special="all") == len(special)


def test_texts_are_those_here() -> None:
    assert golden()["texts"] == TEXTS
    assert golden()["source"] == "tiktoken 0.14.0"


def record() -> None:
    import tiktoken
    from tiktoken_offline import tiktoken_twin

    encodings = {}
    for name in BUNDLED:
        enc = tiktoken_twin(name)
        both = [(enc.encode_ordinary(t), enc.encode(t, allowed_special="all")) for t in TEXTS]
        encodings[name] = [(ids, None if ids == special else special) for ids, special in both]
    result = {"source": f"tiktoken {tiktoken.__version__}", "texts": TEXTS, "encodings": encodings}
    text = json.dumps(result, separators=(",", ":")).replace("]],", "]],\n").replace('","', '",\n"')
    PATH.write_text(text + "\n", encoding="ascii", newline="\n")


if __name__ == "__main__":
    record()
