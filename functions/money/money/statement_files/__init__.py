"""Statements as files. Each format is imported when it is asked for: the libraries of some take a while."""
