"""Data sets: the data files behind names, folders, patterns and URIs, and their parts.

>>> import pathlib, tempfile
>>> folder = pathlib.Path(tempfile.mkdtemp())
>>> _ = (folder / "a.jsonl").write_text('{"text": "hello world"}')
>>> _ = (folder / "b.csv").write_text("text\\nhi")
>>> [pathlib.Path(name).name for name in data_files([folder / "*"])]
['a.jsonl', 'b.csv']
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from tokenkit.errors import InputError
from tokenkit.inputs.find import find_files
from tokenkit.inputs.globs import Glob
from tokenkit.inputs.pattern_list import PatternList, checked_patterns
from tokenkit.inputs.readers import READERS, DataKind
from tokenkit.inputs.readers.parquet import row_groups_of
from tokenkit.inputs.remote import Store, is_uri, local_name, pyarrow_module
from tokenkit.inputs.rows import DATA_ENDINGS, data_kind
from tokenkit.inputs.sources import STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["FilePart", "data_files", "file_identity", "file_parts", "id_type_of", "size_of"]

# What a .json file holds is anything: in a folder it is only read where it is asked for.
_FOUND_ENDINGS = [ending for ending in DATA_ENDINGS if data_kind(ending) != "json"]
# Row groups that follow each other are read together up to so many bytes, unpacked.
PART_BYTES = 64 << 20
_ASKED_AT_ONCE = 16  # questions to other stores
_MAGIC = "*["  # in a URI; a question mark begins its options

Skipped = Callable[[str, str], None]


def data_files(
    paths: Iterable[str | os.PathLike[str]],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    gitignore: bool = True,
    hidden: bool = False,
    follow_links: bool = False,
    text_encoding: str | None = None,
    any_name: bool = False,
    skipped: Skipped | None = None,
) -> list[str]:
    """List the data files that `paths` name: files, folders, patterns and URIs, in their order.

    A folder gives the files in it, at any depth and sorted, whose names are of data files, but
    `.json` ones only if `include` asks for them; with `any_name`, all that `include` names. A
    pattern has `*`, `?`, `[...]` and `**` for folders at any depth. A URI of `pyarrow.fs`, such as
    s3://bucket/folder, may be all three (with `*`, `[...]` and `**`); ignore files are not read
    there. A path without data files, or of a store that does not answer, comes as it is, so that
    reading it says what is wrong. The other arguments are those of `find_files`, and so is what is
    raised.

    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> for name in ("a.csv", "b.parquet", "notes.md"):
    ...     _ = (folder / name).write_text("text")
    >>> [pathlib.Path(name).name for name in data_files([folder])]
    ['a.csv', 'b.parquet']
    >>> [pathlib.Path(name).name for name in data_files([folder.as_posix() + "/*.csv"])]
    ['a.csv']
    """
    chosen = list(include) or [f"*{ending}" for ending in _FOUND_ENDINGS]
    report = skipped or (lambda _path, _reason: None)

    def told(path: str, reason: str) -> None:
        if reason != "hidden" or data_kind(path):
            report(path, reason)

    def inside(folder: str) -> list[str]:
        found = find_files(
            [folder],
            include=chosen,
            exclude=exclude,
            gitignore=gitignore,
            hidden=hidden,
            binary=True,
            follow_links=follow_links,
            text_encoding=text_encoding,
            skipped=told,
        )
        return [name for name in found if any_name or data_kind(name) or os.path.isdir(name)]

    files = []
    for name in map(_named, paths):
        if is_uri(name):
            try:
                found = _in_store(name, chosen, exclude, hidden, any_name, told)
            except InputError:  # its reader says so, too
                found = []
            files += found or [name]
            continue
        for match in [name] if name == STDIN else _matches(name):
            is_folder = match != STDIN and os.path.isdir(match)
            files += (inside(match) if is_folder else []) or [match]
    return files


def _named(path: str | os.PathLike[str]) -> str:
    """A path as a name; that of a URI file:// where pyarrow can read it."""
    name = os.fspath(path)
    try:
        return local_name(name)
    except InputError:
        return name


def _matches(name: str) -> list[str]:
    """The files that match a pattern, sorted; a name that is none, or that nothing matches."""
    if not glob.has_magic(name) or os.path.lexists(name):
        return [name]
    return sorted(glob.glob(name, recursive=True)) or [name]


def _in_store(
    uri: str,
    include: Sequence[str],
    exclude: Sequence[str],
    hidden: bool,
    any_name: bool,
    skipped: Skipped,
) -> list[str]:
    """The URIs of the data files that a URI names: itself, those of its folder, or its matches."""
    pyarrow_module()  # says what is missing
    from pyarrow.fs import FileType

    if any(sign in uri for sign in _MAGIC):
        return _matches_in_store(uri)
    store = Store(uri)
    info = store.info()
    if info.type != FileType.Directory:
        return [uri]
    wanted, unwanted = checked_patterns(include), checked_patterns(exclude)
    files = []
    for found in store.listed():
        inside = found.path[len(store.path) :].lstrip("/")
        if not _decided(wanted, inside) or _decided(unwanted, inside):
            continue
        if not hidden and any(part.startswith(".") for part in inside.split("/")):
            skipped(store.uri_of(found.path), "hidden")
        elif any_name or data_kind(inside):
            files.append(store.uri_of(found.path))
    return files


