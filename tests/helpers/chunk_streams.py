"""Random texts, settings and cuttings for streams of chunks: hostile on purpose."""

from __future__ import annotations

import random
from typing import Any

UNITS = [
    "a", " ", "\n", "\r\n", "\r", "\t", "!", "-", "=", "~", "`", "1", "0a", "ab ", "x.y ", "- ",
    "word ", "Word. ", "it's ", "'", "/", "\n/", " \n", "\n ", "\n\n", "#", "# h\n", "|",
    "| a |\n", "\u6f22", "\u3002", "\u3002\u300c", "\u300d", "\u6f22\u5b57\u3002", "\u3001",
    "\uff01\uff1f", "\u3000", "\u0e01", "\u0e44\u0e17\u0e22 ",
    "\u0928\u092e\u0938\u094d\u0924\u0947\u0964 ", "\u0645\u0631\u062d\u0628\u0627\u060c ",
    "\u061f", "\u0301", "a\u0301", "\u00e9", "\u017f", "'\u017f", "\u00a0", "\u2028",
    " \u0301", "\u0605", "\u0605 ", "\u3000\u0301", "\u0605\u2028",
    "\U0001f1e9\U0001f1ea", "\U0001f1e9", "\U0001f469\u200d", "\U0001f469\u200d\U0001f4bb",
    "\u0915\u094d", "\u0915\u094d\u0937", "\U00013000", "\0", "<|endoftext|>",
    "aGVsbG8gd29ybGQ=", "{\n", "}\n", "    f(x);\n", "HELLOworld", "\ud83d", "\ude00",
    "\ud83d\ude00", "\ufeff",
]  # fmt: skip
LINES = [
    "# Title\n", "## Part\n", "### Third one ###\n", "Title\n=====\n", "Part\n----\n",
    "Sub\n~~~~~~~\n", "```\n", "```py\n", "````\n", "~~~\n", "    ```\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n", "\n", "\n\n",
    "Some words, and others. More words follow here; then an end.\n", "- an item\n",
    "def f(x):\n", "    return x\n", "}\n", "else {\n",
    "\u6f22\u5b57\u304b\u306a\u3001\u6f22\u5b57\u3002\n", "\r\n", "  \n", "word " * 30 + "\n",
]  # fmt: skip


JSON = [
    '{"id": 1, "note": "Some words. And more, with \\"quotes\\""}', '"key": ', '"a', '\\"', '", ',
    "[1, 2, 3]", "{", "}", "[", "]", "},", "],", ", ", ",", ":", "},{", "}, {", "\n", "\n  ", " ",
    "true", "\u6f22", '{"a":{"b":[{"c":1},{"d":2}]}},', "\\",
]  # fmt: skip
MARKUP = [
    "<p>Some words. And more.</p>", "<li>", "</li>", "<ul>", "</ul>", '<a href="x > y">', "</a>",
    "<tr><td>1</td><td>2</td></tr>", "<!-- a > comment", "-->", "<script>", "</script>", "<", ">",
    "<br>", "<x:y>", "</x:y>", "<item/>", "\n", "\n  ", " ", "words, and more. ", "'", '"',
    "\u6f22", "</b\u0301>",
]  # fmt: skip
BLOCKS = [
    "# Title\n", "Title\nof two\n===\n", "words, and more of them. ", "Words.\n", "===\n", "---\n",
    "- item\n", "  - inner\n", "1. one\n", "> quote\n", "> # no\n", "> ```\n", "```\n",
    "    code\n", "<!-- a\n", "-->", "<pre>\n", "</pre>", "<div>\n", "\n", "\n\n", "  \n", "\t",
    "\r\n", "\r",
    "[a]: b\n", "~~~~~\n", "| a | b |\n", "word " * 300, "\f", "\u6f22\u5b57\u3002",
]  # fmt: skip


def data_text(rng: random.Random, size: int) -> str:
    """JSON, markup or Markdown at its start, and anything behind it."""
    start, units = rng.choice(
        [('[{"id": 1}, ', JSON), ("<ul><li>One</li></ul>", MARKUP), ("# A\n\n", BLOCKS)]
    )
    parts = [start]
    while sum(map(len, parts)) < size:
        some = rng.sample(units, rng.randrange(2, len(units)))
        parts.extend(rng.choices(some, k=rng.randrange(1, 200)))
    return "".join(parts)


SEPARATORS = [
    "\n",
    "\n\n",
    ". ",
    "---",
    "word",
    "\r",
    " ",
    "\u6f22",
    "}",
    "</li>",
    "\u3002",
    "\n# ",
]


def hostile_text(rng: random.Random, size: int) -> str:
    """Runs, lines and mixtures, of about `size` characters."""
    parts: list[str] = []
    length = 0
    while length < size:
        kind = rng.random()
        if kind < 0.25:
            unit = rng.choice(UNITS)
            longest = rng.choice([20, 200, 2_000, 12_000])
            part = unit * rng.randrange(1, max(2, longest // len(unit)))
        elif kind < 0.35:
            blank = rng.choice([" ", "\t", "\u3000", "\u2028", "\xa0", "\n"])
            part = "\n" + blank * rng.randrange(1, rng.choice([20, 3_000, 12_000])) + "\n"
        elif kind < 0.6:
            part = "".join(rng.choices(LINES, k=rng.randrange(1, 40)))
        else:
            some = rng.sample(UNITS, rng.randrange(1, 8))
            part = "".join(rng.choices(some, k=rng.randrange(1, 400)))
        parts.append(part)
        length += len(part)
    return "".join(parts)


def random_settings(rng: random.Random, encoding: str) -> dict[str, Any]:
    limit = rng.choice([1, 2, 3, 5, 8, 12, 20, 50, 200])
    strategy = rng.choice(["greedy", "greedy", "token"])
    chosen = {
        "encoding": encoding,
        "max_tokens": limit,
        "strategy": strategy,
        "format": rng.choice(["auto", "text", "markdown", "code"]),
        "overlap": rng.choice([0, 0, min(1, limit - 1), limit // 3, limit // 2, limit - 1]),
        "trim": rng.random() < 0.4,
        "prefix": rng.choice(["", "", "", "T: ", "it'"]) if limit >= 8 else "",
        "reserve": rng.choice([0, 0, 1]),
        "min_tokens": rng.choice([0, 0, limit // 2]),
    }
    some = random.Random(repr(chosen))
    if strategy != "token" and some.random() < 0.4:
        chosen["separators"] = some.sample(SEPARATORS, 2)
    return chosen


def random_cuts(rng: random.Random, text: str) -> list[str]:
    """The text in parts, cut anywhere, some of them empty."""
    places = sorted(rng.choices(range(len(text) + 1), k=rng.choice([0, 3, 40])))
    return [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]
