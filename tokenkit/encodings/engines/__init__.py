"""Engines beside the core's own: for patterns of a user's own and for tokenizer files of others."""
