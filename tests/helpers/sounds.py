"""Sound for requests that hold some."""

from __future__ import annotations

import io
import wave


def recording(seconds: int) -> bytes:
    """A WAV file of silence, 16 bits at 8 kHz."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(b"\0\0" * 8_000 * seconds)
    return buffer.getvalue()
