"""The verb cost."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from cli_runs import run

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
    assert f"all together {2 * total} USD" in result.stdout
    report = json.loads(
        run("cost", "--usage", "-", "-m", "gpt-5.2", "--format", "json", data=lines).stdout
    )
    assert report["total"] == str(2 * total)


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
    assert f"all together {total} USD" in result.stdout
    places = [line.split(": ")[2] for line in result.stderr.splitlines()]
    assert places == ["line 2", "line 3", "line 4"]


def table(text: str, form: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines(), delimiter="," if form == "csv" else "\t"))


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
