"""Copies and pickles of what is public: equal and independent, or refused in words."""

from __future__ import annotations

import copy
import importlib
import importlib.util
import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from own_patterns import make

import tokenkit
from tokenkit import _core, costs, errors, inputs, views
from tokenkit.encodings import arrow_texts
from tokenkit.models import Change, RefreshPlan

FACES = ("encodings", "models", "shapes", "chat", "costs", "fitting", "chunking", "inputs", "views")
CHAT = [{"role": "user", "content": "Why is the sky blue?"}]
CHUNKER = tokenkit.Chunker(encoding="gpt2", max_tokens=3)
GPT2 = tokenkit.get_encoding("gpt2")
HAS_PANDAS = importlib.util.find_spec("pandas") is not None  # 3 is not there for Python 3.10


def own() -> tokenkit.Encoding:
    return make(r"\w+|\W+")


@dataclass
class Case:
    """How to make one, what can be seen of it, and what changes it."""

    make: Callable[[], Any]
    see: Callable[[Any], Any] = lambda value: value
    change: Callable[[Any], object] | None = None
    pickles: bool = True
    copies: bool = True


def seen_encoding(enc: tokenkit.Encoding) -> object:
    return enc.name, enc.encode_ordinary("abab \n\n<s>"), enc.n_vocab, enc._pat_str


def seen_counts(counts: tokenkit.ArrowCounts) -> object:
    index = list(counts.to_pandas().index) if HAS_PANDAS else []  # type: ignore[attr-defined]
    return counts.to_pylist(), counts.null_count, index


def with_invalid() -> tokenkit.ArrowColumn:
    return GPT2.count_arrow(pyarrow.array([b"a b", None, b"\xff"]), errors="null")


def of_series() -> tokenkit.ArrowCounts:
    rows = ["a b", None, "c"]
    if not HAS_PANDAS:
        return GPT2.count_arrow(pyarrow.array(rows))
    import pandas

    return GPT2.count_arrow(pandas.Series(rows, index=[5, 7, 9]))


def tracked() -> tokenkit.CostTracker:
    tracker = tokenkit.CostTracker()
    tracker.add({"model": "gpt-4o", "usage": {"prompt_tokens": 1000}})
    return tracker


def metered() -> tokenkit.ContextMeter:
    meter = tokenkit.ContextMeter("gpt-4o")
    call = {"id": "1", "type": "function", "function": {"name": "hours", "arguments": "{}"}}
    for message in (*CHAT, {"role": "assistant", "content": None, "tool_calls": [call]}):
        meter.add(message)
    return meter


def spread() -> inputs.Distribution:
    found = inputs.Distribution()
    found.add(np.array([1, 2, 2]))
    return found


def requests() -> inputs.RequestCounter:
    counter = inputs.RequestCounter()
    counter.add(b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}')
    return counter


def counter_of(enc: tokenkit.Encoding) -> tokenkit.TokenCounter:
    counter = enc.counter()
    counter.update("hello wor")
    return counter


