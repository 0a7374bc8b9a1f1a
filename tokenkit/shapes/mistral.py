"""Mistral's chat completions, conversations, transcriptions and OCR.

Source: `UsageInfo`, `ConversationUsageInfo` and `OCRUsageInfo` of mistralai 3.7.0 (PyPI).
"""

from __future__ import annotations

from tokenkit.shapes.meanings import Amount, Fee, Items, Meaning, counts, harmless

USAGE: dict[str, Meaning] = {
    **counts({"num_cached_tokens": "cached"}),
    "prompt_audio_seconds": Amount("audio_seconds"),
    "connector_tokens": Fee("connector", "token", "its tokens are billed by the connector"),
    "pages_processed": Items("page"),
    "pages_processed_annotation": Items("annotated_page"),
    **harmless("connectors doc_size_bytes"),
}
RESPONSE: dict[str, Meaning] = harmless("outputs conversation_id pages document_annotation")
