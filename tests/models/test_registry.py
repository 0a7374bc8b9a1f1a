"""The registry: name resolution, users' overlays, retirement warnings."""

import json
import subprocess
import sys
import warnings
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import tiktoken.model

from tokenkit.costs.bill import cost
from tokenkit.errors import NoTokenizerError, RetirementWarning, UnknownModelError
from tokenkit.models import registry as _registry
from tokenkit.models.lookup import get_model, list_models, register_model
from tokenkit.models.record import Model
from tokenkit.models.registry import RETIREMENT_NOTICE_DAYS, Registry

DATA = json.loads(Path(_registry.DATA_PATH).read_bytes())
RECORDS = {record["name"]: record for record in DATA["models"]}

# What a fine-tuned name or a plain name must come to, as tiktoken 0.14.0 has it, except for the
# differences stated beside them.
ENCODING_OF = {
    "gpt-4o": "o200k_base",
    "gpt-4o-2030-01-01": "o200k_base",
    "gpt-4": "cl100k_base",
    "gpt-4-some-test": "cl100k_base",
    "gpt-3.5-turbo": "cl100k_base",
    "gpt-35-turbo": "cl100k_base",
    "gpt-35-turbo-somewhere": "cl100k_base",
    "gpt-5": "o200k_base",
    "gpt-5.9-unheard-of": "o200k_base",
    "o1-anything": "o200k_base",
    "o3": "o200k_base",
    "o4-mini": "o200k_base",
    "gpt-oss-120b": "o200k_harmony",
    "gpt-oss-7b": "o200k_harmony",
    "text-davinci-003": "p50k_base",
    "text-davinci-edit-001": "p50k_edit",
    "davinci": "r50k_base",
    "gpt2": "gpt2",
    "gpt-2": "gpt2",
    "text-embedding-3-small": "cl100k_base",
    "ft:gpt-4o-mini-2024-07-18:org::id": "o200k_base",
    "ft:gpt-3.5-turbo-0613:org:name:id": "cl100k_base",
    "ft:gpt-4-0613:org::id": "cl100k_base",
    "ft:davinci-002:org::id": "cl100k_base",
    "davinci:ft-org-2022-01-01": "r50k_base",
    # tiktoken's prefix "ft:gpt-4" says cl100k_base here and has no entry for o4-mini.
    "ft:gpt-4.1-2025-04-14:org::id": "o200k_base",
    "ft:gpt-4.1-nano-2025-04-14:org::id": "o200k_base",
    "ft:o4-mini-2025-04-16:org::id": "o200k_base",
}


def encoding_name_for(name: str) -> str:
    return _registry.current_registry().encoding_name_for(name)


# ---- resolution --------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "encoding"), ENCODING_OF.items())
def test_encoding_names(name: str, encoding: str | None) -> None:
    assert encoding_name_for(name) == encoding


def test_encoding_names_agree_with_tiktoken() -> None:
    table = tiktoken.model
    for name, encoding in table.MODEL_TO_ENCODING.items():
        assert encoding_name_for(name) == encoding
    for prefix, encoding in table.MODEL_PREFIX_TO_ENCODING.items():
        if prefix.startswith("ft:"):
            assert encoding_name_for(f"{prefix}:org::id") == encoding
        else:
            assert encoding_name_for(f"{prefix}unheard-of") == encoding
            assert DATA["prefixes"][prefix]["encoding_exact"] is True
            assert DATA["prefixes"][prefix]["encoding"] == encoding


def test_encoding_name_for_never_warns(registry: Registry) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert encoding_name_for("gpt-4") == "cl100k_base"


@pytest.mark.parametrize("name", ["claude-opus-5-5", "gemini-3.6-flash", "whisper-1"])
def test_no_public_tokenizer(name: str) -> None:
    with pytest.raises(NoTokenizerError, match="estimate_tokens"):
        encoding_name_for(name)


def test_every_record_alias_and_snapshot_resolves(registry: Registry) -> None:
    for name, record in RECORDS.items():
        assert registry.resolve(name).name == name
        for other in record.get("aliases", ()):
            assert registry.resolve(other).name == name
        for other in record.get("snapshots", ()):
            assert registry.resolve(other).name == (other if other in RECORDS else name)


def test_model_passes_through_get_model() -> None:
    model = Model(name="mine", kind="chat", encoding="gpt2", context_window=100)
    assert get_model(model) is model


def test_fine_tuned_name_with_a_record_of_its_own(registry: Registry) -> None:
    model = registry.resolve("ft:gpt-4o-mini-2024-07-18:org:name:id")
    assert model.name == "ft:gpt-4o-mini-2024-07-18"
    assert model.prices["standard"]["input"] == "0.3"


