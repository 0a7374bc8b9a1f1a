"""The packed vocabularies are what tiktoken publishes, and what the script makes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import pack_vocab  # noqa: E402

# tiktoken_ext/openai_public.py of tiktoken 0.14.0, `expected_hash`.
PUBLISHED = {
    "r50k_base.tiktoken": "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
    "p50k_base.tiktoken": "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069",
    "cl100k_base.tiktoken": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    "o200k_base.tiktoken": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
}


def test_recorded_hashes_are_the_published_ones() -> None:
    assert pack_vocab.read_sums(pack_vocab.DATA) == PUBLISHED


@pytest.mark.slow
def test_no_drift() -> None:
    assert pack_vocab.main(["--check"]) == 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("r50k_base.tkv", "SHA256SUMS"):
        shutil.copy(pack_vocab.DATA / name, tmp_path)
    sums = {"r50k_base.tiktoken": PUBLISHED["r50k_base.tiktoken"]}
    pack_vocab.write_sums(tmp_path, sums)
    return tmp_path


def test_packing(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "tiny.tiktoken"
    source.write_bytes(b"YQ== 0\nYg== 1\nYWI= 7\n")
    assert pack_vocab.main(["--folder", str(folder), str(source)]) == 0
    assert pack_vocab.main(["--folder", str(folder), "--check"]) == 0


@pytest.mark.slow
def test_drift_is_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def check() -> str:
        assert pack_vocab.main(["--folder", str(folder), "--check"]) == 1
        return capsys.readouterr().err

    image = folder / "r50k_base.tkv"
    good = image.read_bytes()
    for place in range(len(good) // 7, len(good), len(good) // 7):
        # Any byte in any section: either the tokens are others or the image is.
        image.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        assert "r50k_base" in check()
    image.write_bytes(good)
    pack_vocab.write_sums(folder, {"r50k_base.tiktoken": "0" * 64})
    assert "recorded source" in check()
    pack_vocab.write_sums(folder, {})
    assert "missing" in check()


def test_arguments() -> None:
    with pytest.raises(SystemExit):
        pack_vocab.main([])
