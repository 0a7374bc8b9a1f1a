"""`tokenkit show`: tokens in colour, in the terminal or on a web page."""

from tokenkit.cli.show.command import show as show
