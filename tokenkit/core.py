"""`Encoding`, under tiktoken's name."""

from tokenkit.encodings import Encoding

__all__ = ["Encoding"]
