"""The encodings that are known by name in this process: those that were loaded, and users' own."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.encodings.encoding import Encoding

ENCODINGS: dict[str, Encoding] = {}
# The names of the bundled ones, the oldest first, which nobody else's encoding may have.
BUNDLED = (
    "gpt2",
    "r50k_base",
    "p50k_base",
    "p50k_edit",
    "cl100k_base",
    "o200k_base",
    "o200k_harmony",
)
