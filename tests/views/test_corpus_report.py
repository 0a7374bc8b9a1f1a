"""The report on a corpus: the same numbers for each kind of data, as an object, JSON and a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.dataset
import pyarrow.parquet
import pytest
import tiktoken
from report_rows import MODEL, TEXTS, naive_numbers

import tokenkit
from tokenkit.errors import InputError
from tokenkit.views import report_page

TABLE = pyarrow.table({"id": range(len(TEXTS)), "text": TEXTS, "more": TEXTS})
needs_pandas = pytest.mark.skipif(find_spec("pandas") is None, reason="pandas 3 needs Python 3.11")


class Stream:
    """A table of a library that nobody knows."""

    def __init__(self, table: pyarrow.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


def typed(kind: pyarrow.DataType) -> pyarrow.Table:
    return pyarrow.table({"text": pyarrow.array(TEXTS).cast(kind)})


def polars_frame() -> Any:
    import polars

    return polars.DataFrame({"id": range(len(TEXTS)), "text": TEXTS})


def pandas_frame(kind: Any) -> Any:
    import pandas

    made = pandas.DataFrame({"text": pandas.Series(TEXTS, dtype=object)})
    made.index += 5
    return made.astype({"text": kind})


DATA: dict[str, Callable[[], Any]] = {
    "table": lambda: TABLE,
    "batch": lambda: TABLE.to_batches()[0],
    "reader": TABLE.to_reader,
    "sliced": lambda: pyarrow.concat_tables([TABLE.slice(0, 50), TABLE.slice(50)]),
    "dictionary": lambda: TABLE.set_column(1, "text", TABLE["text"].dictionary_encode()),
    "large_string": lambda: typed(pyarrow.large_string()),
    "string_view": lambda: typed(pyarrow.string_view()),
    "binary": lambda: typed(pyarrow.binary()),
    "data set": lambda: pyarrow.dataset.dataset(TABLE),
    "scanner": lambda: pyarrow.dataset.dataset(TABLE).scanner(batch_size=7),
    "stream": lambda: Stream(TABLE),
    "polars": polars_frame,
    "polars lazy": lambda: polars_frame().lazy().filter(True),
    "polars categories": lambda: polars_frame().cast({"text": __import__("polars").Categorical}),
    "pandas": lambda: pandas_frame("str"),
    "pandas objects": lambda: pandas_frame(object),
    "pandas categories": lambda: pandas_frame("category"),
}


@pytest.mark.parametrize("name", DATA)
def test_numbers_are_those_of_plain_python(
    name: str,
    tiktoken_encoding: Callable[[str], tiktoken.Encoding],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "pandas" in name:
        pytest.importorskip("pandas")
    twin = tiktoken_encoding("cl100k_base")
    for rows in (1 << 17, 7):  # as one part, and as many
        monkeypatch.setattr("tokenkit.inputs.frames.PART_ROWS", rows)
        report = tokenkit.token_report(DATA[name](), "text", MODEL)
        expected = naive_numbers(twin)
        assert {key: report.to_dict()[key] for key in expected} == expected
        assert (report.exact, report.notes, report.limit_name) == (True, (), "safe_input_tokens")


def write_files(folder: Path) -> None:
    pyarrow.parquet.write_table(TABLE.slice(0, 40), folder / "a.parquet", row_group_size=16)
    rows = [json.dumps({"text": text}) for text in TEXTS[40:]]
    (folder / "b.jsonl").write_text("\n".join(rows))


def test_files_folders_and_patterns(tmp_path: Path) -> None:
    write_files(tmp_path)
    (tmp_path / ".gitignore").write_text("*.parquet\n")
    (tmp_path / "c.json").write_text('{"not": "rows"}')
    whole = tokenkit.token_report(TABLE, "text", MODEL)
    for data in (tmp_path, str(tmp_path / "*[a-b].*")):
        assert tokenkit.token_report(data, "text", MODEL) == whole
    first = tokenkit.token_report(TABLE.slice(0, 40), "text", MODEL)
    opened = pyarrow.dataset.dataset(tmp_path / "a.parquet")
    for data in (tmp_path / "a.parquet", opened, opened.filter(pyarrow.dataset.field("id") >= 0)):
        assert tokenkit.token_report(data, "text", MODEL) == first
    some = opened.filter(pyarrow.dataset.field("id") < 10)
    assert tokenkit.token_report(some, "text", MODEL).rows == 10 - TEXTS[:10].count(None)


def test_costs_requests_and_bins() -> None:
    report = tokenkit.token_report(TABLE, "text", MODEL, bins=[0, 100, 10_000], at="2026-11-29")
    prices = {tier: Decimal(usd) for tier, usd in (("standard", "0.02"), ("batch", "0.01"))}
    assert {tier: cost.total for tier, cost in report.costs.items()} == {
        tier: usd * report.tokens / 1_000_000 for tier, usd in prices.items()
    }
    assert {str(cost.as_of) for cost in report.costs.values()} == {"2026-11-29"}
    packed = report.requests
    assert packed is not None
    counts = tokenkit.encoding_for_model(MODEL).count_arrow(TABLE["text"]).to_pylist()
    sent = sorted((n for n in counts if n and n <= 8_191), reverse=True)
    assert packed.requests == len(tokenkit.pack(sent, MODEL))
    assert (packed.rows, packed.empty, packed.too_long) == (len(sent), 2, 2)
    small = tokenkit.token_report(TABLE, "text", MODEL, inputs_per_request=7)
    assert small.requests is not None
    assert small.requests.requests == len(tokenkit.pack(sent, MODEL, max_inputs=7))
    assert [group[:2] for group in report.histogram] == [(0, 0), (1, 100), (101, 10_000)]


def test_of_a_chat_model_and_of_an_encoding() -> None:
    chat = tokenkit.token_report(TABLE, "text", "gpt-5.4")
    assert (chat.limit, chat.limit_name, chat.requests) == (922_000, "max_input_tokens", None)
    assert chat.costs.keys() >= {"standard", "batch", "flex", "priority"}
    bare = tokenkit.token_report(TABLE, "text", encoding="o200k_base", limit=100)
    assert (bare.model, bare.costs, bare.limit_name) == (None, {}, "limit")
    assert (bare.tokens, bare.over_limit) == (chat.tokens, chat.distribution.above(100))
    packed = tokenkit.token_report(
        TABLE, "text", encoding="o200k_base", inputs_per_request=5, tokens_per_request=10_000
    )
    assert packed.requests is not None
    assert packed.requests.rows == bare.rows - 2


def test_what_is_assumed_is_not_exact() -> None:
    report = tokenkit.token_report(TABLE, "text", "gpt-6-luna")
    assert (report.exact, len(report.notes)) == (False, 1)
    assert "assumed to be o200k_base" in report.to_html()
    assert f"about {report.tokens}" in str(report)
    record = {"name": "ours", "kind": "embedding", "encoding": "gpt2", "provider": "cohere"}
    ours = tokenkit.token_report(TABLE, "text", tokenkit.Model(**record))  # type: ignore[arg-type]
    assert ours.requests is None
    assert "give inputs_per_request and tokens_per_request" in ours.notes[-1]
    with pytest.raises(tokenkit.NoTokenizerError):
        tokenkit.token_report(TABLE, "text", "claude-opus-5")


def test_invalid_rows_are_counted_or_named() -> None:
    rows = [b"hello world", None, b"a\xff", b"\xc3", b"hi"]
    for data in (pyarrow.table({"b": rows}), pyarrow.table({"b": rows}).to_reader(1)):
        report = tokenkit.token_report(data, "b", encoding="o200k_base", errors="null")
        assert (report.rows, report.nulls, report.invalid, report.missing) == (2, 1, 2, 3)
        assert report.tokens == 3
    with pytest.raises(ValueError, match=r"column 'b', row 2: .*byte 1"):
        tokenkit.token_report(pyarrow.table({"b": rows}).to_reader(1), "b", encoding="gpt2")


@pytest.mark.parametrize("name", ["^te.*$", "*", "a.b", 'a"b', "", "日本"])
def test_names_of_columns_are_no_patterns(name: str, tmp_path: Path) -> None:
    import polars

    table = pyarrow.table({"text": ["hi"], name: ["hello world"], "a": [{"b": "x"}]})
    frame = polars.DataFrame({"text": ["hi"], name: ["hello world"]})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    data = [table, frame, frame.lazy(), pyarrow.dataset.dataset(table)]
    for one in data:
        assert tokenkit.token_report(one, name, encoding="o200k_base").tokens == 2
    assert tokenkit.token_report(tmp_path / "a.parquet", name, encoding="gpt2").tokens == 2


@needs_pandas
def test_invalid_objects_of_pandas() -> None:
    import pandas

    frame = pandas.DataFrame({"b": pandas.Series([b"hi", None, b"a\xff", "\ud800"], dtype=object)})
    report = tokenkit.token_report(frame, "b", encoding="o200k_base", errors="null")
    assert (report.rows, report.nulls, report.invalid) == (2, 1, 1)
    with pytest.raises(ValueError, match=r"column 'b', row 2: .*byte 1"):
        tokenkit.token_report(frame, "b", encoding="o200k_base")
    frame.loc[1, "b"] = 7
    with pytest.raises(TypeError, match=r"column 'b', row 1: expected str, or bytes .*, got int"):
        tokenkit.token_report(frame, "b", encoding="o200k_base", errors="null")


def test_rows_of_a_file_have_the_numbers_that_rows_of_a_table_have(tmp_path: Path) -> None:
    table = pyarrow.table({"b": [b"hi", b"a\xff"]})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    for data in (table, tmp_path / "a.parquet"):
        with pytest.raises((ValueError, InputError), match=r"column 'b'\W+row 1: .*byte 1"):
            tokenkit.token_report(data, "b", encoding="gpt2")


def test_invalid_rows_of_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"n,t\n1,hi\n2,a\xff\n3,\n")
    report = tokenkit.token_report(tmp_path / "a.csv", "t", encoding="gpt2", errors="null")
    assert (report.rows, report.nulls, report.invalid, report.tokens) == (2, 0, 1, 1)
    with pytest.raises(InputError, match=r"a\.csv: column 't': line 3: .*byte"):
        tokenkit.token_report(tmp_path / "a.csv", "t", encoding="gpt2")


@pytest.mark.parametrize("kind", ["table", "polars", "polars lazy", "stream", "scanner"])
def test_wrong_columns(kind: str) -> None:
    with pytest.raises(InputError, match=r"expected a column 'nix', got .*id, text"):
        tokenkit.token_report(DATA[kind](), "nix", MODEL)
    with pytest.raises(TypeError, match="column 'id': expected an Arrow array of strings"):
        tokenkit.token_report(DATA[kind](), "id", MODEL)


@pytest.mark.parametrize(
    ("data", "options", "error", "message"),
    [
        ([1], {}, TypeError, "expected a frame, a table, .* got list"),
        (pyarrow.Table, {}, TypeError, "got type"),
        (TABLE["text"], {}, TypeError, "expected a frame or table, got a ChunkedArray"),
        ("/none/*.parquet", {}, InputError, "/none/.*: column .*: No such file"),
        (TABLE, {"column": 3}, TypeError, "column: expected the name of a column, got int"),
        (TABLE, {"limit": -1}, ValueError, "limit: expected at least 0 tokens"),
        (TABLE, {"bins": [4, 4]}, ValueError, "bins: expected growing numbers"),
        (TABLE, {"errors": "skip"}, ValueError, "errors: expected 'raise' or 'null'"),
        (TABLE, {"model": "gpt-5.4", "inputs_per_request": 4}, ValueError, "an embedding model"),
        (TABLE, {"model": "none-such"}, tokenkit.UnknownModelError, "none-such"),
        (TABLE, {"encoding": "gpt2"}, ValueError, "expected a model or an encoding, got both"),
        (TABLE, {"at": "today"}, ValueError, "at: expected a date"),
    ],
)
def test_errors(data: Any, options: dict[str, Any], error: type[Exception], message: str) -> None:
    arguments = {"column": "text", "model": MODEL, **options}
    with pytest.raises(error, match=message):
        tokenkit.token_report(data, **arguments)


def test_without_rows() -> None:
    empty = TABLE.slice(0, 0)
    for data in (empty, pyarrow.table({"text": pyarrow.nulls(3)})):
        report = tokenkit.token_report(data, "text", MODEL)
        assert (report.rows, report.tokens, report.min, report.p95) == (0, 0, None, None)
        assert (report.histogram, report.costs["standard"].lines) == ([], ())
        assert report.requests is not None
        assert report.requests.high == 0
        assert "No rows were counted" in report.to_html()
        assert json.loads(report.to_json())["max"] is None


class Reader(HTMLParser):
    """The elements of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    handle_startendtag = handle_starttag


