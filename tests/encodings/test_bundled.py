"""The bundled encodings: loaded once, found by name."""

from __future__ import annotations

import random
import shutil
import struct
import threading
from pathlib import Path

import pytest
from search import by_profile

import tokenkit
from tokenkit import Encoding, VocabularyError
from tokenkit._core import FAMILY_CUSTOM, Core, build_image
from tokenkit.encodings import bundled

HEADER = 384  # bytes of an image before its first section


def test_two_names_for_one_id() -> None:
    enc = tokenkit.get_encoding("o200k_harmony")
    for name in ("<|endofprompt|>", "<|reserved_200018|>"):
        assert enc.encode(name, allowed_special="all") == [200018]
    assert enc.decode([200018]) == "<|endofprompt|>"


def test_get_encoding_is_one_object_for_all_threads() -> None:
    encodings: list[Encoding] = []
    threads = [
        threading.Thread(target=lambda: encodings.append(tokenkit.get_encoding("p50k_edit")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, encodings))) == 1


# Damaged files


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package's data, of which nothing is loaded yet."""
    for path in (Path(bundled.__file__).parents[1] / "data").iterdir():
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(bundled, "_path", lambda name: str(tmp_path / name))
    monkeypatch.setattr(bundled, "_images", {})
    monkeypatch.setattr(bundled, "ENCODINGS", {})
    return tmp_path


def damage(path: Path, position: int) -> None:
    image = bytearray(path.read_bytes())
    image[position] ^= 1
    path.write_bytes(image)


def test_a_damaged_header_is_an_error_that_names_the_file(data: Path) -> None:
    damage(data / "r50k_base.tkv", 30)
    for _ in range(2):
        with pytest.raises(VocabularyError, match=r"r50k_base\.tkv: .* header is damaged; install"):
            bundled.get_encoding("gpt2")
    (data / "r50k_base.tkv").write_bytes(b"")
    (data / "p50k_base.tkv").write_bytes((data / "p50k_base.tkv").read_bytes()[:-64])
    with pytest.raises(VocabularyError, match=r"p50k_base\.tkv: .* bytes long, expected "):
        bundled.get_encoding("p50k_base")
    assert bundled.get_encoding("cl100k_base").n_vocab == 100277


def test_verify_names_the_damaged_file(data: Path) -> None:
    size = (data / "cl100k_base.tkv").stat().st_size
    for position, section in ((HEADER, "slots"), (size // 2, "short table"), (size - 1, "joins")):
        damage(data / "cl100k_base.tkv", position)
        with pytest.raises(VocabularyError, match=f"cl100k_base.tkv: .* its {section} is damaged"):
            bundled.verify()
        damage(data / "cl100k_base.tkv", position)
    shutil.copy(data / "p50k_base.tkv", data / "r50k_base.tkv")
    with pytest.raises(VocabularyError, match=r"r50k_base\.tkv: its tokens are not those that"):
        bundled.verify()


def small_image() -> bytearray:
    letters = range(ord("a"), ord("z") + 1)
    tokens = [bytes([i]) for i in range(256)] + [bytes([a, b]) for a in letters for b in letters]
    return bytearray(build_image(zip([*tokens, bytes(letters)], range(2000), strict=False)))


def test_no_damage_to_an_image_is_silent() -> None:
    image, rng = small_image(), random.Random(15)
    Core(image, FAMILY_CUSTOM, {}).verify()
    for number in range(by_profile(400, 10_000)):
        position = rng.randrange(HEADER if number % 2 else len(image))
        before = image[position]
        image[position] ^= rng.randrange(1, 256)
        with pytest.raises(
            ValueError, match=r"not a usable vocabulary image: .*(damaged|expected|start|needs)"
        ):
            Core(image, FAMILY_CUSTOM, {}).verify()
        image[position] = before
    Core(image, FAMILY_CUSTOM, {}).verify()


def test_no_number_in_a_header_is_believed() -> None:
    image = small_image()
    for position in range(0, HEADER, 4):
        before = image[position : position + 4]
        for number in (0, 1, 3, 0x7FFFFFFF, 0xFFFFFFFF, len(image)):
            image[position : position + 4] = struct.pack("<I", number)
            if image[position : position + 4] != before:
                with pytest.raises(ValueError, match="not a usable vocabulary image"):
                    Core(image, FAMILY_CUSTOM, {})
        image[position : position + 4] = before
