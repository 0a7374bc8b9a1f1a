"""Notes of a run of `tokenkit chunk --resume FILE`: its settings, and what is done.

The file is JSON: the settings, the encoding by its name and a hash of its tokens, the inputs by
name, size and SHA-256, and for each part the pieces that are in their place. It is written beside
its place and put there whole, behind the pieces that it names: a piece that it does not name yet
is made again, which gives the same file.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field

import click

from tokenkit._checks import processors
from tokenkit._files import read_named
from tokenkit._visible import shown_line
from tokenkit._writing import WholeFile
from tokenkit.cli.chunk.pieces import Piece
from tokenkit.cli.shared.output import as_json, shown_name
from tokenkit.errors import InputError
from tokenkit.inputs import opened, shown_uri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

__all__ = ["PartState", "RunState", "hashed_inputs"]

FORMAT = "tokenkit-chunk-run/1"
_BLOCK_BYTES = 1 << 20
_MOST_BYTES = 1 << 30  # of the notes
_PAUSE = 0.5  # seconds between notes
_SHARE = 20  # a pause is at least so many times as long as writing one
_HASHED_AT_ONCE = 8


def hashed_inputs(files: Sequence[str], seen: Callable[[int], None]) -> list[dict[str, Any]]:
    """The name, size and SHA-256 of each input; of one that cannot be read the error. `seen` is
    called with numbers of bytes as they are read."""
    with ThreadPoolExecutor(min(_HASHED_AT_ONCE, processors())) as pool:
        return list(pool.map(lambda name: _hashed(name, seen), files))


def _hashed(name: str, seen: Callable[[int], None]) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    try:
        with opened(name, packed=True) as (file, _):
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
                size += len(block)
                seen(len(block))
    except InputError as error:
        return {"name": shown_uri(name), "error": str(error)}
    return {"name": shown_uri(name), "size": size, "sha256": digest.hexdigest()}


@dataclass
class PartState:
    """The pieces of a part that are in their place, and whether they are all."""

    pieces: list[Piece] = field(default_factory=list)
    finished: bool = False

    @property
    def rows(self) -> int:
        """The rows of the pieces."""
        return sum(piece.rows for piece in self.pieces)


class RunState:
    """Keeps what is done of a run in a file; without a `path` nothing is written."""

    def __init__(self, path: str | None, run: Mapping[str, Any]) -> None:
        self.path = path
        self.run = dict(run)
        self.parts: dict[str, PartState] = {}
        self.finished = False
        self.size = 0  # of the output, if that is one file
        self._next = 0.0

    @property
    def rows(self) -> int:
        """The rows that are done."""
        return sum(part.rows for part in self.parts.values())

    def load(self) -> bool:
        """Read the file, if there is one; exit with 2 if it is of another run."""
        if self.path is None or not os.path.lexists(self.path):
            return False
        name = shown_name(self.path)
        try:
            record = json.loads(read_named(self.path, _MOST_BYTES, only_regular=True).decode())
            if record["format"] != FORMAT:
                raise ValueError(record["format"])
            parts = {
                key: PartState([Piece(**piece) for piece in part["pieces"]], part["finished"])
                for key, part in record["parts"].items()
            }
            finished, size = bool(record["finished"]), int(record["size"])
        except OSError as error:
            raise click.UsageError(f"{name}: {error.strerror}") from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            raise click.UsageError(
                f"expected a file that --resume has written, or none, got {name}; name another"
            ) from None
        self._check_same(record, name)
        self.parts, self.finished, self.size = parts, finished, size
        for part in parts.values():
            if part.pieces and part.pieces[-1].is_cut:  # it is tried once more
                part.pieces.pop()
        return True

    def forget(self, there: Callable[[str, int], int | None]) -> None:
        """Forget the pieces that are not in their place, and those behind them; `there` gives the
        bytes of the file of a part's piece."""
        for key, part in self.parts.items():
            for number, piece in enumerate(part.pieces):
                if there(key, number) != piece.size:
                    del part.pieces[number:]
                    part.finished = self.finished = False
                    break

    def _check_same(self, record: Mapping[str, Any], name: str) -> None:
        """Exit with 2, naming what differs, unless the file is of the same run."""
        for kind, now in self.run.items():
            difference = _difference(kind, record.get(kind), now)
            if difference:
                raise click.UsageError(
                    f"expected the run that {name} has begun, got a different one "
                    f"({difference}); go on with the same inputs and options, or name another file "
                    "and output"
                )

    def save(self, *, at_once: bool = False) -> None:
        """Write the file, if that was not done a moment ago."""
        if self.path is None or (time.monotonic() < self._next and not at_once):
            return
        begin = time.monotonic()
        parts = {
            key: {"pieces": [asdict(piece) for piece in part.pieces], "finished": part.finished}
            for key, part in sorted(self.parts.items())
        }
        state = {"finished": self.finished, "size": self.size}
        record = {"format": FORMAT, **state, **self.run, "parts": parts}
        with WholeFile(self.path) as out:
            out.file.write(as_json(record, indent=1).encode() + b"\n")
            out.file.flush()
            os.fsync(out.file.fileno())
        now = time.monotonic()
        self._next = now + max(_PAUSE, _SHARE * (now - begin))


def _difference(kind: str, before: Any, now: Any) -> str:
    """Say how two values differ; "" if they do not."""
    if before == now:
        return ""
    if isinstance(before, dict) and isinstance(now, dict):
        for name in dict.fromkeys([*before, *now]):
            if before.get(name) != now.get(name):
                return _difference(f"{kind}: {name}", before.get(name), now.get(name))
    if isinstance(before, list) and isinstance(now, list):
        for one, other in zip(before, now, strict=False):
            if one != other:
                label = one.get("name") if isinstance(one, dict) else one
                return _difference(f"{kind}: {label}", one, other)
        return f"{kind}: {len(now)} instead of {len(before)}"
    return shown_line(f"{kind}: {now!r} instead of {before!r}", 400)
