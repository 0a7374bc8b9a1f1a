"""The keys of a request of OpenAI's embeddings API.

Source: `EmbeddingCreateParams` of openai 3.57.0 (PyPI).
"""

from __future__ import annotations

from tokenkit.shapes.requests import RequestMeaning, kept, plain_keys

__all__ = ["EMBEDDINGS_REQUEST"]

EMBEDDINGS_REQUEST: dict[str, RequestMeaning] = {
    **kept("model input"),
    **plain_keys("dimensions encoding_format user"),
}
