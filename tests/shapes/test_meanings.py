"""The keys of a usage object: fees, lists, and the fields of any object."""

from __future__ import annotations

import importlib
import pkgutil
from collections import namedtuple
from collections.abc import Iterator
from typing import Any

import pytest
from usage_samples import ANTHROPIC_USAGE

import tokenkit.shapes
from tokenkit.shapes.canonical import Usage
from tokenkit.shapes.meanings import HARMLESS, Meaning
from tokenkit.shapes.notebook import Notebook
from tokenkit.shapes.reading import enter, read_usage


@pytest.mark.parametrize(
    ("value", "items"),
    [
        (
            {
                "object": "response",
                "output": [{"type": "teleport_call"}],
                "usage": {"input_tokens": 5, "output_tokens": 5},
            },
            ["output[0].type"],
        ),
        (
            {"prompt_tokens": 5, "completion_tokens": 5, "num_sources_used": 3},
            ["live_search_sources"],
        ),
        ({"meta": {"billed_units": {"classifications": 1}}, "results": []}, ["classifications"]),
        (
            ANTHROPIC_USAGE
            | {
                "iterations": [
                    {"type": "message", "input_tokens": 5, "output_tokens": 5},
                    {"type": "compaction", "input_tokens": 90, "output_tokens": 9},
                ]
            },
            ["compaction_turn"],
        ),
        (
            ANTHROPIC_USAGE | {"fallback_credit": {"status": {"type": "redeemed"}}},
            ["fallback_credit"],
        ),
        (ANTHROPIC_USAGE | {"fallback_credit": {"status": {"type": "not_applied"}}}, []),
    ],
)
def test_what_is_paid_for_and_has_no_rate_is_unread(value: Any, items: list[str]) -> None:
    assert [item.item for item in read_usage(value).unread] == items


CALLS = {
    "object": "response",
    "output": [
        {"type": "file_search_call"},
        {"type": "file_search_call"},
        {"type": "code_interpreter_call"},
        {"type": "shell_call", "environment": {"type": "local"}},
    ],
    "usage": {"input_tokens": 5, "output_tokens": 5},
}
STATED = {"code_interpreter_calls": 4, "x_search_calls": 2}


@pytest.mark.parametrize(
    ("value", "items"),
    [
        (CALLS, {"file_search": 2, "code_execution": 1}),
        (  # what the usage states counts, not what the response lists
            CALLS | {"usage": {"input_tokens": 5, "server_side_tool_usage_details": STATED}},
            {"file_search": 2, "x_search": 2, "code_execution": 4},
        ),
        ({"pages_processed": 4, "doc_size_bytes": 1000}, {"page": 4}),
        ({"pages_processed": 4, "pages_processed_annotation": 1}, {"page": 4, "annotated_page": 1}),
        ({"meta": {"billed_units": {"pages": 3}}}, {"page": 3}),
        ({"meta": {"billed_units": {"search_units": 1}}, "results": []}, {"search_unit": 1}),
        (
            ANTHROPIC_USAGE | {"server_tool_use": {"code_execution_requests": 2}},
            {"code_execution": 2},
        ),
        (
            {
                "candidates": [
                    {
                        "groundingMetadata": {
                            "groundingChunks": [{"maps": {}}, {"maps": {}}, {"web": {}}],
                            "googleMapsWidgetContextToken": "widget",
                        }
                    }
                ],
                "usageMetadata": {"promptTokenCount": 5},
            },
            {"maps_grounding": 1},
        ),
        (
            {"object": "organization.usage.file_search_calls.result", "num_requests": 7},
            {"file_search": 7},
        ),
    ],
)
def test_what_is_paid_for_one_by_one_is_counted(value: Any, items: dict[str, int]) -> None:
    reading = read_usage(value)
    assert dict(reading.usage.items) == items
    assert not reading.unread


class Repeated:
    """A list as protobuf makes it: it has a length and items, and no `__iter__`."""

    def __init__(self, items: list[int]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> int:
        return self.items[index]


def test_tools_that_xais_sdk_lists_are_paid_for() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 5}
    names = ["SERVER_SIDE_TOOL_WEB_SEARCH", "SERVER_SIDE_TOOL_X_SEARCH", "SERVER_SIDE_TOOL_MCP"]
    for tools in ([1, 1, 2, 3, 4, 6, 7], [names[0], names[0], names[1], 3, 6, names[2]]):
        reading = read_usage({**usage, "server_side_tools_used": tools})
        assert reading.usage.web_searches == 2
        items = {"file_search": 1, "x_search": 1, "code_execution": 1}
        assert dict(reading.usage.items) == items
        assert not reading.unread
    repeated = read_usage({**usage, "server_side_tools_used": Repeated([1, 2, 2])})
    assert (repeated.usage.web_searches, dict(repeated.usage.items)) == (1, {"x_search": 2})
    odd = read_usage({**usage, "server_side_tools_used": [11, 99]})
    assert [item.item for item in odd.unread] == ["image_generation", "99"]


