"""`tokenkit cache`: the compiled tokenizers in the user's folder of caches."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import click

from tokenkit._visible import listed, plural
from tokenkit.cli.shared.options import format_option, number_option
from tokenkit.cli.shared.output import complain, print_records, print_table, say, shown_name
from tokenkit.encodings import (
    CachedTokenizer,
    cache_folder,
    cached_tokenizers,
    check_cached,
    clear_cache,
)

EXAMPLES = """\b
Examples:
  tokenkit cache list
  tokenkit cache clear --unused 30
  tokenkit cache verify
"""
_DAY = 24 * 3600  # seconds
_LATEST = 253_370_764_800  # the start of the year 9999
_FORMATS = format_option("text", "json", "jsonl", "csv", "tsv")


@click.group(epilog=EXAMPLES)
def cache() -> None:
    """List, check or remove compiled tokenizers.

    A tokenizer file is compiled when it is first used. What comes out is kept in the folder
    $TOKENKIT_CACHE_DIR, or else in the user's folder of caches, so that it loads at once the next
    time. A file that is removed from there is made again when it is needed.
    """


@cache.command("list")
@_FORMATS
def list_(output_format: str) -> None:
    """List the compiled tokenizers, the last used first.

    A line has a tokenizer's name, its size, the time of its last use (to a minute), and the file
    that it was made of.
    """
    found = cached_tokenizers()
    if output_format != "text":
        print_records([_record(entry) for entry in found], output_format)
        return
    if found:
        print_table([_row(entry) for entry in found])
    say(f"{_number(found)} in {_folder()}")


@cache.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@number_option("--unused", help="Remove only those that were not used for N days.")
def clear(names: tuple[str, ...], unused: int | None) -> None:
    """Remove compiled tokenizers, by default all.

    NAME is the name or the source of a tokenizer, as the list has them. Programs that use one go on
    with it.
    """
    known = cached_tokenizers()
    unknown = [name for name in names if not any(_is_named(entry, (name,)) for entry in known)]
    if unknown:
        raise click.UsageError(
            f"Expected names or sources that `tokenkit cache list` shows, got {listed(unknown)}."
        )
    if names or unused is not None:
        before = datetime.now().timestamp() - (unused or 0) * _DAY
        removed, size, left = clear_cache(
            lambda entry: (not names or _is_named(entry, names)) and entry.used <= before
        )
    else:
        removed, size, left = clear_cache()
    say(f"{_counted(removed)} removed, {_megabytes(size)}")
    if left:
        complain(_folder(), f"{_counted(left)} cannot be removed, or in use")
        click.get_current_context().exit(2)


@cache.command()
@_FORMATS
def verify(output_format: str) -> None:
    """Check the sums of the compiled tokenizers, to the last byte.

    A damaged one is named, and the exit code is then 2. It is never used: it is made again when it
    is needed.
    """
    found = [replace(entry, fault=check_cached(entry)) for entry in cached_tokenizers()]
    damaged = [entry for entry in found if entry.fault]
    if output_format == "text":
        for entry in damaged:
            complain(entry.path, entry.fault)
        say(f"{_number(found)} in {_folder()}, {len(damaged)} damaged")
    else:
        print_records([_record(entry) for entry in found], output_format)
    click.get_current_context().exit(2 if damaged else 0)


def _is_named(entry: CachedTokenizer, names: tuple[str, ...]) -> bool:
    return any(
        name in (entry.name, entry.source, entry.key) or os.path.abspath(name) == entry.source
        for name in names
    )


def _record(entry: CachedTokenizer) -> dict[str, Any]:
    return {
        "name": entry.name or None,
        "source": entry.source or None,
        "format": entry.format or None,
        "bytes": entry.bytes,
        "used": _time(entry).isoformat(),
        "key": entry.key,
        "path": entry.path,
        "fault": entry.fault or None,
    }


def _row(entry: CachedTokenizer) -> tuple[str, ...]:
    source = f"damaged: {entry.fault}" if entry.fault else shown_name(entry.source) or "-"
    day = _time(entry).astimezone().strftime("%Y-%m-%d %H:%M")
    return entry.name or "-", _megabytes(entry.bytes), day, source


def _time(entry: CachedTokenizer) -> datetime:
    return datetime.fromtimestamp(min(max(0, int(entry.used)), _LATEST), timezone.utc)


def _folder() -> str:
    return shown_name(cache_folder() or "no folder")


def _number(found: list[CachedTokenizer]) -> str:
    return f"{_counted(len(found))}, {_megabytes(sum(entry.bytes for entry in found))},"


def _counted(number: int) -> str:
    return f"{number} {plural(number, 'tokenizer')}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