def test_page_has_a_plot_of_all_rows() -> None:
    report = tokenkit.token_report(TABLE, "text", MODEL)
    reader = Reader(report.to_html())
    bars = [item for tag, item in reader.tags if tag == "rect"]
    assert len(bars) == len(report.histogram)
    heights = [float(bar["height"] or 0) for bar in bars]
    most = max(rows for _, _, rows in report.histogram)
    assert heights == [round(220 * rows / most, 1) for _, _, rows in report.histogram]
    assert [bar["class"] for bar in bars].count("f-over") == 1
    for words in (f"{report.tokens:,}", "safe_input_tokens", "USD", "checked on", MODEL):
        assert words in report.to_html()


@pytest.mark.parametrize(
    "name",
    [
        "</title><script>alert(1)</script>",
        "'\"><svg onload=alert(1)>",
        "{{style}} {{reports}}",
        "\u202e\x00 lone \ud800",
    ],
)
def test_names_cannot_leave_their_place(name: str) -> None:
    model = tokenkit.Model(name=name.replace("\ud800", "?"), kind="chat", encoding="gpt2")
    table = pyarrow.table({"plain": TEXTS})
    other = tokenkit.Model(name="m", kind="chat", encoding="gpt2")
    plain = tokenkit.token_report(table, "plain", other)
    plain = replace(plain, notes=("a note",))
    report = tokenkit.token_report(table, "plain", model)
    report = replace(report, column=name, encoding=name, notes=(name,))
    page = report_page([report, report], title=name)
    page.encode()
    tags = [tag for tag, _ in Reader(page).tags]
    assert tags == [tag for tag, _ in Reader(report_page([plain, plain])).tags]
    assert not {"script", "link", "img", "iframe"}.intersection(tags)
    assert "default-src 'none'" in page
    with pytest.raises(ValueError, match="expected a report at least"):
        report_page([])
