"""Image sizes from headers and image tokens by rule."""

from __future__ import annotations

import base64
import struct
import warnings
import zlib
from typing import Any

import pytest
from hypothesis import given, strategies as st
from search import examples

import tokenkit
from tokenkit.chat.counting import count_messages
from tokenkit.chat.image_header import data_url_bytes, image_size
from tokenkit.chat.images import DETAILS, RULES, image_tokens
from tokenkit.models.record import Model

sides = st.integers(1, 20_000)
JPEG_TABLES = (b"\xdb", b"\xc4", b"\xc8", b"\xcc")


def png(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    head = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + head


def jpeg(width: int, height: int) -> bytes:
    app = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    frame = b"\xff\xc2" + struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes(9)
    # Segments before the frame, three of which have markers next to those of frames.
    tables = [b"\xff" + marker + struct.pack(">H", 4) + bytes(2) for marker in JPEG_TABLES]
    return b"\xff\xd8\xff\x01\xff\xd0" + app + b"\xff" + b"".join(tables) + frame


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + bytes(3)


def webp(kind: bytes, width: int, height: int) -> bytes:
    if kind == b"VP8X":
        body = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    elif kind == b"VP8L":
        body = b"\x2f" + ((width - 1) | (height - 1) << 14).to_bytes(4, "little")
    else:
        body = bytes(3) + b"\x9d\x01\x2a" + struct.pack("<HH", width, height)
    chunk = kind + len(body).to_bytes(4, "little") + body
    return b"RIFF" + (len(chunk) + 4).to_bytes(4, "little") + b"WEBP" + chunk


MAKERS = {
    "png": png,
    "jpeg": jpeg,
    "gif": gif,
    "webp lossy": lambda w, h: webp(b"VP8 ", w, h),
    "webp lossless": lambda w, h: webp(b"VP8L", w, h),
    "webp extended": lambda w, h: webp(b"VP8X", w, h),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
@given(width=st.integers(1, 16_383), height=st.integers(1, 16_383))
def test_sizes_from_headers(make: Any, width: int, height: int) -> None:
    assert image_size(make(width, height)) == (width, height)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
def test_cut_headers_have_no_size(make: Any) -> None:
    whole = make(640, 480)
    for end in range(len(whole)):
        assert image_size(whole[:end]) in (None, (640, 480))


@given(st.binary(max_size=64))
def test_no_bytes_crash(data: bytes) -> None:
    for head in (b"", b"\xff\xd8", b"RIFF....WEBPVP8X", b"\x89PNG\r\n\x1a\n", b"GIF87a"):
        image_size(head + data)


def test_data_url() -> None:
    url = "data:image/png;base64," + base64.b64encode(png(7, 9)).decode()
    assert image_size(data_url_bytes(url, 32)) == (7, 9)
    for bad in ("data:image/png,abc", "http://x/y.png", "data:x;base64,%"):
        with pytest.raises(ValueError, match="base64"):
            data_url_bytes(bad)


@pytest.mark.parametrize(
    ("model", "width", "height", "detail", "tokens"),
    [
        # OpenAI's guides (tile page of 2024, patch pages of 2025 and 2026).
        ("gpt-4o", 1024, 1024, "high", 765),
        ("gpt-4o", 2048, 4096, "high", 1105),
        ("gpt-4o", 4096, 8192, "low", 85),
        ("gpt-5.4", 1024, 1024, "high", 1229),
        ("gpt-5.4", 2048, 2048, "high", 3000),
        ("gpt-6-astra", 2048, 2048, "high", 3000),
        # By the rule: one tile, base and tile of each family.
        ("gpt-4o-mini", 512, 512, "high", 2833 + 5667),
        ("gpt-5", 100, 100, "auto", 70 + 140),
        ("o1", 512, 513, "high", 75 + 2 * 150),
        ("gpt-4o", 3600, 300, "auto", 85 + 4 * 170),
        # Patches: 10 x 10 without any limit in the way.
        ("gpt-5-nano", 320, 320, "auto", 150),
        ("gpt-4.1-nano", 320, 320, "low", 246),
        # A strip of one patch across: 1,536 of them at most.
        ("o4-mini", 1, 65_535, "auto", 2642),
        ("o4-mini", 65_535, 1, "auto", 2642),
        ("gpt-5.6-sol", 4096, 4096, "low", 308),
        ("claude-opus-4-1", 280, 280, "auto", 100),
        ("gemini-2.5-pro", 384, 384, "auto", 258),
        ("gemini-2.5-pro", 769, 768, "auto", 516),
    ],
)
def test_examples(model: str, width: int, height: int, detail: Any, tokens: int) -> None:
    assert image_tokens(width, height, model, detail=detail) == tokens


def test_patch_budget_of_the_guide() -> None:
    # The 2025 guide: 1800 x 2400 px is resized to 1,452 patches.
    assert image_tokens(1800, 2400, Model(
        name="m", kind="chat", encoding="o200k_base", image_rule="patch:gpt-5-mini"
    )) == -(-1452 * 12 // 10)  # fmt: skip


@examples(500)
@given(st.sampled_from(sorted(RULES)), sides, sides, st.sampled_from(DETAILS))
def test_bounds_of_any_size(name: str, width: int, height: int, detail: str) -> None:
    rule = RULES[name]
    tokens = rule.tokens(width, height, detail)
    most, low, high = rule.of_any_size(detail)
    assert 1 <= low <= tokens
    assert high is None or tokens <= high == most
    assert (high is None) == (name == "gemini:2")  # no largest image is published there


@examples(200)
@given(st.sampled_from(sorted(RULES)), sides, sides, st.sampled_from(DETAILS))
def test_bounds_of_messages_hold_for_every_size(
    name: str, width: int, height: int, detail: str
) -> None:
    """Invariant I10, also where it is unknown which of the rules of OpenAI's models holds."""
    own = Model(name="m", kind="chat", encoding="o200k_base", image_rule=name)
    url = "https://example.org/cat.png"
    truth = count_messages(message(url, detail=detail), own, image_sizes={url: (width, height)})
    assert truth.low <= truth.tokens <= (truth.high or 0)
    models: list[Any] = [own, Model(name="n", kind="chat", encoding="o200k_base")]
    if name.startswith(("tile:", "patch:")):
        models.append("gpt-6-sol")
    for model in models:
        unknown = count_messages(message(url, detail=detail), model)
        assert not unknown.exact
        assert unknown.low <= truth.tokens
        assert unknown.high is None or truth.tokens <= unknown.high
        sized = count_messages(
            message(url, detail=detail), model, image_sizes={url: (width, height)}
        )
        assert sized.low <= truth.tokens
        assert sized.high is None or truth.tokens <= sized.high


def test_rules_that_are_assumed() -> None:
    """Of OpenAI's models by the rules of the others, of a user's own without an upper bound."""
    url = "https://example.org/cat.png"
    sol = count_messages(message(url), "gpt-6-sol", image_sizes={url: (1024, 1024)})
    assert sol.low <= 8 + 194 < 8 + 2833 + 4 * 5667 <= (sol.high or 0)
    own = Model(name="n", kind="chat", encoding="o200k_base")
    count = count_messages(message(url), own, image_sizes={url: (1024, 1024)})
    assert (count.tokens, count.low, count.high) == (8 + 765, 7, None)


@given(st.sampled_from([name for name in RULES if name.startswith("tile:")]), sides, sides)
def test_tiles_take_original_as_high(name: str, width: int, height: int) -> None:
    rule = RULES[name]
    assert rule.tokens(width, height, "original") == rule.tokens(width, height, "high")
    assert rule.of_any_size("original") == rule.of_any_size("high")


@given(st.sampled_from(sorted(RULES)), sides, sides)
def test_turning_an_image_changes_nothing(name: str, width: int, height: int) -> None:
    rule = RULES[name]
    turned = rule.tokens(height, width, "high")
    assert abs(rule.tokens(width, height, "high") - turned) <= 1


def message(url: str, **image: Any) -> list[Any]:
    part = {"type": "image_url", "image_url": {"url": url, **image}}
    return [{"role": "user", "content": [{"type": "text", "text": "hi"}, part]}]


def test_images_in_messages() -> None:
    url = "data:image/gif;base64," + base64.b64encode(gif(1024, 1024)).decode()
    count = count_messages(message(url), "gpt-4o")
    assert [(p.where, p.tokens) for p in count.parts if p.kind == "image"] == [
        ("messages[0].content[1]", 765)
    ]
    assert count.tokens == 8 + 765
    assert not count.exact
    assert count.high is not None
    assert count.low < count.tokens < count.high
    assert count_messages(message(url, detail="low"), "gpt-4o").tokens == 8 + 85
    flat = [{"role": "user", "content": [{"type": "input_image", "image_url": url}]}]
    assert count_messages(flat, "gpt-4o").tokens == 7 + 765


def test_remote_images() -> None:
    url = "https://example.org/cat.png"
    known = count_messages(message(url), "gpt-4o", image_sizes={url: (512, 512)})
    assert known.tokens == 8 + 255
    worst = count_messages(message(url), "gpt-4o")
    assert worst.tokens == 8 + 85 + 8 * 170
    assert (worst.low, worst.high) == (8 + 85 + 170 - 1, worst.tokens + 1)  # whatever the size is
    assert any("image size unknown" in note for note in worst.notes)
    with pytest.raises(
        ValueError, match=r"content\[1\]: its size in image_sizes: expected \(width, height\)"
    ):
        count_messages(message(url), "gpt-4o", image_sizes={url: (0, 1)})


def test_model_without_a_published_rule() -> None:
    url = "data:image/gif;base64," + base64.b64encode(gif(64, 64)).decode()
    count = count_messages(message(url), "gpt-6-sol")
    assert any("no image rule is published" in note for note in count.notes)
    with pytest.raises(
        ValueError, match=r"content\[1\]: model: expected one that takes images, got gpt-3.5"
    ):
        count_messages(message(url), "gpt-3.5-turbo")


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((0, 5), ValueError, "width: expected at least 1 pixels, got 0"),
        ((5, -1), ValueError, "height: expected at least 1 pixels, got -1"),
        ((5.0, 5), TypeError, "width: expected a whole number of pixels"),
        ((True, 5), TypeError, "width: expected a whole number of pixels"),
    ],
)
def test_bad_sizes(arguments: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        image_tokens(arguments[0], arguments[1], "gpt-4o")


def test_bad_detail_and_url() -> None:
    with pytest.raises(
        ValueError, match="detail: expected 'auto', 'low', 'high' or 'original', got 'huge'"
    ):
        image_tokens(5, 5, "gpt-4o", detail="huge")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"content\[1\]: detail: expected"):
        count_messages(message("https://x/y", detail="huge"), "gpt-4o")
    with pytest.raises(ValueError, match=r"content\[1\].image_url.url: expected a base64"):
        count_messages(message("data:image/png,xyz"), "gpt-4o")
    unknown = Model(name="m", kind="chat", encoding="o200k_base", image_rule="tile:none")
    with pytest.raises(ValueError, match=r"image_rule of m: expected one of .*, got 'tile:none'"):
        image_tokens(5, 5, unknown)


def test_an_assumed_rule_warns() -> None:
    with pytest.warns(tokenkit.TokenkitWarning, match="no image rule is published for gpt-6-sol"):
        assert image_tokens(100, 100, "gpt-6-sol") > 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert image_tokens(1024, 1024, "gpt-5.4", detail="high") == 1229
