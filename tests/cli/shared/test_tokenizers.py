"""-e where a model is needed: limits and prices are the model's, tokens those of the tokenizer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import tokenkit
from tokenkit.cli.shared.app import app
from tokenkit.models import registry

TEXT = "Strawberries 🍓 are red. " * 8
CHAT = [{"role": "user", "content": TEXT}, {"role": "user", "content": "Why?"}]
TOOL = {"name": "now", "description": "The time", "inputSchema": {"type": "object"}}


def run(value: Any, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments], input=json.dumps(value))


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a registry of its own: commands add to it."""
    monkeypatch.setattr(registry, "_registry", registry.new_registry())


@pytest.fixture
def letters(tmp_path: Path) -> str:
    """Write a tokenizer whose tokens are bytes, in a folder with the name of a bundled one."""
    from tokenkit.encodings.steps.decoders import BYTE_CHARACTERS

    split = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    vocab = {sign: byte for byte, sign in BYTE_CHARACTERS.items()}
    model = {"type": "BPE", "vocab": vocab, "merges": []}
    path = tmp_path / "gpt2" / "tokenizer.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"model": model, "pre_tokenizer": split, "decoder": split}))
    return str(path.parent)


def tokens_of_messages(path: str) -> int:
    enc = tokenkit.load_encoding(path)
    return sum(enc.count(str(message["content"])) for message in CHAT)


def test_fit_counts_with_the_tokenizer(letters: str) -> None:
    least = tokens_of_messages(letters)
    whole = run(CHAT, "fit", "-e", letters, "--context-window", "9000", "--max-output", "10")
    assert whole.exit_code == 0, whole.output
    small = ["-e", letters, "--context-window", str(least), "--max-output", "10", "-q"]
    cut = run(CHAT, "fit", *small)
    assert cut.exit_code == 0, cut.output
    fitted = json.loads(cut.stdout)
    assert fitted != CHAT
    assert fitted[-1] == CHAT[-1]
    # The same window holds all of it in tokens of o200k_base.
    same = run(CHAT, "fit", "-e", "o200k_base", *small[2:])
    assert json.loads(same.stdout) == CHAT


def test_preflight_has_the_limits_of_the_model_that_the_request_names(letters: str) -> None:
    request = {"model": "gpt-5.4", "messages": CHAT}
    plain = json.loads(run(request, "preflight", "--format", "json").stdout)[0]
    mine = json.loads(run(request, "preflight", "-e", letters, "--format", "json").stdout)[0]
    assert (mine["model"], mine["limit"]) == ("gpt-5.4", plain["limit"])
    assert mine["tokens"] >= tokens_of_messages(letters) > plain["tokens"]
    line = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": request}
    batch = json.loads(run(line, "preflight", "-e", letters, "--format", "json").stdout)[0]
    assert (batch["model"], batch["tokens"]) == ("gpt-5.4", mine["tokens"])


def test_preflight_without_a_model_knows_no_limit_but_the_given_one(letters: str) -> None:
    for window, fits in ((None, None), (100_000, True), (10, False)):
        more = [] if window is None else ["--context-window", str(window)]
        result = run({"messages": CHAT}, "preflight", "-e", letters, *more, "--format", "json")
        (record,) = json.loads(result.stdout)
        assert (record["model"], record["fits"], record["limit"]) == (letters, fits, window)
        assert result.exit_code == (fits is False)


def test_tools_and_texts_are_counted_and_priced(letters: str, tmp_path: Path) -> None:
    def tools(*options: str) -> Any:
        return json.loads(run([TOOL], "tools", *options, "--format", "json").stdout)[0]

    ours, alone = tools("-m", "gpt-5.4", "-e", letters), tools("-e", letters)
    assert ours["usd"] is not None
    assert alone["usd"] is None
    assert alone["tokens"] > 40
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    priced = run(None, "cost", str(path), "-m", "gpt-5.4", "-e", letters, "--format", "json")
    (row,) = json.loads(priced.stdout)
    assert row["tokens"] == tokenkit.load_encoding(letters).count(TEXT)
    assert float(row["cost_low"]) > 0
    unpriced = run(None, "cost", str(path), "-e", letters, "--format", "json")
    assert json.loads(unpriced.stdout)[0]["tokens"] == row["tokens"]


def test_chats_in_rows_and_requests(letters: str, tmp_path: Path) -> None:
    path = tmp_path / "chats.jsonl"
    path.write_text(json.dumps({"messages": CHAT}) + "\n")
    rows = run(None, "count", str(path), "--chat", "messages", "-e", letters, "--format", "json")
    assert rows.exit_code == 0, rows.output
    line = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions"}
    path.write_text(json.dumps({**line, "body": {"messages": CHAT}}) + "\n")
    requests = run(None, "count", str(path), "--requests", "-e", letters, "--format", "json")
    assert requests.exit_code == 0, requests.output
    assert str(letters) in requests.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit", "-m", "gpt-5.4", "--context-window", "5"], "--context-window with -e and without"),
        (["fit", "-e", "no_such"], "Unknown encoding 'no_such'"),
        (["fit", "-e", "o200k_base"], "no context window"),
        (["cost", "-e", "o200k_base", "--input", "5"], "-e counts texts"),
        (["tools", "-e", "./no/such"], "Unknown encoding './no/such'"),
    ],
)
def test_what_is_wrong_exits_with_2(arguments: list[str], message: str) -> None:
    result = run(CHAT, *arguments)
    assert result.exit_code == 2
    assert message in result.output
