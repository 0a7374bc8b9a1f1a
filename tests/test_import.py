"""Modules that importing loads, in processes of their own."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from file_tokenizers import byte_level
from tokenizer_files import write_json

HEAVY = ["numpy", "regex", "click", "rich", "tiktoken", "typing_extensions"]
HEAVY += ["pyarrow", "polars", "pandas"]


def loaded_by(code: str) -> set[str]:
    """The modules that are new after the code, in a Python without site packages' own hooks."""
    program = f"import sys; before = set(sys.modules)\n{code}\nprint(*set(sys.modules) - before)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import tokenkit",
        "import tokenkit; tokenkit.get_encoding('o200k_base').count('hello world')",
        "import tokenkit; tokenkit.count('hello <|endoftext|>', 'gpt-4')",
        "import tokenkit; tokenkit.get_encoding('gpt2').encode('hello world')",
        "import tokenkit; tokenkit.truncate('one two three', 2, 'gpt-4')",
        "import tokenkit; tokenkit.get_model('gpt-5.4')",
        "import tokenkit; tokenkit.fit([{'role': 'user', 'content': 'hi'}], 'gpt-5.4')",
        "import tokenkit.cli",
    ],
)
def test_nothing_heavy(code: str) -> None:
    modules = loaded_by(code)
    assert "tokenkit" in modules
    assert not modules.intersection(HEAVY)


def test_import_reads_no_vocabulary() -> None:
    ours = {name for name in loaded_by("import tokenkit") if name.startswith("tokenkit")}
    assert ours == {"tokenkit", "tokenkit._face", "tokenkit._locks"}


def test_counting_loads_what_it_needs() -> None:
    """Of the package, and of the standard library what only counting brings."""
    modules = loaded_by("import tokenkit; tokenkit.get_encoding('o200k_base').count('hello world')")
    ours = {name.removeprefix("tokenkit.") for name in modules if name.startswith("tokenkit.")}
    files = """arrow bundled columns encoding engine known mapping measures patterns ragged settings
    special stream text vocabulary"""
    inner = {f"encodings.{name}" for name in files.split()}
    assert ours == {"_checks", "_core", "_face", "_locks", "encodings", "errors"} | inner
    assert not modules.intersection(["typing", "dataclasses", "inspect", "json", "contextlib"])
    assert not modules.intersection(
        ["collections", "collections.abc", "importlib.util", "warnings"]
    )


def test_a_tokenizer_file_that_was_seen_needs_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that reads or compiles it, and of the standard library no more than this."""
    monkeypatch.setenv("TOKENKIT_CACHE_DIR", str(tmp_path / "cache"))
    path = write_json(tmp_path, byte_level())
    time.sleep(0.2)  # a file that is younger is read again
    code = f"import tokenkit; tokenkit.load_encoding({str(path)!r}).count('hello world')"
    assert {"numpy", "hashlib"} < loaded_by(code)
    modules = loaded_by(code)
    assert "tokenkit.encodings.cache.compiled" in modules
    assert not modules.intersection([*HEAVY, "typing", "dataclasses", "inspect", "contextlib"])
    assert not modules.intersection(["pickle", "tokenkit.encodings.compile.compiler"])
    if sys.platform != "win32":  # where its content is always read
        assert "hashlib" not in modules
    assert {name for name in modules if name.startswith("tokenkit.encodings.formats.")} == {
        f"tokenkit.encodings.formats.{name}" for name in ("contents", "faults", "sources")
    }


def test_known_names_need_no_registry() -> None:
    code = "import tokenkit; tokenkit.count('hello world', 'gpt-4o-2024-11-20')"
    assert "tokenkit.models.registry" not in loaded_by(code)


def test_gemini_needs_no_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENKIT_CACHE_DIR", str(tmp_path))
    code = "import tokenkit; tokenkit.count('hello world', 'gemini-3.5-flash')"
    loaded_by(code)  # compiles the vocabulary
    modules = loaded_by(code)
    assert "tokenkit.encodings.published" in modules
    assert not modules.intersection(["tokenkit.models", "dataclasses", "inspect", "hashlib"])


def test_every_name_is_there() -> None:
    code = (
        "import tokenkit\n"
        "names = {name: getattr(tokenkit, name) for name in tokenkit.__all__}\n"
        "assert set(tokenkit.__all__) <= set(dir(tokenkit))\n"
        "from tokenkit import *\n"
        "try: tokenkit.no_such_name\n"
        "except AttributeError as error: assert 'no_such_name' in str(error)\n"
        "else: raise SystemExit('no AttributeError')"
    )
    assert "tokenkit" in loaded_by(code)


def test_submodules_are_attributes() -> None:
    code = (
        "import tokenkit as tiktoken\n"
        "assert tiktoken.model.MODEL_TO_ENCODING['gpt-4o'] == 'o200k_base'\n"
        "assert tiktoken.core.Encoding is tiktoken.Encoding\n"
        "assert tiktoken.registry.get_encoding is tiktoken.get_encoding\n"
        "assert tiktoken.load.load_tiktoken_bpe"
    )
    assert "tokenkit.registry" in loaded_by(code)


def test_vocabulary_is_read_from_a_zip_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    # The extension module cannot be imported from a zip file, but its neighbours can.
    import zipfile

    import tokenkit

    package = Path(tokenkit.__file__).parent
    archive = tmp_path_factory.mktemp("zip") / "package.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in package.rglob("*"):
            if path.suffix in (".py", ".tkv", ".json"):
                file.write(path, f"tokenkit/{path.relative_to(package).as_posix()}")
    code = (
        "import tokenkit._core as core\n"
        "for name in list(sys.modules):\n"
        "    if name.startswith('tokenkit'): del sys.modules[name]\n"
        "sys.modules['tokenkit._core'] = core\n"
        f"sys.path.insert(0, {str(archive)!r})\n"
        "import tokenkit\n"
        f"assert tokenkit.__file__.startswith({str(archive)!r})\n"
        "assert tokenkit.count('hello world', 'gpt-4') == 2\n"
        "assert tokenkit.get_model('gpt-5.4').kind == 'reasoning'"
    )
    assert "zipfile" in loaded_by(f"import zipfile\n{code}")
