"""Published price lists, damaged: a plan of changes comes out, or an error that names the list."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from tokenkit.errors import ModelDataError
from tokenkit.models import plan_refresh

from .driver import Driver, expect
from .mutations import damaged_bytes, damaged_json, hostile

__all__ = ["DRIVER"]

_LITELLM = {
    "sample_spec": {"mode": "one of: chat, embedding"},
    "gpt-5": {
        "litellm_provider": "openai",
        "mode": "chat",
        "max_input_tokens": 272000,
        "input_cost_per_token": 1.5e-06,
        "output_cost_per_token": 1e-05,
        "cache_read_input_token_cost": 1.25e-07,
        "input_cost_per_token_batches": 7e-07,
    },
}
_MODELS_DEV = {
    "openai": {
        "models": {
            "gpt-5": {
                "limit": {"context": 400000, "output": 128000},
                "cost": {"input": 1.5, "output": 10, "cache_read": 0.125},
            }
        }
    }
}
_GENAI = [
    {
        "id": "openai",
        "models": [
            {
                "id": "gpt-5",
                "match": {"or": [{"equals": "gpt-5"}, {"starts_with": "gpt-5-2"}]},
                "prices_checked": "2026-11-01",
                "prices": [
                    {"prices": {"input_mtok": 1.5, "output_mtok": 10}},
                    {
                        "constraint": {"start_date": "2026-09-01"},
                        "prices": {
                            "input_mtok": {"base": 2, "tiers": [{"start": 200000, "price": 4}]}
                        },
                    },
                ],
            }
        ],
    }
]
_LLM_PRICES = {
    "updated_at": "2026-11-01",
    "prices": [
        {"id": "gpt-5", "vendor": "openai", "name": "GPT-5", "input": 1.5, "output": 10},
        {"id": "gpt-4o", "vendor": "openai", "input": 3, "output": 9, "from_date": "2026-10-01"},
    ],
}
_PORTKEY = {
    "gpt-5": {
        "pricing_config": {
            "pay_as_you_go": {
                "request_token": {"price": 0.00015},
                "response_token": {"price": 0.001},
                "additional_units": {"web_search": {"price": 1}},
            },
            "batch_config": {"request_token": {"price": 0.00007}},
            "currency": "USD",
        }
    }
}
_OPENROUTER = {
    "data": [
        {
            "id": "openai/gpt-5",
            "context_length": 400000,
            "pricing": {
                "prompt": "0.0000015",
                "completion": "0.00001",
                "overrides": [{"min_prompt_tokens": 200000, "prompt": "0.000003"}],
            },
        }
    ]
}
SAMPLES: tuple[Any, ...] = (_LITELLM, _MODELS_DEV, _GENAI, _LLM_PRICES, _PORTKEY, _OPENROUTER)
_OVERLAY = {"models": [{"name": "gpt-5", "kind": "chat", "encoding": "o200k_base"}]}


def attempt(rng: random.Random, folder: Path) -> None:
    sample = rng.choice(SAMPLES)
    data: Any = hostile(rng) if rng.random() < 0.02 else damaged_json(rng, sample)
    content = json.dumps(data).encode()
    if rng.random() < 0.2:
        content = damaged_bytes(rng, content)
    source, overlay = folder / "portkey" / "openai.json", folder / "overlay.json"
    source.parent.mkdir(exist_ok=True)
    source.write_bytes(content)
    overlay.unlink(missing_ok=True)
    if rng.random() < 0.3:
        own = damaged_json(rng, _OVERLAY) if rng.random() < 0.5 else _OVERLAY
        overlay.write_text(json.dumps(own))
    try:
        plan = plan_refresh(source, overlay, dated=rng.choice((None, "2026-11-28")))
    except ModelDataError as error:
        named = source.name in str(error) or overlay.name in str(error)
        expect(named, "an error without the file's name", content, str(error))
        str(error).encode()
        return
    str(plan)
    plan.write()
    again = plan_refresh(source, overlay, dated=plan.dated)
    # What an older list adds makes its record as old as the list, and then it may add more.
    settled = not again.changes or plan.kept
    expect(settled, "a second refresh changes more", content, str(plan), str(again))
    for kept in folder.glob("overlay.json.bak*"):
        kept.unlink()


DRIVER = Driver("price_lists", "lists are planned, written and settled, or refused", attempt)
