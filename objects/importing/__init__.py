"""Reads uploaded files into Markdown, treating every one of them as hostile."""
