"""Mistral's chat completions, conversations, transcriptions and OCR.

Source: `UsageInfo`, `ConversationUsageInfo` and `OCRUsageInfo` of mistralai 3.7.0 (PyPI).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tokenkit.shapes.meanings import (
    HARMLESS,
    Amount,
    Fee,
    Items,
    Meaning,
    counts,
    entries_of,
    harmless,
)
from tokenkit.shapes.notebook import Notebook


@dataclass(frozen=True)
class Connectors:
    """`connectors`: calls of tools that Mistral runs, by name; they have fees."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        for name, number in entries_of(book, path, value):
            Fee(f"connector {name}", "call").read(book, f"{path}.{name}", number or 0)


USAGE: dict[str, Meaning] = {
    **counts({"num_cached_tokens": "cached"}),
    "prompt_audio_seconds": Amount("audio_seconds"),
    "connector_tokens": Fee("connector", "token", "its tokens are billed by the connector"),
    "pages_processed": Items("page"),
    "pages_processed_annotation": Items("annotated_page"),
    "connectors": Connectors(),
    "doc_size_bytes": HARMLESS,
}
RESPONSE: dict[str, Meaning] = harmless("outputs conversation_id pages document_annotation")
