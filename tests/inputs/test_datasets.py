"""Data sets: files, folders, patterns and URIs; their parts side by side."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.fs
import pyarrow.parquet
import pytest
from data_files import ENC, ROWS, write_arrow, write_csv, write_jsonl

from tokenkit.errors import InputError
from tokenkit.inputs import (
    MISSING,
    FilePart,
    RowBatch,
    count_parts,
    data_files,
    data_kind,
    datasets,
    file_parts,
    read_rows,
    readers_for,
    remote,
    row_options,
    shown_uri,
    size_of,
)
from tokenkit.inputs.sources import arrow_file

PLAIN = row_options(None, "raise", None, None, None, None, 64)
NAMES = ["a.jsonl", "b.csv", "sub/c.parquet", "sub/deep/d.parquet"]


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `lake` with data files of every kind, and others, in the current folder."""
    folder = tmp_path / "lake"
    (folder / "sub" / "deep").mkdir(parents=True)
    write_jsonl(folder / "a.jsonl")
    write_csv(folder / "b.csv")
    write_arrow(folder / "sub" / "c.parquet")
    write_arrow(folder / "sub" / "deep" / "d.parquet")
    for name in ("notes.md", "any.json", "sub/_SUCCESS", ".hidden.csv"):
        (folder / name).write_text("{}")
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def store(lake: Path, monkeypatch: pytest.MonkeyPatch) -> pyarrow.fs.FileSystem:
    """The same files in a file system of Arrow's that lies in memory, as s3://bucket/lake x."""
    system, _ = pyarrow.fs.FileSystem.from_uri("mock:///")
    system.create_dir("bucket/lake x")
    for path in sorted(lake.rglob("*")):
        target = f"bucket/lake x/{path.relative_to(lake).as_posix()}"
        if path.is_dir():
            system.create_dir(target)
        else:
            with system.open_output_stream(target) as out:
                out.write(path.read_bytes())

    def from_uri(uri: str) -> tuple[Any, str]:
        if not uri.startswith("s3://bucket"):
            raise InputError(f"expected the bucket, got {uri}")
        return system, "bucket"

    monkeypatch.setattr(remote, "_from_uri", from_uri)
    return system


def test_names_folders_and_patterns(lake: Path) -> None:
    def found(*paths: str, **options: Any) -> list[str]:
        return [name.replace(os.sep, "/") for name in data_files(paths, **options)]

    all_of_them = [f"lake/{name}" for name in NAMES]
    assert found("lake") == all_of_them
    assert found("lake/*.csv", "-", "lake/a.jsonl") == ["lake/b.csv", "-", "lake/a.jsonl"]
    assert found("lake/**/*.parquet") == all_of_them[2:]
    assert found("lake/s*") == all_of_them[2:]
    assert found("lake", exclude=["sub/"]) == all_of_them[:2]
    assert found("lake", include=["*.json"]) == ["lake/any.json"]
    assert found("lake", hidden=True) == ["lake/.hidden.csv", *all_of_them]
    assert found("nothing*.csv", "lake/sub/_SUCCESS") == ["nothing*.csv", "lake/sub/_SUCCESS"]
    Path("lake/odd[1].csv").write_text("text\n")
    assert found("lake/odd[1].csv") == ["lake/odd[1].csv"]
    skipped: list[tuple[str, str]] = []
    found("lake", skipped=lambda path, reason: skipped.append((Path(path).name, reason)))
    assert skipped == [(".hidden.csv", "hidden")]


def test_uris_of_local_files(lake: Path) -> None:
    assert data_files([lake.as_uri()]) == data_files([lake])
    assert data_files(["file:///none%20such.csv"]) == ["/none such.csv"]


def test_uris_of_other_stores(store: object) -> None:
    base = "s3://bucket/lake%20x"
    uris = [f"{base}/{name}" for name in NAMES]
    for options in ("", "?region=x&endpoint=y"):
        assert data_files([base + options]) == [uri + options for uri in uris]
        assert data_files([f"s3://bucket/*/sub/**/*.parquet{options}"]) == [
            uri + options for uri in uris[2:]
        ]
    assert data_files([uris[0], f"{base}/"], exclude=["*.csv", "deep/"]) == [
        uris[0],
        uris[0],
        uris[2],
    ]
    assert data_files([base], include=["*.json"]) == [f"{base}/any.json"]
    assert data_files([base], hidden=True)[0] == f"{base}/.hidden.csv"
    assert data_files(["s3://other/x.csv", f"{base}/[", f"{base}/z*"]) == [
        "s3://other/x.csv", f"{base}/[", f"{base}/z*",
    ]  # fmt: skip
    assert data_kind(f"{uris[2]}?region=x") == "parquet"
    assert size_of(uris[0]) == Path("lake/a.jsonl").stat().st_size
    assert size_of("s3://other/x.csv") is None


