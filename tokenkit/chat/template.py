"""`ChatTemplate`: a model's own template, which writes a chat as the text that the model reads.

It is Jinja, as transformers has it; what is here follows `apply_chat_template` of transformers
5.24.0 (PyPI). Of several named templates "tool_use" writes requests with tools, "default" the
others, unless the model names one. The names of special tokens come from the tokenizer's config.
Nothing that a template does leaves the sandbox, and none runs for ever: see `template_sandbox` and
`template_meter`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from tokenkit._checks import shown
from tokenkit._visible import shown_line
from tokenkit.chat.template_meter import MOST_SOURCE, Meter, TemplateLimit, current_meter
from tokenkit.errors import ChatTemplateError
from tokenkit.models import Model

__all__ = ["ChatTemplate", "Written", "named_templates", "special_names", "template_for"]

_SPECIAL = ("bos", "eos", "unk", "sep", "pad", "cls", "mask")
_MOST_MESSAGE = 500
_MOST_NAME = 100


class Written(NamedTuple):
    """A chat as its template wrote it: (what it is about, text) in order.

    What a text is about is what the loop around it had in hand (`template_views.place`), None for
    none. `dated`: it holds the date.
    """

    segments: list[tuple[Any, str]]
    dated: bool

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.segments)


@dataclass(frozen=True)
class ChatTemplate:
    """The templates of a model by their names, and what their variables stand for.

    `where` says whose they are, for errors and notes.
    """

    where: str
    templates: Mapping[str, str]
    variables: Mapping[str, Any]

    def write(self, messages: Sequence[Any], tools: Sequence[Any] | None, size: int) -> Written:
        """Write a chat; `size` is that of the messages and tools, in characters.

        Raises ChatTemplateError if the template refuses the chat, is wrong or used too much, and
        MissingPackage without jinja2.
        """
        source = self._source(tools is not None)
        meter = Meter(size)
        token = current_meter.set(meter)
        owners: list[Any] = []
        texts: list[list[str]] = []
        try:
            template = _compiled(source)
            for text in template.generate(
                messages=messages,
                tools=tools,
                documents=None,
                add_generation_prompt=True,
                **self.variables,
            ):
                meter.write(len(text))
                if not owners or owners[-1] != meter.owner:
                    owners.append(meter.owner)
                    texts.append([])
                texts[-1].append(text)
        except Exception as error:
            raise self._error(error) from None
        finally:
            current_meter.reset(token)
        joined = map("".join, texts)
        return Written(list(zip(owners, joined, strict=True)), meter.dated)

    def _source(self, has_tools: bool) -> str:
        if has_tools and "tool_use" in self.templates:
            return self.templates["tool_use"]
        if "default" in self.templates:
            return self.templates["default"]
        names = ", ".join(map(shown, self.templates))
        raise ChatTemplateError(
            f"{self.where}: expected a template named 'default', got {names}; give one with "
            "register_model(..., chat_template=...)"
        )

    def _error(self, error: Exception) -> Exception:
        """Make the error of a template that cannot be run, or of one that refuses the chat."""
        from tokenkit.errors import MissingPackage

        if isinstance(error, MissingPackage):
            return error
        from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError

        text = shown_line(str(error), _MOST_MESSAGE)
        kind = type(error).__name__
        line = getattr(error, "lineno", None) or _line_of(error)
        at = f" (line {line} of the template)" if line else ""
        if isinstance(error, TemplateLimit):
            what = f"expected a template that ends soon, got one that was stopped: {text}"
        elif isinstance(error, (RecursionError, MemoryError)):
            what = f"expected a template that ends soon, got one nested too deeply ({kind})"
        elif isinstance(error, TemplateSyntaxError):
            what = f"expected a Jinja template, got one that is wrong: {text}"
        elif type(error) is TemplateError:
            return ChatTemplateError(f"{self.where}: the template refuses this chat: {text}")
        elif isinstance(error, UndefinedError):
            what = f"the template misses something in this chat: {text}"
        else:
            what = f"the template fails on this chat: {kind}: {text}"
        return ChatTemplateError(f"{self.where}: {what}{at}")


def _line_of(error: Exception) -> int | None:
    """Give the line of a template where an error was raised."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


