"""What the verbs of the command line share: the group, options, inputs, progress, colours."""
