"""The cache of compiled tokenizer files."""
