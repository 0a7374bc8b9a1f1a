"""`tokenkit count`: files, folders, rows of data files and request files."""

from tokenkit.cli.count.command import count as count
