"""The errors: what they are caught as, what they say, and that they survive pickling."""

from __future__ import annotations

import pickle
from decimal import Decimal

import pytest

import tokenkit
from tokenkit import errors

BUILTIN = {
    errors.UnknownModelError: (KeyError, LookupError),
    errors.UnknownEncodingError: (ValueError, LookupError),
    errors.NoTokenizerError: (KeyError, LookupError),
    errors.ModelDataError: (ValueError,),
    errors.SpecialTokenError: (ValueError,),
    errors.VocabularyError: (ValueError,),
    errors.ChatTemplateError: (ValueError,),
    errors.ContextOverflowError: (ValueError,),
    errors.CostLimitError: (ValueError,),
}
# Of files and streams; they are not names of the package itself.
OF_INPUTS: dict[type[BaseException], tuple[type[BaseException], ...]] = {
    errors.InputError: (errors.TokenkitError,),
    errors.MissingPackage: (errors.InputError,),
    errors.NotTextError: (errors.InputError,),
    errors.Interrupted: (KeyboardInterrupt,),
}


@pytest.mark.parametrize("error", BUILTIN)
def test_bases(error: type[errors.TokenkitError]) -> None:
    for base in (errors.TokenkitError, *BUILTIN[error]):
        assert issubclass(error, base)
    assert getattr(tokenkit, error.__name__) is error


@pytest.mark.parametrize("error", OF_INPUTS)
def test_bases_of_errors_of_inputs(error: type[BaseException]) -> None:
    for base in OF_INPUTS[error]:
        assert issubclass(error, base)


def test_all_are_here() -> None:
    others = {"TokenkitError", "TokenkitWarning", "RetirementWarning"}
    assert {error.__name__ for error in (*BUILTIN, *OF_INPUTS)} | others == set(errors.__all__)


def test_an_interruption_carries_what_was_counted() -> None:
    error = errors.Interrupted((3, 4), 12, "a.txt")
    copy = pickle.loads(pickle.dumps(error))
    for each in (error, copy):
        assert (each.tokens, each.size, each.name) == ((3, 4), 12, "a.txt")
        assert str(each) == "after 12 bytes"


def test_warnings_are_shown_by_default() -> None:
    assert issubclass(tokenkit.RetirementWarning, tokenkit.TokenkitWarning)
    assert issubclass(tokenkit.TokenkitWarning, UserWarning)


OF_NUMBERS = (errors.ContextOverflowError, errors.CostLimitError)  # they hold more than words


def test_a_cost_limit_survives_pickling() -> None:
    error = errors.CostLimitError("too dear", cost=Decimal("0.5"), max_usd=Decimal("0.1"))
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.cost, copy.max_usd) == ("too dear", error.cost, error.max_usd)


@pytest.mark.parametrize("kind", [kind for kind in BUILTIN if kind not in OF_NUMBERS])
def test_messages_are_plain(kind: type[errors.TokenkitError]) -> None:
    error = kind("what 'it' is")
    assert str(error) == "what 'it' is"
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy)) == (kind, str(error))


def test_overflow_carries_numbers() -> None:
    error = errors.ContextOverflowError("too long", needed=9, available=8, limit_name="window")
    copy = pickle.loads(pickle.dumps(error))
    for each in (error, copy):
        assert str(each) == "too long"
        assert (each.needed, each.available, each.limit_name) == (9, 8, "window")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("o200k", "o200k_base"), ("cl100k-base", "cl100k_base"), ("GPT2", "gpt2")],
)
def test_unknown_encoding(name: str, hint: str) -> None:
    with pytest.raises(tokenkit.UnknownEncodingError) as caught:
        tokenkit.get_encoding(name)
    assert f"Unknown encoding {name!r}. Did you mean {hint}" in str(caught.value)
    assert "Known encodings: gpt2, r50k_base" in str(caught.value)


def test_nearest_is_silent_when_nothing_is_near() -> None:
    assert errors.nearest("zzzzzz", ["abc"]) == ""
