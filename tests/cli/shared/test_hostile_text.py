"""Nothing foreign controls a terminal, whatever the verb; pipes and files get it as it is."""

from __future__ import annotations

import ast
import csv
import io
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from cli_runs import Stream, process, run, run_with
from hypothesis import given, strategies as st
from search import examples

import tokenkit
from tokenkit.cli.shared.output import utf8

# Sets the title, colours, a link, turns the direction, returns, beeps, C1's own CSI and NEL ...
EVIL = "\x1b]0;evil\x07\x1b[31m\x1b]8;;x\x1b\\\u202e\r\x08\x9b31m\x85\x7f\u2066\u2028\n\tb"
NAME = f"a{EVIL}.txt"  # of a file
MODEL = f"a\0{EVIL}"
ANY = f"{MODEL}\ud800"  # of all that JSON can hold
CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
E = ("-e", "gpt2")
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
pytestmark = posix


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with hostile files of every kind; the overlay has a hostile model."""
    monkeypatch.chdir(tmp_path)
    Path(NAME).write_text(f"# {EVIL}\n\nsome text\n" * 3, "utf-8")
    os.mkdir(f"d{EVIL}")
    Path(f"d{EVIL}", NAME).write_text("hi")
    Path(f"d{EVIL}", "x.bin").write_bytes(b"\0")
    rows = [{"t": "hi", ANY: 1, "i": ANY}, {ANY: 2}, [], {"t": [ANY]}, {"t": ANY, "i": {ANY: 1}}]
    Path("r.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + EVIL, "utf-8")
    with open("r.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["t", EVIL], ["hi", EVIL], ["x", "y", EVIL]])
    pyarrow.parquet.write_table(pyarrow.table({EVIL: ["hi"], "s": [{EVIL: 1}]}), "r.parquet")
    call = {"id": ANY, "type": "function", "function": {"name": ANY, "arguments": ANY}}
    chat = [
        {"role": "system", "content": ANY, "name": ANY},
        {"role": "user", "content": [{"type": "text", "text": ANY}, {"type": ANY}]},
        {"role": "assistant", "content": None, "tool_calls": [call], ANY: ANY},
        {"role": ANY, "content": ANY},
    ]
    for size in (1, 2, 3, 4):
        Path(f"chat{size}.json").write_text(json.dumps(chat[:size]))
    Path("request.json").write_text(json.dumps({"model": ANY, "messages": chat[:1], ANY: ANY}))
    bodies: list[Any] = [
        {"model": model, "messages": chat[:1], ANY: 1} for model in (ANY, MODEL, "gpt-4o")
    ]
    lines = [{"custom_id": ANY, "method": ANY, "url": ANY, "body": body, ANY: 1} for body in bodies]
    lines += [{**line, "method": "POST", "url": "/v1/chat/completions"} for line in lines]
    Path("b.jsonl").write_text("".join(json.dumps(line) + "\n" for line in [*lines, *bodies, ANY]))
    usage: list[Any] = [
        {"model": model, "usage": {"prompt_tokens": 5, "completion_tokens": 1, ANY: 3, "x": ANY}}
        for model in (ANY, "gpt-4o", MODEL)
    ]
    Path("u.jsonl").write_text("".join(json.dumps(line) + "\n" for line in [*usage, ANY]) + EVIL)
    model: dict[str, Any] = {"kind": "chat", "encoding": "gpt2", "context_window": 9}
    model |= {"provider": MODEL, "notes": [MODEL], "sources": {"prices": MODEL}}
    model |= {"prices": {"standard": {"input": "1"}}}
    Path("m.json").write_text(json.dumps({"models": [{"name": MODEL, **model}]}))
    Path("bad.json").write_text(json.dumps({"models": [{"name": ANY, ANY: ANY, **model}]}))
    rates = {"litellm_provider": "openai", "input_cost_per_token": 1e-6, f"{ANY}_cost": 1}
    listed = {ANY: rates, "gpt-4o": rates, MODEL: rates, "gpt-4": {"input_cost_per_token": ANY}}
    Path("list.json").write_text(json.dumps(listed))
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr("tokenkit.models.registry._registry", None)
    return tmp_path


WORDS: list[tuple[str, ...]] = [
    *(("count", NAME, NAME, *E, "--format", form) for form in ("text", "csv", "tsv", "json")),
    ("count", ".", *E, "--tree", "--hidden", "--max-tokens", "1", "--each"),
    ("count", f"none{EVIL}", *E),
    ("count", ".", *E, "--include", f"{EVIL}["),
    ("count", "r.jsonl", "--field", EVIL, *E),
    ("count", "r.jsonl", "--field", "t", "--id", "i", "--per-row", "-", *E),
    ("count", "r.jsonl", "--field", "t", "--per-row", f"o{EVIL}.txt", *E),
    ("count", "r.jsonl", "--field", "t", "--per-row", f"none{EVIL}/o.csv", *E),
    ("count", "r.csv", "--column", f"q{EVIL}", *E),
    ("count", "r.csv", "--column", "t", *E),
    ("count", "r.csv", "--column", "1", *E),
    ("count", "r.parquet", "--column", "q", *E),
    ("count", "r.parquet", "--column", "s.q", *E),
    ("count", "r.parquet", "--column", "s", *E),
    ("count", "r.jsonl", "--chat", "t", "-m", "gpt-4o"),
    *(("count", "b.jsonl", "--requests", "--format", form) for form in ("text", "csv", "json")),
    ("count", NAME, "-m", EVIL),
    ("count", NAME, "-m", "{model}", "--cost", "--fits"),
    ("count", NAME, "-m", "{model}", "-m", "gpt-4o", "--format", "csv"),
    ("chunk", NAME, *E, "-n", "9"),
    ("chunk", NAME, *E, "-n", "9", "-o", f"none{EVIL}/o"),
    ("chunk", NAME, *E, "-n", "9", "--split-output", f"s{EVIL}"),
    ("chunk", NAME, "-m", "text-embedding-3-small", "-o", "o", "--pack", f"p{EVIL}"),
    ("chunk", NAME, *E, "-n", "9", "-o", NAME),
    ("chunk", ".", *E, "-n", "1"),
    ("truncate", NAME, "-t", "9", "--marker", EVIL, *E),
    ("encode", NAME, "--tokens", *E),
    ("encode", NAME, "--format", "jsonl", *E),
    ("decode", "-i", NAME, *E),
    ("decode", "4", EVIL, *E),
    ("decode", "{ids}", *E),
    ("decode", "{ids}", "--bytes", *E),
    *(("fit", f"chat{size}.json", "-m", "gpt-4") for size in (1, 2, 3, 4)),
    ("fit", "chat1.json", "-m", "gpt-4", "--format", "jsonl"),
    ("fit", "request.json"),
    ("fit", "request.json", "-m", "gpt-4", "--tools", f"none{EVIL}"),
    ("fit", "r.jsonl", "-m", "gpt-4"),
    *(("show", f"chat{size}.json", "-m", "gpt-4", "--fit") for size in (1, 2, 3)),
    ("show", NAME, NAME, *E, "--color", "never"),
    ("show", NAME, NAME, *E, "--color", "always", "--ids", "-w"),
    ("show", NAME, NAME, *E, "--offsets"),
    ("show", NAME, "-m", "{model}", "-m", "gpt-4o"),
    ("show", NAME, *E, "--chunks", "12"),
    ("show", NAME, *E, "--html", f"none{EVIL}/o"),
    ("show", NAME, *E, "--html", f"o{EVIL}"),
    *(("models", "--search", "a\0", "--format", form) for form in ("text", "csv", "tsv", "json")),
    *(("preflight", "b.jsonl", "--format", form) for form in ("text", "csv", "json")),
    ("preflight", "request.json", "-m", "{model}"),
    ("preflight", "b.jsonl", "--annotations", "github"),
    ("preflight", "chat1.json", "--api", EVIL),
    ("models", "{model}"),
    ("models", "{model}", "--format", "csv"),
    ("models", EVIL),
    ("models", "--kind", EVIL),
    ("models", "refresh", "list.json", "--to", "new.json", "--yes"),
    ("models", "refresh", f"none{EVIL}", "--to", f"new{EVIL}.json", "--yes"),
    ("models", "refresh", "list.json", "--to", f"new{EVIL}.toml"),
    *(("cost", "--usage", "u.jsonl", "--format", form) for form in ("text", "csv", "json")),
    ("cost", "--usage", "u.jsonl", "--by", "model"),
    ("cost", "-m", "{model}", "--input", "5", "--output", "3", "--cached", "2"),
    ("cost", "-m", "gpt-4o", "--input", "5", "--tier", EVIL),
    ("cost", "-m", "gpt-4o", "--input", "5", "--at", EVIL),
    ("cost", NAME, "-m", "{model}", "-m", "gpt-4o"),
    (f"x{EVIL}",),
    (f"--{EVIL}",),
    ("count", f"--{EVIL}"),
    ("count", "--format", EVIL, NAME),
    ("count", NAME, "-e", EVIL),
    ("count", NAME, *E, "--text-encoding", EVIL),
    ("count", NAME, *E, "--max-tokens", EVIL),
    ("encode", NAME, "-e", "\udcff\x1b"),
]


def filled(words: tuple[str, ...]) -> list[str]:
    ids = " ".join(map(str, tokenkit.get_encoding("gpt2").encode_ordinary(EVIL)))
    return [{"{model}": MODEL, "{ids}": ids}.get(word, word) for word in words]


@pytest.mark.parametrize(
    "words", WORDS, ids=[f"{n}-{words[0]}"[:12] for n, words in enumerate(WORDS)]
)
def test_no_verb_lets_text_control_a_terminal(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENKIT_MODELS", "m.json")
    out, err = Stream(terminal=True), Stream(terminal=True)
    code = run_with(out, err, *filled(words))
    shown = out.text() + err.text()
    assert shown.strip()
    if "always" in words or words[0] == "show":
        shown = re.sub(r"\x1b\[[\d;]*m", "", shown)  # colours of our own
    found = CONTROL.search(shown)
    assert not found, (code, shown[max(0, found.start() - 60) : found.end() + 60])
    assert "Traceback" not in shown


PIECES = [
    *("\x1b[2J", "\x1b]0;x\x07", "\x9b5m"),
    *"\u202e\r\0\x85\ud800\udcff\n\t\x7f\u2028\ufeff",
    *"a漢\"',\\{[%",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
KEYS = TEXTS | st.sampled_from(
    [
        "role",
        "content",
        "model",
        "messages",
        "usage",
        "type",
        "text",
        "name",
        "function",
        "tools",
        "prompt_tokens",
        "input",
        "url",
        "body",
        "method",
        "custom_id",
        "id",
        "tool_calls",
        "arguments",
        "t",
    ]
)
VALUES = st.recursive(
    TEXTS | st.sampled_from([0, -1, 1e300, True, None, 10**30, "user", "gpt-4o", "hi"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=6,
)
BASES: list[dict[str, Any]] = [
    {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]},
    {"model": "gpt-4o", "usage": {"prompt_tokens": 3, "completion_tokens": 1}},
    {"role": "user", "content": "hi"},
    {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {}},
    {"t": "hi"},
]
OF_LINES: list[tuple[str, ...]] = [
    ("count", "x.jsonl", "--field", "t", "--id", "id", "--per-row", "-", *E),
    ("count", "x.jsonl", "--field", "t", "--id", "id", "--per-row", "o.parquet", *E),
    ("count", "x.jsonl", "--chat", "messages", "-m", "gpt-4o"),
    ("count", "x.jsonl", "--requests", "-m", "gpt-4o"),
    ("cost", "--usage", "x.jsonl", "-m", "gpt-4o"),
    ("fit", "x.jsonl", "-m", "gpt-4o"),
    ("show", "x.jsonl", "-m", "gpt-4", "--fit", "--color", "never"),
    ("preflight", "x.jsonl"),
    ("preflight", "x.jsonl", "--annotations", "github"),
    ("models", "refresh", "x.jsonl", "--to", "n.json", "--yes"),
    ("encode", "x.jsonl", "--tokens", *E),
]


@given(
    st.lists(
        st.builds(dict.__or__, st.sampled_from(BASES), st.dictionaries(KEYS, VALUES)),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(OF_LINES),
)
@examples(150)
def test_random_data_controls_no_terminal(
    lines: list[dict[str, Any]], words: tuple[str, ...]
) -> None:
    Path("x.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    out, err = Stream(terminal=True), Stream(terminal=True)
    assert run_with(out, err, *words) in (0, 1, 2)
    assert not CONTROL.search(out.text() + err.text())


def test_a_wrong_overlay_controls_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENKIT_MODELS", "bad.json")
    out, err = Stream(terminal=True), Stream(terminal=True)
    assert run_with(out, err, "models") == 2
    assert not CONTROL.search(out.text() + err.text())


def test_an_error_of_our_own_controls_no_terminal() -> None:
    code = (
        "import tokenkit.cli.count.command as command\nfrom tokenkit.cli import main\n"
        f"def fail(*_words, **_more): raise RuntimeError({EVIL!r})\n"
        "command.count_files = fail\nmain()"
    )
    done = process("count", "r.csv", *E, python=("-c", code))
    assert done.returncode == 1
    assert b"RuntimeError: [U+001B]" in done.stderr
    assert not CONTROL.search(done.stderr.decode())


def test_errors_in_a_pipe_control_no_terminal() -> None:
    """Standard error is shown to people even if it goes to a file first."""
    err = Stream()
    assert run_with(Stream(), err, "count", NAME, f"none{EVIL}", "--max-tokens", "1", *E) == 2
    assert err.text().count("\n") == 2
    assert not CONTROL.search(err.text())


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_tables_hold_names_as_they_are(form: str) -> None:
    names = [NAME, 'q"u,o\tte', " x ", "=1+1", "new\nline", "back\rspace", "漢", "one,two"]
    if sys.platform == "linux":
        names.append(os.fsdecode(b"na\xffme"))
    for name in names:
        Path(name).write_text("hi")
    out = Stream()
    assert run_with(out, Stream(), "count", *names, "-e", "gpt2", "--format", form) == 0
    delimiter = "\t" if form == "tsv" else ","
    rows = list(csv.reader(io.StringIO(out.text(), newline=""), delimiter=delimiter))
    assert [row[1] for row in rows] == ["name", *names]
    for line in run("count", *names[:3], "-e", "gpt2", "--format", "jsonl").stdout.splitlines():
        assert json.loads(line)["name"] in names


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_files_of_rows_hold_ids_and_names_as_they_are(ending: str) -> None:
    some = ANY.replace("\0", "")  # CSV with NUL is refused by Python's reader before 3.11
    data = "".join(json.dumps({"t": "hi", "i": key}) + "\n" for key in (EVIL, some))
    name = os.fsdecode(b"a\xff.jsonl") if sys.platform == "linux" else "a.jsonl"
    for path in (name, f"b{EVIL}.jsonl"):
        Path(path).write_text(data)
    words = ("count", name, f"b{EVIL}.jsonl", "--field", "t", "--id", "i", *E)
    assert run_with(Stream(), err := Stream(), *words, "--per-row", f"o.{ending}") == 0, err.text()
    if ending == "csv":
        with open("o.csv", encoding="utf-8", errors="surrogateescape", newline="") as file:
            rows = list(csv.DictReader(file))
    elif ending == "jsonl":
        rows = [json.loads(line) for line in Path("o.jsonl").read_text("ascii").splitlines()]
    else:
        rows = pyarrow.parquet.read_table("o.parquet").to_pylist()
    ids = [EVIL, some if ending == "jsonl" else some.replace("\ud800", "\ufffd")]
    assert [row["i"] for row in rows] == ids * 2
    first = name if ending != "parquet" else utf8(name).decode("utf-8", "replace")
    assert [row["file"] for row in rows] == [first] * 2 + [f"b{EVIL}.jsonl"] * 2


def test_json_is_exact() -> None:
    chat = [{"role": "user", "content": ANY + "漢 é 👩\u200d💻"}]
    for form in ("json", "jsonl"):
        for terminal in (False, True):
            out = Stream(terminal=terminal)
            words = ("fit", "-m", "gpt-4o", "-q", "--format", form)
            assert run_with(out, Stream(), *words, data=json.dumps(chat).encode()) == 0
            value = json.loads(out.text())
            assert value == (chat if form == "json" else chat[0])
            assert "漢 é 👩\u200d💻" in out.text()


def test_payloads_reach_a_pipe_as_they_are() -> None:
    text = EVIL + "\r\n漢"
    ids = " ".join(map(str, tokenkit.get_encoding("gpt2").encode_ordinary(text)))
    for words, data in (
        (("truncate", "-t", "999"), text),
        (("decode",), ids),
        (("decode", "--bytes"), ids),
    ):
        out = Stream()
        assert run_with(out, Stream(), *words, *E, data=data.encode()) == 0
        assert out.text() == text


def test_only_one_file_writes_to_the_outputs() -> None:
    package = Path(tokenkit.__file__).parent / "cli"
    for path in package.rglob("*.py"):
        if path.name == "output.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                call = ast.unparse(node.func)
                assert call not in ("click.echo", "click.secho"), path
                assert call != "print" or path == package / "__init__.py", path
                assert not re.match(r"sys\.std(out|err)\.(buffer\.)?write", call), path
