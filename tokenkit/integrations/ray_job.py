"""The job `python -m tokenkit.integrations.ray count|chunk`, also for `ray job submit`."""

from __future__ import annotations

import argparse
import glob
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokenkit.integrations.arrow_batches import check_column
from tokenkit.integrations.job_options import Step, run_job

if TYPE_CHECKING:
    from ray.data import Dataset


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job that the command line names; return its exit code."""
    return run_job("ray", _run, arguments)


def _run(options: argparse.Namespace, step: Step) -> None:
    from ray.data import SaveMode

    if not options.overwrite:
        _refuse_overwriting(options.output)
    rows = _read(options)
    for name in step.used:
        check_column(name, rows.columns() or [])
    made = rows.map_batches(step, batch_format="pyarrow")
    made.write_parquet(options.output, mode=SaveMode.OVERWRITE, compression="zstd")


def _read(options: argparse.Namespace) -> Dataset:
    import ray.data

    paths = [path for pattern in options.input for path in _expanded(pattern)]
    if options.format == "parquet":
        return ray.data.read_parquet(paths)
    if options.format == "json":
        return ray.data.read_json(paths, lines=True)
    return ray.data.read_csv(paths)


def _expanded(pattern: str) -> list[str]:
    """The local files of a pattern with stars, which Ray itself does not look for."""
    if "://" in pattern or not glob.has_magic(pattern):
        return [pattern]
    found = sorted(glob.glob(pattern))
    if not found:
        raise FileNotFoundError(f"expected files, got none: {pattern}")
    return found


def _refuse_overwriting(output: str) -> None:
    from pyarrow import fs

    of_uri = "://" in output
    system, path = fs.FileSystem.from_uri(output) if of_uri else (fs.LocalFileSystem(), output)
    if system.get_file_info(path).type == fs.FileType.Directory:
        taken = bool(system.get_file_info(fs.FileSelector(path)))
    else:
        taken = system.get_file_info(path).type == fs.FileType.File
    if taken:
        raise FileExistsError(
            f"expected a folder that is new or empty, got {output}; name another one, or use "
            "--overwrite"
        )
