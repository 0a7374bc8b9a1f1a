"""resolve_model: the model, its host, and never the price of another host."""

import warnings
from typing import Any

import pytest

import tokenkit
from tokenkit.costs.bill import cost
from tokenkit.errors import UnknownModelError
from tokenkit.models.lookup import get_model, register_model, resolve_model
from tokenkit.models.registry import new_registry


@pytest.fixture(autouse=True)
def quiet() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", tokenkit.RetirementWarning)
        yield


@pytest.mark.parametrize(
    ("name", "model", "host"),
    [
        ("gpt-4o", "gpt-4o", "openai"),
        ("GPT-4o", "gpt-4o", "openai"),
        (" gpt-4o ", "gpt-4o", "openai"),
        ("openai/gpt-4o", "gpt-4o", "openai"),
        ("openai:gpt-4o", "gpt-4o", "openai"),
        ("anthropic/claude-sonnet-4.5", "claude-sonnet-4-5", "anthropic"),
        ("openai/responses/gpt-5.2", "gpt-5.2", "openai"),
        ("claude-4.5-sonnet-20250929", "claude-sonnet-4-5", "anthropic"),
        ("anthropic/claude-3.5-haiku", "claude-3-5-haiku-20241022", "anthropic"),
        ("models/gemini-2.5-pro", "gemini-2.5-pro", "google"),
        ("gemini/gemini-2.5-pro", "gemini-2.5-pro", "google"),
        ("ft:gpt-4o-2024-08-06:acme::abc", "ft:gpt-4o-2024-08-06", "openai"),
        ("gpt-4o-2024-08-06:ft-acme", "ft:gpt-4o-2024-08-06", "openai"),
        ("FT:GPT-4o-2024-08-06:Acme::x", "ft:gpt-4o-2024-08-06", "openai"),
        ("openai/ft:gpt-4o-2024-08-06:acme::x", "ft:gpt-4o-2024-08-06", "openai"),
    ],
)
def test_the_vendor_itself_keeps_its_prices(name: str, model: str, host: str) -> None:
    resolved = resolve_model(name)
    assert (resolved.model.name, resolved.host) == (model, host)
    assert resolved.model.prices == get_model(model).prices != {}
    assert get_model(name) == resolved.model


@pytest.mark.parametrize(
    ("name", "model", "host"),
    [
        ("azure/gpt-4o", "gpt-4o", "azure"),
        ("azure/eu/gpt-4o", "gpt-4o", "azure"),
        ("openrouter/openai/gpt-4o", "gpt-4o", "openrouter"),
        ("openai/gpt-5.2:online", "gpt-5.2", "openrouter"),
        ("groq/openai/gpt-oss-120b", "gpt-oss-120b", "groq"),
        ("vertex_ai/gemini-2.5-pro", "gemini-2.5-pro", "vertex_ai"),
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5", "vertex_ai"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5", "bedrock"),
        ("gpt-4o-2024-08-06.ft-abc", "ft:gpt-4o-2024-08-06", "azure"),
    ],
)
def test_another_host_never_has_the_vendors_price_silently(
    name: str, model: str, host: str
) -> None:
    resolved = resolve_model(name)
    assert (resolved.model.name, resolved.host) == (model, host)
    listed = get_model(model).hosts.get(host, {})
    assert resolved.model.prices == listed.get("prices", {})
    assert resolved.model.context_window == get_model(model).context_window
    assert any(
        note.startswith(f"name: {name!r} is read as {model}") for note in resolved.model.notes
    )
    result = cost(name, input_tokens=1000)
    assert result.partial is not bool(listed.get("prices"))
    assert result.total == 0 or listed
    assert any(f"the host {host}" in note for note in result.notes) is not bool(listed)


def test_amazon_sells_its_own_models_as_bedrock() -> None:
    resolved = resolve_model("eu.amazon.nova-lite-v1:0")
    assert resolved.host == "bedrock"
    assert resolved.model.prices == get_model("amazon.nova-lite-v1:0").prices


def test_a_host_that_the_record_lists_has_its_own_price() -> None:
    register_model(
        {
            "name": "naming-own",
            "kind": "chat",
            "prices": {"standard": {"input": "1"}},
            "hosts": {
                "azure": {"prices": {"standard": {"input": "7"}}},
                "bedrock": {"names": ["own.naming-v9"], "prices": {"standard": {"input": "8"}}},
            },
        }
    )
    assert cost("azure/naming-own", input_tokens=10**6).total == 7
    assert cost("own.naming-v9", input_tokens=10**6).total == 8
    assert resolve_model("own.naming-v9").host == "bedrock"
    assert cost("groq/naming-own", input_tokens=10**6).partial


@pytest.mark.parametrize(
    "name",
    ["gpt-9", "anthropic/gpt-4o", "azure/my-deployment", "", "/", ":", "azure/gpt-4o\nclaude-x"],
)
def test_unknown_names_stay_unknown(name: str) -> None:
    with pytest.raises(UnknownModelError):
        resolve_model(name)


def test_hints() -> None:
    with pytest.raises(UnknownModelError, match="A deployment has a name of your own"):
        resolve_model("azure/my-deployment")
    with pytest.raises(UnknownModelError, match="Did you mean gpt-4o"):
        resolve_model("openrouter/openai/gpt4o")


def test_a_foreign_name_that_begins_with_a_documented_prefix() -> None:
    assert resolve_model("gpt-5.2:online").model.name == "gpt-5.2"
    assert resolve_model("gpt-4o-of-tomorrow").rule == "documented prefix"
    assert resolve_model("azure/gpt-4o-of-tomorrow").host == "azure"


def test_names_of_the_registry_are_exact() -> None:
    registry = new_registry()
    for model in registry.models():
        for name in (model.name, *model.aliases, *model.snapshots):
            resolved = registry.resolve_name(name)
            assert resolved.rule == "exact"
            assert resolved.host == model.provider


def test_a_model_is_its_own_answer() -> None:
    model = get_model("gpt-4o")
    assert resolve_model(model).model is model


def test_encodings_of_foreign_names() -> None:
    assert tokenkit.encoding_name_for_model("azure/gpt-4o") == "o200k_base"
    assert tokenkit.count("hello", "openrouter/openai/gpt-4") == 1
