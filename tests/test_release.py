"""The parts of a release agree: tool versions, systems, Python versions, the changelog."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import tokenkit

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
RUNNERS = {"ubuntu": "POSIX :: Linux", "macos": "MacOS", "windows": "Microsoft :: Windows"}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def project() -> dict[str, Any]:
    return tomllib.loads(text("pyproject.toml"))


def test_pre_commit_uses_the_tools_of_the_extra_lint() -> None:
    pins = re.findall(r'additional_dependencies: \["(.+)"\]', text(".pre-commit-config.yaml"))
    assert len(pins) >= 4
    assert set(pins) <= set(project()["project"]["optional-dependencies"]["lint"])


def test_wheels_are_built_for_what_the_classifiers_name() -> None:
    data = project()
    classifiers = data["project"]["classifiers"]
    match = re.search(r"os: \[(.+)\]", text(".github/workflows/wheels.yml"))
    assert match is not None
    systems = {RUNNERS[name.split("-")[0]] for name in match[1].split(", ")}
    named = {name.split(" :: ", 1)[1] for name in classifiers if name.startswith("Operating")}
    assert systems == named
    versions = re.findall(r"Python :: (3\.\d+)", "\n".join(classifiers))
    assert data["tool"]["cibuildwheel"]["build"] == [
        f"cp{version.replace('.', '')}-*" for version in versions
    ]


def test_a_release_is_checked_as_a_whole() -> None:
    steps = re.findall(r"- run: (python -m .+)", text(".github/workflows/wheels.yml"))
    built, checked = "python -m tools.release sdist", "python -m tools.release check"
    assert steps.index(built) < steps.index(checked)
    assert "python -m tools.release sdist" in text("RELEASING.md")
    for name in ("auditwheel", "cyclonedx-python-lib", "twine"):
        pins = project()["project"]["optional-dependencies"]["release"]
        assert any(re.match(rf"{name}(\[[\w-]+\])?==", pin) for pin in pins)


def test_changelog_leads_with_this_version() -> None:
    first = next(line for line in text("CHANGELOG.md").splitlines() if line.startswith("## "))
    assert tokenkit.__version__ in first


def test_releasing_is_ten_steps() -> None:
    steps = [line for line in text("RELEASING.md").splitlines() if re.match(r"\d+\. ", line)]
    assert len(steps) == 10


def test_the_hook_for_other_repositories_runs_as_it_is_written(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from tokenkit.cli.shared.app import app

    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    fields = dict(re.findall(r"^\s*-?\s*(entry|args): (.+)$", hooks, re.MULTILINE))
    program, *words = fields["entry"].split()
    arguments = [word.strip(' "') for word in fields["args"].strip("[]").split(",")]
    small, large = tmp_path / "small.md", tmp_path / "large.md"
    small.write_text("word " * 10)
    large.write_text("word " * 9_000)
    assert program == "tokenkit"
    for files, code in (([small], 0), ([small, large], 1)):
        result = CliRunner().invoke(app, [*words, *arguments, *map(str, files)])
        assert result.exit_code == code, result.output
