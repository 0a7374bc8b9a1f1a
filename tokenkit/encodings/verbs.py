"""The one-line verbs."""

from __future__ import annotations

from tokenkit._core import quick_named_count
from tokenkit._face import later
from tokenkit.encodings.bundled import ENCODINGS, get_encoding
from tokenkit.encodings.by_model import asked, encoding_for_model
from tokenkit.encodings.encoding import Encoding
from tokenkit.encodings.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from tokenkit.models import Model
else:
    later(globals(), Literal="typing:Literal", Model="tokenkit.models:Model")


def encoding_of(model: str | Model | None, encoding: str | Encoding | None) -> Encoding:
    """The encoding of a model, or the one that is named or given.

    Raises ValueError unless exactly one of the two is given, TypeError for other types, and what
    `encoding_for_model` and `get_encoding` raise.
    """
    if (model is None) == (encoding is None):
        raise ValueError(
            f"expected a model or an encoding, got {'neither' if model is None else 'both'}; "
            'write count(text, "gpt-5.4") or count(text, encoding="o200k_base")'
        )
    if model is not None:
        return encoding_for_model(model)
    if isinstance(encoding, str):
        return get_encoding(encoding)
    if not isinstance(encoding, Encoding):
        raise TypeError(f"encoding: expected a name or an Encoding, got {type(encoding).__name__}")
    return encoding


@quick_named_count(asked, ENCODINGS)
def count(
    text: Text, model: str | Model | None = None, *, encoding: str | Encoding | None = None
) -> int:
    """Count the tokens of a text exactly, for a model or for an encoding.

    Text is str, or bytes or a buffer that holds UTF-8; special tokens are ordinary text. `model` is
    a name or a `Model`, `encoding` a name or an `Encoding`. Raises ValueError unless exactly one of
    the two is given, UnknownModelError, NoTokenizerError, UnknownEncodingError, and what
    `Encoding.count` raises.

    >>> import tokenkit
    >>> tokenkit.count("hello world", "gpt-5.4")
    2
    """
    return encoding_of(model, encoding).count(text)


def truncate(
    text: str,
    max_tokens: int,
    model: str | Model | None = None,
    *,
    encoding: str | Encoding | None = None,
    keep: Literal["head", "tail", "ends"] = "head",
    marker: str = "",
    unit: Literal["grapheme", "char"] = "grapheme",
) -> str:
    """Truncate a text to at most `max_tokens` tokens, as `Encoding.truncate` does.

    `keep` is which part of the text stays: its "head", its "tail", or both "ends"; `marker` stands
    where text was taken out; `unit` is what is never split, a "grapheme" cluster or a "char".
    Raises what that and what `count` raise.

    >>> import tokenkit
    >>> tokenkit.truncate("one two three four", 2, "gpt-5.4", keep="tail")
    ' three four'
    """
    return encoding_of(model, encoding).truncate(
        text, max_tokens, keep=keep, marker=marker, unit=unit
    )
