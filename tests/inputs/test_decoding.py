"""Text encodings: marks, names, wrong bytes; every road gives the same text."""

from __future__ import annotations

import gzip
import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from cli_runs import run
from hypothesis import given, strategies as st
from search import examples

import tokenkit
from tokenkit.errors import NotTextError
from tokenkit.inputs import big_texts, count_files, count_rows, files, find_files, read_text
from tokenkit.inputs.decoding import Decoding, check_decoding, marked_encoding

ENC = tokenkit.get_encoding("o200k_base")
# How a file is written, and the name that its reader needs.
WAYS = [
    ("utf-8", None),
    ("utf-16", None),
    ("utf-32", None),
    ("utf-16-be", "utf-16-be"),
    ("utf-16-le", "UTF-16"),
    ("utf-8-sig", "utf-8-sig"),
    ("cp1252", "windows-1252"),
    ("shift_jis", "sjis"),
    ("gb18030", "GB18030"),
]
# What all of these can write, but for what is asked of them below.
COMMON = st.text(st.sampled_from("ab \n\r\té")).map(lambda text: text.replace("é", "!"))


@pytest.mark.parametrize(("written", "named"), WAYS)
@examples(8)
@given(text=COMMON, packed=st.booleans(), read=st.integers(1, 9))
def test_every_road_gives_the_text(
    written: str, named: str | None, text: str, packed: bool, read: int
) -> None:
    special = {"cp1252": "€ß", "shift_jis": "漢字", "gb18030": "€漢"}.get(written, "漢字👩🏽")
    text = special + text
    data = text.encode(written)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("tokenkit.inputs.decoding._READ_BYTES", read)
        path = Path(folder, "a.txt.gz" if packed else "a.txt")
        path.write_bytes(gzip.compress(data) if packed else data)
        assert read_text(str(path), text_encoding=named) == text
        assert read_text(str(path), text_encoding=named, errors="replace") == text
        for big in (0, 1 << 20):
            patch.setattr(files, "_BIG_BYTES", big)
            (count,) = count_files([folder], [ENC], text_encoding=named)
            assert (count.tokens, count.error) == ((ENC.count(text),), "")
            assert count.size == len(text.encode())


