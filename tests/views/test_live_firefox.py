"""The live page in Firefox, at home on a server and as a file from a disk (`pytest -m firefox`).

Playwright drives a Firefox of its own alone; puppeteer drives that of the system.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live_page import ATTACKS, COUNT_ALL, some_texts
from live_server import live_server
from npm_commands import run

import tokenkit
from tokenkit.views import live_file
from tokenkit.views.tokens import segments

pytestmark = pytest.mark.firefox

FIREFOX = ("firefox", "firefox-esr")
PUPPETEER = "puppeteer-core@25.16.0"
SCRIPT = Path(__file__).parent / "firefox.mjs"
ENCODING = tokenkit.get_encoding("o200k_base")
TYPED = "naïve café 漢字\nمرحبا 👩‍👩‍👧"
TEXTS = some_texts(100)
HIDDEN = set("\x00\u202e\u2066\u200b\u2028\x1b")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What both pages show."""
    program = os.environ.get("TOKENKIT_FIREFOX") or next(
        filter(None, map(shutil.which, FIREFOX)), None
    )
    if program is None:
        names = ", ".join(FIREFOX)
        pytest.fail(f"expected Firefox under one of the names {names}; TOKENKIT_FIREFOX names it")
    folder = tmp_path_factory.mktemp("firefox")
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    run("npm", "install", "--silent", "--no-audit", "--no-fund", PUPPETEER, folder=folder)
    script = shutil.copy(SCRIPT, folder)
    page = folder / "live page.html"
    page.write_text(live_file([], "o200k_base", model="gpt-5.4"), "utf-8")
    with live_server() as server:
        job = {
            "program": program,
            "pages": {"server": server.address, "file": page.as_uri()},
            "typed": TYPED,
            "countAll": COUNT_ALL,
            "texts": TEXTS,
            "attacks": ATTACKS,
            "model": "gpt-4",
        }
        yield json.loads(run("node", script, json.dumps(job), folder=folder))


@pytest.fixture(params=["server", "file"])
def shown(request: pytest.FixtureRequest, results: dict[str, Any]) -> dict[str, Any]:
    """What one of them shows."""
    page: dict[str, Any] = results[request.param]
    return page


def test_typed_texts_and_keys(shown: dict[str, Any]) -> None:
    ids = ENCODING.encode_ordinary(TYPED)
    assert shown["typed"] == len(ids)
    assert shown["tokens"] == [TYPED[one.start : one.end] for one in segments(TYPED, ENCODING)]
    first = [one.tokens[0].id for one in segments(TYPED, ENCODING)]
    assert shown["ids"] == [first[0], first[1], first[-1], first[-2]]


def test_a_hundred_texts_have_the_numbers_of_the_library(shown: dict[str, Any]) -> None:
    assert shown["counts"] == [ENCODING.count(text) for text in TEXTS]


def test_hostile_texts_run_nothing_and_are_seen(shown: dict[str, Any]) -> None:
    for text, after in zip(ATTACKS, shown["attacks"], strict=True):
        assert after["tokens"] == ENCODING.count(text)
        assert (after["title"], after["alien"]) == ("tokenkit: tokens as you type", 0)
        assert not set(after["seen"]) & HIDDEN
    assert shown["troubles"] == []


def test_a_link_holds_all_that_is_shown(shown: dict[str, Any]) -> None:
    chunks = tokenkit.chunk(TEXTS[0], encoding=ENCODING, max_tokens=5)
    assert shown["chunks"] == shown["sharedChunks"] == len(chunks)
    assert shown["shared"] == TEXTS[0]


def test_a_model_switches_its_encoding(results: dict[str, Any]) -> None:
    server, file = results["server"], results["file"]
    count = tokenkit.count(TEXTS[0], "gpt-4")
    assert (server["encoding"], server["switched"]) == ("cl100k_base", count)
    # One vocabulary is in the file.
    assert (file["encoding"], file["switched"]) == ("o200k_base", ENCODING.count(TEXTS[0]))
    assert file["note"].startswith("gpt-4 uses cl100k_base; the tokens are those of o200k_base.")
