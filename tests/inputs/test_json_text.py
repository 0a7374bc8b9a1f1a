"""JSON in any layout and any blocks: what `json` itself reads, and where it finds a mistake."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from data_files import ENC
from hypothesis import given, strategies as st
from search import examples

from tokenkit._strict_json import strict_json
from tokenkit.errors import InputError
from tokenkit.inputs import count_rows
from tokenkit.inputs.json_text import json_items, json_values, text_blocks
from tokenkit.inputs.readers import batches as _batches

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
LAYOUTS = st.builds(
    lambda indent, ascii: {"indent": indent, "ensure_ascii": ascii},
    st.sampled_from([None, 0, 2]),
    st.booleans(),
)


def cut(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(0, len(text), size))


@examples(60)
@given(values=st.lists(VALUES, max_size=4), layout=LAYOUTS, size=st.integers(1, 9))
def test_values_and_items_in_blocks(values: list[Any], layout: dict[str, Any], size: int) -> None:
    texts = [json.dumps(value, **layout) for value in values]
    text = "\ufeff" + "\n ".join(texts)
    expected = [
        (number, item)
        for value in values
        for number, item in (enumerate(value, 1) if isinstance(value, list) else [(0, value)])
    ]
    got = [(number, item) for _, number, item, _ in json_items(cut(text, size))]
    assert repr(got) == repr(expected)
    data = io.BufferedReader(io.BytesIO(text.encode()))
    assert "".join(text_blocks(data, size)) == text
    if values:
        lines = [text.count("\n", 0, text.find(texts[0])) + 1]
        for before in texts[:-1]:
            lines.append(lines[-1] + before.count("\n") + 1)
        assert repr(list(json_values(text))) == repr(list(zip(lines, values, strict=True)))


@examples(60)
@given(
    value=st.lists(VALUES, min_size=1) | VALUES,
    layout=LAYOUTS,
    at=st.integers(0, 60),
    wrong=st.sampled_from(["", "x", ",", "]", "}", '"', "\n", "1"]),
    size=st.integers(1, 9),
)
def test_mistakes_are_named_where_json_finds_them(
    value: Any, layout: dict[str, Any], at: int, wrong: str, size: int
) -> None:
    text = json.dumps(value, **layout)
    text = text[:at] + wrong + text[at + len(wrong) :]
    if not text.strip():
        return
    try:
        expected: object = json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":  # for us, another value
            return
        fault = error.msg.removesuffix(" at")
        expected = f"invalid JSON at line {error.lineno}, column {error.colno}: {fault}"
        with pytest.raises(InputError) as caught:
            list(json_values(text))
        assert str(caught.value) == expected
        return
    try:
        strict_json(text)
    except ValueError:  # the mistake has made two keys equal
        with pytest.raises(InputError, match="expected each key of an object once"):
            list(json_values(text))
    else:
        assert repr([value for _, value in json_values(text)]) == f"[{expected!r}]"
    items = [item for _, _, item, _ in json_items(cut(text, size))]
    assert repr(items) == repr(expected if isinstance(expected, list) else [expected])


def test_requests_mean_one_thing_and_rows_are_taken_as_they_come() -> None:
    for text, fault in (
        ('{"a": 1,\n"a": 2}', "each key of an object once, got 'a' twice"),
        ("[1, Infinity]", "got Infinity"),
    ):
        with pytest.raises(InputError, match=f"^invalid JSON at line 1, column 1: .*{fault}"):
            list(json_values(text))
        (_, _, last, _) = list(json_items(iter([text])))[-1]
        assert last in ({"a": 2}, float("inf"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[1 2]", "line 1, column 4: Expecting ',' or ']'"),
        ("[1,\n 2,]", "line 2, column 4: "),
        ("[1,\n", "line 2, column 1: "),
        ('{"a": 1}\n]', "line 2, column 1: "),
        ('["' + "ab" * 50 + "\n", "line 1, column 2: Unterminated string"),
        ("[" * 100_000, "nested too deep"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1_000_000])
def test_mistakes_in_lists(text: str, line: str, size: int) -> None:
    if len(text) > 10_000 and size < 10:
        return
    with pytest.raises(InputError) as caught:
        list(json_items(cut(text, size)))
    if "Unterminated" not in line:
        assert line in str(caught.value)


ROWS = [{"t": "hello world", "i": 1}, {"t": None, "i": 2}, {"t": "one two three", "i": 2**60}]
DOCUMENTS = {
    "one line": json.dumps(ROWS),
    "a row a line": "[" + ",\n".join(map(json.dumps, ROWS)) + "]",
    "indented": json.dumps(ROWS, indent=1),
    "behind a mark": "\ufeff" + json.dumps(ROWS, indent=1),
    "one after the other": "\n".join(json.dumps(row, indent=1) for row in ROWS),
    "lines": "\n".join(map(json.dumps, ROWS)),
}


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("name", ["r.json", "r.jsonl"])
@pytest.mark.parametrize(("size", "written"), [(7, "utf-8"), (1 << 20, "utf-8"), (7, "utf-16")])
def test_documents_of_rows(
    document: str,
    name: str,
    size: int,
    written: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_batches, "READ_BYTES", size)
    monkeypatch.setattr(_batches, "BATCH_BYTES", size)
    path = tmp_path / name
    path.write_text(DOCUMENTS[document], written)
    batches = list(count_rows(path, "t", [ENC], id_name="i"))
    assert [n for batch in batches for n in batch.tokens[0].tolist()] == [2, -1, 3]
    assert [key for batch in batches for key in batch.ids or []] == [1, 2, 2**60]
    assert not any(batch.errors for batch in batches)


def test_wrong_rows_of_documents_are_named(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text('[{"t": "hello world"},\n {"u": 1}, {"t": 5},\n {"t": "hi"}\n x]')
    batches = count_rows(path, "t", [ENC])
    batch = next(batches)
    assert batch.tokens[0].tolist() == [2, -1, -1, 1]
    assert batch.errors == [
        (2, "item 2: expected a field 't', got u"),
        (2, "item 3: expected text in 't', got int"),
    ]
    with pytest.raises(InputError, match="invalid JSON at line 4, column 2: Expecting ',' or ']'"):
        next(batches)
    path.write_bytes(b'[{"t": "hi"},\n{"t": "\xff"}]')
    with pytest.raises(InputError, match="expected UTF-8 text, got invalid UTF-8 at byte 21"):
        list(count_rows(path, "t", [ENC]))


@pytest.mark.parametrize("size", range(1, 6))
def test_wrong_bytes_are_placed_in_blocks_of_any_size(size: int) -> None:
    data = io.BufferedReader(io.BytesIO(b"ab\xe2\x82x"))
    with pytest.raises(InputError, match="expected UTF-8 text, got invalid UTF-8 at byte 2"):
        list(text_blocks(data, size))


def test_lists_in_lines_stay_rows(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('["hello world", 1]\n["hi", 2]\n')
    (batch,) = count_rows(path, "0", [ENC])
    assert (batch.tokens[0].tolist(), batch.errors) == ([2, 1], [])
    path.write_text("")
    assert list(count_rows(path, "t", [ENC])) == []
