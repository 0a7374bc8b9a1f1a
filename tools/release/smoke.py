"""Try an installed wheel, with nothing beside it but what it needs.

    python -I smoke.py GOLDEN core   # right after the wheel is installed
    python -I smoke.py GOLDEN cli    # after its extra `cli` is installed, too

GOLDEN is tests/encodings/golden.json: texts, and their ids as tiktoken gives them. Needs nothing of
the checkout but that file, so it is run by its path and imports nothing from here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import distributions, files
from pathlib import Path
from typing import Any

import tokenkit

ALONE = {"numpy", "pip", "regex", "setuptools", "tokenkit-bpe", "wheel"}
TEXT = "# Tides\n\nThe sea rises and falls. The moon pulls.\n\n" * 50


def expect(condition: bool, what: object) -> None:
    if not condition:
        sys.exit(f"smoke: not as expected: {what}")


def tokenkit_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-m", "tokenkit", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def try_core(golden: dict[str, Any]) -> int:
    """Count, chunk, fit and price; every golden text in every encoding."""
    installed = {distribution.metadata["Name"].lower() for distribution in distributions()}
    expect(installed <= ALONE, f"packages beside it: {installed - ALONE}")
    expect(Path(tokenkit.__file__).is_relative_to(sys.prefix), tokenkit.__file__)
    shipped = {path.name for path in files("tokenkit-bpe") or ()}
    expect(
        {"LICENSE", "LICENSE-APACHE", "NOTICE", "py.typed", "tokenkit-bpe.cdx.json"} <= shipped,
        shipped,
    )

    compared = 0
    for name, expected in golden["encodings"].items():
        encoding = tokenkit.get_encoding(name)
        for text, (ids, with_special) in zip(golden["texts"], expected, strict=True):
            expect(encoding.encode_ordinary(text) == ids, (name, text))
            every = encoding.encode(text, allowed_special="all")
            expect(every == (ids if with_special is None else with_special), (name, text))
            expect(encoding.count(text) == len(ids), (name, text))
            expect(encoding.encode_ordinary(encoding.decode(ids)) == ids, (name, text))
            compared += 1

    chunks = tokenkit.chunk(TEXT, "text-embedding-3-small", max_tokens=100)
    expect("".join(chunk.text for chunk in chunks) == TEXT, chunks)
    expect(max(chunk.tokens for chunk in chunks) <= 100, chunks)
    chat = [{"role": "user", "content": TEXT * 10} for _ in range(40)]
    fitted = tokenkit.fit(chat, "gpt-5.2", max_output=200_000)
    expect(fitted.headroom >= 0 and 0 < len(fitted.dropped) < 40, fitted)
    price = tokenkit.cost("gpt-5.2", input_tokens=12_000, cached_tokens=8_000)
    expect(str(price) == "0.0084 USD", price)

    without = tokenkit_command("count", "-", "-m", "gpt-5.4")
    expect(without.returncode == 2 and "the package click" in without.stderr, without)
    return compared


def try_command() -> None:
    """Count a file, and write a page that shows its tokens."""
    Path("text.txt").write_text(TEXT, encoding="utf-8")
    counted = tokenkit_command("count", "text.txt", "-m", "gpt-5.4")
    expect(counted.stdout.strip() == str(tokenkit.count(TEXT, "gpt-5.4")), counted)
    shown = tokenkit_command("show", "text.txt", "-m", "gpt-5.4", "--html", "page.html")
    expect(shown.returncode == 0 and "Tides" in Path("page.html").read_text("utf-8"), shown)
    models = tokenkit_command("models", "--kind", "embedding")
    expect("text-embedding-3-small" in models.stdout, models)


if __name__ == "__main__":
    if sys.argv[2] == "core":
        print(try_core(json.loads(Path(sys.argv[1]).read_text("utf-8"))), "golden texts")
    else:
        try_command()
        print("the command")
