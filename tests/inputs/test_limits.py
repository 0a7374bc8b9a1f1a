"""Inputs that take too much memory are refused, with their place; how much it is, is reckoned."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from cli_runs import run
from data_files import ENC
from search import by_profile

from tokenkit.errors import InputError
from tokenkit.inputs import count_chats, count_rows, limits, read_text
from tokenkit.inputs.limits import check_json_memory, json_memory_of, lines_within, memory_of

MEGABYTE = 1 << 20
LONG = "a" * (MEGABYTE + 1)


def counted(path: Path) -> tuple[list[int], str]:
    """The counts of the rows of a file, and what is said of wrong ones."""
    rows: list[int] = []
    said = ""
    try:
        for batch in count_rows(path, "t", [ENC], max_mb=1):
            rows += batch.tokens[0].tolist()
            said += "".join(f"line {line}: {message}" for line, message in batch.errors)
    except InputError as error:
        said += str(error)
    return rows, said


@pytest.mark.parametrize(
    ("name", "before", "content", "place"),
    [
        ("r.jsonl", 1, '{"t": "hi"}\n{"t": "' + LONG, "line 2: "),
        ("r.json", 1, '[{"t": "hi"},\n{"t": "' + 3 * LONG, "line 2: "),
        ("r.json", 1, '[{"t": "hi"},\n{"t": [' + "[]," * (MEGABYTE // 2), "line 2: "),
        ("r.csv", 1, "t\nhi\n" + LONG, "line 3: "),
        ("r.csv", 1, 't\nhi\n"' + "a\n" * MEGABYTE, "line 3: "),
    ],
)
@pytest.mark.parametrize("packed", by_profile([True], [False, True]))
def test_a_row_that_is_too_big(
    name: str, before: int, content: str, place: str, packed: bool, tmp_path: Path
) -> None:
    path = tmp_path / (name + ".gz" * packed)
    data = content.encode()
    path.write_bytes(gzip.compress(data) if packed else data)
    rows, said = counted(path)
    assert rows[: before + 1] in ([1] * before, [1] * before + [-1])
    assert f"{place}expected a" in said
    assert "at most 1 MB of memory, got more" in said
    result = run("count", path, "--field", "t", "--max-mb", 1, "-e", "o200k_base")
    assert result.exit_code == 2
    assert f"{place}expected a" in result.stderr
    assert "--max-mb" in result.stderr


def test_a_limit_can_be_raised(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps({"t": LONG}) + '\n{"t": "hi"}\n')
    for most in (2, None):
        (batch,) = count_rows(path, "t", [ENC], max_mb=most)
        assert batch.tokens[0].tolist() == [ENC.count(LONG), 1]
    (batch,) = count_rows(path, "t", [ENC], max_mb=1)  # at the end, a row by itself is wrong
    assert batch.tokens[0].tolist() == [-1, 1]
    assert [line for line, _ in batch.errors] == [1]
    with pytest.raises(ValueError, match="max_mb: expected at least 1"):
        list(count_rows(path, "t", [ENC], max_mb=0))


def test_a_chat_of_many_values_in_a_string(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    chat = json.dumps([{"role": "user", "content": "hi"}])
    path.write_text(json.dumps({"m": "[" + "[]," * 400_000}) + "\n" + json.dumps({"m": chat}))
    batches = list(count_chats(path, "m", ["gpt-4o"], max_mb=2))
    assert [number for batch in batches for number in batch.tokens[0].tolist()] == [-1, 8]
    assert "expected a chat that takes at most 2 MB" in batches[0].errors[0][1]


def test_texts_and_request_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(LONG)
    assert read_text(str(path)) == read_text(str(path), max_mb=2) == LONG
    with pytest.raises(InputError, match="expected a text that takes at most 1 MB"):
        read_text(str(path), max_mb=1)
    path.write_text("é" * (MEGABYTE // 2 + 1))
    with pytest.raises(InputError, match="expected a text that takes at most 1 MB"):
        read_text(str(path), max_mb=1)
    with path.open("rb") as file:
        assert len(list(lines_within(file, 4 * MEGABYTE))) == 1
    path.write_text("1\n" + LONG)
    result = run("count", path, "--requests", "--max-mb", 1)
    assert result.exit_code == 2
    assert "line 2: expected a line that takes at most 1 MB" in result.stderr


def test_verbs_that_hold_more_than_the_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(LONG)
    for words in (["show"], ["encode", "--tokens"], ["encode", "--format", "json"]):
        result = run(*words, path, "-e", "o200k_base", "--max-mb", 4)
        assert (result.exit_code, result.stdout[:100]) == (2, result.stdout[:100])
        assert "expected a text that takes at most" in result.stderr
    assert run("encode", path, "-e", "o200k_base", "--max-mb", 2).exit_code == 0


def test_a_file_that_unpacks_too_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(b"a" * MEGABYTE))
    assert read_text(str(path)) == "a" * MEGABYTE
    monkeypatch.setattr(limits, "_FREE_BYTES", 1000)
    assert read_text(str(path)) == "a" * MEGABYTE
    monkeypatch.setattr(limits, "MOST_RATIO", 500)
    with pytest.raises(InputError, match="unpacks to more than 500 times its size"):
        read_text(str(path))


@pytest.mark.parametrize(
    "value",
    [
        [[]] * 20_000,
        [{}] * 20_000,
        [{"a": 1}] * 20_000,
        ["ab"] * 20_000,
        [1.5] * 20_000,
        list(range(20_000)),
        "😀" + "a" * 20_000,
        "é" * 20_000,
    ],
)
def test_memory_is_not_underrated(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    tracemalloc.start()
    made = json.loads(text)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert made == value
    for form in (text, text.encode()):
        assert json_memory_of(form) >= 0.8 * held
        assert json_memory_of(form, most=0) >= 0.8 * held
    if isinstance(value, str):
        assert memory_of(text.encode()) >= 0.9 * held


def test_marks_in_strings_are_text() -> None:
    text = json.dumps({"code": 'x = {"a": [1, 2, 3]}\\' * 1000})
    assert json_memory_of(text, most=0) < 2 * len(text) < json_memory_of(text)


def test_a_text_that_is_too_long_is_not_copied() -> None:
    text = "[" * (2 * MEGABYTE)
    tracemalloc.start()
    with pytest.raises(InputError, match="expected a row that takes at most 1 MB"):
        check_json_memory(text, MEGABYTE, "a row")
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()
