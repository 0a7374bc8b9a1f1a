"""`tokenkit chunk`: files and folders of documents, and columns of data sets."""

from tokenkit.cli.chunk.command import chunk as chunk
