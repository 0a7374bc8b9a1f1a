"""Shared by the verbs of the command line: the group, options, inputs, outputs, colours."""
