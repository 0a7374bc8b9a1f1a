"""`tokenkit verify` against a local server: what is sent, what is compared, saved, and refused."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_runs import run
from click.testing import Result
from fake_api import FakeApi, fake_api

from tokenkit import calibrate, preflight

KEY = "sk-secret-0123456789"
VARIABLES = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY")
UNSET = dict.fromkeys((*VARIABLES, "GOOGLE_API_KEY"))
TEXT = "How tall is the Eiffel Tower? " * 20
VENDORS = {
    "gpt-5.4": ("/v1", "/v1/responses/input_tokens", "authorization", f"Bearer {KEY}"),
    "claude-sonnet-5": ("", "/v1/messages/count_tokens", "x-api-key", KEY),
    "gemini-3.5-flash": (
        "",
        "/v1beta/models/gemini-3.5-flash:countTokens",
        "x-goog-api-key",
        KEY,
    ),
}


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with fake_api() as server:
        yield server


def verified(
    model: str, *arguments: object, data: str = TEXT, environment: dict[str, Any] | None = None
) -> Result:
    keys: Any = {**UNSET, **dict.fromkeys(VARIABLES, KEY), **(environment or {})}
    result = run("verify", "-m", model, *arguments, data=data, environment=keys)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert KEY not in result.output
    return result


def asked(api: FakeApi, model: str, *arguments: object, data: str = TEXT) -> Result:
    url = api.url + VENDORS[model][0]
    return verified(model, "--send", "--base-url", url, *arguments, data=data)


@pytest.mark.parametrize("model", VENDORS)
def test_a_number_within_the_bounds(api: FakeApi, model: str) -> None:
    _, path, header, value = VENDORS[model]
    api.tokens = _ours(model).tokens
    result = asked(api, model)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[1].split()[-3:] == [str(api.tokens), "+0", "yes"]
    assert (api.paths, api.headers[0][header]) == ([path], value)
    (body,) = api.bodies
    assert json.dumps(body).count("Eiffel") == 20
    if model.startswith("gemini"):
        assert body["generateContentRequest"]["model"] == f"models/{model}"
    else:
        assert body["model"] == model
    if model.startswith("claude"):
        assert api.headers[0]["anthropic-version"] == "2023-06-01"


def _ours(model: str) -> Any:
    if model.startswith("gpt"):
        return preflight(model=model, input=TEXT)
    if model.startswith("claude"):
        return preflight(model=model, messages=[{"role": "user", "content": TEXT}])
    return preflight(model=model, contents=[{"role": "user", "parts": [{"text": TEXT}]}])


@pytest.mark.parametrize("model", VENDORS)
def test_a_number_outside_the_bounds_exits_with_1(api: FakeApi, model: str) -> None:
    ours = _ours(model)
    for tokens, code in (
        (ours.low - 1, 1),
        (ours.low, 0),
        (ours.high, 0),
        (ours.high + 1, 1),
    ):
        api.tokens = tokens
        result = asked(api, model, "--format", "json")
        (record,) = json.loads(result.stdout)
        assert result.exit_code == code
        assert record["within"] is (code == 0)
        assert record["difference"] == tokens - ours.tokens == record["theirs"] - record["tokens"]
        assert (record["low"], record["high"]) == (ours.low, ours.high)


@pytest.mark.parametrize("model", VENDORS)
def test_nothing_is_sent_unless_asked(api: FakeApi, model: str) -> None:
    result = verified(model, "--base-url", api.url)
    assert result.exit_code == 0
    assert api.bodies == []
    assert f"nothing was sent; --send would post 1 request to {api.url}/" in result.output
    assert "(set)" in result.output
    unset = verified(model, environment=UNSET)
    assert "(not set)" in unset.output
    assert unset.exit_code == 0


def test_vectors_are_those_that_calibrate_reads(api: FakeApi, tmp_path: Path) -> None:
    texts = ["The sea rises. " * 30, "Größe und Weite, überall. " * 20, "def f(x): return x\n" * 9]
    paths = [tmp_path / f"{index}.txt" for index in range(3)]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text.encode())
    saved = tmp_path / "vectors.jsonl"
    api.tokens = 150
    result = asked(api, "claude-sonnet-5", *paths, "--save", saved, "--format", "csv")
    assert len(result.stdout.splitlines()) == 4
    vectors = [json.loads(line) for line in saved.read_text("utf-8").splitlines()]
    assert [vector["text"] for vector in vectors] == texts
    assert {vector["model"] for vector in vectors} == {"claude-sonnet-5"}
    pairs = [(text, 150) for text in texts]
    assert calibrate(vectors, "claude-sonnet-5") == calibrate(pairs, "claude-sonnet-5")


REQUESTS: dict[str, dict[str, Any]] = {
    "gpt-5.4": {"input": [{"role": "user", "content": "Hi"}], "instructions": "Be brief."},
    "claude-sonnet-5": {"system": "Be brief.", "messages": [{"role": "user", "content": "Hi"}]},
    "gemini-3.5-flash": {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
    },
}


@pytest.mark.parametrize("model", REQUESTS)
def test_requests_are_sent_with_the_keys_that_count(
    api: FakeApi, model: str, tmp_path: Path
) -> None:
    body = {"model": "another", **REQUESTS[model]}
    lines = [{**body, "temperature": 0}, {"custom_id": "1", "body": body, "method": "POST"}]
    data = "\n".join(map(json.dumps, lines))
    saved = tmp_path / "vectors.jsonl"
    result = asked(api, model, "--requests", "--save", saved, data=data)
    assert "-:1: the endpoint does not take, and gets no: temperature" in result.output
    first, second = api.bodies
    assert first == second
    sent = first.get("generateContentRequest", first)
    assert {key: sent[key] for key in REQUESTS[model]} == REQUESTS[model]
    assert "temperature" not in sent
    record = json.loads(saved.read_text("utf-8").splitlines()[0])
    assert (record["request"], record["input_tokens"]) == (lines[0], 8)
    ours = preflight({**body, "model": model})
    rows = [line.split() for line in result.output.splitlines() if line.startswith("-:2 ")]
    assert [row[1] for row in rows] == [str(ours.tokens)]


def test_what_has_no_upper_bound_is_only_checked_from_below(api: FakeApi) -> None:
    request = json.dumps({"input": "Hi", "previous_response_id": "r"})
    for tokens, code in ((0, 1), (99_000, 0)):
        api.tokens = tokens
        result = asked(api, "gpt-5.4", "--requests", data=request)
        assert result.exit_code == code
        assert "to no upper bound" in result.output


PAGE = "<!DOCTYPE html><html><body>Sign in</body></html>"
HTML = {"content-type": "text/html"}
FAULTS: list[tuple[tuple[int, dict[str, str], str], str, bool]] = [
    ((401, {}, json.dumps({"error": {"message": f"bad key {KEY[:9]}"}})), "key was refused", True),
    ((403, HTML, PAGE), "status 403: the key may not do this", True),
    ((404, {}, "{}"), "status 404: no such model or address", False),
    ((429, {}, json.dumps({"error": {"message": "Rate limit"}})), "later (Rate limit)", True),
    ((400, {}, json.dumps({"error": {"message": f"{KEY}\x1b[2J"}})), "([the key][U+001B]", False),
    ((500, HTML, PAGE), "status 500", False),
    ((500, {}, "[" * 100_000), "status 500", False),
    ((302, {"location": "http://127.0.0.1:9/"}, ""), "redirects are not followed", False),
    ((200, HTML, PAGE), "expected JSON with `input_tokens`, got a page of HTML", False),
    ((200, {}, ""), "got an empty answer", False),
    ((200, {}, "[" * 100_000), "got something else", False),
    ((200, {}, '{"input_tokens": "8"}'), "a whole number `input_tokens`", False),
    ((200, {}, '{"input_tokens": true}'), "a whole number `input_tokens`", False),
    ((200, {}, '{"input_tokens": -1}'), "a whole number `input_tokens`", False),
    ((200, {}, "[8]"), "a whole number `input_tokens`", False),
    ((0, {}, ""), "no answer within 1 seconds", True),
]


@pytest.mark.parametrize(("fault", "words", "ends"), FAULTS, ids=[words for _, words, _ in FAULTS])
def test_a_fault_is_one_line_that_names_the_request(
    api: FakeApi, tmp_path: Path, fault: tuple[int, dict[str, str], str], words: str, ends: bool
) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("One")
    two.write_text("Two")
    api.faults = [fault]
    begun = time.monotonic()
    result = asked(api, "gpt-5.4", one, two, "--timeout", "1", "--format", "jsonl")
    assert time.monotonic() - begun < 8
    assert result.exit_code == 2
    said = result.stderr.splitlines()
    assert said[0].startswith(f"tokenkit: {one}: {api.url}/v1/responses/input_tokens: ")
    assert words in said[0]
    assert KEY[:9] not in result.output
    assert said[1:] == (["tokenkit: not sent: 1 more"] if ends else [])
    assert len(result.stdout.splitlines()) == len(api.bodies) - 1 == (0 if ends else 1)


def test_nobody_answers() -> None:
    result = verified("gpt-5.4", "--send", "--base-url", "http://127.0.0.1:9/v1")
    assert result.exit_code == 2
    assert "no connection: " in result.output


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (["--send"], UNSET, "Expected a key in the variable OPENAI_API_KEY, got none"),
        (["--send"], {"OPENAI_API_KEY": f"{KEY}\nx-more: 1"}, "OPENAI_API_KEY: expected a key of"),
        (["--send"], {"OPENAI_API_KEY": f"{KEY} more"}, "OPENAI_API_KEY: expected a key of"),
        (["--send", "--base-url", "http://example.com/v1"], {}, "expected a URL with https"),
        (["--base-url", "file:///etc/passwd"], {}, "expected a URL with https"),
        (["--base-url", "https://[::1"], {}, "expected a URL with https"),
        (["--base-url", "https://me:pass@example.com"], {}, "without a user"),
        (["--save", "x.jsonl"], {}, "give --send, too"),
    ],
)
def test_a_wrong_command_line(
    arguments: list[str], environment: dict[str, Any], words: str
) -> None:
    result = verified("gpt-5.4", *arguments, environment=environment)
    assert result.exit_code == 2
    assert words in result.output
    assert "pass@" not in result.output


def test_models_and_inputs_that_cannot_be_verified(tmp_path: Path) -> None:
    assert "got one of xai" in verified("grok-4").output
    assert "Unknown model" in verified("gpt-99").output
    assert "Expected a model" in run("verify", data=TEXT).output
    for model, data in (("gpt-5.4", '{"messages": []}'), ("claude-opus-5", '{"input": "a"}')):
        result = verified(model, "--requests", data=data)
        assert result.exit_code == 2
        assert "line 1: expected a request of " in result.output
    assert "expected a text, got an empty file" in verified("gpt-5.4", data="").output
    assert verified("gpt-5.4", tmp_path / "none.txt").exit_code == 2


def test_the_name_is_the_one_that_the_vendor_knows(api: FakeApi) -> None:
    for name, sent in (
        ("openai/gpt-5.4", "gpt-5.4"),
        ("gpt-5.4-2026-03-05", "gpt-5.4-2026-03-05"),
    ):
        verified(name, "--send", "--base-url", f"{api.url}/v1")
        assert api.last["model"] == sent


@pytest.mark.parametrize(
    ("model", "base", "url"),
    [
        ("gpt-5.4", "", "/v1/responses/input_tokens"),
        ("gpt-5.4", "/v1/", "/v1/responses/input_tokens"),
        ("gpt-5.4", "/openai", "/openai/responses/input_tokens"),
        ("claude-sonnet-5", "/", "/v1/messages/count_tokens"),
        ("claude-sonnet-5", "/v1", "/v1/messages/count_tokens"),
        ("claude-sonnet-5", "/anthropic", "/anthropic/v1/messages/count_tokens"),
        ("gemini-3.5-flash", "/v1", "/v1/models/gemini-3.5-flash:countTokens"),
        ("gemini-3.5-flash", "/g/v1beta", "/g/v1beta/models/gemini-3.5-flash:countTokens"),
    ],
)
def test_a_base_url_is_that_of_the_sdk_with_or_without_its_version(
    model: str, base: str, url: str
) -> None:
    result = verified(model, "--base-url", f"https://example.com{base}")
    assert f" to https://example.com{url}, with the key" in result.output


def test_an_input_is_not_written_over(api: FakeApi, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("Hello")
    result = asked(api, "gpt-5.4", text, "--save", text)
    assert result.exit_code == 2
    assert (text.read_text(), api.bodies) == ("Hello", [])
