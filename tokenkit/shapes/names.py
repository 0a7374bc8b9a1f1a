"""How others write a model's name: prefixes of providers, clouds and routers, versions, regions.

Pure rules: they say as what a name can be read, the registry says which reading exists. Each rule
takes one thing off the name and says what it was:

- `openai/`, `anthropic/`, `x-ai/` ... and `openai:`: the vendor itself (LiteLLM, OpenRouter,
  pydantic-ai); the model must be that vendor's;
- `azure/`, `bedrock/`, `vertex_ai/`, `openrouter/`, `groq/` ...: another host, with prices of its
  own; `azure/eu/` also names its region;
- `models/NAME` is Google's own; `publishers/VENDOR/models/NAME` is Vertex AI's, `NAME@20250929` its
  version; `accounts/fireworks/models/NAME` is Fireworks';
- `us.`, `eu.`, `global.` and `anthropic.` before a name and `-v1:0` after it are Bedrock's, as is
  an ARN;
- `responses/`, `converse/` after a host or vendor is LiteLLM's name of an API;
- `:online`, `:free`, `:nitro` ... after a name are OpenRouter's;
- `.ft-...` after a name is a fine-tuned deployment of Azure's;
- blanks around a name, capitals, `4.5` for Anthropic's `4-5` and `-latest` are spelling.

Sources: the provider prefixes of litellm 1.110.2 and pydantic-ai-slim 2.68.0 (PyPI), OpenRouter's
page on model variants, AWS's lists of Bedrock model ids and inference profiles, Google's guide to
partner models (all read 2026-11).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

__all__ = ["NameReading", "readings"]


@dataclass(frozen=True)
class NameReading:
    """One way to read a name: `name` is left of it, served by `host` (None: its vendor).

    `vendor` is whose model it must be, where the name says so; `rule` says what was taken off.
    """

    name: str
    host: str | None = None
    vendor: str | None = None
    rules: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """Say what was taken off the name, and why."""
        return "; ".join(self.rules)


_VENDORS = {
    name: vendor
    for vendor, names in {
        "openai": "openai text-completion-openai openai-chat openai-responses",
        "anthropic": "anthropic",
        "google": "google gemini google-gla googleai google_genai",
        "mistral": "mistral mistralai codestral",
        "cohere": "cohere cohere_chat",
        "xai": "xai x-ai grok",
        "deepseek": "deepseek deepseek-ai",
        "qwen": "qwen dashscope alibaba",
        "moonshot": "moonshot moonshotai",
        "minimax": "minimax minimaxai",
        "zai": "zai z-ai zhipuai zai-org",
        "meta": "meta meta-llama meta_llama",
        "amazon": "amazon amazon-nova",
    }.items()
    for name in names.split()
}
# Hosts that have one spelling only.
_PLAIN_HOSTS = """
    anyscale baseten cerebras cloudflare databricks deepinfra friendliai gateway github_copilot
    gradient_ai groq heroku huggingface hyperbolic lambda_ai litellm_proxy llamafile lm_studio
    nebius novita nscale nvidia_nim oci openrouter ovhcloud perplexity poe replicate sagemaker
    sambanova scaleway snowflake volcengine wandb watsonx xinference
