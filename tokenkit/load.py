"""Vocabulary files: `.tiktoken`, and the pair of files that GPT-2 came in.

Signatures are tiktoken's. Only local files are read; nothing is ever downloaded.
"""

from __future__ import annotations

from tokenkit._files import read_named
from tokenkit.errors import VocabularyError

__all__ = ["data_gym_to_mergeable_bpe_ranks", "dump_tiktoken_bpe", "load_tiktoken_bpe"]

_MOST_BYTES = 256 << 20  # of a file; the biggest known vocabularies take some 20 MB


def load_tiktoken_bpe(tiktoken_bpe_file: str, expected_hash: str | None = None) -> dict[bytes, int]:
    """Read the ranks in a `.tiktoken` file: on each line a token in base64, a space, and its rank.

    Raises VocabularyError naming the line if the file is corrupted, or if its SHA-256 (64 hex
    digits) is not `expected_hash`; ValueError for a URL; OSError if the file cannot be read.

    >>> import tempfile, os
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "two.tiktoken")
    ...     dump_tiktoken_bpe({b"a": 0, b"b": 1}, path)
    ...     load_tiktoken_bpe(path)
    {b'a': 0, b'b': 1}
    """
    from tokenkit.encodings import Fault, read_ranks

    try:
        ranks = read_ranks(_read(tiktoken_bpe_file, expected_hash))
    except Fault as error:
        raise VocabularyError(f"{tiktoken_bpe_file}, {error}") from None
    if not ranks:
        raise VocabularyError(f"{tiktoken_bpe_file}: expected tokens, got an empty file")
    return ranks


def dump_tiktoken_bpe(bpe_ranks: dict[bytes, int], tiktoken_bpe_file: str) -> None:
    """Write ranks to a `.tiktoken` file, the lowest rank first.

    Raises OSError if it cannot be written and, for a URL, ValueError.

    >>> import tempfile, os
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "one.tiktoken")
    ...     dump_tiktoken_bpe({b"a": 0}, path)
    ...     open(path).read()
    'YQ== 0\\n'
    """
    from base64 import b64encode

    from tokenkit._writing import WholeFile

    _require_local(tiktoken_bpe_file)
    with WholeFile(tiktoken_bpe_file) as out:
        for token, rank in sorted(bpe_ranks.items(), key=lambda item: item[1]):
            out.file.write(b64encode(token) + b" %d\n" % rank)


def data_gym_to_mergeable_bpe_ranks(
    vocab_bpe_file: str,
    encoder_json_file: str,
    vocab_bpe_hash: str | None = None,
    encoder_json_hash: str | None = None,
    clobber_one_byte_tokens: bool = False,
) -> dict[bytes, int]:
    """Read the ranks in GPT-2's `vocab.bpe` (merges, one a line) and `encoder.json` (ids).

    With `clobber_one_byte_tokens`, single bytes get their ids from `encoder.json` and not from
    their place in GPT-2's order of bytes. Raises as `load_tiktoken_bpe` does, and VocabularyError
    if the two files contradict each other.
    """
    import json

    byte_order, byte_of = _gpt2_bytes()
    ranks = {bytes([byte]): rank for rank, byte in enumerate(byte_order)}
    lines = _read(vocab_bpe_file, vocab_bpe_hash).decode("utf-8", "replace").split("\n")
    # The first line is a version; after the last merge comes a newline.
    for number, line in enumerate(lines[1:-1], 2):
        where = f"{vocab_bpe_file}, line {number}"
        try:
            first, second = line.split()
            merged = bytes(byte_of[char] for char in first + second)
        except (ValueError, KeyError):
            raise VocabularyError(
                f"{where}: expected two tokens and a space, got {line[:80]!r}"
            ) from None
        if merged in ranks:
            raise VocabularyError(f"{where}: expected a new token, got {merged!r} again")
        ranks[merged] = len(ranks)

    try:
        entries = json.loads(_read(encoder_json_file, encoder_json_hash))
        ids = {
            bytes(byte_of[char] for char in text): int(token)
            for text, token in entries.items()
            if text not in ("<|endoftext|>", "<|startoftext|>")
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise VocabularyError(
            f"{encoder_json_file}: expected one JSON object from tokens to ids, got {error}"
        ) from None
    if clobber_one_byte_tokens:
        ranks.update((token, rank) for token, rank in ids.items() if len(token) == 1)
    if ranks != ids:
        different = min(token for token, _ in ranks.items() ^ ids.items())
        raise VocabularyError(
            f"{vocab_bpe_file} and {encoder_json_file}: expected one rank for {different!r}, got "
            f"{ranks.get(different)} in the first and {ids.get(different)} in the second"
        )
    return ranks


def _gpt2_bytes() -> tuple[list[int], dict[str, int]]:
    """List the bytes in GPT-2's order, and which byte each of its printable stand-ins means."""
    printable = [byte for byte in range(256) if chr(byte).isprintable() and byte != ord(" ")]
    others = [byte for byte in range(256) if byte not in printable]
    byte_of = {chr(byte): byte for byte in printable}
    byte_of.update((chr(256 + n), byte) for n, byte in enumerate(others))
    return printable + others, byte_of


def _require_local(path: str) -> None:
    if "://" in str(path):
        raise ValueError(
            f"expected a local file, got the URL {path}; download it yourself, or use "
            "tokenkit.get_encoding for OpenAI's encodings, which are bundled"
        )


def _read(path: str, expected_hash: str | None) -> bytes:
    from hashlib import sha256

    _require_local(path)
    data = read_named(path, _MOST_BYTES)
    if expected_hash and (actual := sha256(data).hexdigest()) != expected_hash:
        raise VocabularyError(f"{path}: expected the SHA-256 {expected_hash}, got {actual}")
    return data
