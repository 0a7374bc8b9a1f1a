"""Measures in a template's own tree: what its loops, macros and constants use.

Jinja compiles a template to Python. Before it does, `compiled` adds calls to the tree, as filters
under names that no template can write. They report to the `Meter` of the rendering, and say which
loop is running.
"""

from __future__ import annotations

from typing import Any

from tokenkit.chat.template_meter import MOST_DEPTH, TemplateLimit, running_meter
from tokenkit.chat.template_views import DictView

__all__ = ["compiled", "hooks"]


def hooks() -> dict[str, Any]:
    """Make the filters that `_measured` adds, by their names."""
    from jinja2 import pass_context
    from jinja2.runtime import str_join

    def enter(_context: Any, item: Any) -> None:
        meter = running_meter()
        meter.step()
        if isinstance(item, DictView) and item._place is not None:
            meter.owner = item._place

    def begin(_context: Any, _item: Any) -> None:
        meter = running_meter()
        if len(meter.owners) > MOST_DEPTH:
            raise TemplateLimit(f"its loops are more than {MOST_DEPTH} deep")
        meter.owners.append(meter.owner)

    def leave(_context: Any, _item: Any) -> None:
        meter = running_meter()
        meter.owner = meter.owners.pop() if meter.owners else None

    def wrote(_context: Any, size: int) -> None:
        running_meter().write(size)

    def look(_context: Any, value: Any) -> Any:
        running_meter().read(value)
        return value

    def took(_context: Any, value: Any) -> Any:
        return running_meter().took(value)

    def joined(_context: Any, values: list[Any]) -> str:
        meter = running_meter()
        meter.expect(sum(map(meter.read, values)))
        text: str = meter.took(str_join(values))
        return text

    own = (enter, begin, leave, wrote, look, took, joined)
    # With a context, Jinja does not work them out ahead.
    return {f"-{function.__name__}": pass_context(function) for function in own}


def compiled(environment: Any, source: str) -> Any:
    """Compile a template. Raises what Jinja raises for one that is wrong, and RecursionError."""
    tree = _measured(environment.parse(source))
    code = environment.compile(tree)
    return environment.template_class.from_code(environment, code, environment.make_globals(None))


def _measured(node: Any) -> Any:
    """Add the calls to a tree, in place; give the node that takes the place of this one."""
    from jinja2 import nodes

    for name in node.fields:
        value = getattr(node, name)
        if isinstance(value, nodes.Node):
            setattr(node, name, _measured(value))
        elif isinstance(value, list) and value and isinstance(value[0], nodes.Node):
            setattr(node, name, _measured_list(value))
    if isinstance(node, nodes.Concat):
        return _added("joined", nodes.List(node.nodes, lineno=node.lineno))
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Slice):
        return _added("took", node)
    if isinstance(node, (nodes.Compare, nodes.Operand)):
        node.expr = _added("look", node.expr)
    elif isinstance(node, nodes.Pair):
        node.key = _added("look", node.key)
    elif isinstance(node, (nodes.Macro, nodes.CallBlock, nodes.Block)):
        node.body.insert(0, _statement("enter", nodes.Const(None, lineno=node.lineno)))
    elif isinstance(node, nodes.For):
        if node.test is not None:
            node.test = _added("look", node.test)
        plain = isinstance(node.target, nodes.Name)
        item = (
            nodes.Name(node.target.name, "load", lineno=node.lineno)
            if plain
            else nodes.Const(None, lineno=node.lineno)
        )
        node.body.insert(0, _statement("enter", item))
    return node


def _measured_list(items: list[Any]) -> list[Any]:
    from jinja2 import nodes

    result: list[Any] = []
    for item in items:
        size = _constant_size(item) if isinstance(item, nodes.Output) else 0
        measured = _measured(item)
        if size:
            result.append(_statement("wrote", nodes.Const(size, lineno=item.lineno)))
        if isinstance(item, nodes.For):
            nothing = nodes.Const(None, lineno=item.lineno)
            result += [_statement("begin", nothing), measured, _statement("leave", nothing)]
        else:
            result.append(measured)
    return result


def _constant_size(output: Any) -> int:
    """Count the characters that a template writes here without asking anything."""
    from jinja2 import nodes

    return sum(len(data.data) for data in output.nodes if isinstance(data, nodes.TemplateData))


def _added(name: str, node: Any) -> Any:
    from jinja2 import nodes

    return nodes.Filter(node, f"-{name}", [], [], None, None, lineno=node.lineno)


def _statement(name: str, node: Any) -> Any:
    from jinja2 import nodes

    return nodes.ExprStmt(_added(name, node), lineno=node.lineno)
