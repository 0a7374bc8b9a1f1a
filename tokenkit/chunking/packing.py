"""Batches of inputs for the embeddings API.

>>> batches = pack([8_000] * 40, "text-embedding-3-small")
>>> [(batch.start, batch.end, batch.tokens) for batch in batches]
[(0, 37, 296000), (37, 40, 24000)]
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, SupportsIndex, TypeVar, overload

from tokenkit._checks import check_tokens
from tokenkit._face import public
from tokenkit._vocabularies import no_tokenizer
from tokenkit.encodings import get_encoding
from tokenkit.errors import ContextOverflowError
from tokenkit.fitting import Budget, request_limits
from tokenkit.models import Model, get_model

__all__ = ["Batch", "check_embedding", "item_limit", "pack"]

Item = TypeVar("Item")


@public
@dataclass(frozen=True)
class Batch(Generic[Item]):
    """The inputs of one request: a tuple-like view of the items given, in their order.

    `items` are the objects that were packed; they are `everything[batch.start : batch.end]`.
    `tokens` is the sum of their counts.

    >>> batch = pack([5, 7, 9], "text-embedding-3-small")[0]
    >>> len(batch), batch[0], batch.tokens
    (3, 5, 21)
    """

    items: tuple[Item, ...]
    start: int
    end: int
    tokens: int

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    @overload
    def __getitem__(self, index: SupportsIndex) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, index: Any) -> Any:
        return self.items[index]

    @property
    def inputs(self) -> list[str]:
        """The texts to send, as `client.embeddings.create(input=...)` takes them.

        Raises TypeError for a batch of counts, which has no texts.

        >>> pack(["a text", "another"], "text-embedding-3-small")[0].inputs
        ['a text', 'another']
        """
        texts = [_text(item) for item in self.items]
        if None in texts:
            raise TypeError(
                "inputs: expected a batch of chunks or texts, got one of token counts, which holds "
                "no texts to send"
            )
        return texts  # type: ignore[return-value]


def pack(
    items: Iterable[Item],
    model: str | Model,
    *,
    max_inputs: int | None = None,
    max_tokens: int | None = None,
) -> list[Batch[Item]]:
    """Pack inputs into batches that the embeddings API takes, in order and as few as possible.

    Items are chunks (their `input` is what is sent), texts, or token counts of texts (whole
    numbers). Chunks and texts are counted with the model's own encoding, so that chunks made for
    another model are counted right too. A batch holds at most `max_inputs` inputs and `max_tokens`
    tokens, by default the limits of OpenAI's API: 2,048 and 300,000 (docstring of
    `embeddings.create`, openai SDK 3.54.0); no input may have more tokens than the model takes
    (`Budget.for_model(model).input_limit`).

    Raises ContextOverflowError for an input over its limit and ValueError for an empty one, which
    the API refuses, both naming its index; ValueError for a model that makes no embeddings, or
    whose API has limits that are not known here (then give both); UnknownModelError;
    NoTokenizerError for chunks or texts if the model's tokenizer is private; TypeError for items
    of another type.

    >>> for batch in pack([5, 7, 9], "text-embedding-3-small", max_inputs=2):
    ...     print(batch.start, batch.end, batch.tokens, list(batch))
    0 2 12 [5, 7]
    2 3 9 [9]
    """
    record = get_model(model)
    check_embedding(record)
    max_inputs = _request_limit(record, "max_inputs", max_inputs)
    max_tokens = _request_limit(record, "max_tokens", max_tokens)
    if isinstance(items, str):
        raise TypeError("items: expected a list of texts, got one str; use pack([text], model)")
    everything = tuple(items)
    counts = _counts(everything, record)
    _check_counts(counts, record, max_tokens)

    # Each batch takes as many as fit. No other division into consecutive batches has fewer:
    # wherever its k-th batch ends, ours ends there or later.
    batches: list[Batch[Item]] = []
    start = tokens = 0
    for index, count in enumerate(counts):
        if index - start == max_inputs or tokens + count > max_tokens:
            batches.append(Batch(everything[start:index], start, index, tokens))
            start, tokens = index, 0
        tokens += count
    if start < len(everything):
        batches.append(Batch(everything[start:], start, len(everything), tokens))
    return batches


def check_embedding(model: Model) -> None:
    """Raise ValueError for a model that makes no embeddings."""
    if model.kind != "embedding":
        raise ValueError(
            f"model: expected an embedding model, got {model.name} of kind {model.kind!r}"
        )


def _request_limit(model: Model, name: str, given: int | None) -> int:
    if given is not None:
        return check_tokens(name, given, 1)
    limit = request_limits(model)[name]
    if limit is None:
        raise ValueError(
            f"{name}: expected a number, as the limits of {model.provider}'s embeddings API are "
            f"not known here; give max_inputs and max_tokens, per request, for {model.name}"
        )
    return limit


def _text(item: object) -> str | None:
    """Return what is sent for a text or chunk, None for anything else."""
    text = item if isinstance(item, str) else getattr(item, "input", None)
    return text if isinstance(text, str) else None


def _counts(items: Sequence[object], model: Model) -> list[int]:
    texts = [_text(item) for item in items]
    counted: Iterator[int] = iter(())
    if any(text is not None for text in texts):
        if model.encoding is None:
            raise no_tokenizer(model)
        known = [text for text in texts if text is not None]
        counted = iter(get_encoding(model.encoding).count_batch(known).tolist())
    return [
        _whole_number(index, item) if text is None else next(counted)
        for index, (item, text) in enumerate(zip(items, texts, strict=True))
    ]


def _whole_number(index: int, item: object) -> int:
    try:
        if isinstance(item, bool):
            raise TypeError
        return operator.index(item)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(
            f"items[{index}]: expected a chunk, a text or a token count (a whole number), got "
            f"{type(item).__name__}"
        ) from None


def item_limit(model: Model) -> tuple[int | None, str]:
    """Give the most tokens of one input and the limit's name; None where none is published."""
    if model.context_window is None and model.max_input_tokens is None:
        return None, ""
    budget = Budget.for_model(model)
    return budget.input_limit, budget.limit_name


def _check_counts(counts: Sequence[int], model: Model, max_tokens: int) -> None:
    if not counts:
        return
    limit, name = max_tokens, "max_tokens"
    longest, its_name = item_limit(model)
    if longest is not None and longest <= limit:
        limit, name = longest, its_name
    for index, count in enumerate(counts):
        if count > limit:
            raise ContextOverflowError(
                f"items[{index}]: expected at most {limit} tokens, the {name} of {model.name}, got "
                f"{count}; chunk it first",
                needed=count,
                available=limit,
                limit_name=name,
            )
        if count < 0:
            raise ValueError(f"items[{index}]: expected a count of at least 1, got {count}")
        if count == 0:
            raise ValueError(
                f"items[{index}]: expected at least 1 token, got 0; the embeddings API refuses "
                "empty texts"
            )
