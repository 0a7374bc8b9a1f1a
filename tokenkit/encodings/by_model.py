"""Which encoding OpenAI's models use.

Sources: tiktoken 0.14.0's `model.py`, whose tables these contain, with these differences: newer
models are here (o200k_base for gpt-6 is assumed, as OpenAI has not said; clients in the field,
langchain-openai 1.7.4 and litellm 1.109.1, assume the same), and a fine-tuned model has the
encoding of its base, which for `ft:gpt-4.1-*` is o200k_base where tiktoken says cl100k_base.

The tables answer for OpenAI's names, and for those of Gemini that count exactly, without reading
the registry (`tokenkit.models`), which knows every other name; tests/encodings/test_by_model.py
holds that the two agree. A name that was asked for is remembered until a user's record is laid over
the registry.
"""

from __future__ import annotations

import os
import sys

from tokenkit.encodings.bundled import ENCODINGS, get_encoding
from tokenkit.encodings.encoding import Encoding
from tokenkit.errors import UnknownModelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.models import Model

__all__ = [
    "MODEL_PREFIX_TO_ENCODING",
    "MODEL_TO_ENCODING",
    "encoding_for_model",
    "encoding_name_for_model",
]

_PREFIXES = {
    "o200k_base": """
        o1- o3- o4-mini- gpt-6 gpt-5 gpt-4.5- gpt-4.1- chatgpt-4o- gpt-4o- gpt-audio
        ft:gpt-4.1 ft:gpt-4o ft:o4-mini codex-mini- computer-use-preview-
    """,
    "o200k_harmony": "gpt-oss-",
    "cl100k_base": """
        gpt-4- gpt-3.5-turbo- gpt-35-turbo- ft:gpt-4 ft:gpt-3.5-turbo ft:davinci-002 ft:babbage-002
    """,
}
_NAMES = {
    "o200k_base": """
        o1 o3 o4-mini gpt-6 gpt-5 gpt-4.1 gpt-4o gpt-realtime chat-latest computer-use-preview
        daybreak-blue-latest daybreak-red-latest gpt-daybreak-blue-latest gpt-daybreak-red-latest
        gpt-rosalind-discovery gpt-rosalind-research
    """,
    "cl100k_base": """
        gpt-4 gpt-3.5-turbo gpt-3.5 gpt-35-turbo gpt-3.5-0301 davinci-002 babbage-002
        text-embedding-ada-002 text-embedding-ada-002-v2 text-embedding-3-small
        text-embedding-3-large
    """,
    "p50k_base": """
        text-davinci-003 text-davinci-002 code-davinci-002 code-davinci-001 code-cushman-002
        code-cushman-001 davinci-codex cushman-codex
    """,
    "p50k_edit": "text-davinci-edit-001 code-davinci-edit-001",
    "r50k_base": """
        text-davinci-001 text-curie-001 text-babbage-001 text-ada-001 davinci curie babbage ada
        text-similarity-davinci-001 text-similarity-curie-001 text-similarity-babbage-001
        text-similarity-ada-001 text-search-davinci-doc-001 text-search-curie-doc-001
        text-search-babbage-doc-001 text-search-ada-doc-001 code-search-babbage-code-001
        code-search-ada-code-001
    """,
    "gpt2": "gpt2 gpt-2",
}

# Models that a vendor's own tokenizer counts, by the registry's records: they are here so that the
# registry, which takes longer to read than the vocabulary, need not be.
_BY_RECORDS = {
    name: encoding
    for encoding, names in {
        "gemma3": """
            gemini-2.0-flash gemini-2.0-flash-lite gemini-2.5-flash gemini-2.5-flash-lite
            gemini-2.5-pro gemini-3-flash-preview gemini-3-pro-preview
        """,
        "gemma4": "gemini-3.1-flash-lite gemini-3.1-pro-preview gemini-3.5-flash",
    }.items()
    for name in names.split()
}

# The first prefix that fits counts: ft:gpt-4.1 must stand before ft:gpt-4.
MODEL_PREFIX_TO_ENCODING: dict[str, str] = {
    prefix: encoding for encoding, prefixes in _PREFIXES.items() for prefix in prefixes.split()
}
MODEL_TO_ENCODING: dict[str, str] = {
    name: encoding for encoding, names in _NAMES.items() for name in names.split()
}


# Names whose encoding these tables gave, while no record of a user lay over them: one dict, in a
# list so that another one may take its place.
asked: list[dict[str, str]] = [{}]
_MOST_ASKED = 1000


def forget_names() -> None:
    """Forget the names that were asked for: records of a user lie over the tables from now on."""
    asked[0] = {}  # another one, as a thread may be about to add what it found before


if TYPE_CHECKING:

    def encoding_name_for_model(model_name: str | Model) -> str: ...

    def encoding_for_model(model_name: str | Model) -> Encoding: ...

else:
    # At run time the annotations are tiktoken's, as code may compare signatures.
    def encoding_name_for_model(model_name: str) -> str:
        """Find the name of the encoding that a model uses.

        `model_name` may also be a `Model`. Names are looked up as they are, then by documented
        prefix, which takes in dated snapshots; `ft:` names by the model that was fine-tuned; models
        of one's own (`register_model`) come first. Raises UnknownModelError for a name that nobody
        knows and NoTokenizerError for a model whose tokenizer is not public; both are a KeyError.

        >>> import tokenkit
        >>> tokenkit.encoding_name_for_model("gpt-4o-2024-11-20")
        'o200k_base'
        """
        if not isinstance(model_name, str):
            return _name_of_record(model_name)
        names = asked[0]
        listed = _find(model_name)
        if listed is not None and not _users_have_models():
            if len(names) >= _MOST_ASKED:
                names.clear()
            names[model_name] = listed
            return listed
        from tokenkit.models import current_registry  # late: most names need no registry

        try:
            return current_registry().encoding_name_for(model_name)
        except UnknownModelError:
            if listed is None:
                raise
            return listed

    def encoding_for_model(model_name: str) -> Encoding:
        """Find the encoding that a model uses; `model_name` may also be a `Model`.

        Raises what `encoding_name_for_model` raises, and UnknownEncodingError if a model of your
        own names an encoding that is not in `tokenkit.registry.ENCODINGS`.

        >>> import tokenkit
        >>> tokenkit.encoding_for_model("gpt-4").name
        'cl100k_base'
        """
        if type(model_name) is str:
            try:
                return ENCODINGS[asked[0][model_name]]
            except KeyError:
                pass
        return get_encoding(encoding_name_for_model(model_name))


def _name_of_record(model: object) -> str:
    from tokenkit.models import Model

    if not isinstance(model, Model):
        raise TypeError(f"model_name: expected str or Model, got {type(model).__name__}")
    if model.encoding is None:
        from tokenkit._vocabularies import no_tokenizer

        raise no_tokenizer(model)
    return model.encoding


def _find(name: str) -> str | None:
    """The name of the encoding by the tables of this file, None if they do not know the model."""
    listed = MODEL_TO_ENCODING.get(name) or _BY_RECORDS.get(name)
    if listed is not None:
        return listed
    for prefix, encoding in MODEL_PREFIX_TO_ENCODING.items():
        if name.startswith(prefix):
            return encoding
    return None


def _users_have_models() -> bool:
    """Whether somebody laid records over the registry; one that was never read has none."""
    loaded = sys.modules.get("tokenkit.models.registry")
    if loaded is not None and loaded.current_registry().has_user_models:
        return True
    return bool(os.environ.get("TOKENKIT_MODELS"))