def test_fine_tuned_name_without_a_record_has_the_base_limits_and_no_prices(
    registry: Registry,
) -> None:
    model = registry.resolve("ft:gpt-5.4-mini-2026-03-17:org::id")
    base = registry.resolve("gpt-5.4-mini")
    assert (model.context_window, model.encoding) == (base.context_window, base.encoding)
    assert not model.prices
    assert "fine-tuned from gpt-5.4-mini-2026-03-17" in model.notes[-1]


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize("name", ["ft:base:org::id", "base:ft-org-1"])
def test_fine_tuned_name_has_none_of_the_prices_of_its_base(name: str) -> None:
    rates = {"standard": {"input": "1"}}
    weekdays = {"zone": "UTC", "days": [1], "hours": ["09:00-10:00"], "otherwise": rates}
    register_model(
        "base",
        encoding="o200k_base",
        prices=rates,
        price_periods=[{"from": "2027-01-01", "prices": rates}],
        price_hours=weekdays,
        hosts={"azure": {"prices": rates}},
    )
    model = get_model(name)
    for moment in (datetime(2026, 12, 1, 20), datetime(2027, 1, 1, 20)):
        assert not model.prices_on(moment)
        assert not model.on_host("azure").prices_on(moment)


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("gpt-5.5-2031-12-30", "gpt-5.5"),
        ("claude-sonnet-5-20270101", "claude-sonnet-5"),
        ("gpt-4-0999", None),
        ("gpt-4-0229", "gpt-4"),
        ("gpt-35-turbo-0229", "gpt-3.5-turbo"),
    ],
)
def test_unlisted_snapshots(registry: Registry, name: str, base: str | None) -> None:
    model = registry.resolve(name)
    assert (model.name, model.aliases, model.snapshots) == (name, (), ())
    if base is None:  # no month and day: only the prefix "gpt-4-" is known
        assert model.context_window is None
    else:
        assert model.context_window == registry.resolve(base).context_window
    assert "is not listed" in model.notes[-1]


def test_the_longest_documented_prefix_says_the_encoding() -> None:
    prefixes = {
        "a-": {"kind": "chat", "encoding": "cl100k_base"},
        "a-b-": {"kind": "chat", "encoding": "o200k_base"},
    }
    data = {"verified_on": "2026-11-22", "sources": {}, "prefixes": prefixes, "models": []}
    registry = Registry(data)
    found = [registry.resolve(name).encoding for name in ("a-b-1", "a-c-1")]
    assert found == ["o200k_base", "cl100k_base"]


def test_a_record_may_have_been_checked_on_a_day_of_its_own() -> None:
    records = [
        {"name": "a", "kind": "chat"},
        {"name": "b", "kind": "chat", "verified_on": "2026-11-01"},
    ]
    data = {"verified_on": "2026-11-22", "sources": {}, "prefixes": {}, "models": records}
    checked = [str(model.verified_on) for model in Registry(data).models()]
    assert checked == ["2026-11-22", "2026-11-01"]


def test_prefix_of_an_assumed_encoding(registry: Registry) -> None:
    assert registry.resolve("gpt-6.3-sol").encoding_exact is False
    assert registry.resolve("gpt-5.9").encoding_exact is True


def test_prefix_tells_the_encoding_and_nothing_else(registry: Registry) -> None:
    model = registry.resolve("gpt-4o-unheard-of")
    assert model.encoding == "o200k_base"
    assert model.kind == "chat"
    assert model.context_window is None
    assert model.max_output_tokens is None
    assert not model.prices
    assert "only its encoding is known" in model.notes[-1]


@pytest.mark.parametrize("name", ["", "gpt", "gpt-9", "GPT 4o", "gpt-7", "o5", "ft:nobody:org::id"])
def test_unknown_names_raise(name: str) -> None:
    with pytest.raises(UnknownModelError) as caught:
        get_model(name)
    assert isinstance(caught.value, KeyError)
    assert repr(name) in str(caught.value)


def test_unknown_name_tells_the_nearest() -> None:
    with pytest.raises(UnknownModelError, match="Did you mean gpt-4o-mini"):
        get_model("gpt-4o_mini")
    with pytest.raises(UnknownModelError, match="claude-opus-5"):
        get_model("Claude Opus 5")


def test_name_of_a_wrong_type() -> None:
    with pytest.raises(TypeError, match="model: expected a name or a Model, got int"):
        get_model(4)  # type: ignore[arg-type]


# ---- overlays ----------------------------------------------------------------------------------

SMALL = {"name": "mine", "kind": "chat", "encoding": "o200k_base", "context_window": 5000}


def test_four_fields_suffice(registry: Registry) -> None:
    model = register_model(SMALL)
    assert get_model("mine") == model
    assert model.encoding_exact is True
    assert model.safe_input_tokens == 5000
    assert model.provider == "custom"
    assert model.window == "shared"
    assert not model.prices


