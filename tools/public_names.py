"""Lists the public names for the documentation: one table, and the reference pages."""

from __future__ import annotations

import inspect
from importlib import import_module
from types import ModuleType

# Folder -> its title and its guide, in the order in which people meet them.
SUBJECTS = {
    "encodings": ("Text and ids", "encodings.md"),
    "chat": ("Chats", "chat.md"),
    "fitting": ("Fitting", "fit.md"),
    "chunking": ("Chunks", "chunking.md"),
    "costs": ("Money", "cost.md"),
    "shapes": ("Shapes of others", "cost.md"),
    "models": ("Models", "models.md"),
    "inputs": ("Files and rows", "cli-count.md"),
    "views": ("Token views", "cli.md#show"),
    "errors": ("Errors", "errors.md"),
}
INTEGRATIONS = (
    "langchain",
    "litellm",
    "llama_index",
    "haystack",
    "chonkie",
    "semchunk",
    "polars",
    "pyarrow",
    "duckdb",
    "sqlite",
    "spark",
    "ray",
    "datasets",
    "dask",
    "daft",
)


def face(folder: str) -> ModuleType:
    """Import a folder of the package, or with an empty name the package itself."""
    return import_module(f"tokenkit.{folder}".rstrip("."))


def by_kind(folder: str) -> tuple[list[str], list[str], list[str]]:
    """The functions, classes and constants of a folder's face."""
    kinds: tuple[list[str], list[str], list[str]] = ([], [], [])
    for name in face(folder).__all__:
        value = getattr(face(folder), name)
        kinds[1 if inspect.isclass(value) else 0 if callable(value) else 2].append(name)
    return kinds


TOP = set(face("").__all__)


def path(folder: str, name: str) -> str:
    """How a user writes the name: on `tokenkit` itself, or else on its folder."""
    return f"tokenkit.{name}" if name in TOP else f"tokenkit.{folder}.{name}"


def link(folder: str, name: str) -> str:
    return f"[`{name}`](reference/{folder}.md#{path(folder, name)})"


def names_table() -> str:
    """Two tables: the names on `tokenkit`, and those that only a folder has."""
    on_top = ["| Subject | Functions | Classes |", "|---|---|---|"]
    inside = ["| Folder | Functions | Classes and constants |", "|---|---|---|"]
    for folder, (title, guide) in SUBJECTS.items():
        functions, classes, constants = by_kind(folder)
        groups = (functions, [*classes, *constants])
        cells = [" ".join(link(folder, name) for name in names if name in TOP) for names in groups]
        if any(cells):
            on_top.append(f"| [{title}]({guide}) | {' | '.join(cells)} |")
        cells = [
            " ".join(link(folder, name) for name in names if name not in TOP) for names in groups
        ]
        if any(cells):
            inside.append(f"| `tokenkit.{folder}` | {' | '.join(cells)} |")
    heading = "\n\n## In folders\n\nThese are `tokenkit.FOLDER.NAME`.\n\n"
    return "\n".join(on_top) + heading + "\n".join(inside) + "\n"


def reference(folder: str) -> str:
    """The directives that make the reference of a folder from its docstrings."""
    if folder == "integrations":
        paths = [
            f"tokenkit.integrations.{module}.{name}"
            for module in INTEGRATIONS
            for name in face(f"integrations.{module}").__all__
        ]
    else:
        functions, classes, constants = by_kind(folder)
        paths = [path(folder, name) for name in [*functions, *classes, *constants]]
    return "\n\n".join(f"::: {name}" for name in paths) + "\n"
