"""Fuzz drivers in Python; `python -m tools.fuzz --help` says how to run them."""
