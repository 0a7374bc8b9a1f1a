"""Write tokenkit/data/models.json from the reviewed facts in registry/.

usage: python tools/build_models.py [--check | --publish FILE]

registry/README.md describes the files. With --check nothing is written; the exit status is 1
where the file in the package is not what the facts give. --publish writes a price file, which
`tokenkit models refresh` reads; docs/models.md describes it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FACTS = ROOT / "registry"
OUTPUT = ROOT / "tokenkit" / "data" / "models.json"
# The order of the fields in a record, so that a diff shows what changed and nothing else.
FIELDS = [
    "name",
    "provider",
    "kind",
    "aliases",
    "snapshots",
    "encoding",
    "encoding_exact",
    "vocabulary",
    "context_window",
    "max_input_tokens",
    "safe_input_tokens",
    "max_output_tokens",
    "inputs_per_request",
    "tokens_per_request",
    "max_example_tokens",
    "min_cacheable_tokens",
    "window",
    "modalities",
    "supports",
    "prices",
    "price_periods",
    "price_hours",
    "price_regions",
    "hosts",
    "image_rule",
    "chat_rule",
    "chat_template",
    "retires_on",
    "retired",
    "replacement",
    "retirements",
    "notes",
    "sources",
    "verified_on",
]
Table = dict[str, Any]


class FactError(ValueError):
    """A fact file that cannot be read as registry/README.md says."""


def registry_data(folder: Path = FACTS) -> Table:
    """Return what models.json holds: every record written out, sorted by provider and name.

    Raises FactError, naming file and record, for an unknown field, family, rule or source.
    """
    data = json.loads((folder / "sources.json").read_text("utf-8"))
    merged: Table = {**data, "prefixes": {}, "exceptions": []}
    models: list[Table] = []
    for path in sorted(folder.glob("*.json")):
        if path.name == "sources.json":
            continue
        facts = json.loads(path.read_text("utf-8"))
        merged["prefixes"].update(facts.get("prefixes", {}))
        merged["exceptions"] += facts.get("exceptions", [])
        for kind in ("rules", "fees"):
            for name, fact in facts.get(kind, {}).items():
                where = f"{path.name}: {kind} {name}"
                _expect(fact["source"], data["sources"], "source", where)
        for fact in facts.get("vocabularies", ()):
            where = f"{path.name}: vocabulary {fact['vocabulary']}"
            _expect(fact["source"], data["sources"], "source", where)
            for name in fact["names"]:
                _expect(name, [record["name"] for record in facts["models"]], "record", where)
        models += [full_record(record, facts, path.name) for record in facts["models"]]
    for record in models:
        for field, key in record.get("sources", {}).items():
            _expect(key, data["sources"], "source", f"{record['name']}: sources.{field}")
    merged["models"] = sorted(models, key=lambda record: (record["provider"], record["name"]))
    return merged


def full_record(record: Table, facts: Table, where: str) -> Table:
    """Return one record with the fields of its family, and its prices with rules written out."""
    where = f"{where}: {record['name']}"
    family: Table = {}
    if "like" in record:
        family = facts["families"][_expect(record["like"], facts["families"], "family", where)]
    full = {"provider": facts["provider"], **family, **record}
    full.pop("like", None)
    full["notes"] = [*family.get("notes", ()), *record.get("notes", ())]
    sources = {**family.get("sources", {}), **record.get("sources", {})}
    full["sources"] = dict(sorted(sources.items()))
    rules = facts.get("rules", {})
    if "prices" in full:
        full["prices"] = written_out(full["prices"], rules, f"{where}: prices")
    add_vocabulary(full, facts.get("vocabularies", ()), where)
    fees = [fee for fee in facts.get("fees", {}).values() if applies(fee, full)]
    if "price_periods" in full:
        full["price_periods"] = [
            {
                **period,
                "prices": written_out(period["prices"], rules, f"{where}: price_periods[{index}]"),
            }
            for index, period in enumerate(full["price_periods"])
        ]
    for fee in fees:
        periods = full.get("price_periods", ()) if fee.get("periods", True) else ()
        for prices in (full.get("prices", {}), *(period["prices"] for period in periods)):
            add_fee(prices, fee)
        full["sources"].update((f"prices.{rate}", fee["source"]) for rate in fee["rates"])
    for field in full:
        _expect(field, FIELDS, "field", where)
    return {field: full[field] for field in FIELDS if full.get(field) not in (None, [], {})}


def written_out(prices: Mapping[str, Any], rules: Table, where: str) -> Table:
    """Return the prices with every rule's name replaced by the rates that it gives."""
    standard = dict(prices.get("standard", {}))
    if isinstance(standard.get("long"), str):
        rule = rules[_expect(standard["long"], rules, "rule", f"{where}.standard.long")]
        base = {rate: price for rate, price in standard.items() if rate != "long"}
        standard["long"] = {"above": rule["above"], **multiplied(base, rule["times"])}
    full: Table = {}
    for tier, rates in prices.items():
        if tier == "standard":
            full[tier] = standard
        elif isinstance(rates, str):
            rule = rules[_expect(rates, rules, "rule", f"{where}.{tier}")]
            full[tier] = multiplied(standard, rule["times"])
        else:
            full[tier] = dict(rates)
    return full


