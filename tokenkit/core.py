"""The name under which tiktoken has `Encoding`."""

from tokenkit.encodings import Encoding

__all__ = ["Encoding"]
