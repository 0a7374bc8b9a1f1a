"""Types of Arrow that hold texts."""

from __future__ import annotations

import pyarrow as pa

PLAIN_TYPES = [
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.large_binary(),
    pa.binary_view(),
]
