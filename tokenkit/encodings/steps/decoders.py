"""Decoders of tokenizer.json: strings of tokens to text, as `tokenizers` 0.23 joins them."""

from __future__ import annotations

from itertools import groupby

from tokenkit.encodings.steps.normalizers import UnknownStep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    Decoder: TypeAlias = Callable[[list[str]], list[str]]


def _byte_characters() -> dict[int, str]:
    """Map bytes to characters as GPT-2's `encoder.py` does (github.com/openai/gpt-2)."""
    shown = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(256) if byte not in shown]
    return {byte: chr(byte) for byte in shown} | {
        byte: chr(256 + number) for number, byte in enumerate(rest)
    }


BYTE_CHARACTERS = _byte_characters()
# Characters of the alphabet to those with the numbers of their bytes. Others below 256 become one
# that Latin-1 does not have.
_LATIN_1 = dict.fromkeys(range(256), "\uffff")
_LATIN_1 |= {ord(character): chr(byte) for byte, character in BYTE_CHARACTERS.items()}


def byte_level(token: str) -> bytes | None:
    """Read a token of the byte-level alphabet; None if it has other characters.

    >>> byte_level("Ġhi"), byte_level("漢")
    (b' hi', None)
    """
    try:
        return token.translate(_LATIN_1).encode("latin-1")
    except UnicodeEncodeError:
        return None


def in_byte_level(data: bytes) -> str:
    """Write bytes in the byte-level alphabet.

    >>> in_byte_level(b" hi")
    'Ġhi'
    """
    return "".join(map(BYTE_CHARACTERS.__getitem__, data))


def byte_of(token: str) -> int | None:
    """Read a byte token; None if it is none. Digits are of either case.

    >>> byte_of("<0x0A>"), byte_of("<0xfg>")
    (10, None)
    """
    if len(token) == 6 and token.isascii() and token[:3] == "<0x" and token[5] == ">":
        digits = token[3:5]
        # As in Rust, a plus may stand before the digits.
        if all(digit in "0123456789abcdefABCDEF" for digit in digits.removeprefix("+")):
            return int(digits, 16)
    return None


def decoder_of(spec: dict[str, Any] | None) -> Decoder:
    """Make the decoder that a tokenizer.json describes. Raises UnknownStep.

    It gives parts to be joined.

    >>> decode = decoder_of({"type": "WordPiece", "prefix": "##", "cleanup": True})
    >>> "".join(decode(["a", "##b", "."]))
    'ab.'
    """
    if spec is None:
        return lambda tokens: [" ".join(tokens)]
    steps = decoder_steps(spec)
    made = [_step(step) for step in steps]

    def decode(tokens: list[str]) -> list[str]:
        for step in made:
            tokens = step(tokens)
        return tokens

    return decode


def decoder_steps(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """List the steps of a decoder, those of sequences one by one."""
    if spec.get("type") == "Sequence":
        return [step for inner in spec["decoders"] for step in decoder_steps(inner)]
    return [spec]


def _step(spec: dict[str, Any]) -> Decoder:
    kind = spec.get("type")
    if kind == "ByteLevel":
        return _from_byte_level
    if kind == "ByteFallback":
        return _join_bytes
    if kind == "Fuse":
        return lambda tokens: ["".join(tokens)]
    if kind == "Replace" and spec["pattern"].get("String"):
        found, content = spec["pattern"]["String"], spec["content"]
        return lambda tokens: [token.replace(found, content) for token in tokens]
    if kind == "Strip":
        content, start, stop = spec["content"], spec["start"], spec["stop"]
        return lambda tokens: [_stripped(token, content, start, stop) for token in tokens]
    if kind == "Metaspace":
        return _metaspace(spec)
    if kind == "WordPiece":
        return _word_piece(spec["prefix"], spec["cleanup"])
    if kind == "BPEDecoder":
        return _bpe(spec["suffix"])
    if kind == "CTC":
        return _ctc(spec["pad_token"], spec["word_delimiter_token"], spec["cleanup"])
    raise UnknownStep(f"the decoder {kind}")


def _from_byte_level(tokens: list[str]) -> list[str]:
    data = b"".join(byte_level(token) or token.encode() for token in tokens)
    return [data.decode("utf-8", "replace")]


def _join_bytes(tokens: list[str]) -> list[str]:
    """Turn runs of byte tokens into text; each of a run that is not UTF-8 is U+FFFD."""
    out: list[str] = []
    for is_byte, run in groupby(tokens, lambda token: byte_of(token) is not None):
        if not is_byte:
            out += run
            continue
        data = bytes(byte_of(token) or 0 for token in run)
        try:
            out.append(data.decode())
        except UnicodeDecodeError:
            out += ["\ufffd"] * len(data)
    return out


def _stripped(token: str, content: str, start: int, stop: int) -> str:
    first = 0
    while first < min(start, len(token)) and token[first] == content:
        first += 1
    last = len(token)
    while len(token) - last < min(stop, len(token)) and token[last - 1] == content:
        last -= 1
    return token[first:last] if first < last else ""


def _metaspace(spec: dict[str, Any]) -> Decoder:
    sign = spec["replacement"]
    drops = spec.get("prepend_scheme", "always") != "never"
    if spec.get("add_prefix_space") is False:
        drops = False

    def decode(tokens: list[str]) -> list[str]:
        return [
            token.replace(sign, "" if drops and not index else " ")
            for index, token in enumerate(tokens)
        ]

    return decode


# Spaces that English text does not have: `cleanup` of decoders/wordpiece.rs.
_CLEANED = [
    *((f" {sign}", sign) for sign in ".?!,"),
    (" ' ", "'"),
    (" n't", "n't"),
    (" 'm", "'m"),
    (" do not", " don't"),
    (" 's", "'s"),
    (" 've", "'ve"),
    (" 're", "'re"),
]


def _cleaned(token: str) -> str:
    for found, content in _CLEANED:
        token = token.replace(found, content)
    return token


def _word_piece(prefix: str, cleanup: bool) -> Decoder:
    def one(index: int, token: str) -> str:
        if index:
            token = token[len(prefix) :] if token.startswith(prefix) else f" {token}"
        return _cleaned(token) if cleanup else token

    return lambda tokens: [one(index, token) for index, token in enumerate(tokens)]


def _bpe(suffix: str) -> Decoder:
    def decode(tokens: list[str]) -> list[str]:
        last = len(tokens) - 1
        return [
            token.replace(suffix, "" if index == last else " ")
            for index, token in enumerate(tokens)
        ]

    return decode


def _ctc(pad: str, delimiter: str, cleanup: bool) -> Decoder:
    def decode(tokens: list[str]) -> list[str]:
        out = [token.replace(pad, "") for token, _ in groupby(tokens)]
        if cleanup:
            out = [_cleaned(token).replace(delimiter, " ") for token in out]
        return [token for token in out if token]

    return decode
