"""Every shape is read right, and no key of any of them passes unseen."""

from __future__ import annotations

import copy
import dataclasses
import re
import string
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, strategies as st
from search import examples
from usage_samples import SAMPLES, Sample

from tokenkit.shapes import reading
from tokenkit.shapes.canonical import Usage
from tokenkit.shapes.detect import SHAPES
from tokenkit.shapes.meanings import Table, leaves
from tokenkit.shapes.notebook import Notebook
from tokenkit.shapes.reading import read_usage

PROVIDERS = {"claude-opus-5-5": "anthropic", "grok-4": "xai"}
by_name = pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])


def read(value: Any, sample: Sample) -> reading.Reading:
    return read_usage(value, provider=PROVIDERS.get(sample.model or "", "openai"))


def as_object(value: Any) -> Any:
    if isinstance(value, dict):
        if not all(key.isidentifier() for key in value):
            return {key: as_object(item) for key, item in value.items()}
        return SimpleNamespace(**{key: as_object(item) for key, item in value.items()})
    return [as_object(item) for item in value] if isinstance(value, list) else value


def as_dataclass(value: Any) -> Any:
    if isinstance(value, dict) and value and all(key.isidentifier() for key in value):
        kind = dataclasses.make_dataclass("Foreign", list(value), slots=True)
        return kind(**{key: as_dataclass(item) for key, item in value.items()})
    return [as_dataclass(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("form", [dict, as_object, as_dataclass])
@by_name
def test_every_shape_is_read(sample: Sample, form: Any) -> None:
    result = read(form(sample.value), sample)
    assert result.usage == sample.usage
    assert not result.unread
    assert (result.tier or "standard") == sample.tier
    assert sample.model is not None or result.model


# ---- no key passes unseen ----------------------------------------------------------------------


def containers(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every mapping inside a value, with its path."""
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            yield from containers(item, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from containers(item, f"{path}[{index}]")


def opaque_paths(value: Any) -> list[str]:
    """List the paths that the tables call harmless as a whole, with everything below them."""
    book = Notebook(reading.enter)
    reading.enter(book, "", value)
    return book.opaque


def is_below(path: str, top: str) -> bool:
    return path == top or path.startswith((f"{top}.", f"{top}["))


def otlp(path: str) -> bool:
    """An item of OTLP's list of attributes: its key is looked at, and its one value."""
    return path.startswith("attributes[")


KEYS = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=12).map(
    "zq_".__add__
)
VALUES = st.one_of(
    st.integers(0, 10**6),
    st.floats(0, 10, allow_nan=False),
    st.booleans(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@by_name
def test_samples_have_places_for_extra_keys(sample: Sample) -> None:
    opaque = opaque_paths(sample.value)
    assert [
        path for path, _ in containers(sample.value) if not any(is_below(path, o) for o in opaque)
    ]


@examples(200)
@given(st.data(), KEYS, VALUES)
def test_an_extra_key_at_any_depth_is_named_and_makes_the_cost_partial(
    data: st.DataObject, key: str, extra: Any
) -> None:
    sample = data.draw(st.sampled_from(SAMPLES))
    value = copy.deepcopy(sample.value)
    opaque = opaque_paths(value)
    places = [
        (path, inside)
        for path, inside in containers(value)
        if not any(is_below(path, top) for top in opaque) and not otlp(path)
    ]
    path, inside = data.draw(st.sampled_from(places))
    inside[key] = extra
    result = read(value, sample)
    full = f"{path}.{key}".lstrip(".")
    assert any(note.startswith(f"{full}: this key is not known") for note in result.notes), (
        sample.name,
        full,
        result.notes,
    )
    assert [item for item in result.unread if item.item.startswith(full)]
    assert result.usage == sample.usage


def test_an_extra_key_without_a_value_is_only_noted() -> None:
    result = read_usage({"prompt_tokens": 5, "zq": None})
    assert result.notes == ("zq: this key is not known; it is empty",)
    assert not result.unread


@pytest.mark.parametrize("key", [1, ("a", "b"), None])
def test_keys_that_are_no_strings_are_named_too(key: Any) -> None:
    assert read_usage({"prompt_tokens": 5, key: 7}).unread[0].item == str(key)


# ---- what lies inside what ---------------------------------------------------------------------


def numbers(usage: Usage) -> tuple[int, int, int, int]:
    return usage.input_tokens, usage.cached_tokens, usage.output_tokens, usage.reasoning_tokens


@pytest.mark.parametrize(
    ("value", "provider", "expected"),
    [
        # Reasoning: the total tells; without one the vendor does.
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 30,
                "total_tokens": 60,
                "completion_tokens_details": {"reasoning_tokens": 20},
            },
            None,
            (10, 0, 50, 20),
        ),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 30,
                "total_tokens": 40,
                "completion_tokens_details": {"reasoning_tokens": 20},
            },
            "xai",
            (10, 0, 30, 20),
        ),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 30,
                "completion_tokens_details": {"reasoning_tokens": 20},
            },
            "xai",
            (10, 0, 50, 20),
        ),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 30,
                "completion_tokens_details": {"reasoning_tokens": 20},
            },
            "openai",
            (10, 0, 30, 20),
        ),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "completion_tokens_details": {"reasoning_tokens": 20},
            },
            "openai",
            (10, 0, 25, 20),
        ),
        # Cached tokens: Anthropic's names beside input_tokens, inside prompt_tokens.
        (
            {"input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": 90},
            None,
            (100, 90, 1, 0),
        ),
        (
            {"prompt_tokens": 100, "completion_tokens": 1, "cache_read_input_tokens": 90},
            None,
            (100, 90, 1, 0),
        ),
        (
            {
                "input_tokens": 100,
                "output_tokens": 1,
                "input_tokens_details": {"cached_tokens": 90},
                "cache_read_input_tokens": 90,
            },
            None,
            (100, 90, 1, 0),
        ),
        # ... unless they cannot be inside, or the total counts them on top.
        (
            {"prompt_tokens": 10, "completion_tokens": 1, "cache_read_input_tokens": 90},
            None,
            (100, 90, 1, 0),
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 1,
                "cache_read_input_tokens": 90,
                "total_tokens": 191,
            },
            None,
            (190, 90, 1, 0),
        ),
        (
            {"gen_ai.usage.input_tokens": 10, "gen_ai.usage.cache_read.input_tokens": 90},
            None,
            (100, 90, 0, 0),
        ),
        # Hits and misses alone.
        (
            {"prompt_cache_hit_tokens": 60, "prompt_cache_miss_tokens": 40, "completion_tokens": 5},
            "deepseek",
            (100, 60, 5, 0),
        ),
    ],
)
def test_nesting(value: Any, provider: str | None, expected: tuple[int, ...]) -> None:
    result = read_usage(value, provider=provider)
    assert numbers(result.usage) == expected
    assert not result.unread


