"""Chat models of LangChain that count with tokenkit; importing this file imports LangChain."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from tokenkit import count, encoding_for_model, estimate_tokens
from tokenkit._vocabularies import no_tokenizer
from tokenkit.integrations.langchain_messages import message_counter
from tokenkit.integrations.langchain_request import model_of

__all__ = ["counting_copy"]


class OfflineCounts:
    """The three methods of LangChain's models that count tokens, by tokenkit."""

    def get_token_ids(self, text: str) -> list[int]:
        """Return the ids of a text. Raises NoTokenizerError for a private tokenizer."""
        model = model_of(self)
        if model.encoding is None:
            raise no_tokenizer(model)
        return encoding_for_model(model).encode_ordinary(text)

    def get_num_tokens(self, text: str) -> int:
        """Count a text; an estimate where the tokenizer is private."""
        model = model_of(self)
        return count(text, model) if model.encoding else estimate_tokens(text, model).tokens

    def get_num_tokens_from_messages(
        self, messages: Any, tools: Sequence[Any] | None = None, **_: Any
    ) -> int:
        """Count messages and tools; other arguments are those of a vendor's own counter."""
        return message_counter(model_of(self), tools)(messages)

    def __reduce__(self) -> tuple[Any, ...]:
        return counting_copy, (_original(self),)


def counting_copy(chat_model: Any) -> Any:
    """Return a copy of a chat model whose class has these methods before its own."""
    model_of(chat_model)  # so that an unknown name is told now
    kind: Any = type(chat_model)
    if issubclass(kind, OfflineCounts):
        return chat_model
    return _with_class(chat_model, _counting(kind))


def _original(chat_model: Any) -> Any:
    return _with_class(chat_model, type(chat_model).__mro__[2])


def _with_class(chat_model: Any, kind: type) -> Any:
    copy = chat_model.model_copy()
    object.__setattr__(copy, "__class__", kind)
    return copy


@cache
def _counting(kind: Any) -> Any:
    """Make the class; it keeps the name of the model's own, which traces and LangSmith show."""
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    return type(kind)(kind.__name__, (OfflineCounts, kind), {**names, "__doc__": kind.__doc__})