def test_registering_again_replaces(registry: Registry) -> None:
    register_model(SMALL | {"aliases": ["nickname"]})
    register_model(SMALL | {"context_window": 6000})
    assert get_model("mine").context_window == 6000
    register_model({"name": "gpt-4o", "kind": "chat", "encoding": "gpt2", "context_window": 7})
    assert get_model("gpt-4o").context_window == 7
    assert [m.context_window for m in list_models() if m.name == "gpt-4o"] == [7]


def test_own_alias_shadows_a_built_in_name(registry: Registry) -> None:
    register_model(SMALL | {"aliases": ["gpt-5"], "snapshots": ["mine-v1"]})
    assert get_model("gpt-5").name == "mine"
    assert get_model("mine-v1").name == "mine"
    assert get_model("mine-2026-01-01").context_window == 5000


# ---- retirement --------------------------------------------------------------------------------


def leaving(days: int) -> dict[str, Any]:
    return SMALL | {"retires_on": (date.today() + timedelta(days=days)).isoformat()}


def test_retired_models_warn_once_per_name(registry: Registry) -> None:
    register_model(leaving(-1) | {"replacement": "gpt-9", "aliases": ["also-mine"]})
    with pytest.warns(RetirementWarning, match=r"'mine' was shut down on 2.*suggests gpt-9"):
        assert get_model("mine").retired
    with pytest.warns(RetirementWarning, match="'also-mine'"):
        get_model("also-mine")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        get_model("mine")
        get_model("also-mine")


def test_the_warning_names_the_model_that_answers_afterwards(registry: Registry) -> None:
    with pytest.warns(RetirementWarning, match=r"; gemini-3\.8-flash answers from then on"):
        get_model("gemini-2.5-pro")


def test_soon_retiring_models_warn(registry: Registry) -> None:
    register_model(leaving(RETIREMENT_NOTICE_DAYS))
    with pytest.warns(RetirementWarning, match="will be shut down on"):
        assert not get_model("mine").retired


def test_models_that_stay_do_not_warn(registry: Registry) -> None:
    register_model(leaving(RETIREMENT_NOTICE_DAYS + 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        get_model("mine")


def test_the_warning_points_at_the_caller(registry: Registry) -> None:
    register_model(leaving(-1) | {"aliases": ["also-mine"]})
    with pytest.warns(RetirementWarning) as direct:
        get_model("mine")
    with pytest.warns(RetirementWarning) as through_cost:
        cost("also-mine", input_tokens=1)
    assert [direct[0].filename, through_cost[0].filename] == [__file__, __file__]


# ---- weight ------------------------------------------------------------------------------------


def test_importing_tokenkit_does_not_read_the_registry() -> None:
    program = (
        "import sys, tokenkit\n"
        "loaded = [name for name in sys.modules if name.startswith('tokenkit.')]\n"
        "assert 'tokenkit.models.registry' not in loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_what_was_resolved_is_remembered_until_models_change(registry: Registry) -> None:
    names = ("GPT-4o", "azure/gpt-4o", "gpt-4o-2027-01-01", "gpt-4o")
    before = {name: registry.resolve_name(name) for name in names}
    assert all(registry.resolve_name(name) is before[name] for name in names)
    registry.register({"name": "gpt-4o", "kind": "chat", "context_window": 7}, "here")
    assert {registry.resolve(name).context_window for name in names} == {7}
    registry.register({"name": "gpt-4o-2027-01-01", "kind": "chat", "context_window": 8}, "here")
    assert registry.resolve("gpt-4o-2027-01-01").context_window == 8
    assert registry.resolve("gpt-4o").context_window == 7


def test_remembered_names_are_bounded(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_registry, "MOST_REMEMBERED", 10)
    most = 0
    for number in range(25):
        registry.resolve(f"gpt-4o-{number}x")
        most = max(most, len(registry._resolved))
    assert most == 10
    with pytest.raises(UnknownModelError):
        registry.resolve("nothing of the kind")
    assert "nothing of the kind" not in registry._resolved


def test_a_model_registered_while_a_name_is_resolved(registry: Registry) -> None:
    """The answer of before is not remembered beside the new record."""
    resolve = registry._resolve

    def interrupted(name: str) -> Any:
        resolved = resolve(name)
        registry.register({"name": "gpt-4o", "kind": "chat", "context_window": 7}, "here")
        return resolved

    registry._resolve = interrupted  # type: ignore[method-assign]
    assert registry.resolve("gpt-4o").context_window == 128_000
    registry._resolve = resolve  # type: ignore[method-assign]
    assert registry.resolve("gpt-4o").context_window == 7


def test_records_are_built_only_when_asked_for(registry: Registry) -> None:
    assert not registry._built
    registry.resolve("gpt-4o")
    assert list(registry._built) == ["gpt-4o"]