def test_searches_are_counted() -> None:
    usage = ANTHROPIC_USAGE | {"server_tool_use": {"web_search_requests": 3}}
    assert read_usage(usage).usage.web_searches == 3
    queries = {"groundingMetadata": {"webSearchQueries": ["a", "b", ""]}}
    gemini = {"candidates": [queries], "usageMetadata": {"promptTokenCount": 5}}
    assert read_usage(gemini).grounding == (1, 2)


def test_rows_of_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"prompt_tokens": [10, 20], "completion_tokens": [5, None]})
    assert read_usage(frame.iloc[0]).usage == Usage(input_tokens=10, output_tokens=5)
    assert read_usage(frame.iloc[1]).usage == Usage(input_tokens=20)


@pytest.mark.frameworks  # which come with it
def test_pydantic_objects() -> None:
    import pydantic

    class Foreign(pydantic.BaseModel):  # type: ignore[misc]
        model_config = pydantic.ConfigDict(extra="allow")
        prompt_tokens: int
        prompt_tokens_details: dict[str, int] | None = None
        _hidden: int = pydantic.PrivateAttr(7)

    value = Foreign(prompt_tokens=10, prompt_tokens_details={"cached_tokens": 4}, zq=3)
    result = read_usage(value)
    assert result.usage == Usage(input_tokens=10, cached_tokens=4)
    assert [item.item for item in result.unread] == ["zq"]


def test_named_tuples() -> None:
    kind = namedtuple("kind", "input_tokens output_tokens zq")
    result = read_usage(kind(10, 5, 1))
    assert result.usage == Usage(input_tokens=10, output_tokens=5)
    assert [item.item for item in result.unread] == ["zq"]


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"input_tokens": 5, "output_tokens": 1, "iterations": 3}, "iterations"),
        ({"inputTokens": 5, "cacheDetails": 3}, "cacheDetails"),
        ({"promptTokenCount": 5, "promptTokensDetails": 3}, "promptTokensDetails"),
        ({"usage": {"prompt_tokens": 5}, "choices": 3}, "choices"),
    ],
)
def test_a_list_that_is_none_is_unknown(value: Any, path: str) -> None:
    assert [item.item for item in read_usage(value).unread] == [path]


def usage_meanings() -> Iterator[tuple[str, Meaning]]:
    """Every key that a table of a usage shape knows, with its meaning."""
    for module in pkgutil.iter_modules(tokenkit.shapes.__path__, "tokenkit.shapes."):
        for table in vars(importlib.import_module(module.name)).values():
            if not isinstance(table, dict):
                continue
            for key, meaning in table.items():
                read = getattr(type(meaning), "read", None)
                if getattr(read, "__annotations__", {}).get("book") == "Notebook":
                    yield key, meaning


@pytest.mark.parametrize(
    "value",
    [7, True, "x7", ["x"], [3], [[4]], [None, 5], {"zz": 3}, [{"zz": 3}], {"type": "strange"}],
    ids=repr,
)
def test_no_value_of_a_known_key_is_silent(value: Any) -> None:
    for key, meaning in usage_meanings():
        if meaning is HARMLESS:
            continue
        book = Notebook(enter)
        error = error_of(meaning, book, key, value)
        said = book.counts or book.amounts or book.words or book.unread or book.notes or book.opaque
        assert said if error is None else error.startswith(key), (key, meaning, error)


def error_of(meaning: Meaning, book: Notebook, key: str, value: Any) -> str | None:
    try:
        meaning.read(book, key, value)
    except (TypeError, ValueError) as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    ("key", "value", "items"),
    [
        ("connectors", {"web_search": 3, "library": None}, {"connector web_search": 3}),
        ("connectors", ["web_search"], {"connectors": 1}),
        ("service_tier", {"name": "priority"}, {"service_tier": 1}),
    ],
)
def test_what_a_key_of_mistral_holds(key: str, value: Any, items: dict[str, int]) -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10, key: value}
    assert {item.item: item.quantity for item in read_usage(usage).unread} == items


@pytest.mark.parametrize("tokens", ["9", {"a": 1}, True])
def test_a_turn_whose_tokens_are_no_number_is_an_error(tokens: Any) -> None:
    usage = ANTHROPIC_USAGE | {"iterations": [{"type": "compaction", "input_tokens": tokens}]}
    with pytest.raises(TypeError, match=r"^iterations\[0\]\.input_tokens: expected a whole number"):
        read_usage(usage)
