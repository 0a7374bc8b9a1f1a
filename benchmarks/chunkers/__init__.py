"""tokenkit's chunks beside those of other libraries: see ../README.md."""
