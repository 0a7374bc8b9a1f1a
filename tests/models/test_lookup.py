"""Lists of models."""

from typing import Any

import pytest

from tokenkit.encodings import Encoding, get_encoding
from tokenkit.errors import UnknownEncodingError, UnknownModelError
from tokenkit.models.lookup import get_model, list_models, register_model


def test_list_models_by_provider_and_kind() -> None:
    found = list_models(provider="openai", kind="embedding")
    assert [model.name for model in found] == [
        "text-embedding-3-large",
        "text-embedding-3-small",
        "text-embedding-ada-002",
        "text-embedding-ada-002-v2",
    ]
    assert len(list_models(provider="openai", include_retired=True)) == 266
    assert not any(model.retired for model in list_models())


@pytest.mark.parametrize(("filter_", "value"), [("provider", "opnai"), ("kind", "chatty")])
def test_list_models_refuses_unknown_words(filter_: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{filter_}: expected one of .*, got '{value}'"):
        list_models(**{filter_: value})


@pytest.mark.parametrize("place", ["first", "second"])
def test_no_test_finds_what_another_one_registered(place: str) -> None:
    with pytest.raises(UnknownModelError):
        get_model("known-to-one-test")
    with pytest.raises(UnknownEncodingError):
        get_encoding("encoding-of-one-test")
    own = Encoding(
        "encoding-of-one-test",
        pat_str=".",
        mergeable_ranks={bytes([byte]): byte for byte in range(256)},
        special_tokens={},
    )
    assert register_model("known-to-one-test", encoding=own).encoding == own.name
