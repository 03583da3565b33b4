"""A small learning platform to try the tool with."""
