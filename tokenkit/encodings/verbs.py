"""The one-line verbs."""

from __future__ import annotations

from tokenkit.encodings.bundled import get_encoding
from tokenkit.encodings.by_model import encoding_for_model
from tokenkit.encodings.encoding import Encoding
from tokenkit.errors import no_tokenizer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.encodings.text import Text
    from tokenkit.encodings.truncation import Keep
    from tokenkit.models import Model


def encoding_of(model: str | Model | None, encoding: str | Encoding | None) -> Encoding:
    if (model is None) == (encoding is None):
        raise ValueError(
            'name a model or an encoding, and not both: count(text, "gpt-5.4") or '
            'count(text, encoding="o200k_base")'
        )
    if isinstance(model, str):
        return encoding_for_model(model)
    if model is not None:
        from tokenkit.models import get_model

        record = get_model(model)
        if record.encoding is None:
            raise no_tokenizer(record.name, record.provider)
        return get_encoding(record.encoding)
    if isinstance(encoding, str):
        return get_encoding(encoding)
    if not isinstance(encoding, Encoding):
        raise TypeError(f"encoding is a name or an Encoding, not {type(encoding).__name__}")
    return encoding


def count(text: Text, model: str | None = None, *, encoding: str | Encoding | None = None) -> int:
    """The exact number of tokens of text for a model, or for an encoding (a name or an object).

    Text is str, or bytes or a buffer that holds UTF-8; special tokens are ordinary text. Raises
    ValueError unless exactly one of model and encoding is given, UnknownModelError,
    UnknownEncodingError, and as `Encoding.count` does.

    >>> import tokenkit
    >>> tokenkit.count("hello world", "gpt-5.4")
    2
    """
    return encoding_of(model, encoding).count(text)


def truncate(
    text: str,
    max_tokens: int,
    model: str | None = None,
    *,
    encoding: str | Encoding | None = None,
    keep: Keep = "head",
    marker: str = "",
) -> str:
    """Text cut to at most `max_tokens` tokens, as `Encoding.truncate` does.

    Raises as that and as `count` do.

    >>> import tokenkit
    >>> tokenkit.truncate("one two three four", 2, "gpt-5.4", keep="tail")
    ' three four'
    """
    return encoding_of(model, encoding).truncate(text, max_tokens, keep=keep, marker=marker)