CASES = {
    "Encoding": Case(own, seen_encoding),
    "Encoding, bundled": Case(lambda: GPT2),
    "TokenCounter": Case(
        lambda: counter_of(GPT2), lambda c: c.total, lambda c: c.update("ld again"), pickles=False
    ),
    "TokenCounter, own": Case(
        lambda: counter_of(own()), lambda c: c.total, lambda c: c.update("ld again"), pickles=False
    ),
    "Ragged": Case(
        lambda: GPT2.encode_ragged(["hello world", "", "hi"]),
        lambda r: (r.ids.tolist(), r.offsets.tolist(), pyarrow.array(r).to_pylist()),
    ),
    "ArrowColumn": Case(with_invalid, lambda column: (column.to_pylist(), column.invalid_count)),
    "ArrowCounts": Case(of_series, seen_counts),
    "ArrowChunks": Case(
        lambda: CHUNKER.chunk_arrow(pyarrow.array(["a b c d"])),
        lambda chunks: chunks.to_pylist(),
        copies=False,
    ),
    "Chunker": Case(lambda: CHUNKER, lambda c: (c.chunk("One two three four five."), repr(c))),
    "Chunk": Case(lambda: CHUNKER.chunk("One two three four five.")[0]),
    "Batch": Case(lambda: next(iter(tokenkit.pack([5, 6], "text-embedding-3-small")))),
    "Cost": Case(lambda: tokenkit.cost("gpt-4o", input_tokens=10)),
    "CostLine": Case(lambda: tokenkit.cost("gpt-4o", input_tokens=10).lines[0]),
    "CostTracker": Case(
        tracked,
        lambda t: (t.total, t.costs, t.by_model),
        lambda t: t.add({"model": "gpt-4o", "usage": {"prompt_tokens": 9}}),
    ),
    "ModelComparison": Case(lambda: tokenkit.compare("hi", ["gpt-4o"])[0]),
    "ToolCosts": Case(lambda: costs.tool_costs([], "gpt-4o")),
    "TokenCount": Case(lambda: tokenkit.TokenCount(3, 3, 3, True)),
    "MessageCount": Case(lambda: tokenkit.count_messages(CHAT, "gpt-4o")),
    "CountPart": Case(lambda: tokenkit.count_messages(CHAT, "gpt-4o").parts[0]),
    "TokenEstimate": Case(lambda: tokenkit.estimate_tokens("hello", "claude-sonnet-5")),
    "Calibration": Case(
        lambda: tokenkit.calibrate([("word " * 100, 130)], "claude-sonnet-5"),
        lambda c: (c, c.estimate("word " * 9)),
    ),
    "Budget": Case(lambda: tokenkit.Budget.for_model("gpt-4o", max_output=9)),
    "Prompt": Case(
        lambda: tokenkit.Prompt("gpt-4", max_output=9).system("Be short."),
        lambda p: p.render().messages,
        lambda p: p.user("Why?"),
    ),
    "Fit": Case(lambda: tokenkit.fit(CHAT, "gpt-4")),
    "ContextMeter": Case(
        metered,
        lambda m: (m.tokens, len(m), m.drift, m.messages, m.headroom, m.model),
        lambda m: m.add({"role": "tool", "tool_call_id": "1", "content": "nine"}),
    ),
    "CachePlan": Case(lambda: metered().cache_plan()),
    "CacheBreakpoint": Case(lambda: tokenkit.CacheBreakpoint("messages[0]", 2000)),
    "Preflight": Case(lambda: tokenkit.preflight(model="gpt-4o", messages=CHAT)),
    "RequestProblem": Case(lambda: tokenkit.RequestProblem("a.b", "error", "wrong")),
    "Dropped": Case(lambda: tokenkit.Dropped(1, CHAT[0], 7, "oldest")),
    "Truncated": Case(lambda: tokenkit.Truncated(1, 9, 7, "long")),
    "Model": Case(lambda: tokenkit.get_model("gpt-4o"), lambda m: (m, m.to_record())),
    "Resolved": Case(lambda: tokenkit.resolve_model("openai/gpt-4o")),
    "Change": Case(lambda: Change("a", "b", None, 3)),
    "RefreshPlan": Case(lambda: RefreshPlan("a", "b", (Change("a", "b", 1, 2),), ({"name": "a"},))),
    "Usage": Case(lambda: tokenkit.Usage(input_tokens=9)),
    "Problem": Case(lambda: inputs.Problem(3, "wrong")),
    "RequestTotal": Case(lambda: requests().report.totals["gpt-4o"]),
    "RequestReport": Case(lambda: requests().report),
    "RequestCounter": Case(
        requests,
        lambda r: (r.lines, r.report.totals["gpt-4o"], list(r.report.problems)),
        lambda r: r.add(b"{}"),
    ),
    "Distribution": Case(
        spread, lambda d: (d.rows, d.tokens, d.missing), lambda d: d.add(np.array([-1, 9]))
    ),
    "FileCount": Case(lambda: inputs.FileCount("a", (1,), 2)),
    "RowBatch": Case(lambda: inputs.RowBatch(0, 1, []), lambda b: (b.first, b.rows, b.errors)),
    "Figures": Case(lambda: views.text_figures(["a b"], GPT2)),
    "WindowUse": Case(lambda: views.window_use("gpt-4", 8_000, max_output=100)),
    "Part": Case(lambda: views.Part("hello", "a.txt")),
    "Segment": Case(lambda: next(views.segments("hello", GPT2))),
    "Token": Case(lambda: next(views.segments("hello", GPT2)).tokens[0]),
}
# Errors and warnings are made of a message; these need more.
ERRORS: dict[str, Callable[[], BaseException]] = {
    "ContextOverflowError": lambda: tokenkit.ContextOverflowError(
        "x", needed=2, available=1, limit_name="y"
    ),
    "CostLimitError": lambda: errors.CostLimitError(
        "x", cost=Decimal("0.5"), max_usd=Decimal("0.1")
    ),
    "Interrupted": lambda: errors.Interrupted((7,), 32, "a.txt"),
}


