"""The files beside a tokenizer file: tokenizer_config.json and chat templates.

None of it changes the ids of a text. It names special tokens and holds the chat template.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tokenkit.encodings.formats.faults import Fault, unlike
from tokenkit.encodings.formats.fields import mapping
from tokenkit.encodings.formats.json_text import parsed
from tokenkit.encodings.formats.sources import TEMPLATES
from tokenkit.encodings.formats.tokenizer_file import Templates

_MOST_NESTED = 64
_CONFIG = "tokenizer_config.json"
_MAIN = "chat_template.jinja"


def config_and_template(files: Mapping[str, bytes]) -> tuple[dict[str, Any], Templates]:
    """Read what lies beside a tokenizer, by name; return the config and the chat template.

    Tokens that tokenizer_config.json does not name are taken from special_tokens_map.json. The
    template is that of chat_template.jinja, with those of additional_chat_templates by their names,
    else of tokenizer_config.json, else of chat_template.json, as in transformers 4.50 and later.
    """
    config = _object(files, _CONFIG)
    for name, token in _object(files, "special_tokens_map.json").items():
        config.setdefault(name, token)
    template: Templates = _of_files(files)
    if template is None:
        template = _template(config.get("chat_template"), _CONFIG)
    if template is None:
        older = _object(files, "chat_template.json").get("chat_template")
        template = _template(older, "chat_template.json")
    return config, template


def _object(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    if name not in files:
        return {}
    out = mapping(parsed(files[name], where=name), name)
    if _deeper(out, _MOST_NESTED):
        raise Fault(f"{name}: expected at most {_MOST_NESTED} values in each other, got more")
    return out


def _deeper(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(level)


def _of_files(files: Mapping[str, bytes]) -> Templates:
    """Get the templates that have a file each: the only one, or several by name."""
    named = {"default": _text(files, _MAIN)} if _MAIN in files else {}
    for name in files:
        if name.startswith(f"{TEMPLATES}/"):
            named[name.removeprefix(f"{TEMPLATES}/").removesuffix(".jinja")] = _text(files, name)
    return named["default"] if set(named) == {"default"} else named or None


def _text(files: Mapping[str, bytes], name: str) -> str:
    try:
        return files[name].decode()
    except UnicodeDecodeError as error:
        raise Fault(f"{name}: expected UTF-8, got the byte {error.start}: {error.reason}") from None


def _template(value: Any, where: str) -> str | None:
    """Get a template: a string, or the one named "default" of several."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        named = {
            entry["name"]: entry["template"]
            for entry in value
            if isinstance(entry, dict)
            and isinstance(entry.get("name"), str)
            and isinstance(entry.get("template"), str)
        }
        if len(named) == len(value):
            return named.get("default")
    raise unlike(f"{where}: chat_template", "a template, or a list with name and template", value)