@examples(30)
@given(
    data=st.binary(max_size=40) | st.text().map(lambda text: text.encode("utf-16-le")),
    charset=st.sampled_from([None, "cp1252", "utf-16", "euc_jp", "utf-7"]),
    mark=st.sampled_from([b"", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0"]),
    read=st.integers(1, 7),
)
def test_wrong_bytes_are_where_python_says(
    data: bytes, charset: str | None, mark: bytes, read: int
) -> None:
    data = mark + data
    name, size = marked_encoding(data)
    name = name or {"utf-16": "utf-16-le"}.get(charset or "", charset or "utf-8")
    expected: Any
    try:
        expected = data[size:].decode(name)
    except UnicodeDecodeError as error:
        expected = size + error.start
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tokenkit.inputs.decoding._READ_BYTES", read)
        file = io.BufferedReader(io.BytesIO(data))
        replaced = io.BufferedReader(io.BytesIO(data))
        try:
            got: Any = Decoding(charset).opened(file).read().decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:  # UTF-8 goes through as it is
            got = error.start
        except NotTextError as error:
            message = str(error)
            if "zero character" in message:
                assert "\0" in data[size:].decode(name, "replace")
                return
            got = int(message.rpartition(" ")[2])
        assert got == expected
        lenient = data[size:].decode(name, "replace")
        if "\0" not in lenient or name == "utf-8":
            text = Decoding(charset, "replace").opened(replaced).read()
            assert text.decode("utf-8", "surrogatepass") == lenient


@pytest.mark.parametrize("big", [0, 1 << 20])
def test_what_errors_do(big: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_BIG_BYTES", big)
    monkeypatch.setattr(big_texts, "BLOCK_BYTES", 3)
    (tmp_path / "a.txt").write_text("hello world")
    bad = "Gr\xfc\xdfe aus K\xf6ln".encode("cp1252")
    (tmp_path / "b.txt").write_bytes(bad)

    def counts(**options: Any) -> list[tuple[str, Any]]:
        found = count_files([tmp_path, tmp_path / "none"], [ENC], **options)
        return [(Path(count.name).name, count.tokens) for count in found]

    good, missing = ("a.txt", (2,)), ("none", None)
    assert counts() == [good, ("b.txt", None), missing]
    skipped: list[tuple[str, str]] = []
    assert counts(errors="skip", skipped=lambda *words: skipped.append(words)) == [good, missing]
    ((name, reason),) = skipped
    assert name.endswith("b.txt")
    assert reason.startswith("expected UTF-8 text, got invalid UTF-8 at byte 2; name its encoding")
    replaced = ENC.count(bad.decode("utf-8", "replace"))
    assert counts(errors="replace") == [good, ("b.txt", (replaced,)), missing]
    assert counts(text_encoding="cp1252")[1] == ("b.txt", (ENC.count(bad.decode("cp1252")),))
    with pytest.raises(ValueError, match="errors: expected 'raise', 'skip' or 'replace', got 'x'"):
        counts(errors="x")


def test_binary_files_are_told_from_wide_text(tmp_path: Path) -> None:
    contents = {
        "text16": "hello".encode("utf-16"),
        "zeros16": "a\0b".encode("utf-16"),
        "odd": b"\xff\xfe\x00\xd8\x00\xd8",
        "plain16": "hello".encode("utf-16-be"),
        "zero": b"a\0",
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)

    def names(charset: str | None) -> list[str]:
        return [Path(path).name for path in find_files([tmp_path], text_encoding=charset)]

    assert names(None) == ["text16"]
    assert names("utf-16-be") == ["plain16", "text16", "zero"]


@pytest.mark.parametrize("name", ["rot13", "base64", "nope", "", "a\0b"])
def test_what_is_no_text_encoding(name: str) -> None:
    with pytest.raises(ValueError, match="text_encoding: expected an encoding of text"):
        check_decoding(name)
    with pytest.raises(TypeError, match="text_encoding: expected a name, got int"):
        check_decoding(5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.jsonl", '{"t": "Grüße"}\n{"t": "hi"}\n'),
        ("r.json", '[{"t": "Grüße"},\n{"t": "hi"}]'),
        ("r.csv", "t,i\nGrüße,1\nhi,2\n"),
        ("r.tsv", "t\ti\r\nGrüße\t1\r\nhi\t2\r\n"),
    ],
)
@pytest.mark.parametrize(
    ("written", "named"), [("utf-8-sig", None), ("utf-16", None), ("cp1252", "cp1252")]
)
def test_rows_in_other_encodings(
    name: str, content: str, written: str, named: str | None, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode(written))
    (batch,) = count_rows(path, "t", [ENC], text_encoding=named)
    assert (batch.tokens[0].tolist(), batch.errors) == ([ENC.count("Grüße"), 1], [])
    if written == "cp1252":
        (batch,) = count_rows(path, "t", [ENC], errors="replace")
        assert batch.tokens[0].tolist() == [ENC.count("Gr\ufffd\ufffde"), 1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("encode",), " ".join(map(str, ENC.encode("Grüße 漢"))) + "\n"),
        (("truncate", "-t", 1), ENC.truncate("Grüße 漢", 1)),
        (("show", "--color", "never"), None),
        (("chunk", "-n", 50), None),
    ],
)
def test_verbs_read_all_text_alike(
    words: tuple[object, ...], expected: str | None, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{number}.txt" for number in range(3)]
    for path, written in zip(paths, ("utf-8", "utf-16", "gb18030"), strict=True):
        path.write_bytes("Grüße 漢".encode(written))
    options: list[list[str]] = [[], [], ["--text-encoding", "gb18030"]]
    chosen = [
        run(*words, path, "-e", "o200k_base", *option)
        for path, option in zip(paths, options, strict=True)
    ]
    outputs = {
        result.stdout.replace(str(path), "") for result, path in zip(chosen, paths, strict=True)
    }
    assert len(outputs) == 1
    assert expected is None or outputs == {expected}
    assert {result.exit_code for result in chosen} == {0}
    failed, skipped, replaced = (
        run(*words, paths[2], "-e", "o200k_base", "--errors", errors)
        for errors in ("raise", "skip", "replace")
    )
    assert [failed.exit_code, skipped.exit_code, replaced.exit_code] == [2, 0, 0]
    assert "skipped: expected UTF-8 text" in skipped.stderr
    assert not skipped.stdout
    assert replaced.stdout


class Trickle(io.RawIOBase):
    """Bytes that come a few at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self.data = io.BytesIO(data)
        self.size = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self.data.readinto(memoryview(buffer)[: self.size])


@pytest.mark.parametrize("size", range(1, 9))
def test_wrong_bytes_are_placed_however_they_come(size: int) -> None:
    """Half of a pair of surrogates may wait for the other half."""
    data = "\ufeffabc\ud83dd".encode("utf-16-le", "surrogatepass")
    file = Decoding().opened(io.BufferedReader(Trickle(data, size)))
    with pytest.raises(NotTextError, match="expected UTF-16-LE text, got wrong bytes at byte 8"):
        file.read()
