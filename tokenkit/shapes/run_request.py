"""The keys of a run of OpenAI's former Assistants API, with or without a new thread.

Source: `RunCreateParams` and `ThreadCreateAndRunParams` of openai 3.57.0 (PyPI). The assistant's
own model, instructions and tools hold where the run names none. OpenAI shut the API down on
2026-08-26 (its page of deprecations); servers of others go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tokenkit.shapes.requests import (
    PLAIN,
    Fields,
    Keep,
    Open,
    RequestBook,
    RequestMeaning,
    Whole,
    kept,
    plain_keys,
)

__all__ = ["RUN_REQUEST", "RUN_SHUTDOWN"]

RUN_SHUTDOWN = "2026-08-26"
_FILES = Open(
    "what tools find in files is not in the request", plain_keys("file_search code_interpreter")
)


@dataclass(frozen=True)
class _Format:
    """The format of the reply; "auto" asks for none."""

    def read(self, book: RequestBook, path: str, value: Any) -> None:
        if value != "auto":
            book.keep("response_format", path, value)


RUN_REQUEST: dict[str, RequestMeaning] = {
    **kept(
        """model assistant_id instructions additional_instructions additional_messages tools
        tool_choice reasoning_effort truncation_strategy"""
    ),
    "response_format": _Format(),
    "thread": Fields({"messages": Keep("messages"), "metadata": PLAIN, "tool_resources": _FILES}),
    "tool_resources": _FILES,
    "max_completion_tokens": Whole("max_completion_tokens"),
    "max_prompt_tokens": Whole("max_prompt_tokens"),
    **plain_keys("thread_id include metadata parallel_tool_calls stream temperature top_p"),
}
