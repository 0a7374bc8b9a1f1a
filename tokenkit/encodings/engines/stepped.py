"""Tokenizers whose first steps the core takes itself: added tokens that are always found, and NFC.

All that asks for ids and their number is the core's, in whatever text. What asks where tokens stand
is that of `PipelineEngine`, which is also the readable twin of all else.
"""

from __future__ import annotations

from tokenkit._core import SteppedCore
from tokenkit.encodings.engines.pipeline import PipelineEngine
from tokenkit.encodings.steps.before import Steps
from tokenkit.encodings.steps.normalizers import normal_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tokenkit._core import Core
    from tokenkit.encodings.compile.compiler import Definition
    from tokenkit.encodings.engine import Engine, Ids, Integers
    from tokenkit.encodings.engines.pipeline import Allowed
    from tokenkit.encodings.text import Text

# Members that are the core's own: a function around each would take as long as a short text.
_OF_CORE = (
    *("encode_prefix", "within", "counter", "count_batch"),
    *("count_arrow", "fits_arrow", "encode_arrow", "encode_ragged"),
)


class SteppedEngine(PipelineEngine):
    """A pipeline of which the core takes all steps."""

    def __init__(
        self, core: Core, inner: Engine, steps: Steps, facts: Definition, reader: Engine | None
    ) -> None:
        """Make an engine; `inner` is that of the core, the others are as for `PipelineEngine`."""
        super().__init__(inner, steps, facts, None, reader)
        always = core.special_set(facts["found"])
        self._stepped = SteppedCore(core, always, bool(normal_steps(facts["normalizer"])))
        for name in _OF_CORE:
            setattr(self, name, getattr(self._stepped, name))

    def encode_buffer(self, text: Text, allowed: Allowed | None) -> Any:
        return self._stepped.encode_buffer(text, _found(allowed))

    def encode(self, text: Text, allowed: Allowed | None) -> list[int]:
        return self._stepped.encode(text, _found(allowed))

    def count(self, text: Text, allowed: Allowed | None) -> int:
        return self._stepped.count(text, _found(allowed))

    def encode_batch(
        self, texts: Sequence[Text], allowed: Allowed | None, num_threads: int
    ) -> tuple[Ids, Integers]:
        return self._stepped.encode_batch(texts, _found(allowed), num_threads)


def _found(allowed: Allowed | None) -> Any:
    return None if allowed is None else allowed.found
