"""Tokens of a column in Ray Data: functions for `Dataset.map_batches(batch_format="pyarrow")`.

Also a job: `python -m tokenkit.integrations.ray count|chunk --input ... --output ...`.

>>> import pyarrow
>>> CountTokens("text", model="gpt-5.4")(pyarrow.table({"text": ["hello world", None]})).to_pylist()
[{'text': 'hello world', 'tokens': 2}, {'text': None, 'tokens': None}]
"""

from __future__ import annotations

from tokenkit.integrations.arrow_batches import ChunkDocuments, CountTokens

__all__ = ["ChunkDocuments", "CountTokens"]


if __name__ == "__main__":
    import sys

    from tokenkit.integrations.ray_job import main

    sys.exit(main())
