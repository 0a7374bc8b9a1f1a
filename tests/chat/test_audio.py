"""Lengths of recordings: made files of known length; `wave` and tinytag are second readers."""

from __future__ import annotations

import base64
import io
import struct
import sys
import wave
from typing import Any

import pytest
from hypothesis import given, strategies as st
from tinytag import TinyTag

from tokenkit.chat.audio import audio_length
from tokenkit.chat.counting import count_messages

NAMES = (b"JUNK", b"LIST", b"bext", b"cue ", b"id3 ", b"fact")


def chunk(name: bytes, body: bytes, size: int | None = None) -> bytes:
    padding = b"\0" * (len(body) % 2)
    return name + struct.pack("<I", len(body) if size is None else size) + body + padding


def form(hertz: int, channels: int, bits: int, kind: int = 1) -> bytes:
    block = channels * bits // 8
    return struct.pack("<HHIIHH", kind, channels, hertz, hertz * block, block, bits)


def riff(*chunks: bytes, name: bytes = b"RIFF") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return name + struct.pack("<I", len(body) & 0xFFFFFFFF) + body


def exactly(data: bytes) -> float:
    length = audio_length(data)
    assert length is not None
    assert length.low == length.seconds == length.high
    return length.seconds


others = st.lists(
    st.builds(chunk, st.sampled_from(NAMES), st.binary(max_size=3) | st.binary(max_size=60))
)


