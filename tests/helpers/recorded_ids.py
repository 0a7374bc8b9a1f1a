"""Ids that other libraries gave for published vocabularies; the files name their sources."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_DATA = ROOT / "tests" / "encodings" / "data"
RECORDED = json.loads((_DATA / "published_ids.json").read_text("utf-8"))
HASHES = json.loads((_DATA / "llama_cpp_hashes.json").read_text("utf-8"))
