"""The steps of a tokenizer.json around its model: added tokens, normalizers, framing, decoders."""
