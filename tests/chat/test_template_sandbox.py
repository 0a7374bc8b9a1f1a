"""Hostile templates end in an error, soon, and reach nothing outside of the chat."""

from __future__ import annotations

import time
import tracemalloc

import jinja2
import pytest
from own_templates import MARKED, own_encoding, reply, user

from tokenkit import ChatTemplateError, count_messages
from tokenkit.chat.template_sandbox import new_environment
from tokenkit.encodings import ENCODINGS
from tokenkit.errors import MissingPackage
from tokenkit.models import Model

pytestmark = pytest.mark.open

ENCODING = own_encoding("own-of-sandboxes")


@pytest.fixture(autouse=True)
def known() -> None:
    ENCODINGS[ENCODING.name] = ENCODING


def model(template: str) -> Model:
    return Model(name="own", kind="chat", encoding=ENCODING.name, chat_template=template)


LOOP = "{% for a in range(100000) %}"
END = "{% endfor %}"
BIG = "{% set x = 'ab' * 1000000 %}"
GROWING = "{% set ns = namespace(x=['a']) %}" + "{% for a in range(60) %}"
HOSTILE = {
    "loops": f"{LOOP}{LOOP}{END}{END}",
    "filters of filters": "{% set ns = namespace(x=[1]) %}{% for a in range(20000) %}"
    "{% set ns.x = ns.x | map('string') %}{% endfor %}{{ ns.x | list | length }}",
    "filters of lists of filters": "{% set ns = namespace(x=[1]) %}{% for a in range(20000) %}"
    "{% set ns.x = [ns.x] | map('list') %}{% endfor %}{{ ns.x | list | length }}",
    "loops that skip": f"{LOOP}{{% for b in range(100000) if false %}}{END}{END}",
    "output": f"{BIG}{LOOP}{{{{ x }}}}{END}",
    "output in a block": f"{BIG}{LOOP}{{% set y %}}{{{{ x }}}}{{{{ x }}}}{{% endset %}}{END}",
    "constant output": f"{LOOP}{{% set y %}}{'z' * 9000}{{% endset %}}{END}",
    "doubling": "{% set ns = namespace(x='ab') %}{% for a in range(99) %}"
    "{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "doubling by ~": "{% set ns = namespace(x='ab') %}{% for a in range(99) %}"
    "{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
    "times": "{{ 'a' * 10000000000 }}",
    "list times": "{{ (10000000000 * [1]) | length }}",
    "power": "{{ 9 ** (9 ** 9) }}",
    "numbers": "{% set ns = namespace(x=99) %}{% for a in range(99) %}"
    "{% set ns.x = ns.x * ns.x %}{% endfor %}",
    "percent": "{{ '%9999999999d' % 1 }}",
    "percent of an argument": "{{ '%*d' | format(9999999999, 1) }}",
    "braces": "{{ '{:>9999999999}'.format(1) }}",
    "nested braces": "{{ '{:>{}}'.format(1, 9999999999) }}",
    "ljust": "{{ 'a'.ljust(9999999999) }}",
    "center": "{{ 'a' | center(9999999999) }}",
    "indent": "{{ ('a\n' * 100000) | indent(100000) }}",
    "replace": f"{BIG}{{{{ x.replace('a', x) }}}}",
    "replace by filter": f"{BIG}{{{{ x | replace('', x) }}}}",
    "join": f"{BIG}{{{{ x.join(x) }}}}",
    "join by filter": f"{BIG}{{{{ range(100000) | join(x) }}}}",
    "tabs": "{{ ('\t' * 1000000).expandtabs(1000000) }}",
    "round": "{{ 5 | round(-1000000000) }}",
    "batch": "{{ [1] | batch(10000000000, 'x') | list | length }}",
    "slice": "{{ [1] | slice(10000000000) | list | length }}",
    "bytes": "{{ (5).to_bytes(9999999999, 'big') }}",
    "json": "{{ [1] | tojson(indent=9999999999) }}",
    "macros": "{% macro f(n) %}{% if n %}{{ f(n-1) ~ f(n-1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "recursion": "{% macro f(n) %}{{ f(n+1) }}{% endmacro %}{{ f(0) }}",
    "blocks": "{% block b %}{{ self.b() }}{{ self.b() }}{% endblock %}",
    "written": GROWING + "{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
    "written as JSON": GROWING + "{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}",
    "compared": GROWING + "{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == ns.x + [1] }}",
    "hashed": GROWING + "{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {}.get(ns.x) }}",
    "as a key": GROWING + "{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} | length }}",
    "in a namespace": GROWING + "{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns }}",
    "of items": GROWING + "{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ {'a': ns.x}.items() }}",
    "deep": GROWING + "{% set ns.x = ((ns.x,),) %}{% endfor %}{{ {(ns.x,): 1} }}",
    "searches": f"{BIG}{LOOP}{{% if 'q' in x %}}{{% endif %}}{END}",
    "searches of numbers": f"{LOOP}{{% if 'a' in range(100000) %}}{{% endif %}}{END}",
    "slices": BIG + "{% set y = x[1:] %}" * 400,
    "date": "{{ strftime_now('%9999999999Y') }}",
    "lipsum": "{{ lipsum(n=1000000000) }}",
    "attribute": "{{ messages.__class__.__base__.__subclasses__() }}",
    "attribute by filter": "{{ (messages | attr('__class__')).mro() }}",
    "attribute by format": "{{ '{0.__class__.__mro__}'.format(messages) }}",
    "globals": "{{ raise_exception.__globals__['os'] }}",
    "own names": "{{ messages._seen.clear() }}",
    "changes": "{{ messages.append(1) }}",
    "include": "{% include '/etc/passwd' %}",
    "syntax": "{% for %}",
    "parentheses": "{{ " + "(" * 20000 + "1" + ")" * 20000 + " }}",
    "long": "x" * 200_000,
    "undefined": "{{ nothing.at_all }}",
    "division": "{{ 1 / 0 }}",
    "refused": "{{ raise_exception('not\x1b[31m today') }}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_templates_end_in_an_error(name: str) -> None:
    begin = time.monotonic()
    with pytest.raises(ChatTemplateError, match=r"^own: ") as error:
        count_messages([user("Hello")], model(HOSTILE[name]))
    assert time.monotonic() - begin < 30
    assert "\x1b" not in str(error.value)
    assert len(str(error.value)) < 900


FORMATS = [
    "{{ ('{:9999}' * 9999).format(*['a'] * 9999) }}",
    "{{ ('{0}' * 9999).format('a' * 9999) }}",
    "{{ ('{a}' * 9999).format(a='a' * 9999) }}",
    "{{ ('{a}' * 9999).format_map({'a': 'a' * 9999}) }}",
    "{{ ('%9999d' * 9999) % ((1,) * 9999) }}",
    "{{ ('%(a)s' * 9999) % {'a': 'a' * 9999} }}",
    "{{ ('%(a)s' * 9999) | format(a='a' * 9999) }}",
]


@pytest.mark.parametrize("template", FORMATS)
def test_a_form_is_measured_before_it_is_filled(template: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ChatTemplateError, match="makes a text of more"):
            count_messages([user("Hello")], model(template))
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ '{} {:>4}|{a}'.format('x', 'y', a=5) }}", "x    y|5"),
        ("{{ '{a}{a}'.format_map({'a': 'b'}) }}", "bb"),
        ("{{ '%s-%5.2f%%' % ('a', 1) }}", "a- 1.00%"),
        ("{{ '%s' % 'a' }}{{ '%(k)s' | format(k=1) }}{{ '%s%s' | format('b', 'c') }}", "a1bc"),
        ("{% set t = '{}' * 40 %}{{ t.format(*['ab' * 50000] * 40) | length }}", "4000000"),
    ],
)
def test_usual_forms_are_filled(template: str, text: str) -> None:
    assert count_messages([user("Hello")], model(template)).tokens == ENCODING.count(text)


def test_the_clock_stops_a_template(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(0, 10**6, 6))
    monkeypatch.setattr("tokenkit.chat.template_meter.time.monotonic", lambda: next(moments))
    with pytest.raises(ChatTemplateError, match="more than 10 seconds"):
        count_messages([user("Hello")], model(f"{LOOP}{END}"))


def test_long_chats_are_within_the_limits() -> None:
    chat = [message for _ in range(1500) for message in (user("the thing " * 9), reply("Yes."))]
    chat.append(user("And?"))
    assert count_messages(chat, model(MARKED)).exact


def test_error_without_jinja(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jinja2, "__version__", "3.1.5")
    with pytest.raises(MissingPackage, match=r"got 3\.1\.5; pip install"):
        new_environment()


def test_a_cycler_is_no_row_of_items() -> None:
    """It has a method `next` of its own."""
    template = "{% set turn = cycler('a ', 'b ') %}{% for x in range(4) %}{{ turn.next() }}"
    counted = count_messages([user("x")], model(template + END))
    assert counted.tokens == ENCODING.count("a b a b ")
