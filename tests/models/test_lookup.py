"""Lists of models."""

from typing import Any

import pytest

from tokenkit.models.lookup import list_models


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
