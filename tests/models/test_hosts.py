"""Other hosts of a model, and retirement days by snapshot and host."""

from datetime import date, datetime
from typing import Any

import pytest

from tokenkit.errors import ModelDataError
from tokenkit.models.record import Model
from tokenkit.models.registry import Registry

OURS: dict[str, Any] = {
    "name": "ours",
    "kind": "chat",
    "snapshots": ["ours-1", "ours-2"],
    "prices": {"standard": {"input": "1"}},
    "retires_on": "2099-01-01",
    "hosts": {
        "bedrock": {"names": ["acme.ours-v1:0"], "prices": {"standard": {"input": "3"}}},
        "azure": {"names": ["ours"]},
    },
    "retirements": [
        {"snapshot": "ours-1", "on": "2098-01-01", "answered_by": "theirs"},
        {"host": "bedrock", "on": "2097-01-01", "replacement": "next"},
    ],
}


def test_a_host_has_its_own_price_and_day() -> None:
    sold = Model(**OURS).on_host("bedrock")
    assert sold.prices == {"standard": {"input": "3"}}
    assert (sold.retires_on, sold.replacement) == (date(2097, 1, 1), "next")
    assert not any("not known" in note for note in sold.notes)


@pytest.mark.parametrize("host", ["azure", "vertex_ai"])
def test_a_host_without_known_prices_never_gets_those_of_another(host: str) -> None:
    sold = Model(**OURS).on_host(host)
    assert sold.prices == {}
    assert sold.prices_on(date(2026, 1, 1)) == {}
    assert sold.notes == (f"prices: those of the host {host} are not known",)
    assert sold.retires_on == date(2099, 1, 1)


def test_the_hours_of_a_vendor_are_not_those_of_a_host() -> None:
    hours = {"zone": "UTC", "hours": ["09:00-10:00"], "otherwise": {"standard": {"input": "1"}}}
    night = datetime(2026, 1, 1, 3)
    model = Model(**OURS, price_hours=hours)
    assert model.prices_on(night) == {"standard": {"input": "1"}}
    assert model.on_host("bedrock").prices_on(night) == {"standard": {"input": "3"}}
    assert model.on_host("vertex_ai").prices_on(night) == {}


def test_a_snapshot_that_stays_is_not_retired_with_its_model() -> None:
    model = Model(**OURS, retired=True)
    assert model.retired
    assert not model.as_snapshot("ours-1").retired
    assert model.as_snapshot("ours-2").retired


def test_a_snapshot_has_its_own_day_wherever_it_is_looked_up() -> None:
    registry = Registry({"verified_on": "2026-11-22", "sources": {}, "prefixes": {}, "models": []})
    registry.register(OURS, "here")
    assert registry.resolve("ours").retires_on == date(2099, 1, 1)
    assert registry.resolve("ours-2").retires_on == date(2099, 1, 1)
    leaving = registry.resolve("ours-1")
    assert (leaving.name, leaving.retires_on) == ("ours", date(2098, 1, 1))
    assert leaving.replacement == "theirs"


def test_so_does_a_built_in_snapshot() -> None:
    data = {"verified_on": "2026-11-22", "sources": {}, "prefixes": {}, "models": [OURS]}
    registry = Registry(data)
    assert registry.resolve("ours-1").retires_on == date(2098, 1, 1)
    assert registry.resolve("ours").retires_on == date(2099, 1, 1)


def test_a_snapshot_that_has_gone_does_not_retire_its_model() -> None:
    gone = OURS | {"retirements": [{"snapshot": "ours-1", "on": "2020-01-01"}]}
    model = Model(**gone)
    assert not model.retired
    assert model.as_snapshot("ours-1").retired


def test_the_record_goes_round() -> None:
    model = Model(**OURS)
    assert Model(**model.to_record()) == model
    assert hash(model) == hash(Model(**OURS))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"hosts": []}, "field 'hosts': expected a table"),
        ({"hosts": {"azure": 3}}, "hosts.azure': expected a table"),
        ({"hosts": {"azure": {"price": 3}}}, "hosts.azure.price': expected one of names"),
        ({"hosts": {"azure": {"names": "x"}}}, "hosts.azure.names': expected a list of strings"),
        ({"hosts": {"azure": {"regions": {"us": "dear"}}}}, "price_regions.us': expected a price"),
        ({"retirements": "soon"}, "retirements': expected a list of tables"),
        ({"retirements": [{"host": "azure"}]}, "retirements[0].on': expected a date"),
        ({"retirements": [{"on": "2026-01-01", "host": ""}]}, "retirements[0].host'"),
        ({"retirements": [{"on": "2026-01-01", "at": "x"}]}, "retirements[0].at': expected one of"),
    ],
)
def test_wrong_tables_are_named(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ModelDataError) as caught:
        Model(**OURS | change)
    assert complaint in str(caught.value)
