"""JSON lines: rows, wrong lines."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from cli_runs import run
from hypothesis import given, strategies as st

from tokenkit.errors import InputError
from tokenkit.inputs.readers import batches as _batches, jsonl
from tokenkit.inputs.rows import count_rows


def test_bad_lines_are_named_and_the_rest_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    lines = [b'{"t": "hello world"}', b"{broken", b"", b'{"u": 1}', b'{"t": 5}', b'{"t": null}']
    path.write_bytes(b"\n".join([*lines, b'{"t": "\xff"}', b'{"t": "hi"}']))
    (batch,) = count_rows(path, "t", ["o200k_base"])
    assert batch.tokens[0].tolist() == [2, -1, -1, -1, -1, -1, 1]
    assert [line for line, _ in batch.errors] == [2, 4, 5, 7]
    assert batch.errors[1][1] == "expected a field 't', got u"
    result = run("count", path, "--field", "t", "-e", "o200k_base")
    assert result.exit_code == 2
    assert "rows 2, missing 5, total 3" in result.stdout
    assert f"{path}: line 2: invalid JSON at column " in result.stderr


def test_lines_that_json_does_not_take_are_said(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    lines = ['{"t": ' + "9" * 5000 + "}", '{"t": "\1"}', '{"t": ' + "[" * 100_000 + "}"]
    path.write_text("\n".join(lines))
    (batch,) = count_rows(path, "t", ["gpt2"])
    assert [message for _, message in batch.errors] == [
        "invalid JSON: a number of too many digits",
        "invalid JSON at column 8: Invalid control character",
        "invalid JSON: nested too deep",
    ]


@given(
    st.lists(st.sampled_from([b"", b" ", b'{"t": "hi"}', b'{"t": "one two three"}', b"[\r1]"])),
    st.sampled_from([b"", b"\n"]),
    st.integers(1, 20),
    st.integers(1, 50),
)
def test_lines_are_those_of_the_file(lines: list[bytes], end: bytes, read: int, batch: int) -> None:
    data = b"\n".join(lines) + end
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_batches, "READ_BYTES", read)
        patch.setattr(_batches, "BATCH_BYTES", batch)
        read_back = [
            line for part in jsonl.line_batches(io.BytesIO(data), 1 << 20) for line in part
        ]
    assert read_back == data.split(b"\n")


def test_a_name_may_be_a_number_of_any_size(tmp_path: Path) -> None:
    path = tmp_path / "named.jsonl"
    path.write_text(f'{{"id": {2**70 + 1}, "t": "hi"}}\n{{"id": 1.5, "t": "hi"}}\n')
    (batch,) = count_rows(path, "t", ["o200k_base"], id_name="id")
    assert batch.ids == [2**70 + 1, 1.5]


def test_a_line_that_is_too_big_is_named_behind_batches_of_others(tmp_path: Path) -> None:
    path = tmp_path / "big.jsonl"
    line = '{"t": "' + "word " * 2_000 + '"}\n'
    lines = 3 * _batches.BATCH_BYTES // len(line)
    path.write_text(line * lines + '{"t": "' + "a" * (3 << 20))
    batches = count_rows(path, "t", ["o200k_base"], max_mb=1)
    with pytest.raises(InputError, match=f"^line {lines + 1}: expected a row"):
        list(batches)
