"""The verb show; the page itself is tested in a browser."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cli_runs import run
from click.testing import CliRunner

import tokenkit
from tokenkit.cli.shared.app import app
from tokenkit.cli.show.command import chunks_price
from tokenkit.cli.show.paint import HUES
from tokenkit.models import get_model
from tokenkit.views.figures import window_use
from tokenkit.views.tokens import segments

E = ("-e", "o200k_base")
ENCODING = tokenkit.get_encoding("o200k_base")
CODE = re.compile(r"\x1b\[[\d;]*m")


@pytest.fixture(autouse=True)
def in_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def colored(text: str) -> list[str]:
    """The stretches that have a background."""
    return re.findall(r"\x1b\[38;5;16;48;5;\d+m(.*?)\x1b\[0m", text)


def test_tokens_as_colors() -> None:
    text = "The naïve 漢 fox 👩.\n\nNew"
    result = run("show", *E, "--color", "always", data=text)
    assert result.exit_code == 0
    pieces = [text[segment.start : segment.end] for segment in segments(text, ENCODING)]
    expected = [line for piece in pieces for line in piece.split("\n") if line]
    assert colored(result.stdout) == expected
    # Neighbours differ.
    codes = re.findall(r"48;5;(\d+)m", result.stdout)
    assert all(a != b for a, b in itertools.pairwise(codes))
    assert CODE.sub("", result.stdout).startswith(text + "\n")


def test_without_colors_a_bar_stands_between() -> None:
    result = run("show", *E, data="hello world")
    assert result.stdout.splitlines()[0] == "hello│ world"
    assert "\x1b" not in result.stdout
    assert (
        "o200k_base: 2 tokens, 11 characters, 11 bytes, 2 words, 5.50 characters per token (the "
        in (result.stdout)
    )


def test_marks_ids_and_bytes() -> None:
    plain = run("show", *E, "-w", "--ids", "--bytes", data="a\tb 👩\r\nc\x1b\u202e")
    lines = plain.stdout.splitlines()
    for words in ("→", "␍↵", "<20f09f91><a9>", "61138 102", "[U+001B]", "[RLO]"):
        assert words in lines[0] + lines[1], words


def test_offsets() -> None:
    result = run("show", *E, "--offsets", data="a👩\n")
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert rows[0] == ["characters", "bytes", "id", "hex", "text"]
    assert rows[1] == ["0-1", "0-1", "64", "61", "a"]
    assert rows[2][:4] == ["1-2", "1-4", "28823", "f09f91"]
    assert rows[3][:4] == ["1-2", "4-5", "102", "a9"]
    assert rows[4] == ["2-3", "5-6", "198", "0a", "↵"]


def test_two_encodings_side_by_side() -> None:
    text = "unbelievable naïve\n안녕하세요\n"
    result = run("show", *E, "-e", "cl100k_base", "--color", "always", data=text)
    first = CODE.sub("", result.stdout).splitlines()
    assert first[0].split() == ["o200k_base", "cl100k_base"]
    assert first[1].split() == ["unbelievable", "naïve"] * 2
    assert first[2].split() == ["안녕하세요"] * 2
    assert "cl100k_base: " in result.stdout
    assert run("show", *E, "-e", "gpt2", "-e", "r50k_base", data="x").exit_code == 2


def test_the_window() -> None:
    result = run("show", "-m", "gpt-4o", "--max-output", 64_000, data="hello world")
    use = window_use("gpt-4o", 2, max_output=64_000)
    line = result.stdout.splitlines()[-1]
    assert line.startswith("gpt-4o [#")
    assert f"{use.free:,} left" in line
    assert f"{use.reserved:,} reserved" in line
    assert str(use.cost) in line
    assert "9 over the limit;" in run("show", "-m", "gpt-4", data="a b " * 4_100).stdout


def test_chunks() -> None:
    text = "One sentence here. " * 60
    result = run("show", *E, "--chunks", 40, "--overlap", 8, "--color", "always", data=text)
    chunks = tokenkit.chunk(text, max_tokens=40, overlap=8, encoding="o200k_base")
    heads = [line for line in CODE.sub("", result.stdout).splitlines() if line.startswith("chunk ")]
    assert len(heads) == len(chunks)
    assert f"{chunks[0].tokens} of 40 tokens" in heads[0]
    assert f"repeats {chunks[0].overlap} tokens" in heads[1]
    second = result.stdout.split("chunk 1")[1].split("chunk 2")[0]
    underlined = "".join(re.findall(r"\x1b\[[\d;]*;4m(.*?)\x1b\[0m", second))
    assert underlined == text[chunks[1].start : chunks[0].end]


def test_fit() -> None:
    chat = [
        {"role": "system", "content": "Be short."},
        {"role": "assistant", "content": "old " * 9_000},
        {"role": "user", "content": "And now?"},
    ]
    result = run("show", "-m", "gpt-4", "--fit", "--color", "always", data=json.dumps(chat))
    assert result.exit_code == 0
    text = CODE.sub("", result.stdout)
    assert re.findall(r"^\d\. \w+ · (\w+)", text, re.MULTILINE) == ["kept", "dropped", "kept"]
    assert ";9m" in result.stdout
    assert "gpt-4 [" in text
    huge = json.dumps([{"role": "user", "content": "old " * 9_000}])
    assert run("show", "-m", "gpt-4", "--fit", data=huge).exit_code == 1
    assert run("show", *E, "--fit", data="[]").exit_code == 2
    assert "expected a list of messages" in run("show", "-m", "gpt-4", "--fit", data="5").stderr


def test_several_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    (tmp_path / "b\u202e.txt").write_text("world")
    result = run("show", "a.txt", "none", "b\u202e.txt", *E)
    assert result.exit_code == 2
    assert result.stdout.splitlines()[:4] == ["a.txt", "hello", "b[RLO].txt", "world"]
    assert "none: No such file" in result.stderr


def test_page(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello world")
    result = run("show", "a.txt", "-m", "gpt-5.2", "--max-output", "auto", "--html", "a.html")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "a.html written" in result.stderr
    html = (tmp_path / "a.html").read_text("utf-8")
    assert "<h1>a.txt</h1>" in html
    assert "o200k_base, for gpt-5.2" in html
    assert "128,000" in html  # the reply's cap
    bad = run("show", "a.txt", *E, "--html", "none/a.html")
    assert bad.exit_code == 2
    assert "none/a.html: No such file" in bad.stderr


def test_reading_the_page_from_two_inputs(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello world")
    assert run("show", "a.txt", "a.txt", *E, "-e", "gpt2", "--html", "two.html").exit_code == 0
    html = (tmp_path / "two.html").read_text("utf-8")
    assert "<h1>a.txt and 1 more</h1>" in html
    assert html.count('"hello world"') == 2


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(
    ("more", "environment", "expected"),
    [
        ((), {}, True),
        ((), {"NO_COLOR": "1"}, False),
        (("--color", "never"), {}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("-e", "gpt2"), {}, True),
        (("-e", "gpt2"), {"NO_COLOR": "1"}, False),
    ],
)
def test_on_a_terminal(
    tmp_path: Path, more: tuple[str, ...], environment: dict[str, str], expected: bool
) -> None:
    import pty

    (tmp_path / "a.txt").write_text("hello world\n")
    terminal, other = pty.openpty()
    everything = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    everything |= {"TERM": "xterm-256color", "PYTHONPATH": str(Path(tokenkit.__file__).parents[1])}
    try:
        child = subprocess.Popen(
            [sys.executable, "-m", "tokenkit", "show", "a.txt", *E, *more],
            stdout=other,
            stderr=other,
            env={**everything, **environment},
        )
        os.close(other)
        shown = b""
        while True:
            try:
                part = os.read(terminal, 4096)
            except OSError:  # Linux's way to say that the other end is closed
                break
            if not part:
                break
            shown += part
        assert child.wait(30) == 0, shown
    finally:
        os.close(terminal)
    assert (f"48;5;{HUES[0]}m".encode() in shown) == expected
    assert b"hello" in shown


def test_a_big_text_in_the_terminal() -> None:
    text = "The quick brown fox jumps over the lazy dog. 漢字\n" * 2_000
    result = run("show", *E, "--color", "always", data=text)
    assert result.exit_code == 0
    assert CODE.sub("", result.stdout).startswith(text)


def test_an_input_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("hello")
    result = CliRunner().invoke(app, ["show", str(path), "-e", "gpt2", "--html", str(path)])
    assert result.exit_code == 2
    assert "write over its own input" in result.stderr
    assert path.read_text() == "hello"


def test_a_character_over_the_limit_of_chunks(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("fits")
    (tmp_path / "b.txt").write_text("ༀ")
    result = run("show", "a.txt", "b.txt", "-e", "gpt2", "--chunks", 1)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("tokenkit: b.txt: ")
    assert "the character at offset 0" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-e", "gpt2", "--chunks", 5, "--overlap", 5), "overlap: expected less than"),
        (("-e", "gpt2", "--chunks", 5, "--fit"), "Give --fit or --chunks, not both."),
        (("-e", "gpt2", "-e", "gpt2", "-e", "gpt2"), "at most two models or encodings, got 3"),
        (("-m", "gpt-4o", "--max-output", "0"), "expected auto or a number of tokens above 0"),
        (("-e", "gpt2", "--fit"), "--fit takes one chat and one --model."),
    ],
)
def test_bad_choices(words: tuple[object, ...], message: str) -> None:
    result = run("show", *words, data="[]")
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in " ".join(result.stderr.split())


def test_a_model_without_a_window_has_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokenkit.models.registry._registry", None)
    tokenkit.register_model({"name": "mine", "kind": "chat", "encoding": "gpt2"})
    result = run("show", "-m", "mine", data="hello world")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].startswith("mine: 2 tokens, ")


def test_chunks_are_priced_one_by_one() -> None:
    """Together they are longer than what has the price of a long prompt."""
    price = chunks_price(get_model("gpt-5.5"), [1_000] * 300)
    assert str(price.total) == "1.5"
