"""The verb cost."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from cli_runs import run
from cost_lines import response, table

import tokenkit


def test_cost_of_numbers() -> None:
    words = ("cost", "-m", "gpt-5.2", "--input", 12_000, "--cached", 8_000, "--output", 500)
    result = run(*words)
    expected = tokenkit.cost("gpt-5.2", input_tokens=12_000, cached_tokens=8_000, output_tokens=500)
    assert f"total                                    {expected.total} USD" in result.stdout
    report = json.loads(run(*words, "--format", "json").stdout)
    assert report["total"] == str(expected.total)
    assert [line["amount"] for line in report["costs"][0]["lines"]] == [
        str(line.amount) for line in expected.lines
    ]


def test_cost_of_several_models_and_what_has_no_price() -> None:
    result = run("cost", "-m", "gpt-4o", "-m", "gpt-5.2", "--input", 1_000, "--tier", "flex")
    assert "no prices are listed for tier 'flex'" in result.stdout
    assert "all together at least 0.000875 USD" in result.stdout
    report = json.loads(
        run("cost", "-m", "gpt-4o", "--input", 1_000, "--tier", "flex", "--format", "json").stdout
    )
    assert report["costs"][0]["partial"] is True


def test_cost_at_a_date() -> None:
    words = ("cost", "-m", "o3", "--input", 1_000_000, "--at")
    assert "10 USD" in run(*words, "2025-05-01").stdout
    assert "2 USD" in run(*words, "2025-06-10").stdout


def test_cost_of_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("word " * 1_000)
    result = run("cost", path, "-m", "gpt-5.2", "-m", "claude-opus-5", "--output", 100)
    assert result.exit_code == 0
    header, exact, estimated = result.stdout.splitlines()
    assert header.split() == ["model", "tokens", "USD"]
    tokens = tokenkit.count("word " * 1_000, "gpt-5.2")
    price = tokenkit.cost("gpt-5.2", input_tokens=tokens, output_tokens=100).total
    assert exact.split() == ["gpt-5.2", str(tokens), str(price)]
    assert "estimated" in estimated
    report = json.loads(run("cost", path, "-m", "gpt-5.2", "--format", "json").stdout)
    assert (report[0]["tokens"], report[0]["fits"], report[0]["exact"]) == (tokens, True, True)
    missing = run("cost", path, tmp_path / "none", "-m", "gpt-5.2")
    assert missing.exit_code == 2
    assert str(tokens) in missing.stdout


def test_cost_of_usage(tmp_path: Path) -> None:
    usage = {"prompt_tokens": 1_000, "completion_tokens": 500}
    response = {"model": "gpt-5.2", "usage": usage}
    total = tokenkit.cost_from_usage(usage, "gpt-5.2").total
    for data in (response, {"response": {"body": response}}, [response]):
        assert f"{total} USD" in run("cost", "--usage", "-", data=json.dumps(data)).stdout
    lines = f"{json.dumps(response)}\n\n{json.dumps(response)}\n"
    result = run("cost", "--usage", "-", data=lines)
    assert f"all together {(2 * total).normalize()} USD" in result.stdout
    report = json.loads(
        run("cost", "--usage", "-", "-m", "gpt-5.2", "--format", "json", data=lines).stdout
    )
    assert report["total"] == str((2 * total).normalize())


@pytest.mark.parametrize(
    ("arguments", "data", "message"),
    [
        ((), "", "Expected tokens or files to price, got neither"),
        (("--input", 5), "", "Expected a model, got none"),
        (("-", "-m", "gpt-5.2", "--input", 5), "text", "Files are the prompt"),
        (("-m", "gpt-5.2", "--input", 5, "--cached", 9), "", "cached"),
        (("-m", "gpt-5.2", "--input", 5, "--tier", "gold"), "", "gold"),
        (("-m", "gpt-5.2", "--input", 5, "--at", "soon"), "", "soon"),
        (("-m", "gpt-9", "--input", 5), "", "Unknown model"),
        (("-m", "gpt-5.2", "--usage", "-"), '{"a": 1}', "the value: "),
        (("-m", "gpt-5.2", "--usage", "-"), "{}\n[1\n", "line 2: invalid JSON at column 3: "),
        (("-m", "gpt-5.2", "--usage", "-"), "[1]", "item 1: expected a usage object, got int"),
        (("-m", "gpt-5.2", "--usage", "-"), "", "expected usage objects, got none"),
        (("-m", "gpt-5.2", "--usage", "-"), "[" * 100_000, "nested too deep"),
        (("-m", "gpt-5.2", "--usage", "-"), '{"prompt_tokens": "x"}', "the value: prompt_tokens"),
        (("-m", "gpt-5.2", "--usage", "-"), '{"prompt_tokens": NaN}', "expected a number, got NaN"),
        (
            ("-m", "gpt-5.2", "--usage", "-"),
            '{}\n{"prompt_tokens": NaN}',
            "line 2: invalid JSON: expected a number, got NaN",
        ),
        (
            ("-m", "gpt-5.2", "--usage", "-"),
            '{"prompt_tokens": 5, "prompt_tokens": 50}',
            "expected each key of an object once, got 'prompt_tokens' twice",
        ),
        (
            ("-m", "gpt-5.2", "--usage", "-"),
            '{}\n{"prompt_tokens": 5, "prompt_tokens": 50}',
            "line 2: invalid JSON: expected each key of an object once, got 'prompt_tokens' twice",
        ),
        (
            ("--usage", "-"),
            '{"usage": {"prompt_tokens": 1}}',
            "value: expected a model, got none",
        ),
        (
            ("-m", "gpt-5.2", "--usage", "-", "--input", 5),
            "{}",
            "--usage takes all numbers",
        ),
    ],
)
def test_bad_costs(arguments: tuple[object, ...], data: str, message: str) -> None:
    result = run("cost", *arguments, data=data)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_bad_usage_does_not_stop_good_one() -> None:
    good = {"model": "gpt-5.2", "usage": {"prompt_tokens": 1_000, "completion_tokens": 500}}
    failed = {"response": {"body": {"error": {"message": "too long"}}}}
    unknown = {**good, "model": "no-such-model"}
    lines = [json.dumps(good), "{oops", json.dumps(failed), json.dumps(unknown), json.dumps(good)]
    result = run("cost", "--usage", "-", data="\n".join(lines))
    assert result.exit_code == 2
    total = 2 * tokenkit.cost_from_usage(good["usage"], "gpt-5.2").total
    assert f"all together {total.normalize()} USD" in result.stdout
    places = [line.split(": ")[2] for line in result.stderr.splitlines()]
    assert places == ["line 2", "line 3", "line 4"]


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_tables(form: str, tmp_path: Path) -> None:
    words = ("cost", "-m", "gpt-4o", "--input", 1_000, "--output", 10, "--format")
    lines = table(run(*words, form).stdout, form)
    bill = tokenkit.cost("gpt-4o", input_tokens=1_000, output_tokens=10)
    assert [(line["item"], line["amount"]) for line in lines] == [
        (line.item, f"{line.amount:f}") for line in bill.lines
    ]
    unpriced = table(run(*words[:-1], "--tier", "flex", "--format", form).stdout, form)
    assert {(line["amount"], line["reason"][:9]) for line in unpriced} == {("", "no prices")}
    (record,) = map(json.loads, run(*words, "jsonl").stdout.splitlines())
    assert record["total"] == f"{bill.total:f}"
    (tmp_path / "a.txt").write_text("hello world")
    rows = table(run("cost", tmp_path / "a.txt", "-m", "gpt-4o", "--format", form).stdout, form)
    assert [(row["model"], row["tokens"]) for row in rows] == [("gpt-4o", "2")]
    models = table(run("models", "--kind", "embedding", "--format", form).stdout, form)
    assert [row["name"] for row in models] == [
        model.name for model in tokenkit.list_models(kind="embedding")
    ]
    rows = table(run("models", "gpt-5.2", "--format", form).stdout, form)
    assert (rows[0]["context_window"], rows[0]["usd_per_1m_input"]) == ("400000", "1.75")
    (record,) = map(json.loads, run("models", "gpt-5.2", "--format", "jsonl").stdout.splitlines())
    assert record == tokenkit.get_model("gpt-5.2").to_record()


def test_what_cannot_be_read_has_no_price(tmp_path: Path) -> None:
    result = run("cost", tmp_path / "none", "-m", "gpt-4o")
    assert (result.exit_code, result.stdout) == (2, "")


def test_results_of_a_batch_are_priced_as_a_batch() -> None:
    body = response("gpt-5.2-2025-12-11", 20_000, 1_000_000)
    lines = [
        {"id": "batch_req_1", "custom_id": "a", "response": {"status_code": 200, "body": body}},
        {
            "id": "batch_req_2",
            "custom_id": "b",
            "response": {"status_code": 400, "body": {"error": {"code": "too_long"}}},
        },
        {"id": "batch_req_3", "custom_id": "c", "response": None, "error": {"code": "expired"}},
    ]
    result = run("cost", "--usage", "-", data="\n".join(map(json.dumps, lines)))
    assert result.exit_code == 2
    assert "0.875 USD" in result.stdout
    assert "batch" in result.stdout
    assert result.stderr.splitlines() == [
        "tokenkit: -: line 2: no usage: the request failed (too_long)",
        "tokenkit: -: line 3: no usage: the request failed (expired)",
    ]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("packed", [False, True])
def test_files_of_usage(tmp_path: Path, mark: str, packed: bool) -> None:
    path = tmp_path / ("usage.jsonl.gz" if packed else "usage.jsonl")
    lines = [json.dumps(response("gpt-4o", 1, 1000)), json.dumps(response("gpt-4o", 2, 1000))]
    for text in (lines[0], "\r\n".join(lines), f"[{','.join(lines)}]"):
        data = (mark + text).encode()
        path.write_bytes(gzip.compress(data) if packed else data)
        result = run("cost", "--usage", path, "--format", "json")
        assert result.exit_code == 0, result.stderr
        report = json.loads(result.stdout)
        assert Decimal(report["total"]) == Decimal("0.0025") * (1 if text == lines[0] else 2)
        assert report["partial"] is False


def test_a_line_end_of_unicode_inside_a_string_ends_no_line() -> None:
    lines = [response("gpt-4o", 1, 1000) | {"id": "a\u2028b\x85"} for _ in range(2)]
    data = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    assert "all together 0.005 USD" in run("cost", "--usage", "-", data=data).stdout


def test_sums_by_day_and_model() -> None:
    responses = [
        response("gpt-4o", 20_000, 1000),
        response("gpt-4o", 20_001, 2000),
        response("gpt-5.2", 20_001, 1000) | {"novelty": 1},
        {"model": "gpt-4o", "usage": {"prompt_tokens": 4000}},
    ]
    data = "\n".join(map(json.dumps, responses))
    by_model = json.loads(
        run("cost", "--usage", "-", "--by", "model", "--format", "json", data=data).stdout
    )
    assert by_model == {
        "by_model": [
            {"model": "gpt-4o", "responses": 3, "total": "0.0175", "partial": False},
            {"model": "gpt-5.2", "responses": 1, "total": "0.00175", "partial": True},
        ],
        "total": "0.01925",
        "partial": True,
    }
    text = run("cost", "--usage", "-", "--by", "day", data=data).stdout
    assert [line.split() for line in text.splitlines()] == [
        ["day", "responses", "USD"],
        ["2024-10-04", "1", "0.0025"],
        ["2024-10-05", "2", "0.00675", "partial"],
        ["unknown", "1", "0.01"],
        ["total", "4", "0.01925", "partial"],
    ]
    rows = table(
        run("cost", "--usage", "-", "--by", "day", "--format", "csv", data=data).stdout, "csv"
    )
    assert [row["day"] for row in rows] == ["2024-10-04", "2024-10-05", "unknown"]


def test_pages_of_the_usage_export() -> None:
    row = {
        "object": "organization.usage.completions.result",
        "input_tokens": 4000,
        "input_cached_tokens": 3000,
        "output_tokens": 0,
        "num_model_requests": 500,
        "model": "gpt-4o",
    }
    bucket = {
        "object": "bucket",
        "start_time": 20_000 * 86_400,
        "end_time": 0,
        "results": [row, row],
    }
    data = json.dumps({"object": "page", "data": [bucket], "has_more": False})
    text = run("cost", "--usage", "-", "--by", "day", data=data).stdout
    assert text.splitlines()[1].split() == ["2024-10-04", "2", "0.0125"]


def test_by_needs_usage() -> None:
    result = run("cost", "-m", "gpt-4o", "--input", 5, "--by", "day")
    assert result.exit_code == 2
    assert "--by adds up responses" in result.stderr


def test_notes_are_printed_once() -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 0, "new_tokens": 7}
    lines = "\n".join(json.dumps({"model": "gpt-5.2", "usage": usage}) for _ in range(3))
    note = "note: gpt-5.2: usage.new_tokens: this key is not known, so the cost is partial"
    assert run("cost", "--usage", "-", data=lines).stdout.splitlines().count(note) == 1
    many = [{"model": "gpt-5.2", "usage": {"prompt_tokens": 1, f"key{n}": 1}} for n in range(30)]
    shown = run("cost", "--usage", "-", data=json.dumps(many)).stdout
    assert shown.count("note: ") == 20
    assert shown.splitlines()[-1] == "and 10 more notes; --format json has them all"


ROWS = ["word " * number for number in (1, 1, 40, 3_000, 300_000)]


def write_rows(folder: Path) -> None:
    folder.mkdir()
    with (folder / "a.jsonl").open("w") as file:
        file.writelines(json.dumps({"text": row}) + "\n" for row in (*ROWS[:2], None))
    table = pyarrow.table({"text": ROWS[2:]})
    pyarrow.parquet.write_table(table, folder / "b.parquet", row_group_size=1)


def test_cost_of_columns(tmp_path: Path) -> None:
    write_rows(tmp_path / "lake")
    words = ("cost", tmp_path / "lake", "--column", "text", "-m", "gpt-5.4", "-m")
    result = run(*words, "text-embedding-3-small", "--output", 10, "--format", "json")
    assert result.exit_code == 0
    records = json.loads(result.stdout)
    tiers = tokenkit.get_model("gpt-5.4").prices
    assert [(record["model"], record["tier"]) for record in records] == [
        *(("gpt-5.4", tier) for tier in tiers),
        *(("text-embedding-3-small", tier) for tier in ("standard", "batch")),
    ]
    for record in records:
        model = record["model"]
        (expected,) = tokenkit.compare(ROWS, [model], expected_output=10, tier=record["tier"])
        assert (record["rows"], record["missing"]) == (len(ROWS), 1)
        assert record["tokens"] == expected.tokens
        assert (Decimal(record["cost_usd"]), record["partial"]) == (
            expected.cost_low,
            expected.partial,
        )
    shown = run(*words, "text-embedding-3-small", "--tier", "batch").stdout.splitlines()
    assert [line.split()[:3] for line in shown] == [
        ["model", "tier", "rows"],
        ["gpt-5.4", "batch", "5"],
        ["text-embedding-3-small", "batch", "5"],
    ]


def test_cost_of_columns_that_are_not_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"text": [b"hi", b"\xff"]}), path)
    words = ("cost", path, "--column", "text", "-m", "gpt-4o", "--tier")
    result = run(*words, "flex")
    assert result.exit_code == 2
    assert "0+" in result.stdout
    assert "partial: not all has a listed price" in result.stdout
    assert "row 2: column 'text': expected UTF-8 text" in result.stderr
    assert run(*words, "batch", "--errors", "replace").exit_code == 0
    assert run("cost", "--field", "text", "-m", "gpt-4o", data='{"text": "hi"}').exit_code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--column", "text"), "Expected a model, got none"),
        (("--column", "text", "-m", "claude-opus-5"), "no public tokenizer"),
        (("--column", "text", "-m", "gpt-4o", "--input", 5), "Rows are the prompts"),
        (("--column", "text", "-m", "gpt-4o", "--usage", "x"), "--usage does not go with"),
        (("--column", "text", "-m", "gpt-4o", "--by", "day"), "--by does not go with"),
        (("--column", "text", "-m", "gpt-4o", "--tier", "cheap"), "tier: expected one of"),
        (("--column", "text", "-m", "gpt-4o", "--at", "never"), "at: expected"),
        (("-m", "gpt-4o", "--rows-as", "csv"), "--rows-as needs --field or --column"),
        (("-m", "gpt-4o", "--exclude", "x"), "--exclude needs --field or --column"),
    ],
)
def test_cost_of_columns_refuses(words: tuple[object, ...], message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text\nhi\n")
    result = run("cost", path, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
