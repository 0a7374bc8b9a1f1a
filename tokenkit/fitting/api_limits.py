"""Limits of one request of an embeddings API, for packing and for checking request files."""

from __future__ import annotations

from tokenkit.models import Model, get_model

__all__ = ["request_limits"]

# A model that a user registered without naming a provider, and without limits of its own, is taken
# to stand behind an API of OpenAI's form, as Azure's deployments do: this model's limits are its.
_SAME_API = "text-embedding-3-small"


def request_limits(model: Model) -> dict[str, int | None]:
    """Return `max_inputs` and `max_tokens` of one request; None where they are not known.

    >>> request_limits(Model(name="ours", kind="embedding", encoding="cl100k_base"))
    {'max_inputs': 2048, 'max_tokens': 300000}
    """
    source = get_model(_SAME_API) if model.provider == "custom" else model
    return {
        "max_inputs": model.inputs_per_request or source.inputs_per_request,
        "max_tokens": model.tokens_per_request or source.tokens_per_request,
    }
