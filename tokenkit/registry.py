"""The encodings, under tiktoken's name. `get_encoding` finds one that is put into `ENCODINGS`."""

from tokenkit.encodings import ENCODINGS, get_encoding, list_encoding_names

__all__ = ["ENCODINGS", "get_encoding", "list_encoding_names"]
