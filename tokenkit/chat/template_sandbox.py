"""The environment in which chat templates run: Jinja's sandbox, with every growth measured.

What templates find there is what transformers gives them (`chat_template_utils` of transformers
5.24.0, PyPI): blocks are trimmed, loops may break, `{% generation %}` marks what the model wrote,
`tojson` writes no HTML, and there are `raise_exception`, `strftime_now`, `namespace` and `dict`.
What no template needs and nobody could bound is left out: `lipsum`, `random` and filters for web
pages.

Operators, attributes, filters, tests and calls come by here, and report to the `Meter` of the
rendering; `template_tree` adds what does not.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from tokenkit.chat.template_meter import MOST_DEPTH, Meter, TemplateLimit, running_meter
from tokenkit.chat.template_tree import hooks
from tokenkit.errors import MissingPackage

__all__ = ["new_environment"]

_OLDEST = (3, 1, 6)  # earlier ones have known ways out of the sandbox
_LEFT_OUT_FILTERS = {"filesizeformat", "forceescape", "pprint", "random", "tojson", "urlencode"}
_LEFT_OUT_FILTERS |= {"urlize", "wordwrap", "xmlattr"}
# A width with so many digits, or one that is an argument.
_WIDE_PERCENT = re.compile(r"%[^%a-zA-Z]*(?:\d{5}|\*)")
_WIDE_BRACES = re.compile(r"\d{5}|\{[^{}]*\{")
_WIDTH = re.compile(r"(?a:\d{2,4})")
_NAMED_FIELD = re.compile(r"\{[^{}:!]")
_WIDENING = frozenset(("ljust", "rjust", "center", "zfill", "to_bytes"))
_REFUSED_METHODS = frozenset(("translate", "maketrans"))
_MOST_TABS = 64
_MOST_PRECISION = 100


def new_environment() -> Any:
    """Make the environment. Raises MissingPackage without jinja2 of 3.1.6 or later."""
    try:
        import jinja2
        from jinja2.sandbox import ImmutableSandboxedEnvironment
    except ImportError:
        raise _missing("which is not installed") from None
    version = tuple(int(number) for number in re.findall(r"\d+", jinja2.__version__)[:3])
    if version < _OLDEST:
        raise _missing(f"got {jinja2.__version__}")
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True,
        lstrip_blocks=True,
        optimized=False,
        finalize=jinja2.pass_context(_written),
        extensions=["jinja2.ext.loopcontrols", _generation_tag()],
    )
    _set_globals(environment)
    environment.filters = _filters(environment)
    environment.tests = {name: _test(test) for name, test in environment.tests.items()}
    _set_hooks(environment)
    return environment


def _missing(got: str) -> MissingPackage:
    return MissingPackage(
        f"a chat template needs jinja2 3.1.6 or later, {got}; pip install 'tokenkit-bpe[hf]'"
    )


def _generation_tag() -> type[Any]:
    """Make the extension that reads {% generation %}...{% endgeneration %} as a scope."""
    from jinja2 import nodes
    from jinja2.ext import Extension

    def parse(_self: Any, parser: Any) -> Any:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.Scope(body, lineno=line)

    return type("Generation", (Extension,), {"tags": {"generation"}, "parse": parse})


# ---- what templates call by name ---------------------------------------------------------------


def _set_globals(environment: Any) -> None:
    from jinja2.exceptions import TemplateError
    from jinja2.sandbox import safe_range

    def raise_exception(message: object) -> None:
        raise TemplateError(str(message))

    def strftime_now(form: str) -> str:
        running_meter().dated = True
        running_meter().expect(len(form) * 64)
        if re.search(r"\d{3}", form):
            raise TemplateLimit("strftime_now: it asks for a width of three digits")
        return datetime.now().strftime(form)

    def range_of(*bounds: int) -> range:
        running_meter().step()
        numbers: range = safe_range(*bounds)
        return numbers

    def dict_of(*items: Any, **named: Any) -> dict[Any, Any]:
        return dict(*items, **named)

    del environment.globals["lipsum"]
    environment.globals.update(
        raise_exception=raise_exception, strftime_now=strftime_now, range=range_of, dict=dict_of
    )


def _tojson(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | str | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    width = len(indent) if isinstance(indent, str) else indent or 0
    if width > _MOST_PRECISION:
        raise TemplateLimit(f"tojson: it indents by more than {_MOST_PRECISION}")
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
    )


# ---- filters and tests -------------------------------------------------------------------------


def _filters(environment: Any) -> dict[str, Any]:
    kept = {
        name: _filter(name, function)
        for name, function in environment.filters.items()
        if name not in _LEFT_OUT_FILTERS
    }
    return {**kept, "tojson": _filter("tojson", _tojson), **hooks()}


def _filter(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Measure what a filter is given and what it gives."""
    ahead = 0 if getattr(function, "jinja_pass_arg", None) is None else 1
    check = _CHECKS.get(name)

    @functools.wraps(function)
    def measured(*args: Any, **named: Any) -> Any:
        meter = running_meter()
        given = args[ahead:]
        sizes = [meter.read(value) for value in given]
        sizes += [meter.read(value) for value in named.values()]
        if check is not None:
            check(meter, sizes, given, named)
        return _counted(meter, function(*args, **named))

    return measured


