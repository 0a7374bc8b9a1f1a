"""The npm package, packed and installed into an empty project."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from npm_commands import ROOT, run


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has the package and nothing else; vocabularies lie in its folder `data`."""
    folder = tmp_path_factory.mktemp("project")
    run("npm", "pack", "--silent", "--pack-destination", folder, folder=ROOT / "js")
    (tarball,) = folder.glob("*.tgz")
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    install = ("npm", "install", "--silent", "--offline", "--no-audit", "--no-fund")
    run(*install, tarball, folder=folder)
    if "TOKENKIT_WASM" in os.environ:  # a core that was compiled just now
        shutil.copy(os.environ["TOKENKIT_WASM"], folder / "node_modules/tokenkit/tokenkit.wasm")
    shutil.copytree(ROOT / "tokenkit" / "data", folder / "data")
    return folder
