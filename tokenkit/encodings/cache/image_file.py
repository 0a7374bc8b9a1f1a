"""The file of one compiled tokenizer: a header, then JSON that describes it, then its image.

Numbers are little-endian, of 64 bits. The header has 256 bytes:

| bytes | content |
|---|---|
| 0-7 | `TKCACHE2`, with the version of this layout |
| 8-39 | the sizes of the label, of the definition and of the image; where the image starts |
| 40-47 | the sum of all that follows the header |
| 48-55 | the sum of the other bytes of the header |
| 56-255 | the key in ASCII, under which the file is kept, then zeros |

Behind it stand the label (what people see in lists) and the definition, both as JSON, and the
image from a multiple of 64 on, up to the end of the file. The sums (`content_sum`) show damage by
accident. Nothing here protects from who may write the file: see `image_cache`.
"""

from __future__ import annotations

from tokenkit._core import content_sum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Buffer

__all__ = [
    "LABEL_BYTES",
    "Damaged",
    "definition_text",
    "from_columns",
    "label_of",
    "packed",
    "unpacked",
]

MAGIC = b"TKCACHE2"
HEADER_BYTES = 256
LABEL_BYTES = 1 << 16  # the header and the label take no more
_SUM, _KEY = 48, 56  # where they stand
_ALIGNMENT = 64  # of an image


class Damaged(ValueError):
    """A file is not what was written under its key; the message says why."""


def definition_text(definition: dict[str, Any]) -> str:
    """Write a definition as JSON, tables column by column; `from_columns` reads it.

    Thousands of rows are read in a third of the time then. A table is a list of lists or tuples of
    one length. A column of one value is written as that value.
    """
    from json import dumps

    out: dict[str, Any] = {}
    tables = {}
    for key, value in definition.items():
        if _is_table(value):
            columns = list(zip(*value, strict=True))
            tables[key] = [len(value), [c[:1] if len({*map(repr, c)}) == 1 else c for c in columns]]
        else:
            out[key] = value
    return dumps({"tables": tables, "rest": out}, separators=(",", ":"))


def from_columns(written: dict[str, Any]) -> dict[str, Any]:
    """Read what `definition_text` wrote; rows of tables come as tuples. Raises Damaged."""
    try:
        definition: dict[str, Any] = written["rest"]
        for key, (size, columns) in written["tables"].items():
            whole = [c * size if len(c) == 1 else c for c in columns]
            definition[key] = list(zip(*whole, strict=True))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Damaged("its definition is damaged") from None
    return definition


def _is_table(value: Any) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return set(map(type, value)) <= {list, tuple} and len(set(map(len, value))) == 1 and value[0]


def packed(key: str, label: dict[str, Any], definition: bytes, image: Buffer) -> list[Buffer]:
    """Pack a file; return its blocks, to be written in order. Raises Damaged for a long key."""
    from json import dumps

    described = dumps(label).encode()
    if len(described) > LABEL_BYTES - HEADER_BYTES:
        described = b"{}"
    start = HEADER_BYTES + len(described) + len(definition)
    offset = -(-start // _ALIGNMENT) * _ALIGNMENT
    size = memoryview(image).nbytes
    body = b"".join((described, definition, bytes(offset - start), image))
    head = MAGIC
    for number in (len(described), len(definition), size, offset, content_sum(body)):
        head += number.to_bytes(8, "little")
    named = _name_bytes(key)
    return [head + content_sum(head + named).to_bytes(8, "little") + named, body]


def unpacked(key: str, data: memoryview) -> tuple[dict[str, Any], memoryview]:
    """Take a file apart: its definition, and its image, which is not copied.

    All of its bytes are checked first. Raises Damaged.
    """
    label_size, definition_size, image_size, offset, total = _numbers(key, data, len(data))
    if content_sum(data[HEADER_BYTES:]) != total:
        raise Damaged("its content does not have the sum that its header states")
    start = HEADER_BYTES + label_size
    definition = from_columns(_read_json(data[start : start + definition_size]))
    return definition, data[offset : offset + image_size]


def label_of(key: str, start: memoryview, size: int) -> dict[str, Any]:
    """Read what a file of `size` bytes says of itself, from its first `LABEL_BYTES`.

    Only its header is checked. Raises Damaged.
    """
    return _read_json(start[HEADER_BYTES : HEADER_BYTES + _numbers(key, start, size)[0]])


def _numbers(key: str, data: memoryview, size: int) -> list[int]:
    """The numbers in the header of a file of `size` bytes, which they fit. Raises Damaged."""
    head = data[:HEADER_BYTES]
    if bytes(head[: len(MAGIC)]) != MAGIC:
        raise Damaged(f"expected a file that starts with {MAGIC.decode()}")
    numbers = [int.from_bytes(head[at : at + 8], "little") for at in range(8, _KEY, 8)]
    if content_sum(bytes(head[:_SUM]) + bytes(head[_KEY:])) != numbers.pop():
        raise Damaged("its header is damaged")
    if bytes(head[_KEY:]) != _name_bytes(key):
        raise Damaged("it was written under another name")
    label_size, definition_size, image_size, offset, _ = numbers
    if HEADER_BYTES + label_size + definition_size > offset or offset % _ALIGNMENT:
        raise Damaged("its header is damaged")
    if offset + image_size != size:
        raise Damaged(f"expected {offset + image_size} bytes, got {size}")
    return numbers


def _name_bytes(key: str) -> bytes:
    name = key.encode("ascii", "replace")
    if len(name) > HEADER_BYTES - _KEY:
        raise Damaged(f"expected a key of at most {HEADER_BYTES - _KEY} bytes, got {len(name)}")
    return name.ljust(HEADER_BYTES - _KEY, b"\0")


def _read_json(data: memoryview) -> dict[str, Any]:
    from json import loads

    try:
        found = loads(bytes(data))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Damaged("its JSON is damaged")
    return found
