"""Put back, after each test, what tests of one process share: models and encodings by name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tokenkit._vocabularies import PUBLISHED
from tokenkit.encodings.known import BUNDLED, ENCODINGS
from tokenkit.models import Model, registry

SHIPPED = (*BUNDLED, *PUBLISHED)


def own_models() -> dict[str, Model]:
    """The models that somebody registered."""
    models = registry._registry
    return {} if models is None else dict(models._user)


class SharedState:
    """A plugin, and no part of conftest.py, so that examples in docstrings have it too."""

    @pytest.fixture(autouse=True)
    def shared_state(self) -> Iterator[None]:
        """Forgets the models and the encodings that a test makes known by name."""
        models, encodings = own_models(), dict(ENCODINGS)
        yield
        if own_models() != models:
            registry._registry = None  # read again when somebody asks
        if encodings != ENCODINGS:
            loaded = {name: ENCODINGS[name] for name in SHIPPED if name in ENCODINGS}
            ENCODINGS.clear()
            ENCODINGS.update(loaded | encodings)
