"""OpenTelemetry's `gen_ai.usage.*`, as attributes of a span or alone.

Source: opentelemetry-semantic-conventions 0.66b2 (PyPI), `gen_ai_attributes`: input_tokens
"SHOULD include all types of input tokens, including cached tokens"; older spans say prompt_tokens
and completion_tokens. `gen_ai.usage.details.*` is pydantic-ai's, `gen_ai.cost.*` and
`llm.usage.total_tokens` are OpenLLMetry's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tokenkit.shapes.meanings import Meaning, Word, counts, fields_of, get, harmless
from tokenkit.shapes.notebook import Notebook
from tokenkit.shapes.scalars import is_absent

ATTRIBUTES: dict[str, Meaning] = {
    **counts(
        {
            "gen_ai.usage.input_tokens": "input",
            "gen_ai.usage.output_tokens": "output",
            "gen_ai.usage.prompt_tokens": "input",
            "gen_ai.usage.completion_tokens": "output",
            "gen_ai.usage.total_tokens": "total",
            "llm.usage.total_tokens": "total",
            "gen_ai.usage.cache_read.input_tokens": "cached",
            "gen_ai.usage.cache_creation.input_tokens": "written",
            "gen_ai.usage.cache_read_input_tokens": "cached",
            "gen_ai.usage.cache_creation_input_tokens": "written",
            "gen_ai.usage.reasoning.output_tokens": "reasoning",
            "gen_ai.usage.reasoning_tokens": "reasoning",
            "gen_ai.usage.details.cache_read_tokens": "cached",
            "gen_ai.usage.details.cache_write_tokens": "written",
            "gen_ai.usage.details.reasoning_tokens": "reasoning",
            "gen_ai.usage.details.cached_tokens": "cached",
            "gen_ai.usage.details.input_audio_tokens": "audio_in",
            "gen_ai.usage.details.output_audio_tokens": "audio_out",
        }
    ),
    "gen_ai.response.model": Word("model"),
    "gen_ai.request.model": Word("requested_model"),
    "gen_ai.openai.response.service_tier": Word("tier"),
    "openai.response.service_tier": Word("tier"),
    "gen_ai.provider.name": Word("served_by"),
    "gen_ai.system": Word("served_by"),
}
# All other attributes of these names say nothing of a price.
HARMLESS_PREFIXES = (
    "gen_ai.request.",
    "gen_ai.response.",
    "gen_ai.agent.",
    "gen_ai.conversation.",
    "gen_ai.input.",
    "gen_ai.output.",
    "gen_ai.operation.",
    "gen_ai.prompt",
    "gen_ai.completion",
    "gen_ai.tool.definitions",
    "gen_ai.system_instructions",
    "gen_ai.openai.",
    "gen_ai.embeddings.",
    "gen_ai.cost.",
    "openai.",
    "server.",
    "error.",
    "logfire.",
    "operation.",
    # OpenLLMetry's, whose numbers of tokens are above.
    "traceloop.",
    "llm.request.",
    "llm.response.",
    "llm.prompts",
    "llm.completions",
    "llm.headers",
    "llm.is_streaming",
    "llm.chat.",
    # Of the host, the caller and the code.
    "client.",
    "cloud.",
    "code.",
    "container.",
    "deployment.",
    "enduser.",
    "exception.",
    "host.",
    "http.",
    "k8s.",
    "net.",
    "network.",
    "otel.",
    "peer.",
    "process.",
    "service.",
    "session.",
    "telemetry.",
    "thread.",
    "url.",
    "user.",
    "user_agent.",
)
_OTLP_VALUES = ("intValue", "doubleValue", "stringValue", "boolValue", "arrayValue", "kvlistValue")


@dataclass(frozen=True)
class Attributes:
    """Attributes by dotted name: a mapping, nested mappings, or OTLP's list of key and value."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        if not isinstance(value, (list, tuple)) and fields_of(value) is None:
            book.unknown(path, value)
        for name, item in flattened(value):
            place = f"{path}.{name}" if path else name
            meaning = ATTRIBUTES.get(name)
            if meaning is not None:
                if not is_absent(item):
                    meaning.read(book, place, item)
            elif name.startswith(HARMLESS_PREFIXES):
                book.opaque.append(place)
            else:
                book.unknown(place, item)


def flattened(value: Any, prefix: str = "") -> list[tuple[str, Any]]:
    """Return the attributes by their dotted names."""
    if isinstance(value, (list, tuple)):
        value = {get(item, "key"): otlp_value(get(item, "value")) for item in value}
    entries: list[tuple[str, Any]] = []
    for key, item in fields_of(value) or ():
        name = f"{prefix}{key}"
        nested = name == "gen_ai" or name.startswith("gen_ai.")
        if nested and fields_of(item) is not None and not name.startswith(HARMLESS_PREFIXES):
            entries += flattened(item, f"{name}.") or [(name, item)]
        else:
            entries.append((name, item))
    return entries


def otlp_value(value: Any) -> Any:
    """Return the value of OTLP's JSON, which writes whole numbers as strings."""
    for kind in _OTLP_VALUES:
        item = get(value, kind)
        if item is not None:
            return int(item) if kind == "intValue" else item
    return value


USAGE_PREFIX = "gen_ai."
SPAN: dict[str, Meaning] = {
    "attributes": Attributes(),
    "start_time": Word("created"),
    "startTimeUnixNano": Word("created"),
    # Of a record of a log.
    "timeUnixNano": Word("created"),
    **harmless(
        """name context kind parent_id parentSpanId start_time_unix_nano end_time endTimeUnixNano
        end_time_unix_nano status events links resource scope traceId spanId trace_id span_id
        traceState flags droppedAttributesCount droppedEventsCount droppedLinksCount
        observedTimeUnixNano severityNumber severityText body eventName"""
    ),
}
