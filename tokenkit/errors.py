"""The errors of the package, grouped by what was wrong. All derive from `TokenkitError`, but for
`Interrupted`, which is a KeyboardInterrupt.

Wrong types raise TypeError, an id that no token has KeyError, an id out of range OverflowError,
and bytes that are not UTF-8 ValueError, as plain Python would.
"""

from __future__ import annotations

from tokenkit._face import public

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

__all__ = [
    "ChatTemplateError",
    "ContextOverflowError",
    "CostLimitError",
    "InputError",
    "Interrupted",
    "MissingPackage",
    "ModelDataError",
    "NoTokenizerError",
    "NotTextError",
    "RetirementWarning",
    "SpecialTokenError",
    "TokenkitError",
    "TokenkitWarning",
    "UnknownEncodingError",
    "UnknownModelError",
    "VocabularyError",
]


@public
class TokenkitError(Exception):
    """Base of the package's own errors."""


@public
class UnknownModelError(TokenkitError, KeyError):
    """No model has this name.

    A KeyError, because tiktoken raises one; unlike a plain KeyError it prints without quotes.

    >>> print(UnknownModelError("no such model"))
    no such model
    """

    __str__ = Exception.__str__


@public
class UnknownEncodingError(TokenkitError, ValueError, LookupError):
    """No encoding has this name. A ValueError, because tiktoken raises one."""


@public
class NoTokenizerError(TokenkitError, KeyError):
    """The model's tokenizer is not public, so nothing exact can be said.

    A KeyError, because tiktoken raises one for such a model.
    """

    __str__ = Exception.__str__


@public
class ModelDataError(TokenkitError, ValueError):
    """A model record, overlay file or price list is wrong; the message names file and field."""


@public
class SpecialTokenError(TokenkitError, ValueError):
    """The text holds a special token that the caller did not allow."""


@public
class VocabularyError(TokenkitError, ValueError):
    """A tokenizer file or a table of ranks is unusable; the message names the place."""


@public
class ChatTemplateError(TokenkitError, ValueError):
    """A model's chat template is wrong, used too much, or refuses the chat; the message says it."""


@public
class ContextOverflowError(TokenkitError, ValueError):
    """Something needs more tokens than a limit leaves.

    `needed` and `available` are numbers of tokens, `limit_name` says which limit it was.

    >>> error = ContextOverflowError("too long", needed=9, available=8, limit_name="max_input")
    >>> error.needed - error.available
    1
    """

    def __init__(self, message: str, *, needed: int, available: int, limit_name: str) -> None:
        super().__init__(message)
        self.needed = needed
        self.available = available
        self.limit_name = limit_name

    def __reduce__(self) -> tuple[object, ...]:
        # An exception is unpickled from its positional arguments alone; ours are by keyword.
        from functools import partial

        kind = type(self)
        numbers = {"needed": self.needed, "available": self.available}
        return partial(kind, str(self), limit_name=self.limit_name, **numbers), ()


@public
class CostLimitError(TokenkitError, ValueError):
    """A request may cost more than it is allowed to.

    `cost` is the most that it may cost, None where that is not known, and `max_usd` what is
    allowed, both in USD.

    >>> error = CostLimitError("too dear", cost=None, max_usd=None)
    >>> error.cost is None
    True
    """

    def __init__(self, message: str, *, cost: Decimal | None, max_usd: Decimal | None) -> None:
        super().__init__(message)
        self.cost = cost
        self.max_usd = max_usd

    def __reduce__(self) -> tuple[object, ...]:
        from functools import partial

        return partial(type(self), str(self), cost=self.cost, max_usd=self.max_usd), ()


class InputError(TokenkitError):
    """A file or stream cannot be read as text or rows. The message does not name it."""


class NotTextError(InputError):
    """The bytes of an input are not text in the expected text encoding. The message says where."""


class MissingPackage(InputError):
    """An input, or a chat template, needs a package that is not installed. The message names it."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in the middle of a text.

    `tokens` has a number per encoding: those of the first `size` bytes. `name` is the file's, "" if
    it has none. A KeyboardInterrupt, so that `except Exception` does not catch it.

    >>> error = Interrupted((7,), 32)
    >>> error.tokens, error.size, str(error)
    ((7,), 32, 'after 32 bytes')
    """

    def __init__(self, tokens: tuple[int, ...], size: int, name: str = "") -> None:
        super().__init__(f"after {size} bytes")
        self.tokens = tokens
        self.size = size
        self.name = name

    def __reduce__(self) -> tuple[object, ...]:
        return Interrupted, (self.tokens, self.size, self.name)


@public
class TokenkitWarning(UserWarning):
    """Base of the package's own warnings."""


@public
class RetirementWarning(TokenkitWarning):
    """A model is shut down or soon will be. A UserWarning, so that it is seen by default."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Make a hint of up to three known names that look like `name`, empty if none does.

    >>> nearest("o200k", ["o200k_base", "cl100k_base"])
    ' Did you mean o200k_base?'
    """
    from difflib import get_close_matches

    close = get_close_matches(name.lower(), list(known), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(close)}?" if close else ""
