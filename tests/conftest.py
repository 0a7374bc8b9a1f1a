"""Fixtures for all tests, and how long hypothesis searches.

HYPOTHESIS_PROFILE names the profile: "dev", the default, is quick, "ci" is for `.ci/run`, "long"
for `.ci/long`, and "thorough" takes hours.
"""

from __future__ import annotations

import contextlib
import gc
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tiktoken
from hypothesis import HealthCheck, settings
from shared_state import SharedState
from tiktoken_offline import tiktoken_twin

import tokenkit
from tokenkit.encodings.known import BUNDLED

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Some properties speak of rare inputs only: the others are rejected and drawn again.
CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
# Where CI is set, the same examples are drawn each time, so that a failure is the change's fault;
# "long" and "thorough" draw new ones.
SAME = bool(os.environ.get("CI"))
PROFILES = {"dev": (6, SAME), "ci": (60, SAME), "long": (300, False), "thorough": (3000, False)}
for profile, (number, same) in PROFILES.items():
    settings.register_profile(
        profile,
        max_examples=number,
        deadline=None,
        derandomize=same,
        suppress_health_check=CHECKS,
    )
# Where Ray runs, Daft would run there too, on one that a test may have ended since.
os.environ.setdefault("DAFT_RUNNER", "native")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

collect_ignore = ["helpers/open_oracle.py"]  # imports a library of the extra `open`
APART = re.compile(r"^pytestmark = pytest\.mark\.(\w+)$", re.MULTILINE)


def pytest_configure(config: pytest.Config) -> None:
    """Give the tests, and the processes that they start, a cache of tokenizers of their own; what
    one makes known in its process, the next does not know."""
    folder = tempfile.mkdtemp(prefix="tokenkit-tests-")
    os.environ["TOKENKIT_CACHE_DIR"] = folder
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    config.pluginmanager.register(SharedState())


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass over files whose marker is not asked for: they import libraries of extras."""
    if not (collection_path.name.startswith("test_") and collection_path.suffix == ".py"):
        return None
    marker = APART.search(collection_path.read_text("utf-8"))
    asked: str = config.getoption("markexpr")
    if marker and asked and not re.search(rf"(?<!not )\b{marker[1]}\b", asked):
        return True
    return None


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Collect without looking for garbage, of which there is little; later searches for it leave
    out what is there now."""
    gc.disable()
    try:
        import_from_the_last(session)
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def import_from_the_last(session: pytest.Session) -> None:
    """Import all test files in every second worker from the last to the first, before they are
    collected: none then compiles, and rewrites the assertions of, what another one has."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    if int(worker[2:]) % 2 == 0 or session.config.args != session.config.getini("testpaths"):
        return
    for path in sorted(Path(__file__).parent.rglob("test_*.py"), reverse=True):
        if not pytest_ignore_collect(path, session.config):
            # What cannot be imported is an error of its collection, later.
            with contextlib.suppress(pytest.Collector.CollectError, pytest.skip.Exception):
                pytest.Module.from_parent(session, path=path).obj  # noqa: B018


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark each test that tries more in the profiles above "dev", for `.ci/run`."""
    searches = "by_profile" in vars(getattr(item, "module", None) or object)
    if searches or item.get_closest_marker("hypothesis"):
        item.add_marker("searches")


@pytest.fixture(scope="session")
def tiktoken_encoding() -> Callable[[str], tiktoken.Encoding]:
    """Gives tiktoken's own Encoding of a name."""
    return tiktoken_twin


@pytest.fixture(params=BUNDLED)
def enc(request: pytest.FixtureRequest) -> tokenkit.Encoding:
    """Each bundled encoding."""
    return tokenkit.get_encoding(request.param)


@pytest.fixture(params=["r50k_base", "cl100k_base", "o200k_base"])
def family(request: pytest.FixtureRequest) -> tokenkit.Encoding:
    """One encoding of each pattern family."""
    return tokenkit.get_encoding(request.param)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The program of the system's Chromium."""
    program = os.environ.get("TOKENKIT_CHROMIUM") or next(
        filter(None, map(shutil.which, CHROMIUM)), None
    )
    if program is None:
        names = ", ".join(CHROMIUM)
        pytest.fail(f"expected Chromium under one of the names {names}; TOKENKIT_CHROMIUM names it")
    return program


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """The system's Chromium, driven by playwright."""
    # Not importorskip: a reader who asks for these tests must not be told that they passed.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Its sandbox refuses root, the user of many containers; the pages are the tests' own.
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()
