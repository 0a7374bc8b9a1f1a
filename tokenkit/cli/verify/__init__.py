"""`tokenkit verify`: our counts beside those of a vendor's count endpoint."""

from tokenkit.cli.verify.command import verify as verify
