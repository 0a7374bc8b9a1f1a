"""The jobs in docs/columns.md, as they stand there, each on an engine that it starts itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from column_texts import TEXTS, as_structs, tiktoken_counts

from tokenkit import Chunker

pytestmark = pytest.mark.engines

ROOT = Path(__file__).resolve().parents[2]
# A job starts an engine of its own, and does not look for one that another test has started.
ALONE = {"SPARK_LOCAL_IP": "127.0.0.1", "RAY_ADDRESS": "local"}
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
JOBS = [
    block
    for block in BLOCK.findall((ROOT / "docs" / "columns.md").read_text("utf-8"))
    if "tokenkit.integrations." in block
]


def test_both_engines_have_jobs() -> None:
    """Or the test below would pass without any."""
    assert {name for job in JOBS for name in re.findall(r"integrations\.(\w+)", job)} == {
        "ray",
        "spark",
    }
    assert any("spark-submit" in job for job in JOBS)


@pytest.mark.parametrize("job", JOBS)
def test_job(job: str, tmp_path: Path) -> None:
    table = pa.table({"id": range(len(TEXTS)), "text": TEXTS})
    pq.write_table(table, tmp_path / "documents.parquet", compression="none")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    ran = subprocess.run(
        ["sh", "-c", job],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), **ALONE},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    if "--output counted" in job:
        made = pq.read_table(tmp_path / "counted").sort_by("id")
        assert made.column("tokens").to_pylist() == tiktoken_counts()
        return
    chunker = Chunker("text-embedding-3-small", max_tokens=512)
    made = pq.read_table(tmp_path / "chunks").sort_by([("id", "ascending"), ("index", "ascending")])
    assert made.to_pylist() == [
        {"id": id, **chunk}
        for id, text in enumerate(TEXTS)
        for chunk in as_structs(chunker.chunk(text or ""))
    ]
