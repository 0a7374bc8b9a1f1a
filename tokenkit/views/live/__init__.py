"""The live page: type and see tokens, a model's window, a chat and chunks."""
