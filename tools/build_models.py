"""Writes tokenkit/data/models.json from gathered facts and the decisions in registry/.

usage: build_models.py OPENAI_FACTS.json OTHER_FACTS.json [OUT.json]

The two inputs list one object per model with values, sources and conflicts. The output is reviewed
data: read its diff before committing it. Rules that hold for many models stand in
registry/openai.py and registry/others.py, decisions about single ones in registry/*_decisions.py.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from registry import openai_decisions as decided
from registry.common import Record
from registry.openai import openai_record
from registry.other_decisions import PICKED
from registry.others import other_record


def write(data: Record, out: Path) -> None:
    """One field per line, so that a diff shows which number of which model changed."""
    lines = ["{"]
    for key in ("verified_on", "sources", "prefixes", "exceptions"):
        lines.append(f'"{key}": {json.dumps(data[key], ensure_ascii=False, indent=1)},')
    lines.append('"models": [')
    blocks = []
    for record in data["models"]:
        fields = [
            f"{json.dumps(field)}: {json.dumps(value, ensure_ascii=False)}"
            for field, value in record.items()
        ]
        blocks.append("{" + ",\n ".join(fields) + "}")
    lines.append(",\n".join(blocks))
    lines.append("]}")
    out.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def main(arguments: list[str]) -> None:
    if len(arguments) not in (2, 3):
        raise SystemExit(__doc__)
    default = Path(__file__).parent.parent / "tokenkit" / "data" / "models.json"
    out = Path(arguments[2]) if len(arguments) == 3 else default
    facts = {fact["id"]: fact for fact in json.loads(Path(arguments[0]).read_text("utf-8"))}
    models = [openai_record(fact, facts) for fact in facts.values()]
    for fact in json.loads(Path(arguments[1]).read_text("utf-8")):
        provider, names = PICKED[fact["provider"]]
        if fact["id"] in names:
            models.append(other_record(fact, provider, names[fact["id"]]))
    write(
        {
            "verified_on": decided.VERIFIED_ON,
            "sources": {
                key: {"title": title, "date": day, "checked": decided.VERIFIED_ON}
                for key, (title, day) in decided.SOURCES.items()
            },
            "prefixes": {
                prefix: {
                    "kind": kind,
                    "encoding": encoding,
                    "encoding_exact": exact,
                    "chat_rule": chat_rule(encoding),
                }
                for prefix, (kind, encoding, exact) in decided.PREFIXES.items()
            },
            "exceptions": decided.EXCEPTIONS,
            "models": sorted(models, key=lambda m: (m["provider"], m["name"])),
        },
        out,
    )
    print(f"{len(models)} models -> {out}")


def chat_rule(encoding: str) -> str:
    return {"cl100k_base": "gpt-4", "o200k_base": "gpt-4o", "o200k_harmony": "harmony"}[encoding]


if __name__ == "__main__":
    main(sys.argv[1:])