def add_vocabulary(record: Table, facts: Iterable[Table], where: str) -> None:
    """Add the vocabulary that the vendor publishes, its source, and what is said of it.

    A note of the record that says of its tokenizer that it is elsewhere goes.
    """
    found = [fact for fact in facts if record["name"] in fact["names"]]
    if len(found) > 1:
        raise FactError(f"expected one vocabulary, got {len(found)}, at {where}")
    for fact in found:
        record["vocabulary"] = fact["vocabulary"]
        sources = {**record["sources"], "vocabulary": fact["source"]}
        record["sources"] = dict(sorted(sources.items()))
        notes = [note for note in record["notes"] if not note.startswith("tokenizer: ")]
        record["notes"] = [f"vocabulary: {fact['says']}", *notes]


def applies(fee: Table, record: Table) -> bool:
    """Return whether a fee is one of a record: by its kind, and by its name or its beginning."""
    name, names = record["name"], fee.get("names")
    return (
        record["kind"] in fee["kinds"]
        and "prices" in record
        and (names is None or name in names or name.startswith(tuple(fee.get("beginning", ()))))
        and not name.startswith(tuple(fee.get("not_beginning", ())))
    )


def add_fee(prices: Table, fee: Table) -> None:
    """Add the rates of a fee to the tiers that it names; a record's own standard rate stands."""
    for rate, price in fee["rates"].items():
        own = prices.get("standard", {}).get(rate, price)
        for tier in fee["tiers"]:
            if tier in prices:
                prices[tier].setdefault(rate, own)


def multiplied(rates: Mapping[str, Any], times: Mapping[str, str]) -> Table:
    """Return the rates that `times` names, each times its factor; long prompts' rates likewise."""
    result: Table = {}
    for rate, price in rates.items():
        if rate == "long":
            steps = [price] if isinstance(price, Mapping) else price
            higher = [{"above": step["above"], **multiplied(step, times)} for step in steps]
            result[rate] = higher[0] if isinstance(price, Mapping) else higher
        elif rate in times:
            result[rate] = plain(Decimal(price) * Decimal(times[rate]))
    return result


def plain(amount: Decimal) -> str:
    """Return a number as digits without an exponent and without trailing zeros: 2.50 as 2.5."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_text(data: Mapping[str, Any]) -> str:
    """Return models.json's text: one field per line, so that a diff shows which number changed."""
    parts = [
        f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False, indent=1)},"
        for key, value in data.items()
        if key != "models"
    ]
    blocks = []
    for record in data["models"]:
        fields = [
            f"{json.dumps(field)}: {json.dumps(value, ensure_ascii=False)}"
            for field, value in record.items()
        ]
        blocks.append("{" + ",\n ".join(fields) + "}")
    return "\n".join(["{", *parts, '"models": [', ",\n".join(blocks), "]}"]) + "\n"


def price_file(data: Mapping[str, Any]) -> Table:
    """Return the price file of all records, with the titles of their sources and a hash."""
    models = []
    for record in data["models"]:
        titles = {
            field: data["sources"][key]["title"] for field, key in record.get("sources", {}).items()
        }
        models.append({**record, **({"sources": titles} if titles else {})})
    text = json.dumps(models, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return {
        "format": "tokenkit-prices/1",
        "verified_on": data["verified_on"],
        "sha256": hashlib.sha256(text.encode("utf-8")).hexdigest(),
        "models": models,
    }


def main(arguments: list[str]) -> int:
    """Write the file or check it; the number is the exit status."""
    publish = arguments[:1] == ["--publish"] and len(arguments) == 2
    if not publish and arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    data = registry_data()
    if publish:
        Path(arguments[1]).write_text(json.dumps(price_file(data), indent=1) + "\n", "utf-8")
        return 0
    text = as_text(data)
    if arguments:
        same = OUTPUT.read_bytes() == text.encode()
        print(f"{OUTPUT}: {'as the facts give it' if same else 'not as the facts give it'}")
        return 0 if same else 1
    OUTPUT.write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(data['models'])} models -> {OUTPUT}")
    return 0


def _expect(name: str, known: Iterable[str], what: str, where: str) -> str:
    names = list(known)
    if name not in names:
        raise FactError(
            f"expected a known {what}, got {name!r}, at {where}; known: {', '.join(names)}"
        )
    return name


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