def test_tokens_that_only_the_total_knows_make_the_cost_partial() -> None:
    result = read_usage({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 40})
    assert [(item.item, int(item.quantity)) for item in result.unread] == [
        ("tokens of no kind", 25)
    ]


def test_numbers_for_one_thing_that_disagree_make_the_cost_partial() -> None:
    usage = {
        "prompt_tokens": 100,
        "prompt_tokens_details": {"cached_tokens": 40},
        "cache_read_input_tokens": 50,
    }
    result = read_usage(usage)
    assert result.usage.cached_tokens == 50
    assert "disagree: prompt_tokens_details.cached_tokens 40" in result.unread[0].reason
    assert not read_usage(usage | {"cache_read_input_tokens": 0}).unread


@pytest.mark.parametrize(
    ("details", "cached_audio", "cached_image"),
    [
        ({"audio_tokens": 90, "cached_tokens": 80}, 70, 0),
        ({"audio_tokens": 20, "image_tokens": 70, "cached_tokens": 80}, 20, 50),
        ({"audio_tokens": 20, "cached_tokens": 80}, 0, 0),
    ],
)
def test_cached_tokens_of_unknown_kind(
    details: dict[str, int], cached_audio: int, cached_image: int
) -> None:
    result = read_usage({"input_tokens": 100, "output_tokens": 5, "input_token_details": details})
    assert result.usage.cached_audio_tokens == cached_audio
    assert result.usage.cached_image_tokens == cached_image
    assert any("kinds of the 80 cached tokens are not given" in note for note in result.notes)


# ---- the order of keys -------------------------------------------------------------------------


def turned(value: Any) -> Any:
    """Return the value with the keys of every mapping in the reverse order."""
    if isinstance(value, dict):
        return {key: turned(item) for key, item in reversed(list(value.items()))}
    return [turned(item) for item in value] if isinstance(value, list) else value