def _decided(patterns: PatternList, path: str) -> bool:
    """Whether patterns name a file, or else a folder around it."""
    name = path.encode("utf-8", "surrogateescape")
    verdict = patterns.verdict(name, False)
    while verdict is None and b"/" in name:
        name = name.rpartition(b"/")[0]
        verdict = patterns.verdict(name, True)
    return bool(verdict)


def _matches_in_store(uri: str) -> list[str]:
    """The URIs that match one with `*`, `[...]` and `**`, sorted."""
    body, mark, options = uri.partition("?")
    first = min(body.index(sign) for sign in _MAGIC if sign in body)
    base = body[: body.rindex("/", 0, first) + 1]
    store = Store(f"{base}{mark}{options}")
    try:
        pattern = Glob(body[len(base) :].encode(), True)
    except ValueError:  # it can match nothing
        return []
    names = [(info.path, info.path[len(store.path) :].lstrip("/")) for info in store.listed()]
    return [store.uri_of(path) for path, inside in names if pattern.matches(inside.encode())]


def size_of(name: str) -> int | None:
    """The bytes of a file or of a URI; None for a pipe, a folder, and what cannot be looked at."""
    try:
        if is_uri(name):
            size = Store(name).info().size
            return None if size is None else int(size)
        status = os.stat(name)
    except (OSError, ValueError, InputError):
        return None
    return status.st_size if name != STDIN and os.path.isfile(name) else None


@dataclass(frozen=True)
class FilePart:
    """A part of a data file that is read by itself: the whole, or some row groups of Parquet.

    `file` is the number of the file in the data set, from 0, and `first` that of the part's first
    row in the file. `groups` are the numbers of row groups, None for all of the file. The part's
    share of the file's bytes begins at `start` and has `size` of them, 0 where that is not known.
    """

    file: int
    path: str
    kind: DataKind | None
    groups: range | None = None
    first: int = 0
    start: int = 0
    size: int = 0


def file_parts(
    files: Sequence[str], kind_of: Callable[[str], DataKind | None], *, whole: bool = False
) -> list[FilePart]:
    """Divide the files of a data set into parts, in order: Parquet at the ends of row groups.

    Row groups that follow each other make one part up to PART_BYTES, unpacked; with `whole`, each
    file is one part. What is wrong with a file is found when its part is read.
    """

    def parts(numbered: tuple[int, str]) -> list[FilePart]:
        number, path = numbered
        kind = kind_of(path)
        size = size_of(path) or 0
        groups = _row_groups(path) if kind == "parquet" and path != STDIN and not whole else []
        if len(groups) < 2:
            return [FilePart(number, path, kind, size=size)]
        return list(_parts_of(FilePart(number, path, kind, size=size), groups))

    if not any(map(is_uri, files)):
        return [part for numbered in enumerate(files) for part in parts(numbered)]
    with ThreadPoolExecutor(_ASKED_AT_ONCE) as pool:
        return [part for several in pool.map(parts, enumerate(files)) for part in several]


def _parts_of(whole: FilePart, groups: list[tuple[int, int]]) -> Iterator[FilePart]:
    """The parts of a Parquet file with these row groups."""
    rows = max(1, sum(count for count, _ in groups))
    first = begun = end = unpacked = 0
    for index, (count, size) in enumerate(groups):
        end += count
        unpacked += size
        if unpacked >= PART_BYTES or index == len(groups) - 1:
            start = whole.size * first // rows
            share = whole.size * end // rows - start
            span = range(begun, index + 1)
            yield replace(whole, groups=span, first=first, start=start, size=share)
            first, begun, unpacked = end, index + 1, 0


def _row_groups(path: str) -> list[tuple[int, int]]:
    """(rows, unpacked bytes) of each row group; none of a file that cannot be read."""
    try:
        return row_groups_of(path)
    except InputError:
        return []


def file_identity(name: str) -> object:
    """Get what changes when a file is written over: its size and time; None without such a file."""
    try:
        if is_uri(name):
            info = Store(name).info()
            return info.size, info.mtime_ns
        status = os.stat(name)
    except (OSError, ValueError, InputError):
        return None
    return status.st_size, status.st_mtime_ns


def id_type_of(files: Sequence[tuple[str, DataKind | None]], name: str) -> Any:
    """The type of Arrow that a column of ids has in all files, (path, kind) each; strings where
    they are not all Parquet or Arrow of one simple type."""
    import pyarrow
    from pyarrow import types

    kinds = set()
    for path, kind in files:
        reader = READERS[kind] if kind else None
        try:
            kinds.add(reader.type_of(path, name) if reader else None)
        except InputError:  # reading the file says so
            continue
    (found,) = kinds if len(kinds) == 1 else (None,)
    simple = found is not None and any(
        is_kind(found)
        for is_kind in (types.is_integer, types.is_floating, types.is_boolean, types.is_date)
    )
    return found if simple else pyarrow.string()
