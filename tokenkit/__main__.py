"""`python -m tokenkit` is the command `tokenkit`."""

from tokenkit.cli import main

if __name__ == "__main__":
    main()