def public_classes() -> dict[str, type]:
    found = {}
    for face in ("", "errors", *FACES):
        module = importlib.import_module(f"tokenkit.{face}" if face else "tokenkit")
        for name in module.__all__:
            value = getattr(module, name)
            if isinstance(value, type) and not getattr(value, "_is_protocol", False):
                found[name] = value
    return found


def test_every_public_class_has_a_case() -> None:
    named = {name.partition(",")[0] for name in CASES}
    classes = public_classes()
    assert named <= set(classes)
    # Frozen records are their fields; those in CASES are examples.
    rest = {name for name in set(classes) - named if not is_frozen(classes[name])}
    assert rest == set(errors.__all__)


def test_every_public_class_is_where_it_says() -> None:
    """Or it would not pickle."""
    for name, kind in public_classes().items():
        assert getattr(importlib.import_module(kind.__module__), name, None) is kind


def is_frozen(kind: type) -> bool:
    parameters: Any = getattr(kind, "__dataclass_params__", None)
    return parameters is not None and parameters.frozen


def pickled(protocol: int) -> Callable[[Any], Any]:
    return lambda value: pickle.loads(pickle.dumps(value, protocol))


WAYS = {"copy": copy.copy, "deepcopy": copy.deepcopy, "pickle 2": pickled(2), "pickle": pickled(5)}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", CASES)
def test_copies_are_equal_and_independent(name: str, way: str) -> None:
    case = CASES[name]
    first = case.make()
    before = case.see(first)
    if not case.copies or (way.startswith("pickle") and not case.pickles):
        with pytest.raises(TypeError, match=type(first).__name__):
            WAYS[way](first)
        assert case.see(first) == before
        return
    second = WAYS[way](first)
    assert type(second) is type(first)
    assert case.see(second) == before
    if case.change is not None:
        case.change(first)
        changed = case.see(first)
        assert changed != before
        assert case.see(second) == before
        case.change(second)
        assert case.see(second) == changed


@pytest.mark.parametrize("way", WAYS)
def test_errors(way: str) -> None:
    kind: Any
    for name in errors.__all__:
        kind = getattr(errors, name)
        first = ERRORS[name]() if name in ERRORS else kind("a message")
        second = WAYS[way](first)
        assert type(second) is kind
        assert (str(second), second.__dict__) == (str(first), first.__dict__)


@pytest.mark.parametrize("way", WAYS)
def test_what_runs_is_refused(way: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"t": "hello"}\n')
    running = [
        CHUNKER.iter_chunks(io.StringIO("One two three four five.")),
        inputs.count_rows(path, "t", [GPT2]),
    ]
    for iterator in running:
        with pytest.raises(TypeError, match="generator"):
            WAYS[way](iterator)
        assert next(iterator)


