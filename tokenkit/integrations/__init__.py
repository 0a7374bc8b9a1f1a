"""Adapters for other frameworks, one module each. A framework is imported when it is called for."""
