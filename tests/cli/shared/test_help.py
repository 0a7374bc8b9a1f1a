"""`--help` of every verb: sentences in the imperative, for the verb and for each option."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest
from cli_runs import run

from tokenkit.cli.shared.app import VERBS, app

ORDER = re.compile(
    r"(Add|Check|Choose|Count|Decode|Describe|Do|Drop|Encode|Exit|Fit|Join|Keep|Leave|Limit|List|Listen|Name|Open"
    r"|Prefer|Price|Print|Put|Read|Remove|Repeat|Reserve|Send|Serve|Show|Shorten|Skip|Split|Take|Truncate|Update|Use|Write)\b"
)


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(app)
    for name in VERBS:
        command = app.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            for inner, subcommand in command.commands.items():
                yield f"{name} {inner}", subcommand


COMMANDS = dict(commands())


def is_imperative(sentence: str) -> bool:
    """Whether a sentence gives an order, perhaps behind a condition such as "With auto: "."""
    order = re.sub(r"^With(out)? [\w-]+: \w", lambda match: match[0][-1].upper(), sentence)
    return ORDER.match(order) is not None


@pytest.mark.parametrize("name", COMMANDS)
def test_a_verb_says_what_to_do(name: str) -> None:
    command = COMMANDS[name]
    assert command.help is not None
    first = command.help.split("\n\n")[0].strip()
    assert is_imperative(first), first
    assert first.endswith(".")
    for text in (command.help, VERBS.get(name.partition(" ")[0], "")):
        assert text.strip().endswith(".")


@pytest.mark.parametrize("verb", VERBS)
def test_the_list_of_verbs_says_it_too(verb: str) -> None:
    assert is_imperative(VERBS[verb]), VERBS[verb]
    assert len(VERBS[verb].split()) > 3  # a verb and its object


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_to_do(name: str) -> None:
    options = [option for option in COMMANDS[name].params if isinstance(option, click.Option)]
    assert options or isinstance(COMMANDS[name], click.Group)
    for option in options:
        assert option.help, option.name
        assert is_imperative(option.help), f"{option.name}: {option.help}"
        assert option.help.endswith("."), f"{option.name}: {option.help}"


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_examples(verb: str) -> None:
    result = run(verb, "--help")
    assert result.exit_code == 0
    assert f"  tokenkit {verb} " in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100