@given(
    st.sampled_from([8_000, 22_050, 48_000]),
    st.integers(1, 3),
    st.sampled_from([8, 16, 24]),
    st.integers(1, 500),
    others,
    others,
    others,
)
def test_wav_with_any_chunks_beside_the_sound(
    hertz: int, channels: int, bits: int, samples: int, first: Any, second: Any, last: Any
) -> None:
    sound = bytes(samples * channels * bits // 8)
    fmt, data = chunk(b"fmt ", form(hertz, channels, bits)), chunk(b"data", sound)
    whole = riff(*first, fmt, *second, data, *last)
    assert exactly(whole) == pytest.approx(samples / hertz)
    with wave.open(io.BytesIO(whole)) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(exactly(whole))
    kind = struct.pack("<HHI", 22, bits, 0) + struct.pack("<H", 1) + bytes(14)
    extensible = chunk(b"fmt ", form(hertz, channels, bits, kind=0xFFFE) + kind)
    assert exactly(riff(*first, extensible, *second, data)) == exactly(whole)


def test_wav_whose_size_is_not_what_it_says() -> None:
    fmt, sound = chunk(b"fmt ", form(8_000, 1, 8)), bytes(8_000)
    assert exactly(riff(fmt, chunk(b"data", sound, 0xFFFFFFFF))) == 1.0  # written to a pipe
    assert exactly(riff(fmt, chunk(b"data", sound, 80_000))) == 1.0  # cut short
    unsaid = audio_length(riff(fmt, chunk(b"data", sound, 0)))
    assert unsaid == (1.0, 0.0, 1.0)
    sizes = struct.pack("<QQQI", 9_000, 8_000, 8_000, 0)
    long = riff(
        chunk(b"ds64", sizes), fmt, chunk(b"data", sound, 0xFFFFFFFF), bytes(800), name=b"RF64"
    )
    assert exactly(long) == 1.0
    # The two rates of the header disagree: either may be the one that a reader takes.
    odd = form(8_000, 1, 8)[:8] + struct.pack("<I", 16_000) + form(8_000, 1, 8)[12:]
    assert audio_length(riff(chunk(b"fmt ", odd), chunk(b"data", sound))) == (1.0, 0.5, 1.0)


def test_compressed_wav_has_its_length_in_a_chunk() -> None:
    adpcm = chunk(b"fmt ", struct.pack("<HHIIHH", 2, 1, 8_000, 4_096, 256, 4))
    sound = chunk(b"data", bytes(4_096))
    assert audio_length(riff(adpcm, sound)) is None
    fact = chunk(b"fact", struct.pack("<I", 8_400))
    assert audio_length(riff(adpcm, fact, sound)) == (1.05, 1.0, 1.05)


RATES = {  # kbit/s of layer 3, from ISO/IEC 11172-3 (MPEG-1) and 13818-3 (MPEG-2)
    3: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    2: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
}


def mp3_frame(version: int, rate: int, hertz: int, padding: int, head: bytes = b"") -> bytes:
    """One frame of layer 3; `rate` and `hertz` are indexes."""
    frequency = [44_100, 48_000, 32_000][hertz] // (1 if version == 3 else 2)
    size = (144 if version == 3 else 72) * RATES[version][rate] * 1000 // frequency + padding
    first = bytes([0xFF, 0xE3 | version << 3, (rate + 1) << 4 | hertz << 2 | padding << 1, 0x40])
    return (first + head).ljust(size, b"\x55")[:size]


def frame_seconds(version: int, hertz: int) -> float:
    return 1152 / [44_100, 48_000, 32_000][hertz]


@st.composite
def recordings(draw: Any) -> tuple[bytes, float]:
    """An MP3 of any bit rates, and its length in seconds."""
    version, hertz = draw(st.sampled_from([2, 3])), draw(st.integers(0, 2))
    frames = draw(st.lists(st.tuples(st.integers(0, 13), st.integers(0, 1)), min_size=3))
    data = b"".join(mp3_frame(version, rate, hertz, padding) for rate, padding in frames)
    return data, len(frames) * frame_seconds(version, hertz)


@given(
    recordings(), st.binary(max_size=300), st.sampled_from([b"", b"TAG" + bytes(125), bytes(40)])
)
def test_mp3_is_measured_frame_by_frame(
    recording: tuple[bytes, float], tag: bytes, end: bytes
) -> None:
    data, seconds = recording
    size = bytes(len(tag) >> shift & 0x7F for shift in (21, 14, 7, 0))
    for whole in (data, b"ID3\4\0\0" + size + tag + data + end):
        length = audio_length(whole)
        assert length is not None
        assert length.seconds == length.high == pytest.approx(seconds)
        assert length.low <= length.seconds
        second = TinyTag.get(file_obj=io.BytesIO(whole), tags=False).duration
        assert second is None or abs(second - seconds) <= 0.1 * seconds + 0.3 or len(data) < 6_000


def test_mp3_with_a_table_and_with_bytes_between_frames() -> None:
    frame = mp3_frame(3, 8, 0, 0)
    table = mp3_frame(3, 8, 0, 0, bytes(32) + b"Xing" + bytes(16))
    one = frame_seconds(3, 0)
    length = audio_length(table + frame * 50)
    assert length == pytest.approx((50 * one, 49 * one, 51 * one))
    broken = audio_length(frame * 10 + b"\xff\xfbsomething else" * 9 + frame * 10)
    assert broken is not None
    assert broken[:2] == pytest.approx((20 * one, 18 * one))
    assert broken.high is None


def test_other_kinds_are_read_by_tinytag(monkeypatch: pytest.MonkeyPatch) -> None:
    bits = 16_000 << 44 | 0 << 41 | 15 << 36 | 32_000
    flac = b"fLaC\x80\0\0\x22" + bytes(10) + bits.to_bytes(8, "big") + bytes(16)
    assert exactly(flac) == 2.0
    assert audio_length(flac[:20]) is None
    assert audio_length(b"OggS" + bytes(100)) is None
    monkeypatch.setitem(sys.modules, "tinytag", None)
    assert audio_length(flac) is None


@given(st.binary(max_size=200), st.integers(0, 400))
def test_broken_files_raise_nothing(data: bytes, end: int) -> None:
    wav = riff(chunk(b"JUNK", b"odd"), chunk(b"fmt ", form(8_000, 1, 8)), chunk(b"data", data))
    mp3 = b"ID3\4\0\0\0\0\0\5" + data[:5].ljust(5) + mp3_frame(2, 0, 1, 1) * 4
    for whole in (wav, mp3):
        audio_length(whole[:end])
        audio_length(whole[:end] + data)
    for mark in (b"", b"\xff\xfb\x90\x40", b"fLaC", b"OggS", b"RIFF....WAVEfmt ", b"....ftyp"):
        length = audio_length(mark + data)
        assert length is None or length.low <= length.seconds


@given(recordings(), st.integers(0, 3_000))
def test_bounds_of_messages_hold_for_every_length(
    recording: tuple[bytes, float], samples: int
) -> None:
    wav = riff(
        chunk(b"LIST", b"x"), chunk(b"fmt ", form(800, 1, 8)), chunk(b"data", bytes(samples))
    )
    for data, seconds in (recording, (wav, samples / 800)):
        part = {"type": "input_audio", "input_audio": {"data": base64.b64encode(data).decode()}}
        count = count_messages([{"role": "user", "content": [part]}], "gpt-4o-audio-preview")
        assert not count.exact
        assert count.low <= 7 + seconds * 10
        assert count.high is None or 7 + seconds * 10 <= count.high
        assert count.high is not None or samples == 0
