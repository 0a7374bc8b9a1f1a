"""Chats and fields of structs in the columns of data files."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from cli_runs import run
from data_files import ENC

import tokenkit
from tokenkit.errors import InputError
from tokenkit.inputs import count_chats, count_rows

CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
CHATS: list[Any] = [
    [{"role": "user", "content": "hello world"}, {"role": "assistant", "content": "hi"}],
    [{"role": "user", "content": "x"}],
    None,
    [
        {"role": "user", "content": "y", "name": "ann"},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c", "content": "z"},
    ],
]


def write(path: Path) -> None:
    if path.suffix in (".parquet", ".arrow"):
        table = pyarrow.table({"n": range(len(CHATS)), "chat": pyarrow.array(CHATS)})
        if path.suffix == ".parquet":
            pyarrow.parquet.write_table(table, path)
        else:
            with pyarrow.ipc.new_file(path, table.schema) as writer:
                writer.write_table(table)
        return
    rows = [{"n": number, "chat": chat} for number, chat in enumerate(CHATS)]
    if path.suffix == ".csv":
        with open(path, "w", newline="") as file:
            table_rows = [(row["n"], json.dumps(row["chat"])) for row in rows if row["chat"]]
            csv.writer(file).writerows([("n", "chat"), *table_rows])
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows, indent=1))
    else:
        path.write_text("\n".join(map(json.dumps, rows)))


@pytest.mark.parametrize("name", ["c.parquet", "c.arrow", "c.jsonl", "c.json", "c.csv"])
def test_chats_count_as_count_messages_does(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write(path)
    models = ["gpt-4o", "gpt-3.5-turbo"]
    (batch,) = count_chats(path, "chat", models, id_name="n")
    chats = [chat for chat in CHATS if chat or name != "c.csv"]
    assert batch.errors == []
    for model, tokens in zip(models, batch.tokens, strict=True):
        assert tokens.tolist() == [
            -1 if chat is None else tokenkit.count_messages(chat, model).tokens for chat in chats
        ]
    result = run("count", path, "--chat", "chat", "-m", "gpt-4o", "--per-row", "-", "--id", "n")
    assert result.exit_code == 0, result.stderr
    assert [json.loads(line)["tokens"] for line in result.stdout.splitlines()] == [
        None if number < 0 else number for number in batch.tokens[0].tolist()
    ]


def test_chats_that_are_none_are_named(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    good = {"chat": CHATS[1]}
    bad: list[Any] = ["no", 5, [{"role": "user", "content": 5}], [{"role": "rat", "content": ""}]]
    path.write_text("\n".join(json.dumps({"chat": chat}) for chat in [*bad, CHATS[1]]))
    (batch,) = count_chats(path, "chat", ["gpt-4o"])
    assert batch.tokens[0].tolist()[:4] == [-1] * 4
    assert [line for line, _ in batch.errors] == [1, 2, 3, 4]
    assert batch.errors[0][1] == "expected the JSON of messages, got 'no'"
    assert batch.errors[1][1] == "expected a list of messages, got 5"
    path.write_text(json.dumps({"body": {"messages": good["chat"]}}))
    (batch,) = count_chats(path, "body", ["gpt-4o"])
    assert batch.tokens[0].tolist() == [tokenkit.count_messages(CHATS[1], "gpt-4o").tokens]


def test_what_makes_counts_inexact_is_said(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    picture = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    path.write_text(json.dumps({"chat": [{"role": "user", "content": [picture]}]}))
    (batch,) = count_chats(path, "chat", ["gpt-4o"])
    assert batch.notes
    result = run("count", path, "--chat", "chat", "-m", "gpt-4o")
    assert f"tokenkit: not exact: {batch.notes[0]}" in result.stderr


@pytest.mark.parametrize("ending", [".parquet", ".arrow"])
def test_fields_of_structs(ending: str, tmp_path: Path) -> None:
    rows = [{"text": "hello world", "in": {"t": "hi", "n": 1}}, None, {"text": None, "in": None}]
    table = pyarrow.table(
        {"s": rows, "dotted.name": ["a b", "c", None], "s.text": ["x", "y", "z"], "n": [1, 2, 3]}
    )
    path = tmp_path / f"t{ending}"
    plain = tmp_path / f"p{ending}"
    for target, content in ((path, table), (plain, table.select(["s", "dotted.name", "n"]))):
        if ending == ".parquet":
            pyarrow.parquet.write_table(content, target)
        else:
            with pyarrow.ipc.new_file(target, content.schema) as writer:
                writer.write_table(content)

    def tokens(target: Path, name: str, **options: Any) -> list[int]:
        (batch,) = count_rows(target, name, [ENC], **options)
        return batch.tokens[0].tolist()  # type: ignore[no-any-return]

    assert tokens(plain, "s.text") == [2, -1, -1]
    assert tokens(plain, "s.in.t") == [1, -1, -1]
    assert tokens(plain, "dotted.name") == [2, 1, -1]
    assert tokens(path, "s.text") == [1, 1, 1]  # the column of that very name
    (batch,) = count_rows(plain, "dotted.name", [ENC], id_name="s.in.n")
    assert batch.ids == [1, None, None]
    for name, message in [
        ("s", "name a field of it with a dot, as COLUMN.text"),
        ("s.no", "expected a field 'no' in 's', got text, in"),
        ("s.text.x", "expected a field 'x' in 's.text', got string"),
        ("t.text", "expected a column 't.text', got s, dotted.name, n"),
    ]:
        with pytest.raises(InputError) as caught:
            tokens(plain, name)
        assert message in str(caught.value)


def test_doubled_columns_of_arrow(tmp_path: Path) -> None:
    table = pyarrow.Table.from_arrays(
        [pyarrow.array(["a"]), pyarrow.array(["b c"])], names=["t", "t"]
    )
    with pyarrow.ipc.new_file(tmp_path / "d.arrow", table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(InputError, match="expected one column 't', got columns 1, 2 of that name"):
        list(count_rows(tmp_path / "d.arrow", "t", [ENC]))
