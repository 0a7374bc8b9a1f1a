"""Arrow: batches of bounded size."""

from __future__ import annotations

from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from tokenkit.inputs import READERS
from tokenkit.inputs.readers import batches as _batches


def test_long_rows_of_arrow_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_batches, "BATCH_BYTES", 1_000)
    rows = ["a" * (i % 300) for i in range(200)] + ["b" * 5_000, "c"]
    # The weight of other columns does not matter.
    table = pyarrow.table({"t": rows, "other": ["x" * 900] * len(rows)})
    path = tmp_path / "d.arrow"
    with pyarrow.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)
    batches = list(READERS["arrow"].rows(str(path), "t", None))
    assert [text for batch in batches for text in batch.texts.to_pylist()] == rows
    sizes = [batch.texts.nbytes for batch in batches if len(max(batch.texts.to_pylist())) < 5_000]
    assert 10 < len(sizes) < 40
    assert max(sizes) < 2_500
