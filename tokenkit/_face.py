"""The faces of folders: names that are loaded from their files when they are first used.

A face is the folder's `__init__`. It holds one table, file -> names, and nothing else: importing a
folder then costs nothing, and a name costs what its own file needs. Below `if TYPE_CHECKING` the
face imports the same names for type checkers; tests/test_faces.py holds that both agree.
"""

from __future__ import annotations

import tokenkit._locks  # noqa: F401  # from here on a fork waits for our imports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    _Public = TypeVar("_Public", bound=Callable[..., object])  # a class is one, too
    _Face = tuple[list[str], Callable[[str], object], Callable[[], list[str]]]


def lazy_face(
    package: str,
    public: Mapping[str, str],
    *,
    internal: Mapping[str, str] | None = None,
    modules: str = "",
) -> _Face:
    """Make `__all__`, `__getattr__` and `__dir__` of a package whose names load when used.

    `public` maps a submodule's name (dotted, without the package) to the names, separated by
    blanks, that it offers to users; `internal` does so for names that only other folders of the
    package use. `modules` are submodules that are attributes, too, but that a star import leaves
    out.
    """
    home_of = {
        name: home
        for table in (public, internal or {})
        for home, names in table.items()
        for name in names.split()
    }
    listed = sorted(name for names in public.values() for name in names.split())
    submodules = frozenset(modules.split())

    def load(name: str) -> object:
        from sys import modules as loaded

        value: object
        if name in home_of:
            value = getattr(imported(f"{package}.{home_of[name]}"), name)
        elif name in submodules:
            value = imported(f"{package}.{name}")
        else:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        setattr(loaded[package], name, value)  # the next use needs no look-up
        return value

    def names() -> list[str]:
        from sys import modules as loaded

        return sorted({*vars(loaded[package]), *listed, *submodules})

    return listed, load, names


def imported(module: str) -> Any:
    """Import a module by its dotted name: `importlib.import_module`, without importing that.

    >>> imported("collections.abc").__name__
    'collections.abc'
    """
    from sys import modules

    __import__(module)
    return modules[module]


def public(value: _Public) -> _Public:
    """Name `tokenkit` as the module of a public class, or of a function that pickles name.

    Pickles and tracebacks then hold the public name, and the file may change. Stands above all
    other decorators.

    >>> import tokenkit
    >>> tokenkit.Encoding.__module__
    'tokenkit'
    """
    annotations = vars(value).get("__annotations__")
    if annotations:
        # typing.get_type_hints reads a str in the class's module, which is no longer its file.
        from typing import ForwardRef

        for name, hint in annotations.items():
            if isinstance(hint, str):
                annotations[name] = ForwardRef(
                    hint, is_argument=False, module=value.__module__, is_class=True
                )
    value.__module__ = "tokenkit"
    return value


def later(namespace: dict[str, Any], **homes: str) -> None:
    """Put names for annotations into a file's namespace, imported when something is asked of them.

    `typing.get_type_hints` looks names up there; importing `typing` or NumPy for that alone would
    make `import tokenkit` slower. A home is a module, or module:name. A name serves where it is
    subscripted or beside `|`, as a module also before a dot.

    >>> names = {}
    >>> later(names, Literal="typing:Literal")
    >>> eval("Literal[1, 2] | None", names)
    typing.Optional[typing.Literal[1, 2]]
    """
    namespace.update((name, _Later(home)) for name, home in homes.items())


class _Later:
    __slots__ = ("_home",)

    def __init__(self, home: str) -> None:
        self._home = home

    def _value(self) -> Any:
        module, _, name = self._home.partition(":")
        return getattr(imported(module), name) if name else imported(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._value(), name)

    def __getitem__(self, key: object) -> Any:
        return self._value()[key]

    def __or__(self, other: Any) -> Any:
        return self._value() | other

    def __ror__(self, other: Any) -> Any:
        return other | self._value()
