"""-e/--encoding where a model is needed: its tokenizer in place of the one that is known here."""

from __future__ import annotations

import click

from tokenkit.cli.shared.options import complete_encoding, encoding_at, number_option, usage_errors
from tokenkit.encodings import encoding_names, load_encoding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])


def tokenizer_option(function: Function) -> Function:
    """Add -e/--encoding as the parameter `encoding`; `model_for` and `models_for` read it."""
    return click.option(
        "-e",
        "--encoding",
        metavar="NAME|PATH",
        shell_complete=complete_encoding,
        help="Count with this encoding, or the tokenizer in this file, folder or repository of the "
        "local Hugging Face cache, in place of the model's. Without a model, it is one that has "
        "no limits and prices.",
    )(function)


def window_option(function: Function) -> Function:
    """Add --context-window, for a tokenizer without a model."""
    return number_option(
        "--context-window", least=1, help="Take this as the window, in tokens, of -e without -m."
    )(function)


def model_for(model: str | None, encoding: str | None, window: int | None = None) -> str | None:
    """Return the name of a model that counts with `encoding`: `model`, if there is one, with its
    limits and prices, else one that has none but `window`. None if neither is given.

    The registry of this process has it from then on. Exits with 2 for wrong names.
    """
    if window is not None and (model or not encoding):
        raise click.UsageError(
            "Expected --context-window with -e and without -m: a model has a window of its own."
        )
    if encoding is None:
        return model
    from tokenkit.models import get_model, register_model

    with usage_errors(ValueError):
        tokenizer = encoding_at(encoding)
        if encoding not in encoding_names():  # a file, whose folder may be called "gpt2"
            tokenizer = load_encoding(encoding, name=encoding)
        if model:
            return register_model(get_model(model), encoding=tokenizer).name
        return register_model(encoding, encoding=tokenizer, context_window=window).name


def models_for(models: Sequence[str], encoding: str | None) -> tuple[str, ...]:
    """Return what `model_for` returns for each model, or for none."""
    names = [model_for(model, encoding) for model in models or (None,)]
    return tuple(name for name in names if name is not None)