"""
_HOST_SPELLINGS = {
    "azure": "azure azure_ai azure-openai azure_openai azure_text",
    "bedrock": "bedrock bedrock_converse bedrock_mantle amazon-bedrock aws aws_bedrock",
    "vertex_ai": "vertex_ai vertex_ai_beta vertex google-vertex vertexai google_vertexai",
    "fireworks_ai": "fireworks_ai fireworks",
    "together_ai": "together_ai together togetherai",
    "vercel_ai_gateway": "vercel_ai_gateway vercel",
    "github": "github github_models",
    "ollama": "ollama ollama_chat",
    "vllm": "vllm hosted_vllm",
}
_HOSTS = {name: name for name in _PLAIN_HOSTS.split()}
_HOSTS |= {name: host for host, names in _HOST_SPELLINGS.items() for name in names.split()}
# LiteLLM's words for the API to call, after a host or vendor.
_APIS = ("responses", "converse", "converse_like", "invoke", "chat")
_AZURE_REGIONS = ("eu", "us", "global", "global-standard", "standard", "data-zone", "datazone")
# js/names.js has the same rules; tools/gen_js_names.py gives it these words and patterns. So a line
# end is a character like others, and letters and digits are those of ASCII.
_pattern = functools.partial(re.compile, flags=re.ASCII | re.DOTALL)
_PREFIX = _pattern(r"([\w.-]+)([/:])(.+)")
_BEDROCK_VENDORS = "anthropic meta mistral cohere amazon deepseek openai qwen google zai minimax"
_BEDROCK_VENDOR = _pattern(rf"({'|'.join(_BEDROCK_VENDORS.split())}|moonshot(?:ai)?)\.(.+)")
_BEDROCK_PLACE = _pattern(r"[a-z]+-[a-z]+-\d")
_BEDROCK_REGION = _pattern(r"(us|us-gov|eu|apac|ap|jp|au|ca|sa|uk|global)\.(?=[a-z]+\.)(.+)")
_BEDROCK_VERSION = _pattern(r"(.+?)-(?:v\d+(?::\d+)?|\d:\d)(?::\d+k|:mm)?")
_ARN = _pattern(r"arn:aws[\w-]*:bedrock:[\w-]*:\d*:[\w-]+/(.+)")
_PUBLISHER = _pattern(
    r"(?:projects/[^/]+/locations/[^/]+/)?publishers/([^/]+)/models/(.+)"
    r"|accounts/fireworks/models/(.+)"
)
_VARIANT = _pattern(r"(.+):(online|free|nitro|floor|extended|thinking|beta|exacto)")
_AT_VERSION = _pattern(r"(.+)@(\w[\w.-]*)")
_AZURE_TUNED = _pattern(r"([^:]+)\.ft-(.+)")
_SWAPPED = _pattern(r"claude-((?:[4-9]|\d\d)(?:-\d)?)-([a-z]+)(-20\d{6})?")


def readings(name: str) -> Iterator[NameReading]:
    """Yield how a name can be read, the nearest to what was written first.

    >>> for reading in readings("azure/eu/gpt-4o"):
    ...     print(reading.name, reading.host, "-", reading.rule)
    eu/gpt-4o azure - azure/ names the host azure
    gpt-4o azure - azure/ names the host azure; eu/ names a region of azure
    """
    reading = NameReading(name)
    seen = {name}
    taken = []
    while (following := _take_one(reading)) is not None:
        reading = following
        if reading.name in seen:
            break
        seen.add(reading.name)
        taken.append(reading)
        yield reading
    for reading in (*taken, NameReading(name)):
        for spelling in _respelled(reading):
            if spelling.name not in seen:
                seen.add(spelling.name)
                yield spelling


def _take_one(reading: NameReading) -> NameReading | None:
    """Apply the first rule that fits; None where none does."""
    for rule in (_blanks, _arn, _publisher, _prefix, _variant, _bedrock, _version, _azure_tuned):
        result = rule(reading)
        if result is not None:
            return result
    return None


def _with(
    reading: NameReading, name: str, rule: str, host: str | None = None, vendor: str | None = None
) -> NameReading:
    """Return a reading with the rest of the name; a host or vendor that was named before stays."""
    return replace(
        reading,
        name=name,
        host=reading.host or host,
        vendor=vendor or reading.vendor,
        rules=(*reading.rules, rule),
    )


def _blanks(reading: NameReading) -> NameReading | None:
    stripped = reading.name.strip()
    return _with(reading, stripped, "blanks around it") if stripped != reading.name else None


def _arn(reading: NameReading) -> NameReading | None:
    match = _ARN.fullmatch(reading.name)
    return match and _with(reading, match[1], "an ARN names the host bedrock", "bedrock")


def _publisher(reading: NameReading) -> NameReading | None:
    match = _PUBLISHER.fullmatch(reading.name)
    if match is None:
        return None
    if match[3]:
        rule = "accounts/fireworks/ names the host fireworks_ai"
        return _with(reading, match[3], rule, "fireworks_ai")
    rule = "publishers/ names the host vertex_ai"
    return _with(reading, match[2], rule, "vertex_ai", _VENDORS.get(match[1].lower()))


def _prefix(reading: NameReading) -> NameReading | None:
    """Return the part before the first slash, or colon, where it names a vendor or a host."""
    match = _PREFIX.fullmatch(reading.name)
    if match is None:
        return None
    word, mark, rest = match[1].lower(), match[2], match[3]
    if mark == "/" and reading.host == "azure" and word in _AZURE_REGIONS:
        return _with(reading, rest, f"{word}/ names a region of azure")
    if mark == "/" and reading.host == "bedrock" and _BEDROCK_PLACE.fullmatch(word):
        return _with(reading, rest, f"{word}/ names a region of bedrock")
    if mark == "/" and word in _APIS and (reading.host or reading.vendor):
        return _with(reading, rest, f"{word}/ names an API")
    if mark == "/" and word == "models":
        return _with(reading, rest, "models/ is Google's own prefix", vendor="google")
    if word in _HOSTS:
        return _with(reading, rest, f"{word}{mark} names the host {_HOSTS[word]}", _HOSTS[word])
    if word in _VENDORS and not rest.startswith("ft-"):
        return _with(reading, rest, f"{word}{mark} names the vendor", vendor=_VENDORS[word])
    return None


def _variant(reading: NameReading) -> NameReading | None:
    match = _VARIANT.fullmatch(reading.name)
    rule = match and f":{match[2]} is a variant of the host openrouter"
    return match and _with(reading, match[1], str(rule), "openrouter")


def _bedrock(reading: NameReading) -> NameReading | None:
    region = _BEDROCK_REGION.fullmatch(reading.name)
    if region is not None:
        rule = f"{region[1]}. names a region of the host bedrock"
        return _with(reading, region[2], rule, "bedrock")
    vendor = _BEDROCK_VENDOR.fullmatch(reading.name)
    if vendor is not None:
        word = vendor[1]
        rule = f"{word}. is the form of the host bedrock"
        return _with(reading, vendor[2], rule, "bedrock", _VENDORS.get(word, word))
    return None


def _version(reading: NameReading) -> NameReading | None:
    if reading.host == "bedrock":
        match = _BEDROCK_VERSION.fullmatch(reading.name)
        if match is not None:
            return _with(reading, match[1], "the version at its end is bedrock's")
    match = _AT_VERSION.fullmatch(reading.name)
    if match is None:
        return None
    named = match[2] in ("default", "latest")
    name = match[1] if named else f"{match[1]}-{match[2]}"
    return _with(reading, name, f"@{match[2]} is a version of the host vertex_ai", "vertex_ai")


def _azure_tuned(reading: NameReading) -> NameReading | None:
    match = _AZURE_TUNED.fullmatch(reading.name)
    return match and _with(
        reading, f"ft:{match[1]}:{match[2]}", ".ft- is a fine-tuned model of azure", "azure"
    )


def _respelled(reading: NameReading) -> Iterator[NameReading]:
    """Return the same name in other letters: small ones, dashes for dots, without -latest."""
    lower = reading.name.strip().lower()
    yield _with(reading, lower, "capitals")
    if lower.startswith("claude"):
        dashed = lower.replace(".", "-")
        yield _with(reading, dashed, "dots for dashes")
        yield _with(reading, _swapped(dashed), "claude-NUMBER-NAME for claude-NAME-NUMBER")
        yield _with(reading, f"{dashed}-latest", "it points to the latest snapshot")
    if lower.endswith("-latest"):
        yield _with(reading, lower.removesuffix("-latest"), "-latest is what it points to today")


def _swapped(name: str) -> str:
    """claude-4-5-sonnet as claude-sonnet-4-5.

    >>> _swapped("claude-4-5-sonnet-20250929"), _swapped("claude-opus-5")
    ('claude-sonnet-4-5-20250929', 'claude-opus-5')
    """
    match = _SWAPPED.fullmatch(name)
    return f"claude-{match[2]}-{match[1]}{match[3] or ''}" if match else name
