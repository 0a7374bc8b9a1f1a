"""The keys of requests of OpenAI's other APIs: completions, moderations, images, speech, audio.

Source: the parameters of `completions.create`, `moderations.create`, `images.generate`,
`audio.speech.create` and `audio.transcriptions.create` of openai 3.57.0 (PyPI).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tokenkit.shapes.requests import RequestBook, RequestMeaning, Whole, kept, plain_keys

__all__ = [
    "COMPLETIONS_REQUEST",
    "IMAGES_REQUEST",
    "MODERATIONS_REQUEST",
    "SPEECH_REQUEST",
    "TRANSCRIPTIONS_REQUEST",
]

COMPLETIONS_REQUEST: dict[str, RequestMeaning] = {
    **kept("model prompt suffix service_tier"),
    "max_tokens": Whole("max_tokens"),
    "n": Whole("choices"),
    "best_of": Whole("best_of"),
    **plain_keys(
        """echo frequency_penalty logit_bias logprobs presence_penalty seed stop stream
        stream_options temperature top_p user"""
    ),
}
MODERATIONS_REQUEST: dict[str, RequestMeaning] = kept("model input")


@dataclass(frozen=True)
class PartialImages:
    """Pictures that are sent while the picture is made: none of them is free, 0 asks for none.

    Source: OpenAI's guide to image generation (2026): 100 image output tokens each, for models
    before gpt-image-2; for later ones no number is published.
    """

    def read(self, book: RequestBook, path: str, value: Any) -> None:
        Whole("partial_images", least=0).read(book, path, value)
        if book.fields.get("partial_images"):
            reason = "partial pictures are billed besides, and may be fewer than these"
            book.fees.append(f"{path}: {reason}, so the cost is partial")


IMAGES_REQUEST: dict[str, RequestMeaning] = {
    **kept("model prompt size quality"),
    "n": Whole("images"),
    "partial_images": PartialImages(),
    **plain_keys(
        """background complexity moderation output_compression output_format response_format
        safety_identifier stream style user"""
    ),
}
SPEECH_REQUEST: dict[str, RequestMeaning] = {
    **kept("model input instructions"),
    **plain_keys("response_format speed stream_format voice"),
}
TRANSCRIPTIONS_REQUEST: dict[str, RequestMeaning] = {
    **kept("model file prompt keywords"),
    **plain_keys(
        """chunking_strategy include known_speaker_names known_speaker_references language
        languages response_format stream temperature timestamp_granularities"""
    ),
}