def native_objects() -> dict[str, Any]:
    core = GPT2._core
    image = (Path(tokenkit.__file__).parent / "data" / "r50k_base.tkv").read_bytes()
    settings = CHUNKER._settings
    words = _core.WordPieceCore(
        _core.build_wordpiece_image(
            [(b"[UNK]", 0), (b"a", 1)],
            prefix=b"##",
            unknown=b"[UNK]",
            max_chars=100,
            clean_text=True,
            handle_chinese_chars=True,
            strip_accents=True,
            lowercase=True,
            split_punctuation=True,
        ),
        {},
    )
    stepped = _core.SteppedCore(core, core.special_set(["<|endoftext|>"]), True)
    unigram = _core.build_unigram_image(
        [(b"<unk>", 0.0), (b"a", -1.0)],
        unknown=0,
        byte_fallback=False,
        charsmap=b"",
        steps=[],
        at_spaces=True,
        sign=b"",
        lead=0,
        at_signs=False,
    )
    return {
        "Core": _core.Core(image, _core.FAMILY_GPT2, {"<|endoftext|>": 50256}),
        "SpecialSet": core.special_set(["<|endoftext|>"]),
        "IdBuffer": core.encode_buffer("hello world", None),
        "Int64Buffer": core.piece_ends("hello world"),
        "ArrowTexts": _core.ArrowTexts(pyarrow.array(["a"]).__arrow_c_array__()),
        "ArrowColumn": _core.ArrowColumn("l", [1, None]),
        "ArrowIds": _core.ArrowIds(pyarrow.array([1]).__arrow_c_array__()),
        "ArrowChunkRows": _core.ArrowChunkRows(arrow_texts(pyarrow.array(["a"])), None, False),
        "ChunkSettings": settings,
        "ChunkState": core.chunk_part("One two. Three four.", 0, settings, None, True, 4)[1],
        "StateLock": _core.StateLock(),
        "TruncateSettings": _core.TruncateSettings(5, 4, 0, "…", True),
        "StreamCounter": core.counter(),
        "SteppedCore": stepped,
        "SteppedCounter": stepped.counter(),
        "UnigramCore": _core.UnigramCore(unigram, {}),
        "WordPieceCore": words,
        "WordCounter": words.counter(),
    }


def test_native_objects_copy_or_are_refused() -> None:
    """None is made without what it needs, by a copy or by an empty call."""
    objects = native_objects()
    listed = {name for name, value in vars(_core).items() if isinstance(value, type)}
    bases = {"PartCounter", "ShortTexts", "TextCoder", "WordsCore"}  # of no use alone
    assert {name for name in listed if not name.startswith("_")} - bases == set(objects)
    for name, value in objects.items():
        if name == "ChunkSettings":
            continue  # tests of pickles above: a chunker has one
        for way in WAYS.values():
            with pytest.raises(TypeError, match=name):
                way(value)
    for name in (
        "Core",
        "ArrowTexts",
        "ArrowIds",
        "ArrowChunkRows",
        "ChunkSettings",
        "SteppedCore",
        "SteppedCounter",
        "StreamCounter",
        "TruncateSettings",
        "UnigramCore",
        "WordCounter",
        "WordPieceCore",
    ):
        kind = getattr(_core, name)
        with pytest.raises(TypeError):
            kind()
        with pytest.raises(TypeError):
            kind.__new__(kind)
    for base in (_core.TextCoder, _core.WordsCore):
        for kind in (base, type("Own", (base,), {})):
            with pytest.raises(TypeError, match=f"{kind.__name__} has no core: make a"):
                kind()
    assert memoryview(_core.IdBuffer()).tolist() == _core.IdBuffer().tolist() == []
    assert memoryview(_core.Int64Buffer()).tolist() == _core.Int64Buffer().tolist() == []
    with pytest.raises(ValueError, match="another Core"):
        GPT2._core.encode("<|endoftext|>", _core.SpecialSet())
    with pytest.raises(ValueError, match="another Core"):
        GPT2._core.find_special("<|endoftext|>", _core.SpecialSet())
