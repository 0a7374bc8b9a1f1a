"""Tokenizer files turned into what the core runs."""
