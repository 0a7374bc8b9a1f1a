"""Where tokenizer files are found: paths, folders, the local cache of Hugging Face."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from tokenizer_files import tokenizer_json, write_json

from tokenkit._hub_cache import cache_folder
from tokenkit.encodings.formats import files_of, find_source, read_tokenizer
from tokenkit.errors import UnknownEncodingError, VocabularyError

COMMIT = "0123456789abcdef0123456789abcdef01234567"
VARIABLES = ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def add_repository(hub: Path, folder: str, *, ref: str | None = COMMIT) -> Path:
    snapshot = hub / folder / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    if ref is not None:
        (hub / folder / "refs").mkdir()
        (hub / folder / "refs" / "main").write_text(ref)
    return snapshot


@pytest.mark.parametrize(
    ("names", "winner"),
    [
        (("tokenizer.json", "tekken.json", "tokenizer.model", "a.gguf"), "tokenizer.json"),
        (("tekken.json", "tokenizer.model"), "tekken.json"),
        (("tokenizer.model", "tiktoken.model", "qwen.tiktoken"), "tokenizer.model"),
        (("qwen.tiktoken", "a.model", "a.gguf"), "qwen.tiktoken"),
        (("tokenizer.model.v3", "a.gguf"), "tokenizer.model.v3"),
        (("m-00001-of-00003.gguf", "m-00002-of-00003.gguf", "x.txt"), "m-00001-of-00003.gguf"),
    ],
)
def test_which_file_of_a_folder_wins(names: tuple[str, ...], winner: str, tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).touch()
    assert find_source(tmp_path) == find_source(str(tmp_path)) == str(tmp_path / winner)


def test_a_folder_must_hold_one_file(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"expected a tokenizer file \(.*\), got none"):
        find_source(tmp_path)
    (tmp_path / "merges.txt").touch()
    with pytest.raises(VocabularyError, match=r"got merges.txt alone; .*make a tokenizer.json wit"):
        find_source(tmp_path)
    (tmp_path / "tokenizer.json").mkdir()
    for name in ("a-Q4.gguf", "b-Q8.gguf"):
        (tmp_path / name).touch()
    with pytest.raises(VocabularyError, match=r"got 2 \(a-Q4.gguf, b-Q8.gguf\); name the file"):
        find_source(tmp_path)


@pytest.mark.parametrize("hub_id", ["Qwen/Qwen3-8B", "gpt2"])
@pytest.mark.parametrize("ref", [COMMIT, None])
def test_a_repository_in_the_cache(hub: Path, hub_id: str, ref: str | None) -> None:
    with pytest.raises(UnknownEncodingError, match=f"get it with `hf download {hub_id} --include"):
        find_source(hub_id)
    snapshot = add_repository(hub, f"models--{hub_id.replace('/', '--')}", ref=ref)
    with pytest.raises(VocabularyError, match=r"expected a tokenizer file.*; get it with `hf "):
        find_source(hub_id)
    path = write_json(snapshot, tokenizer_json())
    assert find_source(hub_id) == str(path)
    assert read_tokenizer(hub_id).path == str(path)


def test_a_path_that_exists_comes_before_the_cache(
    hub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_json(add_repository(hub, "models--gpt2"), tokenizer_json())
    (tmp_path / "gpt2").write_text("{}")
    monkeypatch.chdir(tmp_path)
    assert find_source("gpt2") == "gpt2"


@pytest.mark.parametrize("ref", ["../../..", "", "..", "0123", "\0", "é" * 9])
def test_a_branch_that_names_no_commit(hub: Path, ref: str) -> None:
    write_json(add_repository(hub, "models--a--b", ref=ref), tokenizer_json())
    with pytest.raises(UnknownEncodingError):
        find_source("a/b")


def test_commits_of_no_branch_main_are_not_taken_for_it(hub: Path) -> None:
    """But for the only one, where no branch is noted; files beside the commits do not matter."""
    snapshot = add_repository(hub, "models--a--b", ref=None)
    path = write_json(snapshot, tokenizer_json())
    (snapshot.parent / ".DS_Store").touch()
    (snapshot.parent / "part of a download").mkdir()
    assert find_source("a/b") == str(path)
    refs = snapshot.parent.parent / "refs"
    refs.mkdir()
    (refs / "dev").write_text(COMMIT)
    with pytest.raises(UnknownEncodingError, match=f"got no refs/main, and in .* {COMMIT}; give"):
        find_source("a/b")
    (refs / "main").write_text("f" * 40)
    with pytest.raises(
        UnknownEncodingError, match=r"got a refs/main that names 'ffff.*snapshots la"
    ):
        find_source("a/b")
    (refs / "main").unlink()
    (refs / "dev").unlink()
    (snapshot.parent / ("e" * 40)).mkdir()
    with pytest.raises(UnknownEncodingError, match=r"got no refs/main, and in .*, eeee"):
        find_source("a/b")


@pytest.mark.parametrize("target", ["nowhere", "tokenizer.json"])
def test_a_link_that_leads_nowhere_is_no_missing_file(
    hub: Path, target: str, tmp_path: Path
) -> None:
    """As where a blob of the cache was deleted: the next file might be of another tokenizer."""
    snapshot = add_repository(hub, "models--a--b")
    link = snapshot / "tokenizer.json"
    link.symlink_to(target)
    write_json(snapshot, tokenizer_json(), "tekken.json")
    with pytest.raises(
        VocabularyError, match=r"tokenizer\.json: expected a file, got a link .*hf do"
    ):
        find_source("a/b")
    link.unlink()
    (snapshot / "tokenizer_config.json").symlink_to(target.replace("izer", "izer_config"))
    with pytest.raises(OSError, match=r"tokenizer_config\.json"):
        read_tokenizer("a/b")


@pytest.mark.parametrize(
    "source",
    ["no/tokenizer.json", "a/b/c", "../x", "a--b/c", "/nowhere", "x..y", Path("gpt2"), "a\nb", ""],
)
def test_what_can_only_be_a_path(
    hub: Path, source: str | Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty" / "folder"  # whatever lies beside the checkout
    empty.mkdir(parents=True)
    monkeypatch.chdir(empty)
    with pytest.raises(FileNotFoundError):
        find_source(source)


def test_the_type_of_a_source() -> None:
    for source in (3, None, b"x"):
        with pytest.raises(TypeError):
            find_source(source)  # type: ignore[arg-type]


def test_where_the_cache_lies(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASE", "/base")
    for name, value, expected in (
        ("XDG_CACHE_HOME", "/xdg", "/xdg/huggingface/hub"),
        ("HF_HOME", "$BASE/hf", "/base/hf/hub"),
        ("HUGGINGFACE_HUB_CACHE", "/older", "/older"),
        ("HF_HUB_CACHE", "~/here", os.path.expanduser("~/here")),
    ):
        monkeypatch.delenv("HF_HUB_CACHE", raising=False)
        monkeypatch.setenv(name, value)
        assert Path(cache_folder()) == Path(expected)
    for name in VARIABLES:
        monkeypatch.delenv(name)
    assert Path(cache_folder()) == Path.home() / ".cache" / "huggingface" / "hub"


def test_what_lies_beside(tmp_path: Path) -> None:
    path = write_json(tmp_path, tokenizer_json())
    alone = read_tokenizer(path)
    assert files_of(str(path)) == [str(path)]
    write_json(tmp_path, {"bos_token": "<s>", "chat_template": "old"}, "tokenizer_config.json")
    write_json(tmp_path, {"bos_token": "no", "eos_token": "</s>"}, "special_tokens_map.json")
    got = read_tokenizer(path)
    assert (got.config["bos_token"], got.config["eos_token"]) == ("<s>", "</s>")
    assert got.chat_template == "old"
    assert got.digest != alone.digest
    (tmp_path / "chat_template.jinja").write_text("new", "utf-8")
    assert read_tokenizer(path).chat_template == "new"
    assert len(files_of(str(path))) == 4


def test_templates_in_files_of_their_own(tmp_path: Path) -> None:
    path = write_json(tmp_path, tokenizer_json())
    folder = tmp_path / "additional_chat_templates"
    folder.mkdir()
    (folder / "README.md").write_text("no template")
    before = read_tokenizer(path)
    assert before.chat_template is None
    for name in ("rag", "tool_use"):
        (folder / f"{name}.jinja").write_text(f"of {name}", "utf-8")
    got = read_tokenizer(path)
    assert got.chat_template == {"rag": "of rag", "tool_use": "of tool_use"}
    assert got.digest != before.digest
    (tmp_path / "chat_template.jinja").write_text("main", "utf-8")
    named = {"default": "main", "rag": "of rag", "tool_use": "of tool_use"}
    assert read_tokenizer(path).chat_template == named
    # Those of the config are older, and none of them counts.
    write_json(tmp_path, {"chat_template": "old"}, "tokenizer_config.json")
    assert read_tokenizer(path).chat_template == named
    for number in range(80):
        (folder / f"n{number:02}.jinja").touch()
    assert len(files_of(str(path))) == 3 + 64
    (folder / "rag.jinja").write_bytes(b"ab\xff")
    for number in range(80):
        (folder / f"n{number:02}.jinja").unlink()
    with pytest.raises(VocabularyError, match=r"templates/rag\.jinja: expected UTF-8"):
        read_tokenizer(path)


def test_named_templates(tmp_path: Path) -> None:
    path = write_json(tmp_path, tokenizer_json())
    named = [{"name": "tools", "template": "t"}, {"name": "default", "template": "d"}]
    write_json(tmp_path, {"chat_template": named}, "tokenizer_config.json")
    assert read_tokenizer(path).chat_template == "d"
    wrongs: list[object] = [{}, 1, [1], [{"name": "x"}]]
    for wrong in wrongs:
        write_json(tmp_path, {"chat_template": wrong}, "tokenizer_config.json")
        with pytest.raises(VocabularyError, match=r"config.json: chat_template: exp"):
            read_tokenizer(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("tokenizer_config.json", b"[1]", "tokenizer_config.json: expected an object, got "),
        ("tokenizer_config.json", b"{", "tokenizer_config.json: expected JSON, got"),
        ("tokenizer_config.json", b'{"a": ' * 70 + b"1" + b"}" * 70, "expected at most 64 values"),
        ("special_tokens_map.json", b"\xff", "special_tokens_map.json: expected UTF-8, got the"),
        ("chat_template.jinja", b"ab\xff", "chat_template.jinja: expected UTF-8, got the byte 2"),
        ("chat_template.jinja", b"a" * (9 << 20), "chat_template.jinja: expected at most 8388608"),
    ],
)
def test_faults_beside(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    path = write_json(tmp_path, tokenizer_json())
    (tmp_path / name).write_bytes(content)
    with pytest.raises(VocabularyError) as caught:
        read_tokenizer(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize("source", [None, 7, b"tokenizer.json"])
def test_a_source_is_a_str_or_a_path(source: Any) -> None:
    with pytest.raises(
        TypeError, match=f"source: expected str or a path, got {type(source).__name__}"
    ):
        find_source(source)