def _counted(meter: Meter, result: Any) -> Any:
    """Note what was made; of what comes item by item, each item."""
    if type(result) is _Items:
        return result
    if hasattr(result, "__next__") and hasattr(result, "__iter__"):  # a cycler has no items
        return _Items(meter, result)
    return meter.took(result)


class _Items:
    """Gives items one by one; each is a step.

    Items may come from others of this kind, and these from others: each is asked within the one
    before, and the stack has no room for thousands.
    """

    __slots__ = ("_items", "_meter")

    def __init__(self, meter: Meter, items: Iterator[Any]) -> None:
        self._meter = meter
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        meter = self._meter
        meter.step()
        if meter.depth == MOST_DEPTH:
            raise TemplateLimit(f"it has more than {MOST_DEPTH} filters within each other")
        meter.depth += 1
        try:
            return next(self._items)
        finally:
            meter.depth -= 1


def _test(function: Callable[..., Any]) -> Callable[..., Any]:
    ahead = 0 if getattr(function, "jinja_pass_arg", None) is None else 1

    @functools.wraps(function)
    def measured(*args: Any) -> Any:
        meter = running_meter()
        for value in args[ahead:]:
            meter.read(value)
        return function(*args)

    return measured


_Check = Callable[[Meter, list[int], tuple[Any, ...], dict[str, Any]], None]


def _whole(given: tuple[Any, ...], named: dict[str, Any]) -> list[int]:
    return [value for value in (*given, *named.values()) if isinstance(value, int)]


def _check_width(meter: Meter, _sizes: list[int], given: Any, named: Any) -> None:
    for number in _whole(given, named):
        meter.expect(abs(number))


def _check_indent(meter: Meter, sizes: list[int], given: Any, named: Any) -> None:
    width = max([4, *_whole(given[1:], named), *sizes[1:]])
    meter.expect(sizes[0] + width * (1 + str(given[0]).count("\n")))


def _check_precision(_meter: Meter, _sizes: list[int], given: Any, named: Any) -> None:
    if any(abs(number) > _MOST_PRECISION for number in _whole(given[1:], named)):
        raise TemplateLimit(f"round: its precision is more than {_MOST_PRECISION}")


def _check_batch(meter: Meter, _sizes: list[int], given: Any, named: Any) -> None:
    for number in _whole(given[1:], named):
        meter.step(abs(number))


def _check_join(meter: Meter, sizes: list[int], given: Any, _named: Any) -> None:
    if len(sizes) > 1 and hasattr(given[0], "__len__"):
        meter.expect(sizes[0] + sizes[1] * len(given[0]))


def _check_replace(meter: Meter, sizes: list[int], given: Any, _named: Any) -> None:
    if len(given) > 2:
        times = str(given[0]).count(str(given[1])) if given[1] else sizes[0] + 1
        meter.expect(sizes[0] + times * sizes[2])


def _check_percent(meter: Meter, sizes: list[int], given: Any, named: Any) -> None:
    _check_form(meter, str(given[0]), _WIDE_PERCENT, sizes[1:], again=bool(named))


def _check_braces(meter: Meter, form: str, values: tuple[Any, ...]) -> None:
    sizes = [meter.read(value) for value in values]
    _check_form(meter, form, _WIDE_BRACES, sizes, again=_NAMED_FIELD.search(form) is not None)