def test_uris_need_pyarrow_and_other_names_do_not(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyarrow"]:
        monkeypatch.setitem(sys.modules, name, None)
    remote._from_uri.cache_clear()
    uris = ["s3://bucket/x.csv", "s3://bucket/*", "file:///x.csv"]
    assert data_files([*uris, "lake/b.csv"]) == [*uris, "lake/b.csv"]
    parts = file_parts(data_files([*uris, "lake"]), data_kind)
    problems, rows = [], 0
    for _, batch in count_parts(parts, lambda _: "a.text", [ENC], PLAIN):
        if isinstance(batch, InputError):
            problems.append(str(batch))
        rows += batch.rows if isinstance(batch, RowBatch) else 0
    assert rows == 2 * len(ROWS)
    assert sum("needs the package pyarrow" in problem for problem in problems) == len(uris) + 2


def test_no_password_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown_uri("s3://id:word@bucket/a.csv?secret_key=x") == "s3://id:...@bucket/a.csv"
    assert shown_uri("abfss://box@account.net/a.csv") == "abfss://box@account.net/a.csv"
    assert shown_uri("a?b@c.csv") == "a?b@c.csv"
    with pytest.raises(InputError, match=r"cannot be read: .*nowhere://id:...@h/") as caught:
        remote.Store("nowhere://id:word@h/a?secret_key=x")
    assert "word" not in str(caught.value)
    assert "secret" not in str(caught.value)
    monkeypatch.setattr(remote, "_from_uri", lambda _: (None, ""))
    with pytest.raises(InputError, match="got the name 'x'") as caught:
        next(read_rows("s3://id:word@h/x?secret_key=x", "t", None, None, PLAIN))
    assert "secret" not in str(caught.value)


def counted(parts: list[FilePart], **options: Any) -> dict[str, list[int]]:
    """The counts of the rows of each file; checks that each part says its end once."""
    rows: dict[str, dict[int, list[int]]] = {}
    ended: list[FilePart] = []
    for part, batch in count_parts(parts, lambda _: "a.text", [ENC], PLAIN, **options):
        if batch is None:
            ended.append(part)
        else:
            assert isinstance(batch, RowBatch)
            rows.setdefault(part.path, {})[batch.first] = batch.tokens[0].tolist()
    assert sorted(ended, key=parts.index) == parts
    return {path: [n for first in sorted(of) for n in of[first]] for path, of in rows.items()}


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("place", ["lake", "s3://bucket/lake%20x"])
def test_every_part_is_counted(
    place: str, threads: int, store: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "PART_BYTES", 2_000)
    files = data_files([place])
    parts = file_parts(files, data_kind)
    of_parquet = [part for part in parts if part.path.endswith("c.parquet")]
    assert len(of_parquet) > 2
    assert sum(part.size for part in of_parquet) == size_of(of_parquet[0].path)
    assert [part.start for part in of_parquet[1:]] == [
        part.start + part.size for part in of_parquet[:-1]
    ]
    expected = {file: [ENC.count(row) for row in ROWS] for file in files}
    assert counted(parts, num_threads=threads) == expected
    assert counted(parts, in_order=True) == expected
    assert len(file_parts(files, data_kind, whole=True)) == len(files)
    assert readers_for(parts, 3) == 3
    assert readers_for([], 3) == 1


def test_rows_that_are_wrong_have_their_number_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "PART_BYTES", 1)
    texts: list[bytes | None] = [b"a", None, b"", b"b\xff", b"c", b"\xfe"]
    path = tmp_path / "x.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"a.text": texts}), path, row_group_size=2)
    parts = file_parts([str(path)], data_kind)
    assert [(part.groups, part.first) for part in parts] == [
        (range(number, number + 1), 2 * number) for number in range(3)
    ]
    for errors, numbers in (("raise", [4, 6]), ("skip", [4, 6]), ("replace", [])):
        options = row_options(None, errors, None, None, None, None, 64)  # type: ignore[arg-type]
        batches = [
            batch
            for _, batch in count_parts(parts, lambda _: "a.text", [ENC], options)
            if isinstance(batch, RowBatch)
        ]
        problems = sorted(problem for batch in batches for problem in batch.errors)
        assert [number for number, _ in problems] == numbers
        assert all("expected UTF-8" in message for _, message in problems)
        batches.sort(key=lambda batch: batch.first)
        tokens = np.concatenate([batch.tokens[0] for batch in batches]).tolist()
        wrong = (
            [ENC.count("b\ufffd"), ENC.count("\ufffd")] if errors == "replace" else [MISSING] * 2
        )
        assert tokens == [1, MISSING, 0, wrong[0], 1, wrong[1]]


def test_what_cannot_be_read_stops_no_other_part(lake: Path) -> None:
    (lake / "broken.parquet").write_bytes(b"PAR1 is no file PAR1")
    parts = file_parts(data_files([lake, "none.csv"]), data_kind)
    problems: dict[str, str] = {}
    rows = 0
    for part, batch in count_parts(parts, lambda _: "a.text", [ENC], PLAIN, num_threads=2):
        if isinstance(batch, InputError):
            problems[Path(part.path).name] = str(batch)
        elif batch is not None:
            rows += batch.rows
    assert set(problems) == {"broken.parquet", "none.csv"}
    assert rows == len(NAMES) * len(ROWS)


def test_a_file_of_a_store_that_is_written_over_meanwhile(store: pyarrow.fs.FileSystem) -> None:
    name = "s3://bucket/lake%20x/sub/c.parquet"
    with arrow_file(name) as source:
        assert source.read(4) == b"PAR1"
    with (
        pytest.raises(OSError, match="written over while it was read"),
        arrow_file(name),
        store.open_output_stream("bucket/lake x/sub/c.parquet") as out,
    ):
        out.write(b"other")


def test_uris_of_text_files_are_read_as_text(store: object) -> None:
    from tokenkit.inputs import count_files, read_text

    name = "s3://bucket/lake%20x/any.json"
    assert read_text(name) == "{}"
    assert next(count_files([name], [ENC])).tokens == (ENC.count("{}"),)
