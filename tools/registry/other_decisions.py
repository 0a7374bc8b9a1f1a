"""Which models of other providers go into the registry, and under which further names."""

from __future__ import annotations


def unaliased(names: str) -> dict[str, str]:
    """Records without further names."""
    return dict.fromkeys(names.split(), "")


# Provider in the facts -> (provider here, {record: "snapshots / aliases"}). Names before the
# slash are dated versions, after it other names; both lead to the record's data.
PICKED: dict[str, tuple[str, dict[str, str]]] = {
    "Anthropic": (
        "anthropic",
        {
            "claude-fable-5": "",
            "claude-fable-5-1": "",
            "claude-fable-5-2": "",
            "claude-mythos-5": "",
            "claude-mythos-5-1": "",
            "claude-mythos-5-2": "",
            "claude-mythos-preview": "",
            "claude-opus-5": "",
            "claude-opus-5-5": "",
            "claude-opus-4-8": "",
            "claude-opus-4-7": "claude-opus-4-7-20260416",
            "claude-opus-4-6": "claude-opus-4-6-20260205",
            "claude-opus-4-5": "claude-opus-4-5-20251101",
            "claude-opus-4-1": "claude-opus-4-1-20250805",
            "claude-opus-4-0": "claude-opus-4-20250514",
            "claude-sonnet-5": "",
            "claude-sonnet-5-5": "",
            "claude-sonnet-4-6": "",
            "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
            "claude-sonnet-4-0": "claude-sonnet-4-20250514",
            "claude-haiku-5-5": "",
            "claude-haiku-4-5": "claude-haiku-4-5-20251001",
            "claude-3-7-sonnet-20250219": "/ claude-3-7-sonnet-latest",
            "claude-3-5-sonnet-20241022": "claude-3-5-sonnet-20240620 / claude-3-5-sonnet",
            "claude-3-5-haiku-20241022": "/ claude-3-5-haiku-latest",
            "claude-3-opus-20240229": "/ claude-3-opus-latest",
            "claude-3-haiku-20240307": "/ claude-3-haiku",
        },
    ),
    "Google": (
        "google",
        unaliased(
            "gemini-4-argon gemini-3.8-flash gemini-3.8-live gemini-3.7-flash gemini-3.6-flash "
            "gemini-3.5-flash gemini-3.5-flash-lite gemini-3.1-pro-preview gemini-3.1-flash-lite "
            "gemini-3.1-flash-image gemini-3-pro-preview gemini-3-pro-image "
            "gemini-3-flash-preview gemini-2.5-pro gemini-2.5-flash gemini-2.5-flash-lite "
            "gemini-2.5-flash-image gemini-2.5-flash-preview-tts gemini-2.5-pro-preview-tts "
            "gemini-2.5-computer-use-preview-10-2025 gemini-2.0-flash gemini-2.0-flash-lite "
            "gemini-1.5-pro gemini-1.5-flash gemini-pro-latest gemini-flash-latest "
            "gemini-flash-lite-latest gemini-embedding-001 gemini-embedding-2"
        ),
    ),
    "xAI": (
        "xai",
        {
            "grok-4.7": "",
            "grok-4.6": "",
            "grok-4.5": "/ grok-4.5-latest",
            "grok-4.3": "/ grok-4.3-latest",
            "grok-4.20": "grok-4.20-0309",
            "grok-4.20-reasoning": "grok-4.20-0309-reasoning / grok-4.20-reasoning-latest",
            "grok-4.20-non-reasoning": (
                "grok-4.20-0309-non-reasoning / grok-4.20-non-reasoning-latest"
            ),
            "grok-4.20-multi-agent": "grok-4.20-multi-agent-0309 / grok-4.20-multi-agent-latest",
            "grok-4-1-fast-reasoning": "",
            "grok-4-1-fast-non-reasoning": "",
            "grok-4-fast-reasoning": "",
            "grok-4-fast-non-reasoning": "",
            "grok-4-0709": "/ grok-4",
            "grok-3": "/ grok-3-latest",
            "grok-3-mini": "/ grok-3-mini-latest",
            "grok-build-0.1": "",
            "grok-code-fast-1": "grok-code-fast-1-0825 / grok-code-fast",
        },
    ),
    "Mistral": (
        "mistral",
        unaliased(
            "mistral-large-4 mistral-large-2512 mistral-large-latest mistral-medium-3.5 "
            "mistral-medium-latest mistral-small-2603 mistral-small-latest ministral-3-3b-2512 "
            "ministral-3-8b-2512 ministral-3-14b-2512 ministral-3b-latest ministral-8b-latest "
            "magistral-medium-latest magistral-small-latest codestral-2508 codestral-latest "
            "devstral-latest voxtral-small-latest pixtral-large-latest open-mistral-nemo "
            "mistral-embed codestral-embed"
        ),
    ),
    "Meta": (
        "meta",
        unaliased(
            "Llama-3.3-70B-Instruct Llama-3.3-8B-Instruct "
            "Llama-4-Maverick-17B-128E-Instruct-FP8 Llama-4-Scout-17B-16E-Instruct-FP8 "
            "muse-spark-1.1 muse-spark-1.2 muse-spark-1.3 muse-wonder-1.0"
        ),
    ),
    "Amazon Nova": (
        "amazon",
        {
            "amazon.nova-2-5-sonic": "/ nova-2-5-sonic",
            "amazon.nova-2-lite-v1:0": "/ nova-2-lite",
            "amazon.nova-2-multimodal-embeddings-v1:0": "/ nova-2-multimodal-embeddings",
            "amazon.nova-2-pro-preview-20251202-v1:0": "/ nova-2-pro-preview",
            "amazon.nova-2-sonic-v1:0": "/ nova-2-sonic",
            "amazon.nova-lite-v1:0": "/ nova-lite",
            "amazon.nova-micro-v1:0": "/ nova-micro",
            "amazon.nova-premier-v1:0": "/ nova-premier",
            "amazon.nova-pro-v1:0": "/ nova-pro",
        },
    ),
    "DeepSeek": (
        "deepseek",
        unaliased(
            "deepseek-v4-pro deepseek-v4-flash deepseek-flash deepseek-chat deepseek-reasoner "
            "deepseek-v3.2 deepseek-v3 deepseek-r1"
        ),
    ),
    "Cohere": (
        "cohere",
        unaliased(
            "command-a-plus-05-2026 command-a-03-2025 command-a-reasoning-08-2025 "
            "command-a-vision-07-2025 command-r-plus-08-2024 command-r-08-2024 "
            "command-r7b-12-2024 embed-v5.0-pro embed-v5.0-fast embed-v4.0 embed-english-v3.0 "
            "embed-english-light-v3.0 embed-multilingual-v3.0 rerank-v5.0-pro rerank-v5.0-fast "
            "rerank-v4.0-pro rerank-v4.0-fast rerank-v3.5"
        ),
    ),
    "Qwen (Alibaba Model Studio)": (
        "qwen",
        {
            "qwen3.8-max": "qwen3.8-max-0902",
            "qwen3.8-flash": "",
            "qwen3.8-omni-flash": "",
            "qwen3.7-max": "",
            "qwen3.7-plus": "",
            "qwen3.7-flash": "qwen3.7-flash-2026-07-15",
            "qwen3.6-plus": "qwen3.6-plus-2026-04-02",
            "qwen3.6-flash": "qwen3.6-flash-2026-04-16",
            "qwen3.5-plus": "",
            "qwen3.5-flash": "qwen3.5-flash-2026-02-23",
            "qwen3-max": "",
            "qwen3-coder-plus": "",
            "qwen3-coder-flash": "",
            "qwen3-vl-plus": "",
            "qwen3-235b-a22b": "",
            "qwen3-32b": "",
            "qwen-max": "",
            "qwen-plus": "",
            "qwen-flash": "",
            "qwen-turbo": "",
            "qwq-plus": "",
        },
    ),
}

# Claude images: at most 2,576 px and 4,784 tokens from 4.7 on, 1,568 each before.
CLAUDE_NEW_IMAGES = r"claude-(fable|mythos|opus-5|sonnet-5|haiku-5|opus-4-[78]).*"

# Two sources name different output prices because one gives the text and one the image rate.
IMAGE_OUTPUT = {
    "gemini-2.5-flash-image": "30",
    "gemini-3-pro-image": "120",
    "gemini-3.1-flash-image": "60",
}

FIXES: dict[str, tuple[dict[str, object], str]] = {
    "claude-3-5-sonnet-20241022": ({"retired": True}, "withdrawn, day not found"),
    "grok-4-0709": ({}, "some sources list the name grok-4 as removed"),
}
# Priced where one source says 0: that is a trial key, not the price.
PRICES = {"command-a-plus-05-2026": {"input": "2.5", "output": "10"}}
