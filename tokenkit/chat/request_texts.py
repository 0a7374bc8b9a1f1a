"""Requests whose input is texts: embeddings, completions, moderations, pictures, speech, audio."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from tokenkit._checks import shown
from tokenkit._vocabularies import no_tokenizer
from tokenkit.chat.audio import audio_length
from tokenkit.chat.estimates import estimate_tokens
from tokenkit.chat.request_count import RequestCount
from tokenkit.chat.token_count import add_counts
from tokenkit.encodings import encoding_for_model
from tokenkit.models import Model
from tokenkit.shapes import RequestBook

__all__ = ["TEXTS"]


def _embeddings(model: Model, book: RequestBook, estimate: bool) -> RequestCount:
    """Count an embeddings request: texts, or ids, which count as they are."""
    if model.kind != "embedding":
        raise ValueError(
            f"model: expected an embedding model, got {model.name} of kind {model.kind!r}"
        )
    inputs = _embedding_inputs(book.fields["input"], book.paths["input"])
    if model.encoding is None:
        texts = [item for item in inputs if isinstance(item, str)]
        if len(texts) < len(inputs):
            raise no_tokenizer(model)
        return _text_count(model, texts, estimate)
    encoding = encoding_for_model(model)
    _check_ids(book.fields["input"], book.paths["input"], encoding.max_token_value)
    counts = [item if isinstance(item, int) else encoding.count(item) for item in inputs]
    tokens = sum(counts)
    exact = bool(model.encoding_exact)
    return RequestCount(tokens, tokens, tokens, exact, inputs=counts)


def _embedding_inputs(value: Any, path: str) -> list[str | int]:
    """Return the inputs of an embeddings request: texts, or the numbers of ids."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise ValueError(f"{path}: expected a text or a list, got {shown(value)}")
    if value and _are_ids(value):
        return [len(value)]
    inputs: list[str | int] = []
    for index, item in enumerate(value):
        if isinstance(item, str):
            inputs.append(item)
        elif isinstance(item, list) and _are_ids(item):
            inputs.append(len(item))
        else:
            raise ValueError(
                f"{path}[{index}]: expected a text or a list of ids, got {shown(item)}"
            )
    return inputs


def _check_ids(value: Any, path: str, largest: int) -> None:
    """Refuse ids that the model does not have."""
    for item in value if isinstance(value, list) else ():
        if isinstance(item, list):
            _check_ids(item, path, largest)
        elif isinstance(item, int) and not 0 <= item <= largest:
            raise ValueError(f"{path}: expected ids from 0 to {largest}, got {item}")


def _are_ids(items: list[Any]) -> bool:
    return all(type(item) is int for item in items)


