"""The lines of a `.tiktoken` file: a token in base64, a space, and its rank."""

from __future__ import annotations

from base64 import b64decode

from tokenkit.encodings.formats.faults import Fault


def read_ranks(data: bytes) -> dict[bytes, int]:
    """Read the ranks of tokens. Raises Fault, which names the line.

    >>> read_ranks(b"YQ== 0\\nYg== 1\\n")
    {b'a': 0, b'b': 1}
    """
    ranks: dict[bytes, int] = {}
    lines: dict[int, int] = {}  # rank: the line that has it
    for number, line in enumerate(data.splitlines(), 1):
        if not line:
            continue
        where = f"line {number}"
        try:
            encoded, digits = line.split()
            token, rank = b64decode(encoded, validate=True), int(digits)
        except ValueError:
            raise Fault(
                f"{where}: expected a token in base64, a space and a rank, got {line[:80]!r}"
            ) from None
        if not token or rank < 0:
            raise Fault(f"{where}: expected a token and a rank from 0, got {line[:80]!r}")
        if token in ranks:
            raise Fault(
                f"{where}: expected each token once, got {token!r} of line {lines[ranks[token]]}"
            )
        if rank in lines:
            raise Fault(f"{where}: expected each rank once, got {rank} of line {lines[rank]}")
        ranks[token] = rank
        lines[rank] = number
    return ranks
