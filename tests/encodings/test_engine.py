"""Engines: both are whole, nobody asks which one it is, and they agree on one pattern."""

from __future__ import annotations

import ast
import inspect
import re
from array import array
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

import tokenkit
from tokenkit.encodings.engine import NativeEngine
from tokenkit.encodings.engines.pattern import PatternEngine

PACKAGE = Path(tokenkit.__file__).parent
# Characters that the `regex` package knows as the core does: its Unicode is a later one.
CHARACTERS = "abS1  \n\r\t$]'<é漢\u0301\u200d🙂\ud83d\ude00"
NAMES = ["r50k_base", "cl100k_base", "o200k_base"]


def members() -> dict[str, list[str] | None]:
    """The methods of the protocol with the names of their parameters; None for a property."""
    tree = ast.parse((PACKAGE / "encodings" / "engine.py").read_text(encoding="utf-8"))
    (protocol,) = (
        node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == "Engine"
    )
    return {
        node.name: None if node.decorator_list else [word.arg for word in node.args.args[1:]]
        for node in protocol.body
        if isinstance(node, ast.FunctionDef)
    }


def pattern_twin(name: str) -> PatternEngine:
    """An engine that reads a bundled pattern as if the core did not know it."""
    enc = tokenkit.get_encoding(name)
    return PatternEngine(enc._core, enc._pat_str, enc._special_tokens)


ENGINES = {name: (tokenkit.get_encoding(name).engine, pattern_twin(name)) for name in NAMES}


def test_the_factory_chooses() -> None:
    native, twin = ENGINES["o200k_base"]
    assert isinstance(native, NativeEngine)
    own = tokenkit.Encoding("own", pat_str="..", mergeable_ranks={b"a": 0}, special_tokens={})
    assert type(own.engine) is type(twin)


@pytest.mark.parametrize("engine", ENGINES["o200k_base"], ids=["native", "pattern"])
def test_engines_are_whole(engine: object) -> None:
    assert len(members()) > 15
    for name, parameters in members().items():
        method = getattr(engine, name)
        if parameters is None:
            continue
        assert list(inspect.signature(method).parameters) == parameters, name


def test_nobody_asks_which_engine_it_is() -> None:
    for path in PACKAGE.rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        assert not re.search(r"isinstance\(.*Engine\b", code), path.name
        assert "._engine._engine" not in code, path.name
        if "encodings" not in path.relative_to(PACKAGE).parts:
            assert not re.search(r"enc(oding)?\._(core|engine)\b", code), path.name


@pytest.mark.parametrize("name", NAMES)
@given(source=st.text(alphabet=CHARACTERS, max_size=40), data=st.data())
def test_cuts_and_last_pieces_agree(name: str, source: str, data: st.DataObject) -> None:
    native, twin = ENGINES[name]
    repaired = source.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert native.last_piece(repaired) == twin.last_piece(repaired)
    ids = native.encode_buffer(source, None)
    n = data.draw(st.integers(0, len(ids)))
    ours, theirs = (engine.cuts(source, ids) for engine in (native, twin))
    assert (ours.head(n), ours.tail(n)) == (theirs.head(n), theirs.tail(n))


@pytest.mark.parametrize("offsets", [[0, 3], [1, 0], [-1, 1], [0, 2, 1]])
def test_lists_of_ids_stay_within_the_ids(offsets: list[int]) -> None:
    ids = array("I", [1, 2])
    with pytest.raises(ValueError, match=r"text \d: ids"):
        ENGINES["o200k_base"][0].id_lists(ids, array("q", offsets))