def _texts(value: Any, path: str, others: Collection[int] = ()) -> list[str]:
    """Return the texts of a value: one, or those of a list of texts and parts, of which `others`
    are left out."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{path}: expected a text or a list of texts, got {shown(value)}")
    texts = []
    for index, item in enumerate(value):
        if index in others:
            continue
        text = item.get("text") if isinstance(item, Mapping) else item
        if not isinstance(text, str):
            raise ValueError(f"{path}[{index}]: expected a text, got {shown(item)}")
        texts.append(text)
    return texts


def _text_count(model: Model, texts: list[str], estimate: bool) -> RequestCount:
    """Count texts as they stand, each an input of its own."""
    if model.encoding is None and not estimate:
        raise no_tokenizer(model)
    counts = [estimate_tokens(text, model) for text in texts]
    total = add_counts(counts)
    count = RequestCount(total.tokens, total.low, total.high, total.exact)
    count.general += total.notes
    count.inputs = [one.tokens for one in counts]
    return count


def _completions(model: Model, book: RequestBook, estimate: bool) -> RequestCount:
    """Count a completion: prompts are texts or ids, and a suffix is put in by no published rule."""
    value, path = book.fields["prompt"], book.paths["prompt"]
    ids = isinstance(value, list) and bool(value) and not all(isinstance(v, str) for v in value)
    if ids:
        inputs = _embedding_inputs(value, path)
        texts = [item for item in inputs if isinstance(item, str)]
        count = _text_count(model, texts, estimate)
        given = sum(item for item in inputs if isinstance(item, int))
        count.tokens, count.low = count.tokens + given, count.low + given
        count.high = None if count.high is None else count.high + given
    else:
        count = _text_count(model, _texts(value, path), estimate)
    if "suffix" in book.fields:
        suffix = _text_count(model, _texts(book.fields["suffix"], book.paths["suffix"]), estimate)
        count.tokens += suffix.tokens
        count.at_most((suffix.high or 0) + _SUFFIX_FRAME, f"{book.paths['suffix']}: {_SUFFIX}")
    return count


_SUFFIX_FRAME = 16
_SUFFIX = "a suffix is put around the prompt by no published rule"


def _moderations(model: Model, book: RequestBook, estimate: bool) -> RequestCount:
    """Count a moderation: its texts; how pictures count is not published."""
    value, path = book.fields["input"], book.paths["input"]
    pictures = [
        index
        for index, part in enumerate(value if isinstance(value, (list, tuple)) else ())
        if isinstance(part, Mapping) and part.get("type") == "image_url"
    ]
    count = _text_count(model, _texts(value, path, pictures), estimate)
    for index in pictures:
        count.unbounded(f"{path}[{index}]: how a picture counts here is not published")
    return count


def _images(model: Model, book: RequestBook, estimate: bool) -> RequestCount:
    """Count the prompt of a picture to be made; the picture itself is output."""
    return _text_count(model, _texts(book.fields["prompt"], book.paths["prompt"]), estimate)


def _speech(model: Model, book: RequestBook, estimate: bool) -> RequestCount:
    """Count the text to be spoken, and the instructions for it."""
    texts = _texts(book.fields["input"], book.paths["input"])
    characters = sum(map(len, texts))
    if "instructions" in book.fields:
        texts += _texts(book.fields["instructions"], book.paths["instructions"])
    count = _text_count(model, texts, estimate)
    count.characters = characters
    if characters > MAX_SPEECH_CHARACTERS:
        over = characters - MAX_SPEECH_CHARACTERS
        count.problems.append(
            f"{book.paths['input']}: expected at most {MAX_SPEECH_CHARACTERS} characters, got "
            f"{characters}, {over} more"
        )
    return count


# The longest text of one request: the docstring of `audio.speech.create`, openai 3.57.0 (PyPI).
MAX_SPEECH_CHARACTERS = 4096


def _transcriptions(model: Model, book: RequestBook, estimate: bool) -> RequestCount:
    """Count a transcription: its prompt, and the seconds of the recording where it is at hand."""
    texts = []
    for slot in ("prompt", "keywords"):
        if slot in book.fields:
            texts += _texts(book.fields[slot], book.paths[slot])
    count = _text_count(model, texts, True)
    data = _bytes_of(book.fields["file"])
    length = None if data is None else audio_length(data)
    where = book.paths["file"]
    if length is None:
        count.unbounded(f"{where}: the length of the recording is not known")
    else:
        count.seconds = length.seconds
        count.high, count.exact = None, False  # and what is billed is known: the seconds
        count.notes.append(
            f"{where}: how a recording of {length.seconds:.1f} s counts in tokens is not published"
        )
    return count


def _bytes_of(file: Any) -> bytes | None:
    """Return the bytes of a file as SDKs take it: bytes, (name, bytes, ...), or an open file."""
    if isinstance(file, (tuple, list)) and len(file) >= 2:
        file = file[1]
    if isinstance(file, (bytes, bytearray, memoryview)):
        return bytes(file)
    getvalue = getattr(file, "getvalue", None)  # io.BytesIO, which stays where it is
    data = getvalue() if callable(getvalue) else None
    return data if isinstance(data, bytes) else None


TEXTS: dict[str, Callable[[Model, RequestBook, bool], RequestCount]] = {
    "embeddings": _embeddings,
    "completions": _completions,
    "moderations": _moderations,
    "images": _images,
    "audio.speech": _speech,
    "audio.transcriptions": _transcriptions,
}
