"""Names of models as providers, clouds and routers write them."""

from __future__ import annotations

import random

import tokenkit

FORMS = [
    "{}",
    "openai/{}",
    "openai:{}",
    "azure/{}",
    "azure/eu/{}",
    "azure_ai/global-standard/{}",
    "openrouter/openai/{}",
    "openrouter/anthropic/{}:online",
    "openai/responses/{}",
    "groq/openai/{}",
    "models/{}",
    "gemini/{}",
    "publishers/google/models/{}",
    "vertex_ai/{}@20250929",
    "{}@default",
    "us.anthropic.{}-v1:0",
    "bedrock/eu-west-1/anthropic.{}-20250929-v1:0",
    "openai.{}-1:0",
    "arn:aws:bedrock:us-east-1:1:inference-profile/us.meta.{}-v1:0",
    "accounts/fireworks/models/{}",
    "ft:{}:acme::x",
    "{}:ft-acme",
    "{}.ft-abc",
    "{}-2031-01-30",
    "{}-0230",
    "{}-latest",
    "{}-of-tomorrow",
    "x-ai/{}",
    "azure/{}-of-tomorrow",
    "openai/ft:{}:acme::x",
    "bedrock/{}",
    "ollama/{}",
    "fine/{}",
]
PARTS = [
    "azure",
    "openai",
    "/",
    ":",
    "us.",
    "anthropic.",
    "claude-",
    "4.5",
    "-sonnet",
    "gpt-4o",
    "gpt-5",
    "-v1:0",
    "@",
    "models/",
    "ft:",
    "ft-",
    ".ft-",
    "bedrock/",
    "eu-west-1/",
    "-20250929",
    "-latest",
    "-0613",
    ":free",
    "O1-",
    "__proto__",
    "constructor",
    "é",
    "٣",
    "\u2028",
]


def some_names() -> list[str]:
    """Names of models in all forms, odd ones, and names made of random parts."""
    draw = random.Random(1130)
    models = [model.name for model in tokenkit.list_models(include_retired=True)]
    names = [form.format(name) for form in FORMS for name in draw.sample(models, 25)]
    names += [name.upper() for name in draw.sample(names, 100)]
    names += [f" {name}\n" for name in draw.sample(names, 30)]
    names += ["", "/", ":", "azure/", "azure/gpt-4o\nclaude", "\ufeffgpt-4o", "\x1cgpt-4o\x85"]
    names += ["toString", "__proto__", "openai/constructor", "ft:__proto__:a", "gpt-4o-mini-"]
    names += ["".join(draw.choices(PARTS, k=draw.randrange(1, 7))) for _ in range(500)]
    return names
