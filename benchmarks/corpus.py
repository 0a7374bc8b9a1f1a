"""The texts that are measured: a folder of the user's own, or a small set made here."""

from __future__ import annotations

import base64
import html
import json
import random
import string
from collections.abc import Iterator
from pathlib import Path

from benchmarks.sentences import CJK, ENGLISH, MULTILINGUAL

ROOT = Path(__file__).resolve().parents[1]


def corpora(folder: Path | None, size: int) -> dict[str, tuple[str, str]]:
    """Name -> two unlike stretches of about ``size`` bytes, from every ``*.txt`` of the folder."""
    if folder is None:
        made = built_in(2 * size)
        return {name: two_slices(text.encode(), size) for name, text in made.items()}
    files = sorted(folder.glob("*.txt"))
    if not files:
        raise SystemExit(f"no *.txt file in {folder}")
    return {path.stem: two_slices(path.read_bytes(), size) for path in files}


def two_slices(data: bytes, size: int) -> tuple[str, str]:
    """Two neighbouring stretches of ``size`` bytes or, if there is less, of half of it all."""
    size = min(size, len(data) // 2)
    middle = character_start(data, size)
    return data[:middle].decode(), data[middle : character_start(data, 2 * size)].decode()


def character_start(data: bytes, position: int) -> int:
    """The start of the UTF-8 character that holds this byte."""
    while 0 < position < len(data) and data[position] & 0xC0 == 0x80:
        position -= 1
    return position


def strings_of(text: str, size: int) -> list[str]:
    """The text in strings of at most ``size`` bytes, and at most three bytes less."""
    data = text.encode()
    strings, start = [], 0
    while start < len(data):
        end = character_start(data, min(start + size, len(data)))
        strings.append(data[start:end].decode())
        start = end
    return strings


def hostile_runs(scale: float = 1.0) -> dict[str, str]:
    """Inputs on which a tokenizer may take more than linear time, or overflow its stack."""
    rng = random.Random(20261122)
    million, hundred_thousand = int(1_000_000 * scale), int(100_000 * scale)
    return {
        "a x 1e6": "a" * million,
        "random letters 1 MB": "".join(rng.choices(string.ascii_lowercase, k=million)),
        "Han character x 1e5": "\u4e2d" * hundred_thousand,
        "newlines x 1e5": "\n" * hundred_thousand,
        "spaces x 1e5": " " * hundred_thousand,
        "base64 1 MB": base64.b64encode(rng.randbytes(million * 3 // 4)).decode(),
        "digits 1 MB": "".join(rng.choices(string.digits, k=million)),
    }


# Short texts on which tokenizers are known to differ.
PROBES = [
    "I'\u017f said I'\u017fo",  # the long s, which matches 's where case is ignored
    "it's IT'S we'LL they'Ve d'D",
    "\u2019s \u02bcs",
    "a  \n\n  b\r\n\r\n\tc \t d   ",
    "\u00a0\u00a0x\u3000y\u2003\u2003z\u0085w",
    "word\u200bword\u200dword\ufeff",
    "12345678901234567890 \u0661\u0662\u0663\u0664 \u00bd\u2167",
    "e\u0301\u0301 \u0915\u094d\u0937\u093f \u0e01\u0e33 \U0001f469\u200d\U0001f4bb",
    "<|endoftext|> and <|endofprompt|>",
    "HelloWorldFOOBar fooBARBaz \u01c5ungla \u02b0a",
    "\U00010d4a\U00010d70 \U000105c0",  # letters new in Unicode 16.0
    "//* path/to///\n\n!?..\r\n",
    "x" * 400 + " " + "\u4e2d\u6587" * 200,
    "\t" * 70 + " \t" * 40 + "end",
    " \n" * 50 + "  ",
    "",
]


def built_in(size: int) -> dict[str, str]:
    """Six kinds of text of about ``size`` bytes each, the same on every run of one checkout.

    They are made from few sentences and this repository's own files, so they repeat themselves
    much more than texts from the world do: good for trying the benchmarks out, too kind to caches.
    """
    sources = [read(path) for path in sorted(ROOT.glob("csrc/*/*.cpp"))]
    sources += [read(path) for path in sorted(ROOT.glob("tokenkit/*.py"))]
    documents = [read(path) for path in sorted(ROOT.glob("*.md"))]
    return {
        "cjk": gather(sampled(CJK, "", 1), size),
        "code": gather(shuffled_lines(sources, 2), size),
        "english": gather(sampled(ENGLISH, " ", 3), size),
        "json": gather(records(4), size),
        "markup": gather(markup(documents, 5), size),
        "multilingual": gather(sampled(MULTILINGUAL, " ", 6), size),
    }


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def gather(parts: Iterator[str], size: int) -> str:
    """Parts of an endless stream, until there are ``size`` bytes."""
    taken, length = [], 0
    while length < size:
        part = next(parts)
        taken.append(part)
        length += len(part.encode())
    return "".join(taken)


def sampled(sentences: list[str], joiner: str, seed: int) -> Iterator[str]:
    """Paragraphs of sentences in random order, some with a number in them."""
    rng = random.Random(seed)
    while True:
        chosen = rng.choices(sentences, k=rng.randint(2, 6))
        if rng.random() < 0.3:
            chosen.append(f"({rng.randint(1, 99999)})")
        yield joiner.join(chosen) + "\n\n"


def shuffled_lines(files: list[str], seed: int) -> Iterator[str]:
    """The files as they are, then again and again in stretches of lines in random order."""
    yield from files
    rng = random.Random(seed)
    lines = "\n".join(files).splitlines(keepends=True)
    while True:
        start = rng.randrange(len(lines))
        yield "".join(lines[start : start + 20])


def records(seed: int) -> Iterator[str]:
    rng = random.Random(seed)
    while True:
        record = {
            "id": rng.getrandbits(48),
            "name": rng.choice(ENGLISH).split()[-1].strip(".").title(),
            "score": round(rng.gauss(50, 12), 3),
            "tags": rng.sample(["new", "paid", "draft", "public", "late"], k=rng.randint(0, 3)),
            "note": rng.choice(ENGLISH + MULTILINGUAL),
            "active": rng.random() < 0.5,
            "parent": None if rng.random() < 0.3 else f"{rng.getrandbits(64):016x}",
        }
        yield json.dumps(record, ensure_ascii=False) + "\n"


def markup(documents: list[str], seed: int) -> Iterator[str]:
    """The documents' lines, as Markdown and as HTML by turns."""
    rng = random.Random(seed)
    lines = [line for document in documents for line in document.splitlines() if line]
    while True:
        start = rng.randrange(len(lines))
        chosen = lines[start : start + 8]
        yield "\n".join(chosen) + "\n\n"
        items = "\n".join(f'  <li id="i{rng.randrange(999)}">{html.escape(x)}</li>' for x in chosen)
        yield f'<ul class="list">\n{items}\n</ul>\n\n'
