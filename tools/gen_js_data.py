#!/usr/bin/env python3
"""Write js/data.js: encodings, models and rules of chats, as the package here has them.

    python tools/gen_js_data.py            # write the file
    python tools/gen_js_data.py --check    # exit 1 if the file is not what would be written

Of chats it holds the constants of the rules, and for each group of models what the rule notes about
a chat of one text; `js/chat.js` counts with them. `js/fit.js` has the models' limits from here.
Models with an encoding that is not bundled have none in this file. Names are read by the rules that
tools/gen_js_names.py writes.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import struct
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from table_files import write_or_check

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "js" / "data.js"
IMAGE_SUM = struct.Struct("<376xQ")  # ImageHeader in csrc/bpe/vocab.hpp

sys.path.insert(0, str(ROOT))

from tokenkit.chat import harmony_rule, openai_rule, tally  # noqa: E402
from tokenkit.chat.counting import count_messages  # noqa: E402
from tokenkit.chat.harmony_rule import HarmonyRule  # noqa: E402
from tokenkit.chat.openai_rule import ChatRule  # noqa: E402
from tokenkit.chat.request import request_rule  # noqa: E402
from tokenkit.encodings import bundled, get_encoding  # noqa: E402
from tokenkit.encodings.by_model import MODEL_PREFIX_TO_ENCODING  # noqa: E402
from tokenkit.fitting.budget import tightest_limit  # noqa: E402
from tokenkit.models import Model, current_registry, list_models  # noqa: E402

CHAT = [{"role": "user", "content": "one text"}]


def ranges(specials: dict[str, int]) -> Iterator[list[Any]]:
    """Give special tokens in their order: [name, id], or [name, first, last] for names that are
    numbered as their ids are."""
    numbered = [
        (name.replace(str(token), "{id}") if len(str(token)) > 5 else name, token)
        for name, token in specials.items()
    ]
    for _, group in itertools.groupby(
        enumerate(numbered), lambda item: (item[1][0], item[1][1] - item[0])
    ):
        items = [item for _, item in group]
        name, first = items[0]
        yield [name, first] if len(items) == 1 else [name, first, items[-1][1]]


def encodings() -> dict[str, Any]:
    """Describe each bundled encoding: its vocabulary, its family, its special tokens."""
    found = {}
    for name, (vocabulary, (_, family), _) in bundled._DEFINITIONS.items():
        image = (ROOT / "tokenkit" / "data" / f"{vocabulary}.tkv").read_bytes()
        (total,) = IMAGE_SUM.unpack_from(image)
        specials = get_encoding(name)._special_tokens
        found[name] = {
            "vocabulary": vocabulary,
            "family": family,
            "sum": f"{total:016x}",
            "specials": list(ranges(specials)),
        }
    return found


def group_of(model: Model) -> dict[str, Any]:
    """Describe how chats of a model are counted, for all models of which it holds."""
    if model.encoding not in bundled._DEFINITIONS:
        return {"encoding": None, "rule": None}
    if not model.takes_messages:
        return {"encoding": model.encoding, "rule": None}
    rule = request_rule(model)
    count = count_messages(CHAT, model)
    if isinstance(rule, HarmonyRule):
        key = "harmony"
    elif isinstance(rule, ChatRule):
        key = f"{rule.per_message}{rule.per_name:+}"
    else:
        return {"encoding": model.encoding, "rule": None}
    return {
        "encoding": model.encoding,
        "rule": key,
        "exact": count.exact,
        "doubtful": not model.encoding_exact,
        "notes": [note.replace(model.name, "{model}") for note in count.notes],
    }


def models() -> list[dict[str, Any]]:
    """Put the models of each provider into groups, each with its other names behind it."""
    groups: dict[str, dict[str, Any]] = {}
    taken: set[str] = set()
    records = list_models(include_retired=True)
    taken.update(model.name for model in records)
    for model in records:
        group = {"provider": model.provider, **group_of(model)}
        group = groups.setdefault(json.dumps(group), {**group, "models": []})
        others = [name for name in (*model.aliases, *model.snapshots) if name not in taken]
        taken.update(others)
        group["models"].append([model.name, *others])
    return list(groups.values())


def prefixes() -> dict[str, Any]:
    """Describe what is known of a model by a documented prefix of its name."""
    return {
        prefix: {"provider": model.provider, **group_of(model)}
        for prefix, model in current_registry().prefixed_models().items()
    }


def input_limits() -> dict[str, tuple[int, str]]:
    """Give the most tokens of an input, and the name of that limit, for models that count chats."""
    limits = {}
    for model in list_models(include_retired=True):
        if group_of(model)["rule"] is not None:
            with contextlib.suppress(ValueError):  # no limit is published
                limits[model.name] = tightest_limit(model, 0, 0.0)
    return limits


def openai() -> dict[str, Any]:
    """Give the constants of OpenAI's rule, by the keys that `group_of` gives."""
    rules = {}
    for model in list_models(include_retired=True):
        if model.encoding in bundled._DEFINITIONS and model.takes_messages:
            rule = request_rule(model)
            if isinstance(rule, ChatRule):
                key = f"{rule.per_message}{rule.per_name:+}"
                rules[key] = {"perMessage": rule.per_message, "perName": rule.per_name}
    return {"priming": openai_rule._PRIMING, "rules": rules}


def harmony() -> dict[str, Any]:
    """Give the constants of harmony's rule."""
    return {
        "frame": harmony_rule._FRAME,
        "priming": harmony_rule._PRIMING,
        "instructions": "# Instructions\n\n",
        "channel": harmony_rule._channel({"role": "assistant"}),
    }


def written(name: str, value: object) -> str:
    """Write a constant as JavaScript, in the style of Biome."""
    text = json.dumps(value, indent=2, ensure_ascii=True)
    # One line for a list of words and numbers.
    text = re.sub(
        r"\[\s+((?:\"[^\"]*\"|\d+)(?:,\s+(?:\"[^\"]*\"|\d+))*)\s+\]",
        lambda match: "[" + re.sub(r",\s+", ", ", match[1]) + "]",
        text,
    )
    return f"export const {name} = {text};\n"


def generate() -> str:
    """Write the whole file."""
    warnings.simplefilter("ignore")  # models that retire are here as well
    parts = [
        "// Made by tools/gen_js_data.py; do not edit.\n",
        written("ENCODINGS", encodings()),
        "// Where nothing is unknown, bounds are at most so wide.\n"
        + written("WIDEST", {"tokens": tally.WIDEST_TOKENS, "share": tally.WIDEST_SHARE}),
        written("OPENAI", openai()),
        written("HARMONY", harmony()),
        "// Encodings by how a name begins that no model is known by. The first that fits counts.\n"
        + written("ENCODING_PREFIXES", MODEL_PREFIX_TO_ENCODING),
        "// The most tokens of an input where nothing is reserved, and the limit that says so.\n"
        + written("INPUT_LIMITS", input_limits()),
        "// Each model's own name comes before its other names.\n"
        + written("MODEL_GROUPS", models()),
        "// What is known of models that are not listed, by the documented prefix of their names.\n"
        + written("PREFIX_GROUPS", prefixes()),
    ]
    return "\n".join(parts)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return the exit status."""
    return write_or_check("gen_js_data", __doc__.splitlines()[0], OUTPUT, generate, arguments)


if __name__ == "__main__":
    sys.exit(main())
