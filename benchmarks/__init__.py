"""Compares tokenkit with other tokenizers: ``python -m benchmarks --help``, and README.md here."""