@lru_cache(maxsize=1)
def _environment() -> Any:
    from tokenkit.chat.template_sandbox import new_environment

    return new_environment()


@lru_cache(maxsize=64)
def _compiled(source: str) -> Any:
    from tokenkit.chat.template_tree import compiled

    if len(source) > MOST_SOURCE:
        raise TemplateLimit(f"it has more than {MOST_SOURCE:,} characters")
    token = current_meter.set(None)
    try:
        return compiled(_environment(), source)
    finally:
        current_meter.reset(token)


def template_for(model: Model, encoding: Any) -> ChatTemplate | None:
    """Give the template of a model: its own, or that of the file its encoding is from; or None.

    `encoding` may know of its file: a dict with `config` (tokenizer_config.json, or what a file of
    another format says of the same) and `chat_template`, a text or several by name. A model whose
    own is "" has none; one whose own is the name of a template of the file has that for all chats.

    Raises ChatTemplateError for a template of another type than str.
    """
    facts = getattr(encoding, "_file_facts", None) or {}
    config = facts.get("config") or {}
    own = model.chat_template
    given: object = own
    where = model.name
    if own is None or _is_name(own):
        source = getattr(encoding, "source", None)
        of_file = f"{where} ({source})" if source else where
        found = _of_file(facts.get("chat_template"), config.get("chat_template"), of_file)
        if own is None:
            given, where = found, of_file
        elif isinstance(found, Mapping):
            given, where = _named(own, found, of_file), f"{of_file}: {own}"
    if not given:
        return None
    templates = named_templates(given, f"{where}: chat_template")
    return ChatTemplate(where, templates, special_names(config))


def _is_name(given: str) -> bool:
    """Whether it may be the name of a template: a template has signs that no name has."""
    return 0 < len(given) <= _MOST_NAME and "{" not in given and "\n" not in given


def _named(name: str, templates: Mapping[str, str], where: str) -> str:
    if name in templates:
        return templates[name]
    raise ChatTemplateError(
        f"{where}: chat_template: expected a template, or the name of one of the file's "
        f"({', '.join(map(shown, templates))}), got {shown(name)}"
    )


def _of_file(chosen: object, listed: object, where: str) -> object:
    """Give the template that a file's reader chose, with those that are listed beside it."""
    if isinstance(chosen, Mapping):
        return chosen
    if chosen and isinstance(listed, (list, tuple, Mapping)):
        named = named_templates(listed, f"{where}: chat_template")
        return named if named.get("default") == chosen else chosen
    return chosen or listed


def named_templates(given: object, where: str) -> dict[str, str]:
    """Read a chat template of a tokenizer's file: a text, or a list or table of named ones.

    Raises ChatTemplateError for anything else.

    >>> named_templates([{"name": "default", "template": "{{ messages }}"}], "here")
    {'default': '{{ messages }}'}
    """
    if isinstance(given, str):
        return {"default": given}
    if isinstance(given, Mapping):
        named = dict(given)
    elif isinstance(given, (list, tuple)) and all(isinstance(item, Mapping) for item in given):
        named = {item.get("name"): item.get("template") for item in given}
    else:
        named = {}
    texts = {name: text for name, text in named.items() if isinstance(text, str)}
    if not texts or len(texts) < len(named) or not all(isinstance(name, str) for name in texts):
        raise ChatTemplateError(
            f"{where}: expected a template, or a list of templates with a name each, "
            f"got {shown(given)}"
        )
    return texts


def special_names(config: object) -> dict[str, str]:
    """Give bos_token, eos_token and the like of a tokenizer's config, those that it has.

    >>> special_names({"bos_token": {"content": "<s>"}, "eos_token": "</s>", "pad_token": None})
    {'bos_token': '<s>', 'eos_token': '</s>'}
    """
    names = {}
    for word in _SPECIAL:
        key = f"{word}_token"
        value = config.get(key) if isinstance(config, Mapping) else None
        value = value.get("content") if isinstance(value, Mapping) else value
        if isinstance(value, str):
            names[key] = value
    return names