def _check_form(
    meter: Meter, form: str, wide: re.Pattern[str], sizes: list[int], *, again: bool
) -> None:
    """Expect the text of a form: its widths, and its values, which it may have `again`."""
    if wide.search(form):
        raise TemplateLimit("it formats with a width that is an argument, or of five digits")
    fields = form.count("%") + form.count("{")
    written = fields * max(sizes, default=0) if again else sum(sizes)
    meter.expect(len(form) + written + sum(map(int, _WIDTH.findall(form))))


_CHECKS: dict[str, _Check] = {
    "center": _check_width,
    "indent": _check_indent,
    "round": _check_precision,
    "batch": _check_batch,
    "slice": _check_batch,
    "join": _check_join,
    "replace": _check_replace,
    "format": _check_percent,
}


# ---- operators, attributes, calls --------------------------------------------------------------


def _set_hooks(environment: Any) -> None:
    """Put measures around what compiled templates ask of their environment."""
    get_attribute, get_item = environment.getattr, environment.getitem
    call, operate = environment.call, environment.call_binop
    with_format = environment.wrap_str_format

    def getattr_(value: Any, name: str) -> Any:
        running_meter().step()
        return get_attribute(value, name)

    def getitem(value: Any, key: Any) -> Any:
        running_meter().read(key)
        return get_item(value, key)

    def call_binop(context: Any, operator: str, left: Any, right: Any) -> Any:
        meter = running_meter()
        _check_operands(meter, operator, left, right)
        return meter.took(operate(context, operator, left, right))

    def call_(context: Any, function: Any, *args: Any, **named: Any) -> Any:
        meter = running_meter()
        sizes = [meter.read(value) for value in (*args, *named.values())]
        _check_method(meter, function, args, sizes)
        return _counted(meter, call(context, function, *args, **named))

    def wrap_str_format(value: Any) -> Any:
        wrapped = with_format(value)
        if wrapped is None:
            return None
        form = str(value.__self__)

        def measured(*args: Any, **named: Any) -> str:
            _check_braces(running_meter(), form, (*args, *named.values()))
            made: str = wrapped(*args, **named)
            return made

        return measured

    environment.getattr, environment.getitem = getattr_, getitem
    environment.call, environment.call_binop = call_, call_binop
    environment.wrap_str_format = wrap_str_format
    environment.intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%", "**"))


def _check_operands(meter: Meter, operator: str, left: Any, right: Any) -> None:
    if operator == "+":
        if isinstance(left, (str, list, tuple)) and isinstance(right, (str, list, tuple)):
            meter.expect(len(left) + len(right))
    elif operator == "*":
        for value, times in ((left, right), (right, left)):
            if isinstance(value, (str, bytes, list, tuple)) and isinstance(times, int):
                meter.expect(len(value) * times)
    elif operator == "**":
        if isinstance(left, int) and isinstance(right, int):
            meter.expect(left.bit_length() * max(0, right))
    elif operator == "%" and isinstance(left, (str, bytes)):
        again = not isinstance(right, tuple)
        _check_form(meter, str(left), _WIDE_PERCENT, [meter.read(right)], again=again)


def _check_method(meter: Meter, function: Any, args: tuple[Any, ...], sizes: list[int]) -> None:
    """Refuse a method of a text whose result would be far longer than the text."""
    owner, name = getattr(function, "__self__", None), getattr(function, "__name__", "")
    if not isinstance(owner, (str, bytes, int)):
        return
    if name in _REFUSED_METHODS:
        raise TemplateLimit(f"it calls {name} of a text")
    if isinstance(owner, int):
        owner = ""
    if name in _WIDENING:
        _check_width(meter, sizes, args, {})
    elif name == "expandtabs" and any(number > _MOST_TABS for number in _whole(args, {})):
        raise TemplateLimit(f"it expands tabs to more than {_MOST_TABS}")
    elif name == "replace" and len(args) > 1 and isinstance(args[0], type(owner)):
        times = owner.count(args[0])  # type: ignore[arg-type]
        meter.expect(len(owner) + times * sizes[1])
    elif name == "join" and args and hasattr(args[0], "__len__"):
        meter.expect(sizes[0] + len(owner) * len(args[0]))
    meter.step(1 + len(owner) // 256)


def _written(_context: Any, value: Any) -> Any:
    """Measure what an expression writes. With a context, Jinja leaves it to each rendering."""
    meter = running_meter()
    meter.write(len(value) if type(value) is str else meter.read(value))
    return value
