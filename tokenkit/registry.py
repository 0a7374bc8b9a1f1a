"""The name under which tiktoken has its encodings. An encoding put into `ENCODINGS` is found."""

from tokenkit.encodings import ENCODINGS, get_encoding, list_encoding_names

__all__ = ["ENCODINGS", "get_encoding", "list_encoding_names"]