@by_name
def test_the_order_of_keys_does_not_matter(sample: Sample) -> None:
    first, second = read_usage(sample.value), read_usage(turned(sample.value))
    same = dataclasses.replace(first, notes=(), unread=())
    assert dataclasses.replace(second, notes=(), unread=()) == same
    assert sorted(second.notes) == sorted(first.notes)
    assert {item.item for item in second.unread} == {item.item for item in first.unread}


def test_a_batch_is_a_batch_whatever_its_service_tier() -> None:
    row = {"input_tokens": 5, "num_model_requests": 1, "service_tier": "default", "batch": True}
    assert read_usage(row).tier == read_usage(turned(row)).tier == "batch"


# ---- failures ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", [{}, None, "1000 tokens", {"tokens": 5}, 5, {"usage": None, "choices": []}]
)
def test_without_counts(value: Any) -> None:
    with pytest.raises(ValueError, match="no token counts in this usage object"):
        read_usage(value)


def test_documents_of_several_are_told_apart() -> None:
    row = {"input_tokens": 5, "output_tokens": 1}
    page = {"object": "page", "data": [{"object": "bucket", "results": [row]}]}
    assert read_usage(page).usage == Usage(input_tokens=5, output_tokens=1)
    page["data"].append({"object": "bucket", "results": [row, row]})  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="expected one object, got a document with 3"):
        read_usage(page)


def test_a_bare_usage_object_of_cohere_is_one_object() -> None:
    units = {"input_tokens": 10, "output_tokens": 5}
    usage = {"billed_units": units, "tokens": {"input_tokens": 17, "output_tokens": 5}}
    assert numbers(read_usage(usage).usage) == (10, 0, 5, 0)


def test_results_of_tools_that_are_as_many_as_the_cached_tokens() -> None:
    usage = {"promptTokenCount": 200, "candidatesTokenCount": 7, "totalTokenCount": 307}
    usage |= {"cachedContentTokenCount": 100, "toolUsePromptTokenCount": 100}
    assert numbers(read_usage(usage).usage) == (300, 100, 7, 0)


def test_kinds_that_stand_twice_in_a_list_are_added_up() -> None:
    heard = {"modality": "AUDIO", "tokenCount": 100}
    usage = {"promptTokenCount": 250, "promptTokensDetails": [heard, heard]}
    assert read_usage(usage).usage.audio_input_tokens == 200
    written = {"ttl": "1h", "inputTokens": 1000}
    usage = {"inputTokens": 9, "cacheWriteInputTokens": 2000, "cacheDetails": [written, written]}
    assert read_usage(usage).usage.cache_write_long_tokens == 2000


# ---- objects inside objects --------------------------------------------------------------------


def test_the_providers_own_object_inside_a_wrappers_is_accounted_for() -> None:
    raw = {"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 90}
    searched = raw | {"server_tool_use": {"web_search_requests": 2}, "zq": 1}
    outer = {"inputTokens": 100, "outputTokens": 5, "cachedInputTokens": 90, "raw": searched}
    result = read_usage(outer)
    assert numbers(result.usage) == (100, 90, 5, 0)
    assert result.usage.web_searches == 2
    assert [item.item for item in result.unread] == ["raw.zq"]
    assert not read_usage(outer | {"raw": {"of": "an unknown provider"}}).unread


def test_attempts_that_failed_before_are_paid_for() -> None:
    attempts = [{"model_name": "a", "outcome": "rejected"}]
    response = {
        "kind": "response",
        "parts": [],
        "usage": {"input_tokens": 5, "output_tokens": 5},
        "failed_attempts": attempts,
    }
    assert [item.item for item in read_usage(response).unread] == ["failed_attempt"]


def test_objects_that_hold_themselves() -> None:
    value: dict[str, Any] = {"key": "a"}
    value["response"] = value
    with pytest.raises(ValueError, match="no token counts"):
        read_usage(value)


# ---- any object --------------------------------------------------------------------------------

KNOWN = sorted(
    {
        part
        for shape in SHAPES
        if isinstance(shape.table, Table)
        for key, _ in leaves(shape.table.keys)
        for part in key.split(".")
    }
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**6), st.floats(), st.text(max_size=4)
)


@examples(300)
@given(
    st.recursive(
        SCALARS,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KNOWN), inner, max_size=6)
        ),
        max_leaves=25,
    )
)
def test_any_object_is_read_or_refused(value: Any) -> None:
    refusal = "expected"
    try:
        result = read_usage(value)
    except (ValueError, TypeError) as error:
        refusal = str(error)
    else:
        assert result.usage.input_tokens >= result.usage.cached_tokens
        assert result.shapes
    assert re.search("expected|no usage", refusal)
