"""The name under which tiktoken has `Encoding`."""

from tokenkit.encoding import Encoding

__all__ = ["Encoding"]
