"""A registry for each test of this folder."""

import pytest

from tokenkit.models import registry as _registry
from tokenkit.models.registry import Registry


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry of this test's own, in place of the process's."""
    monkeypatch.delenv("TOKENKIT_MODELS", raising=False)
    fresh = _registry.new_registry()
    monkeypatch.setattr(_registry, "_registry", fresh)
    return fresh
