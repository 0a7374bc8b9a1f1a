"""The documentation site in a real browser: search works from files, without the network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly. Needs the extra `docs`."""
    folder = tmp_path_factory.mktemp("site")
    result = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return folder


def test_search_works_from_files_without_the_network(site: Path, browser: Any) -> None:
    asked: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / "index.html").as_uri())
    page.click("input.md-search__input")
    page.keyboard.type("neighbours share", delay=20)
    page.wait_for_selector(".md-search-result__item")
    assert "Chunking" in page.inner_text(".md-search-result__list")
    page.close()
    assert asked
    assert all(url.startswith(("file:", "data:", "blob:", "about:")) for url in asked)


def test_reference_shows_signature_text_and_example(site: Path, browser: Any) -> None:
    page = browser.new_page()
    page.goto((site / "reference" / "encodings.html").as_uri())
    entry = page.locator(".doc-object", has=page.locator('[id="tokenkit.count"]')).first
    text = entry.inner_text()
    page.close()
    assert "text: Text" in text
    assert "Raises ValueError" in text
    assert '>>> tokenkit.count("hello world", "gpt-5.4")\n2' in text


def test_the_live_page_is_there_to_try(site: Path, browser: Any) -> None:
    asked: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / "live.html").as_uri())
    page.click("text=Try it here")
    page.wait_for_selector("#app[data-ready]")
    page.fill("#box", "hello world")
    page.wait_for_selector('#total[data-tokens="2"]')
    page.close()
    assert all(url.startswith(("file:", "data:", "blob:", "about:")) for url in asked)
