"""Tokens of a column in Spark, version 3.5 or newer; each function travels by Arrow.

Also a job: `python -m tokenkit.integrations.spark count|chunk --input ... --output ...`, and the
same with this file for spark-submit.
"""

from __future__ import annotations

from tokenkit.integrations.spark_columns import (
    chunk_documents,
    chunk_tokens,
    count_tokens,
    encode_tokens,
    fits_tokens,
    truncate_tokens,
)

__all__ = [
    "chunk_documents",
    "chunk_tokens",
    "count_tokens",
    "encode_tokens",
    "fits_tokens",
    "truncate_tokens",
]


if __name__ == "__main__":
    import os
    import sys

    # As a file, as spark-submit runs it, the folder is the first that modules are looked for in.
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != here]
    from tokenkit.integrations.spark_job import main

    sys.exit(main())
